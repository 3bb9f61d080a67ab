//! What an operation does to a channel's content, and which operations of the other side are taken.
//!
//! [`apply`] is the arithmetic that both sides must agree on; [`acceptable`] is what this side cares about besides.

use crate::state::{Content, Withdrawing};
use crate::types::{
    Address, Amount, B256, Lock, Nonce, Pair, Participant, SignedAmount, Timestamp,
};
use crate::wire::{NewLock, Operation, Reason};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The most operations in one update.
pub(super) const MAX_OPERATIONS: usize = 512;
/// The most bytes that the operations of one update may have together.
pub(super) const MAX_OPERATION_BYTES: usize = 48 * 1024;
/// The most locks of one payer; both payers together reach the contract's limit of 128.
const MAX_LOCKS_OF_ONE_PAYER: usize = 64;
const MAX_TAG: usize = 32;
const MAX_PAYLOAD: usize = 1024;

/// What is known of the chain that operations depend on.
#[derive(Clone, Debug, Default, Hash)]
pub struct Facts {
    /// Time of the newest block.
    pub now: Timestamp,
    /// For each condition and key: a final block's time, and the first reveal that its state shows.
    pub expired: BTreeMap<(Address, B256), (Timestamp, Option<Timestamp>)>,
    /// For each condition and key: the time of the first reveal that was seen.
    pub revealed: BTreeMap<(Address, B256), Timestamp>,
}

/// What this node accepts and asks for.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Registries of SHA-256 preimages that locks may name; known to be immutable and honest. Not the pointlock registry:
    /// secrets are checked by SHA-256 only.
    pub conditions: Vec<Address>,
    /// The smallest lock, base units.
    pub lock_minimum: Amount,
    /// Seconds to get a reveal onto the chain and final, with clock skew and detection.
    pub reveal_margin: u64,
    /// Seconds that a mediator adds to the margin before it passes a lock on.
    pub hop_budget: u64,
    /// Seconds that money may be locked at most.
    pub lock_maximum: u64,
    /// Seconds that a withdrawal may stay open at most.
    pub withdrawal_maximum: u64,
    /// The fee of a mediated payment, base units.
    pub fee_base: Amount,
    /// The fee in millionths of the amount that is passed on.
    pub fee_parts_per_million: u32,
    /// The shortest and longest finalization period, seconds.
    pub finalization_period: std::ops::RangeInclusive<u32>,
    /// Blocks on top of a deposit before it counts.
    pub minimum_depth: u32,
    /// The smallest and largest reserve, base units.
    pub reserve: std::ops::RangeInclusive<Amount>,
    /// The least that a peer must give us when it opens a channel, base units.
    pub push_minimum: Amount,
    /// The smallest deposit with which a peer may open a channel, base units.
    pub initiator_minimum: Amount,
    /// The largest deposit that a peer may ask of us, base units.
    pub deposit_maximum: Amount,
    /// How many signed states of a channel are kept, so that an old one can be settled that nobody answered in time.
    pub retention: u64,
}

impl Default for Policy {
    /// Values for Ethereum mainnet: an hour to react to a challenge, ten minutes to reveal.
    fn default() -> Self {
        Self {
            conditions: Vec::new(),
            lock_minimum: Amount::new(1),
            reveal_margin: 600,
            hop_budget: 120,
            lock_maximum: 7 * 24 * 3600,
            withdrawal_maximum: 24 * 3600,
            fee_base: Amount::ZERO,
            fee_parts_per_million: 0,
            finalization_period: 3600..=30 * 24 * 3600,
            minimum_depth: 12,
            reserve: Amount::ZERO..=Amount::new(u128::MAX),
            push_minimum: Amount::ZERO,
            initiator_minimum: Amount::ZERO,
            deposit_maximum: Amount::ZERO,
            retention: 1_000_000,
        }
    }
}

impl Facts {
    /// Whether the condition will say who gets the lock, as far as the newest block goes.
    pub fn is_decided(&self, lock: &Lock) -> bool {
        self.now > lock.expiry || self.revealed.contains_key(&(lock.condition, lock.key))
    }

    /// Whether a final block past the expiry shows that the preimage was revealed in time.
    pub fn is_claimable(&self, condition: Address, key: B256, expiry: Timestamp) -> bool {
        self.expired
            .get(&(condition, key))
            .is_some_and(|(_, revealed_at)| revealed_at.is_some_and(|at| at <= expiry))
    }

    /// Whether a final block shows that the lock can never be claimed any more.
    pub fn is_expired(&self, condition: Address, key: B256, expiry: Timestamp) -> bool {
        self.expired
            .get(&(condition, key))
            .is_some_and(|(as_of, revealed_at)| {
                *as_of > expiry && revealed_at.is_none_or(|revealed_at| revealed_at > expiry)
            })
    }
}

/// Deposits that cover everything: for operations that were checked before and are only derived again.
pub(super) const CHECKED_BEFORE: Pair<SignedAmount> =
    Pair::new(SignedAmount::new(1 << 120), SignedAmount::new(1 << 120));

/// Whether the preimage is the one that the key names.
pub(crate) fn unlocks(preimage: B256, key: B256) -> bool {
    Sha256::digest(preimage).as_slice() == key.as_slice()
}

/// Applies an operation; both sides come to the same result. Returns the lock that it removed.
///
/// # Errors
/// Why it does not apply; the content is as before.
pub(super) fn apply(
    content: &mut Content,
    proposer: Participant,
    operation: &Operation,
    deposits: &Pair<SignedAmount>,
    reserve: Amount,
) -> Result<Option<Lock>, Reason> {
    match operation {
        Operation::Pay(pay) => {
            cover(content, proposer, pay.amount, deposits, reserve)?;
            content.net = content
                .net_after(proposer, pay.amount)
                .map_err(|_| Reason::ReserveBroken)?;
            Ok(None)
        }
        Operation::Lock(new) => {
            cover(content, proposer, new.amount, deposits, reserve)?;
            let last = *content.last_lock.of(proposer);
            if new.id.0 <= last || new.id.0 & 1 != u64::from(proposer.index()) {
                return Err(Reason::LockIdUsed);
            }
            if content
                .locks
                .values()
                .filter(|lock| lock.payer == proposer)
                .count()
                >= MAX_LOCKS_OF_ONE_PAYER
            {
                return Err(Reason::TooManyLocks);
            }
            *content.last_lock.of_mut(proposer) = new.id.0;
            content.locks.insert(new.id, lock_of(new, proposer));
            Ok(None)
        }
        Operation::Settle(settle) => {
            let lock = content
                .locks
                .get(&settle.id)
                .filter(|lock| lock.payer == proposer);
            let lock = lock.ok_or(Reason::UnknownLock)?;
            if !unlocks(settle.preimage, lock.key) {
                return Err(Reason::WrongSecret);
            }
            let net = content
                .net_after(proposer, lock.amount)
                .map_err(|_| Reason::ReserveBroken)?;
            content.net = net;
            Ok(content.locks.remove(&settle.id))
        }
        Operation::Cancel(cancel) => {
            let payee = proposer;
            let lock = content
                .locks
                .get(&cancel.id)
                .filter(|lock| lock.payer != payee);
            lock.ok_or(Reason::UnknownLock)?;
            Ok(content.locks.remove(&cancel.id))
        }
        Operation::Expire(expire) => {
            let lock = content
                .locks
                .get(&expire.id)
                .filter(|lock| lock.payer == proposer);
            lock.ok_or(Reason::UnknownLock)?;
            Ok(content.locks.remove(&expire.id))
        }
        Operation::Withdraw(withdraw) => {
            if content.withdrawing(proposer).is_some() {
                return Err(Reason::WithdrawalPending);
            }
            if !withdraw.amount.is_zero() {
                cover(content, proposer, withdraw.amount, deposits, reserve)?;
            }
            content.withdrawing.push(Withdrawing {
                by: proposer,
                nonce: Nonce::ZERO,
                amount: withdraw.amount,
                deadline: withdraw.deadline,
            });
            Ok(None)
        }
        Operation::Unsupported(_) => Err(Reason::NotSupported),
    }
}

/// Whether this side takes an operation of the other into the content.
///
/// # Errors
/// Why not.
pub(super) fn acceptable(
    content: &Content,
    operation: &Operation,
    draining: bool,
    facts: &Facts,
    policy: &Policy,
) -> Result<(), Reason> {
    fits(operation)?;
    if draining && !operation.drains() {
        return Err(Reason::ShuttingDown);
    }
    match operation {
        Operation::Lock(new) => {
            if !policy.conditions.contains(&new.condition) {
                Err(Reason::ConditionNotAllowed)
            } else if new.amount < policy.lock_minimum {
                Err(Reason::AmountTooSmall)
            } else if new.expiry.since(facts.now) < policy.reveal_margin {
                Err(Reason::ExpiryTooNear)
            } else if new.expiry.since(facts.now) > policy.lock_maximum {
                Err(Reason::ExpiryTooFar)
            } else {
                Ok(())
            }
        }
        Operation::Expire(expire) => match content.locks.get(&expire.id) {
            Some(lock) if facts.is_expired(lock.condition, lock.key, lock.expiry) => Ok(()),
            Some(_) => Err(Reason::ExpiryNotFinal),
            None => Err(Reason::UnknownLock),
        },
        Operation::Withdraw(withdraw) => {
            if withdraw.deadline <= facts.now {
                Err(Reason::ExpiryTooNear)
            } else if withdraw.deadline.since(facts.now) > policy.withdrawal_maximum {
                Err(Reason::ExpiryTooFar)
            } else {
                Ok(())
            }
        }
        Operation::Unsupported(_) => Err(Reason::NotSupported),
        Operation::Pay(_) | Operation::Settle(_) | Operation::Cancel(_) => Ok(()),
    }
}

/// Whether an operation is of a size that an update can carry.
pub(super) fn fits(operation: &Operation) -> Result<(), Reason> {
    match operation {
        Operation::Pay(pay) if pay.tag.len() > MAX_TAG => Err(Reason::TooLarge),
        Operation::Lock(new) if new.payload.len() > MAX_PAYLOAD => Err(Reason::TooLarge),
        Operation::Lock(new) if new.expiry.seconds() >= 1 << 40 => Err(Reason::ExpiryTooFar),
        Operation::Withdraw(withdraw) if withdraw.deadline.seconds() >= 1 << 40 => {
            Err(Reason::ExpiryTooFar)
        }
        Operation::Pay(_)
        | Operation::Lock(_)
        | Operation::Settle(_)
        | Operation::Cancel(_)
        | Operation::Expire(_)
        | Operation::Withdraw(_)
        | Operation::Unsupported(_) => Ok(()),
    }
}

fn lock_of(new: &NewLock, payer: Participant) -> Lock {
    Lock {
        condition: new.condition,
        key: new.key,
        amount: new.amount,
        payer,
        expiry: new.expiry,
    }
}

/// Whether `payer` can part with `amount` and keep its reserve.
fn cover(
    content: &Content,
    payer: Participant,
    amount: Amount,
    deposits: &Pair<SignedAmount>,
    reserve: Amount,
) -> Result<(), Reason> {
    if amount.is_zero() {
        return Err(Reason::AmountTooSmall);
    }
    let balance = content
        .balance(payer, deposits)
        .map_err(|_| Reason::ReserveBroken)?;
    let needed = amount.plus(reserve).map_err(|_| Reason::ReserveBroken)?;
    if balance.or_zero() < needed {
        Err(Reason::ReserveBroken)
    } else {
        Ok(())
    }
}

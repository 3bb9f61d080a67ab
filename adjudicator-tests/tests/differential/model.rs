//! What a call has to do, said with the client's own code: its hashes, its recovery and its settlement.

mod division;

use crate::abi::{Adjudicator, signed, uint40};
use crate::dice::MOST;
use crate::locks::{Registries, ShownOpening};
use alloy_primitives::{Address, B256, I256, LogData, U256};
use alloy_sol_types::{SolError, SolEvent};
use counterfoil_core::effect::{OnChain, Status};
use counterfoil_core::state::{Opening, Payouts, Signature};
use counterfoil_core::types::{
    ChannelId, Nonce, Pair, Participant, SignedAmount, Terms, Timestamp,
};
use std::collections::BTreeMap;

pub(crate) use division::Settlement;

/// One channel, as the client expects the contract to keep it.
pub(crate) struct Model {
    pub(crate) terms: Terms,
    pub(crate) id: ChannelId,
    pub(crate) view: OnChain,
    /// Money that each payee has.
    pub(crate) received: BTreeMap<Address, U256>,
    /// Money that each payee has refused.
    pub(crate) credits: BTreeMap<Address, U256>,
    refusing: Vec<Address>,
    /// Deposits at the first settlement, and what has been paid since.
    settled: Option<(Pair<SignedAmount>, Payouts)>,
}

/// Why the contract may refuse a call, any of these; or, when there is no reason, the events that show that it did not.
#[derive(Default)]
pub(crate) struct Expected {
    pub(crate) refusals: Vec<Vec<u8>>,
    pub(crate) events: Vec<LogData>,
}

impl Expected {
    pub(crate) fn refuse_if(&mut self, wrong: bool, error: impl SolError) {
        if wrong {
            self.refusals.push(error.abi_encode());
        }
    }

    pub(crate) fn is_refused(&self) -> bool {
        !self.refusals.is_empty()
    }

    fn emit(&mut self, event: impl SolEvent) {
        self.events.push(event.encode_log_data());
    }

    /// `sender` needs no signature of its own; any other has to be the one that the client recovers.
    pub(crate) fn consent(
        &mut self,
        terms: &Terms,
        sender: Address,
        digest: B256,
        signatures: &[Signature; 2],
    ) {
        for (signer, signature) in terms.signers.into_array().into_iter().zip(signatures) {
            if signer == sender {
                continue;
            }
            let recovered = signature.recover(digest).unwrap_or_default();
            let error = Adjudicator::WrongSigner {
                expected: signer,
                recovered,
            };
            self.refuse_if(recovered != signer, error);
        }
    }
}

impl Model {
    pub(crate) fn new(terms: Terms, refusing: Vec<Address>) -> Self {
        Self {
            id: terms.channel_id(),
            terms,
            view: OnChain::default(),
            received: BTreeMap::new(),
            credits: BTreeMap::new(),
            refusing,
            settled: None,
        }
    }

    /// Both deposits.
    pub(crate) fn deposits(&self) -> [i128; 2] {
        self.view.deposits.into_array().map(SignedAmount::units)
    }

    /// What the channel holds.
    pub(crate) fn held(&self) -> i128 {
        self.deposits().iter().sum()
    }

    pub(crate) fn deposit(
        &mut self,
        by: u8,
        amount: u128,
        value: U256,
        before: i128,
        time: u64,
    ) -> Expected {
        let mut expected = Expected::default();
        let late = Adjudicator::TimeOutOfBounds {
            timestamp: U256::from(time),
            latest: U256::from(LATEST_DEPOSIT),
        };
        expected.refuse_if(time > LATEST_DEPOSIT, late);
        let id = self.id.0;
        let invalid = Adjudicator::InvalidParticipant {
            participant: U256::from(by),
        };
        expected.refuse_if(by > 1, invalid);
        let out_of_bounds = Adjudicator::DepositOutOfBounds {
            amount: U256::from(amount),
            maximum: U256::from(MOST),
        };
        expected.refuse_if(amount > MOST, out_of_bounds.clone());
        let due = if self.terms.token == Address::ZERO {
            U256::from(amount)
        } else {
            U256::ZERO
        };
        let wrong = Adjudicator::WrongValue {
            sent: value,
            expected: due,
        };
        expected.refuse_if(value != due, wrong);
        expected.refuse_if(amount == 0, Adjudicator::NothingDeposited {});
        let is_open = self.view.status == Status::Open;
        expected.refuse_if(!is_open, Adjudicator::NotOpen { channelId: id });
        if by > 1 || amount > MOST || !is_open {
            return expected;
        }
        let current = self.deposits()[usize::from(by)];
        let repeated = Adjudicator::AlreadyDeposited {
            deposit: I256::try_from(current).unwrap(),
            expected: I256::try_from(before).unwrap(),
        };
        let (added, most) = (amount as i128, MOST as i128);
        expected.refuse_if(current - added >= before, repeated);
        let too_much = current + added > most || self.held() + added > most;
        expected.refuse_if(too_much, out_of_bounds);
        if expected.is_refused() {
            return expected;
        }
        let side = Participant::BOTH[usize::from(by)];
        *self.view.deposits.of_mut(side) = SignedAmount::new(current + added);
        expected.emit(Adjudicator::Deposited {
            channelId: id,
            participant: by,
            amount: U256::from(amount),
        });
        expected
    }

    pub(crate) fn withdraw(
        &mut self,
        mut expected: Expected,
        nonce: Nonce,
        amounts: [u128; 2],
        deadline: u64,
        time: u64,
    ) -> Expected {
        let id = self.id.0;
        let is_open = self.view.status == Status::Open;
        expected.refuse_if(!is_open, Adjudicator::NotOpen { channelId: id });
        let over = Adjudicator::DeadlineOver {
            deadline: U256::from(deadline),
            timestamp: U256::from(time),
        };
        expected.refuse_if(time > deadline, over);
        expected.refuse_if(nonce <= self.view.nonce, self.stale(nonce));
        let [zero, one] = amounts.map(U256::from);
        let too_much = Adjudicator::AmountExceedsBalance {
            available: I256::try_from(self.held()).unwrap(),
            requested: zero + one,
        };
        expected.refuse_if(zero + one > U256::from(self.held() as u128), too_much);
        if expected.is_refused() {
            return expected;
        }
        self.view.nonce = nonce;
        self.take(amounts);
        expected.emit(Adjudicator::Withdrawn {
            channelId: id,
            nonce: uint40(nonce.number()),
            amount0: zero,
            amount1: one,
        });
        self.pay(&mut expected, [zero, one]);
        expected
    }

    pub(crate) fn close(&mut self, mut expected: Expected, net: i128, time: u64) -> Expected {
        let id = self.id.0;
        let is_over = matches!(self.view.status, Status::Settling | Status::Closed);
        expected.refuse_if(is_over, Adjudicator::AlreadyPaidOut { channelId: id });
        // The client's own arithmetic: what it cannot hold, the contract refuses like a debt.
        let net = SignedAmount::new(net);
        let balance0 = self
            .view
            .deposits
            .zero
            .without(net)
            .and_then(SignedAmount::amount);
        let balance1 = self
            .view
            .deposits
            .one
            .with(net)
            .and_then(SignedAmount::amount);
        let exceeds = Adjudicator::NetExceedsDeposits {
            net: signed(net),
            deposit0: signed(self.view.deposits.zero),
            deposit1: signed(self.view.deposits.one),
        };
        let (Ok(balance0), Ok(balance1)) = (balance0, balance1) else {
            expected.refuse_if(true, exceeds);
            return expected;
        };
        if expected.is_refused() {
            return expected;
        }
        let paid = [balance0, balance1].map(|balance| U256::from(balance.units()));
        self.end(time.min(LAST_SECOND));
        expected.emit(Adjudicator::Closed {
            channelId: id,
            amount0: paid[0],
            amount1: paid[1],
        });
        self.pay(&mut expected, paid);
        expected
    }

    pub(crate) fn challenge(
        &mut self,
        mut expected: Expected,
        nonce: Nonce,
        commitment: B256,
        time: u64,
    ) -> Expected {
        let id = self.id.0;
        let is_open = self.view.status == Status::Open;
        expected.refuse_if(!is_open, Adjudicator::NotOpen { channelId: id });
        expected.refuse_if(nonce < self.view.nonce, self.stale(nonce));
        if nonce == Nonce::ZERO {
            let wrong = Adjudicator::WrongCommitment {
                expected: B256::ZERO,
                received: commitment,
            };
            expected.refuse_if(commitment != B256::ZERO, wrong);
        }
        let finalizes_at = time + u64::from(self.terms.finalization_period);
        let late = Adjudicator::TimeOutOfBounds {
            timestamp: U256::from(finalizes_at),
            latest: U256::from(LAST_SECOND),
        };
        expected.refuse_if(finalizes_at > LAST_SECOND, late);
        if expected.is_refused() {
            return expected;
        }
        let finalizes_at = finalizes_at as u32;
        self.view.status = Status::Disputed;
        self.view.finalizes_at = Timestamp::new(finalizes_at.into());
        (self.view.nonce, self.view.commitment) = (nonce, commitment);
        expected.emit(Adjudicator::Challenged {
            channelId: id,
            nonce: uint40(nonce.number()),
            finalizesAt: finalizes_at,
        });
        expected
    }

    pub(crate) fn respond(
        &mut self,
        mut expected: Expected,
        nonce: Nonce,
        commitment: B256,
        time: u64,
    ) -> Expected {
        let id = self.id.0;
        let is_disputed = matches!(self.view.status, Status::Disputed | Status::Settling);
        expected.refuse_if(!is_disputed, Adjudicator::NotDisputed { channelId: id });
        let finalizes_at = self.view.finalizes_at.seconds();
        let over = Adjudicator::FinalizationPeriodOver {
            finalizesAt: U256::from(finalizes_at),
            timestamp: U256::from(time),
        };
        expected.refuse_if(is_disputed && time >= finalizes_at, over);
        expected.refuse_if(nonce <= self.view.nonce, self.stale(nonce));
        if expected.is_refused() {
            return expected;
        }
        (self.view.nonce, self.view.commitment) = (nonce, commitment);
        expected.emit(Adjudicator::Responded {
            channelId: id,
            nonce: uint40(nonce.number()),
        });
        expected
    }

    /// Also says how it was divided when it was.
    pub(crate) fn settle(
        &mut self,
        shown: &ShownOpening,
        registries: &Registries,
        time: u64,
    ) -> (Expected, Option<Settlement>) {
        let mut expected = Expected::default();
        let id = self.id.0;
        let status = self.view.status;
        let finalizes_at = self.view.finalizes_at.seconds();
        let is_closed = status == Status::Closed;
        expected.refuse_if(is_closed, Adjudicator::AlreadyPaidOut { channelId: id });
        let is_open = status == Status::Open;
        expected.refuse_if(is_open, Adjudicator::NotDisputed { channelId: id });
        let running = Adjudicator::FinalizationPeriodRunning {
            finalizesAt: U256::from(finalizes_at),
            timestamp: U256::from(time),
        };
        let is_running = status == Status::Disputed && time < finalizes_at;
        expected.refuse_if(is_running, running);
        let due = if self.view.commitment == B256::ZERO {
            Opening::default().commitment()
        } else {
            self.view.commitment
        };
        let wrong = Adjudicator::WrongCommitment {
            expected: due,
            received: shown.commitment(),
        };
        expected.refuse_if(shown.commitment() != due, wrong);
        let count = shown.opening.locks.len();
        let too_many = Adjudicator::TooManyLocks {
            count: U256::from(count),
            maximum: U256::from(128),
        };
        expected.refuse_if(count > 128, too_many);
        if expected.is_refused() {
            return (expected, None);
        }
        let done = self.divide(shown, registries, time);
        let nothing = status == Status::Settling && done.resolved == self.view.resolved_locks;
        expected.refuse_if(nothing, Adjudicator::NothingResolved { channelId: id });
        if nothing {
            return (expected, None);
        }
        self.settled = Some((done.deposits, done.total));
        expected.emit(Adjudicator::Settled {
            channelId: id,
            amount0: done.paid[0],
            amount1: done.paid[1],
            resolvedLocks: done.resolved,
        });
        if done.is_complete {
            self.end(finalizes_at);
        } else {
            self.view.status = Status::Settling;
            self.view.resolved_locks = done.resolved;
            self.take(done.paid.map(|paid| paid.to::<u128>()));
        }
        self.pay(&mut expected, done.paid);
        (expected, Some(done))
    }
}

/// The largest time that a ledger holds, in 2106.
pub(crate) const LAST_SECOND: u64 = u32::MAX as u64;

/// After it a dispute of the longest period could not end any more.
pub(crate) const LATEST_DEPOSIT: u64 = LAST_SECOND - 30 * 24 * 3600;

//! The adjudicator and the hashlock registry as a model: every call either has its effect, cannot have it yet, or never will.

use super::division::Division;
use alloy_primitives::U256;
use counterfoil_core::effect::{Call, OnChain, Status};
use counterfoil_core::state::{
    Domain, Opening, Signature, close_digest, state_digest, will_digest, withdraw_digest,
};
use counterfoil_core::types::{
    Amount, B256, ChannelId, Lock, Nonce, Pair, Participant, SignedAmount, Terms, Timestamp,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The largest deposit, and the largest sum of both.
const MAX_DEPOSIT: i128 = (1 << 91) - 1;

/// What became of a call in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It changed the contracts.
    Done,
    /// Somebody had done it, or it can never be done.
    Over,
    /// It reverts for now; a later block may take it.
    Later,
}

/// A channel on chain, with what went through it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// What the contract stores.
    pub view: OnChain,
    /// Everything that each participant put in.
    pub deposited: Pair<u128>,
    /// Everything that each participant was paid.
    pub paid: Pair<u128>,
    /// The state that the first settlement paid out.
    pub settled: Option<(Nonce, Opening)>,
}

/// Storage of the contracts at one block.
#[derive(Clone, Debug)]
pub struct Contracts {
    domain: Domain,
    /// Channels that somebody has called.
    pub ledgers: BTreeMap<ChannelId, Ledger>,
    /// For each key the preimage and the time of its first reveal.
    pub reveals: BTreeMap<B256, (B256, u64)>,
    /// What every payout of a dispute loses on its way; zero but where a test plants a fault.
    pub skims: u128,
}

/// The hash under which the registry keeps a preimage.
pub fn key_of(preimage: B256) -> B256 {
    B256::from_slice(Sha256::digest(preimage).as_slice())
}

impl Contracts {
    pub(super) fn new(domain: Domain) -> Self {
        Self {
            domain,
            ledgers: BTreeMap::new(),
            reveals: BTreeMap::new(),
            skims: 0,
        }
    }

    /// Tries a call in a block of this time.
    pub(super) fn execute(&mut self, call: &Call, time: u64) -> Outcome {
        match call {
            Call::Deposit {
                terms,
                participant,
                amount,
                expected,
            } => self.deposit(terms, *participant, *amount, *expected),
            Call::Withdraw {
                terms,
                nonce,
                amounts,
                deadline,
                signatures,
            } => self.withdraw(terms, *nonce, *amounts, *deadline, signatures, time),
            Call::Close {
                terms,
                net,
                signatures,
            } => self.close(terms, *net, signatures, time),
            Call::Challenge {
                terms,
                nonce,
                commitment,
                signatures,
                will,
            } => self.challenge(terms, *nonce, *commitment, signatures, will, time),
            Call::Respond {
                terms,
                nonce,
                commitment,
                signatures,
                before,
            } => self.respond(terms, *nonce, *commitment, signatures, *before, time),
            Call::Settle {
                terms,
                nonce,
                opening,
                resolved_locks,
            } => self.settle(terms, *nonce, opening, *resolved_locks, time),
            Call::Reveal { preimage, .. } => self.reveal(*preimage, time),
        }
    }

    /// When the preimage of a key was first revealed.
    pub fn revealed_at(&self, key: B256) -> Option<u64> {
        self.reveals.get(&key).map(|(_, at)| *at)
    }

    fn ledger(&mut self, id: ChannelId) -> &mut Ledger {
        self.ledgers.entry(id).or_default()
    }

    fn deposit(
        &mut self,
        terms: &Terms,
        by: Participant,
        amount: Amount,
        expected: SignedAmount,
    ) -> Outcome {
        let ledger = self.ledger(terms.channel_id());
        let deposits = &mut ledger.view.deposits;
        let (current, added) = (deposits.of(by).units(), amount.units() as i128);
        let total = deposits.zero.units() + deposits.one.units() + added;
        let is_repeated = current - added >= expected.units();
        if ledger.view.status != Status::Open || is_repeated || total > MAX_DEPOSIT {
            return Outcome::Over;
        }
        *deposits.of_mut(by) = SignedAmount::new(current + added);
        *ledger.deposited.of_mut(by) += amount.units();
        Outcome::Done
    }

    fn withdraw(
        &mut self,
        terms: &Terms,
        nonce: Nonce,
        amounts: Pair<Amount>,
        deadline: Timestamp,
        signatures: &Pair<Signature>,
        time: u64,
    ) -> Outcome {
        let id = terms.channel_id();
        let digest = withdraw_digest(&self.domain, id, nonce, amounts, deadline);
        assert_signed_by_both(terms, digest, signatures);
        let ledger = self.ledger(id);
        let view = &mut ledger.view;
        if view.status == Status::Closed || view.nonce >= nonce || time > deadline.seconds() {
            return Outcome::Over;
        }
        let [zero, one] = amounts.into_array().map(|amount| amount.units() as i128);
        let held = view.deposits.zero.units() + view.deposits.one.units();
        if view.status != Status::Open || zero + one > held {
            return Outcome::Later;
        }
        let left = |deposit: SignedAmount, amount| SignedAmount::new(deposit.units() - amount);
        view.deposits = Pair::new(left(view.deposits.zero, zero), left(view.deposits.one, one));
        view.nonce = nonce;
        ledger.pay([zero as u128, one as u128]);
        Outcome::Done
    }

    fn close(
        &mut self,
        terms: &Terms,
        net: SignedAmount,
        signatures: &Pair<Signature>,
        time: u64,
    ) -> Outcome {
        let id = terms.channel_id();
        assert_signed_by_both(terms, close_digest(&self.domain, id, net), signatures);
        let ledger = self.ledger(id);
        if matches!(ledger.view.status, Status::Closed | Status::Settling) {
            return Outcome::Over;
        }
        let [zero, one] = ledger.view.deposits.into_array();
        let left = [zero.units() - net.units(), one.units() + net.units()];
        if left[0] < 0 || left[1] < 0 {
            return Outcome::Later;
        }
        ledger.pay(left.map(|amount| amount as u128));
        ledger.end(time);
        Outcome::Done
    }

    fn challenge(
        &mut self,
        terms: &Terms,
        nonce: Nonce,
        commitment: B256,
        signatures: &Pair<Signature>,
        will: &Signature,
        time: u64,
    ) -> Outcome {
        let id = terms.channel_id();
        let signer = will.recover(will_digest(&self.domain, id, nonce, commitment));
        let side = signer.and_then(|signer| terms.side_of(signer));
        assert!(side.is_some(), "a challenge shows a participant's will");
        self.assert_state(terms, nonce, commitment, signatures);
        let view = &mut self.ledger(id).view;
        if view.status != Status::Open || nonce < view.nonce {
            return Outcome::Over;
        }
        view.status = Status::Disputed;
        (view.nonce, view.commitment) = (nonce, commitment);
        view.finalizes_at = Timestamp::new(time + u64::from(terms.finalization_period));
        Outcome::Done
    }

    fn respond(
        &mut self,
        terms: &Terms,
        nonce: Nonce,
        commitment: B256,
        signatures: &Pair<Signature>,
        before: Timestamp,
        time: u64,
    ) -> Outcome {
        self.assert_state(terms, nonce, commitment, signatures);
        let view = &mut self.ledger(terms.channel_id()).view;
        if view.status == Status::Open && time < before.seconds() {
            // A reorg took the challenge back; it may come again.
            return Outcome::Later;
        }
        let runs = view.status == Status::Disputed && time < view.finalizes_at.seconds();
        if !runs || nonce <= view.nonce {
            return Outcome::Over;
        }
        (view.nonce, view.commitment) = (nonce, commitment);
        Outcome::Done
    }

    fn settle(
        &mut self,
        terms: &Terms,
        nonce: Nonce,
        opening: &Opening,
        known: U256,
        time: u64,
    ) -> Outcome {
        let outcomes: Vec<_> = opening
            .locks
            .iter()
            .map(|lock| self.outcome(lock, time))
            .collect();
        let skims = self.skims;
        let ledger = self.ledger(terms.channel_id());
        let view = &mut ledger.view;
        let is_first = match view.status {
            Status::Open | Status::Closed => return Outcome::Over,
            Status::Disputed if time < view.finalizes_at.seconds() => return Outcome::Later,
            Status::Disputed => true,
            Status::Settling => false,
        };
        if nonce != view.nonce || view.resolved_locks & !known != U256::ZERO {
            return Outcome::Over;
        }
        if nonce != Nonce::ZERO {
            let (shown, stored) = (opening.commitment(), view.commitment);
            assert_eq!(shown, stored, "the opening is the state's");
        }
        let [zero, one] = view.deposits.into_array().map(SignedAmount::units);
        let before = view.resolved_locks.to::<u128>();
        let division = if is_first {
            Division::first([zero, one], opening.net.units(), &opening.locks, &outcomes)
        } else {
            Division::further((zero + one) as u128, before, &opening.locks, &outcomes)
        };
        let is_complete = division.is_complete(opening.locks.len());
        if !is_first && !is_complete && division.resolved == before {
            return Outcome::Later;
        }
        if is_first {
            ledger.settled = Some((nonce, opening.clone()));
        }
        let [paid0, paid1] = division.paid;
        ledger.view.deposits = Pair::new(
            SignedAmount::new(zero - paid0 as i128),
            SignedAmount::new(one - paid1 as i128),
        );
        ledger.pay([paid0.saturating_sub(skims), paid1.saturating_sub(skims)]);
        if is_complete {
            ledger.end(ledger.view.finalizes_at.seconds());
        } else {
            ledger.view.status = Status::Settling;
            ledger.view.resolved_locks = U256::from(division.resolved);
        }
        Outcome::Done
    }

    fn reveal(&mut self, preimage: B256, time: u64) -> Outcome {
        let key = key_of(preimage);
        if self.reveals.contains_key(&key) {
            return Outcome::Over;
        }
        self.reveals.insert(key, (preimage, time));
        Outcome::Done
    }

    fn outcome(&self, lock: &Lock, time: u64) -> Option<u128> {
        let expiry = lock.expiry.seconds();
        match self.revealed_at(lock.key) {
            Some(at) if at <= expiry => Some(lock.amount.units()),
            Some(_) | None => (time > expiry).then_some(0),
        }
    }

    fn assert_state(
        &self,
        terms: &Terms,
        nonce: Nonce,
        commitment: B256,
        signatures: &Pair<Signature>,
    ) {
        if nonce == Nonce::ZERO {
            assert_eq!(commitment, B256::ZERO, "state 0 has no content");
            return;
        }
        let digest = state_digest(&self.domain, terms.channel_id(), nonce, commitment);
        assert_signed_by_both(terms, digest, signatures);
    }
}

impl Ledger {
    /// What the contract holds for the channel.
    pub fn held(&self) -> i128 {
        self.view.deposits.zero.units() + self.view.deposits.one.units()
    }

    fn pay(&mut self, amounts: [u128; 2]) {
        self.paid.zero += amounts[0];
        self.paid.one += amounts[1];
    }

    fn end(&mut self, time: u64) {
        self.view = OnChain {
            status: Status::Closed,
            nonce: self.view.nonce,
            finalizes_at: Timestamp::new(time),
            ..OnChain::default()
        };
    }
}

/// Nobody submits what it knows to be refused.
fn assert_signed_by_both(terms: &Terms, digest: B256, signatures: &Pair<Signature>) {
    for side in Participant::BOTH {
        let signed = signatures
            .of(side)
            .verify(digest, *terms.signers.of(side))
            .is_ok();
        assert!(signed, "a call carries participant {side:?}'s signature");
    }
}

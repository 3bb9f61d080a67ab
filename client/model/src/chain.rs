//! The chain by the contracts' rules, for one channel: a mempool, blocks, and what they paid. No reorgs, no fees.

use crate::fault::Fault;
use crate::memo::print;
use crate::setting::{DEPTH, START};
use counterfoil_core::effect::{Call, OnChain, Status};
use counterfoil_core::state::{Opening, Payouts, settle};
use counterfoil_core::types::{
    Amount, B256, Nonce, Pair, Participant, SignedAmount, Terms, Timestamp,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A call that is not done.
#[derive(Clone)]
pub(crate) struct Pending {
    /// Whose node keeps trying; none when somebody else submitted it.
    pub(crate) by: Option<Participant>,
    pub(crate) call: Arc<Call>,
    /// Whether the contract would accept its signatures.
    pub(crate) is_signed: bool,
    print: u64,
}

/// What a block left behind.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Block {
    pub(crate) number: u64,
    pub(crate) time: u64,
    pub(crate) view: OnChain,
}

/// The chain and everything that waits for it.
#[derive(Clone, Hash)]
pub(crate) struct Chain {
    /// The newest blocks, oldest first; as many as anybody asks for.
    blocks: Vec<Block>,
    pub(crate) view: OnChain,
    pub(crate) deposited: Pair<i128>,
    /// What each participant was paid, withdrawals among it.
    pub(crate) paid: Pair<i128>,
    /// What each participant was paid while the channel stayed open.
    pub(crate) withdrawn: Pair<i128>,
    /// How many withdrawals happened.
    pub(crate) withdrawals: u8,
    /// The state by which the channel was settled; none when both agreed.
    pub(crate) settled_by: Option<Nonce>,
    /// The state that somebody published behind both nodes' backs.
    pub(crate) published: Option<Nonce>,
    /// Who did.
    pub(crate) publisher: Option<Participant>,
    /// Preimages by key, with the time of their first reveal.
    pub(crate) reveals: BTreeMap<B256, (B256, u64)>,
    pub(crate) mempool: Vec<Pending>,
}

impl Pending {
    pub(crate) fn new(by: Option<Participant>, call: Call, is_signed: bool) -> Self {
        let print = print(&format!("{call:?}"));
        Self {
            by,
            call: Arc::new(call),
            is_signed,
            print,
        }
    }
}

impl Hash for Pending {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.by, self.is_signed, self.print).hash(state);
    }
}

impl Chain {
    pub(crate) fn new() -> Self {
        let view = OnChain::default();
        let time = START;
        let block = Block {
            number: 1,
            time,
            view,
        };
        Self {
            blocks: vec![block],
            view,
            deposited: Pair::default(),
            paid: Pair::default(),
            withdrawn: Pair::default(),
            withdrawals: 0,
            settled_by: None,
            published: None,
            publisher: None,
            reveals: BTreeMap::new(),
            mempool: Vec::new(),
        }
    }

    pub(crate) fn head(&self) -> Block {
        *self.blocks.last().expect("a chain has a first block")
    }

    /// The newest block that counts as final.
    pub(crate) fn confirmed(&self) -> Block {
        let back = self.blocks.len().saturating_sub(1 + DEPTH as usize);
        self.blocks[back]
    }

    pub(crate) fn submit(&mut self, pending: Pending) {
        if !self
            .mempool
            .iter()
            .any(|known| known.print == pending.print)
        {
            self.mempool.push(pending);
        }
    }

    /// A node's calls are forgotten with its process; what it still wants it asks for again.
    pub(crate) fn forget_calls(&mut self, by: Participant) {
        self.mempool.retain(|pending| pending.by != Some(by));
    }

    /// A block with everything that waits, except for calls of `left_out`.
    pub(crate) fn mine(
        &mut self,
        seconds: u64,
        left_out: Option<Participant>,
        terms: &Terms,
        fault: Fault,
    ) {
        let time = self.head().time + seconds;
        for pending in std::mem::take(&mut self.mempool) {
            let waits = left_out.is_some() && pending.by == left_out;
            if waits || !self.execute(&pending, time, terms, fault) {
                self.mempool.push(pending);
            }
        }
        let number = self.head().number + 1;
        let view = self.view;
        self.blocks.push(Block { number, time, view });
        let old = self.blocks.len().saturating_sub(1 + DEPTH as usize);
        self.blocks.drain(..old);
    }

    /// Whether the call is done, now or before, or can never be.
    fn execute(&mut self, pending: &Pending, time: u64, terms: &Terms, fault: Fault) -> bool {
        if !pending.is_signed {
            return true;
        }
        match &*pending.call {
            Call::Deposit {
                participant,
                amount,
                expected,
                ..
            } => {
                let deposit = self.view.deposits.of_mut(*participant);
                let added = amount.units() as i128;
                let is_new = deposit.units() - added < expected.units();
                if self.view.status == Status::Open && is_new {
                    *deposit = SignedAmount::new(deposit.units() + added);
                    *self.deposited.of_mut(*participant) += added;
                }
                true
            }
            Call::Withdraw {
                nonce,
                amounts,
                deadline,
                ..
            } => {
                self.withdraw(*nonce, *amounts, *deadline, time);
                true
            }
            Call::Challenge {
                nonce, commitment, ..
            } => {
                if self.view.status == Status::Open && *nonce >= self.view.nonce {
                    self.view.status = Status::Disputed;
                    (self.view.nonce, self.view.commitment) = (*nonce, *commitment);
                    self.view.finalizes_at =
                        Timestamp::new(time + u64::from(terms.finalization_period));
                    if pending.by.is_none() {
                        self.published = Some(*nonce);
                    }
                }
                true
            }
            Call::Respond {
                nonce, commitment, ..
            } => {
                let is_disputed = self.view.status == Status::Disputed;
                let in_time = time < self.view.finalizes_at.seconds();
                if is_disputed && in_time && *nonce > self.view.nonce {
                    (self.view.nonce, self.view.commitment) = (*nonce, *commitment);
                }
                true
            }
            Call::Settle { nonce, opening, .. } => self.settle(*nonce, opening, time, fault),
            Call::Close { net, .. } => self.close(*net),
            Call::Reveal { preimage, .. } => {
                self.reveal(*preimage, time);
                true
            }
        }
    }

    pub(crate) fn reveal(&mut self, preimage: B256, time: u64) {
        let key = B256::from_slice(Sha256::digest(preimage).as_slice());
        self.reveals.entry(key).or_insert((preimage, time));
    }

    fn withdraw(&mut self, nonce: Nonce, amounts: Pair<Amount>, deadline: Timestamp, time: u64) {
        let [zero, one] = amounts.into_array().map(|amount| amount.units() as i128);
        let deposits = self.view.deposits;
        let total = deposits.zero.units() + deposits.one.units();
        let is_open = self.view.status == Status::Open && time <= deadline.seconds();
        if is_open && nonce > self.view.nonce && zero + one <= total {
            self.view.nonce = nonce;
            let left = |deposit: SignedAmount, amount| SignedAmount::new(deposit.units() - amount);
            self.view.deposits = Pair::new(left(deposits.zero, zero), left(deposits.one, one));
            self.pay(zero, one);
            self.withdrawn.zero += zero;
            self.withdrawn.one += one;
            self.withdrawals += 1;
        }
    }

    fn close(&mut self, net: SignedAmount) -> bool {
        if !matches!(self.view.status, Status::Open | Status::Disputed) {
            return true;
        }
        let deposits = self.view.deposits;
        let (zero, one) = (
            deposits.zero.units() - net.units(),
            deposits.one.units() + net.units(),
        );
        if zero < 0 || one < 0 {
            return false;
        }
        self.pay(zero, one);
        self.view.status = Status::Closed;
        self.view.deposits = Pair::default();
        true
    }

    fn settle(&mut self, nonce: Nonce, opening: &Opening, time: u64, fault: Fault) -> bool {
        match self.view.status {
            Status::Open | Status::Closed | Status::Settling => return true,
            Status::Disputed if time < self.view.finalizes_at.seconds() => return false,
            Status::Disputed => {}
        }
        let is_of_state = nonce == Nonce::ZERO || opening.commitment() == self.view.commitment;
        if nonce != self.view.nonce || !is_of_state {
            return true;
        }
        let outcome = |lock: &counterfoil_core::types::Lock| {
            let revealed = self.reveals.get(&lock.key);
            match revealed.is_some_and(|(_, at)| *at <= lock.expiry.seconds()) {
                true => Some(lock.amount),
                false => (time > lock.expiry.seconds()).then_some(Amount::ZERO),
            }
        };
        let outcomes: Vec<_> = opening.locks.iter().map(outcome).collect();
        if outcomes.contains(&None) {
            // Every lock expires before any dispute ends, so that nothing is ever paid in parts.
            return false;
        }
        let Payouts { paid, .. } = settle(self.view.deposits, opening, &outcomes);
        let [zero, one] = paid.into_array().map(|amount| amount.to::<u128>() as i128);
        self.pay(zero - i128::from(fault == Fault::PaysOneUnitLess), one);
        self.view.status = Status::Closed;
        self.view.deposits = Pair::default();
        self.settled_by = Some(nonce);
        true
    }

    fn pay(&mut self, zero: i128, one: i128) {
        self.paid.zero += zero;
        self.paid.one += one;
    }
}

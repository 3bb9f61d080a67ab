//! One channel as one participant sees it.
//!
//! Inputs change the channel and leave what must be done in an `Output`; the engine makes the channel's image durable
//! before any of it happens.

mod crossing;
mod dispute;
mod fault;
mod funding;
mod image;
mod proposal;
mod recovery;
mod reestablish;
mod refusal;
mod rules;
mod shutdown;
mod update;
mod withdrawal;

pub use fault::Fault;
pub(crate) use funding::{Agreement, first_state};
pub use image::BadImage;
pub(crate) use rules::unlocks;
pub use rules::{Facts, Policy};
pub(crate) use update::Context;

use crate::effect::{Call, Event, OnChain, Record, RecordId, Watch};
use crate::state::{BlindingSeed, Content, Domain, Opening, Signature, SigningKey};
use crate::types::{
    Address, Amount, B256, ChannelId, Lock, Nonce, Pair, Participant, SignedAmount, Terms,
};
use crate::wire::{Message, Operation, Reason};
use proposal::{Answered, Proposal};
use std::collections::VecDeque;

/// How many operations may wait for the next update.
const MAX_QUEUE: usize = 100_000;

/// Where a channel stands off chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The first state has our signature only.
    Created,
    /// The first state is co-signed; deposits are awaited.
    Funding,
    /// Payments flow.
    Open,
    /// Nothing new; what is pending is finished.
    ShuttingDown,
    /// The close has our signature; nothing else is signed any more.
    Closing,
    /// The conversation is over after a fault; the newest co-signed state stays good.
    Stopped,
    /// A dispute was started, here or by anybody.
    Disputed,
    /// Closed on chain.
    Closed,
    /// This node may have lost newer states: it signs none any more, and only closes.
    Recovering,
}

/// A state with both signatures.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Signed {
    pub(crate) nonce: Nonce,
    pub(crate) content: Content,
    pub(crate) signatures: Pair<Signature>,
}

/// An operation that has become part of a co-signed, durable state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Final {
    pub(crate) proposer: Participant,
    pub(crate) operation: Operation,
    /// The lock that the operation removed.
    pub(crate) removed: Option<Lock>,
}

/// What an input leads to. Sends, calls and events wait until the image and the records are durable.
#[derive(Default)]
pub(crate) struct Output {
    pub(crate) records: Vec<Record>,
    pub(crate) sends: Vec<(Address, Vec<u8>)>,
    pub(crate) calls: Vec<Call>,
    pub(crate) watches: Vec<Watch>,
    pub(crate) loads: Vec<Nonce>,
    /// States below it are of no use any more.
    pub(crate) forget: Option<Nonce>,
    pub(crate) events: Vec<Event>,
    pub(crate) finals: Vec<Final>,
    /// Our own operations that did not happen.
    pub(crate) dropped: Vec<(Operation, Reason)>,
}

/// A channel.
#[derive(Clone, Hash)]
pub(crate) struct Channel {
    pub(crate) id: ChannelId,
    pub(crate) terms: Terms,
    pub(crate) peer: Address,
    pub(crate) local: Participant,
    pub(crate) phase: Phase,
    pub(crate) minimum_depth: u32,
    pub(crate) signed: Signed,
    /// Our frame of the opening that the peer may have missed: the first signature, or the answer to it.
    pub(crate) greeting: Vec<u8>,
    domain: Domain,
    seed: BlindingSeed,
    /// What each side agreed to deposit.
    agreed: Pair<Amount>,
    proposal: Option<Proposal>,
    /// The highest nonce that was co-signed or came from the other side; our own proposal apart.
    known: Nonce,
    /// The other side's update of that nonce, not signed because ours crossed it.
    held: Option<(Nonce, B256)>,
    answered: Option<Answered>,
    /// The deposit of ours that is not final yet.
    depositing: Option<funding::Depositing>,
    /// A block at the minimum depth shows the channel closed, so no reorg is expected to open it again.
    pub(crate) buried: bool,
    /// Deposits that are final here.
    confirmed: Pair<SignedAmount>,
    /// Deposits that are final over there, by its own word.
    acknowledged: Pair<SignedAmount>,
    /// Deposits that we have called final.
    announced: Option<Pair<SignedAmount>>,
    shutdown: shutdown::Progress,
    /// For each withdrawal, by its owner, the other side's signature.
    grants: Pair<Signature>,
    /// Whether the peer has said what it holds since this node started; nothing new is signed before.
    pub(crate) met: bool,
    /// Whether the peer is still to say what it holds on the newest link; a later repetition is out of date.
    awaits_hello: bool,
    /// Whether newer states than ours may have existed.
    pub(crate) has_lost: bool,
    /// Stored states below it were given up.
    forgotten: Nonce,
    pub(crate) on_chain: OnChain,
    settling: Option<(alloy_primitives::U256, usize)>,
    queue: VecDeque<Operation>,
    /// The content as it will be once everything of ours that is proposed or queued has happened.
    ahead: Content,
}

impl Channel {
    /// What this side can pay at once.
    pub(crate) fn spendable(&self) -> Amount {
        let deposits = self.counted();
        self.ahead
            .balance(self.local, &deposits)
            .map_or(Amount::ZERO, |balance| {
                balance.or_zero().saturating_sub(self.terms.reserve)
            })
    }

    /// What each side owns by the newest co-signed state, locks apart.
    pub(crate) fn balances(&self) -> Pair<SignedAmount> {
        let of = |side| {
            self.signed
                .content
                .balance(side, &self.confirmed)
                .unwrap_or_default()
        };
        Pair::new(of(Participant::Zero), of(Participant::One))
    }

    /// Puts an operation of ours into the next update.
    ///
    /// # Errors
    /// The reason for which it could not happen as things stand; nothing was queued.
    pub(crate) fn propose(&mut self, operation: Operation) -> Result<(), Reason> {
        if self.queue.len() >= MAX_QUEUE {
            return Err(Reason::TooLarge);
        }
        if self.waits_for_deposit(&operation) {
            return Err(Reason::DepositNotFinal);
        }
        if !self.takes(&operation) {
            return Err(Reason::ShuttingDown);
        }
        rules::fits(&operation)?;
        let deposits = self.counted();
        rules::apply(
            &mut self.ahead,
            self.local,
            &operation,
            &deposits,
            self.terms.reserve,
        )?;
        self.queue.push_back(operation);
        Ok(())
    }

    /// The id for the next lock of ours.
    pub(crate) fn next_lock_id(&self) -> crate::types::LockId {
        let last = *self.ahead.last_lock.of(self.local);
        let parity = u64::from(self.local.index());
        let above = last.saturating_add(1);
        crate::types::LockId(if above & 1 == parity {
            above
        } else {
            above.saturating_add(1)
        })
    }

    /// Whether a lock of ours under `key` is proposed or queued.
    pub(crate) fn will_lock(&self, key: B256) -> bool {
        let mut locks = self
            .ahead
            .locks
            .values()
            .chain(self.displaced_locks().map(|(_, lock)| lock));
        locks.any(|lock| lock.payer == self.local && lock.key == key)
    }

    /// The dispute call with the newest co-signed state, with our will, so that any account can submit it.
    pub(crate) fn challenge_call(&self, key: &SigningKey) -> Call {
        // Without a co-signed state nothing was paid, which needs no signature.
        let (nonce, commitment) = if self.is_co_signed() {
            (self.signed.nonce, self.newest_commitment())
        } else {
            (Nonce::ZERO, B256::ZERO)
        };
        let will = crate::state::will_digest(&self.domain, self.id, nonce, commitment);
        Call::Challenge {
            terms: self.terms.clone(),
            nonce,
            commitment,
            signatures: self.signed.signatures,
            will: key.sign(will),
        }
    }

    /// Sends again what the peer may have missed while the link was down.
    pub(crate) fn replay(&mut self, out: &mut Output) {
        self.awaits_hello = true;
        self.say_what_is_held(out);
        if matches!(
            self.phase,
            Phase::Disputed | Phase::Closed | Phase::Stopped | Phase::Recovering
        ) {
            self.say_it_is_over(out);
            return;
        }
        // The initiator may still wait for the responder's first signature, before anything else that it would take.
        let may_be_missed = match self.local {
            Participant::Zero => self.phase == Phase::Created,
            Participant::One => {
                let talks = matches!(
                    self.phase,
                    Phase::Funding | Phase::Open | Phase::ShuttingDown
                );
                talks && self.known == Nonce::FIRST
            }
        };
        if may_be_missed {
            out.sends.push((self.peer, self.greeting.clone()));
        }
        if let Some(answered) = &self.answered {
            out.sends.push((self.peer, answered.answer.clone()));
        }
        if let Some(deposits) = self.announced {
            self.send_deposits(deposits, out);
        }
        let answer = self.answered.as_ref().map(|answered| &answered.answer);
        let proposed = self.proposal.as_ref().map(|proposal| &proposal.frame);
        // A merge or refusal answers and proposes at once; once is enough.
        if let Some(frame) = proposed.filter(|frame| Some(*frame) != answer) {
            out.sends.push((self.peer, frame.clone()));
        }
        self.replay_grant(out);
        self.replay_shutdown(out);
    }

    /// Asks again for what may have been lost between a durable record and the chain.
    pub(crate) fn resume(&self, key: &SigningKey, out: &mut Output) {
        self.resume_withdrawals(key, out);
        match self.phase {
            Phase::Funding | Phase::Open | Phase::ShuttingDown => self.ask_deposit(out),
            Phase::Closing => self.submit_close(out),
            Phase::Disputed => out.calls.push(self.challenge_call(key)),
            Phase::Created | Phase::Stopped | Phase::Closed | Phase::Recovering => {}
        }
    }

    /// The locks that may ever count: those of the newest co-signed state, and those that we have proposed.
    pub(crate) fn all_locks(&self) -> impl Iterator<Item = (&crate::types::LockId, &Lock)> {
        let proposed = self.proposal.iter();
        let proposed = proposed.flat_map(|proposal| proposal.content.locks.iter());
        let locks = self.signed.content.locks.iter().chain(proposed);
        locks.chain(self.displaced_locks())
    }

    fn displaced_locks(&self) -> impl Iterator<Item = (&crate::types::LockId, &Lock)> {
        let refusals = self
            .proposal
            .iter()
            .filter_map(|ours| ours.displaced.as_ref());
        refusals.flat_map(|displaced| displaced.content.locks.iter())
    }

    /// Ends the conversation after a fault of the other side.
    pub(crate) fn stop(&mut self, text: &str, out: &mut Output) {
        match self.phase {
            // Without the second signature on its first state a channel never came to life, and nothing is at stake.
            Phase::Created => (self.phase, self.buried) = (Phase::Closed, true),
            Phase::Disputed | Phase::Closed | Phase::Recovering => {}
            Phase::Funding
            | Phase::Open
            | Phase::ShuttingDown
            | Phase::Closing
            | Phase::Stopped => {
                self.phase = Phase::Stopped;
            }
        }
        self.drop_queue(out);
        out.events.push(Event::ConversationEnded {
            peer: self.peer,
            channel: self.id,
            text: text.to_owned(),
        });
    }

    fn drop_queue(&mut self, out: &mut Output) {
        let dropped = self
            .queue
            .drain(..)
            .map(|operation| (operation, Reason::ShuttingDown));
        out.dropped.extend(dropped);
    }

    fn opening(&self, nonce: Nonce, content: &Content) -> Opening {
        content.opening(&self.seed, nonce)
    }

    fn digest(&self, nonce: Nonce, content: &Content) -> B256 {
        let commitment = self.opening(nonce, content).commitment();
        crate::state::state_digest(&self.domain, self.id, nonce, commitment)
    }

    /// Whether the newest state has both signatures; only the first one, while the channel is made, may lack one.
    fn is_co_signed(&self) -> bool {
        let signatures = &self.signed.signatures;
        signatures.zero != Signature::NONE && signatures.one != Signature::NONE
    }

    fn local_signer(&self) -> Address {
        *self.terms.signers.of(self.local)
    }

    fn remote_signer(&self) -> Address {
        *self.terms.signers.of(self.local.other())
    }

    /// The deposits against which operations are checked: ours as far as both count it, the other's as far as we do.
    fn counted(&self) -> Pair<SignedAmount> {
        let ours = *self.confirmed.of(self.local);
        // The peer may have seen a withdrawal of ours leave before we have.
        let leaving = self.signed.content.withdrawing(self.local);
        let acknowledged = *self.acknowledged.of(self.local);
        let acknowledged = leaving
            .and_then(|one| acknowledged.plus(one.amount).ok())
            .unwrap_or(acknowledged);
        let theirs = *self.confirmed.of(self.local.other());
        Pair::from_side(self.local, ours.min(acknowledged), theirs)
    }

    fn takes(&self, operation: &Operation) -> bool {
        match self.phase {
            Phase::Open => true,
            Phase::ShuttingDown => operation.drains() && !self.shutdown.drained_here,
            Phase::Created
            | Phase::Funding
            | Phase::Closing
            | Phase::Stopped
            | Phase::Disputed
            | Phase::Closed
            | Phase::Recovering => false,
        }
    }

    fn send(&self, message: &Message, out: &mut Output) -> Vec<u8> {
        // Nothing that a channel says comes near the limit: updates are cut before it (tests/properties/).
        let frame = crate::wire::encode(message).unwrap_or_default();
        debug_assert!(!frame.is_empty(), "a message does not fit a frame");
        out.sends.push((self.peer, frame.clone()));
        frame
    }

    /// Remembers the content of a state that carries our signature, so that it can be settled if it is ever published.
    fn keep(&self, nonce: Nonce, content: &Content, out: &mut Output) {
        out.records.push(Record {
            id: RecordId::State(self.id, nonce),
            bytes: alloy_rlp::encode(content),
        });
    }
}

//! What must hold after every step, whatever peer, chain and disk do.

use crate::node::{Node, Store};
use crate::opened::domain;
use alloy_primitives::B256;
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Call, Command, Record, RecordId};
use counterfoil_core::engine::ChannelSummary;
use counterfoil_core::state::{
    Content, Signature, close_digest, state_digest, will_digest, withdraw_digest,
};
use counterfoil_core::types::{Amount, ChannelId, Nonce, Pair, Participant, SignedAmount, Terms};
use counterfoil_core::wire::{Message, decode};
use std::collections::BTreeMap;

/// Memory of what the node has signed and what its user has allowed.
#[derive(Clone)]
pub(crate) struct Oracle {
    id: ChannelId,
    terms: Terms,
    local: Participant,
    /// Each state that was made durable, which is done once it is signed, by nonce.
    kept: BTreeMap<Nonce, Content>,
    /// Each state signature that left the node, by nonce.
    signed: BTreeMap<Nonce, Signature>,
    /// The newest co-signed state that was seen.
    newest: Nonce,
    /// Signed the close: no state is signed any more.
    closing: bool,
    /// Runs on an old backup: no state is signed any more.
    pub(crate) frozen: bool,
    /// All that the user let go, as participant 0 pays 1: what the other side got or could get is never more.
    allowed: u128,
    exported: Option<Nonce>,
}

impl Oracle {
    pub(crate) fn new(id: ChannelId, terms: Terms, local: Participant, node: &Node) -> Self {
        let mut oracle = Self {
            id,
            terms,
            local,
            kept: BTreeMap::new(),
            signed: BTreeMap::new(),
            newest: Nonce::ZERO,
            closing: false,
            frozen: false,
            allowed: 0,
            exported: None,
        };
        let summary = node.engine.channel(id).expect("the channel is open");
        let content = node.content(id, summary.nonce).expect("its state is kept");
        oracle.newest = summary.nonce;
        // The same in every run, and the dearest check of a short one.
        oracle.exported = Some(summary.nonce);
        oracle.allowed = outflow(&content, local).expect("it is small").max(0) as u128;
        oracle
    }

    /// The user's command was taken.
    pub(crate) fn allow(&mut self, command: &Command) {
        let more = match command {
            Command::Pay { amount, .. } | Command::Send { amount, .. } => amount.units(),
            _ => 0,
        };
        self.allowed = self.allowed.saturating_add(more);
    }

    /// A frame leaves the node, which is in `phase`.
    pub(crate) fn on_sent(&mut self, frame: &[u8], phase: Phase) {
        let message = decode(frame).expect("a node's own frame").expect("known");
        let (nonce, signature) = match message {
            Message::FundingCreated(m) => (Nonce::FIRST, m.signature),
            Message::FundingSigned(m) => (Nonce::FIRST, m.signature),
            Message::Update(m) => (m.nonce, m.signature),
            Message::UpdateAck(m) => (m.nonce, m.signature),
            Message::UpdateError(m) => (m.nonce, m.signature),
            Message::NewestState(m) => (m.nonce, *m.signatures.of(self.local)),
            Message::ClosingCreated(_) | Message::ClosingSigned(_) => {
                // Nothing was signed after a close, so it is the end even of a backup.
                assert!(
                    !self.frozen || phase == Phase::Closing,
                    "an old backup closes by a challenge only"
                );
                self.closing = true;
                return;
            }
            _ => return,
        };
        if let Some(known) = self.signed.get(&nonce) {
            // Signing is deterministic, so another signature is another content.
            assert_eq!(*known, signature, "two states at nonce {nonce}");
            return;
        }
        assert!(self.kept.contains_key(&nonce), "disk before wire");
        self.signed.insert(nonce, signature);
    }

    /// A state became durable in a node that was in `phase` when the turn began.
    pub(crate) fn on_kept(&mut self, record: &Record, phase: Phase) {
        let RecordId::State(_, nonce) = record.id else {
            return;
        };
        let mut bytes = record.bytes.as_slice();
        let content: Content = alloy_rlp::Decodable::decode(&mut bytes).expect("it is whole");
        if let Some(known) = self.kept.get(&nonce) {
            let signed = |content: &Content| (content.net, content.locks.clone());
            assert_eq!(
                signed(known),
                signed(&content),
                "two states at nonce {nonce}"
            );
            return;
        }
        let highest = self.kept.keys().next_back().copied();
        assert!(highest < Some(nonce), "{nonce} is not above {highest:?}");
        assert!(!self.closing, "state {nonce} was signed after the close");
        assert!(!self.frozen, "state {nonce} was signed on an old backup");
        let talks = [
            Phase::Created,
            Phase::Funding,
            Phase::Open,
            Phase::ShuttingDown,
        ];
        assert!(
            talks.contains(&phase),
            "state {nonce} was signed while {phase:?}"
        );
        self.kept.insert(nonce, content);
    }

    /// What was signed before the run counts as well.
    pub(crate) fn remember(&mut self, store: &Store, frames: &[Vec<u8>]) {
        for (id, bytes) in store {
            let (id, bytes) = (*id, bytes.clone());
            self.on_kept(&Record { id, bytes }, Phase::Open);
        }
        for frame in frames {
            self.on_sent(frame, Phase::Open);
        }
    }

    /// Our signature on a state, if it has left the node.
    pub(crate) fn signature(&self, nonce: Nonce) -> Option<Signature> {
        self.signed.get(&nonce).copied()
    }

    /// The highest nonce that our signature stands on.
    pub(crate) fn highest(&self) -> Nonce {
        self.signed.keys().next_back().copied().unwrap_or_default()
    }

    pub(crate) fn check(&mut self, node: &Node, confirmed: &Pair<SignedAmount>) {
        let summary = node.engine.channel(self.id).expect("channels stay");
        let content = node.content(self.id, summary.nonce);
        let content = content.expect("the newest co-signed state is kept");
        assert_eq!(summary.locks, content.locks.len());
        assert!(
            self.frozen || summary.nonce >= self.newest,
            "a co-signed state was lost"
        );
        self.newest = summary.nonce;
        conserves(&summary, &content, confirmed);
        self.stays_covered(node, &summary, confirmed);
        let gone = outflow(&content, self.local).expect("amounts are covered by deposits");
        assert!(
            gone <= i128::try_from(self.allowed).unwrap_or(i128::MAX),
            "the other side got {gone}, the user allowed {}",
            self.allowed
        );
        if self.exported != Some(summary.nonce) {
            self.exported = Some(summary.nonce);
            let call = node.engine.export(self.id).expect("the channel is known");
            self.is_valid(&call);
        }
    }

    /// A call that goes to the chain, or to a watcher.
    pub(crate) fn is_valid(&self, call: &Call) {
        let (nonce, commitment, signatures) = match call {
            Call::Challenge {
                nonce,
                commitment,
                signatures,
                will,
                ..
            } => {
                let digest = will_digest(&domain(), self.id, *nonce, *commitment);
                let ours = *self.terms.signers.of(self.local);
                assert_eq!(will.recover(digest), Some(ours), "the will is ours");
                (nonce, commitment, signatures)
            }
            Call::Respond {
                nonce,
                commitment,
                signatures,
                ..
            } => (nonce, commitment, signatures),
            Call::Withdraw {
                nonce,
                amounts,
                deadline,
                signatures,
                ..
            } => {
                assert!(
                    *nonce <= self.newest,
                    "the chain would take no state of ours any more"
                );
                let digest = withdraw_digest(&domain(), self.id, *nonce, *amounts, *deadline);
                return self.both_signed(digest, signatures);
            }
            Call::Close {
                net, signatures, ..
            } => {
                return self.both_signed(close_digest(&domain(), self.id, *net), signatures);
            }
            _ => return,
        };
        self.both_signed(
            state_digest(&domain(), self.id, *nonce, *commitment),
            signatures,
        );
    }

    fn both_signed(&self, digest: B256, signatures: &Pair<Signature>) {
        for side in Participant::BOTH {
            let signer = *self.terms.signers.of(side);
            let verified = signatures.of(side).verify(digest, signer);
            assert_eq!(verified, Ok(()), "both have signed what goes to the chain");
        }
    }

    /// What can be spent is there, whichever of the states that carry our signature becomes the last.
    fn stays_covered(&self, node: &Node, summary: &ChannelSummary, confirmed: &Pair<SignedAmount>) {
        if summary.spendable.is_zero() {
            return;
        }
        let from = RecordId::State(self.id, summary.nonce);
        let to = RecordId::State(self.id, Nonce::MAX);
        let contents = node.store.range(from..=to).filter_map(|(id, _)| match id {
            RecordId::State(_, nonce) => node.content(self.id, *nonce),
            RecordId::Channel(_) | RecordId::Payment(_) => None,
        });
        // Locks of ours may come back before the state that says so is co-signed, and a withdrawal that has ended is gone from
        // the node and not from the state that brought it.
        let most = contents.map(|mut content| {
            content.withdrawing.clear();
            let balance = content.balance(self.local, confirmed).ok()?;
            balance.plus(content.locked(self.local).ok()?).ok()
        });
        // Readings at the edge of what can be held leave no balance to speak of.
        let Some(most) = most.collect::<Option<Vec<_>>>() else {
            return;
        };
        let most = most.into_iter().max();
        let most = most.map_or(Amount::ZERO, SignedAmount::or_zero);
        let needed = summary.spendable.plus(self.terms.reserve);
        assert!(
            needed.is_ok_and(|needed| needed <= most),
            "{} can be spent of {most}",
            summary.spendable
        );
    }
}

/// What has gone or can go from `side` to the other.
fn outflow(content: &Content, side: Participant) -> Option<i128> {
    let net = match side {
        Participant::Zero => content.net.units(),
        Participant::One => content.net.units().checked_neg()?,
    };
    net.checked_add_unsigned(content.locked(side).ok()?.units())
}

/// Balances, locks and what is being withdrawn are the deposits.
fn conserves(summary: &ChannelSummary, content: &Content, confirmed: &Pair<SignedAmount>) {
    let sum = |pair: &Pair<SignedAmount>| pair.zero.units().checked_add(pair.one.units());
    let (Some(deposits), Some(balances)) = (sum(confirmed), sum(&summary.balances)) else {
        return;
    };
    // Readings at the edge of what can be held leave no balance to speak of.
    if Participant::BOTH
        .iter()
        .any(|side| content.balance(*side, confirmed).is_err())
    {
        return;
    }
    let locked: u128 = content.locks.values().map(|lock| lock.amount.units()).sum();
    let leaving: u128 = content
        .withdrawing
        .iter()
        .map(|one| one.amount.units())
        .sum();
    let least = deposits - (locked + leaving) as i128;
    assert!(
        (least..=deposits - locked as i128).contains(&balances),
        "deposits {deposits}, locks {locked}, leaving {leaving}, balances {balances}"
    );
}

//! What a node has signed and said, which no later state may contradict.

use crate::memo::print;
use crate::operations::Set;
use crate::setting::number_of;
use counterfoil_core::effect::Event;
use counterfoil_core::state::{Content, Signature};
use counterfoil_core::types::Nonce;
use counterfoil_core::wire::{Message, decode};
use std::collections::BTreeMap;

/// A node's history, as far as properties depend on it.
#[derive(Clone, Default, Hash)]
pub(crate) struct Past {
    /// What the durable records say was signed: state and content.
    kept: BTreeMap<Nonce, u64>,
    /// Our signatures on states that have left the node.
    pub(crate) left: BTreeMap<Nonce, Signature>,
    /// Our signatures on withdrawals of the other side.
    grants: BTreeMap<Nonce, Signature>,
    /// Our signature on the close.
    close: Option<Signature>,
    /// Operations that the engine took and that no restart has made it forget.
    pub(crate) asked: Set,
    /// Operations that the user was told are done.
    pub(crate) done: Set,
    /// Operations that the user was told have not happened.
    pub(crate) undone: Set,
    /// What the user was told has been withdrawn, base units.
    pub(crate) withdrawn: u128,
    pub(crate) signed_twice: bool,
    pub(crate) signed_below: bool,
    /// Why the node could not go on at all.
    pub(crate) broken: Option<&'static str>,
}

impl Past {
    /// The content of a signed state became durable.
    pub(crate) fn keep(&mut self, nonce: Nonce, content: &Content) {
        let opened = print(&(content.net, &content.locks));
        match self.kept.insert(nonce, opened) {
            Some(before) => self.signed_twice |= before != opened,
            None => {
                let kept = self.kept.last_key_value().map(|(newest, _)| *newest);
                self.signed_below |= kept.max(self.newest_left()) > Some(nonce);
            }
        }
    }

    /// Whether the content of a state was durable here once.
    pub(crate) fn has_kept(&self, nonce: Nonce) -> bool {
        self.kept.contains_key(&nonce)
    }

    /// A frame left the node.
    pub(crate) fn send(&mut self, frame: &[u8]) {
        let Ok(Some(message)) = decode(frame) else {
            self.broken = Some("sent what cannot be read");
            return;
        };
        match message {
            Message::FundingCreated(m) => self.sign(Nonce::FIRST, m.signature),
            Message::FundingSigned(m) => self.sign(Nonce::FIRST, m.signature),
            Message::Update(m) => self.sign(m.nonce, m.signature),
            Message::UpdateAck(m) => self.sign(m.nonce, m.signature),
            Message::UpdateError(m) => self.sign(m.nonce, m.signature),
            Message::WithdrawSigned(m) => self.grant(m.nonce, m.signature),
            Message::ClosingCreated(m) => self.close(m.signature),
            Message::ClosingSigned(m) => self.close(m.signature),
            Message::ChannelOpen(_)
            | Message::ChannelAccept(_)
            | Message::ChannelReestablish(_)
            | Message::FundingLocked(_)
            | Message::NewestState(_)
            | Message::RequestCommit(_)
            | Message::Ping(_)
            | Message::Pong(_)
            | Message::Warning(_)
            | Message::InbandMessage(_)
            | Message::Error(_)
            | Message::Shutdown(_)
            | Message::ShutdownAck(_) => {}
        }
    }

    /// The user was told.
    pub(crate) fn tell(&mut self, event: &Event) {
        if let Event::Received { tag, .. } | Event::Paid { tag, .. } = event {
            self.done |= tag.first().map_or(0, |number| 1 << number);
        }
        if let Event::NotPaid { tag, .. } = event {
            self.undone |= tag.first().map_or(0, |number| 1 << number);
        }
        if let Event::Withdrawn { amount, .. } = event {
            self.withdrawn += amount.units();
        }
        if let Event::PaymentReceived { key, .. } | Event::PaymentSent { key, .. } = event {
            self.done |= number_of(*key).map_or(0, |number| 1 << number);
        }
        if let Event::PaymentFailed { key, .. } = event {
            self.undone |= number_of(*key).map_or(0, |number| 1 << number);
        }
    }

    fn sign(&mut self, nonce: Nonce, signature: Signature) {
        match self.left.insert(nonce, signature) {
            Some(before) => self.signed_twice |= before != signature,
            None => {
                self.signed_below |= self.newest_left() > Some(nonce);
                // Whoever agreed to a close has agreed to the last state.
                self.signed_below |= self.close.is_some();
            }
        }
    }

    fn grant(&mut self, nonce: Nonce, signature: Signature) {
        let before = self.grants.insert(nonce, signature);
        self.signed_twice |= before.is_some_and(|before| before != signature);
    }

    fn close(&mut self, signature: Signature) {
        let before = self.close.replace(signature);
        self.signed_twice |= before.is_some_and(|before| before != signature);
    }

    fn newest_left(&self) -> Option<Nonce> {
        self.left.last_key_value().map(|(newest, _)| *newest)
    }
}

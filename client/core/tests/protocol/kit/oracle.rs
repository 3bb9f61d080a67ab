//! What must hold of every byte on the wire: one content for each signer and nonce (oracle 4 of testing.md).

use counterfoil_core::state::Signature;
use counterfoil_core::types::{Address, ChannelId, Nonce};
use counterfoil_core::wire::{Message, decode};
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct Signatures(BTreeMap<(Address, ChannelId, Nonce), Signature>);

impl Signatures {
    /// Signing is deterministic, so that two contents of one nonce have two signatures.
    pub(crate) fn check(&mut self, signer: Address, frame: &[u8]) {
        let (channel, nonce, signature) = match decode(frame).unwrap().unwrap() {
            Message::FundingCreated(m) => (m.channel, Nonce::FIRST, m.signature),
            Message::FundingSigned(m) => (m.channel, Nonce::FIRST, m.signature),
            Message::Update(m) => (m.channel, m.nonce, m.signature),
            Message::UpdateAck(m) => (m.channel, m.nonce, m.signature),
            Message::UpdateError(m) => (m.channel, m.nonce, m.signature),
            _ => return,
        };
        let known = self.0.entry((signer, channel, nonce)).or_insert(signature);
        assert_eq!(
            *known, signature,
            "two states at nonce {nonce} of {channel}"
        );
    }
}

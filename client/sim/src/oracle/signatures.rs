//! Of every signature that leaves a node: one state for each nonce, never back, and never before the disk has the state.

use super::{Broken, Verdict};
use crate::world::Store;
use counterfoil_core::effect::RecordId;
use counterfoil_core::state::Signature;
use counterfoil_core::types::{Address, ChannelId, Nonce};
use counterfoil_core::wire::{Message, decode};
use std::collections::BTreeMap;

/// All signatures on states that were ever sent, and those of them that somebody got.
#[derive(Debug, Default)]
pub struct Signatures {
    sent: BTreeMap<(Address, ChannelId), BTreeMap<Nonce, Signature>>,
    arrived: Vec<(Address, ChannelId, Nonce)>,
    /// What nobody got before the disk forgot it; it may be repeated.
    lost: Vec<Signature>,
}

impl Signatures {
    /// A frame leaves `signer`, whose disk holds `store`.
    ///
    /// # Errors
    /// [`Broken`] when its signature should not have been made.
    pub fn check(&mut self, signer: Address, frame: &[u8], store: &Store) -> Verdict {
        let Some((channel, nonce, signature)) = signed_state(frame) else {
            return Ok(());
        };
        if self.lost.contains(&signature) {
            return Ok(());
        }
        let signed = self.sent.entry((signer, channel)).or_default();
        // Signing is deterministic, so two contents of one nonce have two signatures.
        let known = signed.get(&nonce);
        Broken::unless(
            known.is_none_or(|known| *known == signature),
            "never two signed states at one nonce",
            || format!("two states at nonce {nonce} of {channel}"),
        )?;
        let newest = signed.keys().next_back().copied();
        Broken::unless(
            known.is_some() || newest.is_none_or(|newest| newest < nonce),
            "never a signature at or below an own signed nonce",
            || format!("nonce {nonce} after {newest:?} of {channel}"),
        )?;
        // The first state is in the channel's own record until both have signed it.
        let is_durable = store.contains_key(&RecordId::State(channel, nonce))
            || nonce == Nonce::FIRST
            || known.is_some();
        Broken::unless(is_durable, "disk before wire", || {
            format!("the signature on state {nonce} of {channel} left before the state was stored")
        })?;
        signed.insert(nonce, signature);
        Ok(())
    }

    /// A frame of `signer` reaches somebody.
    pub fn arrives(&mut self, signer: Address, frame: &[u8]) {
        if let Some((channel, nonce, _)) = signed_state(frame) {
            self.arrived.push((signer, channel, nonce));
        }
    }

    /// The disk of `signer` was replaced by an old one, and nobody told it. What was lost on its way before can be known to
    /// no one, and is no signature.
    pub fn forget_lost(&mut self, signer: Address) {
        for ((by, channel), signed) in &mut self.sent {
            if *by == signer {
                let has_arrived =
                    |nonce: &Nonce| self.arrived.contains(&(signer, *channel, *nonce));
                let lost = signed.extract_if(.., |nonce, _| !has_arrived(nonce));
                self.lost.extend(lost.map(|(_, signature)| signature));
            }
        }
    }
}

fn signed_state(frame: &[u8]) -> Option<(ChannelId, Nonce, Signature)> {
    let found = match decode(frame).ok()?? {
        Message::FundingCreated(m) => (m.channel, Nonce::FIRST, m.signature),
        Message::FundingSigned(m) => (m.channel, Nonce::FIRST, m.signature),
        Message::Update(m) => (m.channel, m.nonce, m.signature),
        Message::UpdateAck(m) => (m.channel, m.nonce, m.signature),
        Message::UpdateError(m) => (m.channel, m.nonce, m.signature),
        _ => return None,
    };
    Some(found)
}

//! What each side says first on a new link: which states it holds and has signed.
//!
//! A side that has signed less than the other can prove has lost data, and signs nothing on the channel ever again: it
//! might sign a second state at a nonce that it has used.

use super::{Channel, Fault, Output, Phase};
use crate::state::state_digest;
use crate::types::{B256, Nonce};
use crate::wire::{ChannelReestablish, Message, NewestState, Warning};

impl Channel {
    /// Sends `channel_reestablish`.
    pub(super) fn say_what_is_held(&self, out: &mut Output) {
        // Before the first state is co-signed the peer may not have the channel; afterwards there is nothing to compare.
        if matches!(self.phase, Phase::Created | Phase::Closed) {
            return;
        }
        let (signed, signed_commitment) = self.newest_signed();
        let (co_signed, commitment) = if self.is_co_signed() {
            (self.signed.nonce, self.newest_commitment())
        } else {
            (Nonce::ZERO, B256::ZERO)
        };
        let held = ChannelReestablish {
            channel: self.id,
            co_signed,
            commitment,
            yours: *self.signed.signatures.of(self.local.other()),
            signed,
            signed_commitment,
            known: self.known,
        };
        self.send(&Message::ChannelReestablish(held), out);
    }

    /// Handles `channel_reestablish`.
    ///
    /// # Errors
    /// [`Fault`] when it claims what cannot be; the channel is as before.
    pub(crate) fn on_reestablish(
        &mut self,
        theirs: &ChannelReestablish,
        out: &mut Output,
    ) -> Result<(), Fault> {
        // A peer that holds no more than the first state is about to be asked for its signature on it.
        let is_new = theirs.co_signed.max(theirs.known) <= Nonce::FIRST;
        if self.phase == Phase::Created && is_new {
            return Ok(());
        }
        let (ours, _) = self.newest_signed();
        if theirs.co_signed > ours {
            let digest = state_digest(&self.domain, self.id, theirs.co_signed, theirs.commitment);
            theirs.yours.verify(digest, self.local_signer())?;
        }
        let claims = [
            (theirs.co_signed, theirs.commitment),
            (theirs.signed, theirs.signed_commitment),
        ];
        for (nonce, commitment) in claims {
            if self
                .commitment_at(nonce)
                .is_some_and(|ours| ours != commitment)
            {
                return Err(Fault::Equivocation { nonce });
            }
        }
        let is_first = std::mem::take(&mut self.awaits_hello);
        // A proposal of ours that the peer has not answered proves nothing, but to sign on could be to sign twice; and a peer
        // that lies gets no more by it than by saying `error`.
        if theirs.co_signed > ours || theirs.known > ours {
            let has_spoken = self.phase != Phase::Created;
            self.has_lost = true;
            self.lose(out);
            if !has_spoken {
                self.say_what_is_held(out);
            }
        }
        if is_first && theirs.co_signed < self.signed.nonce {
            self.show_newest(out);
        }
        // Everything up to `known` has the other side's signature, or came as a proposal of its own.
        if theirs.signed.max(theirs.co_signed) >= self.known {
            self.met = true;
        } else if is_first {
            self.leave_to_recover(out);
        }
        Ok(())
    }

    /// Whoever has lost it needs the newest state for its money; others have it from the repeated answer.
    fn show_newest(&self, out: &mut Output) {
        let newest = NewestState {
            channel: self.id,
            nonce: self.signed.nonce,
            content: self.signed.content.clone(),
            signatures: self.signed.signatures,
        };
        self.send(&Message::NewestState(newest), out);
    }

    /// The peer has signed what it does not know of: it must not sign any more, and does not get anything to sign.
    fn leave_to_recover(&mut self, out: &mut Output) {
        let warning = Warning {
            channel: self.id,
            text: "you have lost states of this channel; sign no more and close it".to_owned(),
        };
        self.send(&Message::Warning(warning), out);
        let is_signing = matches!(
            self.phase,
            Phase::Funding | Phase::Open | Phase::ShuttingDown
        );
        if is_signing {
            self.stop("the peer has lost states of the channel; close it", out);
        }
    }

    /// The newest state that this side has signed, and its commitment.
    pub(super) fn newest_signed(&self) -> (Nonce, B256) {
        match &self.proposal {
            Some(ours) => (
                ours.nonce,
                self.opening(ours.nonce, &ours.content).commitment(),
            ),
            None => (self.signed.nonce, self.newest_commitment()),
        }
    }

    fn commitment_at(&self, nonce: Nonce) -> Option<B256> {
        if nonce == self.signed.nonce {
            return Some(self.newest_commitment());
        }
        let (signed, commitment) = self.newest_signed();
        (nonce == signed).then_some(commitment)
    }
}

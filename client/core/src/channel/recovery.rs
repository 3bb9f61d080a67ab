//! A channel of which newer states may have been lost: it signs none, learns what it can, and only closes.
//!
//! A co-signed state proves that it existed, not that it is the newest, so nothing that a peer, a backup or a tower shows
//! brings such a channel back.

use super::{Channel, Fault, Output, Phase, Signed};
use crate::effect::{Event, Status};
use crate::state::{Signature, state_digest};
use crate::types::Participant;
use crate::wire::{ErrorMessage, Message, NewestState};

impl Channel {
    /// From now on this side signs no state of the channel.
    pub(crate) fn lose(&mut self, out: &mut Output) {
        if matches!(
            self.phase,
            Phase::Recovering | Phase::Disputed | Phase::Closed | Phase::Closing
        ) {
            // Nothing is signed in these, or ever was after them.
            return;
        }
        self.phase = Phase::Recovering;
        self.drop_queue(out);
        out.events.push(Event::DataLost {
            channel: self.id,
            newest: self.signed.nonce,
        });
    }

    /// Tells a peer that may not know it that nothing more will be signed here.
    pub(super) fn say_it_is_over(&self, out: &mut Output) {
        let text = match self.phase {
            Phase::Stopped => "the conversation on this channel is over",
            Phase::Recovering => "this node may have lost states of the channel and signs no more",
            Phase::Created
            | Phase::Funding
            | Phase::Open
            | Phase::ShuttingDown
            | Phase::Closing
            | Phase::Disputed
            | Phase::Closed => return,
        };
        let over = ErrorMessage {
            channel: self.id,
            text: text.to_owned(),
        };
        self.send(&Message::Error(over), out);
    }

    /// Handles `newest_state`. Says whether a newer state is known now.
    ///
    /// # Errors
    /// [`Fault`] when it is not signed by both; the channel is as before.
    pub(crate) fn on_newest_state(
        &mut self,
        newest: &NewestState,
        out: &mut Output,
    ) -> Result<bool, Fault> {
        // Whoever still signs has lost nothing.
        let takes = matches!(
            self.phase,
            Phase::Recovering | Phase::Disputed | Phase::Stopped
        );
        let is_newer = newest.nonce > self.signed.nonce
            || newest.nonce == self.signed.nonce && !self.is_co_signed();
        if !takes || !is_newer {
            return Ok(false);
        }
        let commitment = self.opening(newest.nonce, &newest.content).commitment();
        let digest = state_digest(&self.domain, self.id, newest.nonce, commitment);
        let signatures = newest.signatures;
        signatures
            .of(self.local)
            .verify(digest, self.local_signer())?;
        signatures
            .of(self.local.other())
            .verify(digest, self.remote_signer())?;
        self.keep(newest.nonce, &newest.content, out);
        for side in Participant::BOTH {
            if newest.content.withdrawing(side) != self.signed.content.withdrawing(side) {
                *self.grants.of_mut(side) = Signature::NONE;
            }
        }
        self.signed = Signed {
            nonce: newest.nonce,
            content: newest.content.clone(),
            signatures,
        };
        self.known = self.known.max(newest.nonce);
        self.proposal = self
            .proposal
            .take()
            .filter(|ours| ours.nonce > newest.nonce);
        self.look_ahead(out);
        out.events.push(Event::StateRecovered {
            channel: self.id,
            newest: newest.nonce,
        });
        if self.on_chain.status == Status::Disputed {
            self.respond(out);
        }
        Ok(true)
    }
}

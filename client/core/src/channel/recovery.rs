//! A channel of which newer states may have been lost: it signs none, learns what it can, and only closes.
//!
//! A co-signed state proves that it existed, not that it is the newest, so nothing that a peer, a backup or a tower shows
//! brings such a channel back.

use super::{Channel, Fault, Final, Output, Phase, Signed};
use crate::effect::{Event, Status};
use crate::state::{Content, state_digest};
use crate::types::Nonce;
use crate::wire::{ErrorMessage, Message, NewestState, Operation};

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
        self.has_lost = true;
        // A lock that a restart has queued again may be in a state that was lost, so nobody is told that it is not.
        self.queue
            .retain(|operation| !matches!(operation, Operation::Lock(_)));
        self.drop_queue(out);
        out.events.push(Event::DataLost {
            channel: self.id,
            newest: self.signed.nonce,
        });
    }

    /// What becomes final when the peer shows its signature on a proposal of ours, whose answer we have missed.
    fn answered_by(&mut self, nonce: Nonce) -> Vec<Final> {
        let Some(ours) = self.proposal.as_mut() else {
            return Vec::new();
        };
        let mut finals = if ours.nonce == nonce {
            std::mem::take(&mut ours.finals)
        } else {
            let displaced = ours.displaced.take_if(|displaced| displaced.nonce == nonce);
            let operations = displaced.into_iter().flat_map(|one| one.operations);
            operations
                .map(|operation| Final {
                    proposer: self.local,
                    operation,
                    removed: None,
                })
                .collect()
        };
        // A restart in a phase that signs no more does not derive which locks they removed.
        for change in &mut finals {
            if let Some(lock) = change.operation.removes()
                && change.removed.is_none()
            {
                change.removed = self.signed.content.locks.get(&lock).cloned();
            }
        }
        finals
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
        // A state that we do not know to have signed is one of those that were lost.
        self.has_lost |= newest.nonce > self.newest_signed().0;
        out.finals.extend(self.answered_by(newest.nonce));
        let content = Content {
            // What may leave the channel is under no signature here, and is known from our own states.
            withdrawing: self.signed.content.withdrawing.clone(),
            ..newest.content.clone()
        };
        self.keep(newest.nonce, &content, out);
        self.signed = Signed {
            nonce: newest.nonce,
            content,
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

//! The cooperative close: both stop proposing, what is pending ends, both sign `Close`.
//!
//! `shutdown` says "nothing new from me", so once each side has the other's, no lock can appear any more. A side that
//! then has no locks and nothing unanswered says `shutdown_ack`, "nothing at all from me". After both, the newest
//! co-signed state is the last one, and `Close` cannot contradict anything that is signed later.

use super::{Channel, Fault, Output, Phase};
use crate::effect::{Call, Event};
use crate::state::{Signature, SigningKey, close_digest};
use crate::types::{Pair, Participant};
use crate::wire::{ClosingCreated, ClosingSigned, Message, Shutdown, ShutdownAck};

/// How far the cooperative close has come.
#[derive(Clone, Copy, Debug, Default, Hash)]
pub(super) struct Progress {
    /// We have said `shutdown`.
    pub(super) ours: bool,
    /// They have said `shutdown`.
    pub(super) theirs: bool,
    /// We have said `shutdown_ack`.
    pub(super) drained_here: bool,
    /// They have said `shutdown_ack`.
    pub(super) drained_there: bool,
    /// The user here asked for the close and pays for its transaction.
    pub(super) wanted: bool,
    /// Signatures on the close.
    pub(super) signatures: Pair<Signature>,
}

impl Channel {
    /// Whether a cooperative close can be asked for.
    pub(crate) const fn can_close(&self) -> bool {
        matches!(
            self.phase,
            Phase::Funding | Phase::Open | Phase::ShuttingDown | Phase::Closing
        )
    }

    /// Starts the cooperative close, or submits it when both signatures are at hand.
    ///
    /// # Errors
    /// [`Fault::WrongPhase`] when the channel is not open; it is as before.
    pub(crate) fn close(&mut self, key: &SigningKey, out: &mut Output) -> Result<(), Fault> {
        match self.phase {
            Phase::Open | Phase::ShuttingDown | Phase::Funding => {
                self.shutdown.wanted = true;
                self.say_shutdown(out);
                self.drain(key, out);
                Ok(())
            }
            Phase::Closing => {
                self.shutdown.wanted = true;
                self.submit_close(out);
                Ok(())
            }
            Phase::Created
            | Phase::Stopped
            | Phase::Disputed
            | Phase::Closed
            | Phase::Recovering => Err(Fault::WrongPhase { code: 98 }),
        }
    }

    /// Handles `shutdown`.
    ///
    /// # Errors
    /// [`Fault::WrongPhase`] before the first state is co-signed (E59); the channel is as before.
    pub(crate) fn on_shutdown(&mut self, key: &SigningKey, out: &mut Output) -> Result<(), Fault> {
        if self.phase == Phase::Created {
            return Err(Fault::WrongPhase { code: 98 });
        }
        self.shutdown.theirs = true;
        self.say_shutdown(out);
        self.drain(key, out);
        Ok(())
    }

    /// Handles `shutdown_ack`.
    ///
    /// # Errors
    /// [`Fault::WrongPhase`] before both have said `shutdown`; the channel is as before.
    pub(crate) fn on_shutdown_ack(
        &mut self,
        key: &SigningKey,
        out: &mut Output,
    ) -> Result<(), Fault> {
        if !(self.shutdown.ours && self.shutdown.theirs) {
            return Err(Fault::WrongPhase { code: 99 });
        }
        self.shutdown.drained_there = true;
        self.drain(key, out);
        Ok(())
    }

    /// Goes one step on towards the close when nothing is pending any more.
    pub(crate) fn drain(&mut self, key: &SigningKey, out: &mut Output) {
        let both = self.shutdown.ours && self.shutdown.theirs;
        if self.phase != Phase::ShuttingDown || !both || !self.met || self.is_anything_pending() {
            return;
        }
        if !self.shutdown.drained_here {
            self.shutdown.drained_here = true;
            self.send(&Message::ShutdownAck(ShutdownAck { channel: self.id }), out);
        }
        if self.shutdown.drained_there && self.local == Participant::Zero {
            self.phase = Phase::Closing;
            self.shutdown.signatures.zero = key.sign(self.close_digest());
            self.send_close(out);
        }
    }

    /// Handles `closing_created`: participant 1 signs the close that it agrees with.
    ///
    /// # Errors
    /// [`Fault`] when it came too early, names another net payment, or is not signed; the channel is as before.
    pub(crate) fn on_closing_created(
        &mut self,
        closing: &ClosingCreated,
        key: &SigningKey,
        out: &mut Output,
    ) -> Result<(), Fault> {
        let ready = match self.phase {
            Phase::ShuttingDown => self.shutdown.drained_here && self.shutdown.drained_there,
            Phase::Closing => true,
            Phase::Created
            | Phase::Funding
            | Phase::Open
            | Phase::Stopped
            | Phase::Disputed
            | Phase::Closed
            | Phase::Recovering => false,
        };
        // `Close` names only the net payment: a lock, or a state that is still unanswered, would be lost with it.
        if !ready || self.local == Participant::Zero || self.is_anything_pending() {
            return Err(Fault::WrongPhase { code: 20 });
        }
        let (expected, received) = (self.signed.content.net, closing.net);
        if received != expected {
            return Err(Fault::WrongNet { expected, received });
        }
        closing
            .signature
            .verify(self.close_digest(), self.remote_signer())?;
        self.phase = Phase::Closing;
        let ours = key.sign(self.close_digest());
        self.shutdown.signatures = Pair::new(closing.signature, ours);
        let answer = ClosingSigned {
            channel: self.id,
            signature: ours,
        };
        self.send(&Message::ClosingSigned(answer), out);
        self.submit_close(out);
        Ok(())
    }

    /// Handles `closing_signed`: participant 0 has both signatures.
    ///
    /// # Errors
    /// [`Fault`] when it was not asked for or is not signed; the channel is as before.
    pub(crate) fn on_closing_signed(
        &mut self,
        closing: &ClosingSigned,
        out: &mut Output,
    ) -> Result<(), Fault> {
        if self.phase != Phase::Closing || self.local == Participant::One {
            return Err(Fault::WrongPhase { code: 22 });
        }
        closing
            .signature
            .verify(self.close_digest(), self.remote_signer())?;
        self.shutdown.signatures.one = closing.signature;
        self.submit_close(out);
        Ok(())
    }

    fn is_anything_pending(&self) -> bool {
        self.proposal.is_some() || !self.queue.is_empty() || !self.signed.content.locks.is_empty()
    }

    pub(super) fn replay_shutdown(&self, out: &mut Output) {
        if self.shutdown.ours {
            self.send(&Message::Shutdown(Shutdown { channel: self.id }), out);
        }
        if self.shutdown.drained_here {
            self.send(&Message::ShutdownAck(ShutdownAck { channel: self.id }), out);
        }
        if self.phase != Phase::Closing {
            return;
        }
        match self.local {
            Participant::Zero => self.send_close(out),
            Participant::One => {
                let signature = self.shutdown.signatures.one;
                let answer = ClosingSigned {
                    channel: self.id,
                    signature,
                };
                self.send(&Message::ClosingSigned(answer), out);
            }
        }
    }

    fn say_shutdown(&mut self, out: &mut Output) {
        if self.shutdown.ours || !matches!(self.phase, Phase::Open | Phase::Funding) {
            return;
        }
        self.shutdown.ours = true;
        self.phase = Phase::ShuttingDown;
        self.send(&Message::Shutdown(Shutdown { channel: self.id }), out);
        out.events.push(Event::ShuttingDown { channel: self.id });
    }

    fn send_close(&self, out: &mut Output) {
        let signature = self.shutdown.signatures.zero;
        let closing = ClosingCreated {
            channel: self.id,
            net: self.signed.content.net,
            signature,
        };
        self.send(&Message::ClosingCreated(closing), out);
    }

    pub(super) fn submit_close(&self, out: &mut Output) {
        let signatures = self.shutdown.signatures;
        if self.has_close() && self.shutdown.wanted {
            let (terms, net) = (self.terms.clone(), self.signed.content.net);
            out.calls.push(Call::Close {
                terms,
                net,
                signatures,
            });
        }
    }

    /// Whether both have signed the close.
    pub(super) fn has_close(&self) -> bool {
        let signatures = &self.shutdown.signatures;
        signatures.zero != Signature::NONE && signatures.one != Signature::NONE
    }

    fn close_digest(&self) -> crate::types::B256 {
        close_digest(&self.domain, self.id, self.signed.content.net)
    }
}

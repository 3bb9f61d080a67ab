//! Updates of the other side, and answers to ours.

use super::crossing::kept;
use super::proposal::{Answered, Proposal};
use super::{Channel, Facts, Fault, Final, Output, Phase, Policy, rules};
use crate::state::{Content, Signature, SigningKey};
use crate::types::{B256, Nonce, Pair, Participant};
use crate::wire::{Message, Operation, Reason, Update, UpdateAck};

/// A quiet channel uses every second nonce when one side pays.
const NONCES_PER_STATE: u64 = 2;
/// Old states are given up so many nonces at a time.
const FORGET_AT_ONCE: u64 = 1024;

/// What is at hand while a message is handled.
pub(crate) struct Context<'a> {
    pub(crate) key: &'a SigningKey,
    pub(crate) facts: &'a Facts,
    pub(crate) policy: &'a Policy,
    /// Hash of the frame that is handled; equal hashes are repeats.
    pub(crate) frame: B256,
}

impl Channel {
    /// Handles `update`.
    ///
    /// # Errors
    /// [`Fault`] when the protocol does not allow it; the channel is as before.
    pub(crate) fn on_update(
        &mut self,
        update: &Update,
        context: &Context<'_>,
        out: &mut Output,
    ) -> Result<(), Fault> {
        if self.is_repeat(update.nonce, context.frame, out)? {
            return Ok(());
        }
        self.is_talking(7)?;
        let (most, received) = (rules::MAX_OPERATIONS, update.operations.len());
        if received > most {
            return Err(Fault::TooManyOperations { most, received });
        }
        if received == 0 && update.answers == Nonce::ZERO {
            return Err(Fault::Empty);
        }
        if self.proposal.as_ref().map(|ours| ours.nonce) == Some(update.base) {
            // The peer has answered ours, and the answer was lost with the link. It repeats both, in order.
            return Ok(());
        }
        if update.base != self.signed.nonce {
            let (expected, received) = (self.signed.nonce, update.base);
            return Err(Fault::WrongBase { expected, received });
        }
        match &self.proposal {
            None => {
                self.answers_nothing(update)?;
                self.follows(update.nonce, self.known)?;
                self.take(update, Vec::new(), context, out)
            }
            Some(ours) if update.answers == ours.nonce && self.local == Participant::One => {
                self.follows_crossing(update.nonce, ours.nonce)?;
                let ours = kept(&ours.operations, &update.refused)?;
                self.take(update, ours, context, out)
            }
            Some(_) => {
                self.answers_nothing(update)?;
                self.follows(update.nonce, self.known)?;
                match self.local {
                    Participant::Zero => self.merge(update, context, out),
                    Participant::One => {
                        self.held = Some((update.nonce, context.frame));
                        self.known = update.nonce;
                        Ok(())
                    }
                }
            }
        }
    }

    /// Handles `update_ack`.
    ///
    /// # Errors
    /// [`Fault`] when the protocol does not allow it; the channel is as before.
    pub(crate) fn on_ack(
        &mut self,
        ack: &UpdateAck,
        context: &Context<'_>,
        out: &mut Output,
    ) -> Result<(), Fault> {
        // A repeat: the state is co-signed already.
        if ack.nonce <= self.signed.nonce {
            return Ok(());
        }
        self.is_talking(8)?;
        let unasked = Fault::Unasked {
            expected: self.proposal.as_ref().map(|proposal| proposal.nonce),
            received: ack.nonce,
        };
        let ours = self
            .proposal
            .as_ref()
            .filter(|ours| ours.nonce == ack.nonce)
            .ok_or(unasked)?;
        ack.signature
            .verify(self.digest(ours.nonce, &ours.content), self.remote_signer())?;
        if let Some(ours) = self.proposal.take() {
            let Proposal {
                nonce,
                content,
                signature,
                finals,
                displaced,
                ..
            } = ours;
            self.queue_again(displaced);
            self.advance(nonce, content, signature, ack.signature, finals, out);
            self.follow_up(context, out);
        }
        Ok(())
    }

    /// Takes an update that ends in a co-signed state: the other's operations, then those of ours that it took in.
    fn take(
        &mut self,
        update: &Update,
        ours: Vec<Operation>,
        context: &Context<'_>,
        out: &mut Output,
    ) -> Result<(), Fault> {
        let mut content = self.signed.content.clone();
        let draining = self.shutdown.theirs && !self.is_crossing(update);
        let taken = self.accept_all(&mut content, &update.operations, draining, context);
        let mut finals = match taken {
            Ok(finals) => finals,
            Err((index, reason)) => {
                self.refuse(update, index, reason, context, out);
                return Ok(());
            }
        };
        // A merge that leaves out what would have paid for the rest of ours must not overdraw us.
        match self.derive(&mut content, &ours) {
            Ok(derived) => finals.extend(derived),
            Err(reason @ Reason::ReserveBroken) => {
                self.refuse(update, u16::MAX, reason, context, out);
                return Ok(());
            }
            Err(_) => return Err(Fault::BadMerge),
        }
        content.number(update.nonce);
        let digest = self.digest(update.nonce, &content);
        update.signature.verify(digest, self.remote_signer())?;

        if let Some(proposal) = self.proposal.take() {
            let refused = update.refused.iter().filter_map(|refused| {
                let operation = proposal.operations.get(usize::from(refused.index))?;
                Some((operation.clone(), refused.reason))
            });
            out.dropped.extend(refused);
            self.queue_again(proposal.displaced);
        }
        let theirs = (digest, update.signature);
        self.co_sign(update.nonce, content, theirs, finals, context, out);
        Ok(())
    }

    /// Whether an update answers a real crossing, so that its operations may have been proposed before its side's
    /// `shutdown`. A refusal of ours holds no operations and crosses nothing, and after `shutdown_ack` there is nothing left
    /// to cross.
    fn is_crossing(&self, update: &Update) -> bool {
        let proposed =
            |ours: &Proposal| ours.nonce == update.answers && !ours.operations.is_empty();
        self.proposal.as_ref().is_some_and(proposed) && !self.shutdown.drained_there
    }

    /// Signs what the other side has signed; the answer leaves once the state is durable.
    pub(super) fn co_sign(
        &mut self,
        nonce: Nonce,
        content: Content,
        (digest, theirs): (B256, Signature),
        finals: Vec<Final>,
        context: &Context<'_>,
        out: &mut Output,
    ) {
        let ours = context.key.sign(digest);
        self.keep(nonce, &content, out);
        let ack = UpdateAck {
            channel: self.id,
            nonce,
            signature: ours,
        };
        let answer = self.send(&Message::UpdateAck(ack), out);
        self.answered = Some(Answered {
            nonce,
            hash: context.frame,
            answer,
        });
        self.advance(nonce, content, ours, theirs, finals, out);
        self.follow_up(context, out);
    }

    /// What a newly co-signed state brings with it: a withdrawal to sign, and stored states that are too old to be kept.
    fn follow_up(&mut self, context: &Context<'_>, out: &mut Output) {
        self.grant(context.key, out);
        let kept = context.policy.retention.saturating_mul(NONCES_PER_STATE);
        let oldest = self.signed.nonce.number().saturating_sub(kept);
        if oldest >= self.forgotten.number().saturating_add(FORGET_AT_ONCE)
            && let Some(oldest) = Nonce::new(oldest)
        {
            self.forgotten = oldest;
            out.forget = Some(oldest);
        }
    }

    fn accept_all(
        &self,
        content: &mut Content,
        operations: &[Operation],
        draining: bool,
        context: &Context<'_>,
    ) -> Result<Vec<Final>, (u16, Reason)> {
        (0_u16..)
            .zip(operations)
            .map(|(index, operation)| {
                self.accept(content, operation, draining, context)
                    .map_err(|reason| (index, reason))
            })
            .collect()
    }

    pub(super) fn accept(
        &self,
        content: &mut Content,
        operation: &Operation,
        draining: bool,
        context: &Context<'_>,
    ) -> Result<Final, Reason> {
        rules::acceptable(content, operation, draining, context.facts, context.policy)?;
        let theirs = self.local.other();
        let deposits = self.counted();
        let reserve = self.terms.reserve;
        match rules::apply(content, theirs, operation, &deposits, reserve) {
            Ok(removed) => Ok(Final {
                proposer: theirs,
                operation: operation.clone(),
                removed,
            }),
            Err(Reason::ReserveBroken) if self.awaits_deposit(theirs, &deposits) => {
                Err(Reason::DepositNotFinal)
            }
            Err(Reason::ReserveBroken) if content.withdrawing(theirs).is_some() => {
                Err(Reason::WithdrawalPending)
            }
            Err(reason) => Err(reason),
        }
    }

    /// Our own operations, applied to `content` under our own limits.
    fn derive(&self, content: &mut Content, ours: &[Operation]) -> Result<Vec<Final>, Reason> {
        let (deposits, reserve) = (self.counted(), self.terms.reserve);
        let derive = |operation: &Operation| {
            let removed = rules::apply(content, self.local, operation, &deposits, reserve)?;
            Ok(Final {
                proposer: self.local,
                operation: operation.clone(),
                removed,
            })
        };
        ours.iter().map(derive).collect()
    }

    /// Whether the chain shows more of `side`'s deposit at its head than is final here.
    fn awaits_deposit(
        &self,
        side: Participant,
        counted: &Pair<crate::types::SignedAmount>,
    ) -> bool {
        self.on_chain.deposits.of(side) > counted.of(side)
    }

    /// Answers a byte-identical repeat as before; older ones need no answer.
    pub(super) fn is_repeat(
        &self,
        nonce: Nonce,
        frame: B256,
        out: &mut Output,
    ) -> Result<bool, Fault> {
        if let Some(answered) = &self.answered
            && answered.nonce == nonce
        {
            if answered.hash != frame {
                return Err(Fault::Equivocation { nonce });
            }
            out.sends.push((self.peer, answered.answer.clone()));
            return Ok(true);
        }
        match self.held {
            Some((held, hash)) if held == nonce && hash != frame => {
                Err(Fault::Equivocation { nonce })
            }
            // Whatever came at or below a nonce that was seen was dealt with then, and is not signed again.
            Some(_) | None => Ok(nonce <= self.known),
        }
    }

    fn answers_nothing(&self, update: &Update) -> Result<(), Fault> {
        if update.answers == Nonce::ZERO && update.refused.is_empty() {
            return Ok(());
        }
        let expected = self.proposal.as_ref().map(|proposal| proposal.nonce);
        Err(Fault::WrongAnswer {
            expected,
            received: update.answers,
        })
    }

    /// Whether `nonce` is the smallest of the other side's parity above all that it has signed or holds a signature on.
    pub(super) fn follows(&self, nonce: Nonce, highest: Nonce) -> Result<(), Fault> {
        let expected = highest.next(self.local.other());
        if expected == Some(nonce) {
            Ok(())
        } else {
            Err(Fault::WrongNonce {
                expected,
                received: nonce,
            })
        }
    }

    pub(super) fn is_talking(&self, code: u8) -> Result<(), Fault> {
        match self.phase {
            Phase::Open | Phase::ShuttingDown => Ok(()),
            Phase::Created
            | Phase::Funding
            | Phase::Closing
            | Phase::Stopped
            | Phase::Disputed
            | Phase::Closed
            | Phase::Recovering => Err(Fault::WrongPhase { code }),
        }
    }
}

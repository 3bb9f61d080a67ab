//! Updates of the other side: taken, merged with a crossing one of ours, or refused.

use super::proposal::{Answered, Proposal};
use super::{Channel, Facts, Fault, Final, Output, Phase, Policy, rules};
use crate::state::{Content, SigningKey};
use crate::types::{B256, Nonce, Pair, Participant};
use crate::wire::{Message, Operation, Reason, Refused, Update, UpdateAck, UpdateError};

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
            Some(ours) if update.answers == ours.nonce => {
                // Only participant 0 merges, so only participant 1 ever comes here.
                self.follows(update.nonce, self.known.max(ours.nonce))?;
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
    pub(crate) fn on_ack(&mut self, ack: &UpdateAck, out: &mut Output) -> Result<(), Fault> {
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
                ..
            } = ours;
            self.advance(nonce, content, signature, ack.signature, finals, out);
        }
        Ok(())
    }

    /// Handles `update_error`: our proposal is refused, the co-signed content is signed again under a higher nonce.
    ///
    /// # Errors
    /// [`Fault`] when the protocol does not allow it; the channel is as before.
    pub(crate) fn on_update_error(
        &mut self,
        refusal: &UpdateError,
        context: &Context<'_>,
        out: &mut Output,
    ) -> Result<(), Fault> {
        if self.is_repeat(refusal.nonce, context.frame, out)? {
            return Ok(());
        }
        self.is_talking(9)?;
        let unasked = Fault::Unasked {
            expected: self.proposal.as_ref().map(|proposal| proposal.nonce),
            received: refusal.refused,
        };
        let ours = self
            .proposal
            .as_ref()
            .filter(|ours| ours.nonce == refusal.refused)
            .ok_or(unasked)?;
        self.follows(refusal.nonce, self.known.max(ours.nonce))?;
        if refusal.base != self.signed.nonce {
            let (expected, received) = (self.signed.nonce, refusal.base);
            return Err(Fault::WrongBase { expected, received });
        }
        let content = self.signed.content.clone();
        let digest = self.digest(refusal.nonce, &content);
        refusal.signature.verify(digest, self.remote_signer())?;

        let operations = self
            .proposal
            .take()
            .map(|ours| ours.operations)
            .unwrap_or_default();
        let at_fault = usize::from(refusal.index);
        for (index, operation) in operations.into_iter().enumerate().rev() {
            if index == at_fault {
                out.dropped.push((operation, refusal.reason));
            } else {
                self.queue.push_front(operation);
            }
        }
        self.co_sign(
            refusal.nonce,
            content,
            refusal.signature,
            Vec::new(),
            context,
            out,
        );
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
        let mut finals = match self.accept_all(&mut content, &update.operations, context) {
            Ok(finals) => finals,
            Err((index, reason)) => {
                self.refuse(update, index, reason, context, out);
                return Ok(());
            }
        };
        finals.extend(Self::finals_of(&mut content, self.local, &ours).ok_or(Fault::BadMerge)?);
        update
            .signature
            .verify(self.digest(update.nonce, &content), self.remote_signer())?;

        if let Some(proposal) = self.proposal.take() {
            let refused = update.refused.iter().filter_map(|refused| {
                let operation = proposal.operations.get(usize::from(refused.index))?;
                Some((operation.clone(), refused.reason))
            });
            out.dropped.extend(refused);
        }
        self.co_sign(
            update.nonce,
            content,
            update.signature,
            finals,
            context,
            out,
        );
        Ok(())
    }

    /// Signs what the other side has signed; the answer leaves once the state is durable.
    fn co_sign(
        &mut self,
        nonce: Nonce,
        content: Content,
        theirs: crate::state::Signature,
        finals: Vec<Final>,
        context: &Context<'_>,
        out: &mut Output,
    ) {
        let ours = context.key.sign(self.digest(nonce, &content));
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
    }

    /// Participant 0 answers a crossing proposal with one that holds the operations of both.
    fn merge(
        &mut self,
        theirs: &Update,
        context: &Context<'_>,
        out: &mut Output,
    ) -> Result<(), Fault> {
        let Some(ours) = self.proposal.as_ref() else {
            return Ok(());
        };
        let highest = self.known.max(ours.nonce).max(theirs.nonce);
        let expected = highest.next(self.local);
        let nonce = expected.ok_or(Fault::WrongNonce {
            expected,
            received: theirs.nonce,
        })?;

        // Where a settle and a cancel of one lock cross, the settle wins.
        let settled = |operation: &Operation| {
            let Operation::Cancel(cancel) = operation else {
                return false;
            };
            theirs
                .operations
                .iter()
                .any(|other| matches!(other, Operation::Settle(settle) if settle.id == cancel.id))
        };
        let (given_way, operations): (Vec<_>, Vec<_>) =
            ours.operations.iter().cloned().partition(settled);
        let mut frames = ours.frames.clone();

        let mut content = self.signed.content.clone();
        let mut finals =
            Self::finals_of(&mut content, self.local, &operations).ok_or(Fault::BadMerge)?;
        let mut refused = Vec::new();
        for (index, operation) in (0_u16..).zip(&theirs.operations) {
            match self.accept(&mut content, operation, context) {
                Ok(taken) => finals.push(taken),
                Err(reason) => refused.push(Refused { index, reason }),
            }
        }
        let signature = context.key.sign(self.digest(nonce, &content));
        let update = Update {
            channel: self.id,
            nonce,
            base: self.signed.nonce,
            answers: theirs.nonce,
            refused,
            operations: operations.clone(),
            signature,
        };
        self.keep(nonce, &content, out);
        let frame = self.send(&Message::Update(update), out);
        frames.push(frame.clone());
        self.answered = Some(Answered {
            nonce: theirs.nonce,
            hash: context.frame,
            answer: frame,
        });
        self.known = theirs.nonce;
        self.proposal = Some(Proposal {
            nonce,
            content,
            signature,
            operations,
            finals,
            frames,
        });
        let given_way = given_way
            .into_iter()
            .map(|operation| (operation, Reason::UnknownLock));
        out.dropped.extend(given_way);
        self.look_ahead(out);
        Ok(())
    }

    /// Refuses an update: the newest co-signed content is proposed again, so that a higher nonce stands against it.
    fn refuse(
        &mut self,
        update: &Update,
        index: u16,
        reason: Reason,
        context: &Context<'_>,
        out: &mut Output,
    ) {
        let ours = self.proposal.take();
        for operation in ours.into_iter().flat_map(|ours| ours.operations).rev() {
            self.queue.push_front(operation);
        }
        self.known = self.known.max(update.nonce);
        let Some(nonce) = self.known.next(self.local) else {
            self.stop("the channel has used all of its nonces; close it", out);
            return;
        };
        let content = self.signed.content.clone();
        let signature = context.key.sign(self.digest(nonce, &content));
        let (refused, base) = (update.nonce, self.signed.nonce);
        let refusal = UpdateError {
            channel: self.id,
            refused,
            index,
            reason,
            nonce,
            base,
            signature,
        };
        self.keep(nonce, &content, out);
        let answer = self.send(&Message::UpdateError(refusal), out);
        self.proposal = Some(Proposal {
            nonce,
            content,
            signature,
            operations: Vec::new(),
            finals: Vec::new(),
            frames: vec![answer.clone()],
        });
        self.answered = Some(Answered {
            nonce: update.nonce,
            hash: context.frame,
            answer,
        });
    }

    fn accept_all(
        &self,
        content: &mut Content,
        operations: &[Operation],
        context: &Context<'_>,
    ) -> Result<Vec<Final>, (u16, Reason)> {
        if operations.len() > rules::MAX_OPERATIONS {
            return Err((u16::MAX, Reason::TooLarge));
        }
        (0_u16..)
            .zip(operations)
            .map(|(index, operation)| {
                self.accept(content, operation, context)
                    .map_err(|reason| (index, reason))
            })
            .collect()
    }

    fn accept(
        &self,
        content: &mut Content,
        operation: &Operation,
        context: &Context<'_>,
    ) -> Result<Final, Reason> {
        rules::acceptable(
            content,
            operation,
            self.shutdown.theirs,
            context.facts,
            context.policy,
        )?;
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
            Err(reason) => Err(reason),
        }
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
    fn is_repeat(&self, nonce: Nonce, frame: B256, out: &mut Output) -> Result<bool, Fault> {
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
    fn follows(&self, nonce: Nonce, highest: Nonce) -> Result<(), Fault> {
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

    fn is_talking(&self, code: u8) -> Result<(), Fault> {
        match self.phase {
            Phase::Open | Phase::ShuttingDown => Ok(()),
            Phase::Created
            | Phase::Funding
            | Phase::Closing
            | Phase::Stopped
            | Phase::Disputed
            | Phase::Closed => Err(Fault::WrongPhase { code }),
        }
    }
}

/// Our operations less those that the merge lists as refused.
fn kept(ours: &[Operation], refused: &[Refused]) -> Result<Vec<Operation>, Fault> {
    let mut listed = refused
        .iter()
        .map(|refused| usize::from(refused.index))
        .peekable();
    let mut kept = Vec::with_capacity(ours.len());
    for (index, operation) in ours.iter().enumerate() {
        if listed.next_if_eq(&index).is_none() {
            kept.push(operation.clone());
        }
    }
    // Whatever is left in the list is out of order, listed twice or was never proposed.
    if listed.next().is_none() {
        Ok(kept)
    } else {
        Err(Fault::BadMerge)
    }
}

//! Refusals: the refused proposal is voided by the newest co-signed content under a higher nonce.

use super::proposal::{Answered, Displaced, Proposal};
use super::{Channel, Context, Fault, Output};
use crate::wire::{Message, Reason, Update, UpdateError};

impl Channel {
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

        let ours = self.proposal.take();
        let (operations, displaced) =
            ours.map_or_else(Default::default, |ours| (ours.operations, ours.displaced));
        self.queue_again(displaced);
        let at_fault = usize::from(refusal.index);
        // A refusal that names none of them refuses all, or the same proposal would be refused again without end.
        let none_named = at_fault >= operations.len();
        for (index, operation) in operations.into_iter().enumerate().rev() {
            if none_named || index == at_fault {
                out.dropped.push((operation, refusal.reason));
            } else {
                self.queue.push_front(operation);
            }
        }
        let theirs = (digest, refusal.signature);
        self.co_sign(refusal.nonce, content, theirs, Vec::new(), context, out);
        Ok(())
    }

    /// Refuses an update: the newest co-signed content is proposed again, so that a higher nonce stands against it.
    pub(super) fn refuse(
        &mut self,
        update: &Update,
        index: u16,
        reason: Reason,
        context: &Context<'_>,
        out: &mut Output,
    ) {
        // The other side holds our signature on what it merged, and may publish that until it has signed our refusal.
        let displaced = self.proposal.take().and_then(|ours| {
            if ours.operations.is_empty() {
                return ours.displaced;
            }
            Some(Displaced {
                nonce: ours.nonce,
                content: ours.content,
                operations: ours.operations,
            })
        });
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
            frame: answer.clone(),
            displaced,
        });
        self.answered = Some(Answered {
            nonce: update.nonce,
            hash: context.frame,
            answer,
        });
    }
}

//! Crossing proposals: participant 0 answers with one update that holds both.

use super::proposal::{Answered, Proposal};
use super::{Channel, Context, Fault, Output, rules};
use crate::types::{LockId, Nonce};
use crate::wire::{Message, Operation, Reason, Refused, Update};

impl Channel {
    /// Participant 0 answers a crossing proposal with one that holds the operations of both.
    pub(super) fn merge(
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
        let settled = |operation: &Operation| match operation {
            Operation::Cancel(cancel) => self.is_settled_by(&theirs.operations, cancel.id),
            Operation::Pay(_)
            | Operation::Lock(_)
            | Operation::Settle(_)
            | Operation::Expire(_)
            | Operation::Withdraw(_)
            | Operation::Unsupported(_) => false,
        };
        let (given_way, operations): (Vec<_>, Vec<_>) =
            ours.operations.iter().cloned().partition(settled);

        let mut content = self.signed.content.clone();
        let mut finals =
            Self::finals_of(&mut content, self.local, &operations).ok_or(Fault::BadMerge)?;
        let mut refused = Vec::new();
        for (index, operation) in (0_u16..).zip(&theirs.operations) {
            match self.accept(&mut content, operation, self.shutdown.theirs, context) {
                Ok(taken) => finals.push(taken),
                Err(reason) => refused.push(Refused { index, reason }),
            }
        }
        content.number(nonce);
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
        self.answered = Some(Answered {
            nonce: theirs.nonce,
            hash: context.frame,
            answer: frame.clone(),
        });
        self.known = theirs.nonce;
        self.proposal = Some(Proposal {
            nonce,
            content,
            signature,
            operations,
            finals,
            frame,
            displaced: None,
        });
        let given_way = given_way
            .into_iter()
            .map(|operation| (operation, Reason::UnknownLock));
        out.dropped.extend(given_way);
        self.look_ahead(out);
        Ok(())
    }

    /// Whether `nonce` is one that participant 0 may use to answer our crossing proposal.
    ///
    /// # Errors
    /// [`Fault::WrongNonce`].
    pub(super) fn follows_crossing(&self, nonce: Nonce, ours: Nonce) -> Result<(), Fault> {
        let highest = self.known.max(ours);
        let seen = self.held.is_some_and(|(held, _)| held == self.known);
        // The proposal that ours crossed may have been lost with the link; the answer stands above it all the same.
        let above_unseen = highest
            .next(self.local.other())
            .and_then(|unseen| unseen.next(self.local.other()));
        if !seen && above_unseen == Some(nonce) {
            return Ok(());
        }
        self.follows(nonce, highest)
    }

    fn is_settled_by(&self, theirs: &[Operation], id: LockId) -> bool {
        let lock = self.signed.content.locks.get(&id);
        theirs.iter().any(|other| match (other, lock) {
            (Operation::Settle(settle), Some(lock)) => {
                settle.id == id && rules::unlocks(settle.preimage, lock.key)
            }
            _ => false,
        })
    }
}

/// Our operations less those that the merge lists as refused.
pub(super) fn kept(ours: &[Operation], refused: &[Refused]) -> Result<Vec<Operation>, Fault> {
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

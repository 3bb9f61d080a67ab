//! Our own unanswered proposal: what it says, and the exact bytes to repeat.

use super::{Channel, Final, Output};
use crate::effect::Event;
use crate::state::{Content, Signature, SigningKey};
use crate::types::{Amount, B256, Nonce, Participant};
use crate::wire::{Message, Operation, Update};

/// A state that has our signature and not yet the other's.
#[derive(Clone, Debug, Hash)]
pub(super) struct Proposal {
    pub(super) nonce: Nonce,
    pub(super) content: Content,
    pub(super) signature: Signature,
    /// Our operations.
    pub(super) operations: Vec<Operation>,
    /// What becomes final with the other signature: our operations, and those of the other side that were merged.
    pub(super) finals: Vec<Final>,
    /// The exact bytes to repeat.
    pub(super) frame: Vec<u8>,
    /// What this proposal refuses together with a merge. The other side holds our signature on it, and may publish it until it
    /// has signed this one.
    pub(super) displaced: Option<Displaced>,
}

/// A proposal of ours that a refusal of ours stands above.
#[derive(Clone, Debug, PartialEq, Eq, Hash, alloy_rlp::RlpEncodable, alloy_rlp::RlpDecodable)]
pub(super) struct Displaced {
    pub(super) nonce: Nonce,
    pub(super) content: Content,
    pub(super) operations: Vec<Operation>,
}

/// The newest update of the other side that was answered, with the answer's bytes.
#[derive(Clone, Debug, Hash)]
pub(super) struct Answered {
    pub(super) nonce: Nonce,
    pub(super) hash: B256,
    pub(super) answer: Vec<u8>,
}

impl Channel {
    /// Proposes what is queued, unless an earlier proposal is still unanswered.
    pub(crate) fn flush(&mut self, key: &SigningKey, out: &mut Output) {
        if self.proposal.is_some() || self.queue.is_empty() || !self.met {
            return;
        }
        let mut content = self.signed.content.clone();
        let (operations, finals) = self.take_queued(&mut content, out);
        if operations.is_empty() {
            return;
        }
        // A channel would have to make 2^39 states to get here without one.
        let Some(nonce) = self.known.next(self.local) else {
            self.stop("the channel has used all of its nonces; close it", out);
            return;
        };
        content.number(nonce);
        let signature = key.sign(self.digest(nonce, &content));
        let update = Update {
            channel: self.id,
            nonce,
            base: self.signed.nonce,
            answers: Nonce::ZERO,
            refused: Vec::new(),
            operations: operations.clone(),
            signature,
        };
        self.keep(nonce, &content, out);
        let frame = self.send(&Message::Update(update), out);
        self.proposal = Some(Proposal {
            nonce,
            content,
            signature,
            operations,
            finals,
            frame,
            displaced: None,
        });
    }

    /// Puts displaced operations back into the queue, now that a state above them is co-signed.
    pub(super) fn queue_again(&mut self, displaced: Option<Displaced>) {
        let operations = displaced.into_iter().flat_map(|one| one.operations);
        for operation in operations.rev() {
            self.queue.push_front(operation);
        }
    }

    /// Applies as many queued operations as fit into one update; those that no longer apply are dropped with a reason.
    fn take_queued(
        &mut self,
        content: &mut Content,
        out: &mut Output,
    ) -> (Vec<Operation>, Vec<Final>) {
        let deposits = self.counted();
        let (mut operations, mut finals, mut bytes) = (Vec::new(), Vec::new(), 0_usize);
        while let Some(operation) = self.queue.front() {
            bytes = bytes.saturating_add(alloy_rlp::Encodable::length(operation));
            let full = operations.len() >= super::rules::MAX_OPERATIONS;
            if full || bytes > super::rules::MAX_OPERATION_BYTES {
                break;
            }
            let Some(operation) = self.queue.pop_front() else {
                break;
            };
            if !self.takes(&operation) {
                out.dropped
                    .push((operation, crate::wire::Reason::ShuttingDown));
                continue;
            }
            if self.waits_for_deposit(&operation) {
                let reason = crate::wire::Reason::DepositNotFinal;
                out.dropped.push((operation, reason));
                continue;
            }
            match super::rules::apply(
                content,
                self.local,
                &operation,
                &deposits,
                self.terms.reserve,
            ) {
                Ok(removed) => {
                    let operation_of_ours = operation.clone();
                    operations.push(operation);
                    finals.push(Final {
                        proposer: self.local,
                        operation: operation_of_ours,
                        removed,
                    });
                }
                Err(reason) => out.dropped.push((operation, reason)),
            }
        }
        (operations, finals)
    }

    /// The newest co-signed state is `content` from now on.
    pub(super) fn advance(
        &mut self,
        nonce: Nonce,
        content: Content,
        ours: Signature,
        theirs: Signature,
        finals: Vec<Final>,
        out: &mut Output,
    ) {
        let signatures = crate::types::Pair::from_side(self.local, ours, theirs);
        self.signed = super::Signed {
            nonce,
            content,
            signatures,
        };
        self.known = self.known.max(nonce);
        out.events.push(Event::StateAdvanced {
            channel: self.id,
            nonce,
        });
        // Hundreds of operations are moved, not copied, where these are the first.
        if out.finals.is_empty() {
            out.finals = finals;
        } else {
            out.finals.extend(finals);
        }
        self.look_ahead(out);
    }

    /// Derives again what the content will be; queued operations that no longer apply are dropped with a reason.
    pub(super) fn look_ahead(&mut self, out: &mut Output) {
        let base = self
            .proposal
            .as_ref()
            .map_or(&self.signed.content, |proposal| &proposal.content);
        let mut ahead = base.clone();
        let deposits = self.counted();
        let (local, reserve) = (self.local, self.terms.reserve);
        self.queue.retain(|operation| {
            match super::rules::apply(&mut ahead, local, operation, &deposits, reserve) {
                Ok(_) => true,
                Err(reason) => {
                    out.dropped.push((operation.clone(), reason));
                    false
                }
            }
        });
        self.ahead = ahead;
    }

    /// What operations that were checked before turn into once co-signed, applied to `content` again.
    pub(super) fn finals_of(
        content: &mut Content,
        proposer: Participant,
        operations: &[Operation],
    ) -> Option<Vec<Final>> {
        let deposits = super::rules::CHECKED_BEFORE;
        let derive = |operation: &Operation| {
            let removed =
                super::rules::apply(content, proposer, operation, &deposits, Amount::ZERO).ok()?;
            Some(Final {
                proposer,
                operation: operation.clone(),
                removed,
            })
        };
        operations.iter().map(derive).collect()
    }
}

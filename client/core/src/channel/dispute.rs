//! What the chain says about the channel, and what this side does about it.
//!
//! A participant always answers with the newest state that both signed, also when the published one pays it more: it
//! need not weigh anything, and nobody can learn from its silence.

use super::{Channel, Facts, Output, Phase};
use crate::effect::{Call, Depth, Event, OnChain, Status};
use crate::state::{Content, Opening};
use crate::types::{B256, Nonce, Timestamp};
use crate::wire::Operation;
use alloy_rlp::Decodable;

impl Channel {
    /// Handles what the adjudicator stores for the channel.
    pub(crate) fn on_chain_status(
        &mut self,
        depth: Depth,
        as_of: Timestamp,
        status: OnChain,
        out: &mut Output,
    ) {
        if depth == Depth::Confirmed {
            // What has left is in the deposits, so both change together.
            let ended = self.end_withdrawals(as_of, &status, out);
            self.count_deposits(&status, ended, out);
            self.buried |= status.status == Status::Closed;
            self.follow_initiator(out);
            return;
        }
        let was_alive = self.phase == Phase::Closed && self.is_co_signed();
        if was_alive && status.status != Status::Closed {
            // A reorg took the end back. Whatever comes now has to be defended as before; nothing is signed.
            self.phase = Phase::Disputed;
            self.buried = false;
        }
        let before = std::mem::replace(&mut self.on_chain, status);
        match status.status {
            Status::Open => {
                // A reorg took a challenge back; it will come again, so nothing is signed meanwhile.
                if before.status != Status::Open {
                    self.settling = None;
                }
                self.follow_initiator(out);
            }
            Status::Disputed => self.answer(before, status, out),
            Status::Settling => self.enter_dispute(out),
            Status::Closed => {
                if self.phase != Phase::Closed {
                    self.phase = Phase::Closed;
                    self.drop_queue(out);
                    out.events.push(Event::ChannelClosed { channel: self.id });
                }
            }
        }
    }

    /// Handles a new block: settles when the finalization period is over and there is something to pay out.
    pub(crate) fn on_block(&mut self, facts: &Facts, out: &mut Output) {
        let due = match self.on_chain.status {
            Status::Disputed => facts.now >= self.on_chain.finalizes_at,
            Status::Settling => true,
            Status::Open | Status::Closed => false,
        };
        if !due {
            return;
        }
        if self.on_chain.nonce == Nonce::ZERO {
            self.settle(&Content::default(), Opening::default(), facts, out);
        } else {
            out.loads.push(self.on_chain.nonce);
        }
    }

    /// Handles the content of the state that the chain holds, loaded from the store.
    pub(crate) fn on_loaded(
        &mut self,
        nonce: Nonce,
        record: Option<&[u8]>,
        facts: &Facts,
        out: &mut Output,
    ) {
        if nonce != self.on_chain.nonce {
            return;
        }
        let Some(content) = record.and_then(|mut bytes| Content::decode(&mut bytes).ok()) else {
            return;
        };
        let opening = self.opening(nonce, &content);
        self.settle(&content, opening, facts, out);
    }

    /// Stops the conversation: after a challenge no update is signed.
    pub(crate) fn enter_dispute(&mut self, out: &mut Output) {
        if !matches!(self.phase, Phase::Disputed | Phase::Closed) {
            self.phase = Phase::Disputed;
            self.drop_queue(out);
        }
    }

    /// The content that the chain holds or has paid out, as far as this side can know it.
    pub(crate) fn content_on_chain(&self) -> &Content {
        let published = self.on_chain.nonce;
        match &self.proposal {
            Some(ours) if ours.nonce == published => &ours.content,
            Some(ours) => ours
                .displaced
                .as_ref()
                .filter(|displaced| displaced.nonce == published)
                .map_or(&self.signed.content, |displaced| &displaced.content),
            None => &self.signed.content,
        }
    }

    /// Whether the state that the chain holds or has paid out came with a settlement under `key` that is not final here.
    pub(crate) fn settles_on_chain(&self, key: B256) -> bool {
        let settles = |operation: &Operation| matches!(operation, Operation::Settle(settle) if super::unlocks(settle.preimage, key));
        let published = self.on_chain.nonce;
        let Some(ours) = &self.proposal else {
            return false;
        };
        if ours.nonce == published {
            return ours.finals.iter().any(|change| settles(&change.operation));
        }
        let displaced = ours.displaced.as_ref();
        displaced
            .filter(|displaced| displaced.nonce == published)
            .is_some_and(|displaced| displaced.operations.iter().any(settles))
    }

    fn answer(&mut self, before: OnChain, status: OnChain, out: &mut Output) {
        self.enter_dispute(out);
        let same = before.nonce == status.nonce && before.finalizes_at == status.finalizes_at;
        if before.status == Status::Disputed && same {
            return;
        }
        out.events.push(Event::Disputed {
            channel: self.id,
            nonce: status.nonce,
            newest: self.signed.nonce,
            finalizes_at: status.finalizes_at,
        });
        self.respond(out);
    }

    /// Answers the dispute with the newest co-signed state, if that is newer.
    pub(super) fn respond(&self, out: &mut Output) {
        if self.on_chain.nonce < self.signed.nonce {
            out.calls.push(Call::Respond {
                terms: self.terms.clone(),
                nonce: self.signed.nonce,
                commitment: self.newest_commitment(),
                signatures: self.signed.signatures,
                before: self.on_chain.finalizes_at,
            });
        }
    }

    /// Asks for settlement, once for every change of what can be paid out.
    fn settle(&mut self, content: &Content, opening: Opening, facts: &Facts, out: &mut Output) {
        let paid_out = self.on_chain.resolved_locks;
        let decided = content
            .locks
            .values()
            .enumerate()
            .filter(|(index, lock)| !paid_out.bit(*index) && facts.is_decided(lock))
            .count();
        let first = self.on_chain.status == Status::Disputed;
        if (!first && decided == 0) || self.settling == Some((paid_out, decided)) {
            return;
        }
        self.settling = Some((paid_out, decided));
        out.calls.push(Call::Settle {
            terms: self.terms.clone(),
            nonce: self.on_chain.nonce,
            opening,
            resolved_locks: paid_out,
        });
    }

    pub(super) fn newest_commitment(&self) -> B256 {
        self.opening(self.signed.nonce, &self.signed.content)
            .commitment()
    }
}

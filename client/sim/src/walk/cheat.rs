//! Somebody who has seen everything that was ever complete, and publishes it when it suits.

use super::Walk;
use crate::world::domain;
use counterfoil_core::effect::{Call, Status};
use counterfoil_core::state::{Signature, will_digest};
use counterfoil_core::types::{B256, ChannelId, Nonce, Pair};

impl Walk {
    /// Remembers every co-signed state that a node could publish now.
    pub(super) fn collect_complete(&mut self) {
        for (index, id) in self.channels.iter().enumerate() {
            for node in &self.world.nodes {
                let nonce = node.engine.channel(*id).map(|summary| summary.nonce);
                let known = self.complete[index]
                    .iter()
                    .any(|call| nonce_of(call) == nonce);
                if !known {
                    self.complete[index].extend(node.engine.export(*id));
                }
            }
        }
    }

    /// Publishes the state of this number, in the name of a participant.
    pub(super) fn cheat(&mut self, index: usize, which: usize, by: usize) {
        let id = self.channels[index];
        // The first of all is state 0, which needs no signature.
        let which = which % (self.complete[index].len() + 1);
        let newest = self.complete[index]
            .iter()
            .max_by_key(|call| nonce_of(call))
            .cloned();
        let old = match which.checked_sub(1) {
            Some(which) => self.complete[index].get(which).cloned(),
            None => newest.clone().map(|call| self.nothing_paid(id, &call, by)),
        };
        let Some(call) = old else { return };
        if nonce_of(&call) != newest.as_ref().and_then(nonce_of) {
            self.tally.cheats += 1;
        }
        let view = self.world.chain.view(id);
        let call = match (view.status, call) {
            (
                Status::Disputed,
                Call::Challenge {
                    terms,
                    nonce,
                    commitment,
                    signatures,
                    ..
                },
            ) => Call::Respond {
                terms,
                nonce,
                commitment,
                signatures,
                before: view.finalizes_at,
            },
            (_, call) => call,
        };
        let nonce = nonce_of(&call).unwrap_or_default();
        self.world
            .story
            .add(|| format!("    somebody publishes state {nonce}"));
        self.cheats.push(call.clone());
        self.world.chain.submit(call);
    }

    /// Submits again what anybody has submitted before.
    pub(super) fn again(&mut self, which: usize) {
        // Nobody makes presents to strangers.
        let calls = self.world.chain.calls.iter();
        let calls: Vec<&Call> = calls
            .filter(|call| !matches!(call, Call::Deposit { .. }))
            .collect();
        if calls.is_empty() {
            return;
        }
        let call = calls[which % calls.len()].clone();
        self.world
            .story
            .add(|| format!("    somebody repeats {}", crate::story::call(&call)));
        self.cheats.push(call.clone());
        self.world.chain.submit(call);
    }

    fn nothing_paid(&self, id: ChannelId, like: &Call, by: usize) -> Call {
        let Call::Challenge { terms, .. } = like else {
            return like.clone();
        };
        let nodes = [by % self.world.nodes.len(), 0, 1];
        let signs = |node: &&usize| terms.side_of(self.world.address(**node)).is_some();
        let node = nodes.iter().find(signs).expect("one of three is in it");
        let digest = will_digest(&domain(), id, Nonce::ZERO, B256::ZERO);
        Call::Challenge {
            terms: terms.clone(),
            nonce: Nonce::ZERO,
            commitment: B256::ZERO,
            signatures: Pair::new(Signature::NONE, Signature::NONE),
            will: self.world.key(*node).sign(digest),
        }
    }
}

fn nonce_of(call: &Call) -> Option<Nonce> {
    match call {
        Call::Challenge { nonce, .. } | Call::Respond { nonce, .. } => Some(*nonce),
        _ => None,
    }
}

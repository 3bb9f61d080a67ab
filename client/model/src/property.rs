//! What must hold in every state, whatever has happened.

use crate::model::Model;
use crate::node::Node;
use crate::state::State;
use counterfoil_core::effect::{OnChain, Status};
use counterfoil_core::types::{Nonce, Participant};
use stateright::Property;

/// No state has two signatures of one participant at one nonce, on the wire or in a durable record.
pub const ONE_STATE_PER_NONCE: &str = "no nonce is signed twice";
/// What a node called final is in every later co-signed state of it and in what the chain pays; what it called undone is not.
pub const FINAL_STAYS: &str = "what is final stays";
/// Nobody signs below a nonce that it has signed, or anything after the close.
pub const UPWARDS: &str = "nothing is signed below an own signature";
/// Each side holds a state with both signatures, its content, and a nonce that the chain takes.
pub const ENFORCEABLE: &str = "each side holds a state that the chain takes";
/// Once the faults stop, both agree and pay again, or the channel closes.
pub const UNSTUCK: &str = "the machine gets unstuck";
/// A dispute that honest nodes answer pays the newest co-signed state, or a newer one that its proposer's peer signed.
pub const NEWEST_IS_PAID: &str = "the chain pays the newest state";

/// The names of all properties, in order.
pub const NAMES: [&str; 6] = [
    ONE_STATE_PER_NONCE,
    FINAL_STAYS,
    UPWARDS,
    ENFORCEABLE,
    UNSTUCK,
    NEWEST_IS_PAID,
];

/// What a property asks of a state.
type Check = fn(&Model, &State) -> bool;

const CHECKS: [(&str, Check); 6] = [
    (ONE_STATE_PER_NONCE, |_, state| {
        state.both(|node| !node.past.signed_twice)
    }),
    (FINAL_STAYS, |model, state| {
        model.contradicts(state).is_none() && model.verdict(state).contradiction.is_none()
    }),
    (UPWARDS, |_, state| {
        state.both(|node| !node.past.signed_below)
    }),
    (ENFORCEABLE, |_, state| {
        let mut sides = Participant::BOTH.into_iter();
        sides.all(|side| is_enforceable(state, side))
    }),
    (UNSTUCK, |model, state| {
        model.verdict(state).stuck.is_none() && model.quiet_verdict(state).stuck.is_none()
    }),
    (NEWEST_IS_PAID, |model, state| {
        model.verdict(state).unpaid.is_none()
    }),
];

pub(crate) fn all() -> Vec<Property<Model>> {
    vec![
        Property::always(CHECKS[0].0, |model, state| holds(0, model, state)),
        Property::always(CHECKS[1].0, |model, state| holds(1, model, state)),
        Property::always(CHECKS[2].0, |model, state| holds(2, model, state)),
        Property::always(CHECKS[3].0, |model, state| holds(3, model, state)),
        Property::always(CHECKS[4].0, |model, state| holds(4, model, state)),
        Property::always(CHECKS[5].0, |model, state| holds(5, model, state)),
    ]
}

fn holds(index: usize, model: &Model, state: &State) -> bool {
    let (name, check) = CHECKS[index];
    check(model, state) || !model.is_first(name, state)
}

fn is_enforceable(state: &State, side: Participant) -> bool {
    let (node, view) = (state.node(side), state.chain.view);
    let is_whole = node.lacks.is_none() && node.past.broken.is_none();
    // Who publishes behind its own node's back knows what it does.
    let cheats = state.chain.publisher == Some(side);
    is_whole && (cheats || is_taken(node, view))
}

fn is_taken(node: &Node, view: OnChain) -> bool {
    match view.status {
        Status::Open => node.nonce >= view.nonce,
        // A newer one is its own proposal, which the other has signed; it has to know the content.
        Status::Disputed | Status::Settling => {
            node.nonce >= view.nonce || node.past.has_kept(view.nonce)
        }
        Status::Closed => true,
    }
}

impl Model {
    /// Which of the properties a state violates, and how.
    pub fn violations(&self, state: &State) -> Vec<(&'static str, String)> {
        let violated = CHECKS.iter().filter(|(_, check)| !check(self, state));
        violated
            .map(|(name, _)| (*name, self.reason(state, name)))
            .collect()
    }

    fn reason(&self, state: &State, name: &str) -> String {
        let (verdict, quiet) = (self.verdict(state), self.quiet_verdict(state));
        let why = match name {
            FINAL_STAYS => self.contradicts(state).or(verdict.contradiction),
            UNSTUCK => verdict.stuck.or(quiet.stuck),
            NEWEST_IS_PAID => verdict.unpaid,
            ENFORCEABLE => {
                let nodes = [&state.nodes.zero, &state.nodes.one];
                nodes
                    .into_iter()
                    .find_map(|node| node.past.broken.or(node.lacks))
            }
            _ => None,
        };
        why.unwrap_or_default().to_owned()
    }

    /// What a node has said that its newest co-signed state contradicts.
    pub(crate) fn contradicts(&self, state: &State) -> Option<&'static str> {
        for side in Participant::BOTH {
            let node = state.node(side);
            let past = &node.past;
            if past.withdrawn as i128 > *state.chain.withdrawn.of(side) {
                return Some("a withdrawal was announced that the chain does not show");
            }
            let Some(content) = node.content(&self.setting, node.nonce) else {
                continue;
            };
            let Some(held) = crate::operations::held(content.net, self.setting.by_one) else {
                return Some("an operation is in the newest state twice");
            };
            // A newer state of its own on chain supersedes what it holds; the chain's payout is judged then.
            let is_superseded = state.chain.view.nonce > node.nonce || node.nonce == Nonce::ZERO;
            if is_superseded {
                continue;
            }
            if past.done & !held & self.off_chain(state) != 0 {
                return Some("an operation was called done that the newest state does not hold");
            }
            if past.undone & held != 0 {
                return Some("an operation was called undone that the newest state holds");
            }
        }
        None
    }

    /// The operations that nothing but a co-signed state decides: once a dispute has begun, locks are the chain's.
    fn off_chain(&self, state: &State) -> crate::operations::Set {
        match state.chain.view.status {
            Status::Open => !0,
            Status::Disputed | Status::Settling | Status::Closed => !self.setting.locked,
        }
    }
}

//! What an exploration must have met, or it has shown nothing.

use crate::frame::{Frame, Kind};
use crate::model::Model;
use crate::state::State;
use counterfoil_core::effect::Status;
use stateright::Property;

/// Something that a scenario is made to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// Two updates on their way at once.
    Crossing,
    /// An update that answers a crossing.
    Merge,
    /// A refused update.
    Refusal,
    /// A frame that comes twice.
    Repeat,
    /// A frame that is lost alone.
    Loss,
    /// A process that dies between two turns.
    Crash,
    /// A process that dies after its write and before anything else of the turn.
    Death,
    /// A stale state on chain that a newer one has replaced.
    Answer,
    /// A withdrawal on chain.
    Withdrawal,
    /// A close on chain with the consent of both.
    Close,
}

impl Milestone {
    /// The property that finds it.
    pub(crate) fn property(self) -> Property<Model> {
        match self {
            Self::Crossing => sometimes("two updates cross", |_, state| {
                let has = |frames: &std::collections::VecDeque<Frame>| {
                    frames.iter().any(|frame| frame.kind == Kind::Update)
                };
                has(&state.links.zero) && has(&state.links.one)
            }),
            Self::Merge => sometimes("a crossing is merged", |_, state| {
                is_on_its_way(state, Kind::Merge)
            }),
            Self::Refusal => sometimes("an update is refused", |_, state| {
                is_on_its_way(state, Kind::Refusal)
            }),
            Self::Repeat => sometimes("a frame comes twice", |model, state| {
                state.left.repeats < model.scenario.budget.repeats
            }),
            Self::Loss => sometimes("a frame is lost", |model, state| {
                state.left.losses < model.scenario.budget.losses
            }),
            Self::Crash => sometimes("a node dies between turns", |model, state| {
                state.left.crashes < model.scenario.budget.crashes
            }),
            Self::Death => sometimes("a node dies after its write", |model, state| {
                state.left.deaths < model.scenario.budget.deaths
            }),
            Self::Answer => sometimes("a stale state is answered", |_, state| {
                let published = state.chain.published;
                published.is_some_and(|nonce| nonce < state.chain.view.nonce)
            }),
            Self::Withdrawal => sometimes("a withdrawal is executed", |_, state| {
                state.chain.withdrawals > 0
            }),
            Self::Close => sometimes("both close", |_, state| {
                state.chain.view.status == Status::Closed && state.chain.settled_by.is_none()
            }),
        }
    }
}

fn sometimes(name: &'static str, condition: fn(&Model, &State) -> bool) -> Property<Model> {
    Property::sometimes(name, condition)
}

fn is_on_its_way(state: &State, kind: Kind) -> bool {
    let frames = state.links.zero.iter().chain(&state.links.one);
    frames.into_iter().any(|frame| frame.kind == kind)
}

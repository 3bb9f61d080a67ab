//! The world as the checker walks it.

use crate::action::{Action, Doing};
use crate::completion::Verdict;
use crate::fault::Fault;
use crate::memo::Memo;
use crate::node::Turn;
use crate::scenario::Scenario;
use crate::setting::Setting;
use crate::state::State;
use counterfoil_core::effect::{Call, Status};
use counterfoil_core::types::{Nonce, Participant};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A scenario, ready to be explored with the mistake that is planted in it.
pub struct Model {
    pub(crate) scenario: Scenario,
    pub(crate) setting: Setting,
    pub(crate) fault: Fault,
    pub(crate) start: Option<State>,
    pub(crate) turns: Memo<Turn>,
    pub(crate) verdicts: Memo<Verdict>,
    pub(crate) quiet: Memo<Verdict>,
    /// The first state that violates each property.
    first: Mutex<BTreeMap<&'static str, u64>>,
    /// How many states may still be expanded.
    room: AtomicUsize,
    was_full: AtomicBool,
}

impl Model {
    pub(crate) fn bare(scenario: Scenario, setting: Setting, fault: Fault) -> Self {
        Self {
            scenario,
            setting,
            fault,
            start: None,
            turns: Memo::default(),
            verdicts: Memo::default(),
            quiet: Memo::default(),
            first: Mutex::default(),
            room: AtomicUsize::new(usize::MAX),
            was_full: AtomicBool::new(false),
        }
    }

    /// Stops exploring after so many states.
    #[must_use]
    pub fn with_room(mut self, states: usize) -> Self {
        self.room = AtomicUsize::new(states);
        self
    }

    /// Whether a violation is to be reported. The checker remembers the last that it sees; breadth first, the first has a
    /// shortest path.
    pub(crate) fn is_first(&self, property: &'static str, state: &State) -> bool {
        let mut first = self.first.lock().expect("no thread panics here");
        let print = crate::memo::print(state);
        *first.entry(property).or_insert(print) == print
    }

    /// Whether states were left out for want of room.
    pub fn was_full(&self) -> bool {
        self.was_full.load(Ordering::Relaxed)
    }

    /// How many different turns were run.
    pub fn turns(&self) -> usize {
        self.turns.len()
    }

    /// Says in words what an action does in a state.
    pub fn describe(&self, state: &State, action: Action) -> String {
        let (Action::Does(side, doing) | Action::Dies(side, doing)) = action else {
            if let Action::Repeats(side) | Action::Loses(side) = action
                && let Some(frame) = state.links.of(side).front()
            {
                return format!("{action}: {frame}");
            }
            return action.to_string();
        };
        match (doing, state.links.of(side).front()) {
            (Doing::Hears, Some(frame)) => format!("{action}: {frame}"),
            (Doing::Obeys, _) => {
                let given = usize::from(*state.given.of(side));
                format!("{action}: {:?}", self.scenario.script.of(side)[given])
            }
            (Doing::Hears | Doing::Looks, _) => action.to_string(),
        }
    }

    fn doings(&self, state: &State, side: Participant) -> impl Iterator<Item = Doing> {
        let given = usize::from(*state.given.of(side));
        let obeys = given < self.scenario.script.of(side).len();
        let hears = !state.links.of(side).is_empty();
        let looks = state.node(side).follower.is_behind(&state.chain);
        let all = [
            (obeys, Doing::Obeys),
            (hears, Doing::Hears),
            (looks, Doing::Looks),
        ];
        all.into_iter()
            .filter_map(|(can, doing)| can.then_some(doing))
    }

    fn faults(&self, state: &State, side: Participant, actions: &mut Vec<Action>) {
        let (left, link) = (&state.left, state.links.of(side));
        if left.deaths > 0 {
            actions.extend(
                self.doings(state, side)
                    .map(|doing| Action::Dies(side, doing)),
            );
        }
        if left.crashes > 0 {
            actions.push(Action::Crashes(side));
        }
        if left.repeats > 0 && !link.is_empty() {
            actions.push(Action::Repeats(side));
        }
        if left.losses > 0 && !link.is_empty() {
            actions.push(Action::Loses(side));
        }
        let is_challenge = |call: &Call| matches!(call, Call::Challenge { .. });
        let is_challenged = state
            .chain
            .mempool
            .iter()
            .any(|pending| is_challenge(&pending.call));
        if left.publications > 0 && state.chain.view.status == Status::Open && !is_challenged {
            let signed = state.node(side.other()).past.left.keys().copied();
            let nonces = std::iter::once(Nonce::ZERO).chain(signed);
            let accepted = nonces.filter(|nonce| *nonce >= state.chain.view.nonce);
            actions.extend(accepted.map(|nonce| Action::Publishes(side, nonce)));
        }
    }
}

impl stateright::Model for Model {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        self.start.iter().cloned().collect()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for side in Participant::BOTH {
            actions.extend(
                self.doings(state, side)
                    .map(|doing| Action::Does(side, doing)),
            );
        }
        if usize::from(state.mined) < self.scenario.blocks.len() {
            actions.push(Action::Mines(None));
            if state.left.delays > 0 {
                let by = |side: &Participant| {
                    state
                        .chain
                        .mempool
                        .iter()
                        .any(|pending| pending.by == Some(*side))
                };
                let delayed = Participant::BOTH.into_iter().filter(by);
                actions.extend(delayed.map(|side| Action::Mines(Some(side))));
            }
        }
        if !state.is_up {
            actions.push(Action::Connects);
        } else if state.left.cuts > 0 {
            actions.push(Action::Cut);
        }
        for side in Participant::BOTH {
            self.faults(state, side, actions);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut next = last.clone();
        self.apply(&mut next, action).then_some(next)
    }

    fn properties(&self) -> Vec<stateright::Property<Self>> {
        let milestones = self
            .scenario
            .reaches
            .iter()
            .map(|milestone| milestone.property());
        crate::property::all()
            .into_iter()
            .chain(milestones)
            .collect()
    }

    fn within_boundary(&self, _: &State) -> bool {
        let take = |room: usize| room.checked_sub(1);
        let taken = self
            .room
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        if taken.is_err() {
            self.was_full.store(true, Ordering::Relaxed);
        }
        taken.is_ok()
    }
}

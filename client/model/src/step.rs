//! What an action does to a state.

use crate::action::{Action, Doing};
use crate::chain::Pending;
use crate::fault::Fault;
use crate::frame::{Frame, Kind};
use crate::memo::print;
use crate::model::Model;
use crate::node::{Node, Survives, Turn};
use crate::operations::Set;
use crate::state::State;
use counterfoil_core::effect::{Call, Command, Input};
use counterfoil_core::state::{Signature, state_digest, will_digest};
use counterfoil_core::types::{B256, Nonce, Pair, Participant};

impl Model {
    /// Whether the action was possible.
    pub(crate) fn apply(&self, state: &mut State, action: Action) -> bool {
        match action {
            Action::Does(side, doing) => self.act(state, side, doing, Survives::Everything),
            Action::Dies(side, doing) => {
                let acted = self.act(state, side, doing, Survives::Records);
                state.left.deaths -= 1;
                self.drop_process(state, side);
                acted
            }
            Action::Crashes(side) => {
                state.left.crashes -= 1;
                self.drop_process(state, side);
                let run = |node: &Node| node.crash(&self.setting, self.fault);
                self.take(state, side, "crash", run);
                true
            }
            Action::Repeats(side) => {
                state.left.repeats -= 1;
                let link = state.links.of_mut(side);
                let first = link.front().cloned();
                link.extend(first);
                true
            }
            Action::Loses(side) => {
                state.left.losses -= 1;
                state.is_intact = false;
                state.links.of_mut(side).pop_front().is_some()
            }
            Action::Cut => {
                state.left.cuts -= 1;
                state.cut();
                true
            }
            Action::Connects => {
                self.connect(state);
                true
            }
            Action::Mines(left_out) => {
                state.left.delays -= u8::from(left_out.is_some());
                let seconds = self.scenario.blocks[usize::from(state.mined)];
                state.mined += 1;
                self.reveal(state);
                self.mine(state, seconds, left_out);
                true
            }
            Action::Publishes(side, nonce) => {
                state.left.publications -= 1;
                self.publish(state, side, nonce)
            }
        }
    }

    fn act(&self, state: &mut State, side: Participant, doing: Doing, survives: Survives) -> bool {
        match doing {
            Doing::Obeys => {
                let given = state.given.of_mut(side);
                let command = self.setting.commands.of(side).get(usize::from(*given));
                let operation = self.scenario.script.of(side).get(usize::from(*given));
                *given += 1;
                let asked = operation.and_then(|operation| operation.number());
                let asked = asked.map_or(0, |number| 1 << number);
                command.is_some_and(|command| {
                    self.obey(state, side, command, asked, survives);
                    true
                })
            }
            Doing::Hears => self.hear(state, side, survives),
            Doing::Looks => {
                self.look(state, side, survives);
                true
            }
        }
    }

    /// Gives a node a command; `asked` is the operation that it stands for. Whether the engine took it.
    pub(crate) fn obey(
        &self,
        state: &mut State,
        side: Participant,
        command: &Command,
        asked: Set,
        survives: Survives,
    ) -> bool {
        let key = ("obey", format!("{command:?}"), state.given, asked, survives);
        self.take(state, side, key, |node| {
            let inputs = || vec![Input::Command(command.clone())];
            let turn = |node: &Node| node.turn(inputs(), survives, &self.setting, self.fault);
            let mut asking = node.clone();
            asking.past.asked |= asked;
            let taken = turn(&asking);
            if taken.is_taken { taken } else { turn(node) }
        })
    }

    /// Hands the next frame over; false when there is none.
    pub(crate) fn hear(&self, state: &mut State, side: Participant, survives: Survives) -> bool {
        let Some(frame) = state.links.of_mut(side).pop_front() else {
            return false;
        };
        let peer = self.setting.address(side.other());
        self.take(state, side, ("hear", frame.print, survives), |node| {
            let bytes = frame.bytes.to_vec();
            let input = Input::Frame { peer, bytes };
            node.turn(vec![input], survives, &self.setting, self.fault)
        });
        true
    }

    /// Shows a node what is new on the chain.
    pub(crate) fn look(&self, state: &mut State, side: Participant, survives: Survives) {
        let chain = state.chain.clone();
        let shown = print(&(chain.head(), chain.confirmed(), &chain.reveals));
        self.take(state, side, ("look", shown, survives), |node| {
            let mut node = node.clone();
            let news = node.follower.news(&chain);
            let inputs = news.into_iter().map(Input::Chain).collect();
            node.turn(inputs, survives, &self.setting, self.fault)
        });
    }

    /// The link comes back. Neither hears the other before it has been told.
    pub(crate) fn connect(&self, state: &mut State) {
        state.cut();
        (state.is_up, state.is_intact) = (true, true);
        for side in Participant::BOTH {
            let peer = self.setting.address(side.other());
            self.take(state, side, "connect", |node| {
                let input = Input::Connected { peer };
                node.turn(vec![input], Survives::Everything, &self.setting, self.fault)
            });
        }
    }

    pub(crate) fn mine(&self, state: &mut State, seconds: u64, left_out: Option<Participant>) {
        state.change_chain(|chain| chain.mine(seconds, left_out, &self.setting.terms, self.fault));
    }

    /// Somebody who knows a preimage reveals it once there is a lock to be claimed.
    fn reveal(&self, state: &mut State) {
        let now = state.chain.head().time;
        for number in self.scenario.reveals {
            let key = crate::setting::key_of(*number);
            let is_locked = Participant::BOTH.into_iter().any(|side| {
                let node = state.node(side);
                let content = node.content(&self.setting, node.nonce);
                content.is_some_and(|content| content.locks.values().any(|lock| lock.key == key))
            });
            if is_locked {
                state.change_chain(|chain| chain.reveal(crate::setting::preimage(*number), now));
            }
        }
    }

    /// The dispute call for a state that the other side has signed, with both keys of the publisher at hand.
    pub(crate) fn publication(
        &self,
        state: &State,
        by: Participant,
        nonce: Nonce,
    ) -> Option<Pending> {
        let (setting, victim) = (&self.setting, state.node(by.other()));
        let key = setting.keys.of(by);
        let mut commitment = B256::ZERO;
        let mut signatures = Pair::from_side(by, Signature::NONE, Signature::NONE);
        if nonce != Nonce::ZERO {
            let content = victim.content(setting, nonce)?;
            commitment = content.opening(&setting.seed, nonce).commitment();
            let digest = state_digest(&setting.domain, setting.channel, nonce, commitment);
            signatures = Pair::from_side(by, key.sign(digest), *victim.past.left.get(&nonce)?);
        }
        let will = key.sign(will_digest(
            &setting.domain,
            setting.channel,
            nonce,
            commitment,
        ));
        let call = Call::Challenge {
            terms: setting.terms.clone(),
            nonce,
            commitment,
            signatures,
            will,
        };
        let is_signed = setting.is_signed(&call);
        Some(Pending::new(None, call, is_signed))
    }

    fn publish(&self, state: &mut State, by: Participant, nonce: Nonce) -> bool {
        let Some(call) = self.publication(state, by, nonce) else {
            return false;
        };
        // Who cheats pays for being first.
        state.change_chain(|chain| {
            chain.publisher = Some(by);
            chain.mempool.insert(0, call);
        });
        true
    }

    fn drop_process(&self, state: &mut State, side: Participant) {
        state.cut();
        state.change_chain(|chain| chain.forget_calls(side));
    }

    /// Runs a turn, or recalls it, and lets its frames and calls go their ways. Whether the engine took every input.
    pub(crate) fn take(
        &self,
        state: &mut State,
        side: Participant,
        key: impl std::hash::Hash,
        run: impl FnOnce(&Node) -> Turn,
    ) -> bool {
        let node = state.nodes.of_mut(side);
        let turn = self.turns.recall(print(&(node.print, key)), || run(node));
        *node = turn.node.clone();
        if state.is_up {
            let arrives = |frame: &&Frame| {
                self.fault != Fault::DropsAcknowledgements || frame.kind != Kind::Acknowledgement
            };
            let frames = turn.frames.iter().filter(arrives).cloned();
            state.links.of_mut(side.other()).extend(frames);
        }
        if !turn.calls.is_empty() {
            state.change_chain(|chain| {
                turn.calls
                    .iter()
                    .for_each(|call| chain.submit(call.clone()))
            });
        }
        turn.is_taken
    }
}

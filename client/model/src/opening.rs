//! Where every exploration starts: an open channel, both deposits final, nothing on its way.

use crate::fault::Fault;
use crate::memo::print;
use crate::model::Model;
use crate::node::{Node, Survives};
use crate::scenario::Scenario;
use crate::setting::{PERIOD, Setting};
use crate::state::State;
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Command, Input, OpenChannel};
use counterfoil_core::state::BlindingSeed;
use counterfoil_core::types::{Address, Amount, B256, Pair, Participant};
use counterfoil_core::wire::{Message, decode};
use std::sync::Arc;

impl Model {
    /// A scenario at its start.
    pub fn new(scenario: Scenario, fault: Fault) -> Self {
        let setting = Setting::new(&scenario);
        let nodes = Participant::BOTH.map(|side| Arc::new(Node::new(side, &setting)));
        let [zero, one] = nodes;
        let mut state = State::new(Pair::new(zero, one));
        let model = Self::bare(scenario, setting, Fault::None);
        let seed = model.agree(&mut state);
        let known = state.nodes.zero.engine.channels();
        let terms = known
            .first()
            .expect("both have agreed on a channel")
            .terms
            .clone();

        let setting = model.setting.with_channel(&model.scenario, terms, seed);
        let mut model = Self::bare(model.scenario, setting, Fault::None);
        for _ in 0..8 {
            model.block(&mut state, 1).expect("an opening ends");
        }
        assert!(
            state.both(|node| node.phase == Phase::Open),
            "the channel is open: {state:?}"
        );
        for (side, operation) in model.scenario.prepared {
            let script = model.setting.script(*side, &[*operation]);
            let asked = operation.number().map_or(0, |number| 1 << number);
            let command = script.first().expect("an operation is a command");
            model.obey(&mut state, *side, command, asked, Survives::Everything);
            model.hear_all(&mut state).expect("a preparation ends");
        }
        for side in Participant::BOTH {
            Arc::make_mut(state.nodes.of_mut(side)).back_up(fault);
        }
        state.left = model.scenario.budget;
        model.fault = fault;
        model.start = Some(state);
        model
    }

    /// Offer, agreement and first signatures. Returns the seed that both have agreed on.
    fn agree(&self, state: &mut State) -> BlindingSeed {
        let deposits = self.scenario.deposits;
        let wish = OpenChannel {
            peer: self.setting.address(Participant::One),
            token: Address::ZERO,
            amount: Amount::new(deposits.zero),
            remote_amount: Amount::new(deposits.one),
            push_amount: Amount::ZERO,
            reserve: Amount::new(self.scenario.reserve),
            finalization_period: PERIOD,
            entropy: B256::repeat_byte(7),
        };
        let temporary_id = wish.temporary_id();
        self.command(state, Participant::Zero, Command::Open(wish));
        let offered = self.seed_on_its_way(state, Participant::One);
        self.hear_all(state).expect("an offer ends");
        let seed = B256::repeat_byte(8);
        self.command(
            state,
            Participant::One,
            Command::Join { temporary_id, seed },
        );
        let accepted = self.seed_on_its_way(state, Participant::Zero);
        self.hear_all(state).expect("an agreement ends");
        BlindingSeed::new(Pair::new(offered, accepted))
    }

    fn command(&self, state: &mut State, side: Participant, command: Command) {
        let key = ("opening", print(&format!("{command:?}")));
        self.take(state, side, key, |node| {
            let inputs = vec![Input::Command(command)];
            node.turn(inputs, Survives::Everything, &self.setting, Fault::None)
        });
    }

    fn seed_on_its_way(&self, state: &State, to: Participant) -> B256 {
        let frames = state.links.of(to).iter();
        let mut seeds = frames.filter_map(|frame| match decode(&frame.bytes) {
            Ok(Some(Message::ChannelOpen(open))) => Some(open.seed),
            Ok(Some(Message::ChannelAccept(accept))) => Some(accept.seed),
            Ok(_) | Err(_) => None,
        });
        seeds.next().expect("a part of the seed is on its way")
    }
}

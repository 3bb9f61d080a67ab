//! How a state ends once the faults stop: told on a copy, so that every state that is reached is judged by its end.

use crate::model::Model;
use crate::node::Survives;
use crate::operations::{MOST, Set, held, probe, units};
use crate::setting::{DEPTH, PERIOD};
use crate::state::State;
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Call, Status};
use counterfoil_core::state::Content;
use counterfoil_core::types::{Lock, Nonce, Participant};

/// What is wrong with the ends of a state; nothing when all is well.
#[derive(Clone, Copy, Default)]
pub(crate) struct Verdict {
    /// Why nothing goes on.
    pub(crate) stuck: Option<&'static str>,
    /// What the chain pays that it should not.
    pub(crate) unpaid: Option<&'static str>,
    /// What a node said that the payout contradicts.
    pub(crate) contradiction: Option<&'static str>,
}

/// The most frames that two honest nodes need to come to an end.
const MOST_FRAMES: usize = 400;
/// Seconds between two blocks.
const BLOCK: u64 = 12;

impl Model {
    /// How the ends of a state are after a reconnection, and after a dispute.
    pub(crate) fn verdict(&self, state: &State) -> Verdict {
        *self.verdicts.recall(state.ends(), || {
            let mut verdict = self.disputed(state.clone());
            let talks = state.chain.view.status == Status::Open;
            let talks =
                talks && state.both(|node| !matches!(node.phase, Phase::Disputed | Phase::Closed));
            if talks {
                verdict.stuck = verdict.stuck.or(self.reconnected(state.clone()).err());
            }
            verdict
        })
    }

    /// Whether a state in which everything has arrived needs no reconnection to go on.
    pub(crate) fn quiet_verdict(&self, state: &State) -> Verdict {
        let is_open = state.both(|node| node.phase == Phase::Open);
        if !(state.is_up && state.is_intact && state.is_quiet() && is_open) {
            return Verdict::default();
        }
        *self.quiet.recall(state.ends(), || Verdict {
            stuck: self
                .pays_again(&mut state.clone(), self.setting.locked)
                .err(),
            ..Verdict::default()
        })
    }

    fn reconnected(&self, mut state: State) -> Result<(), &'static str> {
        self.connect(&mut state);
        self.hear_all(&mut state)?;
        if !state.chain.mempool.is_empty()
            || !self.scenario.blocks.is_empty()
            || self.setting.locked != 0
        {
            for _ in 0..=DEPTH + 1 {
                self.block(&mut state, BLOCK)?;
            }
            let now = state.chain.head().time;
            self.block(
                &mut state,
                (self.setting.horizon + 1).saturating_sub(now).max(BLOCK),
            )?;
            for _ in 0..=DEPTH + 2 {
                self.block(&mut state, BLOCK)?;
            }
        }
        match state.chain.view.status {
            Status::Closed | Status::Disputed | Status::Settling => return Ok(()),
            Status::Open => {}
        }
        if !state.both(|node| node.phase == Phase::Open) {
            return Err(phase_of(&state));
        }
        if !state.both(|node| node.locks == 0) {
            return Err("a lock is left that everybody knows to be over");
        }
        self.pays_again(&mut state, 0)
    }

    /// Both agree, have answered everything but what is still `open`, and pay again.
    fn pays_again(&self, state: &mut State, open: Set) -> Result<(), &'static str> {
        if state.nodes.zero.nonce != state.nodes.one.nonce {
            return Err("the two sides hold different states");
        }
        let is_answered = state.both(|node| {
            let told = node.past.done | node.past.undone | open;
            node.past.asked & !told == 0
        });
        if !is_answered {
            return Err("an operation has neither happened nor failed");
        }
        for side in Participant::BOTH {
            let (node, number) = (state.node(side), probe(side));
            if node.spendable < units(number) {
                continue;
            }
            let (before, asked) = (node.nonce, 1 << number);
            if !self.obey(
                state,
                side,
                self.setting.probes.of(side),
                asked,
                Survives::Everything,
            ) {
                return Err("a further payment is refused");
            }
            self.hear_all(state)?;
            let agree = state.nodes.zero.nonce == state.nodes.one.nonce;
            let is_paid = state.both(|node| node.past.done & asked != 0);
            if !agree || !is_paid || state.node(side).nonce <= before {
                return Err("a further payment does not come through");
            }
        }
        Ok(())
    }

    /// The older of both states is published, honest nodes answer, the period passes, the chain pays.
    fn disputed(&self, mut state: State) -> Verdict {
        state.cut();
        let newest = state.nodes.zero.nonce.max(state.nodes.one.nonce);
        self.start_dispute(&mut state);
        for _ in 0..3 {
            self.show_block(&mut state, BLOCK);
        }
        let now = state.chain.head().time;
        let over = (self.setting.horizon + 1)
            .saturating_sub(now)
            .max(u64::from(PERIOD));
        self.show_block(&mut state, over);
        for _ in 0..3 {
            self.show_block(&mut state, BLOCK);
        }
        let mut verdict = Verdict::default();
        if state.chain.view.status != Status::Closed {
            verdict.stuck = Some("a dispute is never settled");
            return verdict;
        }
        verdict.unpaid = self.wrong_payout(&state, newest).err();
        verdict.contradiction = self.denied_by_payout(&state);
        verdict
    }

    fn start_dispute(&self, state: &mut State) {
        let is_challenge = |call: &Call| matches!(call, Call::Challenge { .. });
        let is_begun = state
            .chain
            .mempool
            .iter()
            .any(|pending| is_challenge(&pending.call));
        if is_begun || state.chain.view.status != Status::Open {
            return;
        }
        let [zero, one] = [&state.nodes.zero, &state.nodes.one];
        let older = if one.nonce < zero.nonce { one } else { zero };
        if let Some(call) = older.engine.export(self.setting.channel) {
            let is_signed = self.setting.is_signed(&call);
            let call = crate::chain::Pending::new(Some(older.side), call, is_signed);
            state.change_chain(|chain| chain.submit(call));
        }
    }

    fn wrong_payout(&self, state: &State, newest: Nonce) -> Result<(), &'static str> {
        let by = state.chain.settled_by.unwrap_or(newest);
        if by < newest {
            return Err("the chain pays by a state that is not the newest");
        }
        let content = self
            .content_of(state, by)
            .ok_or("nobody knows what the chain pays by")?;
        let claimed = |payer: Participant| -> i128 {
            let locks = content.locks.values().filter(|lock| lock.payer == payer);
            let locks = locks.filter(|lock| is_claimed(state, lock));
            locks.map(|lock| lock.amount.units() as i128).sum()
        };
        let net = content.net.units() + claimed(Participant::Zero) - claimed(Participant::One);
        let (paid, deposited) = (state.chain.paid, state.chain.deposited);
        let owed = (deposited.zero - net, deposited.one + net);
        if (paid.zero, paid.one) != owed {
            return Err("the chain pays something else than the newest state says");
        }
        Ok(())
    }

    fn denied_by_payout(&self, state: &State) -> Option<&'static str> {
        let newest = state.nodes.zero.nonce.max(state.nodes.one.nonce);
        let content = self.content_of(state, state.chain.settled_by.unwrap_or(newest))?;
        let mut paid = held(content.net, self.setting.by_one)?;
        for number in 0..MOST {
            let key = crate::setting::key_of(number);
            let lock = content.locks.values().find(|lock| lock.key == key);
            paid |= u16::from(lock.is_some_and(|lock| is_claimed(state, lock))) << number;
        }
        let cheats = |side: &Participant| state.chain.publisher == Some(*side);
        for side in Participant::BOTH.into_iter().filter(|side| !cheats(side)) {
            let past = &state.node(side).past;
            if past.done & !paid != 0 {
                return Some("an operation was called done that the chain does not pay");
            }
            if past.undone & paid != 0 {
                return Some("an operation was called undone that the chain pays");
            }
        }
        None
    }

    fn content_of(&self, state: &State, nonce: Nonce) -> Option<Content> {
        if nonce == Nonce::ZERO {
            return Some(Content::default());
        }
        let mut nodes = [&state.nodes.zero, &state.nodes.one].into_iter();
        nodes.find_map(|node| node.content(&self.setting, nonce))
    }

    pub(crate) fn hear_all(&self, state: &mut State) -> Result<(), &'static str> {
        for _ in 0..MOST_FRAMES {
            let mut sides = Participant::BOTH.into_iter();
            if !sides.any(|side| self.hear(state, side, Survives::Everything)) {
                return Ok(());
            }
        }
        Err("the two sides talk without end")
    }

    /// A block that both hear of, and what they say about it.
    pub(crate) fn block(&self, state: &mut State, seconds: u64) -> Result<(), &'static str> {
        self.show_block(state, seconds);
        self.hear_all(state)
    }

    fn show_block(&self, state: &mut State, seconds: u64) {
        self.mine(state, seconds, None);
        for side in Participant::BOTH {
            self.look(state, side, Survives::Everything);
        }
    }
}

fn is_claimed(state: &State, lock: &Lock) -> bool {
    let reveal = state.chain.reveals.get(&lock.key);
    reveal.is_some_and(|(_, at)| *at <= lock.expiry.seconds())
}

fn phase_of(state: &State) -> &'static str {
    let [zero, one] = [state.nodes.zero.phase, state.nodes.one.phase];
    let other = if zero == Phase::Open { one } else { zero };
    match other {
        Phase::Stopped => "the conversation has ended",
        Phase::Recovering => "a node believes that it has lost data",
        Phase::ShuttingDown => "a close never ends",
        Phase::Closing => "a signed close never reaches the chain",
        Phase::Disputed => "a dispute has not begun on chain",
        Phase::Created | Phase::Funding => "the channel never opens",
        Phase::Open | Phase::Closed => "only one side sees the channel closed",
    }
}

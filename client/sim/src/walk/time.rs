//! Blocks, who hears of them, and what goes wrong with them.

use super::Walk;
use crate::chain::Outcome;
use crate::dice::Dice;
use crate::fault::Fault;
use counterfoil_core::effect::Call;

impl Walk {
    pub(super) fn block(&mut self, seconds: u64) {
        self.world.mine_silently(seconds);
        self.tally.blocks += 1;
        let block = self.world.chain.head();
        for (call, _) in block
            .calls
            .iter()
            .filter(|(_, outcome)| *outcome == Outcome::Done)
        {
            let count = match call {
                Call::Deposit { .. } => &mut self.tally.deposits,
                Call::Withdraw { .. } => &mut self.tally.withdrawals,
                Call::Close { .. } => &mut self.tally.closes,
                Call::Challenge { .. } => &mut self.tally.disputes,
                Call::Respond { .. } => &mut self.tally.responses,
                Call::Settle { .. } => &mut self.tally.settlements,
                Call::Reveal { .. } => &mut self.tally.reveals,
            };
            *count += 1;
        }
        let now = self.world.chain.now();
        if self.limits.is_clear(now) {
            self.world.chain.stuck = false;
        }
        for node in self.limits.late(now) {
            self.tell(node);
        }
    }

    pub(super) fn tell(&mut self, node: usize) {
        self.limits.hears(node, self.world.chain.now());
        if self.world.fault != Some(Fault::NobodyWatches) {
            self.world.tell(node);
        }
    }

    pub(super) fn tell_all(&mut self) {
        for node in 0..self.world.nodes.len() {
            self.tell(node);
        }
    }

    pub(super) fn wait(&mut self, seconds: u64) {
        let until = self.world.chain.now() + seconds;
        while self.world.chain.now() < until {
            self.block(60);
            self.tell_all();
            self.deliver_all();
        }
    }

    pub(super) fn congest(&mut self, seconds: u64) {
        let now = self.world.chain.now();
        if let Some(granted) = self.limits.congest(now, seconds) {
            self.world.chain.stuck = true;
            self.tally.congestions += 1;
            self.world
                .story
                .add(|| format!("    for {granted} seconds"));
        }
    }

    /// The newest blocks are replaced by one more. Their calls come again in any order, some a block later; what a cheat had
    /// sent may be gone for good.
    pub(super) fn reorg(&mut self, depth: usize, luck: u64) {
        let now = self.world.chain.now();
        if !self.limits.reorg(now) {
            return;
        }
        let mut dice = Dice::new(luck);
        let mut undone = self.world.chain.reorg(depth);
        self.tally.reorgs += 1;
        self.tally.undone += undone.len() as u64;
        dice.shuffle(&mut undone);
        undone.retain(|call| !self.cheats.contains(call) || !dice.once_in(2));
        let (late, soon): (Vec<Call>, Vec<Call>) =
            undone.into_iter().partition(|_| dice.once_in(3));
        for calls in [soon, late] {
            for call in calls {
                self.world.chain.resend(call);
            }
            self.block(12);
        }
        while self.world.chain.now() <= now {
            self.block(12);
        }
    }
}

//! The end of all faults: links and chain work, users close what cannot go on, and time passes.

use super::Walk;
use crate::fault::Fault;
use crate::oracle::{Broken, Verdict};
use crate::world::{PERIOD, amount, pay};
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Command, Status};
use counterfoil_core::types::ChannelId;

/// Seconds between two looks at what cannot go on.
const ROUND: u64 = 300;
/// Rounds after the last expiry and deadline: two finalization periods, since a reorg or a cheat may start one late.
const ROUNDS: u64 = 2 * (PERIOD as u64) / ROUND + 4;

impl Walk {
    pub(super) fn end_faults(&mut self) -> Verdict {
        self.world.story.add(|| "the faults stop".to_owned());
        let now = self.world.chain.now();
        self.limits.end_congestion(now);
        if self.world.fault == Some(Fault::NobodyWatches) {
            self.sleep_through_a_period();
            self.world.fault = None;
        }
        self.world.chain.stuck = self.world.fault == Some(Fault::ChainStaysStuck);
        (0..self.channels.len()).for_each(|place| self.connect(place));
        self.deliver_all();
        let last = self.limits.last_expiry.max(self.limits.last_deadline);
        let rounds = last.saturating_sub(now) / ROUND + ROUNDS;
        for _ in 0..rounds {
            self.wait(ROUND);
            self.close_what_cannot_go_on();
            self.check()?;
            if self.is_over(last) {
                break;
            }
        }
        Ok(())
    }

    /// A user whose channel signs nothing any more closes it.
    fn close_what_cannot_go_on(&mut self) {
        for (node, id) in self.memberships() {
            let phase = self.world.channel(node, id).phase;
            let is_open = self.world.chain.view(id).status == Status::Open;
            let gives_up = match phase {
                Phase::Stopped | Phase::Recovering => true,
                Phase::Disputed | Phase::Closing | Phase::ShuttingDown => is_open,
                _ => false,
            };
            if gives_up {
                let name = self.world.name(node);
                self.world
                    .story
                    .add(|| format!("{name} finds the channel {phase:?} and challenges"));
                let _ = self.world.command(node, Command::Challenge { channel: id });
            }
        }
    }

    fn is_over(&self, last: u64) -> bool {
        // A channel that closes by consent may take until the locks have ended.
        let is_at_rest = |(node, id): (usize, ChannelId)| {
            let summary = self.world.channel(node, id);
            match summary.phase {
                Phase::Open => summary.locks == 0,
                phase => phase == Phase::Closed,
            }
        };
        self.world.chain.now() > last + ROUND && self.memberships().into_iter().all(is_at_rest)
    }

    fn memberships(&self) -> Vec<(usize, ChannelId)> {
        let of = |(place, id): (usize, &ChannelId)| [(place, *id), (place + 1, *id)];
        self.channels.iter().enumerate().flat_map(of).collect()
    }

    /// Every open channel still pays, both ways.
    pub(super) fn everybody_can_pay(&mut self) -> Verdict {
        for (node, id) in self.memberships() {
            let summary = self.world.channel(node, id);
            if summary.phase != Phase::Open || summary.spendable < amount(1) {
                continue;
            }
            let asked = self.world.command(node, pay(id, 1));
            self.deliver_all();
            let nonce = self.world.channel(node, id).nonce;
            let is_paid = asked.is_ok() && nonce > summary.nonce;
            Broken::unless(is_paid, "an open channel can pay", || {
                let name = self.world.name(node);
                format!("{name} could not pay in {id}: {asked:?}, still at state {nonce}")
            })?;
        }
        Ok(())
    }

    fn sleep_through_a_period(&mut self) {
        self.world.chain.stuck = false;
        for _ in 0..=PERIOD / 600 {
            self.block(600);
        }
    }
}

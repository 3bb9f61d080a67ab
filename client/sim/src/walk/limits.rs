//! What a walk may not do, since no participant could stand it: lag without end, congestion that outlasts a period, one
//! fault of the chain right after the other. The promises hold within these limits, and the reveal margin covers them.

/// A node hears of a block at most this much later, in seconds of the chain.
const LAG: u64 = 60;
/// Longest congestion while a lock may have to be revealed, seconds.
const SHORT: u64 = 300;
/// Longest congestion at all, seconds; the finalization period is an hour.
const LONG: u64 = 2400;
/// Seconds between two faults of the chain.
const REST: u64 = 900;

#[derive(Debug)]
pub(super) struct Limits {
    /// For each node the time of the newest block it has heard of.
    heard: Vec<u64>,
    /// When the congestion ends; zero while there is none.
    congested_until: u64,
    /// The congestion is too long for any lock.
    is_long: bool,
    rests_until: u64,
    /// Expiry of the last payment under a hash.
    pub(super) last_expiry: u64,
    /// Deadline of the last withdrawal.
    pub(super) last_deadline: u64,
}

impl Limits {
    pub(super) fn new(nodes: usize, now: u64) -> Self {
        Self {
            heard: vec![now; nodes],
            congested_until: 0,
            is_long: false,
            rests_until: 0,
            last_expiry: now,
            last_deadline: now,
        }
    }

    pub(super) fn hears(&mut self, node: usize, now: u64) {
        self.heard[node] = now;
    }

    /// The nodes that have to be told of this block now.
    pub(super) fn late(&self, now: u64) -> Vec<usize> {
        let late = |node: &usize| now.saturating_sub(self.heard[*node]) > LAG;
        (0..self.heard.len()).filter(late).collect()
    }

    /// How long the chain may be congested from now on, if at all.
    pub(super) fn congest(&mut self, now: u64, seconds: u64) -> Option<u64> {
        if now < self.rests_until || self.congested_until > 0 {
            return None;
        }
        let has_locks = now <= self.last_expiry;
        let granted = seconds.min(if has_locks { SHORT } else { LONG });
        self.is_long = granted > SHORT;
        self.congested_until = now + granted;
        Some(granted)
    }

    /// Whether a congestion has ended by now.
    pub(super) fn is_clear(&mut self, now: u64) -> bool {
        if self.congested_until == 0 || now < self.congested_until {
            return false;
        }
        self.end_congestion(now);
        true
    }

    pub(super) fn end_congestion(&mut self, now: u64) {
        self.congested_until = 0;
        self.is_long = false;
        self.rests_until = now + REST;
    }

    /// Whether blocks may be replaced now.
    pub(super) fn reorg(&mut self, now: u64) -> bool {
        let may = now >= self.rests_until && self.congested_until == 0;
        if may {
            self.rests_until = now + REST;
        }
        may
    }

    /// Whether money may be locked now.
    pub(super) const fn may_lock(&self) -> bool {
        !self.is_long
    }
}

//! What a settlement pays: the rules of docs/protocol.md, section 13, written without a look at the core's model of them,
//! so that a mistake in one of the two shows.
//!
//! Everybody with a claim stands in line: the locks in their order, then participant 0 with its free balance, then
//! participant 1 with whatever is left. Each takes what it claims while the money lasts.

use counterfoil_core::types::{Lock, Participant};

/// What one settlement takes out of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Division {
    /// What each participant is paid, base units.
    pub paid: [u128; 2],
    /// Bit i is set when lock i has been paid out, by this settlement or one before.
    pub resolved: u128,
}

impl Division {
    /// The first settlement of a channel that holds these deposits. Each lock is worth its outcome to its payee, none while
    /// its condition has not decided.
    pub fn first(
        deposits: [i128; 2],
        net: i128,
        locks: &[Lock],
        outcomes: &[Option<u128>],
    ) -> Self {
        let mut pot = Pot((deposits[0] + deposits[1]) as u128);
        let mut division = Self::default();
        division.serve(&mut pot, locks, outcomes);
        let locked = locks
            .iter()
            .filter(|lock| lock.payer == Participant::Zero)
            .fold(0_u128, |sum, lock| sum.saturating_add(lock.amount.units()));
        // Where these saturate, the locks have emptied the pot.
        let free = deposits[0]
            .saturating_sub(net)
            .saturating_sub_unsigned(locked);
        division.paid[0] += pot.pour(u128::try_from(free).unwrap_or(0));
        division.paid[1] += pot.pour(u128::MAX);
        division
    }

    /// A later settlement of a channel that still holds `held` for the locks that `resolved` does not name.
    pub fn further(held: u128, resolved: u128, locks: &[Lock], outcomes: &[Option<u128>]) -> Self {
        let mut division = Self {
            resolved,
            ..Self::default()
        };
        division.serve(&mut Pot(held), locks, outcomes);
        division
    }

    /// Whether none of `count` locks is left.
    pub fn is_complete(&self, count: usize) -> bool {
        (0..count).all(|index| self.resolved >> index & 1 == 1)
    }

    fn serve(&mut self, pot: &mut Pot, locks: &[Lock], outcomes: &[Option<u128>]) {
        let before = self.resolved;
        for (index, (lock, outcome)) in locks.iter().zip(outcomes).enumerate() {
            if before >> index & 1 == 1 {
                continue;
            }
            let share = pot.pour(lock.amount.units());
            if let Some(outcome) = outcome {
                let won = share.min(*outcome);
                let payer = usize::from(lock.payer.index());
                self.paid[1 - payer] += won;
                self.paid[payer] += share - won;
                self.resolved |= 1 << index;
            }
        }
    }
}

struct Pot(u128);

impl Pot {
    fn pour(&mut self, claim: u128) -> u128 {
        let poured = claim.min(self.0);
        self.0 -= poured;
        poured
    }
}

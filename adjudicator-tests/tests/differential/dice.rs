//! Chance from a seed, and numbers near the edges at which a settlement goes wrong.

use alloy_primitives::{Address, B256};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::ops::RangeInclusive;

/// Throws that are always the same for one seed.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number within the range, not all of 64 bits.
    pub(crate) fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        let width = range.end() - range.start() + 1;
        range.start() + self.0.next_u64() % width
    }

    /// True that often in a hundred throws.
    pub(crate) fn percent(&mut self, often: u64) -> bool {
        self.within(0..=99) < often
    }

    /// True that often in a thousand throws.
    pub(crate) fn permille(&mut self, often: u64) -> bool {
        self.within(0..=999) < often
    }

    /// One of them.
    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.within(0..=of.len() as u64 - 1) as usize]
    }

    /// The place of a weight, as often as it weighs.
    pub(crate) fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.within(0..=weights.iter().sum::<u64>() - 1);
        for (place, weight) in weights.iter().enumerate() {
            if left < *weight {
                return place;
            }
            left -= weight;
        }
        unreachable!("the throw is below the sum")
    }

    pub(crate) fn word(&mut self) -> B256 {
        let mut word = [0; 32];
        self.0.fill_bytes(&mut word);
        word.into()
    }

    pub(crate) fn address(&mut self) -> Address {
        Address::from_word(self.word())
    }

    /// All of 128 bits.
    pub(crate) fn wide(&mut self) -> u128 {
        u128::from(self.0.next_u64()) << 64 | u128::from(self.0.next_u64())
    }

    /// Any magnitude alike.
    pub(crate) fn magnitude(&mut self) -> u128 {
        let shift = self.within(0..=127);
        self.wide() >> shift
    }

    /// What somebody deposits: mostly few units, so that edges meet, and up to all that the contract takes.
    pub(crate) fn deposit(&mut self) -> u128 {
        match self.weighted(&[60, 20, 10, 5, 2, 3]) {
            0 => self.within(1..=300).into(),
            1 => self.wide() >> self.within(38..=120),
            2 => u128::from(self.within(1..=1_000)) * 1_000_000_000_000_000_000,
            3 => MOST - u128::from(self.within(0..=300)),
            4 => self.wide(),
            _ => 0,
        }
    }

    /// The amount of a lock in a channel that holds `total`.
    pub(crate) fn locked(&mut self, total: u128) -> u128 {
        match self.weighted(&[8, 35, 20, 12, 15, 5, 5]) {
            0 => 0,
            1 => self.wide() % (total / 4 + 1),
            2 => self.wide() % (total + 1),
            3 => (total + u128::from(self.within(0..=2))).saturating_sub(1),
            4 => self.within(1..=200).into(),
            5 => u128::MAX - u128::from(self.within(0..=1)),
            _ => self.magnitude(),
        }
    }

    /// What participant 0 may have paid in a channel of these deposits.
    pub(crate) fn net(&mut self, deposits: [i128; 2]) -> i128 {
        let [zero, one] = deposits;
        let total = (zero + one).unsigned_abs();
        match self.weighted(&[15, 40, 10, 10, 10, 5, 5, 5]) {
            0 => 0,
            1 => zero - (self.wide() % (total + 1)) as i128,
            2 => zero + self.within(0..=2) as i128 - 1,
            3 => self.within(0..=2) as i128 - 1 - one,
            4 => self.within(0..=600) as i128 - 300,
            5 => i128::MAX,
            6 => i128::MIN,
            _ => self.wide() as i128 >> self.within(0..=127),
        }
    }
}

/// The largest deposit, and the largest sum of both.
pub(crate) const MOST: u128 = (1 << 91) - 1;

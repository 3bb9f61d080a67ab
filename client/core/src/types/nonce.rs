//! The number of a state; its parity names who proposed it.

use super::Participant;
use alloy_rlp::{Decodable, RlpEncodableWrapper};
use std::fmt;

/// The number of a state, at most 40 bits. Even numbers are participant 0's, odd ones participant 1's.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, RlpEncodableWrapper,
)]
pub struct Nonce(u64);

impl Nonce {
    /// Before any state: nothing paid, no signature needed.
    pub const ZERO: Self = Self(0);
    /// The state that both sign while the channel opens; it holds the push amount.
    pub const FIRST: Self = Self(2);
    /// The largest number that the contract can store.
    pub const MAX: Self = Self((1 << 40) - 1);

    /// The nonce with this number, if it fits into 40 bits.
    pub const fn new(number: u64) -> Option<Self> {
        if number <= Self::MAX.0 {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The smallest nonce above this one that `proposer` may use; none at the end of the nonce space.
    pub fn next(self, proposer: Participant) -> Option<Self> {
        let above = self.0.checked_add(1)?;
        let parity = u64::from(proposer.index());
        Self::new(if above & 1 == parity {
            above
        } else {
            above.checked_add(1)?
        })
    }

    /// Who proposed the state with this nonce.
    pub const fn proposer(self) -> Participant {
        if self.0 & 1 == 0 {
            Participant::Zero
        } else {
            Participant::One
        }
    }
}

impl Decodable for Nonce {
    fn decode(buf: &mut &[u8]) -> alloy_rlp::Result<Self> {
        Self::new(u64::decode(buf)?).ok_or(alloy_rlp::Error::Overflow)
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_nonce_is_the_smallest_of_the_proposers_parity() {
        let two = Nonce::new(2).unwrap();
        assert_eq!(two.next(Participant::One).unwrap().number(), 3);
        assert_eq!(two.next(Participant::Zero).unwrap().number(), 4);
        assert_eq!(Nonce::MAX.next(Participant::Zero), None);
        assert_eq!(Nonce::new(1 << 40), None);
    }
}

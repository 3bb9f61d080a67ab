//! The two sides of a channel, and values held once for each.

use alloy_rlp::{Decodable, Encodable, RlpDecodable, RlpEncodable};

/// A side of a channel: 0 opened it, 1 accepted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Participant {
    /// The initiator.
    Zero,
    /// The responder.
    One,
}

impl Participant {
    /// Both, in order.
    pub const BOTH: [Self; 2] = [Self::Zero, Self::One];

    /// The other side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Zero => Self::One,
            Self::One => Self::Zero,
        }
    }

    /// 0 or 1.
    pub const fn index(self) -> u8 {
        match self {
            Self::Zero => 0,
            Self::One => 1,
        }
    }
}

impl Encodable for Participant {
    fn encode(&self, out: &mut dyn alloy_rlp::BufMut) {
        self.index().encode(out);
    }

    fn length(&self) -> usize {
        1
    }
}

impl Decodable for Participant {
    fn decode(buf: &mut &[u8]) -> alloy_rlp::Result<Self> {
        match u8::decode(buf)? {
            0 => Ok(Self::Zero),
            1 => Ok(Self::One),
            _ => Err(alloy_rlp::Error::Custom("a participant is 0 or 1")),
        }
    }
}

/// One value for each participant.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, RlpEncodable, RlpDecodable,
)]
pub struct Pair<T> {
    /// Participant 0's.
    pub zero: T,
    /// Participant 1's.
    pub one: T,
}

impl<T> Pair<T> {
    /// Participant 0's value, then participant 1's.
    pub const fn new(zero: T, one: T) -> Self {
        Self { zero, one }
    }

    /// `own` for `side`, `others` for the other.
    pub fn from_side(side: Participant, own: T, others: T) -> Self {
        match side {
            Participant::Zero => Self::new(own, others),
            Participant::One => Self::new(others, own),
        }
    }

    /// The value of `side`.
    pub const fn of(&self, side: Participant) -> &T {
        match side {
            Participant::Zero => &self.zero,
            Participant::One => &self.one,
        }
    }

    /// The value of `side`, to be changed.
    pub const fn of_mut(&mut self, side: Participant) -> &mut T {
        match side {
            Participant::Zero => &mut self.zero,
            Participant::One => &mut self.one,
        }
    }

    /// The values in order.
    pub fn into_array(self) -> [T; 2] {
        [self.zero, self.one]
    }
}

//! Amounts of a token in base units, and the only place where money is added and subtracted.

use alloy_rlp::{RlpDecodableWrapper, RlpEncodableWrapper};
use std::fmt;

/// An amount of a channel's token, in base units.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    RlpEncodableWrapper,
    RlpDecodableWrapper,
)]
pub struct Amount(u128);

/// A difference of amounts: a net payment, or a deposit less what was withdrawn. Base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignedAmount(i128);

/// A result outside what its type can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an amount left its range: expected at least 0 and at most 2^127 - 1 base units")]
pub struct Outside;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Holds `units` base units.
    pub const fn new(units: u128) -> Self {
        Self(units)
    }

    /// Base units.
    pub const fn units(self) -> u128 {
        self.0
    }

    /// Whether nothing is held.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Outside`] when the sum exceeds 2^128 - 1.
    pub fn plus(self, other: Self) -> Result<Self, Outside> {
        self.0.checked_add(other.0).map(Self).ok_or(Outside)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`Outside`] when `other` is larger.
    pub fn minus(self, other: Self) -> Result<Self, Outside> {
        self.0.checked_sub(other.0).map(Self).ok_or(Outside)
    }

    /// The difference, or nothing when `other` is larger.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Parts per million of the amount, rounded up, so that rounding never costs who is owed.
    ///
    /// # Errors
    /// [`Outside`] when the product exceeds 2^128 - 1.
    pub fn parts_per_million(self, parts: u32) -> Result<Self, Outside> {
        let product = self.0.checked_mul(u128::from(parts)).ok_or(Outside)?;
        Ok(Self(product.div_ceil(1_000_000)))
    }

    /// The sum of many.
    ///
    /// # Errors
    /// [`Outside`] when the sum exceeds 2^128 - 1.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, Outside> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }
}

impl SignedAmount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Holds `units` base units.
    pub const fn new(units: i128) -> Self {
        Self(units)
    }

    /// Base units.
    pub const fn units(self) -> i128 {
        self.0
    }

    /// The sum with an amount.
    ///
    /// # Errors
    /// [`Outside`] when the sum exceeds 2^127 - 1.
    pub fn plus(self, amount: Amount) -> Result<Self, Outside> {
        self.0
            .checked_add_unsigned(amount.0)
            .map(Self)
            .ok_or(Outside)
    }

    /// The difference with an amount.
    ///
    /// # Errors
    /// [`Outside`] when the difference falls below -2^127.
    pub fn minus(self, amount: Amount) -> Result<Self, Outside> {
        self.0
            .checked_sub_unsigned(amount.0)
            .map(Self)
            .ok_or(Outside)
    }

    /// The sum of two differences.
    ///
    /// # Errors
    /// [`Outside`] when the sum leaves 128 signed bits.
    pub fn with(self, other: Self) -> Result<Self, Outside> {
        self.0.checked_add(other.0).map(Self).ok_or(Outside)
    }

    /// The difference of two differences.
    ///
    /// # Errors
    /// [`Outside`] when the difference leaves 128 signed bits.
    pub fn without(self, other: Self) -> Result<Self, Outside> {
        self.0.checked_sub(other.0).map(Self).ok_or(Outside)
    }

    /// The difference as an amount.
    ///
    /// # Errors
    /// [`Outside`] when it is negative.
    pub fn amount(self) -> Result<Amount, Outside> {
        u128::try_from(self.0).map(Amount).map_err(|_| Outside)
    }

    /// The difference as an amount, or nothing when it is negative.
    pub fn or_zero(self) -> Amount {
        self.amount().unwrap_or(Amount::ZERO)
    }
}

impl TryFrom<Amount> for SignedAmount {
    type Error = Outside;

    fn try_from(amount: Amount) -> Result<Self, Outside> {
        i128::try_from(amount.0).map(Self).map_err(|_| Outside)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for SignedAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// RLP has no negative numbers: the sign goes into the lowest bit, so that small differences stay short.
impl alloy_rlp::Encodable for SignedAmount {
    fn encode(&self, out: &mut dyn alloy_rlp::BufMut) {
        self.zigzag().encode(out);
    }

    fn length(&self) -> usize {
        self.zigzag().length()
    }
}

impl alloy_rlp::Decodable for SignedAmount {
    fn decode(buf: &mut &[u8]) -> alloy_rlp::Result<Self> {
        let zigzag = u128::decode(buf)?;
        let magnitude = i128::try_from(zigzag >> 1).map_err(|_| alloy_rlp::Error::Overflow)?;
        Ok(Self(if zigzag & 1 == 0 {
            magnitude
        } else {
            !magnitude
        }))
    }
}

impl SignedAmount {
    const fn zigzag(self) -> u128 {
        ((self.0 << 1) ^ (self.0 >> 127)).cast_unsigned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_rlp::{Decodable, Encodable};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn signed_amounts_survive_the_codec(units: i128) {
            let mut bytes = Vec::new();
            SignedAmount::new(units).encode(&mut bytes);
            prop_assert_eq!(SignedAmount::decode(&mut bytes.as_slice()).unwrap().units(), units);
        }

        #[test]
        fn a_sum_is_exact_or_refused(a: u128, b: u128) {
            match Amount::new(a).plus(Amount::new(b)) {
                Ok(sum) => prop_assert_eq!(sum.units().checked_sub(b), Some(a)),
                Err(Outside) => prop_assert!(a.checked_add(b).is_none()),
            }
        }
    }

    #[test]
    fn a_fee_is_rounded_up() {
        assert_eq!(Amount::new(1).parts_per_million(1), Ok(Amount::new(1)));
        assert_eq!(
            Amount::new(2_000_000).parts_per_million(100),
            Ok(Amount::new(200))
        );
        assert_eq!(Amount::new(u128::MAX).parts_per_million(2), Err(Outside));
    }
}

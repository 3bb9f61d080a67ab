//! Why an operation is refused, or a lock given back.

use alloy_rlp::{Decodable, Encodable};
use std::fmt;

/// Why an operation was refused or a lock given back. Numbers on the wire; unknown ones read as [`Reason::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reason {
    /// A reason that this version does not know.
    Other = 0,
    /// As many locks as this side accepts are pending.
    TooManyLocks = 1,
    /// The amount is zero or under what this side accepts.
    AmountTooSmall = 2,
    /// Too little time is left until the expiry of a lock, or the deadline of a withdrawal.
    ExpiryTooNear = 3,
    /// The money would be locked for longer than this side accepts.
    ExpiryTooFar = 4,
    /// The condition is not on this side's list.
    ConditionNotAllowed = 5,
    /// The proposer's balance would fall below the reserve.
    ReserveBroken = 6,
    /// There is no such lock, or it is not the proposer's to change.
    UnknownLock = 7,
    /// The preimage does not hash to the key.
    WrongSecret = 8,
    /// The deposit that would pay for it is not final here yet; may be tried again.
    DepositNotFinal = 9,
    /// No final block past the expiry is known here yet; may be tried again.
    ExpiryNotFinal = 10,
    /// The lock's id is not above the earlier ones of its payer, or not of its parity.
    LockIdUsed = 11,
    /// The channel is shutting down and takes nothing new.
    ShuttingDown = 12,
    /// More operations, or a longer tag or payload, than an update may have.
    TooLarge = 13,
    /// The key is in use by another payment of this node.
    KeyInUse = 14,
    /// No channel to the next hop has the capacity.
    NoRoute = 15,
    /// The fee is below what this node asks.
    FeeTooLow = 16,
    /// The payee knows no such payment, or less than its amount arrived.
    UnknownPayment = 17,
    /// The operation is of a kind that this side does not know.
    NotSupported = 18,
    /// An earlier withdrawal of the proposer can still happen; may be tried again.
    WithdrawalPending = 19,
}

impl Reason {
    const ALL: [Self; 20] = [
        Self::Other,
        Self::TooManyLocks,
        Self::AmountTooSmall,
        Self::ExpiryTooNear,
        Self::ExpiryTooFar,
        Self::ConditionNotAllowed,
        Self::ReserveBroken,
        Self::UnknownLock,
        Self::WrongSecret,
        Self::DepositNotFinal,
        Self::ExpiryNotFinal,
        Self::LockIdUsed,
        Self::ShuttingDown,
        Self::TooLarge,
        Self::KeyInUse,
        Self::NoRoute,
        Self::FeeTooLow,
        Self::UnknownPayment,
        Self::NotSupported,
        Self::WithdrawalPending,
    ];

    /// Whether the same operation may succeed later.
    pub const fn may_be_tried_again(self) -> bool {
        matches!(
            self,
            Self::DepositNotFinal | Self::ExpiryNotFinal | Self::WithdrawalPending
        )
    }

    #[allow(clippy::as_conversions)]
    const fn number(self) -> u8 {
        self as u8
    }
}

impl Encodable for Reason {
    fn encode(&self, out: &mut dyn alloy_rlp::BufMut) {
        self.number().encode(out);
    }

    fn length(&self) -> usize {
        1
    }
}

impl Decodable for Reason {
    fn decode(buf: &mut &[u8]) -> alloy_rlp::Result<Self> {
        let number = usize::from(u8::decode(buf)?);
        Ok(Self::ALL.get(number).copied().unwrap_or(Self::Other))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Other => "a reason that this version does not know",
            Self::TooManyLocks => "as many locks as allowed are pending; wait until one is gone",
            Self::AmountTooSmall => "the amount is zero or too small",
            Self::ExpiryTooNear => {
                "too little time is left until the expiry or deadline to get onto the chain"
            }
            Self::ExpiryTooFar => "the money would be locked for too long",
            Self::ConditionNotAllowed => {
                "the lock's condition is not on the list of those that are known to be honest"
            }
            Self::ReserveBroken => "the balance does not cover the amount and the reserve",
            Self::UnknownLock => "there is no such lock, or it is not the proposer's to change",
            Self::WrongSecret => "the preimage does not hash to the lock's key",
            Self::DepositNotFinal => {
                "the deposit that would pay for it is not final yet; try again later"
            }
            Self::ExpiryNotFinal => "no final block past the expiry is known yet; try again later",
            Self::LockIdUsed => "the lock's id was used before",
            Self::ShuttingDown => "the channel takes nothing new any more, or not yet",
            Self::TooLarge => {
                "the operation, its tag or its payload is too large, or too many are waiting"
            }
            Self::KeyInUse => "the hash is in use by another payment; use a fresh one",
            Self::NoRoute => "no channel to the next node has the capacity",
            Self::FeeTooLow => "the fee is below what the mediator asks",
            Self::UnknownPayment => {
                "the payee knows no such payment, or less than its amount arrived"
            }
            Self::NotSupported => "the other side does not know this kind of operation",
            Self::WithdrawalPending => "an earlier withdrawal can still happen; try again later",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_survives_the_codec_and_an_unknown_one_reads_as_other() {
        for (number, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(reason.number()), number);
            let bytes = alloy_rlp::encode(reason);
            assert_eq!(Reason::decode(&mut bytes.as_slice()), Ok(reason));
        }
        assert_eq!(Reason::decode(&mut [0x7f].as_slice()), Ok(Reason::Other));
    }
}

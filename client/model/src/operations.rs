//! What the users do, each operation with an amount of its own, so that a net payment tells which of them it holds.
//!
//! Operation i moves 4^i base units. Written to base 4, a net payment has one digit for each operation: done or not, and
//! anything else means done twice.

use counterfoil_core::types::{Participant, SignedAmount};

/// What a user asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Pay at once.
    Pay(u8),
    /// Pay under a hash whose preimage the payee gets with the lock.
    Send(u8),
    /// Pay under a hash whose preimage the payee never gets: the lock comes back.
    SendInVain(u8),
    /// Put more in, base units.
    Deposit(u128),
    /// Take money out.
    Withdraw {
        /// Base units.
        units: u128,
        /// Seconds from the start of the scenario.
        within: u64,
    },
    /// Close with the other's consent.
    Close,
    /// Start a dispute with the newest state.
    Challenge,
}

/// The most operations that move money in a scenario; two more are for payments after the faults.
pub(crate) const MOST: u8 = 8;

/// A set of operations by number.
pub(crate) type Set = u16;

impl Operation {
    /// Its number, if it pays.
    pub(crate) const fn number(self) -> Option<u8> {
        match self {
            Self::Pay(number) | Self::Send(number) | Self::SendInVain(number) => Some(number),
            Self::Deposit(_) | Self::Withdraw { .. } | Self::Close | Self::Challenge => None,
        }
    }
}

/// What an operation moves.
pub(crate) const fn units(number: u8) -> u128 {
    1 << (2 * number)
}

/// The number of the payment that `side` makes to see whether a channel still pays.
pub(crate) const fn probe(side: Participant) -> u8 {
    MOST + side.index()
}

/// The operations that a net payment holds; none when one of them is in it twice. `by_one` are those that participant 1
/// pays for.
pub(crate) fn held(net: SignedAmount, by_one: Set) -> Option<Set> {
    let mut digits = net.units();
    for number in 0..=MOST + 1 {
        if by_one & (1 << number) != 0 {
            digits += 2 * units(number) as i128;
        }
    }
    let mut held = 0;
    for number in 0..=MOST + 1 {
        let digit = digits & 3;
        digits >>= 2;
        let times = if by_one & (1 << number) == 0 {
            digit
        } else {
            2 - digit
        };
        match times {
            0 => {}
            1 => held |= 1 << number,
            _ => return None,
        }
    }
    (digits == 0).then_some(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_net_payment_tells_which_operations_it_holds() {
        let by_one = 0b0110;
        let net = |operations: &[(u8, i128)]| {
            let sum = operations
                .iter()
                .map(|(number, sign)| sign * units(*number) as i128);
            SignedAmount::new(sum.sum())
        };
        assert_eq!(held(net(&[]), by_one), Some(0));
        assert_eq!(held(net(&[(0, 1), (1, -1)]), by_one), Some(0b0011));
        assert_eq!(held(net(&[(2, -1), (3, 1)]), by_one), Some(0b1100));
        assert_eq!(held(net(&[(0, 2)]), by_one), None);
        assert_eq!(held(net(&[(1, -2)]), by_one), None);
        assert_eq!(held(net(&[(0, -1)]), by_one), None);
    }
}

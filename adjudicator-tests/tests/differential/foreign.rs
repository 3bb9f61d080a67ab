//! Foreign code, as others could have put it on the chain, written as bytes so that no test needs a compiler.

use alloy_primitives::{Address, B256, U256, address, hex};

/// A condition whose answer is written in the key that it is asked about; see [`Script`].
pub(crate) const CONDITION: Address = address!("00000000000000000000000000000000000c0de1");

/// `if byte 14 of the key != 0 { invalid }; word 0 = (timestamp >= the key's first 8 bytes) * byte 15; word 1 = its low
/// 16 bytes; return that many bytes as byte 13 says`
pub(crate) const CONDITION_CODE: [u8; 65] = hex!(
    "6004358060881c60ff1615600f57fe5b8060c01c4210158160801c60ff1602600052806fffffffffffffffffffffffffffffffff16602052"
    "60901c60ff166000f3"
);

/// A token with `balanceOf`, `transfer` and `transferFrom`, where the slot of a balance is its owner's address. It pays no
/// contract and asks for no allowance.
pub(crate) const TOKEN: Address = address!("00000000000000000000000000000000000c0de2");

/// `balance[from] -= amount; balance[to] += amount; return 1`, or a revert when `from` has less.
pub(crate) const TOKEN_CODE: [u8; 111] = hex!(
    "60003560e01c806370a08231146029578063a9059cbb14603657806323b872dd146048575b600080fd5b6004355460005260206000f35b60"
    "04353b602457336004356024356052565b6004356024356044355b825481811060245781900383558154019055600160005260206000f3"
);

/// A payee that refuses every payment: the native coin by its code, the token because there is code.
pub(crate) const REFUSING_CODE: [u8; 1] = hex!("fe");

/// The one answer of [`CONDITION`] to a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Script {
    /// First second of the answer.
    pub(crate) from: u64,
    /// Bytes of the answer; 64 is right.
    pub(crate) size: u8,
    /// Not zero: takes all gas and fails.
    pub(crate) fails: u8,
    /// First word of the answer; 1 is right.
    pub(crate) resolved: u8,
    /// Second word of the answer.
    pub(crate) to_payee: u128,
}

impl Script {
    /// The key that makes the condition answer so.
    pub(crate) fn key(self) -> B256 {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.from.to_be_bytes());
        key[13..16].copy_from_slice(&[self.size, self.fails, self.resolved]);
        key[16..].copy_from_slice(&self.to_payee.to_be_bytes());
        key.into()
    }

    /// What a key says.
    pub(crate) fn of(key: B256) -> Self {
        Self {
            from: u64::from_be_bytes(key[..8].try_into().unwrap()),
            size: key[13],
            fails: key[14],
            resolved: key[15],
            to_payee: u128::from_be_bytes(key[16..].try_into().unwrap()),
        }
    }
}

/// Where [`TOKEN`] keeps a balance.
pub(crate) fn slot(owner: Address) -> U256 {
    owner.into_word().into()
}

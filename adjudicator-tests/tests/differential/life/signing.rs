//! Signatures by the client's own code, and some that are none.

use super::Life;
use crate::court::STRANGER;
use alloy_primitives::{Address, B256, U256, uint};
use counterfoil_core::state::{Signature, SigningKey};
use counterfoil_core::types::Pair;

/// The order of secp256k1.
pub(super) const ORDER: U256 =
    uint!(0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141_U256);

impl Life {
    /// A participant or somebody else.
    pub(super) fn sender(&mut self) -> Address {
        let [zero, one] = [self.keys[0].address(), self.keys[1].address()];
        self.dice.one(&[STRANGER, STRANGER, zero, one])
    }

    /// Both sign.
    pub(super) fn both(&self, digest: B256) -> Pair<Signature> {
        Pair::new(self.keys[0].sign(digest), self.keys[1].sign(digest))
    }

    /// What a call carries: one who calls for itself sends anything, and rarely a signature of another is spoilt.
    pub(super) fn carried(&mut self, digest: B256, sender: Address) -> [Signature; 2] {
        let good = self.both(digest).into_array();
        let keys = self.keys.clone();
        [0, 1].map(|side| {
            if keys[side].address() == sender {
                if self.dice.percent(80) {
                    Signature::NONE
                } else {
                    Signature::new(self.dice.word(), self.dice.word())
                }
            } else if self.dice.permille(25) {
                self.spoilt(good[side], &keys[side], digest)
            } else {
                good[side]
            }
        })
    }

    /// Not the signature that is needed.
    pub(super) fn spoilt(&mut self, good: Signature, key: &SigningKey, digest: B256) -> Signature {
        let parity: U256 = U256::ONE << 255_usize;
        let vs = U256::from_be_bytes(good.vs().0);
        match self.dice.within(0..=6) {
            0 => key.sign(self.dice.word()),
            1 => SigningKey::from_secret(&self.dice.word())
                .unwrap()
                .sign(digest),
            2 => Signature::NONE,
            3 => Signature::new(self.dice.word(), self.dice.word()),
            4 => Signature::new(good.r(), B256::from(vs ^ parity)),
            // The same signature with the high s, as it would have to be read.
            5 => Signature::new(good.r(), B256::from(ORDER - (vs & !parity))),
            _ => Signature::new(
                B256::from(ORDER + U256::from(self.dice.within(0..=1))),
                good.vs(),
            ),
        }
    }
}

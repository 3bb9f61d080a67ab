//! Compact ECDSA signatures (EIP-2098, low s) over 32-byte digests.
//!
//! A signature is checked by recovering its signer, as the contract does. Checking it against a known key would be
//! cheaper by a sixth and would miss a wrong parity bit, with which the contract recovers another address: the holder
//! would have a state that no court accepts (docs/adr/0002-secp256k1-and-k256.md).

use crate::types::{Address, B256};
use alloy_primitives::keccak256;
use alloy_rlp::{RlpDecodable, RlpEncodable};

#[cfg(not(feature = "portable"))]
mod c_library;
#[cfg(feature = "portable")]
mod portable;

#[cfg(not(feature = "portable"))]
use c_library as curve;
#[cfg(feature = "portable")]
use portable as curve;

/// 64 bytes: r, then s with the parity of y in its top bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash, RlpEncodable, RlpDecodable)]
pub struct Signature {
    r: B256,
    vs: B256,
}

/// A signature that is not by the expected key over the expected digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signature of {expected} was expected; received one by {received:?}")]
pub struct BadSignature {
    /// Whose signature was expected.
    pub expected: Address,
    /// Whose signature it is over what was agreed; none when it is not a well-formed one.
    pub received: Option<Address>,
}

/// Signs states; wiped from memory when dropped.
#[derive(Clone)]
pub struct SigningKey {
    secret: curve::Secret,
    address: Address,
}

impl Signature {
    /// No signature, where the caller of the contract counts as the signer.
    pub const NONE: Self = Self {
        r: B256::ZERO,
        vs: B256::ZERO,
    };

    /// From its two words.
    pub const fn new(r: B256, vs: B256) -> Self {
        Self { r, vs }
    }

    /// The first word.
    pub const fn r(&self) -> B256 {
        self.r
    }

    /// The second word.
    pub const fn vs(&self) -> B256 {
        self.vs
    }

    /// The address whose key made this signature, if it is a well-formed one of low s.
    pub fn recover(&self, digest: B256) -> Option<Address> {
        let mut compact = [0; 64];
        let (r, s) = compact.split_at_mut(32);
        r.copy_from_slice(self.r.as_slice());
        s.copy_from_slice(self.vs.as_slice());
        let top = s.first_mut()?;
        let odd = *top & 0x80 != 0;
        *top &= 0x7f;
        curve::recover(digest, &compact, odd).map(address_of)
    }

    /// Checks that `expected` made this signature over `digest`.
    ///
    /// # Errors
    /// [`BadSignature`] when the contract would not recover `expected` from it.
    pub fn verify(&self, digest: B256, expected: Address) -> Result<(), BadSignature> {
        let received = self.recover(digest);
        if received == Some(expected) {
            Ok(())
        } else {
            Err(BadSignature { expected, received })
        }
    }
}

impl SigningKey {
    /// The key with this secret, if it is a number between 1 and the order of the curve.
    pub fn from_secret(secret: &B256) -> Option<Self> {
        let (secret, point) = curve::secret(secret)?;
        Some(Self {
            secret,
            address: address_of(point),
        })
    }

    /// The address of this key.
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Signs; the same digest always gives the same signature (RFC 6979).
    pub fn sign(&self, digest: B256) -> Signature {
        let (compact, odd) = curve::sign(digest, &self.secret);
        let (r, s) = compact.split_at(32);
        let mut vs = B256::from_slice(s);
        if let Some(top) = vs.0.first_mut()
            && odd
        {
            *top |= 0x80;
        }
        Signature {
            r: B256::from_slice(r),
            vs,
        }
    }

    /// A secret that follows from this key and a purpose, and from nothing else.
    pub fn derive(&self, purpose: &str, context: &[u8]) -> B256 {
        let mut input = zeroize::Zeroizing::new(curve::to_bytes(&self.secret).to_vec());
        input.extend_from_slice(keccak256(purpose.as_bytes()).as_slice());
        input.extend_from_slice(context);
        keccak256(&*input)
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.address)
    }
}

/// The address of an uncompressed point without its leading byte.
fn address_of(point: [u8; 64]) -> Address {
    Address::from_word(keccak256(point))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sha3::{Digest, Keccak256};

    /// The same signature made and addressed by independent libraries: k256 and sha3.
    fn oracle(secret: &B256, digest: B256) -> (Signature, Address) {
        let key = k256::ecdsa::SigningKey::from_slice(secret.as_slice()).unwrap();
        let (signature, recovery) = key.sign_prehash_recoverable(digest.as_slice());
        let bytes = signature.to_bytes();
        let mut vs = B256::from_slice(&bytes[32..]);
        vs.0[0] |= u8::from(recovery.is_y_odd()) << 7;
        let point = key.verifying_key().to_sec1_point(false);
        let hash = Keccak256::digest(&point.as_bytes()[1..]);
        (
            Signature::new(B256::from_slice(&bytes[..32]), vs),
            Address::from_slice(&hash[12..]),
        )
    }

    proptest! {
        // req: A54
        #[test]
        fn signing_equals_an_independent_library_to_the_byte(secret: [u8; 32], digest: [u8; 32]) {
            let (secret, digest) = (B256::from(secret), B256::from(digest));
            prop_assume!(SigningKey::from_secret(&secret).is_some());
            let key = SigningKey::from_secret(&secret).unwrap();
            let (signature, address) = oracle(&secret, digest);
            prop_assert_eq!(key.sign(digest), signature);
            prop_assert_eq!(key.address(), address);
            prop_assert_eq!(signature.recover(digest), Some(address));
        }
    }

    #[test]
    fn a_wrong_parity_bit_is_refused_since_the_contract_would_recover_another_address() {
        let key = SigningKey::from_secret(&B256::repeat_byte(7)).unwrap();
        let digest = B256::repeat_byte(9);
        let good = key.sign(digest);
        let mut vs = good.vs();
        vs.0[0] ^= 0x80;
        assert!(good.verify(digest, key.address()).is_ok());
        assert!(
            Signature::new(good.r(), vs)
                .verify(digest, key.address())
                .is_err()
        );
    }

    // req: GAP-S4
    #[test]
    fn a_high_s_is_refused() {
        let key = SigningKey::from_secret(&B256::repeat_byte(7)).unwrap();
        let digest = B256::repeat_byte(9);
        let good = key.sign(digest);
        let order = alloy_primitives::U256::from_str_radix(
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
            16,
        )
        .unwrap();
        let mut s = good.vs();
        let odd = s.0[0] & 0x80 != 0;
        s.0[0] &= 0x7f;
        let high = order - alloy_primitives::U256::from_be_bytes(s.0);
        // A high s does not leave its top bit free, except just above half the order; there is no room for its parity.
        let mut vs = B256::from(high);
        vs.0[0] |= u8::from(!odd) << 7;
        assert!(
            Signature::new(good.r(), vs)
                .verify(digest, key.address())
                .is_err()
        );
        assert!(Signature::NONE.recover(digest).is_none());
    }
}

//! What travels with a lock: where a mediator passes it on, and what only the payee can read.
//!
//! Sealed by HPKE (RFC 9180) to the payee's key, so that a mediator can neither read a payer's secret nor change the
//! total that the payee waits for.

use crate::state::SigningKey;
use crate::types::{Address, Amount, B256, Timestamp};
use alloy_primitives::Bytes;
use alloy_rlp::{Decodable, RlpDecodable, RlpEncodable};
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

type Key = <X25519HkdfSha256 as Kem>::PrivateKey;

const INFO: &[u8] = b"counterfoil payment 1";

/// What a lock carries for its receiver. More hops are for a later version, which puts them in here.
#[derive(Clone, Debug, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct Payload {
    /// Where the receiver passes the payment on; empty when the receiver is the payee, at most one hop.
    pub next: Vec<Hop>,
    /// For the payee: the encapsulated key and the ciphertext of [`Contents`].
    pub sealed: Bytes,
}

/// The next node of a route and what it is to get.
#[derive(Clone, Debug, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct Hop {
    /// Identity of the next node.
    pub peer: Address,
    /// Base units of the next lock.
    pub amount: Amount,
}

/// What the payer tells the payee.
#[derive(Clone, Debug, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub struct Contents {
    /// The payee releases the preimage for no less, base units.
    pub total: Amount,
    /// The payment that this belongs to.
    pub key: B256,
    /// Expiry of the locks.
    pub expiry: Timestamp,
    /// Shows that the payer has the invoice; zero without one.
    pub payment_secret: B256,
    /// The payer's secret, for a payment without an invoice; at most one.
    pub preimage: Vec<B256>,
}

/// A payload that its receiver cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payload cannot be read; expected one sealed to this node's sealing key")]
pub struct Unreadable;

/// Opens what was sealed to this node; follows from the signing key.
#[derive(Clone)]
pub struct SealingKey {
    secret: Key,
    public: [u8; 32],
}

impl SealingKey {
    /// The sealing key of the node with this signing key.
    pub fn of(key: &SigningKey) -> Self {
        let seed = zeroize::Zeroizing::new(key.derive("counterfoil sealing key", &[]).0);
        let (secret, public) = X25519HkdfSha256::derive_keypair(&*seed);
        Self {
            secret,
            public: public.to_bytes().into(),
        }
    }

    /// What payers seal to.
    pub const fn public(&self) -> [u8; 32] {
        self.public
    }

    /// What was sealed to this key.
    ///
    /// # Errors
    /// [`Unreadable`] when it was sealed to another key, changed on the way, or is not [`Contents`].
    pub fn open(&self, sealed: &[u8]) -> Result<Contents, Unreadable> {
        let (encapsulated, ciphertext) = sealed.split_first_chunk::<32>().ok_or(Unreadable)?;
        let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated)
            .map_err(|_| Unreadable)?;
        let plaintext = hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.secret,
            &encapsulated,
            INFO,
            ciphertext,
            &[],
        )
        .map_err(|_| Unreadable)?;
        Contents::decode(&mut plaintext.as_slice()).map_err(|_| Unreadable)
    }
}

/// Seals contents to a payee's public key. `entropy` are 32 fresh random bytes, never used twice.
///
/// # Errors
/// [`Unreadable`] when `recipient` is no public key.
pub fn seal(contents: &Contents, recipient: &[u8; 32], entropy: B256) -> Result<Bytes, Unreadable> {
    let recipient = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(recipient);
    let (encapsulated, ciphertext) =
        hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &recipient.map_err(|_| Unreadable)?,
            INFO,
            &alloy_rlp::encode(contents),
            &[],
            &mut ChaCha20Rng::from_seed(entropy.0),
        )
        .map_err(|_| Unreadable)?;
    Ok([encapsulated.to_bytes().as_slice(), &ciphertext]
        .concat()
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SealingKey {
        SealingKey::of(&SigningKey::from_secret(&B256::repeat_byte(byte)).unwrap())
    }

    fn contents() -> Contents {
        Contents {
            total: Amount::new(20),
            key: B256::repeat_byte(1),
            expiry: Timestamp::new(1000),
            payment_secret: B256::ZERO,
            preimage: vec![B256::repeat_byte(2)],
        }
    }

    // req: A14, L24, GAP-A1
    #[test]
    fn only_the_payee_reads_the_payers_secret() {
        let (payee, mediator) = (key(1), key(2));
        let sealed = seal(&contents(), &payee.public(), B256::repeat_byte(9)).unwrap();
        assert_eq!(payee.open(&sealed), Ok(contents()));
        assert_eq!(mediator.open(&sealed), Err(Unreadable));
    }

    #[test]
    fn a_changed_payload_is_refused() {
        let payee = key(1);
        let sealed = seal(&contents(), &payee.public(), B256::repeat_byte(9)).unwrap();
        for place in 0..sealed.len() {
            let mut changed = sealed.to_vec();
            changed[place] ^= 1;
            assert_eq!(payee.open(&changed), Err(Unreadable), "byte {place}");
        }
    }
}

//! The curve by libsecp256k1: constant time, and the version that alloy uses.

use crate::types::B256;
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, PublicKey, SECP256K1, SecretKey};

#[derive(Clone)]
pub(super) struct Secret(SecretKey);

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.non_secure_erase();
    }
}

pub(super) fn secret(bytes: &B256) -> Option<(Secret, [u8; 64])> {
    let secret = SecretKey::from_slice(bytes.as_slice()).ok()?;
    let point = uncompressed(&secret.public_key(SECP256K1));
    Some((Secret(secret), point))
}

pub(super) fn to_bytes(secret: &Secret) -> zeroize::Zeroizing<[u8; 32]> {
    zeroize::Zeroizing::new(secret.0.secret_bytes())
}

pub(super) fn sign(digest: B256, secret: &Secret) -> ([u8; 64], bool) {
    let message = Message::from_digest(digest.0);
    let (recovery, compact) = SECP256K1
        .sign_ecdsa_recoverable(&message, &secret.0)
        .serialize_compact();
    (
        compact,
        matches!(recovery, RecoveryId::One | RecoveryId::Three),
    )
}

pub(super) fn recover(digest: B256, compact: &[u8; 64], odd: bool) -> Option<[u8; 64]> {
    let recovery = if odd {
        RecoveryId::One
    } else {
        RecoveryId::Zero
    };
    let signature = RecoverableSignature::from_compact(compact, recovery).ok()?;
    let mut low = signature.to_standard();
    low.normalize_s();
    if low != signature.to_standard() {
        return None;
    }
    let key = SECP256K1
        .recover_ecdsa(&Message::from_digest(digest.0), &signature)
        .ok()?;
    Some(uncompressed(&key))
}

fn uncompressed(key: &PublicKey) -> [u8; 64] {
    let bytes = key.serialize_uncompressed();
    let mut point = [0; 64];
    // The first of the 65 bytes only says that the point is uncompressed.
    for (to, from) in point.iter_mut().zip(bytes.iter().skip(1)) {
        *to = *from;
    }
    point
}

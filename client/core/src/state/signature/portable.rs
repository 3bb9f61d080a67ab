//! The curve in pure Rust, for targets without a C compiler.

use crate::types::B256;
use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey};

pub(super) type Secret = SigningKey;

pub(super) fn secret(bytes: &B256) -> Option<(Secret, [u8; 64])> {
    let key = SigningKey::from_slice(bytes.as_slice()).ok()?;
    let point = uncompressed(key.verifying_key());
    Some((key, point))
}

pub(super) fn to_bytes(secret: &Secret) -> zeroize::Zeroizing<[u8; 32]> {
    zeroize::Zeroizing::new(secret.to_bytes().into())
}

pub(super) fn sign(digest: B256, secret: &Secret) -> ([u8; 64], bool) {
    let (signature, recovery) = secret.sign_prehash_recoverable(digest.as_slice());
    (signature.to_bytes().into(), recovery.is_y_odd())
}

pub(super) fn recover(digest: B256, compact: &[u8; 64], odd: bool) -> Option<[u8; 64]> {
    let signature = Signature::from_slice(compact).ok()?;
    if signature.normalize_s() != signature {
        return None;
    }
    let recovery = RecoveryId::new(odd, false);
    let key = VerifyingKey::recover_from_prehash(digest.as_slice(), &signature, recovery).ok()?;
    Some(uncompressed(&key))
}

fn uncompressed(key: &VerifyingKey) -> [u8; 64] {
    let bytes = key.to_sec1_point(false);
    let mut point = [0; 64];
    for (to, from) in point.iter_mut().zip(bytes.as_bytes().iter().skip(1)) {
        *to = *from;
    }
    point
}

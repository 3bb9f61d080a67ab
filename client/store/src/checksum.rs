//! A checksum over each record, for what SQLite does not notice.
//!
//! `PRAGMA integrity_check` proves that the pages form trees; it does not look into the values, and only
//! the write-ahead log carries checksums. A bit that flips inside a stored record would pass it and
//! come back as another balance or nonce, which this node would then sign.

use counterfoil_core::effect::RecordId;
use sha2::{Digest, Sha256};

/// The first 64 bits of a SHA-256 over the id and the content, so that exchanged rows show as well.
///
/// Finds accidents. Whoever can write to the file can also write the checksum.
pub(crate) fn checksum(id: &RecordId, bytes: &[u8]) -> i64 {
    let hash = match id {
        RecordId::Channel(channel) => Sha256::new_with_prefix("channel").chain_update(channel.0),
        RecordId::State(channel, nonce) => Sha256::new_with_prefix("state")
            .chain_update(channel.0)
            .chain_update(nonce.number().to_be_bytes()),
        RecordId::Payment(payment) => Sha256::new_with_prefix("payment").chain_update(payment),
    };
    let digest: [u8; 32] = hash.chain_update(bytes).finalize().into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

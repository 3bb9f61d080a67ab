//! Amounts whose owner a condition decides.

use super::{Address, Amount, B256, Participant, Timestamp};
use alloy_rlp::{RlpDecodable, RlpDecodableWrapper, RlpEncodable, RlpEncodableWrapper};

/// Names a lock within its channel; chosen by its payer, of its payer's parity, and above all the payer used before.
///
/// Never the key: two locks may share key and amount and still be told apart.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    RlpEncodableWrapper,
    RlpDecodableWrapper,
)]
pub struct LockId(pub u64);

/// An amount reserved from its payer until a condition gives it to one side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, RlpEncodable, RlpDecodable)]
pub struct Lock {
    /// Contract that decides; only allow-listed ones are accepted.
    pub condition: Address,
    /// What the condition is asked about: for hashlocks, the SHA-256 of the preimage.
    pub key: B256,
    /// Reserved amount, base units.
    pub amount: Amount,
    /// Whose balance is reserved.
    pub payer: Participant,
    /// A reveal counts up to and including this second.
    pub expiry: Timestamp,
}

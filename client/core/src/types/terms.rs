//! What two participants agree on once, and the id that follows from it.

use super::{Address, Amount, B256, Pair, Participant};
use alloy_rlp::{RlpDecodable, RlpDecodableWrapper, RlpEncodable, RlpEncodableWrapper};
use std::fmt;

/// The hash of a channel's terms.
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
pub struct ChannelId(pub B256);

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is fixed for a channel's life. Never stored on chain: each call re-supplies it and its hash is checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, RlpEncodable, RlpDecodable)]
pub struct Terms {
    /// Keys that sign states.
    pub signers: Pair<Address>,
    /// Where the money goes.
    pub payouts: Pair<Address>,
    /// ERC-20 of the channel; zero for the native coin.
    pub token: Address,
    /// Seconds between a challenge and the first moment of settlement.
    pub finalization_period: u32,
    /// Balance below which no participant pays, base units.
    pub reserve: Amount,
    /// Makes channels of the same two participants distinct.
    pub salt: B256,
}

impl Terms {
    /// The side that `signer` signs for.
    pub fn side_of(&self, signer: Address) -> Option<Participant> {
        Participant::BOTH
            .into_iter()
            .find(|side| *self.signers.of(*side) == signer)
    }
}

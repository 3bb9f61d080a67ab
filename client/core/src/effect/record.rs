//! What has to survive a crash.

use crate::types::{B256, ChannelId, Nonce};

/// One durable write. A record with the same id replaces the earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What the record is about.
    pub id: RecordId,
    /// RLP of the content; the core's own encoding.
    pub bytes: Vec<u8>,
}

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordId {
    /// All that a channel needs to go on after a restart.
    Channel(ChannelId),
    /// The content of one signed state, kept so that it can be settled if it is ever published.
    State(ChannelId, Nonce),
    /// A payment of this node, or one that it forwards.
    Payment(B256),
}

//! Why an input or a store is refused.

use crate::channel::{BadImage, Phase};
use crate::payment::BadPayment;
use crate::types::{Address, B256, ChannelId};
use crate::wire::{BadFrame, Reason};

/// An input that was refused; the node is as before.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A peer's bytes are no message.
    #[error("peer {peer}: {cause}")]
    Frame {
        /// Who sent them.
        peer: Address,
        /// What is wrong.
        cause: BadFrame,
    },
    /// There is no such channel.
    #[error("channel {0} is unknown; expected one that this node has opened or joined")]
    UnknownChannel(ChannelId),
    /// There is no such offer.
    #[error("offer {0} is unknown; expected one that a peer has made and that is still open")]
    UnknownOffer(B256),
    /// The command cannot be carried out as things stand.
    #[error("refused: {0}")]
    Refused(Reason),
    /// The channel is not in a phase for it.
    #[error("the channel is {0:?}; the command needs an open one")]
    Phase(Phase),
    /// The terms of a channel cannot be used.
    #[error("the channel cannot be opened: {0}")]
    Terms(&'static str),
    /// The node has another payment under this hash.
    #[error("hash {0} is in use by another payment of this node; expected a fresh one")]
    KeyInUse(B256),
}

/// A store that does not hold what this node wrote.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// A channel cannot be used.
    #[error(transparent)]
    Channel(#[from] BadImage),
    /// A payment cannot be used.
    #[error(transparent)]
    Payment(#[from] BadPayment),
    /// A channel of another signing key.
    #[error(
        "stored channel {channel} is signed by {found:?}; expected the key of this node, {expected}"
    )]
    Foreign {
        /// Which channel.
        channel: ChannelId,
        /// This node's key.
        expected: Address,
        /// The channel's signers.
        found: [Address; 2],
    },
}

//! What the user may ask for.

use crate::types::{Address, Amount, B256, ChannelId, Timestamp};
use alloy_primitives::{Bytes, keccak256};

/// A wish of the user. Randomness comes with it, since the core has none. Its debug form is its name only, since wishes
/// hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub enum Command {
    /// Offer a channel to a peer.
    Open(OpenChannel),
    /// Accept a peer's offer.
    Join {
        /// The offer's temporary id.
        temporary_id: B256,
        /// 32 fresh random bytes: this side's part of the blinding seed.
        seed: B256,
    },
    /// Decline a peer's offer.
    Decline {
        /// The offer's temporary id.
        temporary_id: B256,
    },
    /// Put more money into a channel.
    Deposit {
        /// Which channel.
        channel: ChannelId,
        /// Base units.
        amount: Amount,
    },
    /// Take money out of a channel that stays open.
    Withdraw {
        /// Which channel.
        channel: ChannelId,
        /// Base units; zero makes a checkpoint: the chain takes no older state any more.
        amount: Amount,
        /// The chain executes it up to and including this second; until then the amount cannot be spent.
        deadline: Timestamp,
    },
    /// Say something to the other side that the protocol does not read.
    Message {
        /// Which channel.
        channel: ChannelId,
        /// At most `wire::MAX_INBAND`.
        bytes: Bytes,
    },
    /// Tell a peer of something that it can repair.
    Warn {
        /// Who.
        peer: Address,
        /// Channel or temporary id that it is about; zero for none.
        channel: ChannelId,
        /// For people; at most `wire::MAX_INBAND` bytes.
        text: String,
    },
    /// Ask a peer whether it is there.
    Ping {
        /// Who.
        peer: Address,
        /// Comes back with [`Event::Pong`](super::Event::Pong).
        token: u64,
    },
    /// Pay the other side of a channel, unconditionally.
    Pay {
        /// Which channel.
        channel: ChannelId,
        /// Base units.
        amount: Amount,
        /// At most 32 bytes that mean something to both.
        tag: Bytes,
    },
    /// Expect a payment under a secret of ours.
    Expect {
        /// 32 fresh random bytes; whoever learns them can take the money on the way.
        preimage: B256,
        /// What the payer must put into the sealed payload to show that it has the invoice.
        payment_secret: B256,
        /// Base units; the preimage is released only for at least that much.
        amount: Amount,
        /// No lock is taken for it after this time.
        expiry: Timestamp,
    },
    /// Pay somebody under a hash, directly or through a mediator.
    Send {
        /// A channel to the first hop.
        channel: ChannelId,
        /// SHA-256 of the preimage.
        key: B256,
        /// What the first lock holds: the payee's amount and all fees. Base units.
        amount: Amount,
        /// Expiry of every lock of the route.
        expiry: Timestamp,
        /// Where the first hop passes it on, and what the payee reads; from `payment::Payload`.
        payload: Bytes,
    },
    /// Close a channel with the other side's consent.
    Close {
        /// Which channel.
        channel: ChannelId,
    },
    /// Close a channel without the other side: start a dispute with the newest state.
    Challenge {
        /// Which channel.
        channel: ChannelId,
    },
}

/// What is asked for when a channel is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenChannel {
    /// Identity of the responder.
    pub peer: Address,
    /// ERC-20, or zero for the native coin.
    pub token: Address,
    /// What this side deposits.
    pub amount: Amount,
    /// What the other side is asked to deposit.
    pub remote_amount: Amount,
    /// What this side gives the other at once.
    pub push_amount: Amount,
    /// Balance below which nobody pays.
    pub reserve: Amount,
    /// Seconds between a challenge and settlement.
    pub finalization_period: u32,
    /// 32 fresh random bytes, from which the temporary id, the salt and the seed follow.
    pub entropy: B256,
}

impl OpenChannel {
    /// The offer's name until the channel has its id.
    pub fn temporary_id(&self) -> B256 {
        self.derive(0)
    }

    /// Random bytes for one purpose.
    pub(crate) fn derive(&self, purpose: u8) -> B256 {
        keccak256([self.entropy.as_slice(), &[purpose]].concat())
    }
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open(_) => "Open",
            Self::Join { .. } => "Join",
            Self::Decline { .. } => "Decline",
            Self::Deposit { .. } => "Deposit",
            Self::Withdraw { .. } => "Withdraw",
            Self::Message { .. } => "Message",
            Self::Warn { .. } => "Warn",
            Self::Ping { .. } => "Ping",
            Self::Pay { .. } => "Pay",
            Self::Expect { .. } => "Expect",
            Self::Send { .. } => "Send",
            Self::Close { .. } => "Close",
            Self::Challenge { .. } => "Challenge",
        })
    }
}

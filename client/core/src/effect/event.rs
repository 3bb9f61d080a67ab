//! News for the user.

use crate::types::{Address, Amount, B256, ChannelId, Nonce, Pair, SignedAmount, Terms, Timestamp};
use crate::wire::{ChannelOpen, Reason};
use alloy_primitives::Bytes;

/// Something that the user may want to know. Whatever it says is durable by the time it is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A peer offers a channel; answer with `Join` or `Decline`.
    ChannelOffered {
        /// Who.
        peer: Address,
        /// What.
        offer: Box<ChannelOpen>,
    },
    /// Both have signed the first state; deposits may go in.
    ChannelCreated {
        /// Its id.
        channel: ChannelId,
        /// Its name until now.
        temporary_id: B256,
        /// The other side.
        peer: Address,
        /// Its terms.
        terms: Terms,
    },
    /// Deposits are final on both sides; payments may start.
    ChannelOpened {
        /// Which channel.
        channel: ChannelId,
    },
    /// A top-up became final on both sides.
    DepositCounted {
        /// Which channel.
        channel: ChannelId,
        /// What counts from now on.
        deposits: Pair<SignedAmount>,
    },
    /// A withdrawal of ours is final on chain.
    Withdrawn {
        /// Which channel.
        channel: ChannelId,
        /// Base units.
        amount: Amount,
    },
    /// A withdrawal of ours will not happen; the amount is spendable again.
    NotWithdrawn {
        /// Which channel.
        channel: ChannelId,
        /// Base units.
        amount: Amount,
        /// Why.
        reason: Reason,
    },
    /// Words of the other side's user.
    Message {
        /// Which channel.
        channel: ChannelId,
        /// As sent.
        bytes: Bytes,
    },
    /// A peer has answered a ping.
    Pong {
        /// Who.
        peer: Address,
        /// As asked.
        token: u64,
    },
    /// This node may have lost states of the channel: it signs no state there any more. Close it by a challenge once peers,
    /// backups and towers have shown what they have.
    DataLost {
        /// Which channel.
        channel: ChannelId,
        /// The newest state that is known here.
        newest: Nonce,
    },
    /// The peer has shown a newer state than this node had.
    StateRecovered {
        /// Which channel.
        channel: ChannelId,
        /// The newest state that is known here now.
        newest: Nonce,
    },
    /// The other side has paid; final.
    Received {
        /// Which channel.
        channel: ChannelId,
        /// Base units.
        amount: Amount,
        /// The payer's words.
        tag: Bytes,
    },
    /// A payment of ours has become final.
    Paid {
        /// Which channel.
        channel: ChannelId,
        /// Base units.
        amount: Amount,
        /// Our words.
        tag: Bytes,
    },
    /// A payment to the other side did not happen; nothing was paid.
    NotPaid {
        /// Which channel.
        channel: ChannelId,
        /// Base units.
        amount: Amount,
        /// Our words.
        tag: Bytes,
        /// Why.
        reason: Reason,
    },
    /// A state became final.
    StateAdvanced {
        /// Which channel.
        channel: ChannelId,
        /// Its nonce.
        nonce: Nonce,
    },
    /// A payment under a hash was locked for us with everything it should have; the preimage is out.
    PaymentArriving {
        /// Its hash.
        key: B256,
        /// What the lock holds.
        amount: Amount,
    },
    /// A payment under a hash was paid to us; final.
    PaymentReceived {
        /// Its hash.
        key: B256,
        /// Base units.
        amount: Amount,
    },
    /// A payment of ours under a hash was paid; the preimage is the receipt.
    PaymentSent {
        /// Its hash.
        key: B256,
        /// What the lock held.
        amount: Amount,
        /// The receipt.
        preimage: B256,
    },
    /// A payment of ours under a hash came back.
    PaymentFailed {
        /// Its hash.
        key: B256,
        /// Why.
        reason: Reason,
    },
    /// A payment went through this node, and both sides of it are final.
    PaymentForwarded {
        /// Its hash.
        key: B256,
        /// What stays here.
        fee: Amount,
    },
    /// A channel takes nothing new from now on.
    ShuttingDown {
        /// Which channel.
        channel: ChannelId,
    },
    /// Somebody has started a dispute.
    Disputed {
        /// Which channel.
        channel: ChannelId,
        /// The state on chain.
        nonce: Nonce,
        /// The newest state here.
        newest: Nonce,
        /// First second of settlement.
        finalizes_at: Timestamp,
    },
    /// A channel is closed on chain; what it held has been paid or credited.
    ChannelClosed {
        /// Which channel.
        channel: ChannelId,
    },
    /// The conversation about a channel or an offer is over; the newest co-signed state stays good.
    ConversationEnded {
        /// With whom.
        peer: Address,
        /// Channel or temporary id.
        channel: ChannelId,
        /// Who ended it and why.
        text: String,
    },
    /// The other side warns of something that can be repaired.
    Warned {
        /// Who.
        peer: Address,
        /// Channel or temporary id.
        channel: ChannelId,
        /// Its words.
        text: String,
    },
}

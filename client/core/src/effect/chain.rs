//! What the core knows of the chain, and what it asks of it.

use alloy_primitives::U256;

use crate::state::{Opening, Signature};
use crate::types::{
    Address, Amount, B256, ChannelId, Nonce, Pair, Participant, SignedAmount, Terms, Timestamp,
};

/// Something that the chain shows. Facts may repeat and may be overtaken by a reorg; none of them is an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainEvent {
    /// A new head.
    Block {
        /// Height.
        number: u64,
        /// The block's own time.
        timestamp: Timestamp,
        /// Time of the newest block that can no longer be reorged away.
        finalized: Timestamp,
    },
    /// What the adjudicator stores for a channel.
    Channel {
        /// Which channel.
        channel: ChannelId,
        /// How deep the block is that was read.
        depth: Depth,
        /// Time of the block that was read.
        as_of: Timestamp,
        /// What was read.
        status: OnChain,
    },
    /// A condition's registry recorded a preimage in the newest block that was read.
    Revealed {
        /// The registry.
        condition: Address,
        /// SHA-256 of the preimage.
        key: B256,
        /// The preimage.
        preimage: B256,
        /// Time of the block that recorded it first.
        at: Timestamp,
    },
    /// A final block later than the expiry of a watched key was read.
    Expired {
        /// The registry.
        condition: Address,
        /// The key.
        key: B256,
        /// Time of the final block; later than the expiry under which the key is watched.
        as_of: Timestamp,
        /// The recorded time of the first reveal in that block's state, none when there was none.
        revealed_at: Option<Timestamp>,
    },
}

/// How deep in the chain a reading was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// At the newest block: enough to defend, not to credit.
    Latest,
    /// As deep as the channel's minimum depth: deposits may be counted.
    Confirmed,
}

/// Where a channel stands on chain; the contract's `Status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Status {
    /// Not in dispute.
    #[default]
    Open,
    /// A finalization period runs, or is over and nobody has settled.
    Disputed,
    /// Paid out but for unresolved locks.
    Settling,
    /// For ever.
    Closed,
}

/// What the adjudicator stores for a channel; the contract's `ChannelView`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OnChain {
    /// Where the channel stands.
    pub status: Status,
    /// What each participant put in less what it took out, base units.
    pub deposits: Pair<SignedAmount>,
    /// The newest nonce that the contract accepted.
    pub nonce: Nonce,
    /// First second of settlement; zero while open.
    pub finalizes_at: Timestamp,
    /// Commitment of the state under dispute.
    pub commitment: B256,
    /// Bit i is set when lock i has been paid out.
    pub resolved_locks: U256,
}

/// A call of the contracts. The arguments are complete: whoever carries it out needs nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Put `amount` into the channel.
    Deposit {
        /// The channel's terms.
        terms: Terms,
        /// Whose deposit.
        participant: Participant,
        /// How much, base units.
        amount: Amount,
        /// The participant's deposit before this one; guards against a repeated transaction.
        expected: SignedAmount,
    },
    /// Pay both out by mutual consent.
    Close {
        /// The channel's terms.
        terms: Terms,
        /// What participant 0 has paid participant 1.
        net: SignedAmount,
        /// Over `Close`.
        signatures: Pair<Signature>,
    },
    /// Pay out a part by mutual consent; the channel stays open.
    Withdraw {
        /// The channel's terms.
        terms: Terms,
        /// The co-signed state that holds the withdrawal; the chain takes none below it afterwards.
        nonce: Nonce,
        /// What each participant is paid, base units.
        amounts: Pair<Amount>,
        /// Last second in which the chain executes it.
        deadline: Timestamp,
        /// Over `Withdraw`.
        signatures: Pair<Signature>,
    },
    /// Start the finalization period.
    Challenge {
        /// The channel's terms.
        terms: Terms,
        /// Number of the state.
        nonce: Nonce,
        /// Commitment of the state.
        commitment: B256,
        /// Over the state; not needed for nonce 0.
        signatures: Pair<Signature>,
        /// The caller's consent over `Challenge`, so that any account can submit it.
        will: Signature,
    },
    /// Answer a challenge with a newer state.
    Respond {
        /// The channel's terms.
        terms: Terms,
        /// Number of the state.
        nonce: Nonce,
        /// Commitment of the state.
        commitment: B256,
        /// Over the state.
        signatures: Pair<Signature>,
        /// Last second in which the chain accepts the answer, exclusive.
        before: Timestamp,
    },
    /// Pay out what is certain after the finalization period.
    Settle {
        /// The channel's terms.
        terms: Terms,
        /// Number of the state that the chain holds.
        nonce: Nonce,
        /// Content of that state.
        opening: Opening,
        /// The locks that the chain showed as paid out when the call was asked for; the call is done once it shows more.
        resolved_locks: U256,
    },
    /// Register a preimage.
    Reveal {
        /// The registry.
        condition: Address,
        /// The preimage.
        preimage: B256,
        /// The reveal must be in a block at or before this time to count.
        expiry: Timestamp,
    },
}

/// Something to follow on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Report the channel at [`Depth::Latest`] and [`Depth::Confirmed`] whenever it changes, and once now.
    Channel {
        /// Which channel.
        channel: ChannelId,
        /// Blocks on top of a deposit's block before it counts.
        minimum_depth: u32,
    },
    /// Report the channel at [`Depth::Confirmed`] once more, changed or not, as soon as a block at that depth is later than
    /// `after`.
    Recheck {
        /// Which channel; watched already.
        channel: ChannelId,
        /// The deadline after which the reading is wanted.
        after: Timestamp,
    },
    /// Report [`ChainEvent::Revealed`] for the key, and [`ChainEvent::Expired`] once a final block is later than `expiry`.
    Key {
        /// The registry.
        condition: Address,
        /// The key.
        key: B256,
        /// When the lock expires.
        expiry: Timestamp,
    },
}

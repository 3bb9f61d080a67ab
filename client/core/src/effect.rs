//! What goes into the core and what comes out of it.
//!
//! Inputs are complete: the core reads nothing else. Effects are carried out in order, and every
//! [`Effect::Persist`] is durable before a later effect starts.

mod chain;
mod command;
mod event;
mod record;

pub use chain::{Call, ChainEvent, Depth, OnChain, Status, Watch};

pub use command::{Command, OpenChannel};
pub use event::Event;
pub use record::{Record, RecordId};

use crate::types::{Address, ChannelId, Nonce};

/// Everything that can happen to a node.
#[derive(Clone, Debug)]
pub enum Input {
    /// A frame arrived from the peer with this identity.
    Frame {
        /// Proven identity of the sender.
        peer: Address,
        /// One whole frame.
        bytes: Vec<u8>,
    },
    /// The user wants something.
    Command(Command),
    /// The chain shows something.
    Chain(ChainEvent),
    /// The stored state that [`Effect::Load`] asked for; none when the store does not have it.
    Loaded {
        /// Whose state.
        channel: ChannelId,
        /// Which state.
        nonce: Nonce,
        /// The record's bytes as they were persisted.
        record: Option<Vec<u8>>,
    },
    /// The link to a peer was established again: what it may have missed is sent once more.
    Connected {
        /// Whose link.
        peer: Address,
    },
}

/// Everything that the core wants done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Make durable before anything that follows.
    Persist(Record),
    /// Send a frame to a peer. May be lost; the protocol repeats what matters.
    Send {
        /// Identity of the receiver.
        peer: Address,
        /// One whole frame.
        frame: Vec<u8>,
    },
    /// Get a call onto the chain, and keep trying until the chain shows its effect.
    Submit(Call),
    /// Follow something on the chain from now on. Asking again changes nothing.
    Watch(Watch),
    /// Read a stored state and hand it back as [`Input::Loaded`].
    Load {
        /// Whose state.
        channel: ChannelId,
        /// Which state.
        nonce: Nonce,
    },
    /// Drop the stored states of a channel below a nonce: the chain takes none of them any more, or the retention is over.
    Forget {
        /// Whose states.
        channel: ChannelId,
        /// The first nonce that is kept.
        below: Nonce,
    },
    /// Tell the user.
    Notify(Event),
}

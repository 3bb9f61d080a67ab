//! The vocabulary of the protocol: amounts, nonces, participants, terms, locks.
//!
//! Values are checked where they are made, so that code further in need not look again.

mod amount;
mod lock;
mod nonce;
mod participant;
mod terms;
mod time;

pub use alloy_primitives::{Address, B256};
pub use amount::{Amount, Outside, SignedAmount};
pub use lock::{Lock, LockId};
pub use nonce::Nonce;
pub use participant::{Pair, Participant};
pub use terms::{ChannelId, Terms};
pub use time::Timestamp;

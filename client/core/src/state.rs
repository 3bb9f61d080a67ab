//! What is signed: openings and their commitments, EIP-712 digests, signatures, and what settlement pays.
//!
//! Everything here equals the contracts to the byte; adjudicator-tests/vectors/ holds the proof.

mod digest;
mod opening;
mod settlement;
mod signature;

pub use digest::{Domain, close_digest, state_digest, will_digest, withdraw_digest};
pub use opening::{BlindingSeed, Content, Locks, Opening, Withdrawing};
pub use settlement::{Payouts, settle};
pub use signature::{BadSignature, Signature, SigningKey};

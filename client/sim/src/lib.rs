//! A world without clock, disk and network: nodes of the core that ships, links that carry bytes, stores that crash and a
//! chain that follows the contracts.
//!
//! Tests drive a [`World`] by hand. A walk drives it by chance from a seed, checks the oracles after every step, and when
//! one is broken shrinks the steps and tells the story. The same seed always gives the same walk.

// A broken expectation of a test is a panic, and its numbers are ones that it chose.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]

pub mod chain;
mod dice;
mod fault;
mod invoice;
pub mod oracle;
mod puppet;
mod shrink;
pub mod story;
mod survey;
mod tally;
pub mod walk;
mod world;

pub use chain::{Chain, key_of};
pub use fault::Fault;
pub use invoice::Invoice;
pub use puppet::{Puppet, content, locking, paying};
pub use shrink::{Shrunk, shrink};
pub use survey::{Report, survey};
pub use tally::Tally;
pub use world::*;

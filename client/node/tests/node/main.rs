//! Nodes on a real Anvil chain with real databases, through the interface that users have.
//!
//! Every figure is in base units of the native coin; payout accounts start empty, so what they hold is what was paid.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test waits for the news that it names"
)]

mod backup;
mod disk;
mod funding;
mod kit;
mod locks;
mod mediated;
mod payments;
mod refusals;
mod restart;
mod stale;
mod talk;
mod withdraw;

//! The channel protocol as a pure state machine.
//!
//! Bytes from peers, facts from the chain and commands of the user go in, each with the time; records to persist,
//! frames to send, calls to submit and news for the user come out, in that order of safety. The core reads no clock, no
//! random source, no disk and no socket, so the same inputs always give the same effects.
//!
//! Modules depend on each other in one direction only:
//! `types -> state -> wire -> effect -> channel -> payment -> engine`.

// Tests compute with numbers that they chose.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::as_conversions))]

pub mod channel;
pub mod effect;
pub mod engine;
pub mod payment;
pub mod state;
pub mod types;
pub mod wire;

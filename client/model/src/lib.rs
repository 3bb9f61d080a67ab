//! A model checker's view of one channel: two real engines, the frames between them, and a chain.
//!
//! [`Model`] hands the checker every action that is possible in a state: commands, deliveries, repeats, cuts, crashes, blocks,
//! stale publications. [`property`] says what must hold in each state that is reached. Nothing of the protocol is modelled:
//! both participants are `counterfoil_core::engine::Engine`, and what travels between them are its bytes.

// A model that is wrong must stop at once, and computes with numbers that it chose itself.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing
)]

mod action;
mod archive;
mod chain;
mod completion;
mod explore;
mod fault;
mod follower;
mod frame;
mod memo;
mod milestone;
mod model;
mod node;
mod opening;
pub mod operations;
mod past;
pub mod property;
pub mod scenario;
mod setting;
mod state;
mod step;

pub use action::{Action, Doing};
pub use explore::{Limits, Report, Stops, Story, explore};
pub use fault::Fault;
pub use milestone::Milestone;
pub use model::Model;
pub use state::State;

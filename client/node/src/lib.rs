//! A node of channels as a library: the pure core with a disk, a chain and links to peers.
//!
//! ```text
//! frames of peers --+                                  +--> store   (durable first)
//! news of the chain +--> engine.handle --> effects --->+--> links, chain, events
//! commands ---------+
//! ```
//!
//! A node runs on a thread of its own. It takes everything that waits, lets the engine handle it, writes all records in one
//! durable transaction, and only then sends, submits and tells: many payments share one write, and none waits for a timer.

mod builder;
mod error;
mod event;
mod link;
mod node;
mod payment;
mod repeat;
mod runtime;

pub use builder::NodeBuilder;
pub use error::{NodeError, StartError};
pub use event::{Events, NodeEvent};
pub use link::{Link, connect};
pub use node::{Node, Wish};
pub use payment::{Contact, Invoice, PayError, Route};

#[cfg(test)]
extern crate self as counterfoil_node;
#[cfg(test)]
#[allow(
    dead_code,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm
)]
#[path = "../tests/node/kit.rs"]
mod kit;

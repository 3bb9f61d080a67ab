//! A kit for tests that drive the real contracts on Anvil: chains, channels whose both keys are at hand, observers that
//! wait for news, and endpoints that misbehave.

mod channel;
mod endpoint;
mod observer;

pub use channel::TestChannel;
pub use counterfoil_deploy::devnet::{Anvil, AnvilOptions, AtOnce, Devnet};
pub use endpoint::{Gate, garbage_endpoint};
pub use observer::{Observer, config, pending};

/// The example of the README, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

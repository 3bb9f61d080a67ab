//! Runs of one node against everything that can happen to it.
//!
//! A script of bytes is the adversary: it owns the peer's key, the link, the chain's readings, the clock and the moments of
//! crashes. Each step is followed by the checks of `oracle`; a broken one panics, and the script is the way to repeat it.

// The fuzzer computes with numbers that it chose, and a panic is how it reports.
#![allow(clippy::missing_panics_doc)]

mod actions;
mod forge;
mod node;
mod opened;
mod oracle;
mod script;
mod world;

use counterfoil_core::channel::Phase;
use counterfoil_core::types::Participant;
use opened::Opened;
use script::Script;
use world::World;

thread_local! {
    static OPENED: Opened = Opened::new();
}

/// Runs a script to its end, and says where the channel stood then.
pub fn run(script: &[u8]) -> Option<(Participant, Phase)> {
    let mut script = Script::new(script);
    let local = Participant::BOTH[script.below(2)?];
    let mut world = World::new(OPENED.with(Clone::clone), local);
    while actions::step(&mut world, &mut script).is_some() {}
    Some((local, world.summary().phase))
}

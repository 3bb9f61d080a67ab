//! What the users do, and what may go wrong meanwhile.

mod all;

pub use all::ALL;

use crate::milestone::Milestone;
use crate::operations::Operation;
use counterfoil_core::channel::Policy;
use counterfoil_core::types::{Pair, Participant};

/// How often each fault may happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Budget {
    /// Cuts of the link.
    pub cuts: u8,
    /// Frames that come twice.
    pub repeats: u8,
    /// Frames that are lost alone, though no link may do that.
    pub losses: u8,
    /// Processes that die between two turns.
    pub crashes: u8,
    /// Processes that die after the write of a turn and before the rest of it.
    pub deaths: u8,
    /// States that somebody publishes.
    pub publications: u8,
    /// Blocks that leave out one side's calls.
    pub delays: u8,
}

/// One world to explore.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// Its name on the command line.
    pub name: &'static str,
    /// What each side deposits, base units.
    pub deposits: Pair<u128>,
    /// Balance below which nobody pays.
    pub reserve: u128,
    /// What each side changes in the usual policy.
    pub policies: Pair<fn(&mut Policy)>,
    /// What has happened before the exploration starts.
    pub prepared: &'static [(Participant, Operation)],
    /// What each user asks for, in order.
    pub script: Pair<&'static [Operation]>,
    /// Seconds between blocks, for each block that may be mined.
    pub blocks: &'static [u64],
    /// Preimages that somebody reveals on chain before the first of these blocks.
    pub reveals: &'static [u8],
    /// What may go wrong.
    pub budget: Budget,
    /// What may go wrong at night.
    pub night: Option<Budget>,
    /// What the exploration has to meet.
    pub reaches: &'static [Milestone],
    /// How many steps a test and the build server take; a night takes all.
    pub depths: Depths,
}

/// Steps from the start.
#[derive(Clone, Copy, Debug)]
pub struct Depths {
    /// In a test.
    pub test: usize,
    /// On the build server.
    pub ci: usize,
}

/// More steps than any scenario takes.
pub const ALL_STEPS: usize = 200;

/// The scenario of that name.
pub fn named(name: &str) -> Option<Scenario> {
    ALL.iter().find(|scenario| scenario.name == name).copied()
}

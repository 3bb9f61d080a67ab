//! What the users do, and what may go wrong meanwhile.

use crate::milestone::Milestone;
use crate::operations::Operation::{self, Close, Pay, Send, SendInVain, Withdraw};
use counterfoil_core::channel::Policy;
use counterfoil_core::types::{Amount, Pair, Participant};

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
    /// What the exploration has to meet.
    pub reaches: &'static [Milestone],
    /// How many steps a test, the build server, and a night take.
    pub depths: Depths,
}

/// Steps from the start.
#[derive(Clone, Copy, Debug)]
pub struct Depths {
    /// In a test.
    pub test: usize,
    /// On the build server.
    pub ci: usize,
    /// At night.
    pub deep: usize,
}

/// Faults of none.
const CALM: Budget = Budget {
    cuts: 0,
    repeats: 0,
    losses: 0,
    crashes: 0,
    deaths: 0,
    publications: 0,
    delays: 0,
};

/// Two users who ask for nothing.
const BASE: Scenario = Scenario {
    name: "",
    deposits: Pair::new(1_000_000, 1_000_000),
    reserve: 0,
    policies: Pair::new(usual, usual),
    prepared: &[],
    script: Pair::new(&[], &[]),
    blocks: &[],
    reveals: &[],
    budget: CALM,
    reaches: &[],
    depths: Depths {
        test: 9,
        ci: 12,
        deep: 100,
    },
};

/// All scenarios.
pub const ALL: &[Scenario] = &[
    Scenario {
        name: "pays",
        script: Pair::new(&[Pay(0), Pay(1)], &[Pay(2), Pay(3)]),
        budget: Budget {
            cuts: 1,
            repeats: 1,
            ..CALM
        },
        reaches: &[Milestone::Crossing, Milestone::Merge, Milestone::Repeat],
        ..BASE
    },
    Scenario {
        name: "crashes",
        script: Pair::new(&[Pay(0), Pay(1)], &[Pay(2)]),
        budget: Budget {
            crashes: 1,
            deaths: 1,
            ..CALM
        },
        reaches: &[
            Milestone::Crossing,
            Milestone::Merge,
            Milestone::Crash,
            Milestone::Death,
        ],
        ..BASE
    },
    Scenario {
        name: "locks",
        script: Pair::new(&[Send(0)], &[Pay(1), Send(2)]),
        budget: Budget {
            cuts: 1,
            deaths: 1,
            ..CALM
        },
        reaches: &[Milestone::Crossing, Milestone::Merge, Milestone::Death],
        ..BASE
    },
    Scenario {
        name: "settle-cancel",
        script: Pair::new(&[SendInVain(0)], &[SendInVain(1), Pay(2)]),
        blocks: &[12],
        reveals: &[0, 1],
        budget: Budget { cuts: 1, ..CALM },
        reaches: &[Milestone::Crossing, Milestone::Merge],
        ..BASE
    },
    Scenario {
        name: "refusals",
        policies: Pair::new(small_locks_only, large_locks_only),
        script: Pair::new(&[Pay(0), Send(1)], &[Pay(2), Send(5)]),
        budget: Budget {
            cuts: 1,
            deaths: 1,
            ..CALM
        },
        reaches: &[Milestone::Crossing, Milestone::Merge, Milestone::Refusal],
        ..BASE
    },
    Scenario {
        name: "overdraw",
        deposits: Pair::new(1_000_000, 70),
        reserve: 2,
        script: Pair::new(&[Pay(0), Pay(4)], &[Pay(3), Pay(2)]),
        budget: Budget {
            cuts: 1,
            repeats: 1,
            ..CALM
        },
        reaches: &[Milestone::Crossing, Milestone::Merge],
        ..BASE
    },
    Scenario {
        name: "withdraw",
        script: Pair::new(
            &[
                Withdraw {
                    units: 300,
                    within: 40,
                },
                Pay(0),
            ],
            &[Withdraw {
                units: 500,
                within: 60,
            }],
        ),
        blocks: &[12, 12, 12],
        budget: Budget {
            cuts: 1,
            deaths: 1,
            delays: 1,
            ..CALM
        },
        reaches: &[Milestone::Withdrawal, Milestone::Death],
        ..BASE
    },
    Scenario {
        name: "close",
        script: Pair::new(&[Pay(0), Close], &[Pay(1), Send(2)]),
        blocks: &[12],
        budget: Budget {
            cuts: 1,
            deaths: 1,
            ..CALM
        },
        reaches: &[Milestone::Close],
        ..BASE
    },
    Scenario {
        name: "stale",
        script: Pair::new(&[Pay(0), Send(1)], &[Pay(2)]),
        blocks: &[12, 12],
        budget: Budget {
            cuts: 1,
            publications: 1,
            ..CALM
        },
        reaches: &[Milestone::Answer],
        ..BASE
    },
    Scenario {
        name: "stale-withdraw",
        script: Pair::new(
            &[
                Withdraw {
                    units: 300,
                    within: 40,
                },
                Pay(0),
            ],
            &[Pay(1)],
        ),
        blocks: &[12, 12],
        budget: Budget {
            publications: 1,
            delays: 1,
            ..CALM
        },
        reaches: &[Milestone::Withdrawal, Milestone::Answer],
        ..BASE
    },
    Scenario {
        name: "gaps",
        script: Pair::new(&[Pay(0), Pay(1)], &[Pay(2)]),
        budget: Budget {
            losses: 1,
            repeats: 1,
            ..CALM
        },
        reaches: &[Milestone::Loss],
        ..BASE
    },
];

/// The scenario of that name.
pub fn named(name: &str) -> Option<Scenario> {
    ALL.iter().find(|scenario| scenario.name == name).copied()
}

fn usual(_: &mut Policy) {}

fn small_locks_only(policy: &mut Policy) {
    policy
        .conditions
        .push(counterfoil_core::types::Address::ZERO);
    policy.lock_maximum = 60;
}

fn large_locks_only(policy: &mut Policy) {
    policy.lock_minimum = Amount::new(100);
}

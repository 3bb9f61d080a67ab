//! The worlds that are explored.

use super::{ALL_STEPS, Budget, Depths, Scenario};
use crate::milestone::Milestone;
use crate::operations::Operation::{Challenge, Close, Deposit, Pay, Send, SendInVain, Withdraw};
use counterfoil_core::channel::Policy;
use counterfoil_core::types::{Amount, Pair};

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
    night: None,
    reaches: &[],
    depths: Depths {
        test: 8,
        ci: ALL_STEPS,
    },
};

/// All scenarios. None both loses and doubles frames on a link that may come back: together that is a link that reorders, which
/// the protocol rules out.
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
        night: Some(Budget {
            cuts: 2,
            repeats: 2,
            ..CALM
        }),
        depths: Depths {
            test: 9,
            ci: ALL_STEPS,
        },
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
        night: Some(Budget {
            crashes: 2,
            deaths: 1,
            ..CALM
        }),
        depths: Depths {
            test: 8,
            ci: ALL_STEPS,
        },
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
        night: Some(Budget {
            cuts: 1,
            deaths: 1,
            crashes: 1,
            ..CALM
        }),
        depths: Depths {
            test: 8,
            ci: ALL_STEPS,
        },
        ..BASE
    },
    Scenario {
        name: "settle-cancel",
        script: Pair::new(&[SendInVain(0)], &[SendInVain(1), Pay(2)]),
        blocks: &[12],
        reveals: &[0, 1],
        budget: Budget { cuts: 1, ..CALM },
        reaches: &[Milestone::Crossing, Milestone::Merge],
        night: Some(Budget {
            cuts: 1,
            repeats: 1,
            deaths: 1,
            ..CALM
        }),
        depths: Depths {
            test: 9,
            ci: ALL_STEPS,
        },
        ..BASE
    },
    Scenario {
        name: "vain",
        script: Pair::new(&[SendInVain(0)], &[Pay(1)]),
        budget: Budget {
            cuts: 2,
            repeats: 1,
            crashes: 1,
            ..CALM
        },
        reaches: &[
            Milestone::Crossing,
            Milestone::Merge,
            Milestone::Repeat,
            Milestone::Crash,
        ],
        night: Some(Budget {
            cuts: 2,
            repeats: 1,
            crashes: 1,
            deaths: 1,
            ..CALM
        }),
        depths: Depths {
            test: 8,
            ci: ALL_STEPS,
        },
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
        night: Some(Budget {
            cuts: 1,
            repeats: 1,
            deaths: 1,
            ..CALM
        }),
        depths: Depths {
            test: 8,
            ci: ALL_STEPS,
        },
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
        night: Some(Budget {
            cuts: 2,
            repeats: 1,
            deaths: 1,
            ..CALM
        }),
        depths: Depths {
            test: 9,
            ci: ALL_STEPS,
        },
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
        depths: Depths { test: 7, ci: 10 },
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
        depths: Depths { test: 6, ci: 12 },
        ..BASE
    },
    Scenario {
        name: "top-up",
        script: Pair::new(
            &[Deposit(700), Pay(0)],
            &[
                Withdraw {
                    units: 500,
                    within: 60,
                },
                Pay(1),
            ],
        ),
        blocks: &[12, 12, 12],
        budget: Budget {
            cuts: 1,
            deaths: 1,
            ..CALM
        },
        reaches: &[Milestone::Withdrawal, Milestone::Death],
        depths: Depths { test: 6, ci: 9 },
        ..BASE
    },
    Scenario {
        name: "challenge",
        script: Pair::new(&[Pay(0), Challenge], &[Send(1), Close]),
        blocks: &[12, 12],
        budget: Budget {
            cuts: 1,
            deaths: 1,
            ..CALM
        },
        reaches: &[Milestone::Crossing],
        depths: Depths { test: 6, ci: 10 },
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
        depths: Depths { test: 6, ci: 11 },
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
        night: Some(Budget {
            cuts: 1,
            publications: 1,
            delays: 1,
            ..CALM
        }),
        depths: Depths {
            test: 6,
            ci: ALL_STEPS,
        },
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
        night: Some(Budget {
            cuts: 1,
            losses: 2,
            ..CALM
        }),
        depths: Depths {
            test: 11,
            ci: ALL_STEPS,
        },
        ..BASE
    },
];

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

//! Every scenario, a few steps deep: nothing is violated, and what the scenario was made for is met.

use counterfoil_model::scenario::{ALL, Budget, Scenario};
use counterfoil_model::{Fault, Limits, Milestone, Report, Stops, explore};

/// Steps in which each scenario reaches what it is made for, as long as nothing goes wrong.
const CALM_STEPS: usize = 13;

fn explored(scenario: Scenario, depth: usize) -> Report {
    let limits = Limits {
        depth,
        states: usize::MAX,
        stops: Stops::AtFirst,
    };
    let report = explore(scenario, Fault::None, limits);
    println!("{report}");
    assert!(report.violations.is_empty(), "{report}");
    report
}

// req: A1, A16, E3, GAP-E8
#[test]
fn no_interleaving_of_a_few_steps_violates_anything() {
    for scenario in ALL {
        let report = explored(*scenario, scenario.depths.test);
        if report.missed.is_empty() {
            continue;
        }
        let budget = Budget {
            publications: scenario.budget.publications,
            ..Budget::default()
        };
        let calm = explored(
            Scenario {
                budget,
                ..*scenario
            },
            CALM_STEPS,
        );
        let is_reached = |missed: &&str| calm.reached.contains_key(*missed);
        assert!(report.missed.iter().all(is_reached), "{report}");
    }
}

#[test]
fn together_the_scenarios_reach_everything_that_can_happen() {
    let all = [
        Milestone::Crossing,
        Milestone::Merge,
        Milestone::Refusal,
        Milestone::Repeat,
        Milestone::Loss,
        Milestone::Crash,
        Milestone::Death,
        Milestone::Answer,
        Milestone::Withdrawal,
        Milestone::Close,
    ];
    for milestone in all {
        let reaches = |scenario: &&counterfoil_model::scenario::Scenario| {
            scenario.reaches.contains(&milestone)
        };
        assert!(
            ALL.iter().any(|scenario| reaches(&scenario)),
            "{milestone:?}"
        );
    }
}

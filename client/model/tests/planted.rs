//! Mistakes planted around the core: for each property one that breaks it and, up to there, no other.

use counterfoil_model::property::{
    ENFORCEABLE, FINAL_STAYS, NEWEST_IS_PAID, ONE_STATE_PER_NONCE, UNSTUCK, UPWARDS,
};
use counterfoil_model::scenario::{ALL, Budget, Scenario};
use counterfoil_model::{Fault, Limits, Stops, explore};
use std::collections::BTreeSet;

fn finds(property: &'static str, fault: Fault, scenario: Scenario) {
    let limits = Limits {
        depth: 12,
        states: 400_000,
        stops: Stops::AtFirst,
    };
    let report = explore(scenario, fault, limits);
    println!("{report}");
    let story = report.violations.get(property);
    let violated = story.map(|story| story.violated.clone());
    assert_eq!(violated, Some(BTreeSet::from([property])), "{fault:?}");
}

fn scenario(name: &str, budget: Budget) -> Scenario {
    let scenarios = ALL.iter().copied();
    let [scenario] = scenarios.filter(|one| one.name == name).collect::<Vec<_>>()[..] else {
        unreachable!("{name} is a scenario");
    };
    Scenario { budget, ..scenario }
}

fn one_crash() -> Budget {
    Budget {
        crashes: 1,
        ..Budget::default()
    }
}

#[test]
fn a_disk_that_loses_the_last_write_makes_two_states_of_one_nonce() {
    let scenario = scenario("pays", one_crash());
    finds(ONE_STATE_PER_NONCE, Fault::LosesTheLastWrite, scenario);
}

#[test]
fn an_old_backup_forgets_what_was_final() {
    finds(
        FINAL_STAYS,
        Fault::StartsFromABackup,
        scenario("pays", one_crash()),
    );
}

#[test]
fn an_old_backup_signs_below_what_it_has_signed() {
    finds(
        UPWARDS,
        Fault::StartsFromABackup,
        scenario("vain", one_crash()),
    );
}

#[test]
fn a_store_without_states_leaves_nothing_to_settle_with() {
    finds(
        ENFORCEABLE,
        Fault::KeepsNoStates,
        scenario("pays", Budget::default()),
    );
}

#[test]
fn a_link_that_drops_acknowledgements_ends_in_silence() {
    finds(
        UNSTUCK,
        Fault::DropsAcknowledgements,
        scenario("pays", Budget::default()),
    );
}

#[test]
fn a_chain_that_pays_one_unit_less_is_seen() {
    finds(
        NEWEST_IS_PAID,
        Fault::PaysOneUnitLess,
        scenario("pays", Budget::default()),
    );
}

//! Each oracle speaks when the world does what it must not, and the story that it tells is a short one.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::unwrap_used
)]

use counterfoil_sim::story::Story;
use counterfoil_sim::walk::Plan;
use counterfoil_sim::{Fault, shrink};

const STEPS: usize = 120;
/// Seeds that are tried at most until the fault shows.
const SEEDS: u64 = 3000;

/// The first walk with the fault that breaks the promise, shrunk: far fewer steps and a story that ends with the promise.
fn assert_told(fault: Fault, promise: &str) {
    let plans = (0..SEEDS).map(|seed| {
        let mut plan = Plan::of(seed, STEPS);
        plan.fault = Some(fault);
        plan
    });
    let mut found = plans.filter_map(|plan| {
        let broken = plan.run(Story::default()).broken?;
        (broken.promise == promise).then_some((plan, broken))
    });
    let (plan, broken) = found.next().expect("the oracle speaks");
    let shrunk = shrink(&plan, &broken).plan;
    assert!(
        shrunk.steps.len() * 4 < plan.steps.len(),
        "{} steps are left",
        shrunk.steps.len()
    );
    let (long, short) = (
        plan.run(Story::kept()).story,
        shrunk.run(Story::kept()).story,
    );
    assert!(short.len() <= long.len());
    assert!(short.last().unwrap().starts_with(promise), "{short:#?}");
    let healthy = Plan {
        fault: None,
        ..shrunk
    };
    let ended = healthy.run(Story::kept());
    assert_eq!(ended.broken, None, "{:#?}", ended.story);
}

#[test]
fn a_chain_that_keeps_a_unit_breaks_conservation() {
    assert_told(
        Fault::ChainKeepsAUnit,
        "what was paid in is held or paid out",
    );
}

#[test]
fn a_chain_that_shows_deposits_which_are_not_there_breaks_conservation() {
    assert_told(
        Fault::ChainShowsMore,
        "deposits are balances, locks and withdrawals",
    );
}

#[test]
fn an_old_state_that_nobody_answers_breaks_the_payout() {
    assert_told(
        Fault::NobodyWatches,
        "a closed channel paid what the newest state gives",
    );
}

#[test]
fn a_disk_that_loses_payments_costs_what_was_received() {
    assert_told(
        Fault::DisksLosePayments,
        "what was told as received is never lost",
    );
}

#[test]
fn a_chain_that_takes_no_secrets_costs_whoever_has_shown_one() {
    assert_told(Fault::ChainTakesNoSecrets, "whoever shows a secret is paid");
}

#[test]
fn an_old_disk_and_lying_peers_lead_to_two_states_at_one_nonce() {
    assert_told(Fault::PeersLie, "never two signed states at one nonce");
}

#[test]
fn a_disk_that_loses_states_is_found_out_when_a_signature_leaves() {
    assert_told(Fault::DisksLoseStates, "disk before wire");
}

#[test]
fn a_disk_that_loses_channels_is_found_out_after_the_first_turn() {
    assert_told(Fault::DisksLoseChannels, "a restart knows what was told");
}

#[test]
fn a_chain_that_stays_stuck_lets_nothing_end() {
    assert_told(Fault::ChainStaysStuck, "everything comes to an end");
}

//! Two models of settlement, written apart, pay the same; and the contract's shared cases hold both to it.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use alloy_primitives::U256;
use alloy_sol_types::SolValue;
use counterfoil_core::state::{Opening, settle};
use counterfoil_core::types::{
    Address, Amount, B256, Lock, Pair, Participant, SignedAmount, Timestamp,
};
use counterfoil_sim::chain::Division;
use proptest::prelude::*;
use serde_json::Value;

mod sol {
    alloy_sol_types::sol! {
        struct Lock { address condition; bytes32 key; uint128 amount; uint8 payer; uint40 expiry; }
        struct Opening { bytes32 blinding; int128 net; Lock[] locks; bytes appState; }
    }
}

const VECTORS: &str = include_str!("../../../adjudicator-tests/vectors/settlement.json");

fn lock(amount: u128, payer: Participant) -> Lock {
    Lock {
        condition: Address::ZERO,
        key: B256::ZERO,
        amount: Amount::new(amount),
        payer,
        expiry: Timestamp::new(0),
    }
}

fn participant(index: u8) -> Participant {
    if index == 0 {
        Participant::Zero
    } else {
        Participant::One
    }
}

/// A number of edges and middles: a settlement goes wrong where claims meet what there is.
fn units() -> impl Strategy<Value = u128> {
    prop_oneof![4 => 0..200_u128, 1 => any::<u128>(), 1 => Just(u128::MAX), 1 => 0..1_u128 << 91]
}

fn net() -> impl Strategy<Value = i128> {
    prop_oneof![4 => -200..200_i128, 1 => any::<i128>(), 1 => Just(i128::MIN), 1 => Just(i128::MAX)]
}

/// Two deposits of which one may be negative, but never their sum.
fn deposits() -> impl Strategy<Value = [i128; 2]> {
    let total = prop_oneof![3 => 0..300_i128, 1 => 0..1_i128 << 90];
    let zero = prop_oneof![3 => -100..300_i128, 1 => -(1_i128 << 90)..1 << 90];
    (total, zero).prop_map(|(total, zero)| [zero, total - zero])
}

type Claim = (u128, bool, Option<u128>);

fn claims() -> impl Strategy<Value = Vec<Claim>> {
    proptest::collection::vec((units(), any::<bool>(), prop::option::of(units())), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    // req: A38
    #[test]
    fn both_models_pay_the_same(deposits in deposits(), net in net(), claims in claims()) {
        let [zero, one] = deposits;
        let outcomes: Vec<_> = claims.iter().map(|(_, _, outcome)| *outcome).collect();
        let locks: Vec<_> =
            claims.iter().map(|(amount, payer, _)| lock(*amount, participant(u8::from(*payer)))).collect();
        let ours = Division::first([zero, one], net, &locks, &outcomes);
        let deposits = Pair::new(SignedAmount::new(zero), SignedAmount::new(one));
        let opening = Opening { blinding: B256::ZERO, net: SignedAmount::new(net), locks };
        let amounts: Vec<_> = outcomes.iter().map(|outcome| outcome.map(Amount::new)).collect();
        let theirs = settle(deposits, &opening, &amounts);
        prop_assert_eq!(U256::from(ours.paid[0]), theirs.paid.zero);
        prop_assert_eq!(U256::from(ours.paid[1]), theirs.paid.one);
        let left = (zero + one) as u128 - ours.paid[0] - ours.paid[1];
        prop_assert_eq!(U256::from(left), theirs.remaining);
    }

    // req: A38
    #[test]
    fn the_order_in_which_locks_resolve_changes_no_payout(
        deposits in deposits(), net in net(), claims in claims(), first in any::<u8>(),
    ) {
        let [zero, one] = deposits;
        let locks: Vec<_> =
            claims.iter().map(|(amount, payer, _)| lock(*amount, participant(u8::from(*payer)))).collect();
        let all: Vec<_> = claims.iter().map(|(_, _, outcome)| Some(outcome.unwrap_or(0))).collect();
        let some: Vec<_> =
            all.iter().enumerate().map(|(index, outcome)| outcome.filter(|_| first >> index & 1 == 1)).collect();
        let at_once = Division::first([zero, one], net, &locks, &all);
        let before = Division::first([zero, one], net, &locks, &some);
        let held = (zero + one) as u128 - before.paid[0] - before.paid[1];
        let after = Division::further(held, before.resolved, &locks, &all);
        prop_assert!(after.is_complete(locks.len()));
        let paid = [before.paid[0] + after.paid[0], before.paid[1] + after.paid[1]];
        prop_assert_eq!(paid, at_once.paid);
    }
}

// req: A38
#[test]
fn the_shared_cases_hold_the_second_model_too() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() > 40, "{}", cases.len());
    for case in cases {
        let number = |name: &str| case[name].as_str().unwrap().parse::<i128>().unwrap();
        let encoded = case["encodedOpening"].as_str().unwrap();
        let encoded = alloy_primitives::hex::decode(encoded).unwrap();
        let opening = sol::Opening::abi_decode(&encoded).unwrap();
        let locks: Vec<_> = opening
            .locks
            .iter()
            .map(|one| lock(one.amount, participant(one.payer)))
            .collect();
        let outcomes = case["outcomes"].as_array().unwrap();
        let outcomes: Vec<Option<u128>> = outcomes
            .iter()
            .map(|outcome| outcome.as_str().unwrap().parse().ok())
            .collect();
        let deposits = [number("deposit0"), number("deposit1")];
        let division = Division::first(deposits, opening.net, &locks, &outcomes);
        let paid = division.paid.map(|paid| paid as i128);
        let name = &case["name"];
        assert_eq!(paid, [number("paid0"), number("paid1")], "{name}");
        let remaining = deposits[0] + deposits[1] - paid[0] - paid[1];
        assert_eq!(remaining, number("remaining"), "{name}");
    }
}

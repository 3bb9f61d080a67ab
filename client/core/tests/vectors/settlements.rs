//! What settlement pays, at the edges of what a channel can hold and a state can claim.

use super::{decimal, hex, lock, word};
use counterfoil_core::state::{Opening, settle};
use counterfoil_core::types::{Amount, Pair, SignedAmount};
use serde_json::{Value, json};

type Case = (
    &'static str,
    (i128, i128),
    i128,
    &'static [(u8, u128, Option<u128>)],
);

/// The largest deposit.
const MOST: i128 = (1 << 91) - 1;

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("nothing", (0, 0), 0, &[]),
    ("deposits go back", (400, 100), 0, &[]),
    ("participant 0 has paid", (400, 0), 200, &[]),
    ("participant 0 has paid all", (400, 0), 400, &[]),
    ("participant 1 has paid", (400, 100), -100, &[]),
    ("participant 0 has paid too much", (400, 0), 401, &[]),
    ("participant 1 has paid too much", (400, 100), -101, &[]),
    ("largest net", (400, 100), i128::MAX, &[]),
    ("smallest net", (400, 100), i128::MIN, &[]),
    ("participant 0 took out what it was paid", (-50, 100), -50, &[]),
    ("participant 1 took out what it was paid", (100, -50), 50, &[]),
    ("participant 0 took out more", (-50, 100), -49, &[]),
    ("participant 1 took out more", (100, -50), 49, &[]),
    ("all taken out", (-70, 70), -70, &[]),
    ("largest deposits", (MOST, 0), 1, &[]),
    ("largest and smallest deposit", (MOST, -MOST), MOST, &[]),
    ("smallest and largest deposit", (-MOST, MOST), -MOST, &[]),
    ("lock of 0 won", (400, 100), 50, &[(0, 30, Some(30))]),
    ("lock of 0 returned", (400, 100), 50, &[(0, 30, Some(0))]),
    ("lock of 0 unresolved", (400, 100), 50, &[(0, 30, None)]),
    ("lock of 0 in part", (400, 100), 50, &[(0, 30, Some(10))]),
    ("lock of 1 won", (400, 100), -50, &[(1, 30, Some(30))]),
    ("lock of 1 returned", (400, 100), -50, &[(1, 30, Some(0))]),
    ("lock of 1 unresolved", (400, 100), -50, &[(1, 30, None)]),
    ("lock of 1 in part", (400, 100), -50, &[(1, 30, Some(29))]),
    ("both pay", (400, 100), 0, &[(0, 30, Some(30)), (1, 20, Some(20))]),
    ("both pay, other order", (400, 100), 0, &[(1, 20, Some(20)), (0, 30, Some(30))]),
    ("first of two unresolved", (400, 100), 10, &[(0, 30, None), (1, 20, Some(20))]),
    ("second of two unresolved", (400, 100), 10, &[(0, 30, Some(30)), (1, 20, None)]),
    ("both unresolved", (400, 100), 10, &[(0, 30, None), (1, 20, None)]),
    ("locks take all", (30, 20), 0, &[(0, 30, Some(30)), (1, 20, Some(0))]),
    ("locks claim more than there is, first served", (30, 20), 0, &[(0, 45, Some(45)), (0, 45, Some(45))]),
    ("locks claim more, first unresolved keeps its share", (30, 20), 0, &[(0, 45, None), (0, 45, Some(45))]),
    ("locks claim more, second unresolved", (30, 20), 0, &[(0, 45, Some(45)), (1, 45, None)]),
    ("locks claim more, other order", (30, 20), 0, &[(1, 45, None), (0, 45, Some(45))]),
    ("one lock of everything there is", (MOST, 0), 0, &[(0, u128::MAX, Some(u128::MAX))]),
    ("two largest locks", (MOST, 0), 0, &[(0, u128::MAX, Some(7)), (1, u128::MAX, Some(u128::MAX))]),
    ("empty lock", (400, 100), 0, &[(0, 0, Some(0)), (1, 0, None)]),
    ("lock beyond its payer's balance", (10, 100), 0, &[(0, 50, Some(0))]),
    ("lock and net beyond the payer's balance", (10, 100), 40, &[(0, 50, Some(50))]),
    ("negative deposit and a lock", (-50, 100), -80, &[(0, 30, Some(30))]),
    ("negative deposit and a lock returned", (-50, 100), -80, &[(0, 30, Some(0))]),
    ("five locks", (1000, 1000), -123,
        &[(0, 1, Some(1)), (1, 2, Some(0)), (0, 3, None), (1, 4, Some(2)), (0, 5, Some(5))]),
    ("five locks, reversed", (1000, 1000), -123,
        &[(0, 5, Some(5)), (1, 4, Some(2)), (0, 3, None), (1, 2, Some(0)), (0, 1, Some(1))]),
];

pub(super) fn cases() -> Vec<Value> {
    (0..)
        .zip(CASES)
        .map(|(number, case)| json(number, case))
        .collect()
}

fn json(number: u64, (name, deposits, net, locks): &Case) -> Value {
    let outcomes: Vec<Option<Amount>> = locks
        .iter()
        .map(|(_, _, outcome)| outcome.map(Amount::new))
        .collect();
    let opening = Opening {
        blinding: word("blinding", number),
        net: SignedAmount::new(*net),
        locks: (100 * number..)
            .zip(*locks)
            .map(|(id, (payer, amount, _))| lock(id, *payer, *amount, 1_900_000_000))
            .collect(),
    };
    let deposits = Pair::new(SignedAmount::new(deposits.0), SignedAmount::new(deposits.1));
    let payouts = settle(deposits, &opening, &outcomes);
    let outcomes: Vec<String> = outcomes
        .iter()
        .map(|outcome| outcome.map_or("unresolved".to_owned(), |amount| amount.to_string()))
        .collect();
    json!({
        "name": name,
        "deposit0": decimal(deposits.zero),
        "deposit1": decimal(deposits.one),
        "encodedOpening": hex(opening.abi_encode()),
        "outcomes": outcomes,
        "paid0": decimal(payouts.paid.zero),
        "paid1": decimal(payouts.paid.one),
        "remaining": decimal(payouts.remaining),
    })
}

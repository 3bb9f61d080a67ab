//! The client's hashes, signatures, settlement and view of the ledger against the contracts that are deployed: whole lives of
//! channels, drawn from seeds, through the external functions of the committed artifacts.
//!
//! `DIFFERENTIAL_SEED=<seed>` tells one life step by step; `DIFFERENTIAL_LIVES=<n>` runs another number of them.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]

mod abi;
mod court;
mod dice;
mod foreign;
mod life;
mod locks;
mod model;
mod tally;

use crate::court::{Genesis, STRANGER};
use crate::foreign::{CONDITION, Script};
use crate::life::Life;
use crate::tally::Tally;
use alloy_primitives::U256;
use std::sync::atomic::{AtomicU64, Ordering};

/// Lives in a run of the build server.
const LIVES: u64 = 12_000;

/// Seed of the first of them; the others count on from it.
const SEED: u64 = 20_260_101;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Says how to see a life again that ends in a panic.
struct Replay(u64);

impl Drop for Replay {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!(
                "seed {0}; see it: DIFFERENTIAL_SEED={0} cargo test --release -p counterfoil-adjudicator-tests \
                 --test differential lives -- --nocapture",
                self.0
            );
        }
    }
}

fn live(genesis: &Genesis, seed: u64, is_told: bool) -> Tally {
    let _replay = Replay(seed);
    let mut life = Life::begin(genesis, seed, is_told);
    life.live();
    life.tally
}

// req: A12, A19, A38, A58
#[test]
fn the_contracts_do_in_whole_lives_what_the_client_expects_to_the_byte() {
    let genesis = Genesis::create();
    if let Some(seed) = setting("DIFFERENTIAL_SEED") {
        live(&genesis, seed, true).print();
        return;
    }
    let lives = setting("DIFFERENTIAL_LIVES").unwrap_or(LIVES);
    let next = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut total = Tally::default();
    std::thread::scope(|scope| {
        let work = || {
            let mut tally = Tally::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= lives {
                    return tally;
                }
                tally.add(live(&genesis, SEED + number, false));
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            total.add(worker.join().unwrap());
        }
    });
    println!("{lives} lives from seed {SEED}");
    total.print();
    assert_eq!(total.of("lives"), lives);
    total.require(lives, FLOORS);
}

#[test]
fn the_contracts_are_created_where_the_client_looks_for_them() {
    let genesis = Genesis::create();
    let expected = counterfoil_deploy::addresses();
    assert_eq!(genesis.adjudicator, expected.adjudicator);
    assert_eq!(genesis.hashlocks, expected.hashlock_registry);
    assert_eq!(genesis.pointlocks, expected.pointlock_registry);
}

#[test]
fn the_scripted_condition_answers_what_its_key_says() {
    let time = 1_800_000_000;
    let mut court = Genesis::create().court(court::HOME, time, &[]);
    let right = Script {
        from: time,
        size: 64,
        fails: 0,
        resolved: 1,
        to_payee: u128::MAX - 7,
    };
    let mut ask = |script: Script, later: u64| {
        court.time = time + later;
        let key = script.key();
        let data = [&[0; 4], key.as_slice(), &[0; 64]].concat();
        court.call(STRANGER, CONDITION, U256::ZERO, data)
    };
    let answer = |resolved: u64| {
        let words = [U256::from(resolved), U256::from(right.to_payee)];
        words.map(|word| word.to_be_bytes::<32>()).concat()
    };
    assert_eq!(ask(right, 0).result.unwrap()[..], answer(1));
    let later = Script {
        from: time + 1,
        ..right
    };
    assert_eq!(ask(later, 0).result.unwrap()[..], answer(0));
    assert_eq!(ask(later, 1).result.unwrap()[..], answer(1));
    let two = Script {
        resolved: 2,
        ..right
    };
    assert_eq!(ask(two, 0).result.unwrap()[..], answer(2));
    let short = Script { size: 63, ..right };
    assert_eq!(ask(short, 0).result.unwrap()[..], answer(1)[..63]);
    assert!(ask(Script { fails: 1, ..right }, 0).result.is_err());
}

/// How often things happen at least in 10,000 lives: about half of what was counted.
#[rustfmt::skip]
const FLOORS: &[(&str, u64)] = &[
    ("calls", 50_000),
    ("calls that the simulator followed", 10_000),
    ("claim: done", 600),
    ("claimFor: PayoutFailed", 600),
    ("challenge: done", 3_000),
    ("challenge: StaleNonce", 70),
    ("challenge: NotAParticipant", 60),
    ("challenge: TimeOutOfBounds", 50),
    ("challenge: WrongSigner", 100),
    ("close: NetExceedsDeposits", 500),
    ("close: done", 1_000),
    ("closes with a negative deposit", 100),
    ("deposit: AlreadyDeposited", 500),
    ("deposit: DepositOutOfBounds", 800),
    ("deposit: TimeOutOfBounds", 100),
    ("deposit: done", 10_000),
    ("disputes of nonce 0", 600),
    ("first settlements", 3_000),
    ("first settlements that keep something open", 1_000),
    ("further settlements", 2_000),
    ("further settlements that are the last", 700),
    ("hashlocks won", 2_000),
    ("pointlocks won", 400),
    ("lives on a fork with another chain id", 1_000),
    ("lives that end Closed", 3_000),
    ("lives with a token", 1_000),
    ("locks decided without a secret", 9_000),
    ("locks paid", 10_000),
    ("locks paid after a later one", 1_000),
    ("locks paid in shares", 1_000),
    ("locks paid of an absurd payer", 600),
    ("locks revealed too late", 1_000),
    ("locks won in their last second", 100),
    ("respond: FinalizationPeriodOver", 600),
    ("respond: StaleNonce", 200),
    ("respond: WrongSigner", 100),
    ("respond: done", 3_000),
    ("reveal: ScalarOutOfRange", 70),
    ("reveal: repeated", 2_000),
    ("settle: FinalizationPeriodRunning", 2_000),
    ("settle: NothingResolved", 2_000),
    ("settle: TooManyLocks", 30),
    ("settle: WrongCommitment", 200),
    ("settlements of a negative deposit", 800),
    ("settlements of a net that is clamped", 2_000),
    ("settlements of locks beyond the deposits", 1_000),
    ("settlements of mixed payers", 1_000),
    ("settlements of more than 100 locks", 20),
    ("settlements with a lock of nothing", 1_000),
    ("settlements with an absurd condition", 600),
    ("settlements with an absurd payer", 500),
    ("settlements without locks", 700),
    ("withdraw: AmountExceedsBalance", 300),
    ("withdraw: WrongSigner", 90),
    ("withdraw: done", 2_000),
    ("withdrawals that leave a negative deposit", 1_000),
];

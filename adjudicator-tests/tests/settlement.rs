//! The real contract pays what the client's model says, for states nobody would sign too.

use alloy_primitives::keccak256;
use counterfoil_adjudicator_tests::{AnvilOptions, Devnet, Observer, TestChannel};
use counterfoil_core::state::settle;
use counterfoil_core::types::{Amount, B256, Lock, Nonce, Pair, Participant, SignedAmount};
use counterfoil_deploy::U256;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sha2::{Digest, Sha256};

#[derive(Clone, Debug)]
struct Case {
    deposits: (u64, u64),
    net: i128,
    locks: Vec<DrawnLock>,
}

#[derive(Clone, Debug)]
struct DrawnLock {
    amount: u128,
    zero_pays: bool,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    Revealed,
    Expired,
    Undecided,
}

fn amounts() -> impl Strategy<Value = u128> {
    // Mostly what the channel can pay, sometimes the edges.
    prop_oneof![6 => 0..2_000u128, 1 => Just(u128::MAX), 1 => Just(0)]
}

fn cases() -> impl Strategy<Value = Case> {
    let outcome = prop_oneof![
        Just(Outcome::Revealed),
        Just(Outcome::Expired),
        Just(Outcome::Undecided)
    ];
    let lock =
        (amounts(), any::<bool>(), outcome).prop_map(|(amount, zero_pays, outcome)| DrawnLock {
            amount,
            zero_pays,
            outcome,
        });
    let net = prop_oneof![6 => -5_000..5_000i128, 1 => Just(i128::MAX), 1 => Just(i128::MIN)];
    let locks = proptest::collection::vec(lock, 0..6);
    ((1..5_000u64, 0..5_000u64), net, locks).prop_map(|(deposits, net, locks)| Case {
        deposits,
        net,
        locks,
    })
}

fn preimage(case: u32, lock: usize) -> B256 {
    keccak256(format!("case {case}, lock {lock}"))
}

async fn compare(
    devnet: &Devnet,
    chain: &mut Observer,
    number: u32,
    case: &Case,
) -> eyre::Result<()> {
    let channel = TestChannel::new(devnet, number)?;
    chain
        .carry_out(channel.deposit(Participant::Zero, case.deposits.0.into(), 0))
        .await?;
    if case.deposits.1 > 0 {
        chain
            .carry_out(channel.deposit(Participant::One, case.deposits.1.into(), 0))
            .await?;
    }
    let now = devnet.rpc().head().await?.timestamp;
    let (soon, late) = (now.saturating_add(50), now.saturating_add(1_000_000));
    let mut locks: Vec<Lock> = Vec::new();
    let mut outcomes = Vec::new();
    for (index, drawn) in case.locks.iter().enumerate() {
        let preimage = preimage(number, index);
        let key = B256::from(<[u8; 32]>::from(Sha256::digest(preimage)));
        let payer = if drawn.zero_pays {
            Participant::Zero
        } else {
            Participant::One
        };
        let expiry = match drawn.outcome {
            Outcome::Expired => soon,
            Outcome::Revealed | Outcome::Undecided => late,
        };
        locks.push(channel.lock(key, drawn.amount, payer, expiry));
        outcomes.push(match drawn.outcome {
            Outcome::Revealed => Some(Amount::new(drawn.amount)),
            Outcome::Expired => Some(Amount::ZERO),
            Outcome::Undecided => None,
        });
        if matches!(drawn.outcome, Outcome::Revealed) {
            chain.carry_out(channel.reveal(preimage, late)).await?;
        }
    }
    let opening = channel.opening(case.net, locks);
    chain
        .carry_out(channel.challenge(Nonce::FIRST, &opening))
        .await?;
    devnet.warp(100).await?;
    let call = channel.settle(Nonce::FIRST, opening.clone(), U256::ZERO);
    chain.carry_out(call).await?;

    let deposits = Pair::new(
        SignedAmount::new(case.deposits.0.into()),
        SignedAmount::new(case.deposits.1.into()),
    );
    let expected = settle(deposits, &opening, &outcomes);
    let payouts = channel.terms().payouts;
    let paid = Pair::new(
        devnet.rpc().balance(payouts.zero).await?,
        devnet.rpc().balance(payouts.one).await?,
    );
    assert_eq!(paid, expected.paid, "{case:?}");
    Ok(())
}

// req: A12, A19, A38
#[tokio::test]
async fn the_contract_pays_what_the_model_says() -> eyre::Result<()> {
    let devnet = Devnet::start(&AnvilOptions::default()).await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        TestRng::from_seed(RngAlgorithm::ChaCha, &SEED),
    );
    for number in 0..CASES {
        let drawn = cases().new_tree(&mut runner);
        let case = drawn.map_err(|reason| eyre::eyre!("{reason}"))?.current();
        compare(&devnet, &mut chain, number, &case).await?;
    }
    Ok(())
}

const CASES: u32 = 60;
const SEED: [u8; 32] = [7; 32];

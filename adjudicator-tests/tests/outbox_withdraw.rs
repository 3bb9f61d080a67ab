//! A withdrawal is carried out once, and given up only when it can never happen.
//!
//! Money at risk: the amount counts as taken until the end is certain; given up too early it could be spent and withdrawn.

use counterfoil_adjudicator_tests::{AnvilOptions, AtOnce, Devnet, Observer, TestChannel, pending};
use counterfoil_chain::{Call, ChainNews, Failure, OnChain, Status, U256};
use counterfoil_core::types::{Nonce, Participant, Timestamp};
use counterfoil_deploy::rpc::At;

/// Blocks on top of a block that make it final.
const FINAL: u64 = 4;

async fn devnet() -> eyre::Result<Devnet> {
    Ok(Devnet::start(&AnvilOptions::default()).await?)
}

fn nonce(number: u64) -> Nonce {
    Nonce::new(number).unwrap_or(Nonce::ZERO)
}

/// A channel with 100 and 50 in it.
async fn funded(devnet: &Devnet, chain: &mut Observer) -> eyre::Result<TestChannel> {
    let channel = TestChannel::new(devnet, 1)?;
    for (participant, amount) in [(Participant::Zero, 100), (Participant::One, 50)] {
        chain
            .carry_out(channel.deposit(participant, amount, 0))
            .await?;
    }
    Ok(channel)
}

async fn in_an_hour(devnet: &Devnet) -> eyre::Result<Timestamp> {
    let head = devnet.rpc().head().await?;
    Ok(Timestamp::new(head.timestamp).after(3600))
}

async fn paid(devnet: &Devnet, channel: &TestChannel) -> eyre::Result<[U256; 2]> {
    let payouts = channel.terms().payouts;
    let rpc = devnet.rpc();
    Ok([
        rpc.balance(payouts.zero).await?,
        rpc.balance(payouts.one).await?,
    ])
}

/// Transactions of a development account, mined or waiting.
async fn sent(devnet: &Devnet, number: u32) -> eyre::Result<u64> {
    let account = TestChannel::account(number)?.address();
    Ok(devnet.rpc().transaction_count(account, At::Pending).await?)
}

async fn on_chain(chain: &mut Observer, channel: &TestChannel) -> eyre::Result<OnChain> {
    chain.watch(channel.id(), 0)?;
    let latest = counterfoil_chain::Depth::Latest;
    chain.channel(channel.id(), latest, |_| true).await
}

/// Mines blocks, and waits after each until the outbox has seen it.
async fn follow(devnet: &Devnet, chain: &mut Observer, blocks: u64) -> eyre::Result<()> {
    for _ in 0..blocks {
        devnet.mine(1).await?;
        chain.block(devnet.rpc().head().await?.number).await?;
    }
    Ok(())
}

fn outcomes(chain: &Observer, call: &Call) -> usize {
    let of_call = |news: &&ChainNews| match news {
        ChainNews::Done(done) => done.call == *call,
        ChainNews::Failed(failed) => failed.call == *call,
        ChainNews::Event(_) | ChainNews::Endpoint(_) => false,
    };
    chain.seen().iter().filter(of_call).count()
}

// req: E53
#[tokio::test]
async fn a_withdrawal_asked_for_twice_is_executed_once() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = funded(&devnet, &mut chain).await?;
    let deadline = in_an_hour(&devnet).await?;
    let withdrawal = channel.withdraw(nonce(4), [30, 10], deadline);
    chain.submit(withdrawal.clone())?;
    chain.submit(withdrawal.clone())?;
    assert!(chain.done(&withdrawal).await?.mined.is_some());

    assert_eq!(paid(&devnet, &channel).await?, [30, 10].map(U256::from));
    let now = on_chain(&mut chain, &channel).await?;
    assert_eq!((now.status, now.nonce), (Status::Open, nonce(4)));
    let deposits = now.deposits.into_array().map(|deposit| deposit.units());
    assert_eq!(deposits, [70, 40]);
    assert_eq!(outcomes(&chain, &withdrawal), 1);

    // Asked again after the end it is reported again, without another transaction.
    let transactions = sent(&devnet, 1).await?;
    chain.carry_out(withdrawal).await?;
    assert_eq!(sent(&devnet, 1).await?, transactions);
    assert_eq!(paid(&devnet, &channel).await?, [30, 10].map(U256::from));
    Ok(())
}

// req: E53
#[tokio::test]
async fn a_withdrawal_that_anybody_else_has_sent_is_done() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = funded(&devnet, &mut chain).await?;
    let deadline = in_an_hour(&devnet).await?;
    // A participant sends it without the signature that it need not give.
    let signer = 1_004;
    assert_eq!(
        TestChannel::account(signer)?.address(),
        channel.terms().signers.zero
    );
    let mut participant = Observer::connect(&devnet, signer).await?;
    let first = channel.withdraw(nonce(4), [30, 0], deadline);
    assert!(participant.carry_out(first.clone()).await?.mined.is_some());
    assert!(chain.carry_out(first).await?.mined.is_none());

    // In the same block: one of both reverts, and yet both are done.
    devnet.mine_at_once(AtOnce::No).await?;
    let second = channel.withdraw(nonce(6), [5, 5], deadline);
    chain.submit(second.clone())?;
    participant.submit(second.clone())?;
    pending(&devnet, 1, 3).await?;
    pending(&devnet, signer, 2).await?;
    devnet.mine(1).await?;
    let done = [chain.done(&second).await?, participant.done(&second).await?];
    assert_eq!(done.iter().filter(|done| done.mined.is_some()).count(), 1);
    assert_eq!(paid(&devnet, &channel).await?, [35, 5].map(U256::from));
    Ok(())
}

// req: E53
#[tokio::test]
async fn a_withdrawal_is_given_up_once_a_final_block_is_later_than_its_deadline() -> eyre::Result<()>
{
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = funded(&devnet, &mut chain).await?;
    let deadline = in_an_hour(&devnet).await?;
    // One waits until the block that it lands in is too late, the other is refused from the start.
    let too_much = channel.withdraw(nonce(4), [151, 0], deadline);
    chain.submit(too_much.clone())?;
    follow(&devnet, &mut chain, 2).await?;
    devnet.mine_at_once(AtOnce::No).await?;
    let late = channel.withdraw(nonce(6), [30, 10], deadline);
    chain.submit(late.clone())?;
    pending(&devnet, 1, 3).await?;
    let over = devnet.warp(3601).await?;
    assert!(over.timestamp > deadline.seconds());
    chain.block(over.number).await?;
    devnet.mine_at_once(AtOnce::Yes).await?;
    for _ in 1..FINAL {
        follow(&devnet, &mut chain, 1).await?;
        let early = outcomes(&chain, &late) + outcomes(&chain, &too_much);
        assert_eq!(early, 0, "a reorg may still let it happen");
    }
    devnet.mine(1).await?;
    let mut failures = Vec::new();
    for _ in 0..2 {
        let failed = chain.until(|news| match news {
            ChainNews::Failed(failed) => Some(failed.failure.clone()),
            ChainNews::Event(_) | ChainNews::Done(_) | ChainNews::Endpoint(_) => None,
        });
        failures.push(failed.await?);
    }
    for failure in failures {
        assert!(
            matches!(failure, Failure::TooLate { before, now } if before == deadline.after(1) && now > deadline),
            "{failure}"
        );
    }
    assert_eq!(
        sent(&devnet, 1).await?,
        3,
        "nothing was sent after its time"
    );
    assert_eq!(paid(&devnet, &channel).await?, [U256::ZERO; 2]);
    Ok(())
}

// req: E53
#[tokio::test]
async fn a_withdrawal_is_not_sent_into_a_dispute_and_given_up_once_that_is_final()
-> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let mut other = Observer::connect(&devnet, 2).await?;
    let channel = funded(&devnet, &mut chain).await?;
    let deadline = in_an_hour(&devnet).await?;
    other
        .carry_out(channel.challenge(Nonce::ZERO, &channel.opening(0, Vec::new())))
        .await?;
    let withdrawal = channel.withdraw(nonce(4), [30, 10], deadline);
    chain.submit(withdrawal.clone())?;
    follow(&devnet, &mut chain, FINAL - 1).await?;
    assert_eq!(outcomes(&chain, &withdrawal), 0);
    devnet.mine(1).await?;
    let failed = chain.until(|news| match news {
        ChainNews::Failed(failed) => Some(failed.clone()),
        ChainNews::Event(_) | ChainNews::Done(_) | ChainNews::Endpoint(_) => None,
    });
    let failed = failed.await?;
    assert_eq!(failed.call, withdrawal);
    let expected = Failure::NotOpen {
        channel: channel.id(),
    };
    assert_eq!(failed.failure, expected);
    assert_eq!(sent(&devnet, 1).await?, 2, "the deposits and nothing else");
    Ok(())
}

// req: E53
#[tokio::test]
async fn a_withdrawal_that_waits_while_a_challenge_comes_first_is_not_sent_again()
-> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = funded(&devnet, &mut chain).await?;
    let deadline = in_an_hour(&devnet).await?;
    devnet.mine_at_once(AtOnce::No).await?;
    let withdrawal = channel.withdraw(nonce(4), [30, 10], deadline);
    chain.submit(withdrawal.clone())?;
    pending(&devnet, 1, 3).await?;

    // Anvil drops what cannot pay the base fee; the challenge can.
    devnet.set_base_fee(200_000_000_000).await?;
    devnet.mine(1).await?;
    let mut other = Observer::connect(&devnet, 2).await?;
    let challenge = channel.challenge(Nonce::ZERO, &channel.opening(0, Vec::new()));
    other.submit(challenge.clone())?;
    pending(&devnet, 2, 1).await?;
    devnet.mine(1).await?;
    other.done(&challenge).await?;
    devnet.mine_at_once(AtOnce::Yes).await?;
    follow(&devnet, &mut chain, 2 * FINAL).await?;
    let failed = |news: &&ChainNews| matches!(news, ChainNews::Failed(failed) if matches!(failed.failure, Failure::NotOpen { .. }));
    assert_eq!(chain.seen().iter().filter(failed).count(), 1);
    assert_eq!(paid(&devnet, &channel).await?, [U256::ZERO; 2]);
    let now = on_chain(&mut chain, &channel).await?;
    assert_eq!((now.status, now.nonce), (Status::Disputed, Nonce::ZERO));
    Ok(())
}

// req: E53
#[tokio::test]
async fn a_withdrawal_undone_by_a_reorg_is_made_again() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = funded(&devnet, &mut chain).await?;
    devnet.mine(3).await?;
    let deadline = in_an_hour(&devnet).await?;
    let withdrawal = channel.withdraw(nonce(4), [30, 10], deadline);
    chain.carry_out(withdrawal.clone()).await?;
    devnet.reorg(1).await?;
    chain.done(&withdrawal).await?;
    follow(&devnet, &mut chain, FINAL).await?;
    assert_eq!(paid(&devnet, &channel).await?, [30, 10].map(U256::from));
    assert_eq!(on_chain(&mut chain, &channel).await?.nonce, nonce(4));
    Ok(())
}

// req: E53
#[tokio::test]
async fn a_withdrawal_is_executed_after_a_reorg_has_undone_the_challenge() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let mut other = Observer::connect(&devnet, 2).await?;
    let channel = funded(&devnet, &mut chain).await?;
    devnet.mine(3).await?;
    let deadline = in_an_hour(&devnet).await?;
    other
        .carry_out(channel.challenge(Nonce::ZERO, &channel.opening(0, Vec::new())))
        .await?;
    // Its watcher would make the challenge again.
    drop(other);
    let withdrawal = channel.withdraw(nonce(4), [30, 10], deadline);
    chain.submit(withdrawal.clone())?;
    follow(&devnet, &mut chain, 1).await?;
    assert_eq!(outcomes(&chain, &withdrawal), 0);
    devnet.reorg(2).await?;
    assert!(chain.done(&withdrawal).await?.mined.is_some());
    assert_eq!(paid(&devnet, &channel).await?, [30, 10].map(U256::from));
    Ok(())
}

//! A channel is read at its depth once more when that is asked for, by a block that is late enough.
//!
//! Money at risk: a withdrawal whose deadline is over counts as taken until a reading says that it did not happen; one that
//! is read too early may still happen after the amount was spent a second time.

use counterfoil_adjudicator_tests::{AnvilOptions, Devnet, Gate, Observer, TestChannel, config};
use counterfoil_chain::{ChainEvent, ChainNews, Depth, EndpointState, OnChain, Watch};
use counterfoil_core::types::{ChannelId, Participant, Timestamp};
use counterfoil_deploy::rpc::At;

const DEPTH: u32 = 3;

async fn devnet() -> eyre::Result<Devnet> {
    Ok(Devnet::start(&AnvilOptions::default()).await?)
}

/// Seconds after the newest block's time.
async fn later(devnet: &Devnet, seconds: u64) -> eyre::Result<Timestamp> {
    let head = devnet.rpc().head().await?;
    Ok(Timestamp::new(head.timestamp).after(seconds))
}

async fn time_of(devnet: &Devnet, number: u64) -> eyre::Result<Timestamp> {
    let block = devnet.rpc().block(At::Number(number)).await?;
    let block = block.ok_or_else(|| eyre::eyre!("there is a block {number}"))?;
    Ok(Timestamp::new(block.timestamp))
}

fn recheck(channel: ChannelId, after: Timestamp) -> Watch {
    Watch::Recheck { channel, after }
}

/// Mines until the newest block has as many on top as the depth, one by one, and follows each.
async fn bury(devnet: &Devnet, chain: &mut Observer) -> eyre::Result<()> {
    for _ in 0..DEPTH {
        devnet.mine(1).await?;
        chain.block(devnet.rpc().head().await?.number).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_reading_tells_the_time_of_the_block_that_was_read() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    let other = TestChannel::new(&devnet, 2)?;
    chain.watch(other.id(), 1_000)?;
    assert_eq!(chain.confirmed(other.id()).await?, Timestamp::new(0));

    devnet.mine(10).await?;
    chain.watch(channel.id(), DEPTH)?;
    let head = devnet.rpc().head().await?.number;
    let read = chain.confirmed(channel.id()).await?;
    assert_eq!(read, time_of(&devnet, head - u64::from(DEPTH)).await?);

    let done = chain
        .carry_out(channel.deposit(Participant::Zero, 10, 0))
        .await?;
    let latest = |news: &ChainNews| matches!(news, ChainNews::Event(ChainEvent::Channel { depth: Depth::Latest, as_of, status, .. }) if *as_of == done.timestamp && status.deposits.zero.units() == 10);
    assert!(chain.seen().iter().any(latest));
    devnet.warp(500).await?;
    bury(&devnet, &mut chain).await?;
    let confirmed = chain.confirmed_so_far(channel.id());
    assert_eq!(confirmed, [read, done.timestamp]);
    Ok(())
}

// req: E53
#[tokio::test]
async fn an_unchanged_channel_is_reported_once_by_the_first_block_at_its_depth_that_is_late_enough()
-> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    devnet.mine(10).await?;
    chain.watch(channel.id(), DEPTH)?;
    let first = chain.confirmed(channel.id()).await?;
    let after = later(&devnet, 600).await?;
    chain.follow(recheck(channel.id(), after))?;
    // Asking twice is asking once.
    chain.follow(recheck(channel.id(), after))?;

    let late = devnet.warp(601).await?;
    for _ in 0..u64::from(DEPTH) {
        chain.block(devnet.rpc().head().await?.number).await?;
        assert_eq!(chain.confirmed_so_far(channel.id()), [first]);
        devnet.mine(1).await?;
    }
    let told = chain.confirmed(channel.id()).await?;
    assert_eq!(told, Timestamp::new(late.timestamp));
    assert!(told > after);
    bury(&devnet, &mut chain).await?;
    assert_eq!(chain.confirmed_so_far(channel.id()), [first, told]);
    Ok(())
}

// req: E53
#[tokio::test]
async fn each_deadline_is_answered_by_itself_and_one_long_over_at_once() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    devnet.mine(10).await?;
    chain.watch(channel.id(), DEPTH)?;
    let first = chain.confirmed(channel.id()).await?;

    // No block comes: the ones that are there are late enough.
    let over = Timestamp::new(first.seconds() - 1);
    chain.follow(recheck(channel.id(), over))?;
    assert_eq!(chain.confirmed(channel.id()).await?, first);
    // A withdrawal may still be in a block of the second in which its deadline ends.
    chain.follow(recheck(channel.id(), first))?;
    devnet.warp(60).await?;
    bury(&devnet, &mut chain).await?;
    let told = chain.confirmed_so_far(channel.id());
    assert_eq!(told.len(), 3);
    assert!(told.last() > Some(&first), "{told:?}");

    let (near, far) = (later(&devnet, 100).await?, later(&devnet, 1_000).await?);
    chain.follow(recheck(channel.id(), far))?;
    chain.follow(recheck(channel.id(), near))?;
    for deadline in [near, far] {
        devnet.warp(600).await?;
        bury(&devnet, &mut chain).await?;
        let confirmed = chain.confirmed_so_far(channel.id());
        let told = confirmed.last().copied().unwrap_or_default();
        assert!(told > deadline, "{confirmed:?} {deadline}");
    }
    assert_eq!(chain.confirmed_so_far(channel.id()).len(), 5);
    Ok(())
}

// req: E53
#[tokio::test]
async fn what_was_asked_for_survives_an_outage_a_reorg_and_another_watch() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let gate = Gate::before(devnet.url()).await?;
    let mut behind = config(&devnet);
    behind.rpc_url = gate.url().to_owned();
    let mut chain = Observer::with(behind, devnet.funded(1).await?).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    devnet.mine(10).await?;
    chain.watch(channel.id(), DEPTH)?;
    chain.confirmed(channel.id()).await?;
    let after = later(&devnet, 600).await?;
    chain.follow(recheck(channel.id(), after))?;

    gate.shut();
    chain
        .until(|news| matches!(news, ChainNews::Endpoint(EndpointState::Down(_))).then_some(()))
        .await?;
    devnet.warp(601).await?;
    gate.lead_to(devnet.url());
    chain
        .until(|news| matches!(news, ChainNews::Endpoint(EndpointState::Up)).then_some(()))
        .await?;
    chain.watch(channel.id(), DEPTH)?;
    chain.confirmed(channel.id()).await?;
    devnet.mine(1).await?;
    chain.block(devnet.rpc().head().await?.number).await?;
    devnet.reorg(2).await?;
    chain.block(devnet.rpc().head().await?.number).await?;
    let early = chain.confirmed_so_far(channel.id());
    assert!(early.iter().all(|time| *time <= after), "{early:?}");

    // Anvil's new blocks are of the time before.
    devnet.warp(601).await?;
    bury(&devnet, &mut chain).await?;
    let confirmed = chain.confirmed_so_far(channel.id());
    assert_eq!(confirmed.len(), early.len() + 1, "{confirmed:?}");
    let told = confirmed.last().copied().unwrap_or_default();
    assert!(told > after);
    let head = devnet.rpc().head().await?.number;
    let mut canonical = Vec::new();
    for number in head - u64::from(DEPTH) - 1..=head {
        canonical.push(time_of(&devnet, number).await?);
    }
    assert!(canonical.contains(&told), "{told} {canonical:?}");
    Ok(())
}

// req: E53
#[tokio::test]
async fn a_change_at_the_depth_is_an_answer_only_if_its_block_is_late_enough() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    devnet.mine(10).await?;
    chain.watch(channel.id(), DEPTH)?;
    chain.confirmed(channel.id()).await?;
    let after = later(&devnet, 600).await?;
    chain.follow(recheck(channel.id(), after))?;

    chain
        .carry_out(channel.deposit(Participant::Zero, 10, 0))
        .await?;
    bury(&devnet, &mut chain).await?;
    let funded = |now: &OnChain| now.deposits.zero.units() == 10;
    let changed = |news: &ChainNews| matches!(news, ChainNews::Event(ChainEvent::Channel { depth: Depth::Confirmed, as_of, status, .. }) if funded(status) && *as_of < after);
    assert!(chain.seen().iter().any(changed));

    devnet.warp(601).await?;
    bury(&devnet, &mut chain).await?;
    let again = |news: &ChainNews| matches!(news, ChainNews::Event(ChainEvent::Channel { depth: Depth::Confirmed, as_of, status, .. }) if funded(status) && *as_of > after);
    assert_eq!(chain.seen().iter().filter(|news| again(news)).count(), 1);
    Ok(())
}

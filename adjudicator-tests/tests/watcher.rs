//! What the chain shows is reported: at once, at its depth, and when it is final.

use counterfoil_adjudicator_tests::{
    AnvilOptions, Devnet, Gate, Observer, TestChannel, config, garbage_endpoint,
};
use counterfoil_chain::{ChainEvent, ChainNews, Depth, Finality, OnChain, Status, Watch};
use counterfoil_core::types::{B256, Participant, Timestamp};
use sha2::{Digest, Sha256};

async fn devnet() -> eyre::Result<Devnet> {
    Ok(Devnet::start(&AnvilOptions::default()).await?)
}

fn funded(now: &OnChain) -> bool {
    now.deposits.zero.units() == 10
}

fn empty(now: &OnChain) -> bool {
    *now == OnChain::default()
}

fn key(preimage: B256) -> B256 {
    B256::from(<[u8; 32]>::from(Sha256::digest(preimage)))
}

fn confirmed_deposits(chain: &Observer) -> usize {
    let confirmed = |news: &&ChainNews| {
        matches!(news, ChainNews::Event(ChainEvent::Channel { depth: Depth::Confirmed, status, .. })
            if funded(status))
    };
    chain.seen().iter().filter(confirmed).count()
}

// req: E44, S16
#[tokio::test]
async fn a_deposit_is_confirmed_only_under_its_depth() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    chain.watch(channel.id(), 3)?;
    chain.channel(channel.id(), Depth::Latest, empty).await?;
    chain.channel(channel.id(), Depth::Confirmed, empty).await?;

    let done = chain
        .carry_out(channel.deposit(Participant::Zero, 10, 0))
        .await?;
    for depth in 1..3 {
        devnet.mine(1).await?;
        chain.block(done.block + depth).await?;
        assert_eq!(confirmed_deposits(&chain), 0, "{depth}");
    }
    devnet.mine(1).await?;
    chain
        .channel(channel.id(), Depth::Confirmed, funded)
        .await?;
    Ok(())
}

// req: E44
#[tokio::test]
async fn a_deposit_that_a_reorg_removes_is_never_confirmed() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut payer = Observer::connect(&devnet, 1).await?;
    let mut chain = Observer::connect(&devnet, 2).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    chain.watch(channel.id(), 3)?;
    payer
        .carry_out(channel.deposit(Participant::Zero, 10, 0))
        .await?;
    drop(payer);
    chain.channel(channel.id(), Depth::Latest, funded).await?;
    devnet.mine(1).await?;
    devnet.reorg(2).await?;
    chain.channel(channel.id(), Depth::Latest, empty).await?;
    devnet.mine(6).await?;
    chain.block(devnet.rpc().head().await?.number).await?;
    assert_eq!(confirmed_deposits(&chain), 0);
    Ok(())
}

// req: A37
#[tokio::test]
async fn every_change_of_a_channel_is_reported() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    chain.watch(channel.id(), 0)?;
    chain
        .carry_out(channel.deposit(Participant::Zero, 10, 0))
        .await?;
    let opening = channel.opening(0, Vec::new());
    let nonce = counterfoil_core::types::Nonce::FIRST;
    chain.carry_out(channel.challenge(nonce, &opening)).await?;
    devnet.warp(60).await?;
    chain
        .carry_out(channel.settle(nonce, opening.clone(), Default::default()))
        .await?;
    devnet.mine(1).await?;
    chain.block(devnet.rpc().head().await?.number).await?;

    let statuses: Vec<(Status, u64)> = chain
        .seen()
        .iter()
        .filter_map(|news| {
            let ChainNews::Event(ChainEvent::Channel { depth, status, .. }) = news else {
                return None;
            };
            (*depth == Depth::Latest).then(|| (status.status, status.nonce.number()))
        })
        .collect();
    let expected = [
        (Status::Open, 0),
        (Status::Open, 0),
        (Status::Disputed, 2),
        (Status::Closed, 2),
    ];
    assert_eq!(statuses, expected);
    Ok(())
}

#[tokio::test]
async fn a_channel_found_late_is_reported_as_it_stands() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    chain
        .carry_out(channel.deposit(Participant::Zero, 10, 0))
        .await?;
    devnet.mine(100).await?;
    chain.watch(channel.id(), 3)?;
    chain.channel(channel.id(), Depth::Latest, funded).await?;
    chain
        .channel(channel.id(), Depth::Confirmed, funded)
        .await?;
    Ok(())
}

async fn revealed(chain: &mut Observer, wanted: B256) -> eyre::Result<Timestamp> {
    chain
        .event(|event| {
            let ChainEvent::Revealed { preimage, at, .. } = event else {
                return None;
            };
            (*preimage == wanted).then_some(*at)
        })
        .await
}

type Expiry = (B256, Timestamp, Option<Timestamp>);

async fn expired(chain: &mut Observer) -> eyre::Result<Expiry> {
    chain
        .event(|event| {
            let ChainEvent::Expired {
                key,
                as_of,
                revealed_at,
                ..
            } = event
            else {
                return None;
            };
            Some((*key, *as_of, *revealed_at))
        })
        .await
}

// req: A48
#[tokio::test]
async fn a_preimage_is_reported_whether_it_is_revealed_before_or_after_the_watch()
-> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    let condition = channel.registry();
    let late = devnet.rpc().head().await?.timestamp + 100_000;
    let expiry = Timestamp::new(late);

    let (after, before) = (B256::repeat_byte(1), B256::repeat_byte(2));
    chain.follow(Watch::Key {
        condition,
        key: key(after),
        expiry,
    })?;
    chain.submit(channel.reveal(after, late))?;
    revealed(&mut chain, after).await?;

    let done = chain.carry_out(channel.reveal(before, late)).await?;
    devnet.mine(100).await?;
    chain.follow(Watch::Key {
        condition,
        key: key(before),
        expiry,
    })?;
    assert_eq!(revealed(&mut chain, before).await?, done.timestamp);
    Ok(())
}

// req: K30
#[tokio::test]
async fn a_key_expires_only_with_a_final_block_after_its_expiry() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    let condition = channel.registry();
    let late = devnet.rpc().head().await?.timestamp + 600;
    let expiry = Timestamp::new(late);
    let (known, unknown) = (B256::repeat_byte(1), B256::repeat_byte(2));
    for preimage in [known, unknown] {
        chain.follow(Watch::Key {
            condition,
            key: key(preimage),
            expiry,
        })?;
    }
    let reveal = chain.carry_out(channel.reveal(known, late)).await?;

    let after = devnet.warp(601).await?;
    for above in 0..4 {
        chain.block(after.number + above).await?;
        let early = chain
            .seen()
            .iter()
            .any(|news| matches!(news, ChainNews::Event(ChainEvent::Expired { .. })));
        assert!(!early, "{above} blocks on top are not final");
        devnet.mine(1).await?;
    }
    let mut both = [expired(&mut chain).await?, expired(&mut chain).await?];
    both.sort_by_key(|(of, ..)| *of == key(known));
    let [(first, as_of, never), (second, _, once)] = both;
    assert_eq!([first, second], [key(unknown), key(known)]);
    assert!(as_of > expiry);
    assert_eq!((never, once), (None, Some(reveal.timestamp)));
    Ok(())
}

#[tokio::test]
async fn what_happened_during_an_outage_is_found_after_it() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let gate = Gate::before(devnet.url()).await?;
    let mut behind = config(&devnet);
    behind.rpc_url = gate.url().to_owned();
    let mut chain = Observer::with(behind, devnet.funded(2).await?).await?;
    let mut other = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    let (preimage, condition) = (B256::repeat_byte(1), channel.registry());
    let late = devnet.rpc().head().await?.timestamp.saturating_add(100_000);
    let expiry = Timestamp::new(late);
    chain.watch(channel.id(), 3)?;
    chain.follow(Watch::Key {
        condition,
        key: key(preimage),
        expiry,
    })?;
    chain.channel(channel.id(), Depth::Confirmed, empty).await?;

    // Neither silence nor nonsense ends the task; the state of the endpoint is told once.
    gate.shut();
    chain
        .until(|news| matches!(news, ChainNews::Endpoint(_)).then_some(()))
        .await?;
    gate.lead_to(&garbage_endpoint("<html>").await?);
    other
        .carry_out(channel.deposit(Participant::Zero, 10, 0))
        .await?;
    other.carry_out(channel.reveal(preimage, late)).await?;
    devnet.mine(100).await?;
    gate.lead_to(devnet.url());

    revealed(&mut chain, preimage).await?;
    let reported = |news: &ChainNews| matches!(news, ChainNews::Event(ChainEvent::Channel { depth: Depth::Confirmed, status, .. }) if funded(status));
    assert!(chain.seen().iter().any(reported));
    let outages = chain
        .seen()
        .iter()
        .filter(|news| matches!(news, ChainNews::Endpoint(_)));
    assert_eq!(outages.count(), 1);
    Ok(())
}

#[tokio::test]
async fn blocks_tell_the_time_of_the_newest_final_one() -> eyre::Result<()> {
    let mut options = AnvilOptions::default();
    options
        .arguments
        .extend(["--slots-in-an-epoch".to_owned(), "1".to_owned()]);
    let devnet = Devnet::start(&options).await?;
    let mut by_tag = config(&devnet);
    by_tag.finality = Finality::Tag;
    let mut chain = Observer::with(by_tag, devnet.funded(1).await?).await?;
    devnet.mine(4).await?;
    let head = devnet.warp(100).await?;
    let finalized = devnet
        .rpc()
        .block(counterfoil_deploy::rpc::At::Finalized)
        .await?;
    let finalized = finalized.ok_or_else(|| eyre::eyre!("the chain has a final block"))?;
    let told = chain
        .event(|event| {
            let ChainEvent::Block {
                number,
                finalized,
                timestamp,
            } = event
            else {
                return None;
            };
            (*number == head.number).then_some((*timestamp, *finalized))
        })
        .await?;
    let expected = (
        Timestamp::new(head.timestamp),
        Timestamp::new(finalized.timestamp),
    );
    assert_eq!(told, expected);
    assert!(expected.1 < expected.0);
    Ok(())
}

// At risk was all that a node has in dispute: one channel that could not be read, here because a node with pruned state
// cannot tell its depth, kept every response, settlement and reveal from being sent, and no block was announced.
#[tokio::test]
async fn what_an_endpoint_has_pruned_stops_nothing_else() -> eyre::Result<()> {
    let mut options = AnvilOptions::default();
    let pruned = ["--prune-history".to_owned(), "128".to_owned()];
    options.arguments.extend(pruned);
    let devnet = Devnet::start(&options).await?;
    devnet.mine(1_500).await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let deep = TestChannel::new(&devnet, 1)?;
    chain.watch(deep.id(), 1_000)?;
    let other = TestChannel::new(&devnet, 2)?;
    chain.watch(other.id(), 3)?;

    chain
        .carry_out(deep.deposit(Participant::Zero, 10, 0))
        .await?;
    let expected = |news: &ChainNews| matches!(news, ChainNews::Event(ChainEvent::Channel { channel, depth: Depth::Latest, status, .. }) if *channel == deep.id() && funded(status));
    if !chain.seen().iter().any(expected) {
        chain.channel(deep.id(), Depth::Latest, funded).await?;
    }
    chain
        .carry_out(other.deposit(Participant::Zero, 10, 0))
        .await?;
    let (preimage, late) = (B256::repeat_byte(1), u64::from(u32::MAX));
    chain.carry_out(other.reveal(preimage, late)).await?;
    devnet.mine(6).await?;
    chain.channel(other.id(), Depth::Confirmed, funded).await?;
    chain.block(devnet.rpc().head().await?.number).await?;
    chain.follow(Watch::Key {
        condition: other.registry(),
        key: key(preimage),
        expiry: Timestamp::new(late),
    })?;
    revealed(&mut chain, preimage).await?;
    let confirmed = |news: &ChainNews| matches!(news, ChainNews::Event(ChainEvent::Channel { channel, depth: Depth::Confirmed, .. }) if *channel == deep.id());
    assert!(!chain.seen().iter().any(confirmed));
    Ok(())
}

//! Money leaves a channel that stays open.
//!
//! Money at risk: an amount that is withdrawn and spent as well, or one that neither the chain nor the channel pays.

use crate::kit::{DEPTH, End, Net, PERIOD, Peer, is_challenge};
use counterfoil_chain::{Chain, ChainEvent, ChainNews, Depth, OnChain, SimulateError, Watch};
use counterfoil_core::effect::{Call, Event};
use counterfoil_core::types::{Amount, ChannelId, Nonce};
use counterfoil_deploy::Account;
use counterfoil_deploy::devnet::{AtOnce, Devnet};
use counterfoil_node::{NodeError, connect};
use counterfoil_store::{Owner, Store};
use std::time::Duration;

fn is_withdrawal(call: &Call) -> bool {
    matches!(call, Call::Withdraw { .. })
}

/// Waits for the transaction, makes it final, and waits until its owner has heard. Returns the amount.
async fn withdrawn(net: &Net, owner: &mut Peer, id: ChannelId) -> u128 {
    owner.done("the withdrawal", is_withdrawal).await;
    net.devnet.mine(u64::from(DEPTH)).await.unwrap();
    let amount = owner.core("the end of the withdrawal", |event| match event {
        Event::Withdrawn { channel, amount } if *channel == id => Some(Ok(amount.units())),
        Event::NotWithdrawn { reason, .. } => Some(Err(*reason)),
        _ => None,
    });
    amount.await.unwrap()
}

async fn on_chain(net: &Net, channel: ChannelId) -> OnChain {
    let nobody = Account::from_secret(&Devnet::secret(66)).unwrap();
    let mut chain = Chain::connect(net.config(), nobody).await.unwrap();
    let minimum_depth = 0;
    chain
        .watch(Watch::Channel {
            channel,
            minimum_depth,
        })
        .unwrap();
    loop {
        let news = chain.next().await.unwrap();
        if let ChainNews::Event(ChainEvent::Channel {
            depth: Depth::Latest,
            status,
            ..
        }) = news
        {
            return status;
        }
    }
}

async fn deposits(net: &Net, id: ChannelId) -> [i128; 2] {
    let deposits = on_chain(net, id).await.deposits;
    deposits.into_array().map(|deposit| deposit.units())
}

// req: E53
#[tokio::test]
async fn the_payee_withdraws_while_payments_go_on_both_ways_and_the_channel_goes_on() {
    const EACH: u128 = 200;
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 10_000).await;
    alice.pay(&mut bob, id, 4_000).await;

    for number in 0..EACH {
        alice.node.pay_later(id, Amount::new(3), vec![]).unwrap();
        bob.node.pay_later(id, Amount::new(2), vec![]).unwrap();
        if number == EACH / 2 {
            bob.node.withdraw(id, Amount::new(1_500)).await.unwrap();
        }
    }
    for _ in 0..EACH {
        assert_eq!(alice.received(id).await, 2);
        assert_eq!(bob.received(id).await, 3);
        alice.paid(id).await;
        bob.paid(id).await;
    }
    assert_eq!(withdrawn(&net, &mut bob, id).await, 1_500);
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [0, 1_500]);
    assert_eq!(deposits(&net, id).await, [10_000, -1_500]);
    let agreed = [6_000 - 200, 4_000 - 1_500 + 200];
    assert_eq!(alice.balances(id).await, agreed);
    assert_eq!(bob.balances(id).await, agreed);

    alice.pay(&mut bob, id, 5_800).await;
    bob.pay(&mut alice, id, 8_500).await;
    assert_eq!(bob.balances(id).await, [8_500, 0]);
    alice.node.withdraw(id, Amount::new(500)).await.unwrap();
    assert_eq!(withdrawn(&net, &mut alice, id).await, 500);
    assert_eq!(deposits(&net, id).await, [9_500, -1_500]);
    alice.pay(&mut bob, id, 1_000).await;
    alice.node.close(id).await.unwrap();
    alice.closed(id).await;
    bob.closed(id).await;
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [7_500, 2_500]);
}

// req: E53, A54
#[tokio::test]
async fn what_is_being_withdrawn_cannot_be_spent() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;
    let too_much = alice.node.withdraw(id, Amount::new(101)).await;
    assert!(
        matches!(too_much, Err(NodeError::Refused(_))),
        "{too_much:?}"
    );
    net.devnet.mine_at_once(AtOnce::No).await.unwrap();
    alice.node.withdraw(id, Amount::new(60)).await.unwrap();
    let spent = alice.node.pay(id, Amount::new(41), vec![]).await;
    assert!(matches!(spent, Err(NodeError::Refused(_))), "{spent:?}");
    let another = alice.node.withdraw(id, Amount::new(1)).await;
    assert!(matches!(another, Err(NodeError::Refused(_))), "{another:?}");
    alice.pay(&mut bob, id, 40).await;

    net.devnet.mine_at_once(AtOnce::Yes).await.unwrap();
    net.devnet.mine(1).await.unwrap();
    assert_eq!(withdrawn(&net, &mut alice, id).await, 60);
    assert_eq!(alice.balances(id).await, [0, 40]);
    assert_eq!(net.paid_to(1).await, 60);
}

// req: E53, E54, S30, S32
#[tokio::test]
async fn a_checkpoint_voids_older_states_and_their_records_go() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 400).await;
    let mut stale = vec![alice.export(id).await];
    for _ in 0..3 {
        alice.pay(&mut bob, id, 100).await;
        stale.push(alice.export(id).await);
    }
    let before = alice.node.channel(id).await.unwrap().unwrap().nonce;
    assert_eq!(states(&net, [1, 2], id, before).await, [true; 2]);

    alice.node.withdraw(id, Amount::ZERO).await.unwrap();
    assert_eq!(withdrawn(&net, &mut alice, id).await, 0);
    alice.pay(&mut bob, id, 50).await;
    let chain = on_chain(&net, id).await;
    assert!(chain.nonce > before);
    assert_eq!(deposits(&net, id).await, [400, 0], "nothing has left");

    let nobody = Account::from_secret(&Devnet::secret(66)).unwrap();
    let court = Chain::connect(net.config(), nobody).await.unwrap().handle();
    for call in stale {
        match court.simulate(&call).await {
            Err(SimulateError::Reverted(revert)) => assert_eq!(revert.name(), Some("StaleNonce")),
            other => panic!("{other:?}"),
        }
    }
    alice = net.restart(alice, End::Stopped).await;
    bob = net.restart(bob, End::Stopped).await;
    let newest = alice.node.channel(id).await.unwrap().unwrap().nonce;
    assert_eq!(states(&net, [1, 2], id, before).await, [false; 2]);
    assert_eq!(states(&net, [1, 2], id, chain.nonce).await, [true; 2]);
    assert_eq!(states(&net, [1, 2], id, newest).await, [true; 2]);

    // What is left is enough to be paid by.
    alice.node.challenge(id).await.unwrap();
    alice.done("the challenge", is_challenge).await;
    net.devnet.warp(u64::from(PERIOD)).await.unwrap();
    alice.closed(id).await;
    bob.closed(id).await;
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [50, 350]);
}

// req: E3, E53
#[tokio::test]
async fn a_withdrawal_that_never_lands_before_its_deadline_can_be_spent_again() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;
    net.devnet.mine_at_once(AtOnce::No).await.unwrap();
    let deadline = alice.node.chain_time().await.unwrap().after(600);
    let amount = Amount::new(60);
    alice
        .node
        .withdraw_before(id, amount, deadline)
        .await
        .unwrap();
    alice.balanced(id, [40, 0]).await;
    bob.balanced(id, [40, 0]).await;
    // Both still know what to wait for after a restart.
    alice = net.restart(alice, End::Stopped).await;
    bob = net.restart(bob, End::Dropped).await;
    connect(&alice.node, &bob.node);
    alice.node.chain_time().await.unwrap();

    // Whatever waits is mined now, too late.
    net.devnet.warp(601).await.unwrap();
    net.devnet.mine_at_once(AtOnce::Yes).await.unwrap();
    let refused = alice.node.pay(id, Amount::new(41), vec![]).await;
    assert!(matches!(refused, Err(NodeError::Refused(_))), "{refused:?}");
    net.devnet.mine(u64::from(DEPTH)).await.unwrap();
    let lapsed = alice.core("the end of the withdrawal", |event| match event {
        Event::NotWithdrawn {
            channel, amount, ..
        } if *channel == id => Some(amount.units()),
        _ => None,
    });
    assert_eq!(lapsed.await, 60);
    // Bob has to have read that block too.
    let read = async {
        while bob.balances(id).await != [100, 0] {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), read)
        .await
        .expect("Bob counts it as his peer's again");
    alice.pay(&mut bob, id, 100).await;
    assert_eq!(alice.balances(id).await, [0, 100]);
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [0, 0]);
    bob.node.withdraw(id, Amount::new(30)).await.unwrap();
    assert_eq!(withdrawn(&net, &mut bob, id).await, 30);
    assert_eq!(net.paid_to(2).await, 30);
}

// req: E3, E53
#[tokio::test]
async fn a_withdrawal_that_waits_for_its_block_survives_both_nodes() {
    for end in [End::Stopped, End::Dropped] {
        let net = Net::start().await;
        let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
        let link = connect(&alice.node, &bob.node);
        let id = net.open(&mut alice, &mut bob, 100).await;
        alice.pay(&mut bob, id, 50).await;
        net.devnet.mine_at_once(AtOnce::No).await.unwrap();
        // Bob's signature on the withdrawal is lost once, with his answer.
        link.cut_from(bob.node.address());
        alice.node.withdraw(id, Amount::new(20)).await.unwrap();
        bob.balanced(id, [30, 50]).await;

        alice = net.restart(alice, end).await;
        bob = net.restart(bob, end).await;
        connect(&alice.node, &bob.node);
        alice.balanced(id, [30, 50]).await;
        bob.pay(&mut alice, id, 10).await;
        alice = net.restart(alice, end).await;
        net.devnet.mine_at_once(AtOnce::Yes).await.unwrap();
        net.devnet.mine(1).await.unwrap();
        assert_eq!(withdrawn(&net, &mut alice, id).await, 20);
        connect(&alice.node, &bob.node);
        alice.pay(&mut bob, id, 1).await;
        assert_eq!(bob.balances(id).await, [39, 41]);
        assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [20, 0]);
    }
}

/// Whether the databases of some nodes hold a state; read from copies, since the nodes have theirs.
async fn states(net: &Net, numbers: [u32; 2], id: ChannelId, nonce: Nonce) -> [bool; 2] {
    let folder = tempfile::tempdir().unwrap();
    numbers.map(|number| {
        let copy = folder.path().join(format!("{number}.sqlite"));
        for suffix in ["sqlite", "sqlite-wal"] {
            let from = net.database(number).with_extension(suffix);
            // The log is gone when a node has just started.
            let _ = std::fs::copy(from, copy.with_extension(suffix));
        }
        let owner = Owner {
            chain_id: net.devnet.chain_id(),
            adjudicator: net.devnet.addresses().adjudicator,
            node: Account::from_secret(&Devnet::secret(number))
                .unwrap()
                .address(),
        };
        let store = Store::open(&copy, owner).unwrap();
        store.state(id, nonce).unwrap().is_some()
    })
}

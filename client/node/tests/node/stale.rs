//! Old states on the chain, with the numbers of S26: 400/0, then 200/200, 300/100, 0/400.
//!
//! Money at risk: all that was paid since the state that is published.

use crate::kit::{End, Net, PERIOD, Peer, is_challenge, is_response};
use counterfoil_core::effect::{Call, Event};
use counterfoil_core::types::{Amount, ChannelId};
use counterfoil_node::connect;

const CHEAT: u32 = 66;

// req: S25-S28, S30-S32
#[tokio::test]
async fn every_earlier_state_is_answered_unaided_and_the_newest_is_paid() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let mut stale = Vec::new();
    for earlier in 0..3 {
        let (id, states) = play(&net, &mut alice, &mut bob).await;
        stale.push((id, states[earlier].clone()));
    }
    // An honest node would answer its own old state with the newest.
    alice.end(End::Stopped).await;
    for (id, state) in &stale {
        net.publish(state.clone(), CHEAT).await;
        disputed(&mut bob, *id).await;
        bob.done("the answer", is_response).await;
    }
    net.devnet.warp(u64::from(PERIOD)).await.unwrap();
    for (id, _) in &stale {
        bob.closed(*id).await;
    }
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [0, 3 * 400]);
}

// req: S29-S31, E54
#[tokio::test]
async fn a_node_that_was_down_answers_when_it_is_back_before_the_period_ends() {
    for end in [End::Stopped, End::Dropped] {
        let net = Net::start().await;
        let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
        connect(&alice.node, &bob.node);
        let (id, states) = play(&net, &mut alice, &mut bob).await;
        alice.end(end).await;
        let number = bob.end(end).await;

        // State 2 would pay Alice 300.
        net.publish(states[2].clone(), CHEAT).await;
        let hour = u64::from(PERIOD);
        net.devnet.warp(hour - 60).await.unwrap();
        let mut bob = net.poor_peer(number).await;
        disputed(&mut bob, id).await;
        bob.done("the answer", is_response).await;
        net.devnet.warp(60).await.unwrap();
        bob.closed(id).await;
        assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [0, 400]);
    }
}

// req: E54, E55
#[tokio::test]
async fn a_challenge_with_the_newest_state_pays_it_after_the_period() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;
    alice.pay(&mut bob, id, 20).await;
    alice.node.challenge(id).await.unwrap();
    alice.done("the challenge", is_challenge).await;
    disputed(&mut bob, id).await;
    net.devnet.warp(u64::from(PERIOD)).await.unwrap();
    alice.closed(id).await;
    bob.closed(id).await;
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [80, 20]);
}

// Nobody is paid when the one who has the content of the published state is gone; so it is stored before it is sent.
// req: E3, E54, S27
#[tokio::test]
async fn our_own_unanswered_proposal_published_by_the_peer_is_settled() {
    for end in [End::Stopped, End::Dropped] {
        let net = Net::start().await;
        let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
        let link = connect(&alice.node, &bob.node);
        let id = net.open(&mut alice, &mut bob, 400).await;
        alice.pay(&mut bob, id, 200).await;
        link.cut_from(bob.node.address());
        let amount = Amount::new(150);
        alice.node.pay(id, amount, vec![]).await.unwrap();
        assert_eq!(bob.received(id).await, 150);
        // Bob has a state that Alice knows as her proposal only.
        let newest = bob.export(id).await;
        bob.end(end).await;
        net.publish(newest, CHEAT).await;

        disputed(&mut alice, id).await;
        alice = net.restart(alice, end).await;
        net.devnet.warp(u64::from(PERIOD)).await.unwrap();
        alice.closed(id).await;
        assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [50, 350]);
    }
}

/// A channel of 400 with the payments 200, 100 back, and 300; the calls that publish each of its states.
async fn play(net: &Net, alice: &mut Peer, bob: &mut Peer) -> (ChannelId, [Call; 4]) {
    let id = net.open(alice, bob, 400).await;
    let none = alice.export(id).await;
    alice.pay(bob, id, 200).await;
    assert_eq!(bob.balances(id).await, [200, 200]);
    let first = alice.export(id).await;
    bob.pay(alice, id, 100).await;
    assert_eq!(bob.balances(id).await, [300, 100]);
    let second = alice.export(id).await;
    alice.pay(bob, id, 300).await;
    assert_eq!(bob.balances(id).await, [0, 400]);
    (id, [none, first, second, alice.export(id).await])
}

async fn disputed(peer: &mut Peer, id: ChannelId) {
    peer.core("the dispute", |event| {
        matches!(event, Event::Disputed { channel, .. } if *channel == id).then_some(())
    })
    .await;
}

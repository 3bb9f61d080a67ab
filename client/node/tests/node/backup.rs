//! A node that starts from an old copy of its database signs nothing that it may have signed otherwise before, and is paid.
//!
//! Money at risk: all of a channel, if a second state is signed at a nonce of which the other side holds the first.

use crate::kit::{End, Net, PERIOD, Peer, is_challenge, is_response};
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::Event;
use counterfoil_core::types::{Amount, ChannelId, Nonce};
use counterfoil_node::{NodeError, connect};

// req: E3, A16
#[tokio::test]
async fn a_restored_node_signs_nothing_learns_the_newest_state_and_is_paid_by_it() {
    let net = Net::start().await;
    let (alice, mut bob, id, newest) = aged(&net).await;
    let restored = net.builder(alice).restored_from_backup();
    let mut alice = Net::begin(restored, alice).await;
    let known = lost(&mut alice, id).await;
    assert!(known < newest);
    refuses_to_sign(&alice, id).await;

    connect(&alice.node, &bob.node);
    assert_eq!(recovered(&mut alice, id).await, newest);
    assert_eq!(alice.balances(id).await, [350, 650]);
    refuses_to_sign(&alice, id).await;
    // Bob learns that nothing comes of it, and keeps what he has.
    let _ = bob.node.pay(id, Amount::new(1), vec![]).await;
    ended(&mut bob, id).await;
    assert_eq!(nonce(&bob, id).await, newest);
    assert_eq!(bob.balances(id).await, [350, 650]);

    alice = net.restart(alice, End::Stopped).await;
    assert_eq!(phase(&alice, id).await, Phase::Recovering, "for good");
    refuses_to_sign(&alice, id).await;
    alice.node.challenge(id).await.unwrap();
    alice.done("the challenge", is_challenge).await;
    net.devnet.warp(u64::from(PERIOD)).await.unwrap();
    alice.closed(id).await;
    bob.closed(id).await;
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [350, 650]);
}

// req: E3, S30
#[tokio::test]
async fn a_restored_node_that_reaches_nobody_challenges_with_what_it_has_and_is_answered() {
    let net = Net::start().await;
    let (alice, mut bob, id, _) = aged(&net).await;
    let restored = net.builder(alice).restored_from_backup();
    let mut alice = Net::begin(restored, alice).await;
    lost(&mut alice, id).await;
    alice.node.challenge(id).await.unwrap();
    alice.done("the challenge", is_challenge).await;
    bob.done("the answer", is_response).await;
    net.devnet.warp(u64::from(PERIOD)).await.unwrap();
    alice.closed(id).await;
    bob.closed(id).await;
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [350, 650]);
}

// Nobody has told this node that its file is old; its own signature in the peer's hands does.
// req: E3, A16
#[tokio::test]
async fn an_old_file_that_nobody_calls_old_is_found_out_before_anything_is_signed() {
    let net = Net::start().await;
    let (alice, mut bob, id, newest) = aged(&net).await;
    let mut alice = net.poor_peer(alice).await;
    assert_eq!(phase(&alice, id).await, Phase::Open);
    // It would be the second state at a nonce that Bob has a state for.
    let pay = alice.node.pay(id, Amount::new(5), vec![]).await;
    connect(&alice.node, &bob.node);
    assert!(lost(&mut alice, id).await < newest);
    assert_eq!(recovered(&mut alice, id).await, newest);
    if pay.is_ok() {
        alice
            .core("the end of the payment", |event| {
                matches!(event, Event::NotPaid { amount, .. } if amount.units() == 5).then_some(())
            })
            .await;
    }
    refuses_to_sign(&alice, id).await;
    ended(&mut bob, id).await;
    assert_eq!(nonce(&bob, id).await, newest, "nothing was signed");
    assert_eq!(bob.balances(id).await, [350, 650]);

    alice.node.challenge(id).await.unwrap();
    alice.done("the challenge", is_challenge).await;
    net.devnet.warp(u64::from(PERIOD)).await.unwrap();
    alice.closed(id).await;
    bob.closed(id).await;
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [350, 650]);
}

// req: E3
#[tokio::test]
async fn a_restored_node_opens_new_channels() {
    let net = Net::start().await;
    let (alice, mut bob, old, _) = aged(&net).await;
    let restored = net.builder(alice).restored_from_backup();
    let mut alice = Net::begin(restored, alice).await;
    lost(&mut alice, old).await;
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;
    alice.pay(&mut bob, id, 20).await;
    bob.pay(&mut alice, id, 5).await;
    assert_eq!(bob.balances(id).await, [85, 15]);
    assert_eq!(phase(&alice, old).await, Phase::Recovering);
}

/// A channel of 1,000 in which 300 were paid when Alice's file was copied, and 400 and 50 back since. Alice's node has
/// ended and has the copy. Returns her number, Bob, the channel and its newest state.
async fn aged(net: &Net) -> (u32, Peer, ChannelId, Nonce) {
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 1_000).await;
    alice.pay(&mut bob, id, 300).await;
    let number = alice.end(End::Stopped).await;
    let (file, copy) = (
        net.database(number),
        net.database(number).with_extension("copy"),
    );
    std::fs::copy(&file, &copy).unwrap();

    let mut alice = net.poor_peer(number).await;
    connect(&alice.node, &bob.node);
    alice.pay(&mut bob, id, 400).await;
    bob.pay(&mut alice, id, 50).await;
    let newest = nonce(&bob, id).await;
    alice.end(End::Stopped).await;
    let log = file.with_extension("sqlite-wal");
    assert!(!log.exists(), "it was closed");
    std::fs::copy(&copy, &file).unwrap();
    (number, bob, id, newest)
}

async fn refuses_to_sign(peer: &Peer, id: ChannelId) {
    let one = Amount::new(1);
    let refused = [
        peer.node.pay(id, one, vec![]).await,
        peer.node.withdraw(id, one).await,
        peer.node.deposit(id, one).await,
        peer.node.close(id).await,
    ];
    for refused in refused {
        assert!(matches!(refused, Err(NodeError::Refused(_))), "{refused:?}");
    }
    assert_eq!(phase(peer, id).await, Phase::Recovering);
}

async fn phase(peer: &Peer, id: ChannelId) -> Phase {
    peer.node.channel(id).await.unwrap().unwrap().phase
}

async fn nonce(peer: &Peer, id: ChannelId) -> Nonce {
    peer.node.channel(id).await.unwrap().unwrap().nonce
}

async fn lost(peer: &mut Peer, id: ChannelId) -> Nonce {
    peer.core("the loss", |event| match event {
        Event::DataLost { channel, newest } if *channel == id => Some(*newest),
        _ => None,
    })
    .await
}

async fn recovered(peer: &mut Peer, id: ChannelId) -> Nonce {
    peer.core("the newest state", |event| match event {
        Event::StateRecovered { channel, newest } if *channel == id => Some(*newest),
        _ => None,
    })
    .await
}

async fn ended(peer: &mut Peer, id: ChannelId) {
    peer.core("the end of the conversation", |event| {
        matches!(event, Event::ConversationEnded { channel, .. } if *channel == id).then_some(())
    })
    .await;
}

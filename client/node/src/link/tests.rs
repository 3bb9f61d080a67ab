//! What a peer sends is never trusted: bytes that mean nothing change nothing.
//!
//! The links of the library carry only what a node has encoded, so these tests put the bytes in behind them.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm,
    reason = "a test may panic"
)]

use super::connect;
use crate::kit::{Net, Peer};
use crate::runtime::Request;
use crate::{Node, NodeEvent};
use counterfoil_core::effect::{Event, Input};
use counterfoil_core::types::{Address, Amount};
use tokio::sync::mpsc;

// req: A52, E6, E8
#[tokio::test]
async fn bytes_that_are_no_message_are_refused_and_payments_go_on() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;
    alice.pay(&mut bob, id, 20).await;

    let (from, stranger) = (alice.node.address(), Address::repeat_byte(9));
    let mut garbage = vec![
        Vec::new(),
        vec![0],
        vec![0xff; 1 << 17],
        b"\x07not a list".to_vec(),
        // A list that claims to be longer than any memory.
        vec![7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        // Lists in lists in lists.
        [vec![7], vec![0xc1; 4096]].concat(),
    ];
    for code in 0..=255 {
        garbage.push(vec![code]);
        garbage.push(vec![code, 0xc0]);
        garbage.push([vec![code], noise(u64::from(code), 200)].concat());
    }
    for bytes in garbage {
        for peer in [from, stranger] {
            hand(&bob.node, peer, bytes.clone());
        }
    }
    assert_eq!(bob.balances(id).await, [80, 20]);
    refused(&mut bob).await;
    let warned = |event: &NodeEvent| match event {
        NodeEvent::Core(Event::Warned { text, .. }) if text.contains("expected") => Some(()),
        _ => None,
    };
    alice.wait("a warning", warned).await;
    alice.pay(&mut bob, id, 20).await;
    bob.pay(&mut alice, id, 5).await;
    assert_eq!(bob.balances(id).await, [65, 35]);
}

// Money at risk: a repeated update that is applied twice, and a damaged one that is taken for another amount.
// req: A27, A52, E46, E47
#[tokio::test]
async fn real_frames_repeated_by_a_stranger_or_with_one_bit_changed_never_move_money() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;
    let mut frames = listen(&alice.node, &bob.node);
    alice.node.pay(id, Amount::new(20), vec![]).await.unwrap();
    let frame = frames.recv().await.unwrap();

    let from = alice.node.address();
    for bytes in [frame.clone(), noise(1, frame.len())] {
        hand(&bob.node, Address::repeat_byte(9), bytes);
    }
    // A damaged signature would end the conversation for good, which is the peer's doing; so only what comes before it.
    let mut damaged = frame.clone();
    damaged[0] ^= 0x80;
    hand(&bob.node, from, damaged);
    hand(&bob.node, from, frame[..frame.len() / 2].to_vec());
    assert_eq!(bob.balances(id).await, [100, 0]);

    for _ in 0..3 {
        hand(&bob.node, from, frame.clone());
    }
    assert_eq!(bob.received(id).await, 20);
    assert_eq!(bob.balances(id).await, [80, 20]);
    connect(&alice.node, &bob.node);
    assert_eq!(alice.paid(id).await, 20);
    alice.pay(&mut bob, id, 1).await;
    assert_eq!(bob.balances(id).await, [79, 21]);
}

// Money at risk: all of the channel, when a fault that cannot be repaired left no state to close with.
// req: E6, E7, A52
#[tokio::test]
async fn after_every_damage_to_a_frame_the_newest_co_signed_state_is_still_there() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;
    alice.pay(&mut bob, id, 20).await;
    let mut frames = listen(&alice.node, &bob.node);
    alice.node.pay(id, Amount::new(30), vec![]).await.unwrap();
    let frame = frames.recv().await.unwrap();
    for place in 0..frame.len() {
        for bit in 0..8 {
            let mut damaged = frame.clone();
            damaged[place] ^= 1 << bit;
            hand(&bob.node, alice.node.address(), damaged);
        }
    }
    assert_eq!(bob.balances(id).await, [80, 20]);
    let newest = bob.export(id).await;
    net.publish(newest, 66).await;
    net.devnet
        .warp(u64::from(crate::kit::PERIOD))
        .await
        .unwrap();
    bob.closed(id).await;
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [80, 20]);
}

/// Puts bytes in where a link does.
fn hand(node: &Node, peer: Address, bytes: Vec<u8>) {
    let input = Input::Frame { peer, bytes };
    node.requests().send(Request::Input(input)).unwrap();
}

/// From now on, what `sender` sends to `receiver` comes out here and goes nowhere else.
fn listen(sender: &Node, receiver: &Node) -> mpsc::UnboundedReceiver<Vec<u8>> {
    let (to, mut taken) = mpsc::unbounded_channel();
    let end = super::End {
        from: sender.address(),
        to: to.downgrade(),
        up: std::sync::Arc::new(true.into()),
        greeting: std::sync::Arc::default(),
    };
    let peer = receiver.address();
    let attach = Request::Attach { peer, end };
    sender.requests().send(attach).unwrap();
    let (frames, out) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        // The sending half lives as long as somebody listens.
        let _to = to;
        while let Some(request) = taken.recv().await {
            if let Request::Input(Input::Frame { bytes, .. }) = request
                && frames.send(bytes).is_err()
            {
                return;
            }
        }
    });
    out
}

async fn refused(peer: &mut Peer) {
    peer.wait("a refusal", |event| match event {
        NodeEvent::PeerRefused(text) if text.contains("peer 0x") => Some(()),
        _ => None,
    })
    .await;
}

/// Bytes that look random and are the same every time.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

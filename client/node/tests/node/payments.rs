//! Open, pay, close: the chain pays what the nodes agreed on.

use crate::kit::{Net, create, is_close, is_deposit, payout, wish};
use counterfoil_core::effect::Event;
use counterfoil_core::types::Amount;
use counterfoil_node::{NodeEvent, Wish, connect};

// req: S1, S2, S4, S14-S19, S23, S24, E54, E55
#[tokio::test]
async fn of_100_deposited_and_20_paid_the_chain_pays_80_and_20() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;
    assert_eq!(bob.balances(id).await, [100, 0]);

    let before = net.devnet.rpc().head().await.unwrap().number;
    alice.pay(&mut bob, id, 20).await;
    let after = net.devnet.rpc().head().await.unwrap().number;
    assert_eq!(before, after, "a payment takes no block");
    assert_eq!(alice.balances(id).await, [80, 20]);

    alice.node.close(id).await.unwrap();
    alice.closed(id).await;
    bob.closed(id).await;
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [80, 20]);
}

// req: S3, S5, E16, E51, E54
#[tokio::test]
async fn both_deposit_pay_both_ways_top_up_and_are_paid_the_agreed_sums() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let wish = Wish {
        remote_amount: Amount::new(50),
        push_amount: Amount::new(5),
        ..wish(bob.node.address(), 100)
    };
    let id = create(&mut alice, &mut bob, wish).await;
    bob.done("Bob's deposit", is_deposit).await;
    net.fund(&mut alice, &mut bob, id).await;
    assert_eq!(alice.balances(id).await, [95, 55]);

    alice.pay(&mut bob, id, 40).await;
    bob.pay(&mut alice, id, 70).await;
    alice.pay(&mut bob, id, 1).await;
    bob.node.deposit(id, Amount::new(30)).await.unwrap();
    bob.done("the top-up", is_deposit).await;
    net.devnet.mine(2).await.unwrap();
    for peer in [&mut alice, &mut bob] {
        peer.core("the top-up to count", |event| match event {
            Event::DepositCounted { deposits, .. } => {
                (deposits.one.to_string() == "80").then_some(())
            }
            _ => None,
        })
        .await;
    }
    bob.pay(&mut alice, id, 50).await;
    assert_eq!(alice.balances(id).await, [174, 6]);

    bob.node.close(id).await.unwrap();
    alice.closed(id).await;
    bob.closed(id).await;
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [174, 6]);
}

// req: S3, GAP-E8
#[tokio::test]
async fn payments_of_both_sides_at_once_all_arrive() {
    const EACH: u128 = 500;
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 10_000).await;
    alice.pay(&mut bob, id, 5_000).await;

    for _ in 0..EACH {
        alice.node.pay_later(id, Amount::new(3), vec![]).unwrap();
        bob.node.pay_later(id, Amount::new(2), vec![]).unwrap();
    }
    for _ in 0..EACH {
        assert_eq!(alice.received(id).await, 2);
        assert_eq!(bob.received(id).await, 3);
        alice.paid(id).await;
        bob.paid(id).await;
    }
    let agreed = [5_000 - 3 * 500 + 2 * 500, 5_000 + 3 * 500 - 2 * 500];
    assert_eq!(alice.balances(id).await, agreed);
    assert_eq!(bob.balances(id).await, agreed);

    alice.node.close(id).await.unwrap();
    alice.done("the close", is_close).await;
    bob.closed(id).await;
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [4_500, 5_500]);
}

// req: A5, E18
#[tokio::test]
async fn a_payment_above_the_balance_is_refused_and_changes_nothing() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;

    let refused = alice.node.pay(id, Amount::new(101), vec![]).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "refused: the balance does not cover the amount and the reserve"
    );
    bob.node.pay(id, Amount::new(1), vec![]).await.unwrap_err();
    alice.node.pay_later(id, Amount::new(101), vec![]).unwrap();
    alice
        .wait("the refusal", |event| {
            matches!(event, NodeEvent::PeerRefused(_)).then_some(())
        })
        .await;
    assert_eq!(alice.balances(id).await, [100, 0]);
    alice.pay(&mut bob, id, 100).await;
}

// req: A54, S13
#[tokio::test]
async fn a_node_pays_out_to_its_own_account_unless_told_otherwise() {
    let net = Net::start().await;
    let mut alice = net.peer(1).await;
    let mut bob = net.peer(2).await;
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;
    let terms = alice.node.channel(id).await.unwrap().unwrap().terms;
    assert_eq!(terms.payouts.into_array(), [payout(1), payout(2)]);
    assert_eq!(
        terms.signers.into_array(),
        [alice.node.address(), bob.node.address()]
    );
}

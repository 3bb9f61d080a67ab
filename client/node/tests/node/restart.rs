//! A node that ends at any point goes on from its file.
//!
//! Money at risk: a payment that was acknowledged and is gone, or a second signature at one nonce.

use crate::kit::{End, Net, create, created, offered, route, wish};
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::Event;
use counterfoil_core::types::Amount;
use counterfoil_deploy::devnet::AtOnce;
use counterfoil_node::{NodeError, connect};

const ENDS: [End; 2] = [End::Stopped, End::Dropped];

// req: E3, E10, E60
#[tokio::test]
async fn an_offer_that_was_joined_can_be_made_again_or_goes_on() {
    for end in ENDS {
        let net = Net::start().await;
        let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
        let link = connect(&alice.node, &bob.node);
        let temporary_id = alice
            .node
            .open(wish(bob.node.address(), 100))
            .await
            .unwrap();
        offered(&mut bob, temporary_id).await;
        // Alice signs first; Bob's signature does not reach her.
        bob.node.join(temporary_id).await.unwrap();
        let id = created(&mut alice, temporary_id).await;
        link.cut_from(bob.node.address());

        alice = net.restart(alice, end).await;
        connect(&alice.node, &bob.node);
        net.fund(&mut alice, &mut bob, id).await;
        alice.pay(&mut bob, id, 20).await;
    }
}

// req: E3, E59
#[tokio::test]
async fn a_deposit_that_waits_for_its_block_is_made_once() {
    for end in ENDS {
        let net = Net::start().await;
        let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
        connect(&alice.node, &bob.node);
        net.devnet.mine_at_once(AtOnce::No).await.unwrap();
        let wish = wish(bob.node.address(), 100);
        let id = create(&mut alice, &mut bob, wish).await;

        alice = net.restart(alice, end).await;
        bob = net.restart(bob, end).await;
        connect(&alice.node, &bob.node);
        net.devnet.mine_at_once(AtOnce::Yes).await.unwrap();
        net.devnet.mine(1).await.unwrap();
        net.fund(&mut alice, &mut bob, id).await;
        assert_eq!(alice.balances(id).await, [100, 0]);
        assert_eq!(bob.balances(id).await, [100, 0]);
    }
}

// req: E3, A13
#[tokio::test]
async fn balances_survive_and_payments_flow_again() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;
    for end in ENDS {
        alice.pay(&mut bob, id, 30).await;
        bob.pay(&mut alice, id, 10).await;
        let before = alice.node.channels().await.unwrap();

        alice = net.restart(alice, end).await;
        bob = net.restart(bob, end).await;
        let after = alice.node.channels().await.unwrap();
        assert_eq!(before[0].balances, after[0].balances);
        assert_eq!(before[0].nonce, after[0].nonce);
        connect(&alice.node, &bob.node);
        alice.pay(&mut bob, id, 1).await;
    }
    assert_eq!(bob.balances(id).await, [58, 42]);
    alice.node.close(id).await.unwrap();
    alice.closed(id).await;
    bob.closed(id).await;
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [58, 42]);
}

// req: E3, E47
#[tokio::test]
async fn an_acknowledged_payment_whose_proposal_was_lost_arrives_once() {
    for end in ENDS {
        let net = Net::start().await;
        let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
        let link = connect(&alice.node, &bob.node);
        let id = net.open(&mut alice, &mut bob, 100).await;
        link.cut_from(alice.node.address());
        let amount = Amount::new(20);
        alice.node.pay(id, amount, vec![]).await.unwrap();

        alice = net.restart(alice, end).await;
        connect(&alice.node, &bob.node);
        assert_eq!(bob.received(id).await, 20);
        assert_eq!(alice.paid(id).await, 20);
        alice.pay(&mut bob, id, 1).await;
        assert_eq!(bob.balances(id).await, [79, 21]);
    }
}

// req: E3, E47
#[tokio::test]
async fn a_payment_whose_answer_was_lost_arrives_once() {
    for end in ENDS {
        let net = Net::start().await;
        let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
        let link = connect(&alice.node, &bob.node);
        let id = net.open(&mut alice, &mut bob, 100).await;
        link.cut_from(bob.node.address());
        let amount = Amount::new(20);
        alice.node.pay(id, amount, vec![]).await.unwrap();
        assert_eq!(bob.received(id).await, 20);

        bob = net.restart(bob, end).await;
        alice = net.restart(alice, end).await;
        assert_eq!(bob.balances(id).await, [80, 20]);
        connect(&alice.node, &bob.node);
        assert_eq!(alice.paid(id).await, 20);
        alice.pay(&mut bob, id, 1).await;
        assert_eq!(bob.balances(id).await, [79, 21]);
        assert_eq!(alice.balances(id).await, [79, 21]);
    }
}

#[tokio::test]
async fn a_payment_that_only_waited_for_an_answer_is_not_made_and_costs_nothing() {
    for end in ENDS {
        let net = Net::start().await;
        let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
        let link = connect(&alice.node, &bob.node);
        let id = net.open(&mut alice, &mut bob, 100).await;
        link.cut_from(alice.node.address());
        for amount in [20, 5] {
            let amount = Amount::new(amount);
            alice.node.pay(id, amount, vec![]).await.unwrap();
        }
        alice = net.restart(alice, end).await;
        connect(&alice.node, &bob.node);
        assert_eq!(bob.received(id).await, 20);
        assert_eq!(alice.paid(id).await, 20);
        alice.pay(&mut bob, id, 1).await;
        assert_eq!(alice.balances(id).await, [79, 21]);
        assert_eq!(bob.balances(id).await, [79, 21]);
    }
}

// req: E3, A13, A29
#[tokio::test]
async fn a_lock_that_is_pending_is_paid_after_both_came_back() {
    for end in ENDS {
        let net = Net::start().await;
        let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
        let link = connect(&alice.node, &bob.node);
        let id = net.open(&mut alice, &mut bob, 100).await;
        let invoice = bob.node.invoice(Amount::new(20), 3600).await.unwrap();
        link.cut_from(bob.node.address());
        alice
            .node
            .pay_invoice(&invoice, route(id, 0))
            .await
            .unwrap();
        bob.core("the lock", |event| {
            matches!(event, Event::PaymentArriving { .. }).then_some(())
        })
        .await;

        alice = net.restart(alice, end).await;
        bob = net.restart(bob, end).await;
        connect(&alice.node, &bob.node);
        alice.sent(invoice.key).await;
        bob.core("the payment", |event| {
            matches!(event, Event::PaymentReceived { .. }).then_some(())
        })
        .await;
        assert_eq!(alice.balances(id).await, [80, 20]);
        assert_eq!(bob.balances(id).await, [80, 20]);
    }
}

// req: E3, E56, E58
#[tokio::test]
async fn a_close_that_was_begun_is_finished() {
    for end in ENDS {
        let net = Net::start().await;
        let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
        let link = connect(&alice.node, &bob.node);
        let id = net.open(&mut alice, &mut bob, 100).await;
        alice.pay(&mut bob, id, 20).await;
        link.cut_from(alice.node.address());
        alice.node.close(id).await.unwrap();

        alice = net.restart(alice, end).await;
        let pay = alice.node.pay(id, Amount::new(1), vec![]).await;
        assert!(matches!(pay, Err(NodeError::Refused(_))), "{pay:?}");
        net.devnet.mine_at_once(AtOnce::No).await.unwrap();
        connect(&alice.node, &bob.node);
        bob.core("the close", |event| {
            matches!(event, Event::ShuttingDown { .. }).then_some(())
        })
        .await;
        bob = net.restart(bob, end).await;
        connect(&alice.node, &bob.node);
        net.devnet.mine_at_once(AtOnce::Yes).await.unwrap();
        net.devnet.mine(1).await.unwrap();
        alice.closed(id).await;
        bob.closed(id).await;
        let channel = bob.node.channel(id).await.unwrap().unwrap();
        assert_eq!(channel.phase, Phase::Closed);
        assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [80, 20]);
    }
}

// A link and the other node's end of it used to keep a dropped node running, with its file locked for good.
#[tokio::test]
async fn a_dropped_node_ends_though_its_links_and_subscriptions_are_there() {
    let net = Net::start().await;
    let (alice, bob) = (net.peer(1).await, net.peer(2).await);
    let link = connect(&alice.node, &bob.node);
    let clone = bob.node.clone();
    alice.end(End::Dropped).await;
    net.builder(1).start().await.unwrap();
    // The link of a node that is gone can be used, and does nothing.
    link.mend();
    bob.end(End::Stopped).await;
    clone.stop().await;
    let stopped = clone.channels().await;
    assert!(matches!(stopped, Err(NodeError::Stopped)), "{stopped:?}");
}

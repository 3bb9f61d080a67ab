//! Locks between two nodes: paid, shown by the chain, or taken back.

use crate::kit::{DEPTH, End, LOCK, MARGIN, Net, PERIOD, is_reveal, route};
use counterfoil_core::effect::Event;
use counterfoil_core::types::Amount;
use counterfoil_core::wire::Reason;
use counterfoil_node::{PayError, connect};

// req: K29, K30, K32, GAP-A2
#[tokio::test]
async fn a_lock_whose_payee_stays_away_comes_back_once_the_payee_is_back() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    let link = connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;
    let invoice = bob.node.invoice(Amount::new(20), 3600).await.unwrap();
    link.cut_from(bob.node.address());
    let paying = alice.node.pay_invoice(&invoice, route(id, 0)).await;
    paying.unwrap();
    bob.core("the lock", |event| {
        matches!(event, Event::PaymentArriving { .. }).then_some(())
    })
    .await;
    let number = bob.end(End::Dropped).await;

    net.devnet.warp(LOCK + 1).await.unwrap();
    net.devnet.mine(u64::from(DEPTH) + 1).await.unwrap();
    let mut bob = net.poor_peer(number).await;
    // Bob agrees once he sees a final block past the expiry.
    bob.core("the end of the lock", |event| {
        matches!(event, Event::PaymentFailed { .. }).then_some(())
    })
    .await;
    connect(&alice.node, &bob.node);
    let reason = alice.core("the money to come back", |event| match event {
        Event::PaymentFailed { key, reason } if *key == invoice.key => Some(*reason),
        Event::PaymentSent { .. } => panic!("the payment was made"),
        _ => None,
    });
    assert_eq!(reason.await, Reason::ExpiryTooNear);
    alice.balanced(id, [100, 0]).await;
    alice.node.close(id).await.unwrap();
    alice.closed(id).await;
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [100, 0]);
}

// Money at risk: the locked amount, when the payer answers no more.
// req: K25, K28, K33, L4, E54
#[tokio::test]
async fn a_payee_whose_payer_is_gone_is_paid_by_the_chain() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    let link = connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;
    let invoice = bob.node.invoice(Amount::new(20), 3600).await.unwrap();
    link.cut_from(bob.node.address());
    let paying = alice.node.pay_invoice(&invoice, route(id, 0)).await;
    paying.unwrap();
    bob.core("the lock", |event| {
        matches!(event, Event::PaymentArriving { .. }).then_some(())
    })
    .await;
    alice.end(End::Stopped).await;

    bob = net.restart(bob, End::Dropped).await;
    net.devnet.warp(LOCK - MARGIN).await.unwrap();
    bob.done("the reveal", is_reveal).await;
    bob.node.challenge(id).await.unwrap();
    bob.core("the dispute", |event| {
        matches!(event, Event::Disputed { .. }).then_some(())
    })
    .await;
    net.devnet.warp(u64::from(PERIOD)).await.unwrap();
    bob.closed(id).await;
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [80, 20]);
}

// req: A26, A43
#[tokio::test]
async fn an_invoice_is_paid_once_in_time_and_by_who_has_it() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;

    let mut forged = bob.node.invoice(Amount::new(20), 3600).await.unwrap();
    forged.payment_secret.0[0] ^= 1;
    let paying = alice.node.pay_invoice(&forged, route(id, 0)).await;
    paying.unwrap();
    let reason = alice.core("the refusal", |event| match event {
        Event::PaymentFailed { reason, .. } => Some(*reason),
        _ => None,
    });
    assert_eq!(reason.await, Reason::UnknownPayment);

    let invoice = bob.node.invoice(Amount::new(20), 3600).await.unwrap();
    let route = route(id, 0);
    alice.node.pay_invoice(&invoice, route).await.unwrap();
    alice.sent(invoice.key).await;
    let again = alice.node.pay_invoice(&invoice, route).await;
    assert!(matches!(again, Err(PayError::Node(_))), "{again:?}");

    let late = bob.node.invoice(Amount::new(20), 60).await.unwrap();
    net.devnet.warp(61).await.unwrap();
    while alice.node.chain_time().await.unwrap() <= late.expiry {
        tokio::task::yield_now().await;
    }
    let refused = alice.node.pay_invoice(&late, route).await;
    assert!(
        matches!(refused, Err(PayError::Expired { .. })),
        "{refused:?}"
    );
    assert_eq!(alice.balances(id).await, [80, 20]);
}

// A node that had not heard of a block yet made invoices and locks that expired in 1970.
#[tokio::test]
async fn an_invoice_made_right_after_the_start_can_be_paid() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;
    alice = net.restart(alice, End::Stopped).await;
    bob = net.restart(bob, End::Stopped).await;
    let invoice = bob.node.invoice(Amount::new(20), 3600).await.unwrap();
    connect(&alice.node, &bob.node);
    let paying = alice.node.pay_invoice(&invoice, route(id, 0)).await;
    paying.unwrap();
    alice.sent(invoice.key).await;
    assert_eq!(alice.balances(id).await, [80, 20]);
}

//! Alice pays Bob, with whom she has no channel, through Mia.

use crate::kit::{
    DEPTH, End, FEE, LOCK, MARGIN, Net, PERIOD, Peer, is_challenge, is_reveal, route,
};
use counterfoil_core::effect::Event;
use counterfoil_core::types::{Amount, B256, ChannelId};
use counterfoil_core::wire::Reason;
use counterfoil_node::{Link, connect};

/// Alice is 1, Mia 2, Bob 3; both channels hold 100 of the side that pays.
struct Line {
    net: Net,
    alice: Peer,
    mia: Peer,
    bob: Peer,
    up: Link,
    down: Link,
    first: ChannelId,
    second: ChannelId,
}

impl Line {
    async fn start() -> Self {
        let net = Net::start().await;
        let (mut alice, mut mia) = (net.peer(1).await, net.peer(2).await);
        let mut bob = net.peer(3).await;
        let up = connect(&alice.node, &mia.node);
        let down = connect(&mia.node, &bob.node);
        let first = net.open(&mut alice, &mut mia, 100).await;
        let second = net.open(&mut mia, &mut bob, 100).await;
        Self {
            net,
            alice,
            mia,
            bob,
            up,
            down,
            first,
            second,
        }
    }

    /// Closes both channels and compares what was paid.
    async fn close(&mut self, expected: [u128; 3]) {
        self.alice.node.close(self.first).await.unwrap();
        self.mia.node.close(self.second).await.unwrap();
        self.mia.closed(self.first).await;
        self.mia.closed(self.second).await;
        self.assert_paid(expected).await;
    }

    async fn assert_paid(&self, expected: [u128; 3]) {
        let net = &self.net;
        let paid = [
            net.paid_to(1).await,
            net.paid_to(2).await,
            net.paid_to(3).await,
        ];
        assert_eq!(paid, expected);
    }

    /// Bob asks for `amount`, and Alice locks it for him.
    async fn pay_invoice(&self, amount: u128) -> B256 {
        let invoice = self.bob.node.invoice(Amount::new(amount), 3600).await;
        let invoice = invoice.unwrap();
        let route = route(self.first, FEE);
        let key = self.alice.node.pay_invoice(&invoice, route).await.unwrap();
        assert_eq!(key, invoice.key);
        key
    }

    async fn block(&self) {
        self.net.devnet.mine(u64::from(DEPTH) + 1).await.unwrap();
    }
}

// req: A1-A4, A7, A8, A15, A22-A31, A46-A48, GAP-A1
#[tokio::test]
async fn with_an_invoice_or_without_bob_is_paid_and_mia_keeps_the_fee() {
    let mut line = Line::start().await;
    let invoice = line.pay_invoice(10).await;
    let contact = line.bob.node.contact();
    let amount = Amount::new(5);
    let route = route(line.first, FEE);
    let gift = line.alice.node.pay_unasked(contact, amount, route).await;
    for key in [invoice, gift.unwrap()] {
        received(&mut line.bob, key).await;
        forwarded(&mut line.mia, key).await;
        line.alice.sent(key).await;
    }
    line.close([83, 102, 15]).await;
}

// req: A26, A5
#[tokio::test]
async fn mia_refuses_a_low_fee_and_what_she_cannot_pass_on_and_alice_has_her_money_back() {
    let mut line = Line::start().await;
    let contact = line.bob.node.contact();
    for (amount, fee, expected) in [(10, 0, Reason::FeeTooLow), (98, FEE, Reason::NoRoute)] {
        if expected == Reason::NoRoute {
            let mia = &mut line.mia;
            mia.pay(&mut line.bob, line.second, 10).await;
        }
        let (amount, route) = (Amount::new(amount), route(line.first, fee));
        let key = line.alice.node.pay_unasked(contact, amount, route).await;
        let reason = failed(&mut line.alice, key.unwrap()).await;
        assert_eq!(reason, expected);
        line.alice.balanced(line.first, [100, 0]).await;
    }
    line.close([100, 90, 10]).await;
}

// req: A48, L3, K25, K26
#[tokio::test]
async fn when_bob_cannot_reach_mia_he_reveals_on_chain_and_mia_is_paid_by_alice() {
    let mut line = Line::start().await;
    line.down.cut_from(line.bob.node.address());
    let key = line.pay_invoice(10).await;
    arriving(&mut line.bob, key).await;

    line.net.devnet.warp(LOCK - MARGIN).await.unwrap();
    line.bob.done("the reveal", is_reveal).await;
    line.alice.sent(key).await;
    line.alice.balanced(line.first, [89, 11]).await;
    line.down.mend();
    received(&mut line.bob, key).await;
    forwarded(&mut line.mia, key).await;
    line.close([89, 101, 10]).await;
}

// Money at risk: what Mia pays Bob, when the payer is gone.
// req: A48, K28, K30, L4
#[tokio::test]
async fn when_alice_is_gone_mia_reveals_disputes_and_is_paid_by_the_chain() {
    let mut line = Line::start().await;
    // Bob is told first and shows his secret when Alice cannot hear of it any more.
    line.down.cut_from(line.bob.node.address());
    let key = line.pay_invoice(10).await;
    arriving(&mut line.bob, key).await;
    line.up.cut();
    line.alice.end(End::Dropped).await;
    line.down.mend();

    line.net.devnet.warp(LOCK - MARGIN).await.unwrap();
    line.mia.done("the reveal", is_reveal).await;
    line.mia.node.challenge(line.first).await.unwrap();
    line.mia.done("the challenge", is_challenge).await;
    line.net.devnet.warp(u64::from(PERIOD)).await.unwrap();
    line.mia.closed(line.first).await;
    assert_eq!(line.net.paid_to(1).await, 89);
    assert_eq!(line.net.paid_to(2).await, 11);

    // A final block after the expiry shows that the reveal stays, so Bob is paid off chain.
    line.net.devnet.warp(LOCK).await.unwrap();
    line.net.devnet.mine(u64::from(DEPTH) + 1).await.unwrap();
    received(&mut line.bob, key).await;
    line.mia.balanced(line.second, [90, 10]).await;
    line.net.devnet.mine(1).await.unwrap();
    forwarded(&mut line.mia, key).await;
    line.mia.node.close(line.second).await.unwrap();
    line.mia.closed(line.second).await;
    assert_eq!(line.net.paid_to(2).await, 11 + 90);
    assert_eq!(line.net.paid_to(3).await, 10);
}

// req: K29, K30, K32, L4, GAP-A2
#[tokio::test]
async fn a_payment_that_cannot_be_passed_on_comes_back_after_its_expiry_and_not_before() {
    let mut line = Line::start().await;
    line.down.cut();
    let key = line.pay_invoice(10).await;
    line.mia.locked(line.first).await;
    // At the expiry itself a reveal still counts.
    let now = line.net.devnet.rpc().head().await.unwrap().timestamp;
    let opened = line.alice.node.chain_time().await.unwrap().seconds();
    line.net
        .devnet
        .warp(LOCK - 60 - (now - opened))
        .await
        .unwrap();
    line.block().await;
    assert_eq!(line.alice.balances(line.first).await, [89, 0]);

    line.net.devnet.warp(120).await.unwrap();
    line.block().await;
    failed(&mut line.alice, key).await;
    line.alice.balanced(line.first, [100, 0]).await;
    line.down.mend();
    line.close([100, 100, 0]).await;
}

// req: E3, A29, A48
#[tokio::test]
async fn a_mediator_that_restarts_between_both_locks_goes_on() {
    for end in [End::Stopped, End::Dropped] {
        let mut line = Line::start().await;
        line.down.cut();
        let key = line.pay_invoice(10).await;
        line.mia.locked(line.first).await;
        line.mia = line.net.restart(line.mia, end).await;
        connect(&line.alice.node, &line.mia.node);
        connect(&line.mia.node, &line.bob.node);
        received(&mut line.bob, key).await;
        forwarded(&mut line.mia, key).await;
        line.alice.sent(key).await;
        line.close([89, 101, 10]).await;
    }
}

async fn arriving(peer: &mut Peer, wanted: B256) {
    peer.core("the lock", |event| {
        matches!(event, Event::PaymentArriving { key, .. } if *key == wanted).then_some(())
    })
    .await;
}

async fn received(peer: &mut Peer, wanted: B256) {
    peer.core("the payment", |event| {
        matches!(event, Event::PaymentReceived { key, .. } if *key == wanted).then_some(())
    })
    .await;
}

async fn forwarded(peer: &mut Peer, wanted: B256) {
    peer.core("the fee", |event| match event {
        Event::PaymentForwarded { key, fee } if *key == wanted => {
            assert_eq!(fee.units(), FEE);
            Some(())
        }
        _ => None,
    })
    .await;
}

async fn failed(peer: &mut Peer, wanted: B256) -> Reason {
    peer.core("the failure", |event| match event {
        Event::PaymentFailed { key, reason } if *key == wanted => Some(*reason),
        Event::PaymentSent { .. } => panic!("the payment was made"),
        _ => None,
    })
    .await
}

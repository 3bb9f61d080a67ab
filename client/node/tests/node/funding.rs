//! Accounts without money.

use crate::kit::{Net, PERIOD, create, is_deposit, is_response, wish};
use counterfoil_chain::Failure;
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Call, Event};
use counterfoil_core::types::Amount;
use counterfoil_deploy::devnet::Devnet;
use counterfoil_deploy::{Account, Address};
use counterfoil_node::{NodeError, NodeEvent, connect};

/// A coin.
const COIN: u128 = 1_000_000_000_000_000_000;

// req: E27, S5
#[tokio::test]
async fn a_deposit_that_the_account_cannot_pay_is_made_when_it_is_asked_for_again() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.poor_peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let wish = wish(bob.node.address(), 100);
    let id = create(&mut alice, &mut bob, wish).await;
    unfunded(&mut alice, account(1), is_deposit).await;
    let channel = alice.node.channel(id).await.unwrap().unwrap();
    assert_eq!(channel.phase, Phase::Funding, "nothing is lost");

    net.devnet.fund(account(1), COIN).await.unwrap();
    let other = alice.node.deposit(id, Amount::new(99)).await;
    assert!(matches!(other, Err(NodeError::Refused(_))), "{other:?}");
    alice.node.deposit(id, Amount::new(100)).await.unwrap();
    net.fund(&mut alice, &mut bob, id).await;
    assert_eq!(alice.balances(id).await, [100, 0]);
    alice.pay(&mut bob, id, 20).await;
}

// Money at risk: all that an old state takes from a node whose account ran out of coins for gas.
// req: S30, S31
#[tokio::test]
async fn an_answer_that_the_account_cannot_pay_is_given_once_it_can() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.poor_peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 400).await;
    let stale = alice.export(id).await;
    alice.pay(&mut bob, id, 300).await;
    alice.node.stop().await;
    net.publish(stale, 66).await;
    unfunded(&mut bob, account(2), is_response).await;

    net.devnet.fund(account(2), COIN).await.unwrap();
    net.devnet.mine(1).await.unwrap();
    bob.wait("the answer", |event| {
        matches!(event, NodeEvent::Done(done) if is_response(&done.call)).then_some(())
    })
    .await;
    net.devnet.warp(u64::from(PERIOD)).await.unwrap();
    bob.closed(id).await;
    assert_eq!([net.paid_to(1).await, net.paid_to(2).await], [100, 300]);
}

// req: E27
#[tokio::test]
async fn an_offer_that_is_declined_costs_nothing() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let wish = wish(bob.node.address(), 100);
    let temporary_id = alice.node.open(wish).await.unwrap();
    crate::kit::offered(&mut bob, temporary_id).await;
    bob.node.decline(temporary_id).await.unwrap();
    alice
        .core("the refusal", |event| {
            matches!(event, Event::ConversationEnded { .. }).then_some(())
        })
        .await;
    assert!(alice.node.channels().await.unwrap().is_empty());
    let again = bob.node.join(temporary_id).await;
    assert!(matches!(again, Err(NodeError::Refused(_))), "{again:?}");
}

async fn unfunded(peer: &mut crate::kit::Peer, expected: Address, pick: fn(&Call) -> bool) {
    let failure = peer.wait("the failure", |event| match event {
        NodeEvent::Failed(failed) if pick(&failed.call) => Some(failed.failure.clone()),
        _ => None,
    });
    let failure = failure.await;
    let Failure::Unfunded { account, .. } = &failure else {
        panic!("{failure}");
    };
    assert_eq!(*account, expected);
    assert!(failure.to_string().contains("send it native coin"));
}

fn account(number: u32) -> Address {
    let account = Account::from_secret(&Devnet::secret(number)).unwrap();
    account.address()
}

//! What users and nodes say to each other besides payments.

use crate::kit::Net;
use counterfoil_core::effect::Event;
use counterfoil_core::wire::MAX_INBAND;
use counterfoil_node::{NodeError, connect};

// req: E5, E9
#[tokio::test]
async fn words_and_pings_reach_the_other_side_and_change_nothing() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    let link = connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;

    link.cut_from(alice.node.address());
    alice.node.message(id, b"lost".to_vec()).await.unwrap();
    let lost = alice.node.ping(bob.node.address()).await.unwrap();
    link.mend();
    let too_long = alice.node.message(id, vec![0; MAX_INBAND + 1]).await;
    assert!(
        matches!(too_long, Err(NodeError::Refused(_))),
        "{too_long:?}"
    );
    let long = vec![7; MAX_INBAND];
    alice.node.message(id, long.clone()).await.unwrap();
    let words = bob.core("the words", |event| match event {
        Event::Message { channel, bytes } if *channel == id => Some(bytes.clone()),
        _ => None,
    });
    assert_eq!(words.await, long);

    let token = alice.node.ping(bob.node.address()).await.unwrap();
    let answer = alice.core("the answer", |event| match event {
        Event::Pong { peer, token } => Some((*peer, *token)),
        _ => None,
    });
    assert_eq!(answer.await, (bob.node.address(), token));
    assert_ne!(token, lost);

    alice.pay(&mut bob, id, 20).await;
    assert_eq!(bob.balances(id).await, [80, 20]);
}

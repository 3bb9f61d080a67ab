//! A disk that is full: the node says so and signs nothing more, and still defends its channels.
//!
//! Money at risk: all of it, if a node without a disk fell silent on the chain as well.

use crate::kit::{Net, PERIOD, Peer, is_response};
use counterfoil_core::effect::Event;
use counterfoil_core::types::{Amount, ChannelId};
use counterfoil_node::{NodeError, NodeEvent, connect};
use std::env;
use std::process::Command;

/// Set in the process whose files cannot grow.
const LIMITED: &str = "COUNTERFOIL_NODE_LIMITED";
/// Bytes of Bob's log at which there is still room for a few payments, but not for many.
const NEARLY_FULL: u64 = 900 * 1024;

// req: E3, S30, S31
#[test]
fn a_node_whose_disk_is_full_halts_says_so_and_still_answers_an_old_state() {
    if env::var_os(LIMITED).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(fill_up_and_be_cheated());
        return;
    }
    let name = "disk::a_node_whose_disk_is_full_halts_says_so_and_still_answers_an_old_state";
    // A limit of 1 MiB per file, in blocks of 512 bytes (dash) or 1,024 (bash). Writing past it is an error, not a signal.
    let limited = "trap '' XFSZ; if [ -n \"$BASH\" ]; then ulimit -f 1024; else ulimit -f 2048; fi";
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("{limited}; exec \"$0\" \"$@\""))
        .arg(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(LIMITED, "yes")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(text.contains("answered and settled"), "{text}");
}

async fn fill_up_and_be_cheated() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 1_000_000).await;
    alice.pay(&mut bob, id, 1000).await;
    let stale = alice.export(id).await;

    let log = net.database(2).with_extension("sqlite-wal");
    while std::fs::metadata(&log).unwrap().len() < NEARLY_FULL {
        let invoice = bob.node.invoice(Amount::new(1), 3600).await;
        invoice.expect("the disk is not full yet");
    }
    let acknowledged = 1000 + pay_until_full(&alice, &mut bob, id).await;
    let pay = bob.node.pay(id, Amount::new(1), vec![]).await;
    assert!(matches!(pay, Err(NodeError::Halted)), "{pay:?}");
    let close = bob.node.close(id).await;
    assert!(matches!(close, Err(NodeError::Halted)), "{close:?}");
    bob.node.channels().await.expect("it can be looked at");

    alice.node.stop().await;
    net.publish(stale, 66).await;
    bob.wait("the answer", |event| {
        matches!(event, NodeEvent::Done(done) if is_response(&done.call)).then_some(())
    })
    .await;
    net.devnet.warp(u64::from(PERIOD)).await.unwrap();
    bob.wait("settlement", |event| match event {
        NodeEvent::Done(done) => {
            matches!(done.call, counterfoil_core::effect::Call::Settle { .. }).then_some(())
        }
        _ => None,
    })
    .await;
    let [to_alice, to_bob] = [net.paid_to(1).await, net.paid_to(2).await];
    assert_eq!(to_alice + to_bob, 1_000_000);
    // The payment during which the disk failed has Alice's signature, and was acknowledged to nobody.
    assert_eq!(to_bob, acknowledged + 1);
    println!("answered and settled");
}

/// Pays Bob one by one until his node says that its disk has failed. Returns what arrived.
async fn pay_until_full(alice: &Peer, bob: &mut Peer, id: ChannelId) -> u128 {
    let mut arrived = 0;
    loop {
        let pay = alice.node.pay(id, Amount::new(1), vec![]).await;
        pay.expect("Alice's disk has room");
        let halted = bob.wait("the payment, or the end of the disk", |event| match event {
            NodeEvent::Core(Event::Received { .. }) => Some(None),
            NodeEvent::Halted(text) => Some(Some(text.clone())),
            _ => None,
        });
        let Some(text) = halted.await else {
            arrived += 1;
            continue;
        };
        assert!(text.contains("nothing is signed any more"), "{text}");
        return arrived;
    }
}

//! Story a: a channel is opened, 20 of 100 coins are paid without a transaction, 5 of them are taken out while it goes on,
//! and the chain pays 80 and 20.

use super::{Stage, coins};
use crate::devnode::{closed, mined, off_chain, open_told, pay, withdraw};
use counterfoil_core::effect::Call;
use eyre::Result;

pub(super) async fn play(stage: &mut Stage) -> Result<()> {
    stage
        .report
        .begin("a. Alice opens a channel with Bob and pays him 20 of 100 coins");
    let mut alice = stage.node("a", "Alice", 11).await?;
    let mut bob = stage.node("a", "Bob", 12).await?;
    counterfoil_node::connect(&alice.node, &bob.node);

    let opened = open_told(stage, &mut alice, &mut bob, coins(100)).await?;
    let before = stage.devnet.rpc().head().await?.number;
    let taken = pay(&mut alice, &mut bob, opened.id, coins(20)).await?;
    let after = stage.devnet.rpc().head().await?.number;
    eyre::ensure!(
        before == after,
        "the payment took {} blocks; expected none",
        after.saturating_sub(before)
    );
    stage.tell(
        format!(
            "Alice pays Bob 20 coins off-chain: final in {:.2} ms, no transaction",
            taken.as_secs_f64() * 1000.0
        ),
        &mut [],
    );
    let balances = off_chain(&bob, opened.id).await?;
    stage.tell(balances, &mut []);
    stage
        .report
        .figure("paymentMilliseconds", taken.as_secs_f64() * 1000.0);

    withdraw(&stage.devnet, &mut bob, opened.id, coins(5)).await?;
    stage.expect_paid(&bob, coins(5)).await?;
    let balances = off_chain(&alice, opened.id).await?;
    stage.tell(
        format!("Bob takes 5 coins out, and the channel stays open; {balances}"),
        &mut [&mut bob],
    );

    alice.node.close(opened.id).await?;
    mined(&mut alice, "the close", |call| {
        matches!(call, Call::Close { .. })
    })
    .await?;
    closed(&mut alice, opened.id).await?;
    closed(&mut bob, opened.id).await?;
    stage.tell(
        "Alice and Bob close the channel together",
        &mut [&mut alice, &mut bob],
    );
    stage.expect_paid(&alice, coins(80)).await?;
    stage.expect_paid(&bob, coins(20)).await?;
    stage.tell(
        "on chain: Alice was paid 80 coins, Bob 5 and then 15",
        &mut [],
    );
    alice.node.stop().await;
    bob.node.stop().await;
    Ok(())
}

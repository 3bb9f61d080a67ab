//! Story d: how many payments go through one channel in two seconds, durably stored, and what the chain says of the sum.

use super::{Stage, coins};
use crate::bench::{in_batches, one_by_one};
use crate::devnode::{closed, mined, open_told};
use counterfoil_core::effect::Call;
use counterfoil_core::types::Amount;
use eyre::Result;
use std::time::Duration;

pub(super) async fn play(stage: &mut Stage) -> Result<()> {
    stage
        .report
        .begin("d. As many payments as two seconds hold");
    let mut alice = stage.node("d", "Alice", 41).await?;
    let mut bob = stage.node("d", "Bob", 42).await?;
    counterfoil_node::connect(&alice.node, &bob.node);
    let opened = open_told(stage, &mut alice, &mut bob, coins(1)).await?;

    let time = Duration::from_secs(2);
    let batched = in_batches(&mut alice, &mut bob, opened.id, time).await?;
    stage.tell(
        format!(
            "{} payments of 1 base unit in {:.2} s, in {} signed states: {:.0} payments/s",
            batched.payments,
            batched.elapsed.as_secs_f64(),
            batched.updates,
            batched.payments_per_second()
        ),
        &mut [],
    );
    stage
        .report
        .figure("batchedPaymentsPerSecond", batched.payments_per_second());
    let single = one_by_one(&mut alice, &mut bob, opened.id, time).await?;
    stage.tell(
        format!(
            "one by one, each final before the next: {} payments, {:.0} updates/s",
            single.payments,
            single.updates_per_second()
        ),
        &mut [],
    );
    stage
        .report
        .figure("updatesPerSecond", single.updates_per_second());

    alice.node.close(opened.id).await?;
    mined(&mut alice, "the close", |call| {
        matches!(call, Call::Close { .. })
    })
    .await?;
    closed(&mut alice, opened.id).await?;
    closed(&mut bob, opened.id).await?;
    let paid = Amount::new(u128::from(batched.payments.saturating_add(single.payments)));
    stage.tell("the channel is closed", &mut [&mut alice, &mut bob]);
    stage.expect_paid(&bob, paid).await?;
    stage
        .expect_paid(&alice, coins(1).saturating_sub(paid))
        .await?;
    stage.tell(
        format!("on chain: Bob was paid exactly {paid} base units"),
        &mut [],
    );
    alice.node.stop().await;
    bob.node.stop().await;
    Ok(())
}

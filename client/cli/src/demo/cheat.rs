//! Story b: the payer publishes an old state that pays it 300 of 400 coins; the payee's watcher answers unaided, and the
//! chain pays 0 and 400. The numbers are those of the scenario S26-S30.

use super::{Stage, coins};
use crate::devnode::{FINALIZATION_PERIOD, chain_config, closed, mined, off_chain, open_told, pay};
use counterfoil_chain::{Chain, ChainNews, SimulateError};
use counterfoil_core::effect::{Call, Event};
use counterfoil_core::types::Timestamp;
use eyre::{Result, bail, eyre};

pub(super) async fn play(stage: &mut Stage) -> Result<()> {
    stage
        .report
        .begin("b. Alice publishes an old state and is answered");
    let mut alice = stage.node("b", "Alice", 21).await?;
    let mut bob = stage.node("b", "Bob", 22).await?;
    counterfoil_node::connect(&alice.node, &bob.node);
    let opened = open_told(stage, &mut alice, &mut bob, coins(400)).await?;

    pay(&mut alice, &mut bob, opened.id, coins(200)).await?;
    let balances = off_chain(&bob, opened.id).await?;
    stage.tell(format!("state 1: Alice pays 200; {balances}"), &mut []);
    pay(&mut bob, &mut alice, opened.id, coins(100)).await?;
    let balances = off_chain(&bob, opened.id).await?;
    stage.tell(format!("state 2: Bob pays 100; {balances}"), &mut []);
    let stale = alice
        .node
        .export(opened.id)
        .await?
        .ok_or_else(|| eyre!("Alice has no state"))?;
    pay(&mut alice, &mut bob, opened.id, coins(300)).await?;
    let balances = off_chain(&bob, opened.id).await?;
    stage.tell(format!("state 3: Alice pays 300; {balances}"), &mut []);

    // An honest node would answer its own old state with the newest, so Alice leaves hers.
    alice.node.stop().await;
    let mut cheat = Chain::connect(chain_config(&stage.devnet), alice.account.clone()).await?;
    cheat.submit(stale.clone())?;
    let published = loop {
        match cheat.next().await {
            Some(ChainNews::Done(done)) => break done,
            Some(ChainNews::Failed(failed)) => {
                bail!("the old state was not taken: {}", failed.failure)
            }
            Some(_) => {}
            None => bail!("the connection to the chain ended"),
        }
    };
    alice.done.push(published);
    stage.tell(
        "Alice stops her node and publishes state 2, which would pay her 300",
        &mut [&mut alice],
    );

    let seen = bob.wait_core("the challenge", |event| match event {
        Event::Disputed { nonce, newest, .. } => Some((*nonce, *newest)),
        _ => None,
    });
    let (on_chain, newest) = seen.await?;
    mined(&mut bob, "the answer", |call| {
        matches!(call, Call::Respond { .. })
    })
    .await?;
    stage.tell(
        format!(
            "Bob's watcher sees nonce {on_chain} on chain, holds {newest}, and answers unaided"
        ),
        &mut [&mut bob],
    );

    let newest = bob
        .node
        .export(opened.id)
        .await?
        .ok_or_else(|| eyre!("Bob has no state"))?;
    for (call, which) in [(stale, "a lower"), (newest, "an equal")] {
        refuse_response(&cheat, call, which).await?;
        stage.tell(
            format!("a response with {which} nonce reverts with StaleNonce"),
            &mut [],
        );
    }

    stage.devnet.warp(u64::from(FINALIZATION_PERIOD)).await?;
    mined(&mut bob, "settlement", |call| {
        matches!(call, Call::Settle { .. })
    })
    .await?;
    closed(&mut bob, opened.id).await?;
    stage.tell(
        "the finalization period is over; Bob settles",
        &mut [&mut bob],
    );
    stage.expect_paid(&alice, coins(0)).await?;
    stage.expect_paid(&bob, coins(400)).await?;
    stage.tell("on chain: Alice was paid 0 coins, Bob 400", &mut []);
    bob.node.stop().await;
    Ok(())
}

async fn refuse_response(chain: &Chain, call: Call, which: &str) -> Result<()> {
    let Call::Challenge {
        terms,
        nonce,
        commitment,
        signatures,
        ..
    } = call
    else {
        bail!("an exported state is a challenge");
    };
    let before = Timestamp::new(u64::MAX);
    let respond = Call::Respond {
        terms,
        nonce,
        commitment,
        signatures,
        before,
    };
    match chain.handle().simulate(&respond).await {
        Err(SimulateError::Reverted(revert)) if revert.name() == Some("StaleNonce") => Ok(()),
        Err(other) => Err(eyre!(
            "a response with {which} nonce failed with {other}; expected StaleNonce"
        )),
        Ok(()) => Err(eyre!(
            "a response with {which} nonce was taken; expected StaleNonce"
        )),
    }
}

//! Story c: Alice pays Bob, with whom she has no channel, through Mia: with Bob's secret, with her own, and once more while
//! Bob cannot reach Mia any more.

use super::{Stage, coins, shown};
use crate::devnode::{
    DevNode, FINALIZATION_PERIOD, REVEAL_MARGIN, closed, mined, off_chain, open_told,
};
use counterfoil_core::effect::{Call, Event};
use counterfoil_core::types::{Amount, B256, ChannelId};
use counterfoil_node::{Link, Route};
use eyre::Result;

const FEE: Amount = Amount::new(super::COIN / 100);
const LOCK_SECONDS: u64 = 7200;

/// The three nodes and the two channels between them.
struct Line {
    alice: DevNode,
    mia: DevNode,
    bob: DevNode,
    first: ChannelId,
    second: ChannelId,
    downstream: Link,
    route: Route,
}

pub(super) async fn play(stage: &mut Stage) -> Result<()> {
    stage.report.begin("c. Alice pays Bob through Mia");
    let mut line = Line::open(stage).await?;
    line.pay(stage).await?;
    line.pay_while_cut_off(stage).await?;
    line.dispute(stage).await?;
    line.close(stage).await?;
    for node in [line.alice, line.mia, line.bob] {
        node.node.stop().await;
    }
    Ok(())
}

impl Line {
    async fn open(stage: &mut Stage) -> Result<Self> {
        let mut alice = stage.node("c", "Alice", 31).await?;
        let mut mia = stage.node("c", "Mia", 32).await?;
        let mut bob = stage.node("c", "Bob", 33).await?;
        counterfoil_node::connect(&alice.node, &mia.node);
        let downstream = counterfoil_node::connect(&mia.node, &bob.node);
        let first = open_told(stage, &mut alice, &mut mia, coins(50)).await?.id;
        let second = open_told(stage, &mut mia, &mut bob, coins(50)).await?.id;
        let route = Route {
            channel: first,
            fee: FEE,
            lock_seconds: LOCK_SECONDS,
        };
        Ok(Self {
            alice,
            mia,
            bob,
            first,
            second,
            downstream,
            route,
        })
    }

    async fn pay(&mut self, stage: &mut Stage) -> Result<()> {
        let Self {
            alice, mia, bob, ..
        } = self;
        let invoice = bob.node.invoice(coins(10), 3600).await?;
        alice.node.pay_invoice(&invoice, self.route).await?;
        forwarded(alice, mia, bob, invoice.key).await?;
        stage.tell(
            format!(
                "Bob's invoice over 10 coins is paid off-chain, Mia keeps {}",
                shown(FEE)
            ),
            &mut [],
        );
        let contact = bob.node.contact();
        let key = alice.node.pay_unasked(contact, coins(5), self.route);
        forwarded(alice, mia, bob, key.await?).await?;
        stage.tell(
            "Alice sends 5 coins unasked: the secret travels sealed, Mia cannot read it",
            &mut [],
        );
        for (node, channel, between) in [
            (alice, self.first, "Alice / Mia"),
            (bob, self.second, "Mia / Bob"),
        ] {
            let balances = off_chain(node, channel).await?;
            stage.tell(format!("{between}: {balances}"), &mut []);
        }
        Ok(())
    }

    async fn pay_while_cut_off(&mut self, stage: &mut Stage) -> Result<()> {
        let Self { alice, bob, .. } = self;
        let invoice = bob.node.invoice(coins(10), 3600).await?;
        self.downstream.cut_from(bob.node.address());
        stage.tell("nothing that Bob says reaches Mia any more", &mut []);
        alice.node.pay_invoice(&invoice, self.route).await?;
        bob.wait_core("the lock", |event| match event {
            Event::PaymentArriving { key, .. } if *key == invoice.key => Some(()),
            _ => None,
        })
        .await?;
        stage.tell(
            "Alice pays 10 coins more: locked on both channels, Bob cannot show the secret",
            &mut [],
        );

        stage.devnet.warp(LOCK_SECONDS - REVEAL_MARGIN).await?;
        mined(bob, "the reveal", |call| {
            matches!(call, Call::Reveal { .. })
        })
        .await?;
        stage.tell(
            "the reveal margin begins: Bob registers the secret on chain",
            &mut [bob],
        );
        sent(alice, invoice.key).await?;
        stage.tell(
            "Mia reads the secret on chain, shows it to Alice and is paid off-chain",
            &mut [],
        );
        Ok(())
    }

    async fn dispute(&mut self, stage: &mut Stage) -> Result<()> {
        let Self { mia, bob, .. } = self;
        bob.node.challenge(self.second).await?;
        mined(bob, "the challenge", |call| {
            matches!(call, Call::Challenge { .. })
        })
        .await?;
        stage.tell(
            "Bob disputes the channel with Mia, with the lock in it",
            &mut [bob],
        );
        stage.devnet.warp(u64::from(FINALIZATION_PERIOD)).await?;
        // Both want to settle; whoever sees the block first does, and the other need not.
        let settles = |call: &Call| matches!(call, Call::Settle { .. });
        tokio::select! {
            settled = mined(bob, "settlement", settles) => settled?,
            settled = mined(mia, "settlement", settles) => settled?,
        }
        closed(bob, self.second).await?;
        closed(mia, self.second).await?;
        stage.tell(
            "the chain settles it, the lock by what the registry says",
            &mut [bob, mia],
        );
        stage.expect_paid(bob, coins(25)).await?;
        stage.expect_paid(mia, coins(25)).await?;
        stage.tell("on chain: Bob was paid 25 coins, Mia 25 of her 50", &mut []);
        Ok(())
    }

    async fn close(&mut self, stage: &mut Stage) -> Result<()> {
        let Self { alice, mia, .. } = self;
        let kept = Amount::new(
            FEE.units()
                .saturating_mul(3)
                .saturating_add(coins(25).units()),
        );
        alice.node.close(self.first).await?;
        mined(alice, "the close", |call| {
            matches!(call, Call::Close { .. })
        })
        .await?;
        closed(alice, self.first).await?;
        closed(mia, self.first).await?;
        stage.tell("Alice and Mia close their channel", &mut [alice, mia]);
        let left = coins(50).saturating_sub(kept);
        stage.expect_paid(alice, left).await?;
        let both = Amount::new(kept.units().saturating_add(coins(25).units()));
        stage.expect_paid(mia, both).await?;
        stage.tell(
            format!(
                "on chain: Mia has {} coins for her 50, three fees more",
                shown(both)
            ),
            &mut [],
        );
        Ok(())
    }
}

async fn forwarded(
    alice: &mut DevNode,
    mia: &mut DevNode,
    bob: &mut DevNode,
    wanted: B256,
) -> Result<()> {
    bob.wait_core("the payment", |event| match event {
        Event::PaymentReceived { key, .. } if *key == wanted => Some(()),
        _ => None,
    })
    .await?;
    mia.wait_core("the fee", |event| match event {
        Event::PaymentForwarded { key, .. } if *key == wanted => Some(()),
        _ => None,
    })
    .await?;
    sent(alice, wanted).await
}

async fn sent(alice: &mut DevNode, wanted: B256) -> Result<()> {
    let outcome = alice.wait_core("the receipt", |event| match event {
        Event::PaymentSent { key, .. } if *key == wanted => Some(Ok(())),
        Event::PaymentFailed { key, reason } if *key == wanted => Some(Err(*reason)),
        _ => None,
    });
    outcome
        .await?
        .map_err(|reason| eyre::eyre!("the payment came back: {reason:?}"))
}

//! Calls are carried out through low fees, lost nonces, reorgs and outages.

use counterfoil_adjudicator_tests::{
    AnvilOptions, AtOnce, Devnet, Gate, Observer, TestChannel, config, pending,
};
use counterfoil_chain::{ChainNews, Depth, EndpointState, U256};
use counterfoil_core::types::Participant;
use counterfoil_deploy::Fees;
use counterfoil_deploy::rpc::Request;

async fn devnet() -> eyre::Result<Devnet> {
    Ok(Devnet::start(&AnvilOptions::default()).await?)
}

#[tokio::test]
async fn a_transaction_that_is_not_mined_is_sent_again_for_more() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    devnet.mine_at_once(AtOnce::No).await?;
    let before = devnet.rpc().head().await?;
    let deposit = channel.deposit(Participant::Zero, 10, 0);
    chain.submit(deposit.clone())?;
    pending(&devnet, 1, 1).await?;

    devnet.set_base_fee(200_000_000_000).await?;
    devnet.mine(3).await?;
    devnet.mine_at_once(AtOnce::Yes).await?;
    let done = chain.done(&deposit).await?;
    assert!(done.block > before.number + 3);
    let price = done.mined.map(|mined| mined.effective_gas_price);
    assert!(price > Some(U256::from(100_000_000_000u64)), "{price:?}");
    Ok(())
}

#[tokio::test]
async fn a_deposit_undone_by_a_reorg_is_made_again() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    chain.watch(channel.id(), 2)?;
    let deposit = channel.deposit(Participant::Zero, 10, 0);
    chain.carry_out(deposit.clone()).await?;
    devnet.reorg(1).await?;
    chain.done(&deposit).await?;
    let funded = |now: &counterfoil_chain::OnChain| now.deposits.zero.units() == 10;
    devnet.mine(3).await?;
    chain
        .channel(channel.id(), Depth::Confirmed, funded)
        .await?;
    Ok(())
}

#[tokio::test]
async fn an_outage_is_reported_once_and_what_was_asked_for_is_done_after_it() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let gate = Gate::before(devnet.url()).await?;
    let mut behind = config(&devnet);
    behind.rpc_url = gate.url().to_owned();
    let mut chain = Observer::with(behind, devnet.funded(1).await?).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    gate.shut();
    let deposit = channel.deposit(Participant::Zero, 10, 0);
    chain.submit(deposit.clone())?;
    chain
        .until(|news| matches!(news, ChainNews::Endpoint(EndpointState::Down(_))).then_some(()))
        .await?;
    gate.lead_to(devnet.url());
    chain
        .until(|news| matches!(news, ChainNews::Endpoint(EndpointState::Up)).then_some(()))
        .await?;
    chain.done(&deposit).await?;
    let reports = chain
        .seen()
        .iter()
        .filter(|news| matches!(news, ChainNews::Endpoint(_)));
    assert_eq!(reports.count(), 2);
    Ok(())
}

#[tokio::test]
async fn a_transaction_of_an_earlier_run_does_not_stop_later_ones() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let account = devnet.funded(1).await?;
    let from = account.address();
    devnet.mine_at_once(AtOnce::No).await?;
    let request = Request {
        from,
        to: from,
        value: U256::ZERO,
        data: Default::default(),
    };
    let fees = Fees {
        max_fee: 2_000_000_000,
        tip: 1_000_000_000,
    };
    let earlier = account.sign(&request, devnet.chain_id(), 0, 21_000, fees);
    let earlier = earlier.ok_or_else(|| eyre::eyre!("it signs"))?;
    devnet.rpc().send(&earlier.bytes).await?;

    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    let deposit = channel.deposit(Participant::Zero, 10, 0);
    chain.submit(deposit.clone())?;
    pending(&devnet, 1, 2).await?;
    // Anvil drops what cannot pay the base fee, so that the lower nonce is missing from now on.
    devnet.set_base_fee(50_000_000_000).await?;
    devnet.mine(3).await?;
    devnet.mine_at_once(AtOnce::Yes).await?;
    assert!(chain.done(&deposit).await?.mined.is_some());
    assert_eq!(devnet.rpc().receipt(earlier.hash).await?, None);
    Ok(())
}

#[tokio::test]
async fn many_calls_at_once_are_all_done() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channels: Vec<_> = (0..20)
        .map(|number| TestChannel::new(&devnet, number))
        .collect::<Result<_, _>>()?;
    for channel in &channels {
        chain.submit(channel.deposit(Participant::Zero, 10, 0))?;
    }
    // One that can never succeed is in nobody's way.
    chain.submit(TestChannel::new(&devnet, 99)?.close(1))?;
    let mut left = channels.len() + 1;
    while left > 0 {
        chain
            .until(|news| matches!(news, ChainNews::Done(_) | ChainNews::Failed(_)).then_some(()))
            .await?;
        left -= 1;
    }
    let failed = chain
        .seen()
        .iter()
        .filter(|news| matches!(news, ChainNews::Failed(_)));
    assert_eq!(failed.count(), 1);
    Ok(())
}

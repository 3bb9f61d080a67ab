//! Money that is locked under a point belongs to whoever reveals its scalar in time.

use alloy_primitives::keccak256;
use counterfoil_adjudicator_tests::{AnvilOptions, Devnet, Observer, TestChannel};
use counterfoil_core::state::{Opening, SigningKey};
use counterfoil_core::types::{B256, Nonce, Participant};
use counterfoil_deploy::rpc::{At, Receipt, Request};
use counterfoil_deploy::{Fees, U256};
use eyre::OptionExt;
use std::time::Duration;

/// The key of the lock under a scalar's point: the address of the account whose secret key the scalar would be.
fn key_of(scalar: &B256) -> eyre::Result<B256> {
    let point = SigningKey::from_secret(scalar).ok_or_eyre("the scalar is none")?;
    Ok(point.address().into_word())
}

fn call(signature: &str, argument: B256) -> Vec<u8> {
    let selector = keccak256(signature);
    let bytes = selector.iter().take(4).chain(argument.iter());
    bytes.copied().collect()
}

/// Has a stranger, development account 9, reveal a scalar.
async fn reveal(devnet: &Devnet, scalar: B256) -> eyre::Result<Receipt> {
    let stranger = devnet.funded(9).await?;
    let request = Request {
        from: stranger.address(),
        to: devnet.addresses().pointlock_registry,
        value: U256::ZERO,
        data: call("reveal(bytes32)", scalar).into(),
    };
    let rpc = devnet.rpc();
    let gas = rpc.estimate_gas(&request).await?;
    let fees = Fees::suggested(rpc).await?;
    let nonce = rpc
        .transaction_count(stranger.address(), At::Latest)
        .await?;
    let transaction = stranger.sign(&request, devnet.chain_id(), nonce, gas, fees);
    let transaction = transaction.ok_or_eyre("not signed")?;
    rpc.send(&transaction.bytes).await?;
    let mined = async {
        loop {
            if let Some(receipt) = rpc.receipt(transaction.hash).await? {
                return eyre::Ok(receipt);
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, mined).await?
}

async fn revealed_at(devnet: &Devnet, key: B256) -> eyre::Result<U256> {
    let registry = devnet.addresses().pointlock_registry;
    let question = call("revealedAt(bytes32)", key).into();
    let answer = devnet.rpc().call(registry, question, At::Latest).await?;
    Ok(U256::from_be_slice(&answer))
}

async fn paid(devnet: &Devnet, channel: &TestChannel) -> eyre::Result<[U256; 2]> {
    let payouts = channel.terms().payouts;
    Ok([
        devnet.rpc().balance(payouts.zero).await?,
        devnet.rpc().balance(payouts.one).await?,
    ])
}

/// A channel in which participant 0 put 100 and locks 20 of it under a point for 1,000 s. Its dispute is over and it is
/// settled as far as it can be without the lock.
async fn settled(
    devnet: &Devnet,
    chain: &mut Observer,
    key: B256,
) -> eyre::Result<(TestChannel, Opening)> {
    let channel = TestChannel::new(devnet, 1)?;
    let deposit = channel.deposit(Participant::Zero, 100, 0);
    chain.carry_out(deposit).await?;
    let expiry = devnet.rpc().head().await?.timestamp.saturating_add(1_000);
    let lock = channel.pointlock(key, 20, Participant::Zero, expiry);
    let opening = channel.opening(30, vec![lock]);
    let challenge = channel.challenge(Nonce::FIRST, &opening);
    chain.carry_out(challenge).await?;
    devnet.warp(100).await?;
    let settle = channel.settle(Nonce::FIRST, opening.clone(), U256::ZERO);
    chain.carry_out(settle).await?;
    assert_eq!(paid(devnet, &channel).await?, [50, 30].map(U256::from));
    Ok((channel, opening))
}

// req: GAP-L1
#[tokio::test]
async fn whoever_reveals_the_scalar_is_paid() -> eyre::Result<()> {
    let devnet = Devnet::start(&AnvilOptions::default()).await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let scalar = keccak256("scalar");
    let key = key_of(&scalar)?;
    let (channel, opening) = settled(&devnet, &mut chain, key).await?;

    reveal(&devnet, scalar).await?;
    let revealed = devnet.rpc().head().await?.timestamp;
    assert_eq!(revealed_at(&devnet, key).await?, U256::from(revealed));
    let settle = channel.settle(Nonce::FIRST, opening, U256::ZERO);
    chain.carry_out(settle).await?;
    assert_eq!(paid(&devnet, &channel).await?, [50, 50].map(U256::from));
    Ok(())
}

#[tokio::test]
async fn what_nobody_reveals_returns_to_the_payer() -> eyre::Result<()> {
    let devnet = Devnet::start(&AnvilOptions::default()).await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let scalar = keccak256("scalar");
    let (channel, opening) = settled(&devnet, &mut chain, key_of(&scalar)?).await?;

    // Another point's scalar changes nothing.
    reveal(&devnet, keccak256("another scalar")).await?;
    devnet.warp(1_000).await?;
    let settle = channel.settle(Nonce::FIRST, opening, U256::ZERO);
    chain.carry_out(settle).await?;
    assert_eq!(paid(&devnet, &channel).await?, [70, 30].map(U256::from));
    Ok(())
}

// Each point has one scalar only: neither zero nor a multiple of the order above it is taken.
#[tokio::test]
async fn a_number_that_is_no_scalar_is_refused() -> eyre::Result<()> {
    let devnet = Devnet::start(&AnvilOptions::default()).await?;
    for number in [B256::ZERO, B256::repeat_byte(0xff)] {
        assert!(key_of(&number).is_err());
        assert!(reveal(&devnet, number).await.is_err());
    }
    assert_eq!(revealed_at(&devnet, B256::ZERO).await?, U256::ZERO);
    Ok(())
}

const PATIENCE: Duration = Duration::from_secs(60);

//! Calls are carried out against the real contracts until they show their effect.

use counterfoil_adjudicator_tests::{
    AnvilOptions, AtOnce, Devnet, Observer, TestChannel, config, pending,
};
use counterfoil_chain::{ChainNews, Depth, Failure, Status, U256};
use counterfoil_core::types::{Address, B256, Nonce, Participant, Timestamp};
use counterfoil_deploy::rpc::At;
use sha2::{Digest, Sha256};

async fn devnet() -> eyre::Result<Devnet> {
    Ok(Devnet::start(&AnvilOptions::default()).await?)
}

fn nonce(number: u64) -> Nonce {
    Nonce::new(number).unwrap_or(Nonce::ZERO)
}

fn key(preimage: B256) -> B256 {
    B256::from(<[u8; 32]>::from(Sha256::digest(preimage)))
}

// req: S4, S5, E54, E55
#[tokio::test]
async fn a_channel_is_funded_topped_up_and_closed_by_consent() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;

    chain
        .carry_out(channel.deposit(Participant::Zero, 700, 0))
        .await?;
    chain
        .carry_out(channel.deposit(Participant::One, 200, 0))
        .await?;
    let top_up = chain
        .carry_out(channel.deposit(Participant::Zero, 100, 700))
        .await?;
    let mined = top_up
        .mined
        .ok_or_else(|| eyre::eyre!("it was our transaction"))?;
    let receipt = devnet.rpc().receipt(mined.transaction).await?;
    let receipt = receipt.ok_or_else(|| eyre::eyre!("it has a receipt"))?;
    assert_eq!(
        (
            receipt.block_number,
            receipt.gas_used,
            receipt.effective_gas_price
        ),
        (top_up.block, mined.gas_used, mined.effective_gas_price)
    );
    chain.carry_out(channel.close(300)).await?;

    let payouts = channel.terms().payouts;
    assert_eq!(devnet.rpc().balance(payouts.zero).await?, U256::from(500));
    assert_eq!(devnet.rpc().balance(payouts.one).await?, U256::from(500));
    assert_eq!(
        chain.balance(Address::ZERO, payouts.one).await?,
        U256::from(500)
    );
    Ok(())
}

// req: S26, S29, S30, S32, E54
#[tokio::test]
async fn an_old_state_is_answered_by_the_newest_and_settled() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut cheat = Observer::connect(&devnet, 1).await?;
    let mut honest = Observer::connect(&devnet, 2).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    honest.watch(channel.id(), 0)?;
    cheat
        .carry_out(channel.deposit(Participant::Zero, 400, 0))
        .await?;

    let (old, newest) = (
        channel.opening(100, Vec::new()),
        channel.opening(400, Vec::new()),
    );
    cheat.carry_out(channel.challenge(nonce(2), &old)).await?;
    let disputed = |status: &counterfoil_chain::OnChain| status.status == Status::Disputed;
    let dispute = honest
        .channel(channel.id(), Depth::Latest, disputed)
        .await?;
    honest
        .carry_out(channel.respond(nonce(3), &newest, dispute.finalizes_at))
        .await?;

    // What the chain holds already counts as done.
    assert!(
        cheat
            .carry_out(channel.respond(nonce(2), &old, dispute.finalizes_at))
            .await?
            .mined
            .is_none()
    );
    devnet.warp(60).await?;
    honest
        .carry_out(channel.settle(nonce(3), newest, U256::ZERO))
        .await?;
    assert_eq!(
        devnet.rpc().balance(channel.terms().payouts.one).await?,
        U256::from(400)
    );
    Ok(())
}

// req: A4, A38
#[tokio::test]
async fn a_revealed_lock_is_paid_to_its_payee_and_the_rest_after_expiry() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    chain
        .carry_out(channel.deposit(Participant::Zero, 1_000, 0))
        .await?;

    let now = devnet.rpc().head().await?.timestamp;
    let (known, unknown) = (B256::repeat_byte(1), B256::repeat_byte(2));
    let locks = vec![
        channel.lock(key(known), 30, Participant::Zero, now + 600),
        channel.lock(key(unknown), 50, Participant::Zero, now + 600),
    ];
    let opening = channel.opening(100, locks);
    chain
        .carry_out(channel.challenge(nonce(2), &opening))
        .await?;
    chain.carry_out(channel.reveal(known, now + 600)).await?;
    devnet.warp(60).await?;
    let first = channel.settle(nonce(2), opening.clone(), U256::ZERO);
    chain.carry_out(first).await?;
    assert_eq!(
        devnet.rpc().balance(channel.terms().payouts.one).await?,
        U256::from(130)
    );

    // Nothing is certain yet; the call waits for the expiry instead of failing.
    let rest = channel.settle(nonce(2), opening, U256::from(0b01));
    chain.submit(rest.clone())?;
    devnet.warp(600).await?;
    chain.done(&rest).await?;
    assert_eq!(
        devnet.rpc().balance(channel.terms().payouts.zero).await?,
        U256::from(870)
    );
    Ok(())
}

#[tokio::test]
async fn a_call_that_is_outstanding_is_not_carried_out_twice() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    let deposit = channel.deposit(Participant::Zero, 10, 0);
    chain.submit(deposit.clone())?;
    chain.submit(deposit.clone())?;
    chain.done(&deposit).await?;
    chain
        .carry_out(channel.deposit(Participant::One, 10, 0))
        .await?;

    let of_first =
        |news: &&ChainNews| matches!(news, ChainNews::Done(done) if done.call == deposit);
    assert_eq!(chain.seen().iter().filter(of_first).count(), 1);
    let account = TestChannel::account(1)?.address();
    assert_eq!(
        devnet.rpc().transaction_count(account, At::Latest).await?,
        2
    );

    // Asked again after the end it is reported again, without another transaction.
    chain.carry_out(deposit).await?;
    assert_eq!(
        devnet.rpc().transaction_count(account, At::Latest).await?,
        2
    );
    Ok(())
}

#[tokio::test]
async fn what_somebody_else_brought_about_counts_as_done() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut first = Observer::connect(&devnet, 1).await?;
    let mut second = Observer::connect(&devnet, 2).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    let deposit = channel.deposit(Participant::Zero, 10, 0);
    assert!(first.carry_out(deposit.clone()).await?.mined.is_some());
    assert!(second.carry_out(deposit).await?.mined.is_none());

    // In the same block: one of both reverts, and yet both are done.
    devnet.mine_at_once(AtOnce::No).await?;
    let challenge = channel.challenge(Nonce::ZERO, &channel.opening(0, Vec::new()));
    first.submit(challenge.clone())?;
    second.submit(challenge.clone())?;
    pending(&devnet, 1, 2).await?;
    pending(&devnet, 2, 1).await?;
    devnet.mine(1).await?;
    let done = [
        first.done(&challenge).await?,
        second.done(&challenge).await?,
    ];
    assert_eq!(done.iter().filter(|done| done.mined.is_some()).count(), 1);
    Ok(())
}

// req: S6, S31
#[tokio::test]
async fn a_response_after_its_deadline_is_not_tried() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    chain
        .carry_out(channel.deposit(Participant::Zero, 10, 0))
        .await?;
    let nothing = channel.opening(0, Vec::new());
    let dispute = chain
        .carry_out(channel.challenge(Nonce::ZERO, &nothing))
        .await?;
    let before = dispute.timestamp.after(60);
    devnet.warp(60).await?;
    let newer = channel.opening(5, Vec::new());
    let failed = chain
        .fail(channel.respond(nonce(2), &newer, before))
        .await?;
    assert!(matches!(failed.failure, Failure::TooLate { before: at, .. } if at == before));
    Ok(())
}

#[tokio::test]
async fn a_call_that_the_contract_refuses_fails_with_its_words() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    chain
        .carry_out(channel.deposit(Participant::Zero, 10, 0))
        .await?;
    let failed = chain.fail(channel.close(11)).await?;
    let Failure::Reverted {
        error,
        transaction: None,
    } = failed.failure
    else {
        eyre::bail!("{failed:?}");
    };
    assert_eq!(error.name(), Some("NetExceedsDeposits"));
    assert_eq!(
        error.to_string(),
        "NetExceedsDeposits { net: 11, deposit0: 10, deposit1: 0 }"
    );
    Ok(())
}

#[tokio::test]
async fn an_account_without_money_watches_and_is_told_what_it_lacks() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let account = TestChannel::account(9)?;
    let address = account.address();
    let mut poor = Observer::with(config(&devnet), account).await?;
    let mut rich = Observer::connect(&devnet, 1).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    poor.watch(channel.id(), 0)?;
    let failed = poor.fail(channel.deposit(Participant::One, 10, 0)).await?;
    assert!(
        matches!(failed.failure, Failure::Unfunded { account, received, .. }
        if account == address && received == U256::ZERO)
    );
    rich.carry_out(channel.deposit(Participant::Zero, 10, 0))
        .await?;
    poor.channel(channel.id(), Depth::Latest, |now| {
        now.deposits.zero.units() == 10
    })
    .await?;
    Ok(())
}

// At risk was the whole channel: a single refusal by a node that lags behind the challenge dropped the response for good,
// and the other side was paid by an old state.
#[tokio::test]
async fn a_response_that_is_refused_is_sent_once_it_is_not() -> eyre::Result<()> {
    let devnet = devnet().await?;
    let mut chain = Observer::connect(&devnet, 1).await?;
    let mut other = Observer::connect(&devnet, 2).await?;
    let channel = TestChannel::new(&devnet, 1)?;
    chain
        .carry_out(channel.deposit(Participant::Zero, 10, 0))
        .await?;
    let late = Timestamp::new(u32::MAX.into());
    let response = channel.respond(nonce(2), &channel.opening(2, Vec::new()), late);
    chain.submit(response.clone())?;
    for _ in 0..3 {
        devnet.mine(1).await?;
        chain.block(devnet.rpc().head().await?.number).await?;
    }
    other
        .carry_out(channel.challenge(nonce(1), &channel.opening(1, Vec::new())))
        .await?;
    assert!(chain.done(&response).await?.mined.is_some());
    Ok(())
}

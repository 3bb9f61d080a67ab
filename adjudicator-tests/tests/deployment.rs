//! Deploying the contracts and checking that they are there.

use alloy_primitives::bytes;
use counterfoil_adjudicator_tests::{AnvilOptions, Devnet, Observer, config, garbage_endpoint};
use counterfoil_chain::{CheckError, RpcError};
use counterfoil_core::state::Domain;
use counterfoil_deploy::rpc::{At, Rpc};
use counterfoil_deploy::{
    DeployError, Deployed, FACTORY, U256, addresses, check, check_funds, deploy,
};
use std::time::Duration;

fn chain(chain_id: u64) -> AnvilOptions {
    AnvilOptions {
        chain_id,
        ..AnvilOptions::default()
    }
}

// req: GAP-S4
#[tokio::test]
async fn contracts_have_the_same_addresses_on_chains_with_different_ids() -> eyre::Result<()> {
    for chain_id in [31337, 424242] {
        let devnet = Devnet::bare(&chain(chain_id))?;
        let payer = devnet.funded(0).await?;
        let deployment = deploy(devnet.rpc(), &payer, chain_id).await?;
        assert_eq!(deployment.addresses, addresses());
        assert!(matches!(deployment.adjudicator, Deployed::Created { .. }));
        check(devnet.rpc(), chain_id, addresses()).await?;

        let separator = bytes!("f698da25"); // domainSeparator()
        let court = addresses().adjudicator;
        let domain = Domain::new(chain_id, court);
        let answer = devnet.rpc().call(court, separator, At::Latest).await?;
        assert_eq!(answer.as_ref(), domain.separator().as_slice());
    }
    Ok(())
}

#[tokio::test]
async fn deploying_again_changes_nothing() -> eyre::Result<()> {
    let devnet = Devnet::start(&AnvilOptions::default()).await?;
    let payer = devnet.funded(1).await?;
    let again = deploy(devnet.rpc(), &payer, 31337).await?;
    assert_eq!(again.adjudicator, Deployed::AlreadyThere);
    assert_eq!(again.hashlock_registry, Deployed::AlreadyThere);
    assert_eq!(again.pointlock_registry, Deployed::AlreadyThere);
    let sent = devnet
        .rpc()
        .transaction_count(payer.address(), At::Latest)
        .await?;
    assert_eq!(sent, 0);
    Ok(())
}

#[tokio::test]
async fn a_chain_without_the_proxy_gets_it_first() -> eyre::Result<()> {
    let mut options = AnvilOptions::default();
    options
        .arguments
        .push("--disable-default-create2-deployer".to_owned());
    let devnet = Devnet::bare(&options)?;
    assert!(devnet.rpc().code(FACTORY).await?.is_empty());
    let payer = devnet.funded(0).await?;
    deploy(devnet.rpc(), &payer, 31337).await?;
    check(devnet.rpc(), 31337, addresses()).await?;
    Ok(())
}

#[tokio::test]
async fn another_chain_is_refused() -> eyre::Result<()> {
    let devnet = Devnet::start(&chain(5)).await?;
    let refused = check(devnet.rpc(), 6, addresses()).await;
    assert!(matches!(
        refused,
        Err(CheckError::WrongChain {
            expected: 6,
            received: 5,
            ..
        })
    ));
    let payer = devnet.funded(0).await?;
    let refused = deploy(devnet.rpc(), &payer, 6).await;
    assert!(matches!(
        refused,
        Err(DeployError::Check(CheckError::WrongChain { .. }))
    ));
    Ok(())
}

#[tokio::test]
async fn a_chain_without_the_contracts_is_refused() -> eyre::Result<()> {
    let devnet = Devnet::bare(&AnvilOptions::default())?;
    let refused = check(devnet.rpc(), 31337, addresses()).await;
    assert!(matches!(refused, Err(CheckError::NoCode { address, .. })
        if address == addresses().adjudicator));
    Ok(())
}

#[tokio::test]
async fn other_code_is_refused_down_to_the_last_byte() -> eyre::Result<()> {
    let devnet = Devnet::start(&AnvilOptions::default()).await?;
    // The last one that is checked comes first, since each stays as it was made.
    for address in [
        addresses().pointlock_registry,
        addresses().hashlock_registry,
        addresses().adjudicator,
    ] {
        let mut code = devnet.rpc().code(address).await?.to_vec();
        if let Some(last) = code.last_mut() {
            *last ^= 1;
        }
        devnet.set_code(address, code.into()).await?;
        let refused = check(devnet.rpc(), 31337, addresses()).await;
        assert!(
            matches!(&refused, Err(CheckError::OtherCode { address: at, expected, received, .. })
                if *at == address && expected != received),
            "{refused:?}"
        );
        let payer = devnet.funded(0).await?;
        let refused = deploy(devnet.rpc(), &payer, 31337).await;
        assert!(matches!(
            refused,
            Err(DeployError::Check(CheckError::OtherCode { .. }))
        ));
    }
    Ok(())
}

#[tokio::test]
async fn an_account_without_money_is_named() -> eyre::Result<()> {
    let devnet = Devnet::bare(&AnvilOptions::default())?;
    let poor = devnet.funded(7).await?;
    devnet.fund(poor.address(), 0).await?;
    let refused = deploy(devnet.rpc(), &poor, 31337).await;
    let Err(DeployError::Check(CheckError::Unfunded {
        account, received, ..
    })) = refused
    else {
        eyre::bail!("{refused:?}");
    };
    assert_eq!((account, received), (poor.address(), U256::ZERO));
    let refused = check_funds(devnet.rpc(), poor.address(), U256::from(1)).await;
    assert!(matches!(refused, Err(CheckError::Unfunded { .. })));
    Ok(())
}

#[tokio::test]
async fn a_dead_endpoint_is_named_without_its_credentials() -> eyre::Result<()> {
    let rpc = Rpc::new(
        "http://user:hush@127.0.0.1:1/hush?key=hush",
        Duration::from_secs(5),
    )?;
    let Err(error) = check(&rpc, 31337, addresses()).await else {
        eyre::bail!("it answers")
    };
    assert!(
        matches!(error, CheckError::Rpc(RpcError::Unreachable { .. })),
        "{error:?}"
    );
    let text = format!("{error} {error:?}");
    assert!(text.contains("http://127.0.0.1:1"), "{text}");
    assert!(text.contains("refused"), "{text}");
    assert!(!text.contains("hush"), "{text}");
    Ok(())
}

#[tokio::test]
async fn an_endpoint_that_answers_garbage_is_an_error() -> eyre::Result<()> {
    for body in [
        "<html>",
        "",
        "{}",
        r#"{"jsonrpc":"2.0","id":0,"result":"blue"}"#,
    ] {
        let url = garbage_endpoint(body).await?;
        let rpc = Rpc::new(&url, Duration::from_secs(5))?;
        let answer = check(&rpc, 31337, addresses()).await;
        assert!(
            matches!(&answer, Err(CheckError::Rpc(_))),
            "{body}: {answer:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_client_connects_only_to_the_chain_it_was_made_for() -> eyre::Result<()> {
    let devnet = Devnet::start(&AnvilOptions::default()).await?;
    let mut wrong = config(&devnet);
    wrong.chain_id = 1;
    assert!(
        Observer::with(wrong, devnet.funded(0).await?)
            .await
            .is_err()
    );
    Observer::connect(&devnet, 0).await?;
    Ok(())
}

//! `counterfoil deploy`: the contracts at the same addresses on every chain.

use counterfoil_deploy::rpc::Rpc;
use counterfoil_deploy::{Account, B256, Deployed, addresses, check, deploy, write_addresses};
use eyre::{Result, WrapErr};
use std::path::PathBuf;
use std::time::Duration;

/// Where to, and who pays.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  counterfoil deploy --rpc http://127.0.0.1:8545 --chain-id 31337 --key-file deployer.key\n  counterfoil deploy --rpc https://rpc.example --chain-id 1 --check"
)]
pub(crate) struct Options {
    /// HTTP address of the chain's JSON-RPC endpoint
    #[arg(long, value_name = "URL", env = "COUNTERFOIL_RPC")]
    rpc: String,
    /// The chain id that the endpoint has to have
    #[arg(long, value_name = "ID")]
    chain_id: u64,
    /// File with the secret key, in hex, of the account that pays
    #[arg(long, value_name = "FILE", required_unless_present = "check")]
    key_file: Option<PathBuf>,
    /// Only check that the contracts are there
    #[arg(long)]
    check: bool,
    /// Write the addresses to FOLDER/<chain id>.json
    #[arg(long, value_name = "FOLDER")]
    addresses: Option<PathBuf>,
}

pub(crate) async fn run(options: Options) -> Result<()> {
    let rpc = Rpc::new(&options.rpc, Duration::from_secs(30))?;
    if let Some(file) = options.key_file.filter(|_| !options.check) {
        let account = account(&file)?;
        let deployment = deploy(&rpc, &account, options.chain_id).await?;
        for (name, address, deployed) in [
            (
                "Adjudicator",
                deployment.addresses.adjudicator,
                deployment.adjudicator,
            ),
            (
                "HashlockRegistry",
                deployment.addresses.hashlock_registry,
                deployment.hashlock_registry,
            ),
        ] {
            match deployed {
                Deployed::AlreadyThere => println!("{name:17} {address}  was there already"),
                Deployed::Created {
                    transaction,
                    gas_used,
                } => {
                    println!("{name:17} {address}  created, {gas_used} gas, {transaction}");
                }
            }
        }
    } else {
        check(&rpc, options.chain_id, addresses()).await?;
        let addresses = addresses();
        println!("Adjudicator       {}  as expected", addresses.adjudicator);
        println!(
            "HashlockRegistry  {}  as expected",
            addresses.hashlock_registry
        );
    }
    if let Some(folder) = options.addresses {
        let file = write_addresses(&folder, options.chain_id, &addresses())?;
        println!("addresses are in {}", file.display());
    }
    Ok(())
}

fn account(file: &PathBuf) -> Result<Account> {
    let text = std::fs::read_to_string(file)
        .wrap_err_with(|| format!("the key file {} cannot be read", file.display()))?;
    let secret: B256 = text
        .trim()
        .parse()
        .map_err(|_| eyre::eyre!("{} holds no key; expected 32 bytes in hex", file.display()))?;
    Ok(Account::from_secret(&secret)?)
}

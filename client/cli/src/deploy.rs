//! `counterfoil deploy`: the contracts at the same addresses on every chain.

use crate::output::say;
use counterfoil_deploy::rpc::Rpc;
use counterfoil_deploy::{Account, B256, Deployed, addresses, check, deploy, write_addresses};
use eyre::{Result, WrapErr, ensure, eyre};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// Where to, and who pays.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  counterfoil deploy --rpc http://127.0.0.1:8545 --chain-id 31337 --key-file deployer.key\n  counterfoil deploy --rpc https://rpc.example --chain-id 1 --check"
)]
pub(crate) struct Options {
    /// HTTP address of the chain's JSON-RPC endpoint
    // The address may hold credentials, which a help text must not show.
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERFOIL_RPC",
        hide_env_values = true
    )]
    rpc: String,
    /// The chain id that the endpoint has to have
    #[arg(long, value_name = "ID")]
    chain_id: u64,
    /// File with the secret key, in hex, of the account that pays; only its owner may read it (chmod 600)
    #[arg(long, value_name = "FILE", required_unless_present = "check")]
    key_file: Option<PathBuf>,
    /// Only check that the contracts are there
    #[arg(long)]
    check: bool,
    /// Write the addresses to a file in FOLDER that is named by the chain id
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
            (
                "PointlockRegistry",
                deployment.addresses.pointlock_registry,
                deployment.pointlock_registry,
            ),
        ] {
            match deployed {
                Deployed::AlreadyThere => say!("{name:17} {address}  was there already"),
                Deployed::Created {
                    transaction,
                    gas_used,
                } => {
                    say!("{name:17} {address}  created, {gas_used} gas, {transaction}");
                }
            }
        }
    } else {
        check(&rpc, options.chain_id, addresses()).await?;
        let addresses = addresses();
        for (name, address) in [
            ("Adjudicator", addresses.adjudicator),
            ("HashlockRegistry", addresses.hashlock_registry),
            ("PointlockRegistry", addresses.pointlock_registry),
        ] {
            say!("{name:17} {address}  as expected");
        }
    }
    if let Some(folder) = options.addresses {
        let file = write_addresses(&folder, options.chain_id, &addresses())?;
        say!("addresses are in {}", file.display());
    }
    Ok(())
}

fn account(path: &Path) -> Result<Account> {
    let shown = path.display();
    let unreadable = || format!("the key file {shown} cannot be read; expected 32 bytes in hex");
    let mut file = File::open(path).wrap_err_with(unreadable)?;
    let mode = file.metadata().wrap_err_with(unreadable)?.mode() & 0o777;
    ensure!(
        mode & 0o077 == 0,
        "the key file {shown} has mode {mode:03o}, expected 600: run chmod 600 on it"
    );
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).wrap_err_with(unreadable)?;
    // The reason would show parts of the key.
    let secret: B256 = text
        .trim()
        .parse()
        .map_err(|_| eyre!("the key file {shown} holds no key; expected 32 bytes in hex"))?;
    Account::from_secret(&secret).wrap_err_with(|| format!("the key file {shown} holds no key"))
}

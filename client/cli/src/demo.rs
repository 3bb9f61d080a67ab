//! `counterfoil demo`: the main job, told as four stories, with real transactions on a private Anvil chain.
//!
//! Each story compares what the chain paid with what was agreed, to the last base unit; a difference ends the demo.

mod cheat;
mod mediate;
mod pay;
mod report;
mod speed;

use crate::bench::machine;
use crate::devnode::DevNode;
use crate::output::say;
use counterfoil_core::types::Amount;
use counterfoil_deploy::devnet::{AnvilOptions, Devnet};
use eyre::{Result, WrapErr};
use report::Report;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// One coin in base units.
const COIN: u128 = 1_000_000_000_000_000_000;

/// Where and how.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// TCP port for Anvil on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Folder for the databases and report.json
    #[arg(long, value_name = "FOLDER", default_value = "target/demo")]
    folder: PathBuf,
    /// Keep the chain running afterwards, to look at it with cast; Ctrl-C ends it
    #[arg(long)]
    keep: bool,
}

/// What the stories share.
pub(crate) struct Stage {
    pub(crate) devnet: Devnet,
    pub(crate) report: Report,
    databases: TempDir,
}

pub(crate) async fn run(options: Options) -> Result<()> {
    let folder = &options.folder;
    let cannot = || format!("the folder {} cannot be used", folder.display());
    std::fs::create_dir_all(folder).wrap_err_with(cannot)?;
    let databases = tempfile::tempdir_in(folder).wrap_err_with(cannot)?;
    say!("Counterfoil demo, on {}\n", machine());
    let anvil = AnvilOptions {
        port: options.port,
        ..AnvilOptions::default()
    };
    let devnet = Devnet::start(&anvil).await?;
    let report = Report::new(&devnet);
    say!(
        "chain      {} (Anvil, chain id {})",
        devnet.url(),
        devnet.chain_id()
    );
    say!(
        "contracts  Adjudicator      {}",
        devnet.addresses().adjudicator
    );
    say!(
        "           HashlockRegistry {}",
        devnet.addresses().hashlock_registry
    );
    let mut stage = Stage {
        devnet,
        report,
        databases,
    };

    let result = play(&mut stage).await;
    let file = folder.join("report.json");
    let written = stage.report.write(&file, result.as_ref().err());
    // Of two errors the story's is the one to know.
    result.and(written)?;
    stage.report.print_gas();
    say!(
        "\nevery figure, address and transaction: {}",
        file.display()
    );
    say!("demo: ok");
    if options.keep {
        say!("the chain stays at {} until Ctrl-C", stage.devnet.url());
        crate::ended_by_user().await?;
    }
    Ok(())
}

async fn play(stage: &mut Stage) -> Result<()> {
    pay::play(stage)
        .await
        .wrap_err("story a (open, pay, close)")?;
    cheat::play(stage).await.wrap_err("story b (cheat)")?;
    mediate::play(stage).await.wrap_err("story c (mediator)")?;
    speed::play(stage).await.wrap_err("story d (speed)")
}

impl Stage {
    /// Starts a node of a story; its database is the story's own.
    async fn node(&self, story: &str, name: &'static str, number: u32) -> Result<DevNode> {
        let folder = self.databases.path().join(story);
        std::fs::create_dir_all(&folder)?;
        DevNode::start(&self.devnet, Path::new(&folder), name, number).await
    }

    /// Says what happened, with the transactions that it took, and keeps both for the report.
    pub(crate) fn tell(&mut self, text: impl Into<String>, nodes: &mut [&mut DevNode]) {
        let text = text.into();
        say!("  {:6.2} s  {text}", self.report.seconds());
        self.report.step(text);
        for node in nodes {
            for done in node.done.drain(..) {
                let line = self.report.transaction(node.name, &done);
                say!("            {line}");
            }
        }
    }

    /// Compares what the payout account of `node` got with what it had to get.
    async fn expect_paid(&mut self, node: &DevNode, coins: Amount) -> Result<()> {
        // Every payout account starts with one base unit.
        let paid = node
            .paid_out(&self.devnet)
            .await?
            .saturating_sub(counterfoil_deploy::U256::ONE);
        let expected = counterfoil_deploy::U256::from(coins.units());
        self.report.check(node, expected, paid)
    }
}

/// An amount of whole coins.
pub(crate) const fn coins(number: u128) -> Amount {
    Amount::new(number.saturating_mul(COIN))
}

/// An amount in coins, as people write it.
pub(crate) fn shown(amount: Amount) -> String {
    let (whole, rest) = (amount.units() / COIN, amount.units() % COIN);
    if rest == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{rest:018}")
            .trim_end_matches('0')
            .to_owned()
    }
}

/// An amount with its unit, as people write it.
pub(crate) fn in_coins(amount: Amount) -> String {
    let unit = if amount == coins(1) { "coin" } else { "coins" };
    format!("{} {unit}", shown(amount))
}

//! What the demo leaves behind: every figure, address and transaction, for people and for programs.

use crate::devnode::{DevNode, Opened};
use crate::output::say;
use comfy_table::{CellAlignment, Table, presets};
use counterfoil_chain::CallDone;
use counterfoil_core::effect::Call;
use counterfoil_deploy::U256;
use counterfoil_deploy::devnet::Devnet;
use eyre::{Result, WrapErr, ensure};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

/// The report in the making.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    chain_id: u64,
    adjudicator: String,
    hashlock_registry: String,
    machine: String,
    stories: Vec<Story>,
    /// Gas of each transaction, by what it did.
    gas: BTreeMap<&'static str, Vec<u64>>,
    outcome: String,
    #[serde(skip)]
    start: Instant,
}

#[derive(Serialize)]
struct Story {
    name: &'static str,
    channels: Vec<ChannelEntry>,
    steps: Vec<Step>,
    payouts: Vec<Payout>,
    figures: BTreeMap<&'static str, f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChannelEntry {
    id: String,
    temporary_id: String,
    signers: [String; 2],
    payouts: [String; 2],
    token: String,
    finalization_period: u32,
    reserve: String,
    salt: String,
}

#[derive(Serialize)]
struct Step {
    text: String,
    seconds: f64,
    transactions: Vec<Transaction>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    by: &'static str,
    call: &'static str,
    hash: Option<String>,
    gas_used: Option<u64>,
    block: u64,
}

#[derive(Serialize)]
struct Payout {
    name: &'static str,
    account: String,
    /// What the account held before any story, base units.
    before: String,
    /// What the stories so far had to add, and did.
    expected: String,
    paid: String,
}

impl Report {
    pub(crate) fn new(devnet: &Devnet) -> Self {
        Self {
            chain_id: devnet.chain_id(),
            adjudicator: devnet.addresses().adjudicator.to_string(),
            hashlock_registry: devnet.addresses().hashlock_registry.to_string(),
            machine: crate::bench::machine(),
            stories: Vec::new(),
            gas: BTreeMap::new(),
            outcome: String::new(),
            start: Instant::now(),
        }
    }

    /// Seconds since the beginning.
    pub(crate) fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    pub(crate) fn begin(&mut self, name: &'static str) {
        say!("\n{name}");
        self.stories.push(Story {
            name,
            channels: Vec::new(),
            steps: Vec::new(),
            payouts: Vec::new(),
            figures: BTreeMap::new(),
        });
    }

    pub(crate) fn channel(&mut self, opened: &Opened) {
        let terms = &opened.terms;
        let entry = ChannelEntry {
            id: opened.id.to_string(),
            temporary_id: opened.temporary_id.to_string(),
            signers: terms
                .signers
                .into_array()
                .map(|address| address.to_string()),
            payouts: terms
                .payouts
                .into_array()
                .map(|address| address.to_string()),
            token: terms.token.to_string(),
            finalization_period: terms.finalization_period,
            reserve: terms.reserve.to_string(),
            salt: terms.salt.to_string(),
        };
        if let Some(story) = self.stories.last_mut() {
            story.channels.push(entry);
        }
    }

    pub(crate) fn step(&mut self, text: String) {
        let step = Step {
            text,
            seconds: self.seconds(),
            transactions: Vec::new(),
        };
        if let Some(story) = self.stories.last_mut() {
            story.steps.push(step);
        }
    }

    /// Keeps a transaction and says it in one line.
    pub(crate) fn transaction(&mut self, by: &'static str, done: &CallDone) -> String {
        let call = name_of(&done.call);
        let transaction = Transaction {
            by,
            call,
            hash: done.mined.map(|mined| mined.transaction.to_string()),
            gas_used: done.mined.map(|mined| mined.gas_used),
            block: done.block,
        };
        if let Some(step) = self
            .stories
            .last_mut()
            .and_then(|story| story.steps.last_mut())
        {
            step.transactions.push(transaction);
        }
        match done.mined {
            Some(mined) => {
                self.gas.entry(call).or_default().push(mined.gas_used);
                format!(
                    "{call} by {by}: {} gas, block {}, {}",
                    mined.gas_used, done.block, mined.transaction
                )
            }
            None => format!("{call} by {by}: done by somebody else's transaction"),
        }
    }

    pub(crate) fn figure(&mut self, name: &'static str, value: f64) {
        if let Some(story) = self.stories.last_mut() {
            story.figures.insert(name, value);
        }
    }

    /// Keeps what an account was paid.
    ///
    /// # Errors
    /// When it is not what it had to be.
    pub(crate) fn check(&mut self, node: &DevNode, expected: U256, paid: U256) -> Result<()> {
        if let Some(story) = self.stories.last_mut() {
            story.payouts.push(Payout {
                name: node.name,
                account: node.payout.to_string(),
                before: "1".to_owned(),
                expected: expected.to_string(),
                paid: paid.to_string(),
            });
        }
        ensure!(
            expected == paid,
            "{} was paid {paid} base units at {}; the agreed state says {expected}",
            node.name,
            node.payout
        );
        Ok(())
    }

    /// Writes the report.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(&mut self, file: &Path, error: Option<&eyre::Report>) -> Result<()> {
        self.outcome = error.map_or_else(|| "ok".to_owned(), |error| format!("{error:#}"));
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        std::fs::write(file, text).wrap_err_with(|| format!("{} cannot be written", file.display()))
    }

    /// Gas of each kind of transaction.
    pub(crate) fn print_gas(&self) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["transaction", "times", "least gas", "most gas"]);
        for (call, gas) in &self.gas {
            let least = gas.iter().min().copied().unwrap_or_default();
            let most = gas.iter().max().copied().unwrap_or_default();
            table.add_row([
                (*call).to_owned(),
                gas.len().to_string(),
                least.to_string(),
                most.to_string(),
            ]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        say!("\n{table}");
    }
}

const fn name_of(call: &Call) -> &'static str {
    match call {
        Call::Deposit { .. } => "deposit",
        Call::Close { .. } => "close",
        Call::Withdraw { .. } => "withdraw",
        Call::Challenge { .. } => "challenge",
        Call::Respond { .. } => "respond",
        Call::Settle { opening, .. } if opening.locks.is_empty() => "settle",
        Call::Settle { .. } => "settle with locks",
        Call::Reveal { .. } => "reveal",
    }
}

//! `counterfoil bench`: payments per second through one channel, both nodes in one process, each with its own durable
//! database.

use crate::devnode::{DevNode, open};
use crate::output::say;
use counterfoil_core::effect::Event;
use counterfoil_core::types::{Amount, ChannelId};
use counterfoil_deploy::devnet::{AnvilOptions, Devnet};
use counterfoil_node::NodeEvent;
use eyre::{Result, WrapErr, bail, eyre};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Payments that are on their way at once when they may share updates.
const IN_FLIGHT: usize = 20_000;

/// How to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Seconds of each run
    #[arg(long, default_value_t = 2)]
    seconds: u64,
    /// Runs of each kind, taken in turn; the medians are shown
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Folder for the databases; its disk is what is measured
    #[arg(long, value_name = "FOLDER", default_value = "target/bench")]
    folder: PathBuf,
}

/// What one run has done.
pub(crate) struct Run {
    pub(crate) payments: u64,
    pub(crate) updates: u64,
    pub(crate) elapsed: Duration,
}

impl Run {
    pub(crate) fn payments_per_second(&self) -> f64 {
        per_second(self.payments, self.elapsed)
    }

    pub(crate) fn updates_per_second(&self) -> f64 {
        per_second(self.updates, self.elapsed)
    }
}

pub(crate) async fn run(options: Options) -> Result<()> {
    if options.runs == 0 || options.seconds == 0 {
        bail!("runs and seconds have to be at least 1");
    }
    let cannot = || format!("the folder {} cannot be used", options.folder.display());
    std::fs::create_dir_all(&options.folder).wrap_err_with(cannot)?;
    let folder = tempfile::tempdir_in(&options.folder).wrap_err_with(cannot)?;
    let devnet = Devnet::start(&AnvilOptions::default()).await?;
    let mut alice = DevNode::start(&devnet, folder.path(), "Alice", 1).await?;
    let mut bob = DevNode::start(&devnet, folder.path(), "Bob", 2).await?;
    counterfoil_node::connect(&alice.node, &bob.node);
    let coins = crate::demo::coins(1000);
    let channel = open(&devnet, &mut alice, &mut bob, coins).await?.id;

    say!(
        "two nodes in one process, a thread each, SQLite with synchronous=FULL; {}",
        machine()
    );
    let time = Duration::from_secs(options.seconds);
    let (mut single, mut batched) = (Vec::new(), Vec::new());
    for number in 1..=options.runs {
        single.push(one_by_one(&mut alice, &mut bob, channel, time).await?);
        batched.push(in_batches(&mut alice, &mut bob, channel, time).await?);
        eprintln!("run {number} of {}", options.runs);
    }
    let updates = median(single.iter().map(Run::updates_per_second).collect());
    let payments = median(batched.iter().map(Run::payments_per_second).collect());
    say!(
        "one by one  {updates:>8.0} payments/s, each final at the payee before the next (aim: 700)"
    );
    say!("batched     {payments:>8.0} payments/s, {IN_FLIGHT} on their way (aim: 20,000)");
    say!(
        "medians of {} runs of {} s each, the kinds taken in turn",
        options.runs,
        options.seconds
    );
    Ok(())
}

/// Pays one unit, waits until it is final at the payee and at the payer, and pays the next.
pub(crate) async fn one_by_one(
    payer: &mut DevNode,
    payee: &mut DevNode,
    channel: ChannelId,
    time: Duration,
) -> Result<Run> {
    let start = Instant::now();
    let mut payments = 0_u64;
    while start.elapsed() < time {
        payer.node.pay_later(channel, Amount::new(1), Vec::new())?;
        next(payee, received).await?;
        next(payer, paid).await?;
        payments = payments.saturating_add(1);
    }
    Ok(Run {
        payments,
        updates: payments,
        elapsed: start.elapsed(),
    })
}

/// Pays as fast as the nodes take it, and waits until every payment is final at the payee.
pub(crate) async fn in_batches(
    payer: &mut DevNode,
    payee: &mut DevNode,
    channel: ChannelId,
    time: Duration,
) -> Result<Run> {
    let start = Instant::now();
    let (mut sent, mut final_there, mut updates) = (0_u64, 0_u64, 0_u64);
    let window = u64::try_from(IN_FLIGHT)?;
    loop {
        let on_their_way = sent.saturating_sub(final_there);
        let going = start.elapsed() < time;
        if going && on_their_way < window {
            for _ in on_their_way..window {
                payer.node.pay_later(channel, Amount::new(1), Vec::new())?;
            }
            sent = sent.saturating_add(window.saturating_sub(on_their_way));
        } else if !going && on_their_way == 0 {
            break;
        }
        let more = next(payee, batch).await?;
        updates = updates.saturating_add(more.updates);
        final_there = final_there.saturating_add(more.payments);
        while let Some(event) = payee.events.try_next() {
            if let Some(more) = batch(&event) {
                updates = updates.saturating_add(more.updates);
                final_there = final_there.saturating_add(more.payments);
            }
        }
    }
    let elapsed = start.elapsed();
    // The payer's news of this run must not be taken for the next one's.
    for _ in 0..sent {
        next(payer, paid).await?;
    }
    Ok(Run {
        payments: sent,
        updates,
        elapsed,
    })
}

struct More {
    payments: u64,
    updates: u64,
}

fn batch(event: &NodeEvent) -> Option<More> {
    match event {
        NodeEvent::Core(Event::Received { .. }) => Some(More {
            payments: 1,
            updates: 0,
        }),
        NodeEvent::Core(Event::StateAdvanced { .. }) => Some(More {
            payments: 0,
            updates: 1,
        }),
        _ => None,
    }
}

/// The next news that `pick` takes; all before it are passed over.
async fn next<T>(node: &mut DevNode, pick: impl FnMut(&NodeEvent) -> Option<T>) -> Result<T> {
    let found = tokio::time::timeout(Duration::from_secs(60), node.events.find(pick)).await;
    found
        .map_err(|_| eyre!("{} heard of no payment for 60 s", node.name))?
        .ok_or_else(|| eyre!("{} has stopped", node.name))
}

fn received(event: &NodeEvent) -> Option<()> {
    matches!(event, NodeEvent::Core(Event::Received { .. })).then_some(())
}

fn paid(event: &NodeEvent) -> Option<()> {
    matches!(event, NodeEvent::Core(Event::Paid { .. })).then_some(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    values.get(middle).copied().unwrap_or(f64::NAN)
}

#[allow(clippy::as_conversions, clippy::cast_precision_loss)]
fn per_second(count: u64, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64()
}

/// Cores and processor of this machine.
pub(crate) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model);
    format!("{cores} cores, {model}")
}

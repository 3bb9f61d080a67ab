//! Updates, payments and operations for each second, beside what the signatures alone allow.

use crate::pair::{Nodes, key};
use alloy_primitives::keccak256;
use counterfoil_core::state::Signature;
use counterfoil_core::types::{B256, ChannelId};
use stats_alloc::Region;
use std::hint::black_box;
use std::time::Instant;

/// Of which the median is shown.
const RUNS: usize = 9;
const BATCHES: [usize; 4] = [1, 8, 64, 512];
/// Signatures that are timed in a run.
const SIGNATURES: usize = 400;

/// Microseconds of one run, all taken one after another so that a slow moment of the machine meets them alike.
struct Run {
    sign: f64,
    recover: f64,
    /// An update and its answer, for each of the batches.
    update: [f64; BATCHES.len()],
}

pub(crate) fn print() {
    println!("both sides in one process and thread, no disk, median of {RUNS} runs\n");
    let mut nodes = Nodes::new();
    let channel = nodes.open();
    // The caches are cold only once.
    nodes.pay(0, channel, 512);
    let runs: Vec<Run> = (0..RUNS).map(|_| run(&mut nodes, channel)).collect();

    let sign = median(runs.iter().map(|run| run.sign));
    let recover = median(runs.iter().map(|run| run.recover));
    let update = |batch: usize| median(runs.iter().map(|run| run.update[batch]));
    let signatures = 2.0 * (sign + recover);
    println!("| one by one | |\n|---|---:|");
    println!("| sign, us | {sign:.1} |");
    println!("| recover the signer, us | {recover:.1} |");
    println!(
        "| updates/s if an update were two of each and nothing else | {:.0} |",
        1e6 / signatures
    );
    println!("| updates/s | {:.0} |", 1e6 / update(0));
    let share = median(
        runs.iter()
            .map(|run| 2.0 * (run.sign + run.recover) / run.update[0]),
    );
    println!(
        "| of what the signatures allow, median of the runs' own ratios | {:.1} % |",
        100.0 * share
    );
    println!(
        "| an update without its signatures, us (update less two of each) | {:.1} |",
        update(0) - signatures
    );
    let slope = median(
        runs.iter()
            .map(|run| (run.update[3] - run.update[0]) / 511.0),
    );
    println!(
        "| one more payment in an update, ns ((update of 512 - update of 1) / 511) | {:.0} |",
        1000.0 * slope
    );
    println!();

    println!(
        "| payments per update | updates/s | payments/s | bytes per update and answer | bytes per payment | allocations per payment |"
    );
    println!("|---:|---:|---:|---:|---:|---:|");
    for (index, batch) in BATCHES.into_iter().enumerate() {
        let (bytes, allocations) = weigh(&mut nodes, channel, batch);
        let (time, batch) = (update(index), batch as f64);
        println!(
            "| {batch} | {:.0} | {:.0} | {bytes:.0} | {:.1} | {:.1} |",
            1e6 / time,
            1e6 * batch / time,
            bytes / batch,
            allocations / batch
        );
    }
    println!();
}

fn run(nodes: &mut Nodes, channel: ChannelId) -> Run {
    let key = key(0);
    let digests: Vec<B256> = (0..SIGNATURES)
        .map(|number| keccak256(number.to_be_bytes()))
        .collect();
    let mut signatures: Vec<Signature> = Vec::with_capacity(SIGNATURES);
    let sign = time(SIGNATURES, |number| {
        signatures.push(key.sign(digests[number]))
    });
    let recover = time(SIGNATURES, |number| {
        black_box(signatures[number].recover(digests[number]));
    });
    let update = BATCHES.map(|batch| {
        time((2048 / batch).max(16), |number| {
            nodes.pay(number % 2, channel, batch)
        })
    });
    Run {
        sign,
        recover,
        update,
    }
}

/// Microseconds of one call.
fn time(calls: usize, mut call: impl FnMut(usize)) -> f64 {
    let start = Instant::now();
    for number in 0..calls {
        call(number);
    }
    start.elapsed().as_secs_f64() * 1e6 / calls as f64
}

/// Bytes on the wire and allocations of one update with its answer.
fn weigh(nodes: &mut Nodes, channel: ChannelId, batch: usize) -> (f64, f64) {
    const UPDATES: usize = 16;
    (nodes.bytes, nodes.frames) = (0, 0);
    let region = Region::new(crate::ALLOCATOR);
    for number in 0..UPDATES {
        nodes.pay(number % 2, channel, batch);
    }
    let allocations = region.change().allocations;
    assert_eq!(nodes.frames, 2 * UPDATES, "one update and one answer each");
    let per_update = |sum: usize| sum as f64 / UPDATES as f64;
    (per_update(nodes.bytes), per_update(allocations))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

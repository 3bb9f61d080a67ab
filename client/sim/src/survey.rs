//! Walks over many seeds, on several threads.

use crate::oracle::Broken;
use crate::story::Story;
use crate::tally::Tally;
use crate::walk::Plan;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// What many walks have shown.
#[derive(Debug, Default)]
pub struct Report {
    /// What happened how often.
    pub tally: Tally,
    /// The seeds that broke a promise, in order.
    pub failures: Vec<(u64, Broken)>,
}

/// Walks each seed of the range; `progress` hears how many are done.
pub fn survey(
    seeds: Range<u64>,
    steps: usize,
    threads: usize,
    progress: impl Fn(u64) + Sync,
) -> Report {
    let (next, done) = (AtomicU64::new(seeds.start), AtomicU64::new(0));
    let report = Mutex::new(Report::default());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            let ended = Plan::of(seed, steps).run(Story::default());
            let mut report = report.lock().unwrap();
            report.tally.add(&ended.tally);
            report
                .failures
                .extend(ended.broken.map(|broken| (seed, broken)));
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut report = report.into_inner().unwrap();
    report.failures.sort_by_key(|(seed, _)| *seed);
    report
}

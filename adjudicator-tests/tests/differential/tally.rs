//! What the lives were made of, so that they cannot become trivial unnoticed.

use std::collections::BTreeMap;

/// How often each thing happened.
#[derive(Default)]
pub(crate) struct Tally(BTreeMap<String, u64>);

impl Tally {
    pub(crate) fn count(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    pub(crate) fn count_if(&mut self, happened: bool, what: &str) {
        if happened {
            self.count(what);
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (what, times) in other.0 {
            *self.0.entry(what).or_default() += times;
        }
    }

    pub(crate) fn of(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or_default()
    }

    pub(crate) fn print(&self) {
        for (what, times) in &self.0 {
            println!("{times:>8}  {what}");
        }
    }

    /// Of ten thousand lives these have to happen at least so often.
    pub(crate) fn require(&self, lives: u64, floors: &[(&str, u64)]) {
        for (what, floor) in floors {
            let least = floor * lives / 10_000;
            let times = self.of(what);
            assert!(
                times >= least,
                "{what}: {times} times, expected at least {least}"
            );
        }
    }
}

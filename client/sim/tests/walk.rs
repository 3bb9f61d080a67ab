//! Random lives of two and three nodes: whatever happens, every promise holds after every step, and once the faults stop all
//! locks end and every channel pays or closes.

#![allow(clippy::panic)]

use counterfoil_sim::story::Story;
use counterfoil_sim::walk::Plan;
use counterfoil_sim::{Report, shrink, survey};

const SEEDS: u64 = 800;
const STEPS: usize = 150;

// req: A1, A2, A5, A16, E1, E3, E54, K28, K32, K33, L5, S30, GAP-E8
#[test]
fn every_promise_holds_after_every_step_and_everything_comes_to_an_end() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let Report { tally, failures } = survey(0..SEEDS, STEPS, threads, |_| ());
    if let Some((seed, broken)) = failures.first() {
        let shrunk = shrink(&Plan::of(*seed, STEPS), broken).plan;
        let story = shrunk.run(Story::kept()).story.join("\n");
        panic!(
            "seed {seed}: {broken}\n{story}\nagain: cargo run --release -p counterfoil-sim -- replay {seed} --steps {STEPS}"
        );
    }
    for (what, count) in tally.counts() {
        assert!(count > 0, "no {what} in {SEEDS} walks");
    }
}

#[test]
fn the_same_seed_is_always_the_same_walk() {
    for seed in 0..5 {
        let [one, two] = [0, 1].map(|_| Plan::of(seed, STEPS).run(Story::kept()));
        assert_eq!(one.tally, two.tally);
        assert_eq!(one.story, two.story);
    }
}

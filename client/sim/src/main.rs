//! The command `counterfoil-sim`: walks over many seeds, and the story of one.

use clap::{Parser, Subcommand};
use counterfoil_sim::story::Story;
use counterfoil_sim::walk::Plan;
use counterfoil_sim::{Report, survey};
use std::num::NonZero;
use std::process::ExitCode;

/// Random walks of Counterfoil's core through a world of faults, with oracles after every step.
#[derive(Parser)]
#[command(
    name = "counterfoil-sim",
    version,
    about,
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Walk many seeds on all cores; a failure is shrunk and told
    Walk {
        /// How many seeds
        #[arg(long, default_value_t = 1000)]
        seeds: u64,
        /// The first seed
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// Steps of each walk
        #[arg(long, default_value_t = 150)]
        steps: usize,
    },
    /// Tell the story of one seed
    Replay {
        /// Which seed
        seed: u64,
        /// Steps of the walk
        #[arg(long, default_value_t = 150)]
        steps: usize,
        /// All steps of the seed, not only those that are needed to break a promise
        #[arg(long)]
        whole: bool,
    },
}

fn main() -> ExitCode {
    // A panic of a walk is a finding, and told with its story.
    std::panic::set_hook(Box::new(|_| ()));
    match Arguments::parse().command {
        Command::Walk { seeds, from, steps } => walk(from, seeds, steps),
        Command::Replay { seed, steps, whole } => replay(seed, steps, whole),
    }
}

fn walk(from: u64, seeds: u64, steps: usize) -> ExitCode {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let tenth = seeds.div_ceil(10).max(1);
    let started = std::time::Instant::now();
    let Report { tally, failures } =
        survey(from..from.saturating_add(seeds), steps, cores, |done| {
            if done.is_multiple_of(tenth) {
                eprintln!("{done} of {seeds} seeds");
            }
        });
    for (seed, _) in failures.iter().take(3) {
        tell(*seed, steps, false);
        println!();
    }
    print!("{tally}");
    println!("{:>10} failures", failures.len());
    println!(
        "{:>10} seconds on {cores} cores",
        started.elapsed().as_secs()
    );
    for (seed, broken) in &failures {
        println!("seed {seed}: {broken}");
    }
    if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn replay(seed: u64, steps: usize, whole: bool) -> ExitCode {
    if tell(seed, steps, whole) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Prints the story of a seed, shrunk if it breaks a promise; false if it does.
fn tell(seed: u64, steps: usize, whole: bool) -> bool {
    let mut plan = Plan::of(seed, steps);
    let broken = plan.run(Story::default()).broken;
    if let Some(broken) = broken.as_ref().filter(|_| !whole) {
        let shrunk = counterfoil_sim::shrink(&plan, broken);
        println!(
            "seed {seed}: {} of {steps} steps are enough, found in {} walks",
            shrunk.plan.steps.len(),
            shrunk.walks
        );
        plan = shrunk.plan;
    }
    println!("{:?}", plan.setting);
    for (number, line) in (1..).zip(plan.run(Story::kept()).story) {
        println!("{number:>4}  {line}");
    }
    println!("again: cargo run --release -p counterfoil-sim -- replay {seed} --steps {steps}");
    broken.is_none()
}

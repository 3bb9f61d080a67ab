//! `counterfoil-model explore`: every interleaving of every scenario, as far as asked for.

use counterfoil_model::scenario::{ALL, ALL_STEPS, Budget, Scenario, named};
use counterfoil_model::{Fault, Limits, Report, Stops, explore};
use std::collections::VecDeque;
use std::process::ExitCode;
use std::sync::Mutex;

const USAGE: &str = "usage: counterfoil-model explore [--deep] [--scenario <name>] [--depth <steps>] [--states <most>]
    [--budget cuts=1,repeats=1,losses=0,crashes=1,deaths=1,publications=0,delays=0] [--threads <n>]";

/// The most states of one scenario at night.
const AT_NIGHT: usize = 2_000_000;

struct Options {
    scenarios: VecDeque<Scenario>,
    is_deep: bool,
    depth: Option<usize>,
    states: Option<usize>,
    threads: usize,
}

fn main() -> ExitCode {
    match parse(std::env::args().skip(1)) {
        Some(options) => run(options),
        None => {
            let names: Vec<_> = ALL.iter().map(|scenario| scenario.name).collect();
            eprintln!("{USAGE}\nscenarios: {}", names.join(" "));
            ExitCode::from(2)
        }
    }
}

fn run(options: Options) -> ExitCode {
    let waiting = Mutex::new(options.scenarios);
    let reports = Mutex::new(Vec::new());
    let next = || {
        waiting
            .lock()
            .ok()
            .and_then(|mut waiting| waiting.pop_front())
    };
    std::thread::scope(|scope| {
        for _ in 0..options.threads {
            scope.spawn(|| {
                while let Some(scenario) = next() {
                    let usual = if options.is_deep {
                        ALL_STEPS
                    } else {
                        scenario.depths.ci
                    };
                    let depth = options.depth.unwrap_or(usual);
                    let limits = Limits {
                        depth,
                        states: options.states.unwrap_or(if options.is_deep {
                            AT_NIGHT
                        } else {
                            usize::MAX
                        }),
                        stops: Stops::AtAll,
                    };
                    let report = explore(scenario, Fault::None, limits);
                    println!("{report}");
                    if let Ok(mut reports) = reports.lock() {
                        reports.push(report);
                    }
                }
            });
        }
    });
    let reports = reports.into_inner().unwrap_or_default();
    let sum = |of: fn(&Report) -> usize| reports.iter().map(of).sum::<usize>();
    let violated = sum(|report| report.violations.len());
    let missed = sum(|report| report.missed.len());
    let (generated, unique) = (sum(|report| report.generated), sum(|report| report.unique));
    let complete = sum(|report| usize::from(report.is_complete));
    println!(
        "{} scenarios, {complete} of them to the end and the others cut off at their depth, 6 properties, {generated} states generated, {unique} unique: {violated} violations, {missed} milestones missed",
        reports.len()
    );
    ExitCode::from(u8::from(violated > 0 || missed > 0))
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
    if arguments.next()? != "explore" {
        return None;
    }
    let mut options = Options {
        scenarios: ALL.iter().copied().collect(),
        is_deep: false,
        depth: None,
        states: None,
        threads: 2,
    };
    let mut budget = None;
    while let Some(option) = arguments.next() {
        match option.as_str() {
            "--deep" => options.is_deep = true,
            "--scenario" => options.scenarios = [named(&arguments.next()?)?].into(),
            "--depth" => options.depth = Some(arguments.next()?.parse().ok()?),
            "--states" => options.states = Some(arguments.next()?.parse().ok()?),
            "--threads" => options.threads = arguments.next()?.parse().ok()?,
            "--budget" => budget = Some(parse_budget(&arguments.next()?)?),
            _ => return None,
        }
    }
    for scenario in &mut options.scenarios {
        let usual = scenario
            .night
            .filter(|_| options.is_deep)
            .unwrap_or(scenario.budget);
        scenario.budget = budget.unwrap_or(usual);
    }
    Some(options)
}

fn parse_budget(text: &str) -> Option<Budget> {
    let mut budget = Budget::default();
    for part in text.split(',') {
        let (name, times) = part.split_once('=')?;
        let times = times.parse().ok()?;
        match name {
            "cuts" => budget.cuts = times,
            "repeats" => budget.repeats = times,
            "losses" => budget.losses = times,
            "crashes" => budget.crashes = times,
            "deaths" => budget.deaths = times,
            "publications" => budget.publications = times,
            "delays" => budget.delays = times,
            _ => return None,
        }
    }
    Some(budget)
}

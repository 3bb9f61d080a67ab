//! Runs the checker over a scenario and sums up what it found.

use crate::action::Action;
use crate::fault::Fault;
use crate::model::Model;
use crate::property::NAMES;
use crate::scenario::Scenario;
use crate::state::State;
use stateright::{Checker, HasDiscoveries, Model as _, Path};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::{Duration, Instant};

/// How far an exploration goes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Steps from the start.
    pub depth: usize,
    /// States that are generated.
    pub states: usize,
    /// Whether one violation is enough.
    pub stops: Stops,
}

/// When an exploration ends before its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stops {
    /// With the first violation.
    AtFirst,
    /// When every property is violated.
    AtAll,
}

/// What an exploration found.
pub struct Report {
    /// The scenario's name.
    pub name: &'static str,
    /// Steps from the start to the last states.
    pub depth: usize,
    /// States that were generated, equal ones counted again.
    pub generated: usize,
    /// Different states.
    pub unique: usize,
    /// Different turns of a node that were run.
    pub turns: usize,
    /// Time that it took.
    pub took: Duration,
    /// Whether nothing was left to explore.
    pub is_complete: bool,
    /// A shortest path for each violated property.
    pub violations: BTreeMap<&'static str, Story>,
    /// Milestones that were reached, each with the length of a shortest path.
    pub reached: BTreeMap<&'static str, usize>,
    /// Milestones that were not.
    pub missed: Vec<&'static str>,
}

/// Explores a scenario breadth first, in one thread, so that the figures are the same each time.
pub fn explore(scenario: Scenario, fault: Fault, limits: Limits) -> Report {
    let name = scenario.name;
    let begun = Instant::now();
    let model = Model::new(scenario, fault).with_room(limits.states);
    let milestones = scenario_milestones(&model);
    let checker = model
        .checker()
        .target_max_depth(limits.depth + 1)
        .finish_when(match limits.stops {
            Stops::AtFirst => HasDiscoveries::AnyFailures,
            Stops::AtAll => HasDiscoveries::AllFailures,
        })
        .spawn_bfs()
        .join();
    let model = checker.model();
    let mut found = checker.discoveries();
    let failed = |name: &&'static str| found.contains_key(name);
    let failures: Vec<_> = NAMES.into_iter().filter(failed).collect();
    let violations = failures.into_iter().filter_map(|name| {
        let path = found.remove(name)?;
        Some((name, retell(model, path)))
    });
    let violations: BTreeMap<_, _> = violations.collect();
    let length = |path: Path<State, Action>| path.into_actions().len();
    let reached: BTreeMap<_, _> = found
        .into_iter()
        .map(|(name, path)| (name, length(path)))
        .collect();
    let was_cut = checker.max_depth() > limits.depth || model.was_full();
    Report {
        name,
        depth: checker.max_depth().min(limits.depth + 1) - 1,
        generated: checker.state_count(),
        unique: checker.unique_state_count(),
        turns: model.turns(),
        took: begun.elapsed(),
        is_complete: violations.is_empty() && !was_cut,
        violations,
        missed: milestones
            .into_iter()
            .filter(|name| !reached.contains_key(name))
            .collect(),
        reached,
    }
}

fn scenario_milestones(model: &Model) -> Vec<&'static str> {
    let milestones = model.scenario.reaches.iter();
    milestones
        .map(|milestone| milestone.property().name)
        .collect()
}

/// A counterexample.
pub struct Story {
    /// The steps in words, with what each state after them violates.
    pub text: String,
    /// How many steps.
    pub steps: usize,
    /// Everything that any of its states violates.
    pub violated: BTreeSet<&'static str>,
}

fn retell(model: &Model, path: Path<State, Action>) -> Story {
    let mut story = Story {
        text: String::new(),
        steps: 0,
        violated: BTreeSet::new(),
    };
    for (state, action) in path.into_vec() {
        for (name, why) in model.violations(&state) {
            if story.violated.insert(name) {
                let shown = format!("    !! {name}: {why}\n       {state:?}\n");
                story.text.push_str(&shown);
            }
        }
        if let Some(action) = action {
            story.steps += 1;
            let told = model.describe(&state, action);
            story.text.push_str(&format!("{:>3} {told}\n", story.steps));
        }
    }
    story
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extent = if self.is_complete {
            "complete"
        } else {
            "cut off"
        };
        let seconds = self.took.as_secs_f64();
        write!(
            f,
            "{:<14} {:>3} deep {:>9} generated {:>8} unique {:>7} turns {:>6.1} s  {extent}",
            self.name, self.depth, self.generated, self.unique, self.turns, seconds
        )?;
        for name in &self.missed {
            write!(f, "\n  never reached: {name}")?;
        }
        for (name, story) in &self.violations {
            write!(f, "\n  VIOLATED: {name}\n{}", story.text)?;
        }
        Ok(())
    }
}

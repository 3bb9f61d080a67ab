//! From a walk that broke a promise to the few steps that it takes.

use crate::oracle::Broken;
use crate::story::Story;
use crate::walk::{Plan, Step};

/// A plan that breaks the same promise as another, with as little in it as could be found.
#[derive(Debug)]
pub struct Shrunk {
    /// What is left.
    pub plan: Plan,
    /// How many walks it took to find.
    pub walks: usize,
}

/// Takes steps out, in ever smaller chunks and then one by one, and makes the others smaller, as long as the same promise
/// breaks.
pub fn shrink(plan: &Plan, broken: &Broken) -> Shrunk {
    let mut search = Search {
        plan: plan.clone(),
        promise: broken.promise,
        length: usize::MAX,
        walks: 0,
    };
    search.accept(plan.steps.clone());
    while search.remove_steps() | search.make_smaller() {}
    Shrunk {
        plan: search.plan,
        walks: search.walks,
    }
}

struct Search {
    plan: Plan,
    promise: &'static str,
    /// Lines of the story.
    length: usize,
    walks: usize,
}

impl Search {
    fn remove_steps(&mut self) -> bool {
        let before = self.plan.steps.len();
        let mut chunk = before.div_ceil(2);
        while chunk > 0 {
            let mut start = 0;
            while start < self.plan.steps.len() {
                let end = (start + chunk).min(self.plan.steps.len());
                let mut steps = self.plan.steps.clone();
                steps.drain(start..end);
                if !self.accept(steps) {
                    start += chunk;
                }
            }
            chunk /= 2;
        }
        self.plan.steps.len() < before
    }

    fn make_smaller(&mut self) -> bool {
        let mut is_smaller = false;
        for index in 0..self.plan.steps.len() {
            while let Some(step) = self.plan.steps[index].smaller() {
                let mut steps = self.plan.steps.clone();
                steps[index] = step;
                if !self.accept(steps) {
                    break;
                }
                is_smaller = true;
            }
        }
        is_smaller
    }

    fn accept(&mut self, steps: Vec<Step>) -> bool {
        self.walks += 1;
        let plan = Plan {
            steps,
            ..self.plan.clone()
        };
        let ended = plan.run(Story::kept());
        let length = ended.story.len();
        let is_same = ended
            .broken
            .is_some_and(|broken| broken.promise == self.promise);
        // What takes fewer steps but comes later, such as when the faults have stopped, is no shorter story.
        let is_better = is_same && length <= self.length;
        if is_better {
            (self.plan, self.length) = (plan, length);
        }
        is_better
    }
}

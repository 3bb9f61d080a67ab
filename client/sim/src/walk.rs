//! A life of a world by chance: steps are taken one after the other, and every promise is looked at after each.

mod act;
mod cheat;
mod limits;
mod quiet;
mod setting;
mod step;
mod time;
mod words;

pub use setting::Setting;
pub use step::{Secret, Step};

use crate::dice::Dice;
use crate::fault::Fault;
use crate::oracle::{self, Account, Broken, Verdict};
use crate::story::Story;
use crate::tally::Tally;
use crate::world::{Store, World};
use counterfoil_core::effect::{Call, Event};
use counterfoil_core::types::ChannelId;
use limits::Limits;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A walk as it is planned: from a seed, or what is left of one.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Who takes part.
    pub setting: Setting,
    /// What happens.
    pub steps: Vec<Step>,
    /// What is wrong with the world, so that an oracle must speak.
    pub fault: Option<Fault>,
}

/// How a walk ended.
#[derive(Debug)]
pub struct Ended {
    /// What happened how often.
    pub tally: Tally,
    /// The promise that was broken, if any.
    pub broken: Option<Broken>,
    /// What happened, if it was to be told.
    pub story: Vec<String>,
}

struct Walk {
    world: World,
    channels: Vec<ChannelId>,
    setting: Setting,
    limits: Limits,
    accounts: Vec<Account>,
    /// For each node how much of its life the oracles have seen.
    seen: Vec<(usize, usize)>,
    /// The states of each channel that were complete at any node.
    complete: Vec<Vec<Call>>,
    /// The calls that a cheat has made, and that nobody has to send again.
    cheats: Vec<Call>,
    /// Frames that have arrived, by sender and receiver.
    arrived: BTreeMap<(usize, usize), Vec<Vec<u8>>>,
    copy: Option<Store>,
    /// The node that goes on from an old disk.
    careless: Option<usize>,
    tally: Tally,
}

impl Plan {
    /// The plan of a seed.
    pub fn of(seed: u64, steps: usize) -> Self {
        let mut dice = Dice::new(seed);
        let setting = Setting::draw(&mut dice);
        let steps = (0..steps).map(|_| Step::draw(&mut dice, setting.is_peaceful));
        let steps = steps.collect();
        Self {
            setting,
            steps,
            fault: None,
        }
    }

    /// Takes the steps until a promise is broken, or to the end. Always the same way.
    pub fn run(&self, story: Story) -> Ended {
        let mut walk = Walk::new(self, story);
        let result = catch_unwind(AssertUnwindSafe(|| walk.take(self)));
        let broken = match result {
            Ok(verdict) => verdict.err(),
            Err(panic) => Some(broken_by(panic.as_ref())),
        };
        walk.count_events();
        let mut story = walk.world.story.lines().to_vec();
        story.extend(broken.as_ref().map(ToString::to_string));
        Ended {
            tally: walk.tally,
            broken,
            story,
        }
    }
}

impl Walk {
    fn new(plan: &Plan, story: Story) -> Self {
        let (mut world, channels) = plan.setting.world();
        world.story = story;
        world.fault = plan.fault;
        world.chain.skims = u128::from(plan.fault == Some(Fault::ChainKeepsAUnit));
        let nodes = world.nodes.len();
        let mut accounts = vec![Account::default(); nodes];
        for (account, node) in accounts.iter_mut().zip(&world.nodes) {
            account.hear(&node.events);
        }
        let mut walk = Self {
            limits: Limits::new(nodes, world.chain.now()),
            accounts,
            seen: vec![(0, 0); nodes],
            complete: vec![Vec::new(); channels.len()],
            cheats: Vec::new(),
            arrived: BTreeMap::new(),
            copy: None,
            careless: None,
            tally: Tally {
                seeds: 1,
                ..Tally::default()
            },
            world,
            channels,
            setting: plan.setting.clone(),
        };
        walk.give_push();
        walk.collect_complete();
        walk
    }

    /// What a channel's first state gives away was spent, though no command said so.
    fn give_push(&mut self) {
        let push = i128::from(self.setting.push) * setting::UNIT as i128;
        for (index, backwards) in (0..self.channels.len()).zip(self.setting.is_opened_backwards) {
            let opener = index + usize::from(backwards);
            self.accounts[opener].spent += push;
        }
    }

    fn take(&mut self, plan: &Plan) -> Verdict {
        for step in &plan.steps {
            self.tally.steps += 1;
            self.act(step);
            self.collect_complete();
            self.check()?;
        }
        self.end_faults()?;
        for node in 0..self.world.nodes.len() {
            if Some(node) != self.careless {
                oracle::whoever_shows_a_secret_is_paid(&self.world, node, &self.accounts[node])?;
            }
        }
        self.channels
            .iter()
            .try_for_each(|id| oracle::everything_comes_to_an_end(&self.world, *id))?;
        if self.setting.is_peaceful && self.careless.is_none() {
            let mut ids = self.channels.iter();
            ids.try_for_each(|id| oracle::peace_keeps_a_channel_open(&self.world, *id))?;
        }
        self.everybody_can_pay()
    }

    /// Every promise that holds at any time.
    fn check(&mut self) -> Verdict {
        oracle::what_was_paid_in_is_held_or_paid_out(&self.world)?;
        for id in &self.channels {
            oracle::claims_are_covered(&self.world, *id)?;
            oracle::a_closed_channel_paid_what_the_newest_state_gives(
                &self.world,
                *id,
                self.careless,
            )?;
        }
        for node in 0..self.world.nodes.len() {
            self.accounts[node].hear(&self.world.nodes[node].events);
            if Some(node) != self.careless {
                let account = &self.accounts[node];
                oracle::what_was_told_as_received_is_never_lost(&self.world, node, account)?;
            }
            let life = &self.world.nodes[node];
            let seen = (life.turns, life.sent.len());
            if std::mem::replace(&mut self.seen[node], seen) != seen {
                oracle::a_restart_knows_what_was_told(&self.world, node, &self.channels)?;
            }
        }
        Ok(())
    }

    fn count_events(&mut self) {
        let events = self.world.nodes.iter().flat_map(|node| &node.events);
        for event in events {
            match event {
                Event::Received { .. } => self.tally.received += 1,
                Event::PaymentReceived { .. } => self.tally.routed += 1,
                Event::PaymentForwarded { .. } => self.tally.forwarded += 1,
                Event::PaymentFailed { .. } | Event::NotPaid { .. } => self.tally.failed += 1,
                Event::NotWithdrawn { .. } => self.tally.lapsed += 1,
                Event::Message { .. } => self.tally.messages += 1,
                Event::DataLost { .. } => self.tally.lost += 1,
                _ => {}
            }
        }
    }
}

fn broken_by(panic: &(dyn std::any::Any + Send)) -> Broken {
    if let Some(broken) = panic.downcast_ref::<Broken>() {
        return broken.clone();
    }
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let what = text.or_else(|| panic.downcast_ref::<&str>().copied());
    Broken {
        promise: "nothing panics",
        what: what.unwrap_or("a panic without words").to_owned(),
    }
}

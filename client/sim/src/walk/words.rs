//! A step in words, for people who read a story.

use super::{Secret, Step, Walk};
use crate::world::Survives;

impl Walk {
    /// What is about to happen, with the names of those to whom it happens.
    pub(super) fn words(&self, step: &Step) -> String {
        let node = |node: usize| self.world.name(node % self.world.nodes.len());
        let on = |by: usize, second: bool| {
            let id = self.channel_of(by % self.world.nodes.len(), second);
            let place = self.channels.iter().position(|one| *one == id);
            let (a, b) = self.pair(place == Some(1));
            format!("{}-{}", self.world.name(a), self.world.name(b))
        };
        let between = |second: bool| {
            let (a, b) = self.pair(second);
            format!("between {} and {}", self.world.name(a), self.world.name(b))
        };
        let link = |link: usize| {
            let (from, to) = self.link(link);
            format!("from {} to {}", self.world.name(from), self.world.name(to))
        };
        match *step {
            Step::Pay {
                by,
                second,
                count,
                units,
            } => format!("{} pays {count} x {units} on {}", node(by), on(by, second)),
            Step::Send {
                is_backwards,
                secret,
                units,
                seconds,
            } => self.send_in_words(is_backwards, secret, units, seconds),
            Step::Deposit { by, second, units } => {
                format!("{} adds {units} to {}", node(by), on(by, second))
            }
            Step::Withdraw {
                by,
                second,
                units,
                seconds,
            } => {
                let (by, place) = (node(by), on(by, second));
                format!("{by} takes {units} out of {place}, within {seconds} s")
            }
            Step::Message { by, second } => format!("{} greets on {}", node(by), on(by, second)),
            Step::Close { by, second } => format!("{} closes {}", node(by), on(by, second)),
            Step::Challenge { by, second } => {
                format!("{} challenges on {}", node(by), on(by, second))
            }
            Step::Deliver { link: at, count } => {
                format!("up to {count} frames arrive {}", link(at))
            }
            Step::Repeat { link: at, back } => {
                format!(
                    "the frame {back} before the newest {} comes again",
                    link(at)
                )
            }
            Step::Garble { link: at, back, .. } => {
                format!(
                    "the frame {back} before the newest {} comes damaged",
                    link(at)
                )
            }
            Step::Cut { second } => format!("the link {} goes down", between(second)),
            Step::Connect { second } => format!("a new link {}", between(second)),
            Step::Crash { node: doomed } => format!("{} dies and starts again", node(doomed)),
            Step::Die { link: at, survives } => {
                let kept = match survives {
                    Survives::Everything => "everything",
                    Survives::Records => "its records",
                    Survives::Nothing => "nothing of that turn",
                };
                format!(
                    "who gets the next frame {} dies of it; {kept} survives",
                    link(at)
                )
            }
            Step::Copy => "the careless node's disk is copied".to_owned(),
            Step::Replace { is_unknown: true } => {
                "the careless node's disk is the copy again, and nobody says so".to_owned()
            }
            Step::Replace { is_unknown: false } => {
                "the careless node's disk is the copy again, and its operator says so".to_owned()
            }
            Step::Block { seconds } => format!("a block, {seconds} s later"),
            Step::Tell { node: hears } => format!("{} hears of the newest block", node(hears)),
            Step::Wait { seconds } => format!("{seconds} s pass, in which everything arrives"),
            Step::Reorg { depth, .. } => format!("the newest {depth} blocks are replaced"),
            Step::Congest { seconds } => format!("the chain takes no calls for {seconds} s"),
            Step::Cheat { second, which, by } => {
                let by = node(by);
                format!(
                    "{by} publishes state no. {which} of those {} ever signed",
                    between(second)
                )
            }
            Step::Again { which } => format!("somebody submits call no. {which} again"),
        }
    }

    fn send_in_words(
        &self,
        is_backwards: bool,
        secret: Secret,
        units: u64,
        seconds: u64,
    ) -> String {
        let (first, last) = (
            self.world.name(0),
            self.world.name(self.world.nodes.len() - 1),
        );
        let (payer, payee) = if is_backwards {
            (last, first)
        } else {
            (first, last)
        };
        let secret = match secret {
            Secret::Payee => "the payee knows the secret",
            Secret::Payer => "the payer seals the secret",
            Secret::Nobody => "nobody shows the secret",
        };
        format!("{payer} locks {units} small units for {payee} for {seconds} s; {secret}")
    }
}

//! One channel from its first deposit to its last claim. After every call, refused or not, the contract has to stand where
//! the client expects it, to the byte.

mod calls;
mod checks;
mod secrets;
mod signing;
mod states;

use crate::court::{Court, Genesis, HOME};
use crate::dice::Dice;
use crate::foreign::{Script, TOKEN};
use crate::locks::{Kind, Registries, Secret, ShownOpening};
use crate::model::{LAST_SECOND, LATEST_DEPOSIT, Model};
use crate::tally::Tally;
use alloy_primitives::Address;
use counterfoil_core::effect::Status;
use counterfoil_core::state::{Domain, SigningKey};
use counterfoil_core::types::{Amount, Pair, Terms};
use counterfoil_sim::Chain;
use std::collections::BTreeMap;

pub(crate) struct Life {
    dice: Dice,
    court: Court,
    model: Model,
    registries: Registries,
    secrets: Vec<Secret>,
    keys: [SigningKey; 2],
    domain: Domain,
    kind: Kind,
    adjudicator: Address,
    /// The simulator's chain, where it can follow.
    simulated: Option<Chain>,
    /// Openings that were put on the chain, the newest last.
    openings: Vec<ShownOpening>,
    pub(crate) tally: Tally,
    is_told: bool,
}

impl Life {
    /// A life in its first second.
    pub(crate) fn begin(genesis: &Genesis, seed: u64, is_told: bool) -> Self {
        let mut dice = Dice::new(seed);
        let mut tally = Tally::default();
        let keys = [(); 2].map(|()| SigningKey::from_secret(&dice.word()).unwrap());
        let payouts = Pair::new(dice.address(), dice.address());
        let refusing: Vec<_> = payouts
            .into_array()
            .into_iter()
            .filter(|_| dice.percent(8))
            .collect();
        let payouts = if dice.percent(5) {
            Pair::new(payouts.one, payouts.one)
        } else {
            payouts
        };
        let terms = Terms {
            signers: Pair::new(keys[0].address(), keys[1].address()),
            payouts,
            token: if dice.percent(40) {
                TOKEN
            } else {
                Address::ZERO
            },
            finalization_period: match dice.weighted(&[80, 10, 10]) {
                0 => dice.within(60..=200) as u32,
                1 => 60,
                _ => dice.within(60..=30 * 24 * 3600) as u32,
            },
            reserve: Amount::new(dice.magnitude()),
            salt: dice.word(),
        };
        let chain_id = if dice.percent(70) {
            HOME
        } else {
            dice.wide() as u64 >> dice.within(0..=62)
        };
        let is_late = dice.permille(25);
        let time = if is_late {
            LATEST_DEPOSIT - dice.within(0..=60)
        } else {
            1_800_000_000 + dice.within(0..=1_000_000)
        };
        let domain = Domain::new(chain_id, genesis.adjudicator);
        let kind = if !is_late && dice.percent(35) {
            Kind::Plain
        } else {
            Kind::Any
        };
        tally.count("lives");
        tally.count_if(terms.token == TOKEN, "lives with a token");
        tally.count_if(chain_id != HOME, "lives on a fork with another chain id");
        let simulated = (kind == Kind::Plain).then(|| Chain::new(domain, time));
        Self {
            court: genesis.court(chain_id, time, &refusing),
            model: Model::new(terms, refusing),
            registries: Registries {
                hashlocks: genesis.hashlocks,
                pointlocks: genesis.pointlocks,
                revealed: BTreeMap::new(),
            },
            secrets: Vec::new(),
            keys,
            domain,
            kind,
            adjudicator: genesis.adjudicator,
            simulated,
            openings: Vec::new(),
            tally,
            is_told,
            dice,
        }
    }

    /// Lives it to the end.
    pub(crate) fn live(&mut self) {
        self.check_hashes();
        for _ in 0..self.dice.within(1..=3) {
            self.deposit();
        }
        // The end of the 32 bits of time comes near.
        if self.court.time > LATEST_DEPOSIT - 1_000 && self.dice.percent(60) {
            self.court.time = LAST_SECOND - self.dice.within(0..=250);
        }
        for _ in 0..self.dice.within(0..=5) {
            self.act();
        }
        if self.status() == Status::Open && self.dice.percent(97) {
            self.challenge();
        }
        for _ in 0..self.dice.within(0..=4) {
            self.act();
        }
        for _ in 0..self.dice.within(1..=7) {
            if matches!(self.status(), Status::Open | Status::Closed) {
                break;
            }
            let finalizes_at = self.model.view.finalizes_at.seconds();
            if self.court.time < finalizes_at && self.dice.percent(50) {
                self.court.time = finalizes_at - self.dice.within(0..=1);
            } else {
                self.wait_for_a_turn();
            }
            if self.dice.percent(50) {
                self.reveal();
            }
            self.settle();
        }
        for _ in 0..self.dice.within(0..=2) {
            self.act();
        }
        self.claim();
        self.tally
            .count(format!("lives that end {:?}", self.status()));
    }

    fn status(&self) -> Status {
        self.model.view.status
    }

    /// Something that somebody may try; what fits the channel's status is likelier.
    fn act(&mut self) {
        if self.dice.percent(40) {
            let seconds = self.dice.within(1..=40);
            self.wait(seconds);
        } else if self.dice.percent(15) {
            self.wait_for_a_turn();
        }
        // deposit, withdraw, close, challenge, respond, settle, reveal
        let weights = match self.status() {
            Status::Open => [30, 30, 12, 14, 3, 3, 8],
            Status::Disputed => [4, 3, 7, 4, 46, 12, 24],
            Status::Settling => [3, 3, 6, 3, 5, 50, 30],
            Status::Closed => [10, 10, 10, 10, 10, 10, 5],
        };
        match self.dice.weighted(&weights) {
            0 => self.deposit(),
            1 => self.withdraw(),
            2 => self.close(),
            3 => self.challenge(),
            4 => self.respond(),
            5 => self.settle(),
            _ => self.reveal(),
        }
    }

    fn wait(&mut self, seconds: u64) {
        self.court.time += seconds;
    }

    /// Waits for one of the next seconds in which something turns: one before, at and after deadlines and expiries.
    fn wait_for_a_turn(&mut self) {
        let now = self.court.time;
        let mut turns = vec![self.model.view.finalizes_at.seconds()];
        for lock in self
            .openings
            .last()
            .iter()
            .flat_map(|shown| &shown.opening.locks)
        {
            turns.push(lock.expiry.seconds());
            if lock.condition == crate::foreign::CONDITION {
                turns.push(Script::of(lock.key).from);
            }
        }
        let mut moments: Vec<_> = turns
            .into_iter()
            .filter(|turn| *turn <= LAST_SECOND)
            .flat_map(|turn| [turn.saturating_sub(1), turn, turn + 1])
            .filter(|moment| *moment > now)
            .collect();
        moments.sort_unstable();
        // Many locks have many moments, of which the next few lie close together.
        if self.dice.percent(60) {
            moments.truncate(9);
        }
        if !moments.is_empty() {
            self.court.time = self.dice.one(&moments);
        }
    }

    fn tell(&self, what: impl FnOnce() -> String) {
        if self.is_told {
            println!("{} {}", self.court.time, what());
        }
    }
}

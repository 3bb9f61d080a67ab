//! Random commands, orders of delivery, cuts and crashes; whatever happens, the oracles hold once the faults stop.

use counterfoil_core::channel::{Phase, Policy};
use counterfoil_core::effect::Command;
use counterfoil_core::types::{Amount, ChannelId};
use counterfoil_sim::{Invoice, Survives, World, amount, pay, policy};
use proptest::prelude::*;

/// Direct payments are multiples of it and routed ones far below, so that a mediator's gain tells them apart.
const UNIT: u128 = 1_000_000;
const ROUTED: u128 = 1_000;
const PAYER: usize = 0;
const MEDIATOR: usize = 1;
const PAYEE: usize = 2;

#[derive(Clone, Debug)]
enum Step {
    Pay {
        by: usize,
        channel: bool,
        units: u8,
    },
    Burst {
        by: usize,
        channel: bool,
        count: u8,
    },
    Route {
        backwards: bool,
        sealed: bool,
        units: u16,
    },
    Deposit {
        by: usize,
        channel: bool,
    },
    Deliver {
        link: usize,
        count: u8,
    },
    Cut {
        link: bool,
    },
    Connect {
        link: bool,
    },
    Crash {
        node: usize,
    },
    Die {
        link: usize,
        survives: Survives,
    },
    Mine {
        seconds: u8,
    },
    Close {
        by: usize,
        channel: bool,
    },
    Challenge {
        by: usize,
        channel: bool,
    },
}

fn survives() -> impl Strategy<Value = Survives> {
    prop_oneof![Just(Survives::Records), Just(Survives::Nothing)]
}

fn talking() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3usize, any::<bool>(), 1..5u8).prop_map(|(by, channel, units)| Step::Pay { by, channel, units }),
        1 => (0..3usize, any::<bool>(), 2..6u8).prop_map(|(by, channel, count)| Step::Burst { by, channel, count }),
        4 => (any::<bool>(), any::<bool>(), 1..200u16)
            .prop_map(|(backwards, sealed, units)| Step::Route { backwards, sealed, units }),
        1 => (0..3usize, any::<bool>()).prop_map(|(by, channel)| Step::Deposit { by, channel }),
        16 => (0..4usize, 1..4u8).prop_map(|(link, count)| Step::Deliver { link, count }),
        1 => any::<bool>().prop_map(|link| Step::Cut { link }),
        2 => any::<bool>().prop_map(|link| Step::Connect { link }),
        1 => (0..3usize).prop_map(|node| Step::Crash { node }),
        1 => (0..4usize, survives()).prop_map(|(link, survives)| Step::Die { link, survives }),
        3 => any::<u8>().prop_map(|seconds| Step::Mine { seconds }),
    ]
}

fn anything() -> impl Strategy<Value = Step> {
    prop_oneof![
        30 => talking(),
        1 => (0..3usize, any::<bool>()).prop_map(|(by, channel)| Step::Close { by, channel }),
        1 => (0..3usize, any::<bool>()).prop_map(|(by, channel)| Step::Challenge { by, channel }),
    ]
}

struct Simulation {
    world: World,
    channels: [ChannelId; 2],
    routed: u128,
    last_expiry: u64,
}

impl Simulation {
    fn new() -> Self {
        let mediator = Policy {
            fee_base: Amount::new(1),
            ..policy()
        };
        let mut world = World::with(vec![policy(), mediator, policy()]);
        let first = world.open(PAYER, MEDIATOR, [100 * UNIT, 100 * UNIT]);
        let second = world.open(MEDIATOR, PAYEE, [100 * UNIT, 100 * UNIT]);
        let last_expiry = world.chain.now();
        Self {
            world,
            channels: [first, second],
            routed: 0,
            last_expiry,
        }
    }

    fn channel_of(&self, by: usize, second: bool) -> ChannelId {
        match by {
            PAYER => self.channels[0],
            MEDIATOR => self.channels[usize::from(second)],
            _ => self.channels[1],
        }
    }

    fn run(&mut self, step: &Step) {
        let links = [
            (PAYER, MEDIATOR),
            (MEDIATOR, PAYER),
            (MEDIATOR, PAYEE),
            (PAYEE, MEDIATOR),
        ];
        let pair = |second: bool| {
            if second {
                (MEDIATOR, PAYEE)
            } else {
                (PAYER, MEDIATOR)
            }
        };
        let world = &mut self.world;
        match step {
            // The mediator pays nobody itself, so that its gain is what passes.
            Step::Pay { by: MEDIATOR, .. } | Step::Burst { by: MEDIATOR, .. } => {}
            Step::Pay { by, channel, units } => {
                let id = self.channel_of(*by, *channel);
                let _ = self.world.command(*by, pay(id, u128::from(*units) * UNIT));
            }
            Step::Burst { by, channel, count } => {
                let id = self.channel_of(*by, *channel);
                for _ in 0..*count {
                    let _ = self.world.queue(*by, pay(id, UNIT));
                }
                self.world.end_turn(*by, Survives::Everything);
            }
            Step::Route {
                backwards,
                sealed,
                units,
            } => self.route(*backwards, *sealed, u128::from(*units)),
            Step::Deposit { by, channel } => {
                let channel = self.channel_of(*by, *channel);
                let _ = self.world.command(
                    *by,
                    Command::Deposit {
                        channel,
                        amount: amount(UNIT),
                    },
                );
            }
            Step::Deliver { link, count } => {
                for _ in 0..*count {
                    world.deliver(links[*link].0, links[*link].1);
                }
            }
            Step::Cut { link } => world.cut(pair(*link).0, pair(*link).1),
            Step::Connect { link } => world.connect(pair(*link).0, pair(*link).1),
            Step::Crash { node } => world.crash(*node),
            Step::Die { link, survives } => {
                world.deliver_then(links[*link].0, links[*link].1, *survives);
            }
            Step::Mine { seconds } => self.block(u64::from(*seconds)),
            Step::Close { by, channel } => {
                let channel = self.channel_of(*by, *channel);
                let _ = self.world.command(*by, Command::Close { channel });
            }
            Step::Challenge { by, channel } => {
                let channel = self.channel_of(*by, *channel);
                let _ = self.world.command(*by, Command::Challenge { channel });
            }
        }
    }

    fn block(&mut self, seconds: u64) {
        self.world.mine_silently(seconds.max(1));
        for node in 0..3 {
            self.world.tell(node);
        }
    }

    fn route(&mut self, backwards: bool, sealed: bool, units: u128) {
        let (payer, payee) = if backwards {
            (PAYEE, PAYER)
        } else {
            (PAYER, PAYEE)
        };
        let total = units * ROUTED;
        let invoice = if sealed {
            Invoice::sealed(&mut self.world, payee, total, 2000)
        } else {
            Invoice::expected(&mut self.world, payee, total, 2000)
        };
        let first = self.channel_of(payer, false);
        let send = invoice.over(&mut self.world, first, total + 1, total);
        if self.world.command(payer, send).is_ok() {
            self.routed += 1;
            self.last_expiry = invoice.expiry.seconds();
        }
    }

    /// Faults stop: everybody hears everything, and time passes until every lock is decided.
    fn quiesce(&mut self) {
        self.world.heal();
        for _ in 0..3 {
            self.world.mine(12);
        }
        while self.world.chain.now() <= self.last_expiry {
            self.world.mine(200);
        }
        for _ in 0..8 {
            self.world.mine(200);
        }
    }

    /// What a node owns in a channel: off chain, or what the chain has paid out.
    fn owns(&self, node: usize, second: bool) -> i128 {
        let id = self.channels[usize::from(second)];
        let summary = self.world.channel(node, id);
        if summary.phase == Phase::Closed {
            let paid = *self.world.chain.paid(id).of(summary.local);
            return i128::try_from(paid.to::<u128>()).unwrap();
        }
        summary.balances.of(summary.local).units()
    }

    fn mediator_owns(&self) -> i128 {
        self.owns(MEDIATOR, false) + self.owns(MEDIATOR, true)
    }

    fn assert_mediator_earned_fees_only(&self, before: i128, deposited: i128) {
        let gain = self.mediator_owns() - before - deposited;
        assert!(gain >= 0, "the mediator lost {}", -gain);
        let fees = gain.rem_euclid(UNIT as i128);
        assert!(
            fees <= self.routed as i128,
            "the mediator kept {fees} of {} payments",
            self.routed
        );
    }

    fn deposited(&self) -> i128 {
        let of = |id: ChannelId| {
            let local = self.world.channel(MEDIATOR, id).local;
            self.world.chain.deposited(id, local) as i128
        };
        self.channels.into_iter().map(of).sum()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 4000, ..ProptestConfig::default() })]

    // req: A1, A2, A5, A16, E1, E3, GAP-E8, K28, K32
    #[test]
    fn without_disputes_everything_is_agreed_once_the_faults_stop(steps in proptest::collection::vec(talking(), 1..120)) {
        let mut simulation = Simulation::new();
        let before = simulation.mediator_owns() - simulation.deposited();
        for step in &steps {
            simulation.run(step);
        }
        simulation.quiesce();
        let [first, second] = simulation.channels;
        for (a, b, id) in [(PAYER, MEDIATOR, first), (MEDIATOR, PAYEE, second)] {
            prop_assert_eq!(simulation.world.channel(a, id).phase, Phase::Open);
            prop_assert_eq!(simulation.world.channel(b, id).phase, Phase::Open);
            prop_assert_eq!(simulation.world.channel(a, id).locks, 0);
            simulation.world.assert_agreed(a, b, id);
            let held = simulation.world.chain.view(id).deposits;
            let balances = simulation.world.balances(a, id);
            prop_assert_eq!(balances[0] + balances[1], held.zero.units() + held.one.units());
        }
        let deposited = simulation.deposited();
        simulation.assert_mediator_earned_fees_only(before, deposited);
        // Every channel can still pay, both ways.
        for (by, to, id) in [(PAYER, MEDIATOR, first), (MEDIATOR, PAYER, first), (MEDIATOR, PAYEE, second)] {
            if simulation.world.channel(by, id).spendable >= amount(1) {
                simulation.world.pay(by, id, 1);
                simulation.world.deliver_all();
                simulation.world.assert_agreed(by, to, id);
            }
        }
    }

    // req: E54, S30, K33, L5
    #[test]
    fn with_disputes_and_closes_nobody_honest_loses(steps in proptest::collection::vec(anything(), 1..120)) {
        let mut simulation = Simulation::new();
        let before = simulation.mediator_owns() - simulation.deposited();
        for step in &steps {
            simulation.run(step);
        }
        simulation.quiesce();
        let deposited = simulation.deposited();
        for (index, id) in simulation.channels.into_iter().enumerate() {
            let phase = simulation.world.channel(MEDIATOR, id).phase;
            let peer = if index == 0 { PAYER } else { PAYEE };
            prop_assert_eq!(phase, simulation.world.channel(peer, id).phase);
            if phase == Phase::Disputed {
                for _ in 0..30 {
                    simulation.world.mine(600);
                }
            }
            let phase = simulation.world.channel(MEDIATOR, id).phase;
            prop_assert!(matches!(phase, Phase::Open | Phase::Closed), "{:?}", phase);
            if phase == Phase::Open {
                prop_assert_eq!(simulation.world.channel(peer, id).locks, 0);
            }
        }
        simulation.assert_mediator_earned_fees_only(before, deposited);
    }
}

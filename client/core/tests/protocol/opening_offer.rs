//! What an offer must say: every rule at its boundary, for who makes it and for who is asked.

use crate::hostile::fingerprint;
use crate::opening::offered;
use counterfoil_core::channel::Policy;
use counterfoil_core::effect::{Command, Event, Input, OpenChannel};
use counterfoil_core::engine::Error;
use counterfoil_core::types::{Address, Amount, ChannelId};
use counterfoil_core::wire::{ChannelOpen, Message};
use counterfoil_sim::{World, amount, domain, policy};

type OfPolicy = fn(&mut Policy);

/// What a node with bounds on everything says to a changed offer.
struct Asked {
    world: World,
    open: ChannelOpen,
    before: u64,
}

impl Asked {
    fn with(bounds: OfPolicy, change: fn(&mut ChannelOpen)) -> Self {
        let mut strict = Policy {
            reserve: amount(10)..=amount(50),
            push_minimum: amount(5),
            initiator_minimum: amount(200),
            deposit_maximum: amount(100),
            finalization_period: 60..=7200,
            ..policy()
        };
        bounds(&mut strict);
        let mut world = World::with(vec![policy(), strict]);
        let wish = OpenChannel {
            push_amount: amount(20),
            reserve: amount(20),
            ..world.wish(1, [400, 100])
        };
        world.command(0, Command::Open(wish)).unwrap();
        let Message::ChannelOpen(mut open) = world.last_sent(0) else {
            panic!()
        };
        world.links.clear();
        change(&mut open);
        let before = fingerprint(&world, 1);
        world.inject(0, 1, &Message::ChannelOpen(open.clone()));
        Self {
            world,
            open,
            before,
        }
    }

    fn is_taken(&self, rule: &str) -> bool {
        let node = &self.world.nodes[1];
        let peer = self.world.address(0);
        let offer = Box::new(self.open.clone());
        if node.events.contains(&Event::ChannelOffered { peer, offer }) {
            assert!(node.sent.is_empty(), "{rule}");
            return true;
        }
        let Message::Error(error) = self.world.last_sent(1) else {
            panic!("{rule}")
        };
        assert_eq!(error.channel, ChannelId(self.open.temporary_id), "{rule}");
        assert!(node.events.is_empty(), "{rule}");
        assert_eq!(fingerprint(&self.world, 1), self.before, "{rule}");
        false
    }
}

type Rule = (&'static str, OfPolicy, fn(&mut ChannelOpen), bool);

const AS_IS: OfPolicy = |_| ();
const NO_RESERVE: OfPolicy = |policy| policy.reserve = Amount::ZERO..=amount(50);

// req: E14, E22, E24, E25, E26
#[test]
fn an_offer_that_must_be_refused_is_refused() {
    let rules: [Rule; 14] = [
        ("the unchanged offer", AS_IS, |_| (), true),
        ("the next chain", AS_IS, |open| open.chain_id += 1, false),
        ("chain 0", AS_IS, |open| open.chain_id = 0, false),
        (
            "another adjudicator",
            AS_IS,
            |open| open.adjudicator.0[19] ^= 1,
            false,
        ),
        (
            "a signer that is not the peer",
            AS_IS,
            |open| open.signer.0[0] ^= 1,
            false,
        ),
        (
            "no signer",
            AS_IS,
            |open| open.signer = Address::ZERO,
            false,
        ),
        (
            "no payout",
            AS_IS,
            |open| open.payout = Address::ZERO,
            false,
        ),
        (
            "payout to the contract",
            AS_IS,
            |open| open.payout = open.adjudicator,
            false,
        ),
        (
            "payout to anybody else",
            AS_IS,
            |open| open.payout = Address::repeat_byte(1),
            true,
        ),
        (
            "any token",
            AS_IS,
            |open| open.token = Address::repeat_byte(1),
            true,
        ),
        (
            "push all of the deposit",
            NO_RESERVE,
            |open| (open.push_amount, open.reserve) = (amount(400), Amount::ZERO),
            true,
        ),
        (
            "push more than the deposit",
            NO_RESERVE,
            |open| (open.push_amount, open.reserve) = (amount(401), Amount::ZERO),
            false,
        ),
        (
            "push down to the reserve",
            AS_IS,
            |open| open.push_amount = amount(380),
            true,
        ),
        (
            "push into the reserve",
            AS_IS,
            |open| open.push_amount = amount(381),
            false,
        ),
    ];
    for (rule, bounds, change, taken) in rules {
        assert_eq!(Asked::with(bounds, change).is_taken(rule), taken, "{rule}");
    }
}

const LARGE: OfPolicy = |policy| policy.deposit_maximum = amount(u128::MAX);
const MODEST: OfPolicy = |policy| {
    (policy.push_minimum, policy.initiator_minimum) = (Amount::ZERO, Amount::ZERO);
};

// req: E21, E28, E29, E30, E31, E32, E37
#[test]
fn an_offer_that_may_be_refused_is_refused_at_the_bound_of_the_policy() {
    let rules: [Rule; 18] = [
        ("period", AS_IS, |open| open.finalization_period = 59, false),
        ("period", AS_IS, |open| open.finalization_period = 60, true),
        (
            "period",
            AS_IS,
            |open| open.finalization_period = 7200,
            true,
        ),
        (
            "period",
            AS_IS,
            |open| open.finalization_period = 7201,
            false,
        ),
        ("push", AS_IS, |open| open.push_amount = amount(4), false),
        ("push", AS_IS, |open| open.push_amount = amount(5), true),
        ("reserve", AS_IS, |open| open.reserve = amount(9), false),
        ("reserve", AS_IS, |open| open.reserve = amount(10), true),
        ("reserve", AS_IS, |open| open.reserve = amount(50), true),
        ("reserve", AS_IS, |open| open.reserve = amount(51), false),
        (
            "asked",
            AS_IS,
            |open| open.responder_amount = amount(100),
            true,
        ),
        (
            "asked",
            AS_IS,
            |open| open.responder_amount = amount(101),
            false,
        ),
        (
            "own",
            AS_IS,
            |open| open.initiator_amount = amount(199),
            false,
        ),
        (
            "own",
            AS_IS,
            |open| open.initiator_amount = amount(200),
            true,
        ),
        (
            "all",
            LARGE,
            |open| open.responder_amount = amount((1 << 91) - 401),
            true,
        ),
        (
            "all",
            LARGE,
            |open| open.responder_amount = amount((1 << 91) - 400),
            false,
        ),
        (
            "the responder's alone",
            MODEST,
            |open| (open.push_amount, open.initiator_amount) = (Amount::ZERO, Amount::ZERO),
            true,
        ),
        (
            "nothing",
            MODEST,
            |open| {
                (open.push_amount, open.initiator_amount) = (Amount::ZERO, Amount::ZERO);
                open.responder_amount = Amount::ZERO;
            },
            false,
        ),
    ];
    for (place, (rule, bounds, change, taken)) in rules.into_iter().enumerate() {
        let rule = format!("{rule}, case {place}");
        assert_eq!(Asked::with(bounds, change).is_taken(&rule), taken, "{rule}");
    }
}

// req: E19, E20, E21, E22
#[test]
fn an_initiator_offers_nothing_that_every_peer_would_have_to_refuse() {
    type Wish = fn(&mut OpenChannel);
    let rules: [(&str, Wish, bool); 12] = [
        ("push it all", |wish| wish.push_amount = amount(400), true),
        ("push more", |wish| wish.push_amount = amount(401), false),
        (
            "push down to the reserve",
            |wish| (wish.push_amount, wish.reserve) = (amount(380), amount(20)),
            true,
        ),
        (
            "push into the reserve",
            |wish| (wish.push_amount, wish.reserve) = (amount(380), amount(21)),
            false,
        ),
        ("period", |wish| wish.finalization_period = 59, false),
        ("period", |wish| wish.finalization_period = 60, true),
        ("period", |wish| wish.finalization_period = 2_592_000, true),
        ("period", |wish| wish.finalization_period = 2_592_001, false),
        ("all", |wish| wish.amount = amount((1 << 91) - 101), true),
        ("all", |wish| wish.amount = amount((1 << 91) - 100), false),
        (
            "overflow",
            |wish| (wish.amount, wish.remote_amount) = (amount(u128::MAX), amount(u128::MAX)),
            false,
        ),
        (
            "nothing",
            |wish| (wish.amount, wish.remote_amount) = (Amount::ZERO, Amount::ZERO),
            false,
        ),
    ];
    for (rule, change, offers) in rules {
        let mut world = World::new(2);
        let mut wish = world.wish(1, [400, 100]);
        change(&mut wish);
        let before = fingerprint(&world, 0);
        let result = world.command(0, Command::Open(wish));
        assert_eq!(result.is_ok(), offers, "{rule}");
        assert_eq!(world.nodes[0].sent.len(), usize::from(offers), "{rule}");
        if !offers {
            assert!(matches!(result, Err(Error::Terms(_))), "{rule}");
            assert_eq!(fingerprint(&world, 0), before, "{rule}");
        }
    }
    let mut world = World::new(2);
    let to_itself = world.wish(0, [400, 100]);
    let result = world.command(0, Command::Open(to_itself));
    assert!(matches!(result, Err(Error::Terms(_))));
}

// req: E13, E14, E19, E20, E23
#[test]
fn an_offer_carries_everything_that_was_wished_and_names_of_its_own() {
    let mut world = World::new(2);
    let wish = OpenChannel {
        token: Address::repeat_byte(7),
        push_amount: amount(20),
        reserve: amount(30),
        finalization_period: 61,
        ..world.wish(1, [400, 100])
    };
    let open = offered(&mut world, wish.clone());
    assert_eq!(open.chain_id, domain().chain_id);
    assert_eq!(open.adjudicator, domain().adjudicator);
    assert_eq!(open.signer, world.key(0).address());
    assert_eq!(open.token, wish.token);
    assert_eq!(open.initiator_amount, wish.amount);
    assert_eq!(open.responder_amount, wish.remote_amount);
    assert_eq!(open.push_amount, wish.push_amount);
    assert_eq!(open.reserve, wish.reserve);
    assert_eq!(open.finalization_period, wish.finalization_period);
    let second = world.wish(1, [400, 100]);
    let second = offered(&mut world, second);
    assert_ne!(open.temporary_id, second.temporary_id);
    assert_ne!(open.salt, second.salt);
    assert_ne!(open.seed, second.seed);
    let names = [open.temporary_id, open.salt, open.seed];
    assert!(names[0] != names[1] && names[1] != names[2] && names[0] != names[2]);
}

// Each such repetition would take one of the places that the peer's offers have here, until the node is restarted.
// req: E26
#[test]
fn an_offer_that_became_a_channel_is_not_offered_again() {
    let (mut world, _) = World::pair([400, 100]);
    let (_, offer) = world.nodes[0].sent[0].clone();
    let offers = |world: &World| {
        let events = world.nodes[1].events.iter();
        events
            .filter(|event| matches!(event, Event::ChannelOffered { .. }))
            .count()
    };
    assert_eq!(offers(&world), 1);
    let peer = world.address(0);
    world.input(1, Input::Frame { peer, bytes: offer }).unwrap();
    assert_eq!(offers(&world), 1);
    assert!(matches!(world.last_sent(1), Message::Error(_)));
}

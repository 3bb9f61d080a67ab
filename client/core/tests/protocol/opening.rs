//! From the offer to an open channel.

use counterfoil_core::channel::{Phase, Policy};
use counterfoil_core::effect::{Command, Event};
use counterfoil_core::engine::Error;
use counterfoil_core::state::Signature;
use counterfoil_core::types::{Address, Amount, B256, Pair};
use counterfoil_core::wire::{ChannelAccept, ChannelOpen, FundingLocked, Message, Reason};
use counterfoil_sim::{DEPTH, World, amount, message, pay, policy};

/// The codes that both sides have sent, in order of sending.
fn codes(world: &World, node: usize) -> Vec<u8> {
    let frames = world.nodes[node].sent.iter();
    frames.map(|(_, frame)| message(frame).code()).collect()
}

fn offers(world: &World, node: usize) -> usize {
    let events = world.nodes[node].events.iter();
    events
        .filter(|event| matches!(event, Event::ChannelOffered { .. }))
        .count()
}

// req: S1, S2, S16, S18, E10, E13, E16, E17, E33, E39, E41, E42, E43, E62
#[test]
fn a_channel_opens_in_both_roles_with_deposits_of_both_and_a_push_amount() {
    let mut world = World::new(2);
    let mut wish = world.wish(1, [400, 100]);
    wish.push_amount = amount(20);
    let id = world.open_as(0, 1, wish);
    assert_eq!(codes(&world, 0), [1, 4, 6]);
    assert_eq!(codes(&world, 1), [2, 5, 6]);
    for node in 0..2 {
        assert_eq!(world.balances(node, id), [380, 120]);
        assert_eq!(world.channel(node, id).nonce.number(), 2);
        assert!(
            world.nodes[node]
                .events
                .contains(&Event::ChannelOpened { channel: id })
        );
    }
    world.assert_agreed(0, 1, id);
}

// req: E17, E42, E59, GAP-E9
#[test]
fn money_moves_only_after_both_have_signed_the_first_state() {
    let mut world = World::new(2);
    let wish = world.wish(1, [400, 100]);
    world.command(0, Command::Open(wish)).unwrap();
    world.deliver_all();
    let Message::ChannelOpen(open) = world.last_sent(0) else {
        panic!()
    };
    let join = Command::Join {
        temporary_id: open.temporary_id,
        seed: B256::ZERO,
    };
    world.command(1, join).unwrap();
    world.deliver(1, 0);
    assert!(
        world.chain.calls.is_empty(),
        "the initiator waits for funding_signed"
    );
    world.deliver(0, 1);
    world.mine_silently(12);
    world.tell(1);
    assert!(
        world.chain.calls.is_empty(),
        "the responder has both signatures, and waits for the initiator's deposit"
    );
    world.deliver(1, 0);
    assert_eq!(world.chain.calls.len(), 1);
    world.mine_silently(12);
    world.tell(1);
    assert_eq!(world.chain.calls.len(), 2);
}

/// What a responder answers to an offer that differs from a good one.
fn answer_to(change: impl FnOnce(&mut ChannelOpen)) -> (World, bool) {
    let strict = Policy {
        reserve: amount(0)..=amount(50),
        deposit_maximum: amount(100),
        ..policy()
    };
    let mut world = World::with(vec![policy(), strict]);
    let wish = world.wish(1, [400, 100]);
    world.command(0, Command::Open(wish)).unwrap();
    let (_, bytes) = world.nodes[0].sent.pop().unwrap();
    world.links.clear();
    let Message::ChannelOpen(mut open) = message(&bytes) else {
        panic!()
    };
    change(&mut open);
    world.inject(0, 1, &Message::ChannelOpen(open));
    let offered = offers(&world, 1) == 1;
    (world, offered)
}

// req: E14, E19, E22, E23, E24, E25, E28, E30, E31, E32
#[test]
fn an_offer_that_must_or_may_be_refused_is_refused_with_an_error() {
    assert!(answer_to(|_| ()).1, "the unchanged offer is good");
    type Change = fn(&mut ChannelOpen);
    let changes: [(&str, Change); 13] = [
        ("chain", |open| open.chain_id += 1),
        ("adjudicator", |open| {
            open.adjudicator = Address::repeat_byte(1)
        }),
        ("signer", |open| open.signer = Address::repeat_byte(1)),
        ("no payout", |open| open.payout = Address::ZERO),
        ("payout to the contract", |open| {
            open.payout = open.adjudicator
        }),
        ("push beyond the deposit", |open| {
            open.push_amount = amount(401)
        }),
        ("push into the reserve", |open| {
            (open.push_amount, open.reserve) = (amount(380), amount(21));
        }),
        ("period too short", |open| open.finalization_period = 59),
        ("period too long", |open| {
            open.finalization_period = u32::MAX
        }),
        ("reserve", |open| open.reserve = amount(51)),
        ("responder's deposit", |open| {
            open.responder_amount = amount(101)
        }),
        ("too much", |open| open.initiator_amount = amount(1 << 91)),
        ("nothing", |open| {
            (open.initiator_amount, open.responder_amount) = (Amount::ZERO, Amount::ZERO);
        }),
    ];
    for (name, change) in changes {
        let (world, offered) = answer_to(change);
        assert!(!offered, "{name}");
        assert_eq!(codes(&world, 1), [97], "{name}");
    }
}

// req: E20, E26, GAP-K2
#[test]
fn a_temporary_id_is_used_once_and_offers_are_capped() {
    let (mut world, _) = answer_to(|_| ());
    let wish = world.wish(1, [5, 0]);
    world.command(0, Command::Open(wish.clone())).unwrap();
    assert!(matches!(
        world.command(0, Command::Open(wish)),
        Err(Error::Terms(_))
    ));
    let Message::ChannelOpen(mut open) = world.last_sent(0) else {
        panic!()
    };
    world.inject(0, 1, &Message::ChannelOpen(open.clone()));
    open.salt = B256::ZERO;
    world.inject(0, 1, &Message::ChannelOpen(open.clone()));
    assert_eq!(codes(&world, 1), [97], "another offer under a known id");
    for number in 0..20 {
        open.temporary_id = B256::repeat_byte(number);
        world.inject(0, 1, &Message::ChannelOpen(open.clone()));
    }
    assert_eq!(offers(&world, 1), 16);
}

/// Whether an initiator takes an acceptance that differs from a good one.
fn takes(change: impl FnOnce(&mut ChannelAccept)) -> bool {
    let mut world = World::new(2);
    let wish = world.wish(1, [400, 100]);
    world.command(0, Command::Open(wish)).unwrap();
    world.deliver_all();
    let Message::ChannelOpen(open) = world.last_sent(0) else {
        panic!()
    };
    let join = Command::Join {
        temporary_id: open.temporary_id,
        seed: B256::ZERO,
    };
    world.command(1, join).unwrap();
    let Message::ChannelAccept(mut accept) = world.last_sent(1) else {
        panic!()
    };
    world.links.clear();
    change(&mut accept);
    world.inject(1, 0, &Message::ChannelAccept(accept));
    let ended = world.nodes[0]
        .events
        .iter()
        .any(|event| matches!(event, Event::ConversationEnded { .. }));
    let taken = world.nodes[0].engine.channels().len() == 1;
    assert_ne!(taken, ended);
    taken
}

// req: E33, E34, E35, E36, E38, GAP-E4
#[test]
fn an_acceptance_must_repeat_the_offer() {
    assert!(takes(|_| ()));
    assert!(!takes(|accept| accept.chain_id += 1));
    assert!(!takes(|accept| accept.adjudicator = Address::repeat_byte(1)));
    assert!(!takes(|accept| accept.initiator_amount = amount(1)));
    assert!(!takes(|accept| accept.responder_amount = amount(1)));
    assert!(!takes(|accept| accept.push_amount = amount(1)));
    assert!(!takes(|accept| accept.terms.finalization_period = 60));
    assert!(!takes(|accept| accept.terms.token = Address::repeat_byte(1)));
    assert!(!takes(|accept| accept.terms.salt = B256::ZERO));
    assert!(!takes(
        |accept| accept.terms.signers.one = Address::repeat_byte(1)
    ));
    assert!(!takes(|accept| accept.terms.payouts.one = Address::ZERO));
    assert!(!takes(|accept| accept.minimum_depth = 1001));
}

// req: E40, E41
#[test]
fn a_bad_signature_on_the_first_state_ends_the_opening() {
    for responder in [true, false] {
        let mut world = World::new(2);
        let wish = world.wish(1, [400, 100]);
        world.command(0, Command::Open(wish)).unwrap();
        world.deliver_all();
        let Message::ChannelOpen(open) = world.last_sent(0) else {
            panic!()
        };
        let join = Command::Join {
            temporary_id: open.temporary_id,
            seed: B256::ZERO,
        };
        world.command(1, join).unwrap();
        world.deliver(1, 0);
        let Message::FundingCreated(mut created) = world.last_sent(0) else {
            panic!()
        };
        if responder {
            created.signature = Signature::new(B256::repeat_byte(1), B256::repeat_byte(2));
            world.links.clear();
            world.inject(0, 1, &Message::FundingCreated(created));
            assert!(world.nodes[1].engine.channels().is_empty());
        } else {
            world.deliver(0, 1);
            world.links.clear();
            let Message::FundingSigned(mut signed) = world.last_sent(1) else {
                panic!()
            };
            signed.signature = Signature::new(B256::repeat_byte(1), B256::repeat_byte(2));
            let before = world.chain.calls.len();
            world.inject(1, 0, &Message::FundingSigned(signed.clone()));
            assert_eq!(world.channel(0, signed.channel).phase, Phase::Stopped);
            assert_eq!(world.chain.calls.len(), before, "no money moves");
        }
    }
}

// req: E43, E44
#[test]
fn a_channel_is_open_only_after_both_have_seen_the_minimum_depth() {
    let mut world = World::new(2);
    let wish = world.wish(1, [400, 100]);
    let id = world.agree(0, 1, wish);
    // The responder deposits in the block after the initiator's.
    for _ in 0..=DEPTH {
        world.mine(12);
        assert!(
            !codes(&world, 0).contains(&6),
            "funding_locked came too early"
        );
    }
    world.mine_silently(12);
    world.tell(0);
    world.deliver_all();
    assert!(codes(&world, 0).contains(&6));
    assert_eq!(
        world.channel(0, id).phase,
        Phase::Funding,
        "the other side has not seen it"
    );
    assert_eq!(
        world.command(0, pay(id, 1)),
        Err(Error::Refused(Reason::ShuttingDown))
    );
    world.tell(1);
    world.deliver_all();
    assert_eq!(world.channel(0, id).phase, Phase::Open);
    assert_eq!(world.channel(1, id).phase, Phase::Open);
}

// req: E9, E60
#[test]
fn offers_can_be_declined_and_repeated() {
    let (mut world, _) = answer_to(|_| ());
    let offered = world.nodes[1].events.iter().find_map(|event| match event {
        Event::ChannelOffered { offer, .. } => Some(offer.temporary_id),
        _ => None,
    });
    let temporary_id = offered.unwrap();
    world.connect(0, 1);
    world.deliver_all();
    assert_eq!(offers(&world, 1), 1, "a repeated offer is the same offer");
    world.command(1, Command::Decline { temporary_id }).unwrap();
    world.deliver_all();
    let ended = |event: &Event| matches!(event, Event::ConversationEnded { .. });
    assert!(world.nodes[0].events.iter().any(ended));
    assert_eq!(
        world.command(1, Command::Decline { temporary_id }),
        Err(Error::UnknownOffer(temporary_id))
    );
}

// req: E43
#[test]
fn funding_locked_before_the_first_state_is_a_fault() {
    let mut world = World::new(2);
    let wish = world.wish(1, [400, 0]);
    world.command(0, Command::Open(wish)).unwrap();
    world.deliver_all();
    let Message::ChannelOpen(open) = world.last_sent(0) else {
        panic!()
    };
    let join = Command::Join {
        temporary_id: open.temporary_id,
        seed: B256::ZERO,
    };
    world.command(1, join).unwrap();
    world.deliver(1, 0);
    let id = world.nodes[0].engine.channels()[0].id;
    let locked = FundingLocked {
        channel: id,
        deposits: Pair::default(),
    };
    world.inject(1, 0, &Message::FundingLocked(locked));
    assert_eq!(world.channel(0, id).phase, Phase::Stopped);
}

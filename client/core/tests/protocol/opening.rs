//! From the offer to an open channel.

use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Command, Event, OpenChannel};
use counterfoil_core::engine::Error;
use counterfoil_core::types::{B256, Pair};
use counterfoil_core::wire::{ChannelAccept, ChannelOpen, FundingLocked, Message, Reason};
use counterfoil_sim::{DEPTH, World, amount, message, pay};

/// Node 0 offers node 1 a channel; the offer, which has arrived.
pub(crate) fn offered(world: &mut World, wish: OpenChannel) -> ChannelOpen {
    world.command(0, Command::Open(wish)).unwrap();
    world.deliver_all();
    let Message::ChannelOpen(open) = world.last_sent(0) else {
        panic!()
    };
    open
}

/// Node 1 agrees to what node 0 offers; its acceptance, which is on its way.
pub(crate) fn accepted(world: &mut World, wish: OpenChannel) -> ChannelAccept {
    let temporary_id = offered(world, wish).temporary_id;
    let seed = world.word();
    let join = Command::Join { temporary_id, seed };
    world.command(1, join).unwrap();
    let Message::ChannelAccept(accept) = world.last_sent(1) else {
        panic!()
    };
    accept
}

/// The codes that a node has sent, in order of sending.
pub(crate) fn codes(world: &World, node: usize) -> Vec<u8> {
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

// req: E2, E17, E42, GAP-E9
#[test]
fn money_moves_only_after_both_have_signed_the_first_state() {
    let mut world = World::new(2);
    let wish = world.wish(1, [400, 100]);
    accepted(&mut world, wish);
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

// req: E20, E26, GAP-K2
#[test]
fn a_temporary_id_is_used_once_and_offers_are_capped() {
    let mut world = World::new(2);
    let wish = world.wish(1, [5, 0]);
    let mut open = offered(&mut world, wish.clone());
    assert!(matches!(
        world.command(0, Command::Open(wish)),
        Err(Error::Terms(_))
    ));
    world.inject(0, 1, &Message::ChannelOpen(open.clone()));
    assert!(codes(&world, 1).is_empty(), "a repeat is the same offer");
    open.salt = B256::ZERO;
    world.inject(0, 1, &Message::ChannelOpen(open.clone()));
    assert_eq!(codes(&world, 1), [97], "another offer under a known id");
    for number in 0..20 {
        open.temporary_id = B256::repeat_byte(number);
        world.inject(0, 1, &Message::ChannelOpen(open.clone()));
    }
    assert_eq!(offers(&world, 1), 16);
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

// req: E60
#[test]
fn an_offer_is_repeated_on_a_new_link_and_can_be_declined_once() {
    let mut world = World::new(2);
    let wish = world.wish(1, [400, 100]);
    let temporary_id = offered(&mut world, wish).temporary_id;
    world.connect(0, 1);
    world.deliver_all();
    assert_eq!(codes(&world, 0), [1, 1]);
    assert_eq!(offers(&world, 1), 1, "a repeated offer is the same offer");
    world.command(1, Command::Decline { temporary_id }).unwrap();
    world.deliver_all();
    let ended = |event: &Event| matches!(event, Event::ConversationEnded { channel, .. } if channel.0 == temporary_id);
    assert!(world.nodes[0].events.iter().any(ended));
    assert_eq!(
        world.command(1, Command::Decline { temporary_id }),
        Err(Error::UnknownOffer(temporary_id))
    );
    world.connect(0, 1);
    assert_eq!(codes(&world, 0), [1, 1], "it is forgotten");
}

// req: E43
#[test]
fn funding_locked_before_the_first_state_is_a_fault() {
    let mut world = World::new(2);
    let wish = world.wish(1, [400, 0]);
    accepted(&mut world, wish);
    world.deliver(1, 0);
    let id = world.nodes[0].engine.channels()[0].id;
    let locked = FundingLocked {
        channel: id,
        deposits: Pair::default(),
    };
    world.inject(1, 0, &Message::FundingLocked(locked));
    assert_eq!(
        world.channel(0, id).phase,
        Phase::Closed,
        "it never came to life"
    );
}

//! What two nodes say to each other that changes no state: words, pings, warnings, and the end of a conversation.

use crate::hostile::fingerprint;
use crate::opening::codes;
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Command, Effect, Event};
use counterfoil_core::engine::Error;
use counterfoil_core::types::{B256, ChannelId};
use counterfoil_core::wire::{ErrorMessage, InbandMessage, MAX_INBAND, Message, Pong, Reason};
use counterfoil_sim::{Puppet, World, content, pay, paying};

// req: E5, E9
#[test]
fn words_of_one_user_reach_the_other_in_both_directions_and_no_disk() {
    let (mut world, id) = World::pair([400, 100]);
    for node in 0..2 {
        for length in [0, 1, MAX_INBAND] {
            let bytes = alloy_primitives::Bytes::from(vec![7; length]);
            let before = [fingerprint(&world, 0), fingerprint(&world, 1)];
            let effects = world.nodes[1 - node].effects.len();
            let say = Command::Message {
                channel: id,
                bytes: bytes.clone(),
            };
            world.command(node, say).unwrap();
            world.deliver_all();
            let heard = Event::Message { channel: id, bytes };
            let new = &world.nodes[1 - node].effects[effects..];
            assert_eq!(new, [Effect::Notify(heard)]);
            assert_eq!([fingerprint(&world, 0), fingerprint(&world, 1)], before);
        }
    }
}

// req: E8, E9, A52
#[test]
fn words_that_are_too_long_are_not_said_and_not_heard_and_end_nothing() {
    let (mut world, id) = World::pair([400, 100]);
    for node in 0..2 {
        let bytes = alloy_primitives::Bytes::from(vec![7; MAX_INBAND + 1]);
        let before = [fingerprint(&world, 0), fingerprint(&world, 1)];
        let say = Command::Message {
            channel: id,
            bytes: bytes.clone(),
        };
        assert_eq!(
            world.command(node, say),
            Err(Error::Refused(Reason::TooLarge))
        );
        assert!(world.busy_links().is_empty());
        let events = world.nodes[node].events.len();
        let long = InbandMessage { channel: id, bytes };
        world.inject(1 - node, node, &Message::InbandMessage(long));
        assert!(matches!(world.last_sent(node), Message::Warning(_)));
        assert_eq!(world.nodes[node].events.len(), events);
        world.deliver_all();
        let warned = world.nodes[1 - node].events.last();
        assert!(matches!(warned, Some(Event::Warned { channel, .. }) if *channel == id));
        assert_eq!([fingerprint(&world, 0), fingerprint(&world, 1)], before);
    }
    assert_eq!(world.channel(0, id).phase, Phase::Open);
}

// req: E9, K35
#[test]
fn words_about_an_unknown_channel_and_of_a_stranger_are_answered_alike() {
    let mut world = World::new(3);
    let id = world.open(0, 1, [400, 100]);
    let bytes = alloy_primitives::Bytes::from_static(b"hello");
    let unknown = ChannelId(B256::repeat_byte(9));
    let say = Command::Message {
        channel: unknown,
        bytes: bytes.clone(),
    };
    assert_eq!(world.command(0, say), Err(Error::UnknownChannel(unknown)));
    let mut answers = Vec::new();
    let events = world.nodes[1].events.len();
    for (from, channel) in [(2, id), (2, unknown), (0, unknown)] {
        let words = InbandMessage {
            channel,
            bytes: bytes.clone(),
        };
        world.inject(from, 1, &Message::InbandMessage(words));
        let Message::Error(ErrorMessage {
            channel: about,
            text,
        }) = world.last_sent(1)
        else {
            panic!()
        };
        assert_eq!(about, channel);
        answers.push(text);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    assert_eq!(world.nodes[1].events.len(), events);
    assert_eq!(world.channel(1, id).phase, Phase::Open);
}

// req: E9
#[test]
fn a_ping_comes_back_with_its_token_also_without_a_channel() {
    let mut world = World::new(2);
    for (node, token) in [(0, 0), (1, 7), (0, u64::MAX)] {
        let before = [fingerprint(&world, 0), fingerprint(&world, 1)];
        let peer = world.address(1 - node);
        world.command(node, Command::Ping { peer, token }).unwrap();
        world.deliver_all();
        let last = world.nodes[node].events.last();
        assert_eq!(last, Some(&Event::Pong { peer, token }));
        assert_eq!([fingerprint(&world, 0), fingerprint(&world, 1)], before);
    }
    assert_eq!(codes(&world, 0), [91, 93, 91]);
    assert_eq!(codes(&world, 1), [93, 91, 93]);
    // One that nobody asked for is news, and asks for nothing.
    world.inject(0, 1, &Message::Pong(Pong { token: 3 }));
    assert_eq!(codes(&world, 1).len(), 3);
}

// req: E8, GAP-E7
#[test]
fn a_warning_is_read_by_the_other_user_and_ends_nothing() {
    let (mut world, id) = World::pair([400, 100]);
    for node in 0..2 {
        for channel in [id, ChannelId(B256::ZERO)] {
            let before = [fingerprint(&world, 0), fingerprint(&world, 1)];
            let peer = world.address(1 - node);
            let text = "your clock is slow".to_owned();
            let warn = Command::Warn {
                peer,
                channel,
                text: text.clone(),
            };
            world.command(node, warn).unwrap();
            world.deliver_all();
            let peer = world.address(node);
            let warned = Event::Warned {
                peer,
                channel,
                text,
            };
            assert_eq!(world.nodes[1 - node].events.last(), Some(&warned));
            assert_eq!([fingerprint(&world, 0), fingerprint(&world, 1)], before);
        }
        world.pay(node, id, 1);
        world.deliver_all();
    }
    world.assert_agreed(0, 1, id);
}

// req: E6, E7, E8, E54, GAP-E7
#[test]
fn a_fault_ends_the_conversation_for_both_and_each_can_close_with_the_newest_state() {
    for liar in 0..2 {
        for challenger in 0..2 {
            let (mut world, id) = World::pair([400, 100]);
            world.pay(0, id, 30);
            world.deliver_all();
            // One side, or whoever has its link, says something that cannot be.
            let puppet = Puppet::of(&world, liar, id);
            let number = if liar == 0 { 6 } else { 5 };
            let forged = puppet.update(number, 4, vec![paying(5)], &content(-400, &[]));
            let honest = 1 - liar;
            world.inject(liar, honest, &Message::Update(forged));
            let Message::Error(error) = world.last_sent(honest) else {
                panic!()
            };
            assert_eq!(error.channel, id);
            world.deliver_all();
            for node in 0..2 {
                assert_eq!(world.channel(node, id).phase, Phase::Stopped);
                let refused = world.command(node, pay(id, 1));
                assert_eq!(refused, Err(Error::Refused(Reason::ShuttingDown)));
                let sent = world.nodes[node].sent.len();
                world.connect(0, 1);
                world.deliver_all();
                let states = |code: &u8| [7, 8, 9].contains(code);
                assert!(!codes(&world, node)[sent..].iter().any(states));
                assert_eq!(world.channel(node, id).phase, Phase::Stopped);
                let close = world.command(node, Command::Close { channel: id });
                assert_eq!(close, Err(Error::Phase(Phase::Stopped)));
            }
            assert!(world.nodes[honest].events.iter().any(|event| {
                matches!(event, Event::ConversationEnded { channel, .. } if *channel == id)
            }));
            let challenge = Command::Challenge { channel: id };
            world.command(challenger, challenge).unwrap();
            world.finalize(world.chain.now() + 3600);
            let paid = world
                .chain
                .paid(id)
                .into_array()
                .map(|paid| paid.to::<u128>());
            assert_eq!(paid, [370, 130]);
        }
    }
}

// A frame without content went out instead, which the peer could not read.
// req: E8, A52
#[test]
fn a_warning_that_fits_no_frame_is_refused_and_not_sent() {
    let (mut world, id) = World::pair([400, 100]);
    let before = fingerprint(&world, 0);
    let warn = Command::Warn {
        peer: world.address(1),
        channel: id,
        text: "x".repeat(70_000),
    };
    let refused = Err(Error::Refused(Reason::TooLarge));
    assert_eq!(world.command(0, warn), refused);
    assert!(world.busy_links().is_empty());
    assert_eq!(fingerprint(&world, 0), before);
}

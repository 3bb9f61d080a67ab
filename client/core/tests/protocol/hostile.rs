//! A peer that breaks the protocol: the conversation ends, nothing is signed, nothing is lost.

use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Event, Input};
use counterfoil_core::engine::Error;
use counterfoil_core::state::Signature;
use counterfoil_core::types::{B256, ChannelId, Nonce};
use counterfoil_core::wire::{ErrorMessage, Message, Update, Warning};
use counterfoil_sim::{Puppet, World, content, pay, paying};
use proptest::prelude::*;
use std::hash::{Hash, Hasher};

/// What a node will do next depends on this number and on its inputs only.
pub(crate) fn fingerprint(world: &World, node: usize) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    world.nodes[node].engine.hash(&mut hasher);
    hasher.finish()
}

fn ends(update: impl FnOnce(&Puppet) -> Update) {
    let (mut world, id) = World::pair([400, 400]);
    let puppet = Puppet::of(&world, 0, id);
    let summary = world.channel(1, id);
    let update = update(&puppet);
    world.inject(0, 1, &Message::Update(update));
    assert_eq!(world.last_sent(1).code(), 97, "an error, and no signature");
    let after = world.channel(1, id);
    assert_eq!(after.phase, Phase::Stopped);
    assert_eq!(
        (after.nonce, after.balances),
        (summary.nonce, summary.balances)
    );
    let sent = world.nodes[1].sent.len();
    let good = puppet.update(4, 2, vec![paying(5)], &content(5, &[]));
    world.inject(0, 1, &Message::Update(good));
    assert_eq!(world.nodes[1].sent.len(), sent, "no further update");
    assert!(world.command(1, pay(id, 1)).is_err());
}

// req: A27, A37, E7, E8, E47, GAP-E7
#[test]
fn an_invalid_proposal_ends_the_conversation_and_nothing_is_signed() {
    let five = content(5, &[]);
    let pays = || vec![paying(5)];
    ends(|puppet| puppet.update(4, 2, pays(), &content(6, &[])));
    ends(|puppet| Update {
        signature: Signature::NONE,
        ..puppet.update(4, 2, pays(), &five)
    });
    ends(|puppet| {
        let good = puppet.update(4, 2, pays(), &five);
        let mut vs = good.signature.vs();
        vs.0[0] ^= 0x80;
        Update {
            signature: Signature::new(good.signature.r(), vs),
            ..good
        }
    });
    ends(|puppet| puppet.update(3, 2, pays(), &five));
    ends(|puppet| puppet.update(6, 2, pays(), &five));
    ends(|puppet| puppet.update(Nonce::MAX.number() - 1, 2, pays(), &five));
    ends(|puppet| puppet.update(4, 0, pays(), &five));
    ends(|puppet| puppet.update(4, 4, pays(), &five));
    ends(|puppet| Update {
        answers: Nonce::new(3).unwrap(),
        ..puppet.update(4, 2, pays(), &five)
    });
    ends(|puppet| puppet.update(4, 2, vec![paying(1); 513], &content(513, &[])));
}

// Money at risk: everything on the node. A crossing update of thousands of operations that do not apply made a list of
// refusals longer than a frame; the record of it could not be read at the next start.
// req: A52, GAP-K2
#[test]
fn a_crossing_of_more_operations_than_allowed_leaves_a_store_that_starts() {
    let (mut world, id) = World::pair([400, 400]);
    let puppet = Puppet::of(&world, 1, id);
    world.pay(0, id, 1);
    let many = vec![paying(0); 8_000];
    world.inject(
        1,
        0,
        &Message::Update(puppet.update(3, 2, many, &content(0, &[]))),
    );
    assert_eq!(world.channel(0, id).phase, Phase::Stopped);
    world.crash(0);
    assert_eq!(world.balances(0, id), [400, 400]);
}

// req: GAP-E2, GAP-E8
#[test]
fn another_proposal_at_a_nonce_that_was_seen_is_a_fault() {
    for held in [false, true] {
        let (mut world, id) = World::pair([400, 400]);
        let puppet = Puppet::of(&world, 0, id);
        if held {
            world.pay(1, id, 1);
        }
        let first = puppet.update(4, 2, vec![paying(5)], &content(5, &[]));
        let second = puppet.update(4, 2, vec![paying(6)], &content(6, &[]));
        world.inject(0, 1, &Message::Update(first.clone()));
        world.inject(0, 1, &Message::Update(first));
        assert_eq!(
            world.channel(1, id).phase,
            Phase::Open,
            "a repeat is harmless"
        );
        world.inject(0, 1, &Message::Update(second));
        assert_eq!(world.channel(1, id).phase, Phase::Stopped);
    }
}

// req: GAP-E8
#[test]
fn only_participant_0_answers_a_crossing() {
    let (mut world, id) = World::pair([400, 400]);
    let puppet = Puppet::of(&world, 1, id);
    world.pay(0, id, 1);
    let merge = puppet.update(5, 2, Vec::new(), &content(1, &[]));
    world.inject(
        1,
        0,
        &Message::Update(Update {
            answers: Nonce::new(4).unwrap(),
            ..merge
        }),
    );
    assert_eq!(world.channel(0, id).phase, Phase::Stopped);
}

// req: E1, A37
#[test]
fn an_answer_that_nobody_asked_for_or_that_is_not_signed_is_a_fault() {
    for number in [4, 6] {
        let (mut world, id) = World::pair([400, 400]);
        let puppet = Puppet::of(&world, 1, id);
        world.pay(0, id, 1);
        let wrong = content(if number == 4 { 2 } else { 1 }, &[]);
        world.inject(1, 0, &puppet.ack(number, &wrong));
        assert_eq!(world.channel(0, id).phase, Phase::Stopped);
        assert_eq!(world.balances(0, id), [400, 400]);
    }
}

// Money at risk: none; privacy. The answer told a stranger who the other participant is.
// req: K35
#[test]
fn a_stranger_learns_no_more_than_that_there_is_no_channel() {
    let mut world = World::new(3);
    let id = world.open(0, 1, [400, 0]);
    let puppet = Puppet::of(&world, 0, id);
    let answer_to = |world: &mut World, channel: ChannelId| {
        let update = Update {
            channel,
            ..puppet.update(4, 2, vec![paying(5)], &content(5, &[]))
        };
        world.inject(2, 1, &Message::Update(update));
        let Message::Error(error) = world.last_sent(1) else {
            panic!()
        };
        error.text
    };
    let about_ours = answer_to(&mut world, id);
    let about_none = answer_to(&mut world, ChannelId(B256::ZERO));
    assert_eq!(about_ours, about_none);
    assert_eq!(world.balances(1, id), [400, 0]);
    assert_eq!(world.channel(1, id).phase, Phase::Open);
}

// req: E6, E7, GAP-E7
#[test]
fn an_error_of_the_peer_stops_updates_and_closes_nothing_and_a_warning_does_not() {
    let (mut world, id) = World::pair([400, 0]);
    let text = "\u{1b}[31mred\n".repeat(100);
    world.inject(
        0,
        1,
        &Message::Warning(Warning {
            channel: id,
            text: text.clone(),
        }),
    );
    assert_eq!(world.channel(1, id).phase, Phase::Open);
    world.inject(0, 1, &Message::Error(ErrorMessage { channel: id, text }));
    assert_eq!(world.channel(1, id).phase, Phase::Stopped);
    let plain = |event: &Event| match event {
        Event::Warned { text, .. } | Event::ConversationEnded { text, .. } => {
            assert!(text.len() <= 200 && !text.contains('\u{1b}'));
            true
        }
        _ => false,
    };
    assert_eq!(
        world.nodes[1]
            .events
            .iter()
            .filter(|event| plain(event))
            .count(),
        2
    );
    assert_eq!(
        world.chain.calls.len(),
        1,
        "nothing but the deposit went to the chain"
    );
    world.mine(12);
    assert_eq!(world.chain.calls.len(), 1);
}

// req: A52
#[test]
fn bytes_that_are_no_message_change_nothing() {
    let (mut world, id) = World::pair([400, 0]);
    let before = (
        world.nodes[1].store.clone(),
        world.nodes[1].engine.channels(),
    );
    for bytes in [
        vec![],
        vec![0],
        vec![0, 1, 8],
        vec![0, 2, 200, 0xc0],
        vec![0xff; 70_000],
    ] {
        let peer = world.address(0);
        let result = world.input(1, Input::Frame { peer, bytes });
        assert!(matches!(result, Err(Error::Frame { .. })));
    }
    assert_eq!(
        before,
        (
            world.nodes[1].store.clone(),
            world.nodes[1].engine.channels()
        )
    );
    assert_eq!(world.channel(1, id).phase, Phase::Open);
}

proptest! {
    // req: A52, E3
    #[test]
    fn mutated_frames_neither_panic_nor_create_money(
        mutations in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..40),
    ) {
        let (mut world, id) = World::pair([400, 400]);
        for round in 0..3 {
            world.pay(0, id, 5 + round);
            world.pay(1, id, 3);
            world.deliver_all();
        }
        let frames: Vec<(usize, Vec<u8>)> = world.nodes[0].sent.clone();
        for (which, place, byte, kind) in mutations {
            let mut bytes = which.get(&frames).1.clone();
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.truncate(at),
                _ => bytes.insert(at, byte),
            }
            // The length field is made to fit, so that the body is reached.
            if bytes.len() >= 3 && kind > 0 {
                let length = u16::try_from(bytes.len() - 2).unwrap().to_be_bytes();
                bytes[..2].copy_from_slice(&length);
            }
            let peer = world.address(0);
            let _ = world.input(1, Input::Frame { peer, bytes });
            let balances = world.balances(1, id);
            prop_assert_eq!(balances[0] + balances[1], 800);
            prop_assert!(balances[1] >= 400, "the receiver of frames never pays by them");
        }
        world.crash(1);
        prop_assert!(world.balances(1, id)[1] >= 400);
    }

    // req: A52
    #[test]
    fn random_bytes_do_not_panic(bodies in proptest::collection::vec((any::<u8>(), proptest::collection::vec(any::<u8>(), 0..200)), 1..50)) {
        let (mut world, id) = World::pair([400, 0]);
        for (code, body) in bodies {
            let mut bytes = u16::try_from(body.len() + 1).unwrap().to_be_bytes().to_vec();
            bytes.push(code);
            bytes.extend(body);
            let peer = world.address(0);
            let _ = world.input(1, Input::Frame { peer, bytes });
        }
        prop_assert_eq!(world.balances(1, id), [400, 0]);
    }
}

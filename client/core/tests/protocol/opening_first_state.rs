//! The first state: both sign it before money moves, and nothing else passes for its signatures.

use crate::hostile::fingerprint;
use crate::opening::accepted;
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Call, Command, Effect, Event, OpenChannel, RecordId};
use counterfoil_core::engine::Error;
use counterfoil_core::state::{Signature, SigningKey};
use counterfoil_core::types::{B256, ChannelId, Nonce};
use counterfoil_core::wire::{
    ChannelAccept, ErrorMessage, FundingCreated, FundingSigned, Message, Shutdown,
};
use counterfoil_sim::{Puppet, World, amount, content, message};

/// Both agree on a channel with a push amount of 20; nothing is signed yet, and nothing is on its way.
fn agreed() -> (World, ChannelAccept) {
    let mut world = World::new(3);
    let wish = OpenChannel {
        push_amount: amount(20),
        ..world.wish(1, [400, 100])
    };
    let accept = accepted(&mut world, wish);
    (world, accept)
}

/// Signatures of `signer` that are not its signature on the first state, each with what is wrong with it.
fn wrong_signatures(world: &World, signer: usize, id: ChannelId) -> Vec<(&'static str, Signature)> {
    let puppet = Puppet::of(world, signer, id);
    let good = puppet.sign(2, &content(20, &[]));
    let mut stranger = Puppet::of(world, signer, id);
    stranger.key = SigningKey::from_secret(&B256::repeat_byte(0x77)).unwrap();
    let elsewhere = Puppet::of(world, signer, ChannelId(B256::repeat_byte(9)));
    let other_side = Puppet::of(world, 1 - signer, id);
    let mut high = good.vs();
    high.0[0] ^= 0x80;
    vec![
        ("none", Signature::NONE),
        (
            "noise",
            Signature::new(B256::repeat_byte(1), B256::repeat_byte(2)),
        ),
        ("the mirrored one", Signature::new(good.r(), high)),
        ("of the other side", other_side.sign(2, &content(20, &[]))),
        ("of a stranger", stranger.sign(2, &content(20, &[]))),
        ("on less", puppet.sign(2, &content(19, &[]))),
        ("on more", puppet.sign(2, &content(21, &[]))),
        ("on the next state", puppet.sign(4, &content(20, &[]))),
        ("on another channel", elsewhere.sign(2, &content(20, &[]))),
    ]
}

// req: E17, E39, E40, E42
#[test]
fn a_responder_signs_and_stores_nothing_without_the_initiators_signature_on_the_agreed_state() {
    let (world, accept) = agreed();
    let id = accept.terms.channel_id();
    let good = Puppet::of(&world, 0, id).sign(2, &content(20, &[]));
    let mut cases: Vec<(&str, ChannelId, Signature)> = wrong_signatures(&world, 0, id)
        .into_iter()
        .map(|(wrong, signature)| (wrong, id, signature))
        .collect();
    cases.push(("for another id", ChannelId(B256::ZERO), good));
    for (wrong, channel, signature) in cases {
        let (mut world, accept) = agreed();
        let created = FundingCreated {
            temporary_id: accept.temporary_id,
            channel,
            signature,
        };
        world.inject(0, 1, &Message::FundingCreated(created.clone()));
        assert_eq!(world.last_sent(1).code(), 97, "{wrong}");
        assert!(world.nodes[1].engine.channels().is_empty(), "{wrong}");
        assert!(world.nodes[1].store.is_empty(), "{wrong}");
        // The offer is gone: the right signature comes too late.
        let right = FundingCreated {
            channel: id,
            signature: good,
            ..created
        };
        world.inject(0, 1, &Message::FundingCreated(right));
        assert_eq!(world.last_sent(1).code(), 97, "{wrong}");
        assert!(world.nodes[1].engine.channels().is_empty(), "{wrong}");
    }
}

// req: E2, E41, E59
#[test]
fn an_initiator_deposits_nothing_without_the_responders_signature_on_the_first_state() {
    let (world, accept) = agreed();
    let id = accept.terms.channel_id();
    for (wrong, signature) in wrong_signatures(&world, 1, id) {
        let (mut world, _) = agreed();
        world.deliver(1, 0);
        let signed = |signature| {
            Message::FundingSigned(FundingSigned {
                channel: id,
                signature,
            })
        };
        world.inject(1, 0, &signed(signature));
        assert_eq!(world.channel(0, id).phase, Phase::Closed, "{wrong}");
        assert_eq!(world.last_sent(0).code(), 97, "{wrong}");
        let good = Puppet::of(&world, 1, id).sign(2, &content(20, &[]));
        world.inject(1, 0, &signed(good));
        world.connect(0, 1);
        world.mine(12);
        assert_eq!(world.channel(0, id).phase, Phase::Closed, "{wrong}");
        assert!(world.chain.calls.is_empty(), "{wrong}: no money moves");
    }
}

// req: E39, E41, E42
#[test]
fn first_signatures_that_are_repeated_are_answered_alike_and_change_nothing() {
    let (mut world, accept) = agreed();
    let id = accept.terms.channel_id();
    world.deliver_all();
    let frames = |world: &World, node: usize, code: u8| -> Vec<Vec<u8>> {
        let sent = world.nodes[node].sent.iter();
        let those = sent.filter(|(_, frame)| message(frame).code() == code);
        those.map(|(_, frame)| frame.clone()).collect()
    };
    let created = message(&frames(&world, 0, 4)[0]);
    let signed = message(&frames(&world, 1, 5)[0]);
    let before = [fingerprint(&world, 0), fingerprint(&world, 1)];
    let calls = world.chain.calls.len();
    world.inject(0, 1, &created);
    world.inject(1, 0, &signed);
    world.deliver_all();
    let answers = frames(&world, 1, 5);
    assert_eq!(answers.len(), 2, "the answer is given again");
    assert_eq!(answers[0], answers[1]);
    // A stranger's repeat of what it overheard is answered with nothing at all.
    world.inject(2, 1, &created);
    assert_eq!(frames(&world, 1, 5).len(), 2);
    world.inject(2, 0, &signed);
    assert_eq!(world.channel(0, id).phase, Phase::Funding);
    let after = [fingerprint(&world, 0), fingerprint(&world, 1)];
    assert_eq!(after, before);
    assert_eq!(world.chain.calls.len(), calls, "nothing is deposited twice");
}

// req: E10
#[test]
fn first_messages_out_of_order_or_of_the_wrong_side_open_nothing() {
    let (mut world, accept) = agreed();
    let id = accept.terms.channel_id();
    let created = FundingCreated {
        temporary_id: accept.temporary_id,
        channel: id,
        signature: Puppet::of(&world, 0, id).sign(2, &content(20, &[])),
    };
    let signed = FundingSigned {
        channel: id,
        signature: Puppet::of(&world, 1, id).sign(2, &content(20, &[])),
    };
    // Before the acceptance the initiator has no channel, before funding_created the responder has none.
    for (from, to, early) in [
        (1, 0, Message::FundingSigned(signed.clone())),
        (0, 1, Message::FundingSigned(signed.clone())),
        (2, 1, Message::FundingCreated(created.clone())),
    ] {
        let before = fingerprint(&world, to);
        world.inject(from, to, &early);
        assert_eq!(world.last_sent(to).code(), 97);
        assert_eq!(fingerprint(&world, to), before);
    }
    // The initiator made the offer; nobody creates the funding of it in its place.
    let before = fingerprint(&world, 0);
    world.inject(1, 0, &Message::FundingCreated(created.clone()));
    assert_eq!(fingerprint(&world, 0), before);
    assert!(world.nodes[0].engine.channels().is_empty());
    // The responder is told of its own signature.
    world.inject(0, 1, &Message::FundingCreated(created));
    assert_eq!(world.channel(1, id).phase, Phase::Funding);
    world.inject(0, 1, &Message::FundingSigned(signed));
    assert_eq!(world.channel(1, id).phase, Phase::Stopped);
}

// req: E59, E60
#[test]
fn until_both_have_signed_either_side_aborts_and_nobody_has_moved_money() {
    let bye = |channel| {
        Message::Error(ErrorMessage {
            channel,
            text: "bye".to_owned(),
        })
    };
    // The responder has agreed, the initiator calls it off.
    let (mut world, accept) = agreed();
    world.inject(0, 1, &bye(ChannelId(accept.temporary_id)));
    let ended = |world: &World, node: usize| {
        let ended = |event: &&Event| matches!(event, Event::ConversationEnded { .. });
        world.nodes[node].events.iter().filter(ended).count()
    };
    assert_eq!(ended(&world, 1), 1);
    world.deliver_all();
    assert!(
        world.nodes[1].engine.channels().is_empty(),
        "it signs no more"
    );
    assert!(world.chain.calls.is_empty());
    // The initiator has signed, the responder calls it off, or says shutdown where it can only abort.
    let (world, accept) = agreed();
    let id = accept.terms.channel_id();
    drop(world);
    for last in [
        bye(id),
        bye(ChannelId(accept.temporary_id)),
        Message::Shutdown(Shutdown { channel: id }),
    ] {
        let (mut world, _) = agreed();
        world.deliver(1, 0);
        assert_eq!(world.channel(0, id).phase, Phase::Created);
        world.inject(1, 0, &last);
        // The offer's own name has no meaning any more once it has become a channel.
        let meant = !matches!(&last, Message::Error(error) if error.channel != id);
        let expected = if meant { Phase::Closed } else { Phase::Created };
        assert_eq!(world.channel(0, id).phase, expected);
        for pointless in [
            Command::Close { channel: id },
            Command::Challenge { channel: id },
        ] {
            assert_eq!(world.command(0, pointless), Err(Error::Phase(expected)));
        }
        world.mine(12);
        let deposits = |effect: &Effect| matches!(effect, Effect::Submit(Call::Deposit { .. }));
        assert_eq!(world.nodes[0].effects.iter().any(deposits), !meant);
    }
}

// req: E3, E62
#[test]
fn the_first_state_is_stored_by_each_side_before_its_answer_or_its_deposit_leaves() {
    let (mut world, accept) = agreed();
    let id = accept.terms.channel_id();
    world.deliver_all();
    for node in 0..2 {
        assert!(
            world.nodes[node]
                .store
                .contains_key(&RecordId::State(id, Nonce::FIRST))
        );
        let effects = &world.nodes[node].effects;
        let is_channel = |effect: &Effect| matches!(effect, Effect::Persist(record) if record.id == RecordId::Channel(id));
        let says = |effect: &Effect| {
            let Effect::Send { frame, .. } = effect else {
                return false;
            };
            matches!(
                message(frame),
                Message::FundingCreated(_) | Message::FundingSigned(_)
            )
        };
        let stored = effects.iter().position(is_channel).unwrap();
        assert!(stored < effects.iter().position(says).unwrap());
        let summary = world.channel(node, id);
        world.crash(node);
        assert_eq!(world.channel(node, id), summary);
    }
}

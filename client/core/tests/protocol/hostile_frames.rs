//! What a peer of another version says, or one that is broken: it costs nobody anything but that frame.

use crate::hostile::fingerprint;
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::Input;
use counterfoil_core::engine::Error;
use counterfoil_core::types::Nonce;
use counterfoil_core::wire::{BadFrame, Message, Operation, Reason, Refused, Unsupported};
use counterfoil_sim::{Puppet, World, content, frame, paying};

// req: E8, E65, E66
#[test]
fn an_operation_of_a_later_version_is_refused_alone_and_in_a_crossing_and_the_conversation_goes_on()
{
    let unknown = || {
        Operation::Unsupported(Unsupported {
            kind: 7,
            body: vec![0xc1, 0x05].into(),
        })
    };
    let (mut world, id) = World::pair([100, 100]);
    let puppet = Puppet::of(&world, 0, id);
    let both = vec![paying(2), unknown()];
    let update = puppet.update(4, 2, both, &content(2, &[]));
    world.inject(0, 1, &Message::Update(update));
    let Message::UpdateError(refusal) = world.last_sent(1) else {
        panic!()
    };
    assert_eq!((refusal.index, refusal.reason), (1, Reason::NotSupported));
    assert_eq!(world.balances(1, id), [100, 100]);
    world.inject(0, 1, &puppet.ack(5, &content(0, &[])));
    let update = puppet.update(6, 5, vec![paying(3)], &content(3, &[]));
    world.inject(0, 1, &Message::Update(update));
    assert_eq!(world.balances(1, id), [97, 103]);

    let (mut world, id) = World::pair([100, 100]);
    let puppet = Puppet::of(&world, 1, id);
    world.pay(0, id, 5);
    let three = vec![paying(7), unknown(), paying(1)];
    let update = puppet.update(3, 2, three, &content(-8, &[]));
    world.inject(1, 0, &Message::Update(update));
    let Message::Update(merge) = world.last_sent(0) else {
        panic!()
    };
    let refused = Refused {
        index: 1,
        reason: Reason::NotSupported,
    };
    assert_eq!(merge.refused, [refused]);
    let number = merge.nonce.number();
    world.inject(1, 0, &puppet.ack(number, &content(-3, &[])));
    assert_eq!(world.balances(0, id), [103, 97]);
    assert_eq!(world.channel(0, id).phase, Phase::Open);
}

// req: E47, E49
#[test]
fn an_update_without_operations_that_answers_nothing_is_a_fault() {
    for from in 0..2 {
        let (mut world, id) = World::pair([100, 100]);
        let puppet = Puppet::of(&world, from, id);
        let number = if from == 0 { 4 } else { 3 };
        let update = puppet.update(number, 2, Vec::new(), &content(0, &[]));
        world.inject(from, 1 - from, &Message::Update(update));
        assert_eq!(world.channel(1 - from, id).phase, Phase::Stopped);
        assert_eq!(world.channel(1 - from, id).nonce, Nonce::FIRST);
    }
}

// req: A52, E4, E8
#[test]
fn a_frame_that_cannot_be_read_is_an_error_and_leaves_everything_as_it_was() {
    let (mut world, id) = World::pair([100, 100]);
    world.pay(1, id, 5);
    let update = frame(&Message::Update(Puppet::of(&world, 0, id).update(
        4,
        2,
        vec![paying(5)],
        &content(5, &[]),
    )));
    let mut even = update.clone();
    even[2] = 10;
    let mut torn = update.clone();
    torn.pop();
    let mut unreadable = update.clone();
    unreadable[3] = 0x01;
    let before = [fingerprint(&world, 0), fingerprint(&world, 1)];
    let store = world.nodes[1].store.clone();
    for bytes in [
        even,
        torn,
        unreadable,
        Vec::new(),
        vec![0],
        vec![0xff; 70_000],
    ] {
        let peer = world.address(0);
        let result = world.input(1, Input::Frame { peer, bytes });
        let Err(Error::Frame { peer: who, cause }) = result else {
            panic!()
        };
        assert_eq!(who, peer);
        assert!(matches!(
            cause,
            BadFrame::UnknownCode { code: 10 } | BadFrame::Length { .. } | BadFrame::Body { .. }
        ));
    }
    // An unknown odd code is for a later version, and is passed over.
    let peer = world.address(0);
    let bytes = vec![0, 2, 201, 0xc0];
    world.input(1, Input::Frame { peer, bytes }).unwrap();
    assert_eq!([fingerprint(&world, 0), fingerprint(&world, 1)], before);
    assert_eq!(world.nodes[1].store, store);
    world.deliver_all();
    world.assert_agreed(0, 1, id);
    assert_eq!(world.balances(0, id), [105, 95]);
}

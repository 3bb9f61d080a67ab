//! The limits of an update, each at its last good value and one beyond; what one side uses up is not the other's.

use crate::hostile::fingerprint;
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Command, Input};
use counterfoil_core::engine::Error;
use counterfoil_core::types::{B256, ChannelId, LockId, Nonce, Participant};
use counterfoil_core::wire::{Message, NewLock, Operation, Pay, Reason, Refused, Update, encode};
use counterfoil_sim::{Puppet, Survives, World, amount, content, locking, message, pay, paying};

fn locks(world: &World, first: u64, count: u64) -> Vec<Operation> {
    let expiry = world.expiry(5000);
    let lock = |number| locking(first + 2 * number, B256::repeat_byte(1), 2, expiry);
    (0..count).map(lock).collect()
}

fn with_locks(
    net: i128,
    sides: &[(Participant, &[Operation])],
) -> counterfoil_core::state::Content {
    let all: Vec<_> = sides
        .iter()
        .flat_map(|(side, locks)| locks.iter().map(|lock| (*side, lock.clone())))
        .collect();
    content(net, &all)
}

/// A channel in which node 0 holds as many locks of its own as it may; node 1 says nothing.
fn full() -> (World, ChannelId, Puppet, Vec<Operation>) {
    let (mut world, id) = World::pair([10_000, 10_000]);
    let puppet = Puppet::of(&world, 1, id);
    for number in 0..65_u8 {
        let send = Command::Send {
            channel: id,
            key: B256::repeat_byte(number + 1),
            amount: amount(2),
            expiry: world.expiry(5000),
            payload: alloy_primitives::Bytes::new(),
        };
        let expected = if number < 64 {
            Ok(())
        } else {
            Err(Error::Refused(Reason::TooManyLocks))
        };
        assert_eq!(world.queue(0, send), expected, "{number}");
    }
    world.end_turn(0, Survives::Everything);
    let Message::Update(update) = world.last_sent(0) else {
        panic!()
    };
    assert_eq!(update.operations.len(), 64);
    let after = with_locks(0, &[(Participant::Zero, &update.operations)]);
    world.inject(1, 0, &puppet.ack(4, &after));
    assert_eq!(world.channel(0, id).locks, 64);
    (world, id, puppet, update.operations)
}

// req: A18, K30
#[test]
fn a_side_with_64_locks_takes_64_of_the_other() {
    let (mut world, id, puppet, ours) = full();
    let theirs = locks(&world, 1, 64);
    let both = with_locks(
        0,
        &[(Participant::Zero, &ours), (Participant::One, &theirs)],
    );
    let update = puppet.update(5, 4, theirs, &both);
    world.inject(1, 0, &Message::Update(update));
    assert_eq!(world.channel(0, id).locks, 128);
}

// req: A18
#[test]
fn the_65th_lock_of_one_side_is_refused_alone_and_in_a_crossing_whatever_the_other_side_has() {
    // Alone: participant 0's 65th, while participant 1 has none.
    let (mut world, id) = World::pair([10_000, 10_000]);
    let puppet = Puppet::of(&world, 0, id);
    let many = locks(&world, 2, 65);
    let update = puppet.update(4, 2, many.clone(), &content(0, &[]));
    world.inject(0, 1, &Message::Update(update));
    let Message::UpdateError(refusal) = world.last_sent(1) else {
        panic!()
    };
    assert_eq!((refusal.index, refusal.reason), (64, Reason::TooManyLocks));
    // In a crossing: participant 1's 65th with node 0 at its own limit.
    let (mut world, id, puppet, ours) = full();
    let theirs = locks(&world, 1, 65);
    world.pay(0, id, 3);
    let update = puppet.update(5, 4, theirs.clone(), &content(0, &[]));
    world.inject(1, 0, &Message::Update(update));
    let Message::Update(merge) = world.last_sent(0) else {
        panic!()
    };
    let refused = Refused {
        index: 64,
        reason: Reason::TooManyLocks,
    };
    assert_eq!(merge.refused, [refused]);
    let merged = [
        (Participant::Zero, ours.as_slice()),
        (Participant::One, &theirs[..64]),
    ];
    let number = merge.nonce.number();
    world.inject(1, 0, &puppet.ack(number, &with_locks(3, &merged)));
    assert_eq!(world.channel(0, id).locks, 128);
    assert_eq!(world.channel(0, id).phase, Phase::Open);
}

// req: A18, GAP-K2
#[test]
fn an_update_has_at_most_512_operations() {
    for (count, taken) in [(1, true), (512, true), (513, false)] {
        let (mut world, id) = World::pair([1000, 0]);
        let puppet = Puppet::of(&world, 0, id);
        let after = content(count as i128, &[]);
        let update = puppet.update(4, 2, vec![paying(1); count], &after);
        world.inject(0, 1, &Message::Update(update));
        let expected = if taken { Phase::Open } else { Phase::Stopped };
        assert_eq!(world.channel(1, id).phase, expected, "{count}");
        let paid = if taken { count as i128 } else { 0 };
        assert_eq!(world.balances(1, id), [1000 - paid, paid]);
    }
}

fn tagged(bytes: usize) -> Operation {
    Operation::Pay(Pay {
        amount: amount(2),
        tag: vec![1; bytes].into(),
    })
}

fn loaded(world: &World, bytes: usize) -> Operation {
    let Operation::Lock(mut lock) = locks(world, 2, 1).remove(0) else {
        panic!()
    };
    lock.payload = vec![1; bytes].into();
    Operation::Lock(lock)
}

// req: A18, GAP-K2
#[test]
fn a_tag_has_32_bytes_and_a_payload_1024_wherever_they_come_from() {
    for (bytes, fits) in [(0, true), (32, true), (33, false)] {
        let (mut world, id) = World::pair([100, 0]);
        let command = Command::Pay {
            channel: id,
            amount: amount(2),
            tag: vec![1; bytes].into(),
        };
        let before = fingerprint(&world, 0);
        let result = world.command(0, command);
        assert_eq!(result.is_ok(), fits, "{bytes}");
        if !fits {
            assert_eq!(result, Err(Error::Refused(Reason::TooLarge)));
            assert_eq!(fingerprint(&world, 0), before);
        }
        let (world, _) = proposed(tagged(bytes), |_| content(2, &[]));
        check(&world, fits, bytes);
    }
    for (bytes, fits) in [(1024, true), (1025, false)] {
        let (mut world, id) = World::pair([100, 0]);
        let command = Command::Send {
            channel: id,
            key: B256::repeat_byte(1),
            amount: amount(2),
            expiry: world.expiry(5000),
            payload: vec![1; bytes].into(),
        };
        assert_eq!(world.command(0, command).is_ok(), fits, "{bytes}");
        let lock = loaded(&world, bytes);
        let (world, _) = proposed(lock.clone(), |_| {
            content(0, &[(Participant::Zero, lock.clone())])
        });
        check(&world, fits, bytes);
    }
}

fn check(world: &World, fits: bool, bytes: usize) {
    let frames = world.nodes[1].sent.iter();
    let answers = frames.filter_map(|(_, frame)| match message(frame) {
        Message::UpdateAck(_) => Some(None),
        Message::UpdateError(refusal) => Some(Some(refusal.reason)),
        _ => None,
    });
    let expected = (!fits).then_some(Reason::TooLarge);
    assert_eq!(answers.collect::<Vec<_>>(), [expected], "{bytes}");
}

/// What a puppet as participant 0 proposes to node 1.
fn proposed(
    operation: Operation,
    after: impl FnOnce(&World) -> counterfoil_core::state::Content,
) -> (World, ChannelId) {
    let (mut world, id) = World::pair([100, 100]);
    let puppet = Puppet::of(&world, 0, id);
    let update = puppet.update(4, 2, vec![operation], &after(&world));
    world.inject(0, 1, &Message::Update(update));
    (world, id)
}

// Money at risk: everything on the node, if it cannot say what it has stored. Own operations of the largest size cross as
// many refusals as there can be; the answer has to fit a frame, and to be read again at the next start.
// req: A52, E3, GAP-K2
#[test]
fn the_largest_merge_fits_a_frame_and_a_store() {
    let (mut world, id) = World::pair([100_000, 100_000]);
    let puppet = Puppet::of(&world, 1, id);
    for number in 0..60_u8 {
        let send = Command::Send {
            channel: id,
            key: B256::repeat_byte(number + 1),
            amount: amount(2),
            expiry: world.expiry(5000),
            payload: vec![7; 1024].into(),
        };
        world.queue(0, send).unwrap();
    }
    world.end_turn(0, Survives::Everything);
    let Message::Update(first) = world.last_sent(0) else {
        panic!()
    };
    let bytes: usize = first.operations.iter().map(alloy_rlp_length).sum();
    assert!(bytes <= 48 * 1024, "{bytes}");
    let next = alloy_rlp_length(&first.operations[0]);
    assert!(
        bytes + next > 48 * 1024,
        "the rest waits, and only the rest"
    );
    let update = puppet.update(3, 2, vec![paying(0); 512], &content(0, &[]));
    world.inject(1, 0, &Message::Update(update));
    let (_, sent) = world.nodes[0].sent.last().unwrap().clone();
    let Message::Update(merge) = message(&sent) else {
        panic!()
    };
    assert_eq!(merge.refused.len(), 512);
    assert_eq!(merge.operations, first.operations);
    assert!(sent.len() < 0xffff);
    world.crash(0);
    world.connect(0, 1);
    let repeated = world.nodes[0]
        .sent
        .iter()
        .filter(|(_, frame)| *frame == sent);
    assert_eq!(repeated.count(), 2, "the same bytes again");
}

fn alloy_rlp_length(operation: &Operation) -> usize {
    // A frame with one more operation is longer by that operation.
    let update = |operations| {
        let update = Update {
            channel: ChannelId(B256::ZERO),
            nonce: Nonce::FIRST,
            base: Nonce::FIRST,
            answers: Nonce::ZERO,
            refused: Vec::new(),
            operations,
            signature: counterfoil_core::state::Signature::NONE,
        };
        encode(&Message::Update(update)).unwrap().len()
    };
    let twenty = |count| vec![operation.clone(); count];
    update(twenty(21)) - update(twenty(20))
}

// req: GAP-K2
#[test]
fn a_hundred_thousand_operations_wait_and_not_one_more() {
    let (mut world, id) = World::pair([200_000, 0]);
    for _ in 0..100_000 {
        world.nodes[0]
            .engine
            .handle(Input::Command(pay(id, 1)))
            .unwrap();
    }
    let before = fingerprint(&world, 0);
    assert_eq!(
        world.queue(0, pay(id, 1)),
        Err(Error::Refused(Reason::TooLarge))
    );
    assert_eq!(fingerprint(&world, 0), before);
    world.end_turn(0, Survives::Everything);
    world.queue(0, pay(id, 1)).unwrap();
}

// req: GAP-K9
#[test]
fn locks_of_one_key_are_two_locks() {
    let (mut world, id) = World::pair([100, 100]);
    let puppet = Puppet::of(&world, 0, id);
    let twins = locks(&world, 2, 2);
    let after = with_locks(0, &[(Participant::Zero, &twins)]);
    let update = puppet.update(4, 2, twins.clone(), &after);
    world.inject(0, 1, &Message::Update(update));
    assert_eq!(world.channel(1, id).locks, 2);
    assert_eq!(world.balances(1, id), [96, 100]);
    let ids: Vec<LockId> = twins
        .iter()
        .filter_map(|twin| match twin {
            Operation::Lock(NewLock { id, .. }) => Some(*id),
            _ => None,
        })
        .collect();
    assert_eq!(ids, [LockId(2), LockId(4)]);
}

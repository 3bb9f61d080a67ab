//! Payments between two participants, update by update.

use counterfoil_core::effect::{Effect, Event, Input};
use counterfoil_core::engine::Error;
use counterfoil_core::types::Nonce;
use counterfoil_core::wire::{Message, Reason};
use counterfoil_sim::{World, amount, message, pay};

fn updates(world: &World, node: usize) -> Vec<Nonce> {
    let frames = world.nodes[node].sent.iter();
    let nonce = |message| match message {
        Message::Update(update) => Some(update.nonce),
        _ => None,
    };
    frames
        .filter_map(|(_, frame)| nonce(message(frame)))
        .collect()
}

// req: S3, S19, S26, S28, E1, E46, E49
#[test]
fn both_sides_pay_and_agree() {
    let (mut world, id) = World::pair([400, 0]);
    world.pay(0, id, 200);
    world.deliver_all();
    world.pay(1, id, 100);
    world.deliver_all();
    assert_eq!(world.balances(0, id), [300, 100]);
    world.pay(0, id, 300);
    world.deliver_all();
    assert_eq!(world.balances(1, id), [0, 400]);
    world.assert_agreed(0, 1, id);
}

// req: S32, A34, E47, E64
#[test]
fn nonces_rise_and_their_parity_names_the_proposer() {
    let (mut world, id) = World::pair([400, 400]);
    for by in [0, 1, 1, 0, 0, 1] {
        world.pay(by, id, 1);
        world.deliver_all();
    }
    let numbers = |node| {
        updates(&world, node)
            .iter()
            .map(|nonce| nonce.number())
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(0), [4, 8, 10]);
    assert_eq!(numbers(1), [5, 7, 11]);
}

// req: E1
#[test]
fn payments_that_wait_for_an_answer_leave_together_under_one_signature() {
    let (mut world, id) = World::pair([1000, 0]);
    for _ in 0..301 {
        world.pay(0, id, 1);
    }
    world.deliver_all();
    assert_eq!(updates(&world, 0).len(), 2, "the first, then three hundred");
    assert_eq!(world.balances(1, id), [699, 301]);
    let received = |event: &&Event| matches!(event, Event::Received { .. });
    assert_eq!(world.nodes[1].events.iter().filter(received).count(), 301);
    world.assert_agreed(0, 1, id);
}

#[test]
fn more_payments_than_an_update_may_have_take_several() {
    let (mut world, id) = World::pair([2000, 0]);
    for _ in 0..1025 {
        world.queue(0, pay(id, 1)).unwrap();
    }
    world.end_turn(0, counterfoil_sim::Survives::Everything);
    world.deliver_all();
    assert_eq!(updates(&world, 0).len(), 3);
    assert_eq!(world.balances(1, id), [975, 1025]);
}

// req: GAP-A4
#[test]
fn a_payment_is_final_for_its_payee_after_one_trip() {
    let (mut world, id) = World::pair([400, 0]);
    world.pay(0, id, 7);
    world.deliver(0, 1);
    let tag = alloy_primitives::Bytes::new();
    let received = Event::Received {
        channel: id,
        amount: amount(7),
        tag,
    };
    assert!(world.nodes[1].events.contains(&received));
    assert!(
        !world.nodes[0]
            .events
            .iter()
            .any(|event| matches!(event, Event::Paid { .. }))
    );
    world.deliver(1, 0);
    assert!(
        world.nodes[0]
            .events
            .iter()
            .any(|event| matches!(event, Event::Paid { .. }))
    );
}

// req: A25, E18, GAP-A3
#[test]
fn a_refused_command_changes_nothing() {
    let (mut world, id) = World::pair([400, 0]);
    let (before, channels) = (
        world.nodes[0].store.clone(),
        world.nodes[0].engine.channels(),
    );
    for (units, reason) in [
        (401, Reason::ReserveBroken),
        (0, Reason::AmountTooSmall),
        (u128::MAX, Reason::ReserveBroken),
    ] {
        assert_eq!(
            world.command(0, pay(id, units)),
            Err(Error::Refused(reason))
        );
    }
    let unknown = counterfoil_core::types::ChannelId(world.word());
    assert_eq!(
        world.command(0, pay(unknown, 1)),
        Err(Error::UnknownChannel(unknown))
    );
    assert_eq!(world.nodes[0].store, before);
    assert_eq!(world.nodes[0].engine.channels(), channels);
    assert!(world.busy_links().is_empty());
}

// req: GAP-E2
#[test]
fn a_repeat_of_any_frame_at_any_time_is_harmless() {
    let (mut world, id) = World::pair([400, 400]);
    for round in 0..6 {
        world.pay(round % 2, id, 5);
        world.pay((round + 1) % 2, id, 3);
        world.deliver_all();
    }
    let expected = world.balances(0, id);
    for from in 0..2 {
        for (to, bytes) in world.nodes[from].sent.clone() {
            let peer = world.address(from);
            world.input(to, Input::Frame { peer, bytes }).unwrap();
            world.deliver_all();
        }
    }
    assert_eq!(world.balances(0, id), expected);
    world.assert_agreed(0, 1, id);
    world.pay(0, id, 1);
    world.deliver_all();
    assert_eq!(world.balances(1, id), [expected[0] - 1, expected[1] + 1]);
}

// req: E3
#[test]
fn the_same_inputs_lead_to_the_same_effects() {
    let (mut world, id) = World::pair([400, 400]);
    world.crash(0);
    world.recover(0);
    let records: Vec<_> = world.nodes[0].store.clone().into_iter().collect();
    world.nodes[0].log.clear();
    world.nodes[0].effects.clear();
    world.crash(0);
    for round in 0..8 {
        world.connect(0, 1);
        world.pay(0, id, 5);
        world.pay(1, id, round + 1);
        world.deliver_all();
    }
    let (log, effects) = (world.nodes[0].log.clone(), world.nodes[0].effects.clone());
    let mut again = world.restored(0, records);
    let mut replayed: Vec<Effect> = std::iter::from_fn(|| again.poll_effect()).collect();
    for input in log {
        let _ = again.handle(input);
        replayed.extend(std::iter::from_fn(|| again.poll_effect()));
    }
    assert_eq!(replayed, effects);
}

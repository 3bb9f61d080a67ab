//! A crash in every turn, before and after the records are durable, with everything in flight lost.

use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Command, Event};
use counterfoil_core::types::ChannelId;
use counterfoil_sim::{Survives, World, pay};

const TURNS: usize = 40;

/// Payments both ways, alone and crossing, and a top-up. Commands of a node that has just died may come too early.
fn play(world: &mut World, id: ChannelId) {
    world.pay(0, id, 5);
    world.deliver_all();
    world.pay(0, id, 7);
    world.pay(1, id, 3);
    world.pay(1, id, 4);
    world.deliver_all();
    world.heal();
    let _ = world.command(
        0,
        Command::Deposit {
            channel: id,
            amount: counterfoil_sim::amount(10),
        },
    );
    world.mine(12);
    world.pay(1, id, 2);
    world.deliver(1, 0);
    world.pay(0, id, 1);
    world.deliver_all();
    world.heal();
    for _ in 0..4 {
        world.mine(12);
    }
    world.heal();
}

fn received(world: &World, node: usize) -> u128 {
    let events = world.nodes[node].events.iter();
    events
        .map(|event| match event {
            Event::Received { amount, .. } => amount.units(),
            _ => 0,
        })
        .sum()
}

// req: E3, E62, GAP-E2
#[test]
fn after_a_crash_in_any_turn_both_agree_and_nothing_final_is_lost() {
    for doomed in 0..2 {
        for survives in [Survives::Records, Survives::Nothing] {
            for turn in 0..TURNS {
                let (mut world, id) = World::pair([400, 400]);
                world.plan = Some((doomed, turn, survives));
                play(&mut world, id);
                world.plan = None;
                world.heal();
                world.mine(12);
                world.mine(12);
                let context = format!("node {doomed}, turn {turn}, {survives:?}");
                for node in 0..2 {
                    assert_eq!(world.channel(node, id).phase, Phase::Open, "{context}");
                }
                world.assert_agreed(0, 1, id);
                let [zero, one] = world.balances(0, id);
                let held = world.chain.view(id).deposits;
                assert_eq!(
                    zero + one,
                    held.zero.units() + held.one.units(),
                    "{context}"
                );
                // What the surviving node was told is in the state; the other may have died before it told.
                let deposit = held.of(world.channel(1 - doomed, id).local).units();
                let summary = world.channel(1 - doomed, id);
                let gained = summary.balances.of(summary.local).units() - deposit;
                let paid = world.nodes[1 - doomed]
                    .events
                    .iter()
                    .map(|event| match event {
                        Event::Paid { amount, .. } => amount.units() as i128,
                        _ => 0,
                    })
                    .sum::<i128>();
                assert_eq!(
                    gained,
                    received(&world, 1 - doomed) as i128 - paid,
                    "{context}"
                );
                world.command(0, pay(id, 1)).unwrap();
                world.command(1, pay(id, 1)).unwrap();
                world.deliver_all();
                world.assert_agreed(0, 1, id);
            }
        }
    }
}

// req: E3
#[test]
fn a_crash_in_any_turn_of_the_opening_leaves_a_channel_that_opens_or_an_offer_that_is_gone() {
    for doomed in 0..2 {
        for survives in [Survives::Records, Survives::Nothing] {
            for turn in 0..14 {
                let mut world = World::new(2);
                let wish = world.wish(1, [400, 100]);
                world.plan = Some((doomed, turn, survives));
                world.command(0, Command::Open(wish)).unwrap();
                world.deliver_all();
                world.heal();
                let offered = world.nodes[1].events.iter().find_map(|event| match event {
                    Event::ChannelOffered { offer, .. } => Some(offer.temporary_id),
                    _ => None,
                });
                if let Some(temporary_id) = offered {
                    let seed = world.word();
                    let _ = world.command(1, Command::Join { temporary_id, seed });
                }
                world.deliver_all();
                world.heal();
                world.plan = None;
                for _ in 0..5 {
                    world.mine(12);
                }
                world.heal();
                world.mine(12);
                world.mine(12);
                let context = format!("node {doomed}, turn {turn}, {survives:?}");
                let phases: Vec<Vec<Phase>> = (0..2)
                    .map(|node| {
                        world.nodes[node]
                            .engine
                            .channels()
                            .iter()
                            .map(|channel| channel.phase)
                            .collect()
                    })
                    .collect();
                let open = phases
                    .iter()
                    .all(|phases| phases.as_slice() == [Phase::Open]);
                // Without the responder's signature nothing was deposited.
                let gone = phases[1].is_empty()
                    && phases[0]
                        .iter()
                        .all(|phase| matches!(phase, Phase::Created | Phase::Closed));
                assert!(open || gone, "{context}: {phases:?}");
            }
        }
    }
}

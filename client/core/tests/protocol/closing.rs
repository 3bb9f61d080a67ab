//! The cooperative close.

use alloy_primitives::U256;
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Call, Command, Event};
use counterfoil_core::engine::Error;
use counterfoil_core::types::{ChannelId, Pair};
use counterfoil_core::wire::Message;
use counterfoil_sim::{Invoice, Puppet, World, content, message, pay, paying};

fn paid(world: &World, id: ChannelId) -> Pair<U256> {
    world.chain.paid(id)
}

fn pair(zero: u128, one: u128) -> Pair<U256> {
    Pair::new(U256::from(zero), U256::from(one))
}

// req: E54, E55, E56, E57, E61, GAP-E3, GAP-S2
#[test]
fn either_side_closes_and_both_are_paid_at_once() {
    for closer in 0..2 {
        let (mut world, id) = World::pair([400, 100]);
        world.pay(0, id, 150);
        world.deliver_all();
        world
            .command(closer, Command::Close { channel: id })
            .unwrap();
        world.deliver_all();
        assert_eq!(world.channel(0, id).phase, Phase::Closing);
        assert_eq!(world.channel(1, id).phase, Phase::Closing);
        world.mine(12);
        assert_eq!(paid(&world, id), pair(250, 250));
        for node in 0..2 {
            assert!(
                world.nodes[node]
                    .events
                    .contains(&Event::ChannelClosed { channel: id })
            );
        }
    }
}

// req: E56, E58
#[test]
fn shutdowns_that_cross_each_other_and_payments_end_in_a_close_that_pays_them() {
    let (mut world, id) = World::pair([400, 400]);
    world.pay(0, id, 5);
    world.pay(1, id, 7);
    world.command(0, Command::Close { channel: id }).unwrap();
    world.command(1, Command::Close { channel: id }).unwrap();
    assert_eq!(
        world.command(0, pay(id, 1)),
        Err(Error::Refused(counterfoil_core::wire::Reason::ShuttingDown))
    );
    world.deliver_all();
    world.mine(12);
    assert_eq!(paid(&world, id), pair(402, 398));
}

// req: E56, E58, K28, K32
#[test]
fn a_close_waits_for_locks_which_end_meanwhile() {
    for pays in [true, false] {
        let (mut world, id) = World::pair([400, 400]);
        let invoice = if pays {
            Invoice::expected(&mut world, 1, 50, 5000)
        } else {
            Invoice::unknown(&mut world, 1, 50, 5000)
        };
        let send = invoice.direct(&mut world, id, 50);
        world.command(0, send).unwrap();
        world.deliver(0, 1);
        world.command(1, Command::Close { channel: id }).unwrap();
        world.command(0, Command::Close { channel: id }).unwrap();
        world.deliver_all();
        world.mine(12);
        let lost = if pays { 50 } else { 0 };
        assert_eq!(paid(&world, id), pair(400 - lost, 400 + lost));
        assert_eq!(world.has_sent(0, invoice.key), pays);
    }
}

// req: E3, E56
#[test]
fn a_close_survives_a_cut_and_a_crash_at_every_frame() {
    for closer in 0..2 {
        for frames in 0..10 {
            for crashes in [None, Some(0), Some(1)] {
                let (mut world, id) = World::pair([400, 100]);
                world.pay(0, id, 150);
                world
                    .command(closer, Command::Close { channel: id })
                    .unwrap();
                for _ in 0..frames {
                    if let Some((from, to)) = world.busy_links().first().copied() {
                        world.deliver(from, to);
                    }
                }
                world.cut(0, 1);
                if let Some(node) = crashes {
                    world.crash(node);
                    world.tell(node);
                }
                world.heal();
                world.mine(12);
                world.mine(12);
                let net = paid(&world, id);
                assert_eq!(
                    net.zero + net.one,
                    U256::from(500),
                    "{closer} {frames} {crashes:?}"
                );
                assert_eq!(world.channel(0, id).phase, Phase::Closed);
            }
        }
    }
}

// Money at risk: none, but the close hung until the peer came back. The call that a crash kept from the chain was not asked
// for again.
// req: E3, E55
#[test]
fn a_close_that_a_crash_kept_from_the_chain_is_asked_for_again() {
    let (mut world, id) = World::pair([400, 100]);
    world.chain.stuck = true;
    world.command(0, Command::Close { channel: id }).unwrap();
    world.deliver_all();
    let before = world.chain.calls.len();
    world.crash(0);
    assert!(matches!(world.chain.calls[before..], [Call::Close { .. }]));
}

// req: A60, E58
#[test]
fn nothing_is_signed_after_the_close() {
    let (mut world, id) = World::pair([400, 100]);
    let puppet = Puppet::of(&world, 0, id);
    world.chain.stuck = true;
    world.command(0, Command::Close { channel: id }).unwrap();
    world.deliver_all();
    let sent = world.nodes[1].sent.len();
    world.inject(
        0,
        1,
        &Message::Update(puppet.update(4, 2, vec![paying(5)], &content(5, &[]))),
    );
    let signed = |(_, frame): &(usize, Vec<u8>)| {
        matches!(
            message(frame),
            Message::UpdateAck(_) | Message::UpdateError(_)
        )
    };
    assert!(!world.nodes[1].sent[sent..].iter().any(signed));
    assert!(world.command(1, pay(id, 1)).is_err());
}

// req: E59, E60
#[test]
fn a_channel_can_be_closed_before_its_deposits_are_final_but_not_before_it_is_signed() {
    let mut world = World::new(2);
    let wish = world.wish(1, [400, 0]);
    world.command(0, Command::Open(wish)).unwrap();
    world.deliver_all();
    let Message::ChannelOpen(open) = world.last_sent(0) else {
        panic!()
    };
    let seed = world.word();
    world
        .command(
            1,
            Command::Join {
                temporary_id: open.temporary_id,
                seed,
            },
        )
        .unwrap();
    world.deliver(1, 0);
    let id = world.nodes[0].engine.channels()[0].id;
    let before = world.nodes[0].store.clone();
    assert_eq!(
        world.command(0, Command::Close { channel: id }),
        Err(Error::Phase(Phase::Created))
    );
    assert_eq!(
        world.nodes[0].store, before,
        "a refused command changes nothing"
    );
    world.deliver_all();
    world.command(0, Command::Close { channel: id }).unwrap();
    world.deliver_all();
    world.mine(12);
    world.mine(12);
    assert_eq!(paid(&world, id), pair(400, 0));
}

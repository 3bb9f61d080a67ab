//! What each side says first on a link, and what a side does that has lost states: it signs none, and only closes.

use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Command, Event};
use counterfoil_core::engine::History;
use counterfoil_core::types::ChannelId;
use counterfoil_core::wire::{ChannelReestablish, Message};
use counterfoil_sim::{DEPTH, PERIOD, Puppet, Survives, World, content, domain, message, pay};

/// A channel in which both have paid in turn, with the disk of `node` after each payment.
pub(crate) fn history(
    node: usize,
    payments: u128,
) -> (World, ChannelId, Vec<counterfoil_sim::Store>) {
    let (mut world, id) = World::pair([400, 100]);
    let mut disks = vec![world.nodes[node].store.clone()];
    for units in 1..=payments {
        world.pay(usize::from(units % 2 == 0), id, units);
        world.deliver_all();
        disks.push(world.nodes[node].store.clone());
    }
    (world, id, disks)
}

/// Frames of `node` from `since` on that carry a signature and are no repeats.
fn signed(world: &World, node: usize, since: usize) -> usize {
    let (before, after) = world.nodes[node].sent.split_at(since);
    let sent = after.iter().filter(|sent| !before.contains(sent));
    sent.filter(|(_, frame)| {
        matches!(
            message(frame),
            Message::Update(_)
                | Message::UpdateAck(_)
                | Message::UpdateError(_)
                | Message::WithdrawSigned(_)
                | Message::ClosingCreated(_)
                | Message::ClosingSigned(_)
        )
    })
    .count()
}

pub(crate) fn settle(world: &mut World, id: ChannelId) -> [u128; 2] {
    for _ in 0..=DEPTH {
        world.mine(12);
    }
    world.mine(u64::from(PERIOD));
    for _ in 0..=DEPTH {
        world.mine(12);
    }
    let paid = world.chain.paid(id);
    [paid.zero.to(), paid.one.to()]
}

// req: E2, A36, GAP-E2
#[test]
fn every_link_begins_with_the_states_that_each_side_holds() {
    let (mut world, id, _) = history(0, 3);
    world.cut(0, 1);
    world.pay(0, id, 9);
    let before = [world.nodes[0].sent.len(), world.nodes[1].sent.len()];
    world.connect(0, 1);
    for node in [0, 1] {
        let (_, first) = &world.nodes[node].sent[before[node]];
        let Message::ChannelReestablish(held) = message(first) else {
            panic!("reestablish comes first");
        };
        let newest = world.channel(node, id).nonce;
        assert_eq!((held.co_signed, held.known), (newest, newest));
        let theirs = world.key(1 - node).address();
        let digest = counterfoil_core::state::state_digest(&domain(), id, newest, held.commitment);
        assert_eq!(held.yours.recover(digest), Some(theirs));
        // Our own payment of 9 has our signature already.
        let proposed = newest.next(counterfoil_core::types::Participant::Zero);
        assert_eq!(
            Some(held.signed),
            if node == 0 { proposed } else { Some(newest) }
        );
    }
    world.deliver_all();
    world.assert_agreed(0, 1, id);
    assert_eq!(world.balances(1, id)[1], 100 + 1 - 2 + 3 + 9);
}

// Money at risk: two states at one nonce. Whatever the disk says, the peer may have seen more.
// req: E3, A16, A35
#[test]
fn a_node_that_starts_signs_nothing_new_before_its_peer_has_spoken() {
    let (mut world, id, _) = history(0, 2);
    world.crash(0);
    world.tell(0);
    let before = world.nodes[0].sent.len();
    world.command(0, pay(id, 5)).unwrap();
    assert_eq!(signed(&world, 0, before), 0);
    // A frame of the peer that is no reestablish changes nothing either.
    let puppet = Puppet::of(&world, 1, id);
    let nonce = world.channel(0, id).nonce.number();
    let update = puppet.update(
        nonce + 1,
        nonce,
        vec![counterfoil_sim::paying(1)],
        &content(-2, &[]),
    );
    world.inject(1, 0, &Message::Update(update));
    assert_eq!(signed(&world, 0, before), 0);
    world.heal();
    assert_eq!(world.balances(1, id), [396, 104], "the payment has waited");
}

// Money at risk: everything in the channel. A node that does not know that its disk is old signs a second state at a nonce
// that it has used, and its peer may choose which of the two counts.
// req: E3, GAP-E2
#[test]
fn an_old_disk_is_shown_its_owners_signature_and_signs_no_more() {
    for node in [0, 1] {
        for age in 0..4 {
            let (mut world, id, disks) = history(node, 4);
            let newest = world.channel(1 - node, id).nonce;
            world.restore(node, disks[age].clone(), History::Whole);
            world.tell(node);
            let before = world.nodes[node].sent.len();
            let _ = world.command(node, pay(id, 1));
            world.heal();
            let _ = world.command(1 - node, pay(id, 1));
            world.deliver_all();
            assert_eq!(signed(&world, node, before), 0, "node {node}, disk {age}");
            assert_eq!(world.channel(node, id).phase, Phase::Recovering);
            assert_eq!(
                world.channel(node, id).nonce,
                newest,
                "the peer has shown it"
            );
            let lost = |event: &Event| matches!(event, Event::DataLost { .. });
            assert!(world.nodes[node].events.iter().any(lost));
            world
                .command(node, Command::Challenge { channel: id })
                .unwrap();
            assert_eq!(settle(&mut world, id), [402, 98]);
        }
    }
}

// Money at risk: a second state at a nonce whose first signature the peer holds, though it has not answered it: it crossed
// the peer's own proposal, which is in the way of seeing it in what both have signed.
// req: E3, GAP-E2
#[test]
fn an_old_disk_is_found_out_by_a_proposal_that_the_peer_has_not_answered() {
    for node in [0, 1] {
        let (mut world, id) = World::pair([400, 100]);
        let disk = world.nodes[node].store.clone();
        world.pay(0, id, 5);
        world.pay(1, id, 3);
        while world.deliver(node, 1 - node) {}
        world.restore(node, disk, History::Whole);
        world.tell(node);
        let before = world.nodes[node].sent.len();
        world.command(node, pay(id, 9)).unwrap();
        world.heal();
        assert_eq!(signed(&world, node, before), 0, "node {node}");
        assert_eq!(world.channel(node, id).phase, Phase::Recovering);
    }
}

// Money at risk: as above, with a peer that hides what it knows. Nobody can see that this disk is old; its operator says so.
// req: E3
#[test]
fn with_a_disk_that_may_be_old_and_a_lying_peer_nothing_is_signed() {
    for node in [0, 1] {
        for age in 0..4 {
            let (mut world, id, disks) = history(node, 4);
            world.restore(node, disks[age].clone(), History::MayBeOld);
            world.tell(node);
            let newest = world.channel(node, id).nonce;
            let before = world.nodes[node].sent.len();
            world.connect(0, 1);
            // The liar says that it has what the old disk has, and goes on from there.
            world.links.clear();
            let liar = Puppet::of(&world, 1 - node, id);
            let net = [0, 1, -1, 2][age];
            let held = ChannelReestablish {
                channel: id,
                co_signed: newest,
                commitment: liar.commitment(newest.number(), &content(net, &[])),
                yours: counterfoil_core::state::Signature::NONE,
                signed: newest,
                signed_commitment: liar.commitment(newest.number(), &content(net, &[])),
                known: newest,
            };
            world.inject(1 - node, node, &Message::ChannelReestablish(held));
            let theirs = counterfoil_core::types::Participant::BOTH[1 - node];
            let next = newest.next(theirs).unwrap().number();
            let update = liar.update(
                next,
                newest.number(),
                vec![counterfoil_sim::paying(1)],
                &content(net + if node == 0 { -1 } else { 1 }, &[]),
            );
            world.inject(1 - node, node, &Message::Update(update));
            assert!(world.command(node, pay(id, 1)).is_err());
            assert!(world.command(node, Command::Close { channel: id }).is_err());
            assert_eq!(signed(&world, node, before), 0, "node {node}, disk {age}");
            assert_eq!(world.channel(node, id).phase, Phase::Recovering);
        }
    }
}

// req: E7, GAP-E7
// Money at risk: what the peer has lost is its own, but what it would sign next could be used against either.
#[test]
fn a_node_whose_peer_has_lost_states_shows_the_newest_and_stops() {
    let (mut world, id, disks) = history(1, 3);
    world.restore(1, disks[1].clone(), History::Whole);
    world.tell(1);
    world.heal();
    assert_eq!(world.channel(0, id).phase, Phase::Stopped);
    let shown = world.nodes[0].sent.iter().any(|(_, frame)| {
        matches!(message(frame), Message::NewestState(newest) if newest.nonce == world.channel(0, id).nonce)
    });
    assert!(shown);
    let warned = |event: &Event| matches!(event, Event::Warned { .. });
    assert!(world.nodes[1].events.iter().any(warned));
    assert!(world.command(0, pay(id, 1)).is_err());
}

// req: A36, A37
// Money at risk: a payment that arrived after the backup was made. Its lock comes back with the peer's state, and its secret
// must reach the chain in time.
// req: A46, A47, E3
// req: E3, E62
// Money at risk: a cheat's old state, published while this node is restored from a backup that is older still.
// req: S30, E54
#[test]
fn a_peer_that_missed_the_end_of_a_conversation_is_told_again() {
    let (mut world, id, _) = history(0, 1);
    let bad =
        Puppet::of(&world, 1, id).update(99, 4, vec![counterfoil_sim::paying(1)], &content(0, &[]));
    world.inject(1, 0, &Message::Update(bad));
    assert_eq!(world.channel(0, id).phase, Phase::Stopped);
    world.cut(0, 1);
    assert_eq!(world.channel(1, id).phase, Phase::Open);
    world.heal();
    assert_eq!(world.channel(1, id).phase, Phase::Stopped);
}

// Neither side may hang on the other's silence: before the first signature is answered there is nothing to compare.
#[test]
fn a_channel_that_is_not_co_signed_yet_comes_to_life_after_a_crash_of_either_side() {
    for doomed in [0, 1] {
        for survives in [Survives::Records, Survives::Nothing] {
            for turns in 0..6 {
                let mut world = World::new(2);
                world.plan = Some((doomed, turns, survives));
                let wish = world.wish(1, [400, 100]);
                let opened = world.command(0, Command::Open(wish.clone())).is_ok();
                world.deliver_all();
                let seed = world.word();
                let temporary_id = wish.temporary_id();
                let _ = world.command(1, Command::Join { temporary_id, seed });
                world.deliver_all();
                world.plan = None;
                world.tell(doomed);
                world.heal();
                for _ in 0..2 * DEPTH + 3 {
                    world.mine(12);
                }
                let phases = [0, 1].map(|node| {
                    let channels = world.nodes[node].engine.channels();
                    channels.first().map(|channel| channel.phase)
                });
                assert!(opened);
                // The responder's answer is lost with its process before anything was signed: the offer is off.
                let is_off = phases == [Some(Phase::Closed), None];
                let is_open = phases == [Some(Phase::Open); 2];
                let never_was = phases == [None; 2];
                assert!(
                    is_off || is_open || never_was,
                    "{doomed} {survives:?} {turns}: {phases:?}"
                );
            }
        }
    }
}

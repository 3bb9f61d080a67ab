//! States that a peer shows to who has lost them.

use crate::recovery::{history, settle};
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{ChainEvent, Command, Depth, Effect, Event, Input, OnChain};
use counterfoil_core::engine::History;
use counterfoil_core::types::{B256, Nonce};
use counterfoil_core::wire::{ChannelReestablish, Message, NewestState};
use counterfoil_sim::{DEPTH, Invoice, Puppet, World, content, message};

#[test]
fn a_claim_without_our_signature_pushes_nobody_into_recovery() {
    let (mut world, id, _) = history(0, 2);
    let liar = Puppet::of(&world, 1, id);
    let nonce = Nonce::new(100).unwrap();
    let forged = ChannelReestablish {
        channel: id,
        co_signed: nonce,
        commitment: liar.commitment(100, &content(-400, &[])),
        yours: liar.sign(100, &content(-400, &[])),
        signed: nonce,
        signed_commitment: B256::ZERO,
        known: nonce,
    };
    world.inject(1, 0, &Message::ChannelReestablish(forged));
    assert_eq!(world.channel(0, id).phase, Phase::Stopped);
    let lost = |event: &Event| matches!(event, Event::DataLost { .. });
    assert!(!world.nodes[0].events.iter().any(lost));
    assert!(
        world
            .chain
            .calls
            .iter()
            .all(|call| !matches!(call, counterfoil_core::effect::Call::Challenge { .. })),
        "a peer cannot make a node close"
    );
}

#[test]
fn a_shown_state_counts_only_with_both_signatures_and_only_for_who_signs_no_more() {
    let (mut world, id, disks) = history(0, 3);
    let newest = world.channel(0, id).nonce;
    let liar = Puppet::of(&world, 1, id);
    let dreamt = content(-100, &[]);
    let number = newest.number() + 2;
    let signature = liar.sign(number, &dreamt);
    let forged = NewestState {
        channel: id,
        nonce: Nonce::new(number).unwrap(),
        content: dreamt,
        signatures: counterfoil_core::types::Pair::new(signature, signature),
    };
    world.restore(0, disks[0].clone(), History::MayBeOld);
    world.inject(1, 0, &Message::NewestState(forged));
    assert_eq!(world.channel(0, id).nonce, Nonce::FIRST);
    // A genuine one, whose answer was lost: who still signs waits for the answer.
    world.restore(0, disks[3].clone(), History::Whole);
    world.heal();
    world.pay(0, id, 4);
    let Message::Update(update) = world.last_sent(0) else {
        panic!("a payment is proposed");
    };
    let paid = content(6, &[]);
    let theirs = liar.sign(update.nonce.number(), &paid);
    let genuine = NewestState {
        channel: id,
        nonce: update.nonce,
        content: paid,
        signatures: counterfoil_core::types::Pair::new(update.signature, theirs),
    };
    world.inject(1, 0, &Message::NewestState(genuine.clone()));
    assert_eq!(world.channel(0, id).nonce, newest);
    assert_eq!(world.channel(0, id).phase, Phase::Open);
    world
        .command(0, Command::Challenge { channel: id })
        .unwrap();
    world.inject(1, 0, &Message::NewestState(genuine));
    assert_eq!(world.channel(0, id).nonce, update.nonce);
}

#[test]
fn a_lock_that_came_after_the_backup_is_claimed() {
    let (mut world, id) = World::pair([400, 100]);
    let invoice = Invoice::expected(&mut world, 1, 70, 2000);
    let disk = world.nodes[1].store.clone();
    let send = invoice.over(&mut world, id, 70, 70);
    world.command(0, send).unwrap();
    // The lock is final; the secret does not reach the payer.
    world.deliver(0, 1);
    world.deliver(1, 0);
    world.cut(0, 1);
    world.restore(1, disk, History::MayBeOld);
    world.tell(1);
    world.heal();
    assert_eq!(world.channel(1, id).locks, 1, "the peer has shown the lock");
    world.cut(0, 1);
    world
        .command(1, Command::Challenge { channel: id })
        .unwrap();
    assert_eq!(settle(&mut world, id), [330, 170]);
}

#[test]
fn what_was_recovered_survives_another_crash() {
    let (mut world, id, disks) = history(1, 3);
    let newest = world.channel(0, id).nonce;
    world.restore(1, disks[0].clone(), History::MayBeOld);
    world.heal();
    assert_eq!(world.channel(1, id).nonce, newest);
    world.crash(1);
    assert_eq!(world.channel(1, id).phase, Phase::Recovering);
    assert_eq!(world.channel(1, id).nonce, newest);
    world.tell(1);
    world
        .command(1, Command::Challenge { channel: id })
        .unwrap();
    assert_eq!(settle(&mut world, id), [398, 102]);
}

#[test]
fn a_state_that_is_recovered_during_a_dispute_answers_it() {
    let (mut world, id, disks) = history(0, 4);
    let cheat = {
        let (mut other, same, _) = history(1, 3);
        other.tell(1);
        assert_eq!(same, id);
        other.nodes[1].engine.export(id).unwrap()
    };
    world.cut(0, 1);
    world.restore(0, disks[1].clone(), History::MayBeOld);
    world.chain.submit(cheat);
    world.chain.mine(12);
    world.tell(0);
    assert_eq!(world.channel(0, id).phase, Phase::Disputed);
    // The peer is honest enough to tell, and does not answer itself.
    world.connect(0, 1);
    world.deliver_all();
    world.cut(0, 1);
    let answered = world.chain.calls.iter().any(|call| matches!(
        call,
        counterfoil_core::effect::Call::Respond { nonce, .. } if *nonce == world.channel(1, id).nonce
    ));
    assert!(answered);
    assert_eq!(settle(&mut world, id), [402, 98]);
}

// Money at risk: a payment made twice. The user had started a dispute before the link showed that the disk was old.
// req: E3
#[test]
fn who_learns_of_lost_states_during_a_dispute_does_not_say_that_a_payment_failed() {
    let (mut world, id) = World::pair([400, 100]);
    let invoice = Invoice::expected(&mut world, 1, 70, 2000);
    let send = invoice.direct(&mut world, id, 70);
    world.command(0, send).unwrap();
    world.deliver(0, 1);
    world.deliver(1, 0);
    world.deliver(1, 0);
    let disk = world.nodes[0].store.clone();
    world.deliver_all();
    world.pay(0, id, 5);
    world.deliver_all();
    world.restore(0, disk, History::Whole);
    world.tell(0);
    world
        .command(0, Command::Challenge { channel: id })
        .unwrap();
    world.heal();
    assert_eq!(settle(&mut world, id), [325, 175]);
    assert_eq!(world.failure(0, invoice.key), None);
}

// Money at risk: the whole deposit. Nothing was paid yet, so nothing in the peer's words told the old disk that the channel was
// alive; the next word was a fault there, and the channel was forgotten.
// req: E3, E41
#[test]
fn a_disk_from_before_the_channel_came_to_life_goes_on_where_nothing_was_paid_yet() {
    let mut world = World::new(2);
    let wish = world.wish(1, [400, 0]);
    world.command(0, Command::Open(wish.clone())).unwrap();
    world.deliver_all();
    let (seed, temporary_id) = (world.word(), wish.temporary_id());
    world
        .command(1, Command::Join { temporary_id, seed })
        .unwrap();
    world.deliver(1, 0);
    let disk = world.nodes[0].store.clone();
    let id = world.nodes[0].engine.channels()[0].id;
    world.deliver_all();
    for _ in 0..=DEPTH + 1 {
        world.mine(12);
    }
    world.restore(0, disk, History::Whole);
    world.tell(0);
    world.heal();
    for _ in 0..=DEPTH + 1 {
        world.mine(12);
    }
    world.pay(0, id, 30);
    world.deliver_all();
    world.assert_agreed(0, 1, id);
    assert_eq!(world.balances(1, id), [370, 30]);
}

#[test]
fn two_contents_at_one_nonce_end_the_conversation() {
    for which in ["co-signed", "signed"] {
        let (mut world, id, _) = history(0, 2);
        world.cut(0, 1);
        world.connect(0, 1);
        let mut sent = world.nodes[1].sent.iter().rev();
        let held = sent.find_map(|(_, frame)| match message(frame) {
            Message::ChannelReestablish(held) => Some(held),
            _ => None,
        });
        let mut held = held.expect("a link begins with it");
        match which {
            "co-signed" => held.commitment = B256::repeat_byte(1),
            _ => held.signed_commitment = B256::repeat_byte(1),
        }
        world.links.clear();
        world.inject(1, 0, &Message::ChannelReestablish(held));
        assert_eq!(world.channel(0, id).phase, Phase::Stopped, "{which}");
    }
}

// Money at risk: the newest state, which an endpoint could make a node drop by showing a nonce that nobody has signed.
#[test]
fn a_reading_above_the_newest_state_lets_go_of_nothing_that_is_needed() {
    let (mut world, channel, _) = history(0, 2);
    let newest = world.channel(0, channel).nonce;
    let status = OnChain {
        nonce: Nonce::new(newest.number() + 10).unwrap(),
        ..world.chain.view(channel)
    };
    let reading = ChainEvent::Channel {
        channel,
        depth: Depth::Confirmed,
        as_of: world.expiry(0),
        status,
    };
    world.input(0, Input::Chain(reading)).unwrap();
    let forgets = world.nodes[0]
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Forget { below, .. } => Some(*below),
            _ => None,
        });
    assert!(forgets.into_iter().all(|below| below <= newest));
}

// Money at risk: none, but the channel, for a dispute's length. What the peer held at the beginning of a link is out of date by
// the time that it is repeated.
#[test]
fn a_reestablish_that_is_repeated_late_ends_nothing() {
    let (mut world, id, _) = history(0, 2);
    world.cut(0, 1);
    world.connect(0, 1);
    let early = world.links[&(1, 0)][0].clone();
    assert!(matches!(message(&early), Message::ChannelReestablish(_)));
    world.deliver_all();
    world.pay(1, id, 5);
    world.deliver_all();
    let peer = world.address(1);
    world.input(0, Input::Frame { peer, bytes: early }).unwrap();
    world.deliver_all();
    assert_eq!(world.channel(0, id).phase, Phase::Open);
    world.pay(0, id, 1);
    world.deliver_all();
    world.assert_agreed(0, 1, id);
}

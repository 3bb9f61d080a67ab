//! States that a peer shows to who has lost them.

use crate::recovery::{history, settle};
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Command, Event};
use counterfoil_core::engine::History;
use counterfoil_core::types::{B256, Nonce};
use counterfoil_core::wire::{ChannelReestablish, Message, NewestState};
use counterfoil_sim::{Invoice, Puppet, World, content};

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

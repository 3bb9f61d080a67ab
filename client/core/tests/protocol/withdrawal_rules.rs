//! Which withdrawals are proposed, taken and refused.

use crate::withdrawal::{confirm, paid, withdraw};
use counterfoil_core::channel::{Phase, Policy};
use counterfoil_core::effect::{Command, Event, Input};
use counterfoil_core::engine::Error;
use counterfoil_core::wire::{Message, Operation, Reason, Withdraw};
use counterfoil_sim::{Puppet, World, amount, content, message, pay, policy};

#[test]
fn what_is_being_withdrawn_cannot_be_spent() {
    let (mut world, id) = World::pair([400, 100]);
    let command = withdraw(&world, id, 350);
    world.queue(0, command).unwrap();
    assert_eq!(world.channel(0, id).spendable, amount(50));
    assert_eq!(
        world.command(0, pay(id, 51)),
        Err(Error::Refused(Reason::ReserveBroken))
    );
    world.deliver_all();
    // A peer that tries all the same is refused, and the conversation goes on.
    let puppet = Puppet::of(&world, 0, id);
    let nonce = world.channel(1, id).nonce.number();
    let over = puppet.update(
        nonce + 2,
        nonce,
        vec![counterfoil_sim::paying(51)],
        &content(51, &[]),
    );
    world.inject(0, 1, &Message::Update(over));
    let Message::UpdateError(refusal) = world.last_sent(1) else {
        panic!("the payment is refused");
    };
    assert_eq!(refusal.reason, Reason::WithdrawalPending);
}

#[test]
fn one_withdrawal_of_a_side_is_pending_at_a_time_and_the_other_side_has_its_own() {
    let (mut world, id) = World::pair([400, 100]);
    let first = withdraw(&world, id, 10);
    world.command(0, first.clone()).unwrap();
    assert_eq!(
        world.command(0, first),
        Err(Error::Refused(Reason::WithdrawalPending))
    );
    let theirs = withdraw(&world, id, 20);
    world.command(1, theirs).unwrap();
    world.deliver_all();
    confirm(&mut world);
    let [zero, one] = paid(&world, id);
    assert_eq!(one, 20, "the newer one is executed");
    assert!(zero == 10 || zero == 0, "the older one is, or is overtaken");
    assert_eq!(world.balances(0, id), [400 - zero as i128, 80]);
    assert_eq!(world.balances(1, id), [400 - zero as i128, 80]);
}

#[test]
fn deposits_and_withdrawals_of_one_side_wait_for_each_other() {
    let (mut world, id) = World::pair([400, 100]);
    let deposit = Command::Deposit {
        channel: id,
        amount: amount(50),
    };
    world.command(0, deposit.clone()).unwrap();
    let taken = withdraw(&world, id, 10);
    let waits = Err(Error::Refused(Reason::WithdrawalPending));
    assert_eq!(
        world.command(0, taken),
        Err(Error::Refused(Reason::DepositNotFinal))
    );
    confirm(&mut world);
    let taken = withdraw(&world, id, 10);
    world.command(0, taken).unwrap();
    assert_eq!(world.command(0, deposit.clone()), waits);
    world.deliver_all();
    assert_eq!(world.command(0, deposit.clone()), waits);
    confirm(&mut world);
    world.command(0, deposit).unwrap();
    confirm(&mut world);
    world.deliver_all();
    assert_eq!(world.balances(1, id), [490, 100]);
}

#[test]
fn a_withdrawal_is_refused_that_keeps_its_slot_too_long_or_comes_too_late() {
    let strict = Policy {
        withdrawal_maximum: 100,
        ..policy()
    };
    let mut world = World::with(vec![policy(), strict]);
    let id = world.open(0, 1, [400, 100]);
    let past = Command::Withdraw {
        channel: id,
        amount: amount(1),
        deadline: world.expiry(0),
    };
    assert_eq!(
        world.command(0, past),
        Err(Error::Refused(Reason::ExpiryTooNear))
    );
    let long = withdraw(&world, id, 1);
    world.command(0, long).unwrap();
    world.deliver_all();
    let refused = Event::NotWithdrawn {
        channel: id,
        amount: amount(1),
        reason: Reason::ExpiryTooFar,
    };
    assert!(world.nodes[0].events.contains(&refused));
    assert_eq!(world.balances(0, id), [400, 100]);
    world.assert_agreed(0, 1, id);
}

#[test]
fn nobody_withdraws_its_reserve_or_after_shutdown() {
    let mut world = World::new(2);
    let mut wish = world.wish(1, [400, 100]);
    wish.reserve = amount(50);
    let id = world.open_as(0, 1, wish);
    let all = withdraw(&world, id, 351);
    assert_eq!(
        world.command(0, all),
        Err(Error::Refused(Reason::ReserveBroken))
    );
    world.command(0, Command::Close { channel: id }).unwrap();
    let late = withdraw(&world, id, 1);
    assert_eq!(
        world.command(0, late),
        Err(Error::Refused(Reason::ShuttingDown))
    );
}

#[test]
fn a_signature_on_a_withdrawal_that_nobody_asked_for_ends_the_conversation() {
    let (mut world, id) = World::pair([400, 100]);
    let signature = Puppet::of(&world, 0, id).sign(4, &content(0, &[]));
    let nonce = counterfoil_core::types::Nonce::new(4).unwrap();
    let granted = counterfoil_core::wire::WithdrawSigned {
        channel: id,
        nonce,
        signature,
    };
    world.inject(0, 1, &Message::WithdrawSigned(granted));
    assert_eq!(world.channel(1, id).phase, Phase::Stopped);
}

#[test]
fn a_withdrawal_operation_survives_the_frame() {
    let (world, id) = World::pair([400, 100]);
    let operation = Operation::Withdraw(Withdraw {
        amount: amount(7),
        deadline: world.expiry(9),
    });
    let puppet = Puppet::of(&world, 0, id);
    let update = puppet.update(4, 2, vec![operation], &content(0, &[]));
    let bytes = counterfoil_sim::frame(&Message::Update(update.clone()));
    assert_eq!(message(&bytes), Message::Update(update));
    let mut world = world;
    let peer = world.address(0);
    world.input(1, Input::Frame { peer, bytes }).unwrap();
    assert_eq!(world.balances(1, id), [393, 100]);
}

// Money at risk: what the user believes to have. Both withdrawals came into one state, whose nonce the chain takes once.
#[test]
fn of_two_withdrawals_in_one_state_one_happens_and_the_other_is_told_so() {
    let (mut world, id) = World::pair([400, 100]);
    let (ours, theirs) = (withdraw(&world, id, 300), withdraw(&world, id, 80));
    world.command(0, ours).unwrap();
    world.command(1, theirs).unwrap();
    world.deliver_all();
    confirm(&mut world);
    let out = paid(&world, id);
    assert!(out == [300, 0] || out == [0, 80], "{out:?}");
    for (node, (units, taken)) in [(300, out[0]), (80, out[1])].into_iter().enumerate() {
        let (channel, amount) = (id, amount(units));
        let happened = Event::Withdrawn { channel, amount };
        let did_not = Event::NotWithdrawn {
            channel,
            amount,
            reason: Reason::WithdrawalPending,
        };
        let events = &world.nodes[node].events;
        assert_eq!(events.contains(&happened), taken > 0, "node {node}");
        assert_eq!(events.contains(&did_not), taken == 0, "node {node}");
    }
    let left = [400 - out[0] as i128, 100 - out[1] as i128];
    assert_eq!([world.balances(0, id), world.balances(1, id)], [left, left]);
}

//! Refusals: the newest co-signed content stands again under a higher nonce, and the conversation goes on.

use counterfoil_core::channel::{Phase, Policy};
use counterfoil_core::effect::{ChainEvent, Depth, Event, Input, OnChain};
use counterfoil_core::types::{
    Address, B256, ChannelId, LockId, Pair, Participant, SignedAmount, Timestamp,
};
use counterfoil_core::wire::{
    Cancel, Expire, Message, NewLock, Operation, Reason, Settle, Unsupported, Withdraw,
};
use counterfoil_sim::{
    Invoice, Puppet, START, World, amount, content, locking, message, pay, paying, policy,
};

/// Proposes as participant 0 to a careful participant 1; the reason that it gives, and the world after the refusal.
fn refused(operations: Vec<Operation>) -> (World, ChannelId, Option<Reason>) {
    let careful = Policy {
        lock_minimum: amount(2),
        ..policy()
    };
    let mut world = World::with(vec![policy(), careful]);
    let id = world.open(0, 1, [400, 100]);
    let puppet = Puppet::of(&world, 0, id);
    let before = world.balances(1, id);
    let last = operations.len() - 1;
    world.inject(
        0,
        1,
        &Message::Update(puppet.update(4, 2, operations, &content(0, &[]))),
    );
    let reason = match world.last_sent(1) {
        Message::UpdateError(refusal) => {
            assert_eq!(refusal.refused.number(), 4);
            assert_eq!(usize::from(refusal.index), last, "the operation at fault");
            assert_eq!(refusal.nonce.number(), 5);
            assert_eq!(world.balances(1, id), before);
            world.inject(0, 1, &puppet.ack(5, &content(0, &[])));
            let after = content(3, &[]);
            world.inject(
                0,
                1,
                &Message::Update(puppet.update(6, 5, vec![paying(3)], &after)),
            );
            assert_eq!(world.balances(1, id), [397, 103], "the channel goes on");
            Some(refusal.reason)
        }
        _ => None,
    };
    (world, id, reason)
}

fn lock(change: impl FnOnce(&mut NewLock)) -> Operation {
    let expiry = Timestamp::new(START + 5000);
    let Operation::Lock(mut new) = locking(4, B256::repeat_byte(1), 50, expiry) else {
        panic!()
    };
    change(&mut new);
    Operation::Lock(new)
}

fn withdraw(units: u128, deadline: u64) -> Operation {
    Operation::Withdraw(Withdraw {
        amount: amount(units),
        deadline: Timestamp::new(deadline),
    })
}

fn of_later_kinds() -> Vec<(Reason, Vec<Operation>)> {
    let far = START + 8 * 24 * 3600;
    let soon = START + 5000;
    let unsupported = Operation::Unsupported(Unsupported {
        kind: 7,
        body: vec![0xc0].into(),
    });
    vec![
        (Reason::NotSupported, vec![paying(3), unsupported]),
        (Reason::ExpiryTooNear, vec![withdraw(10, START)]),
        (Reason::ExpiryTooFar, vec![withdraw(10, far)]),
        (Reason::ExpiryTooFar, vec![withdraw(10, u64::MAX)]),
        (Reason::ReserveBroken, vec![withdraw(401, soon)]),
        (
            Reason::WithdrawalPending,
            vec![withdraw(10, soon), withdraw(1, soon)],
        ),
        (
            Reason::WithdrawalPending,
            vec![withdraw(10, soon), paying(391)],
        ),
    ]
}

// req: A25, A43, E8, E18, E66
#[test]
fn each_reason_to_refuse_leaves_the_content_as_it_was() {
    let far = Timestamp::new(START + 8 * 24 * 3600);
    let many = (0..65)
        .map(|number| lock(|new| (new.id, new.amount) = (LockId(4 + 2 * number), amount(2))));
    let cases: Vec<(Reason, Vec<Operation>)> = vec![
        (Reason::ReserveBroken, vec![paying(401)]),
        (Reason::ReserveBroken, vec![paying(400), paying(1)]),
        (Reason::ReserveBroken, vec![paying(u128::MAX)]),
        (Reason::AmountTooSmall, vec![paying(0)]),
        (
            Reason::AmountTooSmall,
            vec![lock(|new| new.amount = amount(1))],
        ),
        (
            Reason::ExpiryTooNear,
            vec![lock(|new| new.expiry = Timestamp::new(START + 500))],
        ),
        (Reason::ExpiryTooFar, vec![lock(|new| new.expiry = far)]),
        (
            Reason::ExpiryTooFar,
            vec![lock(|new| new.expiry = Timestamp::new(u64::MAX))],
        ),
        (
            Reason::ConditionNotAllowed,
            vec![lock(|new| new.condition = Address::repeat_byte(9))],
        ),
        (
            Reason::ReserveBroken,
            vec![lock(|new| new.amount = amount(401))],
        ),
        (Reason::LockIdUsed, vec![lock(|_| ()), lock(|_| ())]),
        (Reason::LockIdUsed, vec![lock(|new| new.id = LockId(5))]),
        (Reason::LockIdUsed, vec![lock(|new| new.id = LockId(0))]),
        (
            Reason::UnknownLock,
            vec![Operation::Settle(Settle {
                id: LockId(4),
                preimage: B256::ZERO,
            })],
        ),
        (
            Reason::UnknownLock,
            vec![Operation::Cancel(Cancel {
                id: LockId(4),
                reason: Reason::Other,
            })],
        ),
        (
            Reason::UnknownLock,
            vec![
                lock(|_| ()),
                Operation::Cancel(Cancel {
                    id: LockId(4),
                    reason: Reason::Other,
                }),
            ],
        ),
        (
            Reason::UnknownLock,
            vec![Operation::Expire(Expire { id: LockId(4) })],
        ),
        (
            Reason::ExpiryNotFinal,
            vec![lock(|_| ()), Operation::Expire(Expire { id: LockId(4) })],
        ),
        (
            Reason::WrongSecret,
            vec![
                lock(|_| ()),
                Operation::Settle(Settle {
                    id: LockId(4),
                    preimage: B256::ZERO,
                }),
            ],
        ),
        (
            Reason::TooLarge,
            vec![lock(|new| new.payload = vec![0; 1025].into())],
        ),
        (Reason::TooManyLocks, many.collect()),
    ];
    for (expected, operations) in cases.into_iter().chain(of_later_kinds()) {
        let (_, _, reason) = refused(operations.clone());
        assert_eq!(reason, Some(expected), "{operations:?}");
    }
}

// req: A43, E18, K25
#[test]
fn what_is_just_within_the_bounds_is_taken_and_what_is_just_outside_refused() {
    type At = fn(u64) -> Operation;
    let by: [(&str, At, Option<Reason>); 10] = [
        ("all there is", |_| paying(380), None),
        ("more", |_| paying(381), Some(Reason::ReserveBroken)),
        ("all in a lock", |now| lock_at(380, now + 5000), None),
        (
            "more in a lock",
            |now| lock_at(381, now + 5000),
            Some(Reason::ReserveBroken),
        ),
        ("the smallest lock", |now| lock_at(2, now + 5000), None),
        (
            "a smaller one",
            |now| lock_at(1, now + 5000),
            Some(Reason::AmountTooSmall),
        ),
        ("soon", |now| lock_at(2, now + 600), None),
        (
            "sooner",
            |now| lock_at(2, now + 599),
            Some(Reason::ExpiryTooNear),
        ),
        ("late", |now| lock_at(2, now + 7 * 24 * 3600), None),
        (
            "later",
            |now| lock_at(2, now + 7 * 24 * 3600 + 1),
            Some(Reason::ExpiryTooFar),
        ),
    ];
    for (name, at, expected) in by {
        let careful = Policy {
            lock_minimum: amount(2),
            ..policy()
        };
        let mut world = World::with(vec![policy(), careful]);
        let mut wish = world.wish(1, [400, 100]);
        wish.reserve = amount(20);
        let id = world.open_as(0, 1, wish);
        let puppet = Puppet::of(&world, 0, id);
        let operation = at(world.chain.now());
        let after = match &operation {
            Operation::Pay(pay) => content(pay.amount.units() as i128, &[]),
            lock => content(0, &[(Participant::Zero, lock.clone())]),
        };
        let update = puppet.update(4, 2, vec![operation], &after);
        world.inject(0, 1, &Message::Update(update));
        let answers = world.nodes[1].sent.iter().rev();
        let answer = answers.map(|(_, frame)| message(frame));
        let reason = answer.into_iter().find_map(|answer| match answer {
            Message::UpdateError(refusal) => Some(Some(refusal.reason)),
            Message::UpdateAck(_) => Some(None),
            _ => None,
        });
        assert_eq!(reason, Some(expected), "{name}");
        assert_eq!(world.channel(1, id).phase, Phase::Open, "{name}");
    }
}

fn lock_at(units: u128, expiry: u64) -> Operation {
    locking(4, B256::repeat_byte(1), units, Timestamp::new(expiry))
}

// req: E51, GAP-S7
#[test]
fn a_payment_out_of_a_deposit_that_is_not_final_may_be_tried_again() {
    let (mut world, id) = World::pair([400, 0]);
    let puppet = Puppet::of(&world, 0, id);
    let deposits = Pair::new(SignedAmount::new(500), SignedAmount::ZERO);
    let status = OnChain {
        deposits,
        ..OnChain::default()
    };
    let seen = |depth| {
        Input::Chain(ChainEvent::Channel {
            channel: id,
            depth,
            as_of: Timestamp::new(START),
            status,
        })
    };
    world.input(1, seen(Depth::Latest)).unwrap();
    let update = puppet.update(4, 2, vec![paying(450)], &content(450, &[]));
    world.inject(0, 1, &Message::Update(update));
    let Message::UpdateError(refusal) = world.last_sent(1) else {
        panic!()
    };
    assert_eq!(refusal.reason, Reason::DepositNotFinal);
    assert!(refusal.reason.may_be_tried_again());
    world.inject(0, 1, &puppet.ack(5, &content(0, &[])));
    world.input(1, seen(Depth::Confirmed)).unwrap();
    let update = puppet.update(6, 5, vec![paying(450)], &content(450, &[]));
    world.inject(0, 1, &Message::Update(update));
    assert_eq!(world.balances(1, id), [50, 450]);
}

// req: E66, GAP-E7
#[test]
fn what_was_not_at_fault_is_proposed_again() {
    let strict = Policy {
        lock_minimum: amount(100),
        ..policy()
    };
    let mut world = World::with(vec![policy(), strict]);
    let id = world.open(0, 1, [400, 0]);
    let invoice = Invoice::expected(&mut world, 1, 50, 5000);
    let send = invoice.direct(&mut world, id, 50);
    world.queue(0, pay(id, 5)).unwrap();
    world.queue(0, send).unwrap();
    world.queue(0, pay(id, 7)).unwrap();
    world.end_turn(0, counterfoil_sim::Survives::Everything);
    world.deliver_all();
    assert_eq!(world.balances(0, id), [388, 12]);
    assert_eq!(world.failure(0, invoice.key), Some(Reason::AmountTooSmall));
    world.assert_agreed(0, 1, id);
}

// req: E58, E66
#[test]
fn a_payment_proposed_after_its_side_said_shutdown_is_refused() {
    let (mut world, id) = World::pair([400, 100]);
    let puppet = Puppet::of(&world, 0, id);
    let shutdown = counterfoil_core::wire::Shutdown { channel: id };
    world.pay(1, id, 1);
    world.links.clear();
    world.inject(0, 1, &Message::Shutdown(shutdown));
    world.inject(0, 1, &puppet.ack(3, &content(-1, &[])));
    let update = puppet.update(4, 3, vec![paying(5)], &content(4, &[]));
    world.inject(0, 1, &Message::Update(update));
    let refused = match world.last_sent(1) {
        Message::UpdateError(refusal) => refusal.reason == Reason::ShuttingDown,
        _ => false,
    };
    assert!(refused);
    assert_eq!(world.balances(1, id), [401, 99]);
    let pay = world.command(1, pay(id, 1));
    assert!(pay.is_err());
}

// req: E66
#[test]
fn crossed_refusals_and_retries_end_in_agreement() {
    let strict = Policy {
        lock_minimum: amount(100),
        ..policy()
    };
    let mut world = World::with(vec![strict.clone(), strict]);
    let id = world.open(0, 1, [400, 400]);
    for by in [0, 1, 1, 0] {
        let invoice = Invoice::expected(&mut world, 1 - by, 50, 5000);
        let send = invoice.direct(&mut world, id, 50);
        world.command(by, send).unwrap();
        world.pay(by, id, 10);
        world.deliver(by, 1 - by);
    }
    world.deliver_all();
    assert_eq!(world.balances(0, id), [400, 400]);
    assert_eq!(world.channel(0, id).locks, 0);
    assert_eq!(world.channel(1, id).phase, Phase::Open);
    world.assert_agreed(0, 1, id);
    let failed = |event: &&Event| matches!(event, Event::PaymentFailed { .. });
    assert_eq!(world.nodes[0].events.iter().filter(failed).count(), 2);
}

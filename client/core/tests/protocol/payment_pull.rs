//! What the source of the lightning payment does in a "pull", and where it is here: the secrets that the other side has are
//! used, lock by lock, and whatever gives us something is signed.

use crate::hostile::fingerprint;
use counterfoil_core::channel::{Facts, Phase};
use counterfoil_core::effect::{Command, Effect, RecordId};
use counterfoil_core::state::state_digest;
use counterfoil_core::types::{
    B256, ChannelId, Lock, LockId, Nonce, Participant, SignedAmount, Timestamp,
};
use counterfoil_core::wire::{
    ChannelReestablish, Message, Operation, RequestCommit, Settle, Shutdown,
};
use counterfoil_sim::{
    Invoice, Puppet, World, amount, content, domain, key_of, message, paying, registry,
};

/// Node 0 has locked 10, 20 and 40 for a puppet; the preimages are the bytes 1, 2 and 3.
fn three_locks() -> (World, ChannelId, Puppet, Vec<Operation>) {
    let (mut world, id) = World::pair([400, 400]);
    let puppet = Puppet::of(&world, 1, id);
    for (secret, units) in [(1, 10), (2, 20), (3, 40)] {
        let send = Command::Send {
            channel: id,
            key: key_of(B256::repeat_byte(secret)),
            amount: amount(units),
            expiry: world.expiry(5000),
            payload: alloy_primitives::Bytes::new(),
        };
        world.queue(0, send).unwrap();
    }
    world.end_turn(0, counterfoil_sim::Survives::Everything);
    let Message::Update(update) = world.last_sent(0) else {
        panic!()
    };
    let locks = update.operations;
    world.inject(1, 0, &puppet.ack(4, &locked(&locks, &[])));
    assert_eq!(world.channel(0, id).locks, 3);
    world.links.clear();
    (world, id, puppet, locks)
}

/// The content in which those of these locks that are not settled are still there.
fn locked(locks: &[Operation], settled: &[usize]) -> counterfoil_core::state::Content {
    let all: Vec<_> = locks
        .iter()
        .map(|lock| (Participant::Zero, lock.clone()))
        .collect();
    let mut content = content(0, &all);
    for place in settled {
        let lock = content
            .locks
            .remove(&LockId(4 + 2 * *place as u64 - 2))
            .unwrap();
        content.net = content.net.plus(lock.amount).unwrap();
    }
    content
}

fn shows(id: ChannelId, lock: u64, secret: u8) -> Message {
    Message::RequestCommit(RequestCommit {
        channel: id,
        lock: LockId(lock),
        preimage: B256::repeat_byte(secret),
    })
}

fn settled(message: Message) -> Vec<u64> {
    let Message::Update(update) = message else {
        panic!()
    };
    let ids = update.operations.iter().map(|operation| match operation {
        Operation::Settle(Settle { id, .. }) => id.0,
        other => panic!("{other:?}"),
    });
    ids.collect()
}

// req: A38, A39, A40, A41, A47, A49
#[test]
fn a_wrong_secret_for_one_lock_does_not_keep_the_others_from_being_settled() {
    let (mut world, id, puppet, locks) = three_locks();
    let before = fingerprint(&world, 0);
    // Wrong for the first, twice; and one for a lock that does not exist.
    for wrong in [shows(id, 2, 9), shows(id, 2, 2), shows(id, 8, 1)] {
        world.inject(1, 0, &wrong);
        assert_eq!(fingerprint(&world, 0), before);
    }
    world.inject(1, 0, &shows(id, 4, 2));
    assert_eq!(settled(world.last_sent(0)), [4]);
    // What follows while that is unanswered goes into the next state.
    world.inject(1, 0, &shows(id, 6, 3));
    world.inject(1, 0, &puppet.ack(6, &locked(&locks, &[1])));
    assert_eq!(settled(world.last_sent(0)), [6]);
    world.inject(1, 0, &puppet.ack(8, &locked(&locks, &[1, 2])));
    let summary = world.channel(0, id);
    assert_eq!(summary.locks, 1, "the lock with the wrong secret stays");
    assert_eq!(
        summary.nonce.number(),
        8,
        "each state is above the one before"
    );
    assert_eq!(world.balances(0, id), [330, 460]);
    assert!(
        world.nodes[0]
            .store
            .contains_key(&RecordId::State(id, summary.nonce))
    );
    world.crash(0);
    assert_eq!(world.channel(0, id), summary);
}

// req: A39, A44
#[test]
fn a_secret_that_comes_with_an_update_that_is_refused_is_used_all_the_same() {
    let (mut world, id, puppet, locks) = three_locks();
    let good = locked(&locks, &[]);
    let update = puppet.update(5, 4, vec![paying(0)], &good);
    world.inject(1, 0, &Message::Update(update));
    assert!(matches!(world.last_sent(0), Message::UpdateError(_)));
    world.inject(1, 0, &shows(id, 4, 2));
    assert!(matches!(world.last_sent(0), Message::UpdateError(_)));
    world.inject(1, 0, &puppet.ack(6, &good));
    assert_eq!(settled(world.last_sent(0)), [4]);
}

// req: A39
#[test]
fn a_state_that_is_not_newer_is_not_looked_at() {
    let (mut world, id, puppet, locks) = three_locks();
    let update = puppet.update(5, 4, vec![paying(7)], &{
        let mut after = locked(&locks, &[]);
        after.net = SignedAmount::new(-7);
        after
    });
    world.inject(1, 0, &Message::Update(update));
    assert_eq!(world.channel(0, id).nonce.number(), 5);
    let (before, sent) = (fingerprint(&world, 0), world.nodes[0].sent.len());
    let older = puppet.update(3, 2, vec![paying(9)], &content(-9, &[]));
    world.inject(1, 0, &Message::Update(older));
    assert_eq!(fingerprint(&world, 0), before);
    assert_eq!(world.nodes[0].sent.len(), sent);
}

// req: A33, A35, A36, A37, A45
#[test]
fn on_a_new_link_each_side_says_what_it_holds_and_both_come_to_the_same_state() {
    for lost in 0..3 {
        let (mut world, id) = World::pair([400, 400]);
        world.pay(0, id, 30);
        for (from, to) in [(0, 1), (1, 0)].into_iter().take(lost) {
            world.deliver(from, to);
        }
        world.cut(0, 1);
        let sent = [0, 1].map(|node| world.nodes[node].sent.len());
        world.connect(0, 1);
        for (node, first) in sent.into_iter().enumerate() {
            let Message::ChannelReestablish(held) = message(&world.nodes[node].sent[first].1)
            else {
                panic!("what is held comes first")
            };
            let ChannelReestablish {
                channel,
                co_signed,
                commitment,
                yours,
                ..
            } = held;
            assert_eq!(channel, id);
            assert_eq!(co_signed, world.channel(node, id).nonce);
            let digest = state_digest(&domain(), id, co_signed, commitment);
            let receiver = world.key(1 - node).address();
            assert_eq!(yours.verify(digest, receiver), Ok(()), "it cannot deny it");
        }
        world.deliver_all();
        assert_eq!(world.balances(0, id), [370, 430]);
        world.assert_agreed(0, 1, id);
    }
}

// req: A35, A60
#[test]
fn in_a_channel_that_is_not_live_nothing_is_evaluated_and_nothing_signed() {
    for how in [
        Command::Close {
            channel: ChannelId(B256::ZERO),
        },
        Command::Challenge {
            channel: ChannelId(B256::ZERO),
        },
    ] {
        let (mut world, id) = World::pair([400, 400]);
        let puppet = Puppet::of(&world, 1, id);
        let how = match how {
            Command::Close { .. } => Command::Close { channel: id },
            _ => Command::Challenge { channel: id },
        };
        world.command(0, how).unwrap();
        world.deliver_all();
        world.mine(12);
        assert_ne!(world.channel(0, id).phase, Phase::Open);
        let sent = world.nodes[0].sent.len();
        world.connect(0, 1);
        world.links.clear();
        let update = puppet.update(3, 2, vec![paying(7)], &content(-7, &[]));
        world.inject(1, 0, &Message::Update(update));
        world.inject(1, 0, &Message::Shutdown(Shutdown { channel: id }));
        let signs =
            |(_, frame): &(usize, Vec<u8>)| matches!(message(frame).code(), 7..=9 | 20 | 22);
        assert!(!world.nodes[0].sent[sent..].iter().any(signs));
        assert_eq!(world.channel(0, id).nonce, Nonce::FIRST);
    }
}

// req: A42, A43, E1
#[test]
fn whatever_gives_us_something_and_takes_nothing_is_stored_signed_and_returned() {
    let (_, _, _, locks) = three_locks();
    let secret = |place: u8| B256::repeat_byte(place);
    // The puppet is participant 0 here and pays; what it may propose, and what node 1 then has.
    let settle = Operation::Settle(Settle {
        id: LockId(4),
        preimage: secret(2),
    });
    let cases = [
        (vec![paying(5)], content(5, &[]), 405),
        (locks.clone(), locked(&locks, &[]), 400),
        (
            [locks.clone(), vec![settle]].concat(),
            locked(&locks, &[1]),
            420,
        ),
    ];
    for (operations, after, ends_with) in cases {
        let (mut world, id) = World::pair([400, 400]);
        let puppet = Puppet::of(&world, 0, id);
        let effects = world.nodes[1].effects.len();
        let update = puppet.update(4, 2, operations, &after);
        world.inject(0, 1, &Message::Update(update));
        assert_eq!(world.balances(1, id)[1], ends_with);
        let effects = &world.nodes[1].effects[effects..];
        let stored = effects.iter().position(|effect| {
            matches!(effect, Effect::Persist(record) if record.id == RecordId::State(id, Nonce::new(4).unwrap()))
        });
        let returned = effects.iter().position(|effect| {
            matches!(effect, Effect::Send { frame, .. } if matches!(message(frame), Message::UpdateAck(_)))
        });
        assert!(stored.unwrap() < returned.unwrap());
    }
    // What would take something from it is never a matter of weighing: the proposer cannot even say it.
    let (mut world, id) = World::pair([400, 400]);
    let puppet = Puppet::of(&world, 0, id);
    let update = puppet.update(4, 2, vec![paying(5)], &content(-5, &[]));
    world.inject(0, 1, &Message::Update(update));
    assert_eq!(world.balances(1, id), [400, 400]);
    assert_eq!(world.channel(1, id).phase, Phase::Stopped);
}

// req: A46, A47, A48
#[test]
fn a_secret_sealed_to_us_is_found_in_the_lock_and_taught_to_the_payer() {
    for payer in 0..2 {
        let (mut world, id) = World::pair([400, 400]);
        let payee = 1 - payer;
        let invoice = Invoice::sealed(&mut world, payee, 50, 5000);
        let send = invoice.direct(&mut world, id, 50);
        world.command(payer, send).unwrap();
        world.deliver(payer, payee);
        let taught = world.nodes[payee]
            .sent
            .iter()
            .filter_map(|(_, frame)| match message(frame) {
                Message::RequestCommit(shown) => Some(shown.preimage),
                _ => None,
            });
        assert_eq!(taught.collect::<Vec<_>>(), [invoice.preimage]);
        world.deliver_all();
        assert!(world.has_received(payee, invoice.key));
        assert!(world.has_sent(payer, invoice.key));
        assert_eq!(world.channel(0, id).locks, 0);
        world.assert_agreed(0, 1, id);
    }
}

// req: A10, A50
#[test]
fn a_lock_is_undecided_claimable_or_expired_and_never_two_of_them() {
    let (condition, key, expiry) = (registry(), B256::repeat_byte(1), Timestamp::new(100));
    // Time of the final block that was read, and of the first reveal in it; claimable, expired.
    let cases = [
        (None, None, false, false),
        (Some(99), None, false, false),
        (Some(100), None, false, false),
        (Some(101), None, false, true),
        (Some(99), Some(98), true, false),
        (Some(101), Some(99), true, false),
        (Some(101), Some(100), true, false),
        (Some(101), Some(101), false, true),
        (Some(200), Some(150), false, true),
    ];
    for (read, revealed, claimable, expired) in cases {
        let mut facts = Facts::default();
        if let Some(read) = read {
            let seen = (Timestamp::new(read), revealed.map(Timestamp::new));
            facts.expired.insert((condition, key), seen);
        }
        let case = format!("{read:?} {revealed:?}");
        assert_eq!(
            facts.is_claimable(condition, key, expiry),
            claimable,
            "{case}"
        );
        assert_eq!(facts.is_expired(condition, key, expiry), expired, "{case}");
        assert!(
            !facts.is_claimable(registry(), B256::ZERO, expiry),
            "{case}"
        );
    }
    let lock = Lock {
        condition,
        key,
        amount: amount(1),
        payer: Participant::Zero,
        expiry,
    };
    for (now, decided) in [(99, false), (100, false), (101, true)] {
        let now = Timestamp::new(now);
        let facts = Facts {
            now,
            ..Facts::default()
        };
        assert_eq!(facts.is_decided(&lock), decided);
    }
}

// req: A53, E54
#[test]
fn a_lock_is_worth_the_same_by_consent_and_by_the_chain() {
    for reveals in [true, false] {
        let mut ends = Vec::new();
        for disputed in [true, false] {
            let (mut world, id) = World::pair([400, 0]);
            let invoice = if reveals {
                Invoice::expected(&mut world, 1, 50, 20_000)
            } else {
                Invoice::unknown(&mut world, 1, 50, 20_000)
            };
            let send = invoice.direct(&mut world, id, 50);
            world.command(0, send).unwrap();
            world.deliver(0, 1);
            if disputed {
                world.cut(0, 1);
                world
                    .command(0, Command::Challenge { channel: id })
                    .unwrap();
            } else {
                world.deliver_all();
                world.finalize(invoice.expiry.seconds());
                world.command(0, Command::Close { channel: id }).unwrap();
                world.deliver_all();
            }
            world.finalize(world.chain.now() + 3600);
            world.finalize(invoice.expiry.seconds());
            world.mine(60);
            ends.push(
                world
                    .chain
                    .paid(id)
                    .into_array()
                    .map(|paid| paid.to::<u128>()),
            );
        }
        assert_eq!(ends[0], ends[1]);
        assert_eq!(ends[0], if reveals { [350, 50] } else { [400, 0] });
    }
}

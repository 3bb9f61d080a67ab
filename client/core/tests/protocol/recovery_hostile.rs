//! Old disks and shown states in bad hands: what a peer can say to who has lost states, and what bad luck does without one.

use counterfoil_core::channel::{Phase, Policy};
use counterfoil_core::effect::{Call, Command, Event};
use counterfoil_core::engine::History;
use counterfoil_core::state::{Content, Withdrawing};
use counterfoil_core::types::{ChannelId, Nonce, Pair, Participant, Timestamp};
use counterfoil_core::wire::{ErrorMessage, Message, NewestState, Operation, Update};
use counterfoil_sim::{
    DEPTH, Invoice, PERIOD, Puppet, World, amount, content, locking, message, pay, policy,
};

fn settle(world: &mut World, id: ChannelId) -> [u128; 2] {
    for _ in 0..=DEPTH {
        world.mine(12);
    }
    world.mine(u64::from(PERIOD));
    for _ in 0..=2 * DEPTH {
        world.mine(12);
    }
    let paid = world.chain.paid(id);
    [paid.zero.to(), paid.one.to()]
}

fn error(channel: ChannelId) -> Message {
    let text = String::new();
    Message::Error(ErrorMessage { channel, text })
}

/// What `node` has proposed last.
fn proposal(world: &World, node: usize) -> Update {
    match world.last_sent(node) {
        Message::Update(update) => update,
        other => panic!("{other:?}"),
    }
}

/// The update of `by`, shown back to it by the other side with another content behind the same commitment.
fn shown(
    id: ChannelId,
    update: &Update,
    by: Participant,
    cheat: &Puppet,
    content: Content,
) -> Message {
    let theirs = cheat.sign(update.nonce.number(), &content);
    Message::NewestState(NewestState {
        channel: id,
        nonce: update.nonce,
        content,
        signatures: Pair::from_side(by, update.signature, theirs),
    })
}

// Money at risk: a payment whose secret the payer knows. The ids of locks are under no signature; a payer showed the newest
// state with another id, the payee's payment pointed at nothing, and the secret never reached the chain.
// req: A46, GAP-K8
#[test]
fn a_secret_is_revealed_although_the_peer_renumbers_its_lock() {
    let (mut world, id) = World::pair([400, 100]);
    let invoice = Invoice::expected(&mut world, 1, 70, 2000);
    let send = invoice.direct(&mut world, id, 70);
    world.command(0, send).unwrap();
    world.deliver(0, 1);
    world.deliver(1, 0);
    world.cut(0, 1);
    world.pay(1, id, 1);
    let update = proposal(&world, 1);
    world.inject(0, 1, &error(id));
    assert_eq!(world.channel(1, id).phase, Phase::Stopped);
    let lock = locking(40, invoice.key, 70, invoice.expiry);
    let renumbered = content(-1, &[(Participant::Zero, lock)]);
    let cheat = Puppet::of(&world, 0, id);
    let message = shown(id, &update, Participant::One, &cheat, renumbered);
    world.inject(0, 1, &message);
    assert_eq!(world.channel(1, id).nonce, update.nonce, "taken");
    while world.chain.now() <= invoice.expiry.seconds() {
        world.mine_silently(60);
        world.tell(1);
    }
    world
        .command(1, Command::Challenge { channel: id })
        .unwrap();
    assert_eq!(settle(&mut world, id), [331, 169]);
}

// Money at risk: what the user withdraws a second time, or believes to have.
#[test]
fn what_may_leave_a_channel_is_not_taken_from_a_peer() {
    let (mut world, id) = World::pair([400, 100]);
    let cheat = Puppet::of(&world, 1, id);
    world.cut(0, 1);
    world.pay(0, id, 1);
    let update = proposal(&world, 0);
    world.inject(1, 0, &error(id));
    let mut forged = content(1, &[]);
    forged.withdrawing.push(Withdrawing {
        by: Participant::Zero,
        nonce: Nonce::ZERO,
        amount: amount(1_000_000),
        deadline: Timestamp::new(1 << 39),
    });
    let message = shown(id, &update, Participant::Zero, &cheat, forged);
    world.inject(1, 0, &message);
    assert_eq!(world.balances(0, id), [399, 101]);
    world.crash(0);
    for _ in 0..=DEPTH {
        world.mine(12);
    }
    let told =
        |event: &Event| matches!(event, Event::Withdrawn { .. } | Event::NotWithdrawn { .. });
    assert!(!world.nodes[0].events.iter().any(told));
}

// Money at risk: a payment made twice. Its settle was co-signed and the answer lost; the peer's state then took the place of
// the proposal, and the user was told that the payment had failed.
#[test]
fn a_settle_whose_answer_was_lost_is_told_as_paid_when_the_peer_shows_the_state() {
    for crashes in [false, true] {
        let (mut world, id) = World::pair([400, 100]);
        let invoice = Invoice::expected(&mut world, 1, 70, 2000);
        let send = invoice.direct(&mut world, id, 70);
        world.command(0, send).unwrap();
        world.deliver(0, 1);
        world.deliver(1, 0);
        world.deliver(1, 0);
        world.deliver(0, 1);
        assert!(world.has_received(1, invoice.key));
        world.cut(0, 1);
        world
            .command(0, Command::Challenge { channel: id })
            .unwrap();
        if crashes {
            world.crash(0);
            world.tell(0);
        }
        world.heal();
        assert_eq!(settle(&mut world, id), [330, 170]);
        assert_eq!(world.failure(0, invoice.key), None);
        assert!(world.has_sent(0, invoice.key));
    }
}

// Money at risk: a payment made twice.
// req: E3
#[test]
fn a_node_with_an_old_disk_does_not_say_that_a_payment_failed() {
    for history in [History::Whole, History::MayBeOld] {
        for disk_is_after_secret in [false, true] {
            let (mut world, id) = World::pair([400, 100]);
            let invoice = Invoice::expected(&mut world, 1, 70, 2000);
            if !disk_is_after_secret {
                // The lock waits behind a payment that is not answered yet.
                world.pay(0, id, 1);
            }
            let send = invoice.direct(&mut world, id, 70);
            world.command(0, send).unwrap();
            let mut disk = world.nodes[0].store.clone();
            if disk_is_after_secret {
                world.deliver(0, 1);
                world.deliver(1, 0);
                world.deliver(1, 0);
                disk = world.nodes[0].store.clone();
            }
            world.deliver_all();
            assert!(world.has_sent(0, invoice.key));
            world.pay(0, id, 5);
            world.deliver_all();
            world.restore(0, disk, history);
            world.tell(0);
            world.heal();
            world
                .command(0, Command::Challenge { channel: id })
                .unwrap();
            settle(&mut world, id);
            assert_eq!(world.failure(0, invoice.key), None, "{history:?}");
        }
    }
}

// Money at risk: the mediator's. It had paid downstream in states that were lost, and gave the upstream lock back.
// req: K30, E3
#[test]
fn a_mediator_with_an_old_disk_gives_nothing_back_that_it_may_have_paid_on() {
    let mut world = World::new(3);
    let up = world.open(0, 1, [400, 100]);
    let down = world.open(1, 2, [400, 100]);
    let invoice = Invoice::expected(&mut world, 2, 70, 2000);
    let send = invoice.over(&mut world, up, 70, 70);
    world.command(0, send).unwrap();
    world.deliver(0, 1);
    let disk = world.nodes[1].store.clone();
    world.deliver(1, 0);
    world.cut(0, 1);
    world.deliver_all();
    world.finalize(invoice.expiry.seconds());
    assert!(world.has_received(2, invoice.key));
    world.restore(1, disk, History::Whole);
    world.connect(1, 2);
    world.tell(1);
    world.deliver_all();
    assert_eq!(world.channel(1, down).phase, Phase::Recovering);
    assert_eq!(world.channel(1, up).phase, Phase::Open);
    world.crash(1);
    world.tell(1);
    let since = world.nodes[1].sent.len();
    world.connect(0, 1);
    while world.deliver(0, 1) {}
    let gives_back = |(_, frame): &(usize, Vec<u8>)| {
        let cancels = |operation: &Operation| matches!(operation, Operation::Cancel(_));
        matches!(message(frame), Message::Update(update) if update.operations.iter().any(cancels))
    };
    assert!(!world.nodes[1].sent[since..].iter().any(gives_back));
}

// Money at risk: all of it. A disk from before the first answer was told of later states, ignored that, took the next frame
// for a fault and forgot the channel; nobody answered a cheat's old state any more.
// req: E3, E54
#[test]
fn a_disk_from_before_the_channel_came_to_life_learns_that_it_did() {
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
    assert_eq!(world.channel(0, id).phase, Phase::Created);
    world.deliver_all();
    for _ in 0..=DEPTH + 1 {
        world.mine(12);
    }
    world.pay(0, id, 300);
    world.deliver_all();
    let old = world.nodes[1].engine.export(id).unwrap();
    world.pay(1, id, 250);
    world.deliver_all();
    world.restore(0, disk, History::Whole);
    world.tell(0);
    world.heal();
    assert_eq!(world.channel(0, id).phase, Phase::Recovering);
    world.cut(0, 1);
    world.chain.submit(old);
    for _ in 0..=DEPTH {
        world.mine_silently(12);
        world.tell(0);
    }
    let answers = |call: &Call| matches!(call, Call::Respond { .. });
    assert!(world.chain.calls.iter().any(answers));
}

// Money at risk: a second state at a nonce. The peer had called the deposits final, so the chain alone made the channel open,
// and the user could pay before any link had shown that the disk was old.
// req: E3
#[test]
fn a_disk_from_before_the_deposits_were_final_signs_nothing_before_a_link_is_up() {
    let slow = Policy {
        minimum_depth: DEPTH + 5,
        ..policy()
    };
    let mut world = World::with(vec![slow, policy()]);
    let wish = world.wish(1, [400, 0]);
    let id = world.agree(0, 1, wish);
    let mut disk = None;
    for _ in 0..DEPTH + 8 {
        world.mine(12);
        let mut sent = world.nodes[1].sent.iter();
        let is_announced =
            sent.any(|(_, frame)| matches!(message(frame), Message::FundingLocked(_)));
        if disk.is_none() && is_announced {
            assert_eq!(world.channel(0, id).phase, Phase::Funding);
            disk = Some(world.nodes[0].store.clone());
        }
    }
    world.pay(0, id, 5);
    world.deliver_all();
    world.restore(0, disk.unwrap(), History::Whole);
    world.tell(0);
    let since = world.nodes[0].sent.len();
    world.command(0, pay(id, 9)).unwrap();
    assert_eq!(world.nodes[0].sent.len(), since);
    world.heal();
    assert_eq!(world.channel(0, id).phase, Phase::Recovering);
}

// Money at risk: the responder's deposit, for a dispute's length. It deposited at once, its first signature was lost, and what
// it repeated on the next link was a fault where that signature had not come yet.
// req: E41, E42
#[test]
fn a_responder_repeats_its_first_signature_before_all_else() {
    for (closes, restarts) in [(false, false), (true, false), (true, true)] {
        let mut world = World::new(2);
        let wish = world.wish(1, [0, 100]);
        world.command(0, Command::Open(wish.clone())).unwrap();
        world.deliver_all();
        let (seed, temporary_id) = (world.word(), wish.temporary_id());
        world
            .command(1, Command::Join { temporary_id, seed })
            .unwrap();
        world.deliver(1, 0);
        world.deliver(0, 1);
        world.cut(0, 1);
        for _ in 0..=DEPTH + 1 {
            world.mine(12);
        }
        let channel = world.nodes[1].engine.channels()[0].id;
        if closes {
            world.command(1, Command::Close { channel }).unwrap();
        }
        if restarts {
            world.crash(1);
            world.tell(1);
        }
        world.heal();
        for _ in 0..=2 * DEPTH + 2 {
            world.mine(12);
        }
        let ended = if closes { Phase::Closed } else { Phase::Open };
        for node in [0, 1] {
            assert_eq!(world.channel(node, channel).phase, ended);
        }
    }
}

#[test]
fn a_withdrawal_is_told_although_the_channel_closes_before_it_is_final() {
    let (mut world, id) = World::pair([400, 100]);
    let command = Command::Withdraw {
        channel: id,
        amount: amount(50),
        deadline: world.expiry(3600),
    };
    world.command(0, command).unwrap();
    world.deliver_all();
    world.mine(12);
    world.command(0, Command::Close { channel: id }).unwrap();
    world.deliver_all();
    for _ in 0..=2 * DEPTH {
        world.mine(12);
    }
    let told = Event::Withdrawn {
        channel: id,
        amount: amount(50),
    };
    assert!(world.nodes[0].events.contains(&told));
    assert_eq!(world.chain.paid(id).zero.to::<u128>(), 400);
}

#[test]
fn a_withdrawal_that_lapses_is_no_news_about_deposits() {
    let (mut world, id) = World::pair([400, 100]);
    world.chain.stuck = true;
    let command = Command::Withdraw {
        channel: id,
        amount: amount(50),
        deadline: world.expiry(600),
    };
    world.command(0, command).unwrap();
    world.deliver_all();
    let before = [0, 1].map(|node| world.nodes[node].events.len());
    world.mine(700);
    for _ in 0..=DEPTH {
        world.mine(12);
    }
    let counted = |event: &Event| matches!(event, Event::DepositCounted { .. });
    for node in [0, 1] {
        assert!(!world.nodes[node].events[before[node]..].iter().any(counted));
    }
}

//! A mediator between silent peers: the chain decides, and the mediator never loses.

use crate::mediator::{mediators, route};
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Call, ChainEvent, Command, Input};
use counterfoil_core::types::{ChannelId, Timestamp};
use counterfoil_core::wire::Message;
use counterfoil_sim::{Invoice, World, key_of};

/// A payment that the mediator has passed on and nobody has answered.
fn underway(expected: bool) -> (World, [ChannelId; 2], Invoice) {
    let (mut world, ids) = route();
    let invoice = if expected {
        Invoice::expected(&mut world, 2, 100, 5000)
    } else {
        Invoice::unknown(&mut world, 2, 100, 5000)
    };
    let send = invoice.over(&mut world, ids[0], 102, 100);
    world.command(0, send).unwrap();
    world.deliver(0, 1);
    world.deliver(1, 0);
    (world, ids, invoice)
}

/// Whether any of these frames, whatever it is, holds the secret of the payment.
fn tells(frames: &[(usize, Vec<u8>)], invoice: &Invoice) -> bool {
    frames.iter().any(|(_, frame)| contains(frame, invoice))
}

fn contains(bytes: &[u8], invoice: &Invoice) -> bool {
    let secret = invoice.preimage.as_slice();
    bytes.windows(secret.len()).any(|part| part == secret)
}

/// Blocks that the nodes hear of while no link carries anything.
fn wait_until(world: &mut World, time: u64, listening: &[usize]) {
    while world.chain.now() < time {
        world.mine_silently(60);
        for node in listening {
            world.tell(*node);
        }
    }
}

fn reveals(world: &World) -> usize {
    let calls = world.chain.calls.iter();
    calls
        .filter(|call| matches!(call, Call::Reveal { .. }))
        .count()
}

// req: K30, K32, K33, GAP-A2, GAP-K3
#[test]
fn a_silent_payee_costs_time_only_and_nothing_comes_back_before_a_final_block_says_so() {
    let (mut world, ids, invoice) = underway(true);
    world.deliver(1, 2);
    world.cut(1, 2);
    world.chain.stuck = true;
    let expiry = invoice.expiry.seconds();
    wait_until(&mut world, expiry + 61, &[0, 1]);
    world.deliver_all();
    assert_eq!(
        world.channel(0, ids[0]).locks,
        1,
        "past the expiry, but that is not final"
    );
    wait_until(&mut world, expiry + 360, &[0, 1]);
    world.deliver_all();
    assert_eq!(world.channel(0, ids[0]).locks, 0);
    assert_eq!(world.balances(0, ids[0]), [400, 0]);
    assert!(world.failure(0, invoice.key).is_some());
    world.heal();
    wait_until(&mut world, expiry + 600, &[0, 1, 2]);
    world.deliver_all();
    assert_eq!(world.channel(2, ids[1]).locks, 0);
    assert_eq!(mediators(&world, ids), 300);
    assert!(
        world.failure(2, invoice.key).is_some(),
        "the payee hears that nothing came"
    );
}

// req: K25, K26, K28, A48
#[test]
fn a_payee_whose_mediator_is_silent_reveals_on_chain_in_time_and_all_are_paid() {
    let (mut world, ids, invoice) = underway(true);
    world.deliver(1, 2);
    world.cut(1, 2);
    let margin = invoice.expiry.seconds() - 600;
    wait_until(&mut world, margin - 60, &[0, 1, 2]);
    assert_eq!(reveals(&world), 0, "not before the margin begins");
    wait_until(&mut world, margin + 61, &[0, 1, 2]);
    world.deliver_all();
    assert_eq!(
        world.balances(0, ids[0]),
        [298, 102],
        "the mediator learned the secret from the chain"
    );
    world.heal();
    wait_until(&mut world, margin + 120, &[0, 1, 2]);
    world.deliver_all();
    assert_eq!(world.balances(2, ids[1]), [200, 100]);
    assert_eq!(mediators(&world, ids), 302);
}

// req: K25, K26, K33
#[test]
fn a_mediator_whose_payer_is_silent_reveals_on_chain_and_pays_only_when_that_is_final() {
    let (mut world, ids, invoice) = underway(true);
    world.cut(0, 1);
    world.deliver(1, 2);
    world.deliver(2, 1);
    world.deliver(2, 1);
    let expiry = invoice.expiry.seconds();
    let pays_downstream = |world: &mut World| {
        world.deliver_all();
        world.balances(2, ids[1])[1] > 0
    };
    assert!(
        !pays_downstream(&mut world),
        "not before it is paid upstream"
    );
    wait_until(&mut world, expiry - 60, &[1, 2]);
    assert!(reveals(&world) >= 1);
    assert!(
        !pays_downstream(&mut world),
        "a reveal that was seen is not final"
    );
    wait_until(&mut world, expiry + 400, &[1, 2]);
    assert!(pays_downstream(&mut world));
    // The payer's lock stays claimable for ever: the mediator is paid by a dispute.
    world
        .command(1, Command::Challenge { channel: ids[0] })
        .unwrap();
    for _ in 0..8 {
        world.mine(1200);
    }
    let paid = world.chain.paid(ids[0]);
    assert_eq!(paid.one.to::<u128>(), 102);
}

// Money at risk: the mediator's. It saw a reveal, a reorg took it away, and time alone made it look final.
// req: K26, K30
#[test]
fn a_reveal_that_a_reorg_takes_away_makes_no_mediator_pay() {
    let (mut world, ids, invoice) = underway(false);
    world.deliver(1, 2);
    world.deliver(2, 1);
    world.links.clear();
    let at = Timestamp::new(world.chain.now());
    let revealed = ChainEvent::Revealed {
        condition: counterfoil_sim::registry(),
        key: invoice.key,
        preimage: invoice.preimage,
        at,
    };
    world.cut(0, 1);
    world.input(1, Input::Chain(revealed)).unwrap();
    wait_until(&mut world, at.seconds() + 600, &[1]);
    assert_eq!(world.channel(1, ids[1]).locks, 1);
    assert!(world.busy_links().is_empty(), "nothing was paid downstream");
}

// Money at risk: the payee's. A mediator that hears the secret after the expiry is paid upstream with it and owes nobody.
// req: K25, K30
#[test]
fn a_payee_keeps_its_secret_once_the_expiry_has_passed_unrevealed() {
    let (mut world, ids, invoice) = underway(true);
    world.deliver(1, 2);
    world.cut(1, 2);
    world.chain.stuck = true;
    wait_until(&mut world, invoice.expiry.seconds() + 60, &[0, 1, 2]);
    assert!(
        tells(&world.nodes[2].sent, &invoice),
        "it was shown while there was time, and was lost with the link"
    );
    let before = world.nodes[2].sent.len();
    world.connect(1, 2);
    world.crash(2);
    world.connect(1, 2);
    let unaware = world.nodes[2].sent.len();
    assert!(unaware > before, "it says what it holds");
    world.tell(2);
    world.deliver_all();
    assert!(!tells(&world.nodes[2].sent[before..], &invoice));
    let knows = |bytes: &Vec<u8>| contains(bytes, &invoice);
    assert!(!world.nodes[1].store.values().any(knows));
    assert_eq!(world.balances(2, ids[1]), [200, 0]);
}

// Money at risk: the payee's. After a restart the time was unknown, and any expiry looked far away: a lock that became final
// then was answered with the secret though there might be no time left to reveal it.
// req: E3, K25
#[test]
fn no_secret_is_shown_before_the_chain_has_told_the_time() {
    let (mut world, id) = World::pair([400, 400]);
    let invoice = Invoice::sealed(&mut world, 0, 100, 700);
    let send = invoice.direct(&mut world, id, 100);
    world.pay(0, id, 1);
    world.command(1, send).unwrap();
    world.deliver(1, 0);
    world.crash(0);
    world.connect(0, 1);
    world.deliver_all();
    assert!(!tells(&world.nodes[0].sent, &invoice));
    assert_eq!(world.channel(0, id).locks, 0, "the lock is given back");
    assert!(world.failure(1, invoice.key).is_some());
}

// Money at risk: none, but the payer's lock stayed until its expiry. A cancel that waited for its turn was lost in a crash.
// req: K29, K32, E3
#[test]
fn a_cancel_that_a_crash_took_is_proposed_again() {
    let mut world = World::new(3);
    let first = world.open(0, 1, [400, 100]);
    let second = world.open(1, 2, [300, 0]);
    let invoice = Invoice::unknown(&mut world, 2, 100, 5000);
    let send = invoice.over(&mut world, first, 100, 100);
    world.command(0, send).unwrap();
    world.deliver(0, 1);
    world.deliver(1, 0);
    world.deliver(1, 2);
    // The mediator waits for its payer's answer when the cancel from downstream comes.
    world.pay(1, first, 1);
    while world.deliver(2, 1) {}
    assert_eq!(world.channel(1, second).locks, 0);
    world.crash(1);
    world.recover(1);
    world.deliver_all();
    assert_eq!(world.channel(0, first).locks, 0);
    assert!(world.failure(0, invoice.key).is_some());
}

// req: K30
#[test]
fn a_downstream_dispute_gives_nothing_back_before_the_expiry_is_final() {
    let (mut world, ids, invoice) = underway(true);
    world.deliver(1, 2);
    world.cut(1, 2);
    world
        .command(2, Command::Challenge { channel: ids[1] })
        .unwrap();
    let later = world.chain.now() + 3900;
    wait_until(&mut world, later, &[0, 1, 2]);
    world.deliver_all();
    world.mine(60);
    world.mine(60);
    // The payee revealed at once, so the mediator learned it and is paid by its payer.
    assert_eq!(world.balances(0, ids[0]), [298, 102]);
    assert_eq!(world.chain.paid(ids[1]).one.to::<u128>(), 100);
    assert_eq!(world.channel(1, ids[1]).phase, Phase::Closed);
    world.finalize(invoice.expiry.seconds());
    assert_eq!(world.failure(0, invoice.key), None);
}

// Money at risk: the payee's, who trusted a mediator that was paid and crashed before it could pay on.
// req: K26, K28, E3
#[test]
fn a_mediator_that_was_paid_pays_on_though_the_lock_has_expired_meanwhile() {
    let (mut world, ids, invoice) = underway(true);
    world.deliver(1, 2);
    world.deliver(2, 1);
    world.deliver(2, 1);
    world.chain.stuck = true;
    // The mediator's settle waits behind a payment that nobody answers, and is lost with the process.
    world.pay(1, ids[1], 1);
    world.cut(1, 2);
    world.deliver_all();
    assert_eq!(world.balances(0, ids[0]), [298, 102]);
    world.crash(1);
    wait_until(&mut world, invoice.expiry.seconds() + 400, &[0, 2]);
    world.tell(1);
    world.heal();
    world.mine(12);
    assert_eq!(world.balances(2, ids[1]), [199, 101]);
}

// req: K24, GAP-K8
#[test]
fn a_wrong_secret_changes_nothing() {
    let (mut world, ids, invoice) = underway(false);
    world.deliver(1, 2);
    world.deliver(2, 1);
    world.links.clear();
    for lock in [1, 2, 4] {
        let wrong = counterfoil_core::wire::RequestCommit {
            channel: ids[1],
            lock: counterfoil_core::types::LockId(lock),
            preimage: key_of(invoice.preimage),
        };
        world.inject(2, 1, &Message::RequestCommit(wrong));
    }
    world.deliver_all();
    assert_eq!(mediators(&world, ids), 200, "the lock is still pending");
    assert_eq!(world.channel(1, ids[1]).phase, Phase::Open);
}

//! Holes that a review found, each with the money that was at risk.

use counterfoil_core::effect::{Call, ChainEvent, Command, Depth, Effect, Input, Watch};
use counterfoil_core::state::{close_digest, will_digest};
use counterfoil_core::types::*;
use counterfoil_core::wire::*;
use counterfoil_sim::*;

fn lock_for(world: &mut World, id: u64, invoice: &Invoice, channel: ChannelId) -> Operation {
    let Command::Send {
        key,
        amount,
        expiry,
        payload,
        ..
    } = invoice.over(world, channel, 20, 20)
    else {
        panic!("an invoice is paid by sending");
    };
    Operation::Lock(NewLock {
        id: LockId(id),
        condition: registry(),
        key,
        amount,
        expiry,
        payload,
    })
}

// At risk: a mediator took a lock in an update that "answered" its refusal, passed it on, and then signed a close that left
// the lock out: 20 paid downstream, nothing received.
// req: E58, E61, K30
#[test]
fn after_shutdown_no_lock_comes_in_by_answering_a_refusal_and_no_close_leaves_one_out() {
    let mut world = World::new(3);
    let upstream = world.open(0, 1, [100, 0]);
    let downstream = world.open(1, 2, [100, 0]);
    let puppet = Puppet::of(&world, 0, upstream);
    world.cut(0, 1);
    let channel = upstream;
    world.inject(0, 1, &Message::Shutdown(Shutdown { channel }));
    world.inject(0, 1, &Message::ShutdownAck(ShutdownAck { channel }));
    let invoice = Invoice::sealed(&mut world, 2, 20, 5000);
    let lock = lock_for(&mut world, 2, &invoice, upstream);
    let locked = content(0, &[(Participant::Zero, lock.clone())]);
    let refused = puppet.update(4, 2, vec![lock.clone()], &locked);
    world.inject(0, 1, &Message::Update(refused));
    let mut merge = puppet.update(6, 2, vec![lock], &locked);
    merge.answers = Nonce::new(5).unwrap();
    world.inject(0, 1, &Message::Update(merge));
    world.deliver_all();
    assert_eq!(world.channel(1, upstream).locks, 0);
    assert_eq!(world.channel(1, downstream).locks, 0);

    let net = SignedAmount::ZERO;
    let signature = puppet.key.sign(close_digest(&domain(), upstream, net));
    let closing = ClosingCreated {
        channel,
        net,
        signature,
    };
    world.inject(0, 1, &Message::ClosingCreated(closing));
    let signed = world.nodes[1]
        .sent
        .iter()
        .any(|(_, frame)| matches!(message(frame), Message::ClosingSigned(_)));
    assert!(!signed, "a close was signed while a refusal was unanswered");
}

// At risk: after a final reveal a mediator paid 20 downstream before it was paid upstream; restarted, it took the upstream lock
// for one that nobody waits for and gave it back.
// req: A48, K30, GAP-A4
#[test]
fn a_mediator_that_has_paid_on_still_claims_its_upstream_lock_after_a_restart() {
    let mut world = World::new(3);
    let upstream = world.open(0, 1, [100, 0]);
    let downstream = world.open(1, 2, [100, 0]);
    let invoice = Invoice::sealed(&mut world, 2, 20, 5000);
    let send = invoice.over(&mut world, upstream, 20, 20);
    world.command(0, send).unwrap();
    world.deliver(0, 1);
    world.deliver(1, 0);
    world.cut(0, 1);
    world.deliver_all();
    world.finalize(invoice.expiry.seconds());
    assert_eq!(world.channel(1, downstream).locks, 0, "paid downstream");
    assert_eq!(world.channel(1, upstream).locks, 1, "not paid upstream");
    let before = world.nodes[1].sent.len();
    world.crash(1);
    let gives_back = world.nodes[1].sent[before..]
        .iter()
        .any(|(_, frame)| match message(frame) {
            Message::Update(update) => update
                .operations
                .iter()
                .any(|operation| matches!(operation, Operation::Cancel(_))),
            _ => false,
        });
    assert!(!gives_back, "the upstream lock was given back");
    assert_eq!(world.channel(1, upstream).locks, 1);
}

// At risk: nothing but the disk: a peer that refused without naming an operation was sent the same proposal for ever, a
// signature, a sync and a stored state each time.
// req: E66
#[test]
fn a_refusal_that_names_no_operation_refuses_all_of_them() {
    let mut world = World::new(2);
    let channel = world.open(0, 1, [100, 0]);
    let puppet = Puppet::of(&world, 1, channel);
    world.cut(0, 1);
    world.pay(0, channel, 1);
    world.pay(0, channel, 2);
    let base = Nonce::FIRST;
    let refusal = UpdateError {
        channel,
        refused: Nonce::new(4).unwrap(),
        index: u16::MAX,
        reason: Reason::TooLarge,
        nonce: Nonce::new(5).unwrap(),
        base,
        signature: puppet.sign(5, &content(0, &[])),
    };
    let before = world.nodes[0].sent.len();
    world.inject(1, 0, &Message::UpdateError(refusal));
    let proposed: Vec<Operation> = world.nodes[0].sent[before..]
        .iter()
        .filter_map(|(_, frame)| match message(frame) {
            Message::Update(update) => Some(update.operations),
            _ => None,
        })
        .flatten()
        .collect();
    // The first payment is refused for good; the second was waiting and gets its turn.
    assert_eq!(proposed, [paying(2)]);
}

/// What a colluding payer and payee do to a mediator: the payee merges the mediator's lock with something that has to be
/// refused, then publishes the mediator's own proposal. Returns what the mediator ends with; it began with 300.
fn publish_what_was_displaced(then: impl FnOnce(&mut World, ChannelId)) -> i128 {
    let mut world = World::new(3);
    let down = world.open(0, 1, [100, 300]);
    let terms = world.channel(1, down).terms;
    let up = world.open(2, 1, [400, 0]);
    let puppet = Puppet::of(&world, 0, down);
    let invoice = Invoice::sealed(&mut world, 0, 100, 5000);
    let send = invoice.over(&mut world, up, 102, 100);
    world.command(2, send).unwrap();
    while world.deliver(2, 1) || world.deliver(1, 2) {}
    let Message::Update(proposed) = world.last_sent(1) else {
        panic!("the mediator proposes the lock downstream");
    };
    world.cut(0, 1);
    let locked = content(0, &[(Participant::One, proposed.operations[0].clone())]);
    let mut merge = puppet.update(4, 2, vec![paying(1000)], &content(0, &[]));
    merge.answers = proposed.nonce;
    world.inject(0, 1, &Message::Update(merge));
    assert!(matches!(world.last_sent(1), Message::UpdateError(_)));
    then(&mut world, down);
    world.deliver_all();

    let commitment = puppet.commitment(3, &locked);
    let will = will_digest(&domain(), down, proposed.nonce, commitment);
    world.chain.submit(Call::Challenge {
        terms,
        nonce: proposed.nonce,
        commitment,
        signatures: Pair::new(puppet.sign(3, &locked), proposed.signature),
        will: puppet.key.sign(will),
    });
    world.mine(12);
    world.deliver_all();
    let (preimage, expiry) = (invoice.preimage, invoice.expiry);
    world.chain.submit(Call::Reveal {
        condition: registry(),
        preimage,
        expiry,
    });
    world.finalize(expiry.seconds());
    world.mine(12);
    world.deliver_all();
    let downstream: i128 = world.chain.paid(down).one.to();
    downstream + world.balances(1, up)[1]
}

// At risk: 100 of a mediator for every lock that a payee merged, had refused, and published: the mediator took its own signed
// proposal for one that could not happen any more, and gave the upstream lock back.
// req: A48, K30, S30
#[test]
fn a_proposal_that_a_refused_merge_displaced_counts_until_the_refusal_is_co_signed() {
    assert_eq!(publish_what_was_displaced(|_, _| {}), 302);
    let with_error = |world: &mut World, channel| {
        let text = "bye".to_owned();
        world.inject(0, 1, &Message::Error(ErrorMessage { channel, text }));
    };
    assert_eq!(publish_what_was_displaced(with_error), 302);
    let with_crash = |world: &mut World, _| {
        world.crash(1);
        world.connect(1, 2);
        world.tell(1);
    };
    assert_eq!(publish_what_was_displaced(with_crash), 302);
}

// At risk: the whole balance: a close seen in the newest block was believed for ever, so after a reorg nobody watched for the
// stale state that the peer published instead, and the user could not start a dispute.
// req: E54, E55
#[test]
fn a_close_that_a_reorg_takes_back_is_watched_and_can_be_disputed() {
    let (mut world, channel) = World::pair([400, 100]);
    let open = world.chain.view(channel);
    world.pay(0, channel, 50);
    world.deliver_all();
    world.command(0, Command::Close { channel }).unwrap();
    world.deliver_all();
    world.mine(1);
    world.crash(1);
    let watched = world.nodes[1].effects.iter().any(
        |effect| matches!(effect, Effect::Watch(Watch::Channel { channel: id, .. }) if *id == channel),
    );
    assert!(watched, "nothing watches a close that is not final");
    let reorged = ChainEvent::Channel {
        channel,
        depth: Depth::Latest,
        as_of: Timestamp::new(START),
        status: open,
    };
    world.input(1, Input::Chain(reorged)).unwrap();
    world.command(1, Command::Challenge { channel }).unwrap();
}

// Money at risk: a payment that the user believes to be made. Its lock was never in a state that counts, its preimage was on
// chain, and a lock that was not there was taken for one that was settled.
// req: K33
#[test]
fn a_lock_that_no_state_of_the_chain_held_is_not_told_as_paid() {
    let (mut world, id) = World::pair([400, 100]);
    let invoice = Invoice::unknown(&mut world, 1, 70, 2000);
    let send = invoice.direct(&mut world, id, 70);
    world.command(0, send).unwrap();
    world.cut(0, 1);
    world.chain.submit(Call::Reveal {
        condition: counterfoil_sim::registry(),
        preimage: invoice.preimage,
        expiry: invoice.expiry,
    });
    world.mine(12);
    world
        .command(1, Command::Challenge { channel: id })
        .unwrap();
    world.mine(12);
    world.mine(u64::from(counterfoil_sim::PERIOD));
    for _ in 0..=2 * counterfoil_sim::DEPTH {
        world.mine(12);
    }
    let paid = world.chain.paid(id);
    assert_eq!([paid.zero.to::<u128>(), paid.one.to()], [400, 100]);
    assert!(!world.has_sent(0, invoice.key));
    assert!(world.failure(0, invoice.key).is_some());
}

//! Holes that a review found, each with the money that was at risk.

use crate::kit::*;
use counterfoil_core::effect::Command;
use counterfoil_core::state::close_digest;
use counterfoil_core::types::*;
use counterfoil_core::wire::*;

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

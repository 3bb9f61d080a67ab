//! One mediator between payer and payee: fees, refusals, and crashes in every turn.

use counterfoil_core::channel::{Phase, Policy};
use counterfoil_core::effect::Event;
use counterfoil_core::engine::Error;
use counterfoil_core::types::{Amount, ChannelId};
use counterfoil_core::wire::{Message, Operation, Reason};
use counterfoil_sim::{Invoice, Survives, World, amount, message, policy};

const TURNS: usize = 24;

/// A, M and B with channels A-M and M-B; M asks 2 for a payment.
pub(crate) fn route() -> (World, [ChannelId; 2]) {
    let mediator = Policy {
        fee_base: Amount::new(2),
        ..policy()
    };
    let mut world = World::with(vec![policy(), mediator, policy()]);
    let first = world.open(0, 1, [400, 0]);
    let second = world.open(1, 2, [300, 0]);
    (world, [first, second])
}

/// What M owns in both channels; 300 to begin with.
pub(crate) fn mediators(world: &World, [first, second]: [ChannelId; 2]) -> i128 {
    world.balances(1, first)[1] + world.balances(1, second)[0]
}

// req: A1, A2, A3, A4, A5, A6, A15, A17, A20, A21, A22, A23, A29, A30, A31, A32, A33, A48, K16, K17, K18, K24, K26, K28
#[test]
fn a_payment_goes_through_a_mediator_under_one_hash() {
    for sealed in [false, true] {
        let (mut world, ids) = route();
        let invoice = if sealed {
            Invoice::sealed(&mut world, 2, 100, 5000)
        } else {
            Invoice::expected(&mut world, 2, 100, 5000)
        };
        let send = invoice.over(&mut world, ids[0], 102, 100);
        world.command(0, send).unwrap();
        world.deliver_all();
        assert_eq!(world.balances(0, ids[0]), [298, 102]);
        assert_eq!(world.balances(2, ids[1]), [200, 100]);
        assert_eq!(mediators(&world, ids), 302);
        assert!(world.has_sent(0, invoice.key));
        assert!(world.has_received(2, invoice.key));
        let forwarded = Event::PaymentForwarded {
            key: invoice.key,
            fee: amount(2),
        };
        assert!(world.nodes[1].events.contains(&forwarded));
        let keys = world
            .nodes
            .iter()
            .flat_map(|node| &node.sent)
            .filter_map(|(_, frame)| match message(frame) {
                Message::Update(update) => {
                    update
                        .operations
                        .into_iter()
                        .find_map(|operation| match operation {
                            Operation::Lock(new) => Some((new.key, new.expiry)),
                            _ => None,
                        })
                }
                _ => None,
            });
        assert!(
            keys.into_iter()
                .all(|lock| lock == (invoice.key, invoice.expiry)),
            "same hash, same expiry"
        );
    }
}

// req: A13, A14, GAP-A1
#[test]
fn a_secret_is_durable_before_anything_leaves_and_a_mediator_never_sees_it_sealed() {
    let (mut world, ids) = route();
    let invoice = Invoice::sealed(&mut world, 2, 100, 5000);
    let send = invoice.over(&mut world, ids[0], 102, 100);
    world.command(0, send).unwrap();
    let seen = |bytes: &[u8]| {
        bytes
            .windows(32)
            .any(|window| window == invoice.preimage.as_slice())
    };
    world.deliver(0, 1);
    assert!(
        !world.nodes[0]
            .sent
            .iter()
            .chain(&world.nodes[1].sent)
            .any(|(_, frame)| seen(frame))
    );
    assert!(!world.nodes[1].store.values().any(|record| seen(record)));
    world.deliver(1, 0);
    world.deliver(1, 2);
    assert!(
        world.nodes[2].store.values().any(|record| seen(record)),
        "the payee stored it with the lock"
    );
}

fn fails(
    world: &mut World,
    ids: [ChannelId; 2],
    invoice: &Invoice,
    locked: u128,
    onward: u128,
) -> Reason {
    let before = mediators(world, ids);
    let send = invoice.over(world, ids[0], locked, onward);
    world.command(0, send).unwrap();
    world.deliver_all();
    assert_eq!(mediators(world, ids), before);
    assert_eq!(world.channel(0, ids[0]).locks, 0);
    assert_eq!(world.channel(2, ids[1]).locks, 0);
    assert_eq!(world.channel(1, ids[0]).phase, Phase::Open);
    assert!(!world.has_received(2, invoice.key));
    world
        .failure(0, invoice.key)
        .expect("the payer hears of it")
}

// req: A5, A24, A25, A26, A43, K6, K7, K29, K32, GAP-A3, GAP-A5
#[test]
fn what_cannot_go_on_comes_back_with_a_reason() {
    let (mut world, ids) = route();
    let invoice = Invoice::expected(&mut world, 2, 100, 5000);
    assert_eq!(
        fails(&mut world, ids, &invoice, 101, 100),
        Reason::FeeTooLow
    );
    assert_eq!(
        fails(&mut world, ids, &invoice, 50, 0),
        Reason::AmountTooSmall
    );
    // The proxy's side is short.
    let large = Invoice::expected(&mut world, 2, 301, 5000);
    assert_eq!(fails(&mut world, ids, &large, 303, 301), Reason::NoRoute);
    let unknown = Invoice::unknown(&mut world, 2, 100, 5000);
    assert_eq!(
        fails(&mut world, ids, &unknown, 102, 100),
        Reason::UnknownPayment
    );
    let near = Invoice::expected(&mut world, 2, 100, 650);
    assert_eq!(
        fails(&mut world, ids, &near, 102, 100),
        Reason::ExpiryTooNear
    );
    // The payer's side is short.
    let send = invoice.over(&mut world, ids[0], 401, 399);
    assert_eq!(
        world.command(0, send),
        Err(Error::Refused(Reason::ReserveBroken))
    );
    // After all that the invoice can still be paid.
    let send = invoice.over(&mut world, ids[0], 102, 100);
    world.command(0, send).unwrap();
    world.deliver_all();
    assert!(world.has_received(2, invoice.key));
}

// Money at risk: the payee's. A mediator that forwards less than the payer sealed must get nothing.
// req: A27, L24
#[test]
fn a_mediator_that_forwards_less_than_the_sealed_total_gets_nothing() {
    let (mut world, ids) = route();
    for onward in [99, 1] {
        let sealed = Invoice::sealed(&mut world, 2, 100, 5000);
        assert_eq!(
            fails(&mut world, ids, &sealed, 102, onward),
            Reason::UnknownPayment
        );
        let expected = Invoice::expected(&mut world, 2, 100, 5000);
        assert_eq!(
            fails(&mut world, ids, &expected, 102, onward),
            Reason::UnknownPayment
        );
    }
}

// req: K35, K36, GAP-K9, GAP-K8
#[test]
fn a_key_is_used_once() {
    let (mut world, ids) = route();
    let invoice = Invoice::expected(&mut world, 2, 100, 5000);
    let send = invoice.over(&mut world, ids[0], 102, 100);
    world.command(0, send.clone()).unwrap();
    assert_eq!(
        world.command(0, send.clone()),
        Err(Error::KeyInUse(invoice.key))
    );
    world.deliver_all();
    assert_eq!(world.command(0, send), Err(Error::KeyInUse(invoice.key)));
    // Somebody else's lock under the same key is not passed on.
    let fourth = world.open(2, 1, [200, 0]);
    let again = Invoice {
        payee: 0,
        ..invoice.clone()
    };
    let send = again.over(&mut world, fourth, 102, 50);
    assert_eq!(world.command(2, send), Err(Error::KeyInUse(invoice.key)));
}

// Money at risk: the mediator's, which could be paid once and pay twice.
// req: K36, GAP-K9
#[test]
fn a_mediator_passes_a_key_on_once() {
    let mut world = World::new(4);
    let first = world.open(0, 1, [400, 0]);
    let other = world.open(3, 1, [400, 0]);
    let second = world.open(1, 2, [400, 0]);
    let invoice = Invoice::expected(&mut world, 2, 100, 5000);
    let send = invoice.over(&mut world, first, 100, 100);
    world.command(0, send).unwrap();
    world.deliver(0, 1);
    world.deliver(1, 0);
    let again = invoice.over(&mut world, other, 100, 100);
    world.command(3, again).unwrap();
    while world.deliver(3, 1) || world.deliver(1, 3) {}
    assert_eq!(world.failure(3, invoice.key), Some(Reason::KeyInUse));
    world.deliver_all();
    assert_eq!(world.balances(2, second), [300, 100]);
    assert_eq!(world.balances(3, other), [400, 0]);
    assert!(world.has_sent(0, invoice.key));
}

/// The payment of one run, after everything has healed and every lock is decided.
fn run(doomed: usize, turn: usize, survives: Survives, sealed: bool) {
    let (mut world, ids) = route();
    let invoice = if sealed {
        Invoice::sealed(&mut world, 2, 100, 5000)
    } else {
        Invoice::expected(&mut world, 2, 100, 5000)
    };
    world.plan = Some((doomed, turn, survives));
    let send = invoice.over(&mut world, ids[0], 102, 100);
    let _ = world.command(0, send);
    world.deliver_all();
    for _ in 0..3 {
        world.mine(12);
        world.heal();
    }
    world.plan = None;
    world.finalize(invoice.expiry.seconds());
    world.heal();
    world.mine(12);
    let context = format!("node {doomed}, turn {turn}, {survives:?}");
    world.assert_agreed(0, 1, ids[0]);
    world.assert_agreed(1, 2, ids[1]);
    for (node, id) in [(0, ids[0]), (2, ids[1])] {
        assert_eq!(world.channel(node, id).phase, Phase::Open, "{context}");
        assert_eq!(world.channel(node, id).locks, 0, "{context}");
    }
    let paid = (
        world.balances(0, ids[0])[0],
        world.balances(2, ids[1])[1],
        mediators(&world, ids),
    );
    assert!(
        paid == (298, 100, 302) || paid == (400, 0, 300),
        "{context}: {paid:?}"
    );
}

// req: A28, A29, E3, GAP-A4
#[test]
fn a_crash_of_anybody_in_any_turn_pays_all_or_nobody() {
    for doomed in 0..3 {
        for survives in [Survives::Records, Survives::Nothing] {
            for turn in 0..TURNS {
                run(doomed, turn, survives, turn % 2 == 0);
            }
        }
    }
}

// req: A40, A48
#[test]
fn many_payments_both_ways_share_the_channels() {
    let (mut world, ids) = route();
    let back = world.open(2, 1, [300, 0]);
    let forth = world.open(1, 0, [300, 0]);
    let before = mediators(&world, ids) + world.balances(1, back)[1] + world.balances(1, forth)[0];
    let mut keys = Vec::new();
    for number in 0..10 {
        let (payer, payee, channel) = if number % 2 == 0 {
            (0, 2, ids[0])
        } else {
            (2, 0, back)
        };
        let invoice = Invoice::sealed(&mut world, payee, 10, 5000);
        let send = invoice.over(&mut world, channel, 12, 10);
        world.command(payer, send).unwrap();
        keys.push((payer, payee, invoice.key));
    }
    world.deliver_all();
    for (payer, payee, key) in keys {
        assert!(world.has_sent(payer, key));
        assert!(world.has_received(payee, key));
    }
    let after = mediators(&world, ids) + world.balances(1, back)[1] + world.balances(1, forth)[0];
    assert_eq!(after, before + 20);
}

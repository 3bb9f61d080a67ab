//! Payments under a hash between the two participants of a channel.

use counterfoil_core::effect::{ChainEvent, Command, Event, Input};
use counterfoil_core::engine::Error;
use counterfoil_core::types::{B256, Timestamp};
use counterfoil_core::wire::Reason;
use counterfoil_sim::{Invoice, World, registry};

// req: A7, A10, A46, A47, K24, K26
#[test]
fn a_lock_is_paid_when_its_secret_is_known() {
    for payer in 0..2 {
        let (mut world, id) = World::pair([400, 400]);
        let payee = 1 - payer;
        let invoice = Invoice::expected(&mut world, payee, 50, 5000);
        let send = invoice.direct(&mut world, id, 50);
        world.command(payer, send).unwrap();
        world.deliver_all();
        let expected = if payer == 0 { [350, 450] } else { [450, 350] };
        assert_eq!(world.balances(0, id), expected);
        assert_eq!(world.channel(0, id).locks, 0);
        let receipt = world.nodes[payer]
            .events
            .iter()
            .find_map(|event| match event {
                Event::PaymentSent { preimage, .. } => Some(*preimage),
                _ => None,
            });
        assert_eq!(receipt, Some(invoice.preimage));
        world.assert_agreed(0, 1, id);
    }
}

// req: A10, L6, GAP-A2
#[test]
fn a_lock_reserves_its_amount_and_returns_after_a_final_expiry_only() {
    let (mut world, id) = World::pair([400, 0]);
    let invoice = Invoice::expected(&mut world, 1, 300, 5000);
    let send = invoice.direct(&mut world, id, 300);
    world.command(0, send).unwrap();
    world.deliver(0, 1);
    world.deliver(1, 0);
    world.links.clear();
    world.chain.stuck = true;
    assert_eq!(
        world.command(0, counterfoil_sim::pay(id, 101)),
        Err(Error::Refused(Reason::ReserveBroken))
    );
    while world.chain.now() <= invoice.expiry.seconds() {
        world.mine(60);
    }
    assert_eq!(world.channel(0, id).locks, 1);
    world.finalize(invoice.expiry.seconds());
    assert_eq!(world.channel(0, id).locks, 0);
    assert_eq!(world.balances(1, id), [400, 0]);
    assert!(world.failure(0, invoice.key).is_some());
    assert!(world.failure(1, invoice.key).is_some());
    world.assert_agreed(0, 1, id);
}

// Money at risk: the payee's. A key may be watched under several expiries; a report for an earlier one says nothing here.
// req: K30
#[test]
fn a_report_from_before_the_expiry_takes_nothing_back() {
    let (mut world, id) = World::pair([400, 0]);
    let invoice = Invoice::unknown(&mut world, 1, 300, 5000);
    let send = invoice.direct(&mut world, id, 300);
    world.command(0, send).unwrap();
    world.deliver(0, 1);
    world.deliver(1, 0);
    world.cut(0, 1);
    let sent = world.nodes[0].sent.len();
    for early in [0, 1] {
        let early = ChainEvent::Expired {
            condition: registry(),
            key: invoice.key,
            as_of: Timestamp::new(invoice.expiry.seconds() - early),
            revealed_at: None,
        };
        world.input(0, Input::Chain(early)).unwrap();
    }
    assert_eq!(world.nodes[0].sent.len(), sent, "no expire is proposed");
    assert_eq!(world.failure(0, invoice.key), None);
}

// req: A10, K28
#[test]
fn a_lock_that_was_revealed_in_time_does_not_expire() {
    let (mut world, id) = World::pair([400, 0]);
    let invoice = Invoice::expected(&mut world, 1, 300, 5000);
    let send = invoice.direct(&mut world, id, 300);
    world.command(0, send).unwrap();
    world.deliver(0, 1);
    world.deliver(1, 0);
    world.cut(0, 1);
    world.finalize(invoice.expiry.seconds());
    world.heal();
    assert_eq!(world.balances(1, id), [100, 300]);
    assert!(world.has_sent(0, invoice.key));
}

// req: A43
#[test]
fn a_payee_takes_nothing_for_less_than_its_invoice_or_without_its_secret() {
    let (mut world, id) = World::pair([400, 0]);
    let invoice = Invoice::expected(&mut world, 1, 50, 5000);
    let mut cheap = invoice.clone();
    cheap.contents.total = counterfoil_sim::amount(49);
    let mut probing = invoice.clone();
    probing.contents.payment_secret = B256::ZERO;
    let mut longer = invoice.clone();
    longer.contents.expiry = longer.contents.expiry.after(1);
    let cases = [
        (cheap, 49),
        (probing, 50),
        (longer, 50),
        (invoice.clone(), 49),
    ];
    for (variant, locked) in cases {
        let send = variant.direct(&mut world, id, locked);
        world.command(0, send).unwrap();
        world.deliver_all();
        assert_eq!(world.balances(0, id), [400, 0]);
        assert_eq!(world.failure(0, invoice.key), Some(Reason::UnknownPayment));
    }
    let send = invoice.direct(&mut world, id, 60);
    world.command(0, send).unwrap();
    world.deliver_all();
    assert_eq!(world.balances(0, id), [340, 60], "more is welcome");
}

// req: A13, GAP-K9
#[test]
fn a_secret_is_expected_once() {
    let (mut world, _) = World::pair([400, 0]);
    let invoice = Invoice::expected(&mut world, 1, 50, 5000);
    let expect = Command::Expect {
        preimage: invoice.preimage,
        payment_secret: B256::ZERO,
        amount: counterfoil_sim::amount(1),
        expiry: invoice.expiry,
    };
    assert_eq!(world.command(1, expect), Err(Error::KeyInUse(invoice.key)));
}

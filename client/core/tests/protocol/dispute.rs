//! Disputes: whoever publishes what, the newest co-signed state is paid.

use alloy_primitives::U256;
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Call, Command, Event, Input};
use counterfoil_core::state::{Signature, will_digest};
use counterfoil_core::types::{B256, ChannelId, Nonce, Pair};
use counterfoil_core::wire::Message;
use counterfoil_sim::{
    Invoice, PERIOD, Puppet, Survives, World, content, domain, message, pay, paying,
};

fn pair(zero: u128, one: u128) -> Pair<U256> {
    Pair::new(U256::from(zero), U256::from(one))
}

fn settled(world: &mut World, id: ChannelId) -> Pair<U256> {
    for _ in 0..4 {
        world.mine(u64::from(PERIOD) / 2);
    }
    assert_eq!(world.channel(0, id).phase, Phase::Closed);
    assert_eq!(world.channel(1, id).phase, Phase::Closed);
    world.chain.paid(id)
}

// req: S25, S28, S29, S30, S32, E54, E55
#[test]
fn every_earlier_state_that_is_published_is_answered_with_the_newest() {
    let payments = [(0, 200), (1, 100), (0, 300), (1, 150), (0, 1)];
    for stale in 0..=payments.len() {
        for cheat in 0..2 {
            let (mut world, id) = World::pair([400, 0]);
            let mut published = world.nodes[cheat].engine.export(id);
            for (index, (by, units)) in payments.into_iter().enumerate() {
                world.pay(by, id, units);
                world.deliver_all();
                if index + 1 == stale {
                    published = world.nodes[cheat].engine.export(id);
                }
            }
            world.chain.submit(published.unwrap());
            assert_eq!(
                settled(&mut world, id),
                pair(149, 251),
                "state {stale} by {cheat}"
            );
        }
    }
}

// req: A60, E58
#[test]
fn nothing_is_signed_after_a_challenge_of_either_side() {
    for challenger in 0..2 {
        let (mut world, id) = World::pair([400, 100]);
        world
            .command(challenger, Command::Challenge { channel: id })
            .unwrap();
        world.mine(12);
        for node in 0..2 {
            assert_eq!(world.channel(node, id).phase, Phase::Disputed);
            assert!(world.command(node, pay(id, 1)).is_err());
            let puppet = Puppet::of(&world, 1 - node, id);
            let sent = world.nodes[node].sent.len();
            let number = if node == 1 { 4 } else { 3 };
            let update = puppet.update(number, 2, vec![paying(0)], &content(0, &[]));
            world.inject(1 - node, node, &Message::Update(update));
            world.connect(0, 1);
            let sent = &world.nodes[node].sent[sent..];
            let said = |(_, frame): &(usize, Vec<u8>)| {
                matches!(message(frame), Message::ChannelReestablish(_))
            };
            assert!(sent.iter().all(said), "what is held, and no answer");
        }
        assert_eq!(settled(&mut world, id), pair(400, 100));
    }
}

// req: S27, E54
#[test]
fn our_unanswered_proposal_that_the_peer_completes_and_publishes_is_settled_right() {
    for by in 0..2 {
        let (mut world, id) = World::pair([400, 400]);
        world.pay(by, id, 30);
        world.deliver(by, 1 - by);
        world.cut(0, 1);
        world
            .command(1 - by, Command::Challenge { channel: id })
            .unwrap();
        let expected = if by == 0 {
            pair(370, 430)
        } else {
            pair(430, 370)
        };
        assert_eq!(settled(&mut world, id), expected);
    }
}

// req: S27, E54
#[test]
fn crossing_proposals_in_flight_settle_to_the_newest_state_that_either_side_has_signed_by_both() {
    // Bit by bit, which link moves next.
    for order in 0..32 {
        for frames in 0..6 {
            for challenger in 0..2 {
                let (mut world, id) = World::pair([400, 400]);
                world.pay(0, id, 30);
                world.pay(1, id, 7);
                for step in 0..frames {
                    let busy = world.busy_links();
                    let wanted = (order >> step & 1) % busy.len().max(1);
                    if let Some((from, to)) = busy.get(wanted).copied() {
                        world.deliver(from, to);
                    }
                }
                let nonce = |node: &usize| world.channel(*node, id).nonce;
                let holder = (0..2).max_by_key(nonce).unwrap();
                let newest = nonce(&holder);
                let [zero, one] = world.balances(holder, id).map(|units| units as u128);
                world.cut(0, 1);
                let challenge = Command::Challenge { channel: id };
                world.command(challenger, challenge).unwrap();
                let paid = settled(&mut world, id);
                let case = format!("order {order}, {frames} frames, by {challenger}");
                assert_eq!(world.chain.view(id).nonce, newest, "{case}");
                assert_eq!(paid, pair(zero, one), "{case}");
            }
        }
    }
}

// req: E48, E54
#[test]
fn state_0_needs_no_signature_and_every_signed_state_stands_above_it() {
    for cheat in 0..2 {
        let mut world = World::new(2);
        let mut wish = world.wish(1, [400, 100]);
        wish.push_amount = counterfoil_sim::amount(20);
        let id = world.open_as(0, 1, wish);
        assert_eq!(world.chain.view(id).nonce, Nonce::ZERO);
        assert_eq!(world.channel(0, id).nonce, Nonce::FIRST);
        let puppet = Puppet::of(&world, cheat, id);
        let will = will_digest(&domain(), id, Nonce::ZERO, B256::ZERO);
        world.chain.submit(Call::Challenge {
            terms: world.channel(0, id).terms,
            nonce: Nonce::ZERO,
            commitment: B256::ZERO,
            signatures: Pair::new(Signature::NONE, Signature::NONE),
            will: puppet.key.sign(will),
        });
        world.mine(12);
        assert_eq!(world.chain.view(id).nonce, Nonce::ZERO);
        assert_eq!(settled(&mut world, id), pair(380, 120));
    }
}

// req: A60
#[test]
fn a_challenge_before_any_payment_pays_the_deposits_back() {
    let (mut world, id) = World::pair([400, 100]);
    world
        .command(1, Command::Challenge { channel: id })
        .unwrap();
    assert_eq!(settled(&mut world, id), pair(400, 100));
}

// Money at risk: everything in the channel, until somebody looks. The dispute that a crash kept from the chain was never
// started, and the channel took no payments any more.
// req: E3, S31
#[test]
fn a_challenge_that_a_crash_kept_from_the_chain_is_asked_for_again() {
    let (mut world, id) = World::pair([400, 100]);
    let challenge = Input::Command(Command::Challenge { channel: id });
    world.input_then(0, challenge, Survives::Records).unwrap();
    world.recover(0);
    assert_eq!(settled(&mut world, id), pair(400, 100));
}

// req: E3, S30
#[test]
fn a_challenge_is_answered_also_after_a_crash() {
    for survives in [Survives::Records, Survives::Nothing] {
        let (mut world, id) = World::pair([400, 0]);
        let stale = world.nodes[0].engine.export(id).unwrap();
        world.pay(0, id, 200);
        world.deliver_all();
        world.chain.submit(stale);
        world.mine_silently(12);
        for event in world.chain.news(1) {
            world.input_then(1, Input::Chain(event), survives).unwrap();
        }
        world.mine(12);
        assert_eq!(settled(&mut world, id), pair(200, 200));
    }
}

// req: E54, K33, A38, A40
#[test]
fn locks_are_settled_by_what_the_registry_shows() {
    for reveals in [true, false] {
        let (mut world, id) = World::pair([400, 0]);
        let invoice = if reveals {
            Invoice::expected(&mut world, 1, 50, 20_000)
        } else {
            Invoice::unknown(&mut world, 1, 50, 20_000)
        };
        let send = invoice.direct(&mut world, id, 50);
        world.command(0, send).unwrap();
        world.deliver(0, 1);
        world.cut(0, 1);
        world
            .command(0, Command::Challenge { channel: id })
            .unwrap();
        for _ in 0..4 {
            world.mine(u64::from(PERIOD) / 2);
        }
        if !reveals {
            assert_ne!(
                world.channel(0, id).phase,
                Phase::Closed,
                "the lock is undecided"
            );
            world.finalize(invoice.expiry.seconds());
            world.mine(60);
        }
        let lost = if reveals { 50 } else { 0 };
        assert_eq!(world.chain.paid(id), pair(400 - lost, lost));
        assert!(
            !world.has_received(1, invoice.key),
            "not before the reveal is final"
        );
        world.finalize(invoice.expiry.seconds());
        world.mine(60);
        assert_eq!(world.has_received(1, invoice.key), reveals);
        assert_eq!(world.has_sent(0, invoice.key), reveals);
        assert_eq!(world.failure(0, invoice.key).is_some(), !reveals);
    }
}

// Money at risk: the payer's, who would pay a second time. A settle of ours that the payee completed and published without
// telling us was reported as a payment that came back.
// req: K26, K28, E54
#[test]
fn a_settle_that_the_payee_completes_on_chain_only_counts_as_paid() {
    let (mut world, id) = World::pair([400, 0]);
    let invoice = Invoice::expected(&mut world, 1, 50, 1000);
    let send = invoice.direct(&mut world, id, 50);
    world.command(0, send).unwrap();
    world.deliver(0, 1);
    world.deliver(1, 0);
    world.deliver(1, 0);
    assert!(
        matches!(world.last_sent(0), Message::Update(_)),
        "the settle is proposed"
    );
    world.deliver(0, 1);
    world.cut(0, 1);
    world
        .command(1, Command::Challenge { channel: id })
        .unwrap();
    assert_eq!(settled(&mut world, id), pair(350, 50));
    world.finalize(invoice.expiry.seconds());
    assert!(world.has_sent(0, invoice.key));
    assert_eq!(world.failure(0, invoice.key), None);
}

// req: E54, GAP-S6
#[test]
fn a_dispute_is_reported_once_and_answered_once() {
    let (mut world, id) = World::pair([400, 0]);
    let stale = world.nodes[0].engine.export(id).unwrap();
    world.pay(0, id, 200);
    world.deliver_all();
    world.chain.submit(stale);
    for _ in 0..5 {
        world.mine(12);
    }
    let disputed =
        |event: &&Event| matches!(event, Event::Disputed { nonce, .. } if *nonce == Nonce::FIRST);
    assert_eq!(world.nodes[1].events.iter().filter(disputed).count(), 1);
    let answers = world
        .chain
        .calls
        .iter()
        .filter(|call| matches!(call, Call::Respond { .. }));
    assert_eq!(answers.count(), 2, "one of each side");
    let frames = world.nodes[1]
        .sent
        .iter()
        .map(|(_, frame)| message(frame).code());
    assert!(!frames.collect::<Vec<_>>().contains(&97));
}

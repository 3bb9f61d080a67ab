//! Proposals that cross: participant 0 answers with one update that holds both.

use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Event, Input};
use counterfoil_core::types::{B256, ChannelId, LockId, Participant, SignedAmount};
use counterfoil_core::wire::{Message, Operation, Reason, Refused, Settle};
use counterfoil_sim::{Invoice, Puppet, World, content, key_of, locking, message, pay};
use proptest::prelude::*;

// req: GAP-E8
#[test]
fn a_crossing_is_answered_by_one_update_that_holds_both() {
    let (mut world, id) = World::pair([400, 400]);
    world.pay(0, id, 5);
    world.pay(1, id, 7);
    world.deliver_all();
    assert_eq!(world.balances(0, id), [402, 398]);
    world.assert_agreed(0, 1, id);
    let merged = world.nodes[0]
        .sent
        .iter()
        .filter_map(|(_, frame)| match message(frame) {
            Message::Update(update) => Some((update.nonce.number(), update.answers.number())),
            _ => None,
        });
    assert_eq!(merged.collect::<Vec<_>>(), [(4, 0), (6, 3)]);
    assert!(
        !world
            .nodes
            .iter()
            .flat_map(|node| &node.sent)
            .any(|(_, frame)| frame[2] == 9)
    );
}

proptest! {
    // req: E46, GAP-E8
    #[test]
    fn no_interleaving_loses_or_doubles_a_payment(
        steps in proptest::collection::vec((0..2usize, any::<bool>(), 1..20u128), 1..200),
    ) {
        let (mut world, id) = World::pair([100_000, 100_000]);
        let mut paid = [0, 0];
        for (node, pays, units) in steps {
            if pays {
                world.pay(node, id, units);
                paid[node] += units as i128;
            } else {
                world.deliver(node, 1 - node);
            }
        }
        world.deliver_all();
        let net = paid[0] - paid[1];
        prop_assert_eq!(world.balances(0, id), [100_000 - net, 100_000 + net]);
        world.assert_agreed(0, 1, id);
        for node in 0..2 {
            let units = |wanted: bool| -> u128 {
                let events = world.nodes[node].events.iter();
                events.map(|event| match event {
                    Event::Received { amount, .. } if !wanted => amount.units(),
                    Event::Paid { amount, .. } if wanted => amount.units(),
                    _ => 0,
                }).sum()
            };
            prop_assert_eq!(units(true) as i128, paid[node]);
            prop_assert_eq!(units(false) as i128, paid[1 - node]);
        }
    }
}

/// A channel in which participant 1, a puppet, has locked 50 that participant 0 can claim.
fn locked_by_one(preimage: B256) -> (World, ChannelId, Puppet) {
    let (mut world, id) = World::pair([400, 400]);
    let puppet = Puppet::of(&world, 1, id);
    let lock = locking(5, key_of(preimage), 50, world.expiry(5000));
    let after = content(0, &[(Participant::One, lock.clone())]);
    world.inject(
        1,
        0,
        &Message::Update(puppet.update(3, 2, vec![lock], &after)),
    );
    (world, id, puppet)
}

// Money at risk: the payee's, whose cancel would beat the settle that pays it.
// req: K12, K26, K29
#[test]
fn a_settle_beats_the_cancel_that_it_crosses_and_only_a_valid_one_does() {
    for (good, net, locks) in [(true, -50, 0), (false, 0, 0)] {
        let preimage = B256::repeat_byte(8);
        // Participant 1, the puppet, pays; node 0 gives a lock without payload back at once: its cancel is on its way.
        let (mut world, id, puppet) = locked_by_one(preimage);
        let Message::Update(cancel) = world.last_sent(0) else {
            panic!()
        };
        assert!(matches!(cancel.operations[..], [Operation::Cancel(_)]));
        world.links.clear();
        let shown = if good { preimage } else { B256::ZERO };
        let settle = Operation::Settle(Settle {
            id: LockId(5),
            preimage: shown,
        });
        let settled = content(-50, &[]);
        world.inject(
            1,
            0,
            &Message::Update(puppet.update(5, 3, vec![settle], &settled)),
        );
        let Message::Update(merged) = world.last_sent(0) else {
            panic!()
        };
        assert_eq!(merged.answers.number(), 5);
        assert_eq!(
            merged.operations.is_empty(),
            good,
            "the cancel gives way to a settle that pays"
        );
        assert_eq!(merged.refused.is_empty(), good);
        let mut after = content(net, &[]);
        after.last_lock.one = 5;
        world.inject(1, 0, &puppet.ack(merged.nonce.number(), &after));
        assert_eq!(world.channel(0, id).phase, Phase::Open);
        assert_eq!(world.channel(0, id).locks, locks);
        assert_eq!(world.balances(0, id), [400 - net, 400 + net]);
    }
}

// Money at risk: everything in the channel, for the length of a dispute. A reconnect showed the merge before the proposal
// that it had crossed, whose nonce the other side did not know.
// req: GAP-E2, GAP-E8
#[test]
fn a_merge_is_understood_though_the_proposal_that_crossed_was_lost() {
    let (mut world, id) = World::pair([400, 400]);
    world.pay(0, id, 5);
    world.pay(1, id, 7);
    world.links.remove(&(0, 1));
    world.deliver(1, 0);
    world.cut(0, 1);
    world.heal();
    assert_eq!(world.balances(1, id), [402, 398]);
    world.assert_agreed(0, 1, id);
}

// Money at risk: as above. A node that spoke on a new link before it repeated what the old one had lost.
// req: GAP-E2
#[test]
fn an_update_on_top_of_a_lost_answer_waits_for_the_repetition() {
    for speaker in 0..2 {
        let (mut world, id) = World::pair([400, 400]);
        world.pay(1 - speaker, id, 5);
        world.deliver(1 - speaker, speaker);
        world.links.clear();
        world.pay(speaker, id, 7);
        world.deliver_all();
        assert_eq!(world.channel(1 - speaker, id).phase, Phase::Open);
        world.heal();
        world.assert_agreed(0, 1, id);
        assert_eq!(world.channel(0, id).phase, Phase::Open);
    }
}

// Money at risk: the reserve, and what a state that claims more than there is leaves to chance. A merge kept a payment of
// ours and left out what had covered it.
// req: E18
#[test]
fn a_merge_that_would_overdraw_us_is_refused() {
    let (mut world, id) = World::pair([400, 100]);
    let puppet = Puppet::of(&world, 0, id);
    let invoice = Invoice::unknown(&mut world, 0, 100, 1000);
    let send = invoice.direct(&mut world, id, 100);
    world.command(1, send).unwrap();
    let Message::Update(update) = world.last_sent(1) else {
        panic!()
    };
    let locked = content(0, &[(Participant::One, update.operations[0].clone())]);
    world.links.clear();
    world.inject(0, 1, &puppet.ack(3, &locked));
    while world.chain.now() < invoice.expiry.seconds() + 300 {
        world.mine_silently(60);
    }
    // The lock's expiry pays for the payment of the same turn.
    for event in world.chain.news(1) {
        world.nodes[1].engine.handle(Input::Chain(event)).unwrap();
    }
    world.command(1, pay(id, 100)).unwrap();
    let Message::Update(both) = world.last_sent(1) else {
        panic!()
    };
    assert!(matches!(
        both.operations[..],
        [Operation::Expire(_), Operation::Pay(_)]
    ));
    let mut overdrawn = locked.clone();
    overdrawn.net = SignedAmount::new(-100);
    let mut merge = puppet.update(6, 3, Vec::new(), &overdrawn);
    merge.answers = both.nonce;
    merge.refused = vec![Refused {
        index: 0,
        reason: Reason::ExpiryNotFinal,
    }];
    world.inject(0, 1, &Message::Update(merge));
    let Message::UpdateError(refusal) = world.last_sent(1) else {
        panic!()
    };
    assert_eq!(refusal.reason, Reason::ReserveBroken);
    assert_eq!(world.balances(1, id), [400, 0]);
    assert_eq!(world.channel(1, id).phase, Phase::Open);
}

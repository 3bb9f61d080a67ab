//! Who deposits when, and when a deposit counts.

use crate::hostile::fingerprint;
use crate::opening::{accepted, codes};
use counterfoil_core::channel::{Phase, Policy};
use counterfoil_core::effect::{Call, ChainEvent, Command, Depth, Effect, Input, OnChain, Status};
use counterfoil_core::types::{ChannelId, Pair, Participant, SignedAmount, Timestamp};
use counterfoil_core::wire::{FundingLocked, Message};
use counterfoil_sim::{DEPTH, START, World, amount, policy};

fn shown(channel: ChannelId, depth: Depth, deposits: [i128; 2]) -> Input {
    let [zero, one] = deposits.map(SignedAmount::new);
    let status = OnChain {
        deposits: Pair::new(zero, one),
        ..OnChain::default()
    };
    let as_of = Timestamp::new(START);
    Input::Chain(ChainEvent::Channel {
        channel,
        depth,
        as_of,
        status,
    })
}

/// What a node has asked the chain to take from it.
fn asked(world: &World, node: usize) -> Vec<(Participant, u128)> {
    let effects = world.nodes[node].effects.iter();
    let deposit = |effect: &Effect| match effect {
        Effect::Submit(Call::Deposit {
            participant,
            amount,
            ..
        }) => Some((*participant, amount.units())),
        _ => None,
    };
    effects.filter_map(deposit).collect()
}

fn agreed(deposits: [u128; 2]) -> (World, ChannelId) {
    let mut world = World::new(2);
    let wish = world.wish(1, deposits);
    let id = world.agree(0, 1, wish);
    (world, id)
}

// req: E27
#[test]
fn a_responder_deposits_once_the_newest_block_shows_the_whole_deposit_of_the_initiator() {
    for (first, follows) in [
        (0, false),
        (1, false),
        (399, false),
        (400, true),
        (401, true),
    ] {
        let (mut world, id) = agreed([400, 100]);
        assert_eq!(asked(&world, 0), [(Participant::Zero, 400)]);
        assert!(asked(&world, 1).is_empty());
        let news = shown(id, Depth::Latest, [first, 0]);
        world.input(1, news.clone()).unwrap();
        let expected: &[_] = if follows {
            &[(Participant::One, 100)]
        } else {
            &[]
        };
        assert_eq!(asked(&world, 1), expected, "{first}");
        world.input(1, news).unwrap();
        assert_eq!(asked(&world, 1), expected, "{first}: once");
        assert_eq!(asked(&world, 0), [(Participant::Zero, 400)], "{first}");
    }
}

// req: E27
#[test]
fn what_a_responder_has_deposited_by_itself_it_does_not_deposit_again() {
    for (already, missing) in [(0, 100), (30, 70), (99, 1)] {
        let (mut world, id) = agreed([400, 100]);
        world
            .input(1, shown(id, Depth::Latest, [400, already]))
            .unwrap();
        assert_eq!(asked(&world, 1), [(Participant::One, missing)]);
    }
    let (mut world, id) = agreed([400, 100]);
    world
        .input(1, shown(id, Depth::Latest, [400, 100]))
        .unwrap();
    assert!(asked(&world, 1).is_empty());
}

// req: E27, E12
#[test]
fn a_responder_waits_for_nothing_where_the_initiator_promised_nothing() {
    let (mut world, id) = agreed([0, 100]);
    assert!(asked(&world, 0).is_empty());
    assert_eq!(asked(&world, 1), [(Participant::One, 100)]);
    for _ in 0..=DEPTH {
        world.mine(12);
    }
    assert_eq!(world.channel(0, id).phase, Phase::Open);
    assert_eq!(world.balances(1, id), [0, 100]);
}

// req: E12
#[test]
fn the_initiator_alone_pays_for_the_opening_of_a_channel_that_it_alone_funds() {
    let (mut world, id) = agreed([400, 0]);
    for _ in 0..=DEPTH {
        world.mine(12);
    }
    assert_eq!(world.channel(1, id).phase, Phase::Open);
    assert_eq!(asked(&world, 0), [(Participant::Zero, 400)]);
    let submits = |effect: &&Effect| matches!(effect, Effect::Submit(_));
    assert_eq!(world.nodes[1].effects.iter().filter(submits).count(), 0);
}

// req: E3, E27
#[test]
fn a_responder_that_restarts_before_or_after_it_sees_the_deposit_deposits_once() {
    // Restarted with the deposit unseen: it follows as soon as it is told.
    let (mut world, id) = agreed([400, 100]);
    world.mine_silently(12);
    world.crash(1);
    assert!(asked(&world, 1).is_empty());
    world.recover(1);
    assert_eq!(asked(&world, 1), [(Participant::One, 100)]);
    // Restarted again with its own deposit asked for and not in a block: the same call, which the chain takes once.
    world.crash(1);
    assert_eq!(asked(&world, 1), [(Participant::One, 100)]);
    world.recover(1);
    for _ in 0..=DEPTH + 1 {
        world.mine(12);
    }
    assert_eq!(world.channel(1, id).phase, Phase::Open);
    assert_eq!(world.chain.deposited(id, Participant::One), 100);
    assert_eq!(world.balances(0, id), [400, 100]);
    // Restarted with everything counted: nothing more.
    world.crash(1);
    world.recover(1);
    world.mine(12);
    assert!(asked(&world, 1).is_empty());
}

// Money at risk: the responder's deposit, for the length of a dispute. Here it is in a channel whose other side is not.
// req: E27, E44, E55
#[test]
fn a_reorg_that_takes_the_initiators_deposit_opens_nothing_and_costs_the_responder_nothing() {
    for comes_back in [true, false] {
        let (mut world, id) = agreed([400, 100]);
        world.mine(12);
        assert_eq!(asked(&world, 1).len(), 1, "the responder follows");
        let undone = world.chain.reorg(1);
        assert!(matches!(undone[..], [Call::Deposit { .. }]));
        for _ in 0..=DEPTH + 1 {
            world.mine(12);
            assert!(!codes(&world, 0).contains(&6) && !codes(&world, 1).contains(&6));
        }
        assert_eq!(world.channel(1, id).phase, Phase::Funding);
        assert_eq!(asked(&world, 1).len(), 1, "and not a second time");
        if comes_back {
            world.chain.submit(undone[0].clone());
            for _ in 0..=DEPTH {
                world.mine(12);
            }
            assert_eq!(world.channel(0, id).phase, Phase::Open);
            assert_eq!(world.channel(1, id).phase, Phase::Open);
            assert_eq!(world.balances(1, id), [400, 100]);
            continue;
        }
        let challenge = Command::Challenge { channel: id };
        world.command(1, challenge).unwrap();
        world.finalize(world.chain.now() + 3600);
        assert_eq!(world.chain.view(id).status, Status::Closed);
        let paid = world
            .chain
            .paid(id)
            .into_array()
            .map(|paid| paid.to::<u128>());
        assert_eq!(paid, [0, 100]);
    }
}

// req: E27
#[test]
fn a_responder_that_hears_of_the_deposit_and_of_the_reorg_at_once_keeps_its_money() {
    let (mut world, id) = agreed([400, 100]);
    world.mine_silently(12);
    world.chain.reorg(1);
    world.mine_silently(12);
    world.tell(1);
    assert!(asked(&world, 1).is_empty());
    assert_eq!(world.channel(1, id).phase, Phase::Funding);
}

// req: E43, E44
#[test]
fn funding_locked_leaves_with_the_block_that_buries_the_deposits_by_the_minimum_depth() {
    for depth in [1, 2, 3, 5] {
        let own = Policy {
            minimum_depth: depth,
            ..policy()
        };
        let mut world = World::with(vec![own.clone(), own]);
        let wish = world.wish(1, [400, 100]);
        let id = world.agree(0, 1, wish);
        world.mine(12);
        world.mine(12);
        assert_eq!(
            world.chain.view(id).deposits.one.units(),
            100,
            "both deposits are in"
        );
        for on_top in 0..depth {
            for node in 0..2 {
                assert!(
                    !codes(&world, node).contains(&6),
                    "{on_top} blocks on top of {depth}"
                );
            }
            world.mine(12);
        }
        for node in 0..2 {
            assert_eq!(codes(&world, node).last(), Some(&6), "{depth}");
            assert_eq!(world.channel(node, id).phase, Phase::Open, "{depth}");
        }
    }
}

// req: E43, E44
#[test]
fn a_peer_that_calls_less_or_too_early_final_opens_nothing() {
    let locked = |channel, deposits: [i128; 2]| {
        let [zero, one] = deposits.map(SignedAmount::new);
        let deposits = Pair::new(zero, one);
        Message::FundingLocked(FundingLocked { channel, deposits })
    };
    for (deposits, opens) in [
        ([400, 99], false),
        ([399, 100], false),
        ([500, 0], false),
        ([400, 100], true),
        ([400, 101], true),
    ] {
        for node in 0..2 {
            let (mut world, id) = agreed([400, 100]);
            world.inject(1 - node, node, &locked(id, deposits));
            assert_eq!(
                world.channel(node, id).phase,
                Phase::Funding,
                "its word is not the chain's"
            );
            assert!(!codes(&world, node).contains(&6));
            let seen = shown(id, Depth::Confirmed, [400, 100]);
            world.input(node, seen).unwrap();
            let expected = if opens { Phase::Open } else { Phase::Funding };
            assert_eq!(world.channel(node, id).phase, expected, "{deposits:?}");
            assert_eq!(world.last_sent(node).code(), 6);
        }
    }
}

// req: E43
#[test]
fn a_repeated_funding_locked_changes_nothing() {
    let (mut world, id) = World::pair([400, 100]);
    for node in 0..2 {
        let frames = world.nodes[1 - node].sent.clone();
        let locked = frames
            .iter()
            .rev()
            .map(|(_, frame)| counterfoil_sim::message(frame));
        let locked = locked.into_iter().find(|one| one.code() == 6).unwrap();
        let (before, sent) = (fingerprint(&world, node), world.nodes[node].sent.len());
        world.inject(1 - node, node, &locked);
        assert_eq!(fingerprint(&world, node), before);
        assert_eq!(world.nodes[node].sent.len(), sent);
    }
    assert_eq!(world.channel(0, id).spendable, amount(400));
}

// req: E15, E55
#[test]
fn the_agreed_period_lies_between_a_challenge_and_its_settlement_to_the_second() {
    for period in [60, 3600, 86_400] {
        let mut world = World::new(2);
        let mut wish = world.wish(1, [400, 100]);
        wish.finalization_period = period;
        let id = world.open_as(0, 1, wish);
        world
            .command(0, Command::Challenge { channel: id })
            .unwrap();
        world.mine(12);
        let ends = world.chain.view(id).finalizes_at.seconds();
        assert_eq!(ends, world.chain.now() + u64::from(period));
        let settles = |world: &World| {
            let calls = world.chain.calls.iter();
            calls
                .filter(|call| matches!(call, Call::Settle { .. }))
                .count()
        };
        world.mine(u64::from(period) - 1);
        assert_eq!(settles(&world), 0, "{period}: a second too early");
        assert_eq!(world.chain.paid(id).zero.to::<u128>(), 0);
        world.mine(1);
        assert!(settles(&world) > 0, "{period}");
        world.mine(1);
        assert_eq!(world.chain.paid(id).zero.to::<u128>(), 400, "{period}");
    }
}

// req: E10, E11
#[test]
fn an_opening_takes_six_frames_in_the_order_of_the_protocol() {
    let mut world = World::new(2);
    let wish = world.wish(1, [400, 100]);
    accepted(&mut world, wish);
    let mut order = vec![(0, 1), (1, 2)];
    let mut seen = [1, 1];
    let mut note = |world: &World| {
        for (node, seen) in seen.iter_mut().enumerate() {
            let new = codes(world, node).split_off(*seen);
            *seen += new.len();
            order.extend(new.into_iter().map(|code| (node, code)));
        }
    };
    for _ in 0..8 {
        for (from, to) in [(1, 0), (0, 1)] {
            while world.deliver(from, to) {
                note(&world);
            }
        }
        world.chain.mine(12);
        world.tell(0);
        world.tell(1);
        note(&world);
    }
    assert_eq!(order, [(0, 1), (1, 2), (0, 4), (1, 5), (0, 6), (1, 6)]);
}

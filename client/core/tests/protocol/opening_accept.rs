//! What an acceptance must say, and what the initiator makes of it.

use crate::hostile::fingerprint;
use crate::opening::accepted;
use counterfoil_core::channel::{Phase, Policy};
use counterfoil_core::effect::{Effect, Event, OpenChannel, Watch};
use counterfoil_core::types::{Address, B256, ChannelId};
use counterfoil_core::wire::{ChannelAccept, Message};
use counterfoil_sim::{DEPTH, World, amount, domain, policy};

/// An acceptance that the initiator has not seen yet.
fn waiting() -> (World, ChannelAccept) {
    let mut world = World::new(3);
    let wish = OpenChannel {
        push_amount: amount(20),
        reserve: amount(30),
        ..world.wish(1, [400, 100])
    };
    let accept = accepted(&mut world, wish);
    world.links.clear();
    (world, accept)
}

/// Whether an initiator takes an acceptance that differs from a good one; the offer is off when it does not.
fn takes(rule: &str, change: fn(&mut ChannelAccept)) -> bool {
    let (mut world, mut accept) = waiting();
    let temporary = ChannelId(accept.temporary_id);
    change(&mut accept);
    world.inject(1, 0, &Message::ChannelAccept(accept.clone()));
    let created = world.nodes[0].engine.channels().len() == 1;
    if created {
        assert!(
            matches!(world.last_sent(0), Message::FundingCreated(_)),
            "{rule}"
        );
        return true;
    }
    let Message::Error(error) = world.last_sent(0) else {
        panic!("{rule}")
    };
    assert_eq!(error.channel, temporary, "{rule}");
    let ended = |event: &Event| matches!(event, Event::ConversationEnded { channel, .. } if *channel == temporary);
    assert!(world.nodes[0].events.iter().any(ended), "{rule}");
    assert!(world.nodes[0].store.is_empty(), "{rule}");
    world.connect(0, 1);
    assert_eq!(
        world.last_sent(0).code(),
        97,
        "{rule}: the offer is not repeated"
    );
    false
}

// req: E18, E33, E34, E35, E38, GAP-E4
#[test]
fn an_acceptance_must_repeat_the_offer_in_every_field() {
    type Change = fn(&mut ChannelAccept);
    let rules: [(&str, Change, bool); 22] = [
        ("the unchanged acceptance", |_| (), true),
        ("chain", |accept| accept.chain_id += 1, false),
        ("contract", |accept| accept.adjudicator.0[0] ^= 1, false),
        (
            "own amount",
            |accept| accept.initiator_amount = amount(401),
            false,
        ),
        (
            "their amount",
            |accept| accept.responder_amount = amount(99),
            false,
        ),
        ("push", |accept| accept.push_amount = amount(21), false),
        (
            "period",
            |accept| accept.terms.finalization_period += 1,
            false,
        ),
        (
            "token",
            |accept| accept.terms.token = Address::repeat_byte(1),
            false,
        ),
        ("salt", |accept| accept.terms.salt = B256::ZERO, false),
        (
            "reserve up",
            |accept| accept.terms.reserve = amount(31),
            false,
        ),
        (
            "reserve down",
            |accept| accept.terms.reserve = amount(29),
            false,
        ),
        (
            "our signer",
            |accept| accept.terms.signers.zero.0[0] ^= 1,
            false,
        ),
        (
            "our payout",
            |accept| accept.terms.payouts.zero.0[0] ^= 1,
            false,
        ),
        (
            "their signer",
            |accept| accept.terms.signers.one.0[0] ^= 1,
            false,
        ),
        (
            "our signer for both",
            |accept| accept.terms.signers.one = accept.terms.signers.zero,
            false,
        ),
        (
            "no payout",
            |accept| accept.terms.payouts.one = Address::ZERO,
            false,
        ),
        (
            "payout to the contract",
            |accept| accept.terms.payouts.one = accept.adjudicator,
            false,
        ),
        (
            "payout of their own",
            |accept| accept.terms.payouts.one = Address::repeat_byte(1),
            true,
        ),
        (
            "a depth of nothing",
            |accept| accept.minimum_depth = 0,
            true,
        ),
        (
            "the largest depth",
            |accept| accept.minimum_depth = 64,
            true,
        ),
        ("too much depth", |accept| accept.minimum_depth = 65, false),
        ("any seed", |accept| accept.seed = B256::ZERO, true),
    ];
    for (rule, change, taken) in rules {
        assert_eq!(takes(rule, change), taken, "{rule}");
    }
}

// req: E20, E36
#[test]
fn an_acceptance_counts_once_and_from_the_peer_that_was_asked_only() {
    let (mut world, accept) = waiting();
    let before = fingerprint(&world, 0);
    world.inject(2, 0, &Message::ChannelAccept(accept.clone()));
    let mut unknown = accept.clone();
    unknown.temporary_id.0[0] ^= 1;
    world.inject(1, 0, &Message::ChannelAccept(unknown));
    assert_eq!(
        fingerprint(&world, 0),
        before,
        "from others, or about another offer"
    );
    world.inject(1, 0, &Message::ChannelAccept(accept.clone()));
    assert_eq!(world.nodes[0].engine.channels().len(), 1);
    let (after, sent) = (fingerprint(&world, 0), world.nodes[0].sent.len());
    let mut other = accept.clone();
    other.seed = B256::ZERO;
    world.inject(1, 0, &Message::ChannelAccept(accept));
    world.inject(1, 0, &Message::ChannelAccept(other));
    assert_eq!(fingerprint(&world, 0), after);
    assert_eq!(world.nodes[0].sent.len(), sent);
}

// req: E11, E33, E34, E35, E36, E38
#[test]
fn both_sides_hold_the_terms_that_were_offered_and_repeated() {
    let deep = Policy {
        minimum_depth: 7,
        ..policy()
    };
    let mut world = World::with(vec![policy(), deep]);
    let wish = OpenChannel {
        push_amount: amount(20),
        reserve: amount(30),
        finalization_period: 61,
        token: Address::repeat_byte(7),
        ..world.wish(1, [400, 100])
    };
    let accept = accepted(&mut world, wish.clone());
    assert_eq!(accept.chain_id, domain().chain_id);
    assert_eq!(accept.adjudicator, domain().adjudicator);
    assert_eq!(accept.temporary_id, wish.temporary_id());
    assert_eq!(accept.initiator_amount, wish.amount);
    assert_eq!(accept.responder_amount, wish.remote_amount);
    assert_eq!(accept.push_amount, wish.push_amount);
    assert_eq!(accept.minimum_depth, 7, "the responder says how deep");
    assert_eq!(accept.terms.signers.one, world.address(1));
    world.deliver_all();
    let id = accept.terms.channel_id();
    for node in 0..2 {
        let summary = world.channel(node, id);
        assert_eq!(summary.phase, Phase::Funding);
        assert_eq!(summary.terms, accept.terms);
        assert_eq!(summary.terms.reserve, wish.reserve);
        assert_eq!(summary.terms.finalization_period, 61);
        assert_eq!(summary.terms.token, wish.token);
        assert_eq!(depth_watched(&world, node, id), Some(7));
        let peer = world.address(1 - node);
        let told = Event::ChannelCreated {
            channel: id,
            temporary_id: accept.temporary_id,
            peer,
            terms: accept.terms.clone(),
        };
        assert!(world.nodes[node].events.contains(&told));
    }
}

// Money at risk: what the responder pays out of a deposit that a reorg takes back. It asked for a depth of nothing.
// req: E34, E44
#[test]
fn a_responder_cannot_make_the_initiator_count_deposits_without_confirmations() {
    let hasty = Policy {
        minimum_depth: 0,
        ..policy()
    };
    let mut world = World::with(vec![policy(), hasty]);
    let wish = world.wish(1, [400, 100]);
    let id = world.agree(0, 1, wish);
    assert_eq!(depth_watched(&world, 0, id), Some(DEPTH));
}

fn depth_watched(world: &World, node: usize, id: ChannelId) -> Option<u32> {
    let mut effects = world.nodes[node].effects.iter();
    effects.find_map(|effect| match effect {
        Effect::Watch(Watch::Channel {
            channel,
            minimum_depth,
        }) if *channel == id => Some(*minimum_depth),
        _ => None,
    })
}

//! Deposits count when both know them as final, and the reserve stays.

use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Call, ChainEvent, Command, Depth, Input, OnChain};
use counterfoil_core::engine::Error;
use counterfoil_core::types::{B256, Pair, SignedAmount, Timestamp};
use counterfoil_core::wire::{Message, Reason};
use counterfoil_sim::{DEPTH, START, Survives, World, amount, pay};

// req: E18, E30
#[test]
fn nobody_pays_below_the_reserve() {
    let mut world = World::new(2);
    let mut wish = world.wish(1, [400, 100]);
    wish.reserve = amount(50);
    let id = world.open_as(0, 1, wish);
    assert_eq!(world.channel(0, id).spendable, amount(350));
    assert_eq!(
        world.command(0, pay(id, 351)),
        Err(Error::Refused(Reason::ReserveBroken))
    );
    world.pay(0, id, 350);
    world.deliver_all();
    assert_eq!(world.balances(1, id), [50, 450]);
    assert_eq!(
        world.command(0, pay(id, 1)),
        Err(Error::Refused(Reason::ReserveBroken))
    );
}

// req: S5, E51, GAP-S7
#[test]
fn a_top_up_counts_once_both_know_it_as_final() {
    let (mut world, id) = World::pair([400, 100]);
    world
        .command(
            0,
            Command::Deposit {
                channel: id,
                amount: amount(50),
            },
        )
        .unwrap();
    for _ in 0..=DEPTH {
        world.mine_silently(12);
    }
    world.tell(0);
    world.deliver_all();
    assert_eq!(
        world.channel(0, id).spendable,
        amount(400),
        "the payee does not know it yet"
    );
    world.tell(1);
    world.deliver_all();
    assert_eq!(world.channel(0, id).spendable, amount(450));
    world.pay(0, id, 450);
    world.deliver_all();
    world.assert_agreed(0, 1, id);
}

// Money at risk: a top-up. The contract takes a second deposit on the same expected total for a repetition of the first,
// and the node believed that it was done.
// req: S5
#[test]
fn a_second_top_up_waits_for_the_first_and_builds_on_it() {
    let (mut world, id) = World::pair([400, 100]);
    let deposit = Command::Deposit {
        channel: id,
        amount: amount(50),
    };
    world.command(0, deposit.clone()).unwrap();
    assert_eq!(
        world.command(0, deposit.clone()),
        Err(Error::Refused(Reason::DepositNotFinal))
    );
    world.mine(12);
    world.command(0, deposit).unwrap();
    for _ in 0..=DEPTH + 1 {
        world.mine(12);
    }
    assert_eq!(world.balances(1, id), [500, 100]);
}

// Money at risk: everything in the channel, for the length of a dispute. A stranger's deposit during the opening let one
// side call the channel open and the other not; the first payment then ended the conversation.
// req: E43
#[test]
fn a_deposit_of_a_stranger_during_the_opening_does_not_split_the_sides() {
    let mut world = World::new(2);
    let wish = world.wish(1, [400, 100]);
    let id = world.agree(0, 1, wish);
    let confirmed = |deposits: [i128; 2]| {
        let [zero, one] = deposits.map(SignedAmount::new);
        let status = OnChain {
            deposits: Pair::new(zero, one),
            ..OnChain::default()
        };
        Input::Chain(ChainEvent::Channel {
            channel: id,
            depth: Depth::Confirmed,
            as_of: Timestamp::new(START),
            status,
        })
    };
    world.input(0, confirmed([400, 100])).unwrap();
    world.input(1, confirmed([400, 100])).unwrap();
    world.deliver(1, 0);
    world.input(1, confirmed([401, 100])).unwrap();
    world.pay(0, id, 7);
    world.deliver_all();
    assert_eq!(world.channel(1, id).phase, Phase::Open);
    assert_eq!(world.balances(1, id), [394, 107]);
}

// Money at risk: none, but the channel never opened. The call that a crash kept from the chain was never asked for again.
// req: E3
#[test]
fn a_deposit_that_a_crash_kept_from_the_chain_is_asked_for_again() {
    let mut world = World::new(2);
    let wish = world.wish(1, [400, 0]);
    world.command(0, Command::Open(wish)).unwrap();
    world.deliver_all();
    let Message::ChannelOpen(open) = world.last_sent(0) else {
        panic!()
    };
    let join = Command::Join {
        temporary_id: open.temporary_id,
        seed: B256::ZERO,
    };
    world.command(1, join).unwrap();
    world.deliver(1, 0);
    world.deliver(0, 1);
    world.deliver_then(1, 0, Survives::Records);
    let asked = |call: &Call| matches!(call, Call::Deposit { .. });
    assert_eq!(
        world.chain.calls.iter().filter(|call| asked(call)).count(),
        1
    );
    world.recover(0);
    for _ in 0..=DEPTH + 1 {
        world.mine(12);
    }
    let id = world.nodes[0].engine.channels()[0].id;
    assert_eq!(world.channel(0, id).phase, Phase::Open);
    assert_eq!(world.balances(1, id), [400, 0]);
}

// req: E43, E44
#[test]
fn a_deposit_smaller_than_agreed_opens_nothing() {
    let mut world = World::new(2);
    let wish = world.wish(1, [400, 100]);
    let id = world.agree(0, 1, wish);
    let [zero, one] = [400, 99].map(SignedAmount::new);
    let status = OnChain {
        deposits: Pair::new(zero, one),
        ..OnChain::default()
    };
    for node in 0..2 {
        let before = world.nodes[node].sent.len();
        let depth = Depth::Confirmed;
        let seen = ChainEvent::Channel {
            channel: id,
            depth,
            as_of: Timestamp::new(START),
            status,
        };
        world.input(node, Input::Chain(seen)).unwrap();
        assert_eq!(world.nodes[node].sent.len(), before, "no funding_locked");
        assert_eq!(world.channel(node, id).phase, Phase::Funding);
    }
}

// req: E52, S3
#[test]
fn payments_of_many_times_the_deposits_need_no_further_deposit() {
    let (mut world, id) = World::pair([400, 100]);
    let calls = world.chain.calls.len();
    for _ in 0..20 {
        world.pay(0, id, 400);
        world.deliver_all();
        world.pay(1, id, 500);
        world.deliver_all();
        world.pay(0, id, 100);
        world.deliver_all();
    }
    world.mine(12);
    assert_eq!(world.balances(0, id), [400, 100]);
    assert_eq!(world.chain.calls.len(), calls);
}

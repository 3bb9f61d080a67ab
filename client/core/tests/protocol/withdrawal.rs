//! Taking money out while the channel stays open: what counts when, and that nobody is left without a good state.

use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Call, Command, Effect, Event};
use counterfoil_core::types::ChannelId;
use counterfoil_core::wire::{Message, Reason};
use counterfoil_sim::{DEPTH, PERIOD, Survives, World, amount, message};

const DEADLINE: u64 = 600;

pub(crate) fn withdraw(world: &World, channel: ChannelId, units: u128) -> Command {
    Command::Withdraw {
        channel,
        amount: amount(units),
        deadline: world.expiry(DEADLINE),
    }
}

/// Blocks until everything of now is as deep as deposits must be.
pub(crate) fn confirm(world: &mut World) {
    for _ in 0..=DEPTH + 1 {
        world.mine(12);
    }
}

pub(crate) fn paid(world: &World, id: ChannelId) -> [u128; 2] {
    let paid = world.chain.paid(id);
    [paid.zero.to(), paid.one.to()]
}

fn grants(world: &World, node: usize) -> usize {
    let sent = world.nodes[node].sent.iter();
    sent.filter(|(_, frame)| matches!(message(frame), Message::WithdrawSigned(_)))
        .count()
}

// req: E53
#[test]
fn a_withdrawal_pays_its_owner_and_the_channel_goes_on() {
    for owner in [0, 1] {
        let (mut world, id) = World::pair([400, 100]);
        world.pay(0, id, 150);
        world.deliver_all();
        let command = withdraw(&world, id, 120);
        world.command(owner, command).unwrap();
        world.deliver_all();
        let after = if owner == 0 { [130, 250] } else { [250, 130] };
        assert_eq!(world.balances(0, id), after, "counted as taken at once");
        confirm(&mut world);
        let out = if owner == 0 { [120, 0] } else { [0, 120] };
        assert_eq!(paid(&world, id), out);
        for node in [0, 1] {
            assert_eq!(world.balances(node, id), after);
        }
        let told = Event::Withdrawn {
            channel: id,
            amount: amount(120),
        };
        assert!(world.nodes[owner].events.contains(&told));
        world.pay(0, id, after[0] as u128);
        world.deliver_all();
        world.pay(1, id, 380);
        world.deliver_all();
        world.assert_agreed(0, 1, id);
        assert_eq!(world.balances(1, id), [380, 0]);
    }
}

// Money at risk: the same coins, once taken out on chain and once paid in the channel.
// req: E53
// Money at risk: a side that signs `Withdraw` before it holds the peer's signature on the state it belongs to would be left
// with states that the chain takes no more.
// req: E2, E53
#[test]
fn withdraw_is_signed_only_by_who_holds_both_signatures_on_its_state() {
    // Both propose at once, so that participant 0's merge holds participant 1's withdrawal.
    let (mut world, id) = World::pair([400, 100]);
    world.pay(0, id, 1);
    let command = withdraw(&world, id, 60);
    world.command(1, command).unwrap();
    world.deliver(1, 0);
    assert!(matches!(world.last_sent(0), Message::Update(_)), "merged");
    assert_eq!(grants(&world, 0), 0, "not before the answer");
    while world.deliver(0, 1) {}
    assert_eq!(grants(&world, 0), 0, "not before the answer arrives");
    world.deliver(1, 0);
    assert_eq!(grants(&world, 0), 1);
    world.deliver_all();
    confirm(&mut world);
    assert_eq!(paid(&world, id), [0, 60]);
    world.assert_agreed(0, 1, id);
}

// Money at risk: all of it, if one message withheld around a withdrawal left a side without a state that the chain accepts.
// req: E2, E3, E53
#[test]
fn with_any_message_around_a_withdrawal_withheld_each_side_can_still_close() {
    for owner in [0, 1] {
        for crossing in [false, true] {
            for (delivered, closer) in (0..10).flat_map(|frames| [(frames, 0), (frames, 1)]) {
                let (mut world, id) = World::pair([400, 100]);
                world.pay(0, id, 50);
                world.deliver_all();
                let command = withdraw(&world, id, 100);
                world.command(owner, command).unwrap();
                if crossing {
                    world.pay(1 - owner, id, 7);
                }
                for _ in 0..delivered {
                    if let Some((from, to)) = world.busy_links().first().copied() {
                        world.deliver(from, to);
                    }
                }
                world.cut(0, 1);
                world.mine(12);
                let channel = id;
                world
                    .command(closer, Command::Challenge { channel })
                    .unwrap();
                world.mine(12);
                world.mine(12);
                world.mine(u64::from(PERIOD));
                confirm(&mut world);
                let [zero, one] = paid(&world, id);
                assert_eq!(zero + one, 500, "all is paid out");
                let expected = if crossing && owner == 0 {
                    [[350, 150], [357, 143]]
                } else if crossing {
                    [[350, 150], [343, 157]]
                } else {
                    [[350, 150], [350, 150]]
                };
                assert!(
                    expected.contains(&[zero, one]),
                    "{owner} {crossing} {delivered}: {zero} {one}"
                );
            }
        }
    }
}

// req: E53
#[test]
fn a_withdrawal_that_does_not_reach_the_chain_in_time_lapses_on_both_sides() {
    let (mut world, id) = World::pair([400, 100]);
    world.chain.stuck = true;
    let command = withdraw(&world, id, 350);
    world.command(0, command).unwrap();
    world.deliver_all();
    world.mine(DEADLINE);
    confirm(&mut world);
    for node in [0, 1] {
        assert_eq!(world.balances(node, id), [400, 100]);
    }
    let told = Event::NotWithdrawn {
        channel: id,
        amount: amount(350),
        reason: Reason::ExpiryTooNear,
    };
    assert!(world.nodes[0].events.contains(&told));
    world.pay(0, id, 400);
    world.deliver_all();
    world.assert_agreed(0, 1, id);
    world.chain.stuck = false;
    confirm(&mut world);
    assert_eq!(
        paid(&world, id),
        [0, 0],
        "the chain does not take it any more"
    );
}

// Money at risk: what the payer still has. At the deadline itself the chain still takes the withdrawal.
// req: E53
#[test]
fn until_a_block_later_than_the_deadline_is_deep_enough_a_withdrawal_counts() {
    let (mut world, id) = World::pair([400, 100]);
    world.chain.stuck = true;
    let start = world.chain.now();
    let command = withdraw(&world, id, 350);
    world.command(0, command).unwrap();
    world.deliver_all();
    world.mine(start + DEADLINE - world.chain.now());
    for _ in 0..DEPTH {
        assert_eq!(world.balances(1, id), [50, 100]);
        world.mine(1);
    }
    assert_eq!(
        world.balances(1, id),
        [50, 100],
        "the block at its depth is the deadline's"
    );
    world.mine(1);
    assert_eq!(world.balances(1, id), [400, 100]);
}

// req: E53
#[test]
fn a_checkpoint_of_zero_voids_older_states_and_lets_their_openings_go() {
    let (mut world, id) = World::pair([400, 100]);
    world.pay(0, id, 150);
    world.deliver_all();
    let old = world.nodes[1].engine.export(id).unwrap();
    world.pay(1, id, 20);
    world.deliver_all();
    let command = withdraw(&world, id, 0);
    world.command(0, command).unwrap();
    world.deliver_all();
    confirm(&mut world);
    let nonce = world.channel(0, id).nonce;
    assert_eq!(world.chain.view(id).nonce, nonce);
    for node in [0, 1] {
        let forget = Effect::Forget {
            channel: id,
            below: nonce,
        };
        assert!(world.nodes[node].effects.contains(&forget));
    }
    world.chain.submit(old);
    confirm(&mut world);
    assert_eq!(
        world.channel(0, id).phase,
        Phase::Open,
        "nobody can go back"
    );
    assert_eq!(world.balances(0, id), [270, 230]);
}

// req: E3, E53
#[test]
fn a_lost_signature_on_a_withdrawal_is_repeated_on_the_next_link() {
    for survives in [Survives::Records, Survives::Nothing] {
        for turns in 0..4 {
            for doomed in [0, 1] {
                let (mut world, id) = World::pair([400, 100]);
                let command = withdraw(&world, id, 120);
                world.plan = Some((doomed, turns, survives));
                let _ = world.command(0, command.clone());
                world.deliver_all();
                world.plan = None;
                world.tell(doomed);
                world.heal();
                // What died with its turn was never promised to anybody.
                let _ = world.command(0, command);
                world.deliver_all();
                confirm(&mut world);
                assert_eq!(paid(&world, id), [120, 0], "{survives:?} {turns} {doomed}");
                assert_eq!(world.balances(1, id), [280, 100]);
                world.assert_agreed(0, 1, id);
            }
        }
    }
}

// Money at risk: a deposit made twice. A deposit is done once the total on chain has grown by it, and a withdrawal lowers
// that total.
// Money at risk: a payment that was accepted. In the block in which a withdrawal became final its amount was taken off
// twice, and payments that waited were dropped.
#[test]
fn payments_that_wait_survive_the_moment_a_withdrawal_becomes_final() {
    let (mut world, id) = World::pair([400, 100]);
    let command = withdraw(&world, id, 300);
    world.command(0, command).unwrap();
    world.deliver_all();
    world.pay(0, id, 10);
    world.pay(0, id, 90);
    for _ in 0..=DEPTH + 1 {
        world.mine_silently(12);
        world.tell(0);
        world.tell(1);
    }
    world.deliver_all();
    assert_eq!(world.balances(1, id), [0, 200]);
    world.assert_agreed(0, 1, id);
}

// Money at risk: a restart must not forget what the peer may still withdraw.
// req: E3, E62
#[test]
fn after_a_restart_a_withdrawal_still_counts_and_is_submitted_again() {
    let (mut world, id) = World::pair([400, 100]);
    world.chain.stuck = true;
    let command = withdraw(&world, id, 350);
    world.command(0, command).unwrap();
    world.deliver_all();
    for node in [0, 1] {
        world.crash(node);
        assert_eq!(world.balances(node, id), [50, 100]);
    }
    let again = world.nodes[0].effects.iter();
    let calls = again.filter(|effect| matches!(effect, Effect::Submit(Call::Withdraw { .. })));
    assert_eq!(calls.count(), 1);
    world.heal();
    world.chain.stuck = false;
    confirm(&mut world);
    assert_eq!(paid(&world, id), [350, 0]);
    world.assert_agreed(0, 1, id);
}

#[test]
fn a_withdrawal_under_dispute_is_paid_by_settlement_instead() {
    let (mut world, id) = World::pair([400, 100]);
    world.chain.stuck = true;
    let command = withdraw(&world, id, 350);
    world.command(0, command).unwrap();
    world.deliver_all();
    world
        .command(1, Command::Challenge { channel: id })
        .unwrap();
    // The chain takes the challenge first.
    world.chain.stuck = false;
    confirm(&mut world);
    world.mine(u64::from(PERIOD));
    confirm(&mut world);
    assert_eq!(paid(&world, id), [400, 100]);
}

// Money at risk: none, but every payment was refused until the node's own reading. The peer saw the withdrawal leave first,
// and its word of lower deposits was taken for another reduction.
#[test]
fn a_peer_that_sees_a_withdrawal_leave_first_leaves_the_rest_spendable() {
    let (mut world, id) = World::pair([400, 100]);
    let command = withdraw(&world, id, 300);
    world.command(0, command).unwrap();
    world.deliver_all();
    for _ in 0..=DEPTH + 1 {
        world.mine_silently(12);
    }
    world.tell(1);
    world.deliver_all();
    assert_eq!(world.channel(0, id).spendable, amount(100));
    world.pay(0, id, 100);
    world.deliver_all();
    assert_eq!(world.balances(1, id), [0, 200]);
}

//! Nothing is created and nothing is lost: on chain, and in what each node counts.

use super::book::{members, stored};
use super::{Broken, Verdict};
use crate::world::World;
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::Status;
use counterfoil_core::state::Content;
use counterfoil_core::types::ChannelId;

/// What went into each channel is there or was paid out.
///
/// # Errors
/// [`Broken`].
pub fn what_was_paid_in_is_held_or_paid_out(world: &World) -> Verdict {
    for (id, ledger) in &world.chain.head().contracts.ledgers {
        let paid_in = ledger.deposited.zero + ledger.deposited.one;
        let (held, paid) = (ledger.held(), ledger.paid.zero + ledger.paid.one);
        Broken::unless(
            paid_in as i128 == held + paid as i128,
            "what was paid in is held or paid out",
            || format!("{paid_in} went into {id}, {held} is held and {paid} was paid"),
        )?;
    }
    Ok(())
}

/// In each node's view of an open channel the final deposits are balances, locks and withdrawals, and nobody owns less than
/// nothing.
///
/// # Errors
/// [`Broken`].
pub fn claims_are_covered(world: &World, id: ChannelId) -> Verdict {
    for (node, _) in members(world, id) {
        let summary = world.channel(node, id);
        let talks = matches!(summary.phase, Phase::Open | Phase::ShuttingDown);
        let Some(deep) = world.chain.told(node, id) else {
            continue;
        };
        if !talks || deep.status != Status::Open {
            continue;
        }
        let Some(content) = stored(&world.nodes[node].store, id, summary.nonce) else {
            continue;
        };
        let balances = summary.balances.into_array().map(|balance| balance.units());
        let locked: i128 = content
            .locks
            .values()
            .map(|lock| lock.amount.units() as i128)
            .sum();
        let deposits = deep.deposits.zero.units() + deep.deposits.one.units();
        let rest = deposits - balances[0] - balances[1] - locked;
        let promise = "deposits are balances, locks and withdrawals";
        Broken::unless(balances[0] >= 0 && balances[1] >= 0, promise, || {
            format!("node {node} counts {balances:?} in {id}")
        })?;
        Broken::unless(may_be_leaving(&content).contains(&rest), promise, || {
            format!(
                "node {node} counts {balances:?} and {locked} locked of {deposits} in {id}; {rest} is left of {:?}",
                content.withdrawing
            )
        })?;
    }
    Ok(())
}

/// What the withdrawals of a content may still take out together: any of them may have ended.
fn may_be_leaving(content: &Content) -> Vec<i128> {
    let mut sums = vec![0];
    for one in &content.withdrawing {
        let amount = one.amount.units() as i128;
        let more: Vec<i128> = sums.iter().map(|sum| sum + amount).collect();
        sums.extend(more);
    }
    sums
}

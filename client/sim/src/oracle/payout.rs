//! What a participant is paid in the end.

use super::book::{gain, members, stored};
use super::{Broken, Verdict};
use crate::world::World;
use counterfoil_core::effect::Status;
use counterfoil_core::state::Content;
use counterfoil_core::types::{ChannelId, Lock, LockId, Nonce};

const PROMISE: &str = "a closed channel paid what the newest state gives";

/// A closed channel has paid each node that lost nothing at least what its newest co-signed state gives it, or a newer one
/// that it has signed.
///
/// # Errors
/// [`Broken`].
pub fn a_closed_channel_paid_what_the_newest_state_gives(
    world: &World,
    id: ChannelId,
    careless: Option<usize>,
) -> Verdict {
    let ledger = world.chain.ledger(id);
    if ledger.view.status != Status::Closed {
        return Ok(());
    }
    let contracts = &world.chain.head().contracts;
    let is_claimed = |lock: &Lock| {
        let revealed = contracts.revealed_at(lock.key);
        revealed.is_some_and(|at| at <= lock.expiry.seconds())
    };
    for (node, side) in members(world, id) {
        if Some(node) == careless {
            continue;
        }
        let newest = world.channel(node, id).nonce;
        let content = match &ledger.settled {
            Some((nonce, opening)) => {
                Broken::unless(*nonce >= newest, PROMISE, || {
                    format!("state {nonce} of {id} was paid out; node {node} has state {newest}")
                })?;
                let mut content = Content {
                    net: opening.net,
                    ..Content::default()
                };
                let numbered = (0..).map(LockId).zip(opening.locks.iter().cloned());
                content.locks.extend(numbered);
                content
            }
            None => newest_content(world, node, id, newest),
        };
        let owed = *ledger.deposited.of(side) as i128 + gain(&content, side, is_claimed);
        let paid = *ledger.paid.of(side) as i128;
        Broken::unless(paid >= owed, PROMISE, || {
            format!("node {node} was paid {paid} of {owed} by {id}")
        })?;
    }
    Ok(())
}

fn newest_content(world: &World, node: usize, id: ChannelId, newest: Nonce) -> Content {
    stored(&world.nodes[node].store, id, newest).unwrap_or_default()
}

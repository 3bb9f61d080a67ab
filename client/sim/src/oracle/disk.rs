//! Whatever was told or sent is durable.

use super::{Broken, Verdict};
use crate::world::World;
use counterfoil_core::types::ChannelId;

/// A node that started again now would know what it knows.
///
/// # Errors
/// [`Broken`].
pub fn a_restart_knows_what_was_told(
    world: &World,
    node: usize,
    channels: &[ChannelId],
) -> Verdict {
    let store = world.nodes[node].store.clone();
    let restarted = world.restored(node, store.into_iter().collect());
    for id in channels {
        let (Some(live), Some(again)) = (
            world.nodes[node].engine.channel(*id),
            restarted.channel(*id),
        ) else {
            continue;
        };
        let known = (live.nonce, live.balances, live.locks, live.phase);
        let again = (again.nonce, again.balances, again.locks, again.phase);
        Broken::unless(known == again, "a restart knows what was told", || {
            format!("node {node} would know {again:?} instead of {known:?} of {id}")
        })?;
    }
    Ok(())
}

//! What is left when the faults have stopped.

use super::wealth::nodes_of;
use super::{Broken, Verdict};
use crate::world::World;
use counterfoil_core::channel::Phase;
use counterfoil_core::types::ChannelId;

/// Every channel is open on both sides, without locks and with one newest state, or closed on both sides and on chain.
///
/// # Errors
/// [`Broken`].
pub fn everything_comes_to_an_end(world: &World, id: ChannelId) -> Verdict {
    let promise = "everything comes to an end";
    let seen: Vec<_> = nodes_of(world, id)
        .into_iter()
        .map(|node| world.channel(node, id))
        .collect();
    let phase = seen[0].phase;
    Broken::unless(
        matches!(phase, Phase::Open | Phase::Closed) && seen[1].phase == phase,
        promise,
        || format!("{id} is {phase:?} and {:?}", seen[1].phase),
    )?;
    if phase == Phase::Closed {
        return Ok(());
    }
    let is_agreed = seen[0].nonce == seen[1].nonce && seen[0].balances == seen[1].balances;
    Broken::unless(is_agreed, promise, || {
        format!("the two views of {id} differ: {:?}", seen)
    })?;
    Broken::unless(seen[0].locks == 0, promise, || {
        format!("{id} keeps {} locks", seen[0].locks)
    })
}

/// A channel that nobody wanted to close is still open, whatever was lost, repeated, crossed or reorged.
///
/// # Errors
/// [`Broken`].
pub fn peace_keeps_a_channel_open(world: &World, id: ChannelId) -> Verdict {
    for node in nodes_of(world, id) {
        let phase = world.channel(node, id).phase;
        Broken::unless(phase == Phase::Open, "peace keeps a channel open", || {
            format!("node {node} finds {id} {phase:?}")
        })?;
    }
    Ok(())
}

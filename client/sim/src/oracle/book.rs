//! What a state is worth to a participant, computed without the core's own sums.

use crate::world::{Store, World};
use alloy_rlp::Decodable;
use counterfoil_core::effect::RecordId;
use counterfoil_core::state::Content;
use counterfoil_core::types::{ChannelId, Lock, Nonce, Participant};

/// The content of a stored state.
pub(super) fn stored(store: &Store, id: ChannelId, nonce: Nonce) -> Option<Content> {
    let record = store.get(&RecordId::State(id, nonce))?;
    Content::decode(&mut record.as_slice()).ok()
}

/// The stored states of a channel from `nonce` on: the newest co-signed one, and those that wait for the other signature.
pub(super) fn stored_from(store: &Store, id: ChannelId, nonce: Nonce) -> Vec<(Nonce, Content)> {
    let range = RecordId::State(id, nonce)..=RecordId::State(id, Nonce::MAX);
    let states = store.range(range).filter_map(|(record, bytes)| {
        let RecordId::State(_, nonce) = record else {
            return None;
        };
        let content = Content::decode(&mut bytes.as_slice()).ok()?;
        Some((*nonce, content))
    });
    states.collect()
}

/// What `side` has by this content beyond its own deposits; negative when it has paid. `is_claimed` says of each lock
/// whether its payee gets it.
pub(super) fn gain(
    content: &Content,
    side: Participant,
    is_claimed: impl Fn(&Lock) -> bool,
) -> i128 {
    let net = content.net.units();
    let paid = match side {
        Participant::Zero => -net,
        Participant::One => net,
    };
    let claimed = content.locks.values().filter(|lock| is_claimed(lock));
    claimed.fold(paid, |sum, lock| {
        let amount = lock.amount.units() as i128;
        if lock.payer == side {
            sum - amount
        } else {
            sum + amount
        }
    })
}

/// The nodes of a channel, and the side of each.
pub(super) fn members(world: &World, id: ChannelId) -> Vec<(usize, Participant)> {
    let nodes = (0..world.nodes.len()).filter_map(|node| {
        let summary = world.nodes[node].engine.channel(id)?;
        Some((node, summary.local))
    });
    nodes.collect()
}

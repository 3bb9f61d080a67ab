//! What a node owns in the worst case, over all of its channels: whatever its peers publish, and however the locks end
//! that are not decided yet.

use super::book::{gain, members, stored_from};
use super::{Broken, Verdict};
use crate::world::World;
use counterfoil_core::effect::Event;
use counterfoil_core::state::Content;
use counterfoil_core::types::{B256, ChannelId, Lock, Nonce, Participant};
use std::collections::{BTreeMap, BTreeSet};

/// What a node was told, and what its user has asked it to spend.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// All payments and transfers that its user asked for, base units.
    pub spent: i128,
    received: i128,
    /// What the locks held of which the node has shown the secret.
    shown: BTreeMap<B256, i128>,
    heard: usize,
}

impl Account {
    /// Reads the events that are new.
    pub fn hear(&mut self, events: &[Event]) {
        for event in &events[self.heard..] {
            match event {
                Event::Received { amount, .. } => self.received += amount.units() as i128,
                Event::PaymentForwarded { fee, .. } => self.received += fee.units() as i128,
                Event::PaymentArriving { key, amount } => {
                    self.shown.insert(*key, amount.units() as i128);
                }
                Event::PaymentReceived { key, amount } => {
                    self.received += amount.units() as i128;
                    self.shown.insert(*key, 0);
                }
                _ => {}
            }
        }
        self.heard = events.len();
    }
}

/// No node has less than it was told it received, less what its user spent. A mediator spends nothing, so that no payment
/// leaves it with less than before.
///
/// # Errors
/// [`Broken`].
pub fn what_was_told_as_received_is_never_lost(
    world: &World,
    node: usize,
    account: &Account,
) -> Verdict {
    let worst = worst_case(world, node);
    let least = account.received - account.spent;
    Broken::unless(
        worst >= least,
        "what was told as received is never lost",
        || {
            format!(
                "node {node} was told of {}, spent {} and may end with {worst}",
                account.received, account.spent
            )
        },
    )
}

/// Once all locks have ended, whoever gave a secret out was paid for it.
///
/// # Errors
/// [`Broken`].
pub fn whoever_shows_a_secret_is_paid(world: &World, node: usize, account: &Account) -> Verdict {
    let worst = worst_case(world, node);
    let shown: i128 = account.shown.values().sum();
    let least = account.received + shown - account.spent;
    Broken::unless(worst >= least, "whoever shows a secret is paid", || {
        format!(
            "node {node} received {}, showed secrets for {shown} more, spent {} and has {worst}",
            account.received, account.spent
        )
    })
}

/// What the node has beyond its deposits at least.
fn worst_case(world: &World, node: usize) -> i128 {
    let channels: Vec<_> = world.nodes[node]
        .engine
        .channels()
        .into_iter()
        .map(|summary| {
            (
                summary.local,
                candidates(world, node, summary.id, summary.nonce),
            )
        })
        .collect();
    let mut choices = vec![Vec::new()];
    for (side, contents) in &channels {
        let with = |chosen: &Vec<(Participant, Content)>, content: &Content| {
            let mut chosen = chosen.clone();
            chosen.push((*side, content.clone()));
            chosen
        };
        choices = choices
            .iter()
            .flat_map(|chosen| contents.iter().map(move |content| with(chosen, content)))
            .collect();
    }
    let worst = choices.iter().map(|chosen| worst_of(world, chosen)).min();
    worst.unwrap_or_default()
}

/// The states that may be the last of a channel: the newest co-signed one, what was signed above it, and what the chain has
/// taken.
fn candidates(world: &World, node: usize, id: ChannelId, newest: Nonce) -> Vec<Content> {
    let ledger = world.chain.ledger(id);
    let least = newest.max(ledger.view.nonce);
    let mut states = stored_from(&world.nodes[node].store, id, least);
    if states.is_empty() {
        states = stored_from(&world.nodes[node].store, id, newest);
    }
    if let Some((paid, _)) = &ledger.settled {
        states.retain(|(nonce, _)| nonce == paid || nonce == &newest && newest >= *paid);
    }
    states.into_iter().map(|(_, content)| content).collect()
}

/// All locks under one key end alike, since the registry is the same for all.
fn worst_of(world: &World, chosen: &[(Participant, Content)]) -> i128 {
    let certain: i128 = chosen
        .iter()
        .map(|(side, content)| gain(content, *side, |_| false))
        .sum();
    let locks = chosen
        .iter()
        .flat_map(|(_, content)| content.locks.values());
    let keys: BTreeMap<B256, u64> = locks
        .map(|lock| (lock.key, lock.expiry.seconds()))
        .collect();
    let of_key = |key: B256| {
        let only = |lock: &Lock| lock.key == key;
        let with = chosen
            .iter()
            .map(|(side, content)| gain(content, *side, only));
        with.sum::<i128>() - certain
    };
    let uncertain = keys.iter().map(|(key, expiry)| {
        let endings = endings(world, *key, *expiry);
        endings
            .into_iter()
            .map(|is_claimed| if is_claimed { of_key(*key) } else { 0 })
            .min()
    });
    certain + uncertain.flatten().sum::<i128>()
}

/// How the locks under a key may end: either way, until a final block past the expiry has decided.
fn endings(world: &World, key: B256, expiry: u64) -> BTreeSet<bool> {
    let last = world.chain.finalized();
    let is_claimed = last
        .contracts
        .revealed_at(key)
        .is_some_and(|at| at <= expiry);
    if is_claimed || last.time > expiry {
        BTreeSet::from([is_claimed])
    } else {
        BTreeSet::from([false, true])
    }
}

/// The nodes that take part in a channel.
pub(super) fn nodes_of(world: &World, id: ChannelId) -> Vec<usize> {
    members(world, id)
        .into_iter()
        .map(|(node, _)| node)
        .collect()
}

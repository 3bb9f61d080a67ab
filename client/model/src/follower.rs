//! What one node has been told of the chain, and what the head would tell it.

use crate::chain::{Block, Chain};
use counterfoil_core::effect::{ChainEvent, Depth, OnChain, Watch};
use counterfoil_core::types::{Address, B256, ChannelId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// A node's watches; they end with its process.
#[derive(Clone, Default, Hash)]
pub(crate) struct Follower {
    block: u64,
    channel: Option<ChannelId>,
    latest: Option<OnChain>,
    confirmed: Option<OnChain>,
    rechecks: BTreeSet<Timestamp>,
    /// For each key under watch whether its reveal, and its end, were told.
    keys: BTreeMap<(Address, B256, Timestamp), (bool, bool)>,
}

impl Follower {
    pub(crate) fn watch(&mut self, watch: Watch) {
        match watch {
            Watch::Channel { channel, .. } => {
                if self.channel.replace(channel) != Some(channel) {
                    (self.latest, self.confirmed) = (None, None);
                }
            }
            Watch::Recheck { after, .. } => {
                self.rechecks.insert(after);
            }
            Watch::Key {
                condition,
                key,
                expiry,
            } => {
                self.keys.entry((condition, key, expiry)).or_default();
            }
        }
    }

    /// Whether the head has anything to tell.
    pub(crate) fn is_behind(&self, chain: &Chain) -> bool {
        self.block != chain.head().number
    }

    /// What the head shows that was not told yet.
    pub(crate) fn news(&mut self, chain: &Chain) -> Vec<ChainEvent> {
        let (head, confirmed) = (chain.head(), chain.confirmed());
        self.block = head.number;
        let mut news = vec![ChainEvent::Block {
            number: head.number,
            timestamp: Timestamp::new(head.time),
            finalized: Timestamp::new(confirmed.time),
        }];
        if let Some(channel) = self.channel {
            if self.latest.replace(head.view) != Some(head.view) {
                news.push(reading(channel, Depth::Latest, head));
            }
            let due: Vec<_> = self.rechecks.iter().copied().collect();
            let due = due
                .into_iter()
                .filter(|after| confirmed.time > after.seconds());
            let rechecked = due.filter(|after| self.rechecks.remove(after)).count() > 0;
            if self.confirmed.replace(confirmed.view) != Some(confirmed.view) || rechecked {
                news.push(reading(channel, Depth::Confirmed, confirmed));
            }
        }
        for ((condition, key, expiry), (revealed, expired)) in &mut self.keys {
            let reveal = chain.reveals.get(key).copied();
            if let Some((preimage, at)) = reveal
                && !std::mem::replace(revealed, true)
            {
                news.push(ChainEvent::Revealed {
                    condition: *condition,
                    key: *key,
                    preimage,
                    at: Timestamp::new(at),
                });
            }
            if confirmed.time > expiry.seconds() && !std::mem::replace(expired, true) {
                let seen = reveal.map(|(_, at)| at).filter(|at| *at <= confirmed.time);
                news.push(ChainEvent::Expired {
                    condition: *condition,
                    key: *key,
                    as_of: Timestamp::new(confirmed.time),
                    revealed_at: seen.map(Timestamp::new),
                });
            }
        }
        news
    }
}

fn reading(channel: ChannelId, depth: Depth, block: Block) -> ChainEvent {
    ChainEvent::Channel {
        channel,
        depth,
        as_of: Timestamp::new(block.time),
        status: block.view,
    }
}

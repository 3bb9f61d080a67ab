//! What one node follows on the chain, and what it has been told.

use super::{Block, FINAL_DEPTH};
use counterfoil_core::effect::{ChainEvent, Depth, OnChain, Watch};
use counterfoil_core::types::{Address, B256, ChannelId, Timestamp};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Follower {
    channels: BTreeMap<ChannelId, Channel>,
    keys: BTreeMap<(Address, B256, Timestamp), Key>,
}

#[derive(Debug)]
struct Channel {
    minimum_depth: usize,
    latest: Option<OnChain>,
    confirmed: Option<OnChain>,
    rechecks: Vec<Timestamp>,
}

#[derive(Debug, Default)]
struct Key {
    is_reveal_told: bool,
    is_end_told: bool,
}

impl Follower {
    pub(super) fn watch(&mut self, watch: Watch) {
        match watch {
            Watch::Channel {
                channel,
                minimum_depth,
            } => {
                let rechecks = self.channels.remove(&channel).map(|old| old.rechecks);
                let fresh = Channel {
                    minimum_depth: minimum_depth as usize,
                    latest: None,
                    confirmed: None,
                    rechecks: rechecks.unwrap_or_default(),
                };
                self.channels.insert(channel, fresh);
            }
            Watch::Recheck { channel, after } => {
                if let Some(channel) = self.channels.get_mut(&channel) {
                    channel.rechecks.push(after);
                }
            }
            Watch::Key {
                condition,
                key,
                expiry,
            } => {
                self.keys.insert((condition, key, expiry), Key::default());
            }
        }
    }

    pub(super) fn confirmed(&self, channel: ChannelId) -> Option<OnChain> {
        self.channels.get(&channel)?.confirmed
    }

    /// A reorg: everything is told anew.
    pub(super) fn look_again(&mut self) {
        for channel in self.channels.values_mut() {
            (channel.latest, channel.confirmed) = (None, None);
        }
        for key in self.keys.values_mut() {
            key.is_reveal_told = false;
        }
    }

    /// What happened is told before the time at which it is known, so that nobody acts on the time alone.
    pub(super) fn news(&mut self, blocks: &[Block]) -> Vec<ChainEvent> {
        let head = blocks.len() - 1;
        let finalized = &blocks[head.saturating_sub(FINAL_DEPTH)];
        let mut news = Vec::new();
        for (id, channel) in &mut self.channels {
            channel.tell(*id, blocks, &mut news);
        }
        for ((condition, key, _), told) in &mut self.keys {
            let revealed = blocks[head].contracts.reveals.get(key);
            if let Some((preimage, at)) = revealed
                && !std::mem::replace(&mut told.is_reveal_told, true)
            {
                news.push(ChainEvent::Revealed {
                    condition: *condition,
                    key: *key,
                    preimage: *preimage,
                    at: Timestamp::new(*at),
                });
            }
        }
        news.push(ChainEvent::Block {
            number: head as u64,
            timestamp: Timestamp::new(blocks[head].time),
            finalized: Timestamp::new(finalized.time),
        });
        for ((condition, key, expiry), told) in &mut self.keys {
            let is_over = finalized.time > expiry.seconds();
            if is_over && !std::mem::replace(&mut told.is_end_told, true) {
                news.push(ChainEvent::Expired {
                    condition: *condition,
                    key: *key,
                    as_of: Timestamp::new(finalized.time),
                    revealed_at: finalized.contracts.revealed_at(*key).map(Timestamp::new),
                });
            }
        }
        news
    }
}

impl Channel {
    fn tell(&mut self, channel: ChannelId, blocks: &[Block], news: &mut Vec<ChainEvent>) {
        let head = blocks.len() - 1;
        let at = |block: usize| {
            let ledger = blocks[block].contracts.ledgers.get(&channel);
            let status = ledger.map(|ledger| ledger.view).unwrap_or_default();
            (status, Timestamp::new(blocks[block].time))
        };
        let (now, as_of) = at(head);
        if self.latest.replace(now) != Some(now) {
            news.push(ChainEvent::Channel {
                channel,
                depth: Depth::Latest,
                as_of,
                status: now,
            });
        }
        let (deep, as_of) = at(head.saturating_sub(self.minimum_depth));
        let asked = self.rechecks.len();
        self.rechecks.retain(|after| as_of <= *after);
        let is_due = self.rechecks.len() < asked;
        if self.confirmed.replace(deep) != Some(deep) || is_due {
            news.push(ChainEvent::Channel {
                channel,
                depth: Depth::Confirmed,
                as_of,
                status: deep,
            });
        }
    }
}

//! The channels that are watched, and what was reported of each.

use super::News;
use super::cursor::Cursor;
use crate::contracts::{self, CHANNELS_PER_CALL};
use crate::trouble::{Trouble, is_silent};
use counterfoil_core::effect::{ChainEvent, Depth, OnChain};
use counterfoil_core::types::{Address, B256, ChannelId, Timestamp};
use counterfoil_deploy::rpc::{At, Block, Rpc, RpcError};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Channels(BTreeMap<ChannelId, Channel>);

#[derive(Debug)]
struct Channel {
    minimum_depth: u64,
    latest: Option<OnChain>,
    confirmed: Option<OnChain>,
    /// Times after which the reading at the depth is wanted once more.
    rechecks: BTreeSet<Timestamp>,
    unread: bool,
    confirmed_under: Option<B256>,
    latest_failed_under: Option<B256>,
    confirmed_failed_under: Option<B256>,
}

impl Channels {
    pub(super) fn watch(&mut self, channel: ChannelId, minimum_depth: u32) {
        let minimum_depth = minimum_depth.into();
        let before = self.0.remove(&channel);
        // Whoever watches again wants to be told again.
        let fresh = Channel {
            minimum_depth,
            latest: None,
            confirmed: None,
            rechecks: before.map_or_else(BTreeSet::new, |before| before.rechecks),
            unread: true,
            confirmed_under: None,
            latest_failed_under: None,
            confirmed_failed_under: None,
        };
        self.0.insert(channel, fresh);
    }

    /// Has the channel reported at its depth once more, by a block later than `after`.
    pub(super) fn recheck(&mut self, channel: ChannelId, after: Timestamp) {
        match self.0.get_mut(&channel) {
            Some(channel) => {
                channel.rechecks.insert(after);
                // That block may be there already.
                channel.confirmed_under = None;
            }
            None => tracing::error!(%channel, "a channel that is not watched cannot be read again"),
        }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = ChannelId> {
        self.0.keys().copied()
    }

    pub(super) fn mark(&mut self, topic: &B256) {
        if let Some(channel) = self.0.get_mut(&ChannelId(*topic)) {
            channel.unread = true;
        }
    }

    pub(super) fn mark_all(&mut self) {
        for channel in self.0.values_mut() {
            channel.unread = true;
            channel.confirmed_under = None;
            channel.latest_failed_under = None;
            channel.confirmed_failed_under = None;
        }
    }

    /// Reads what is marked at `head`, and what is not confirmed yet at its depth, and reports what changed.
    ///
    /// # Errors
    /// The first [`RpcError`]; what was not read stays marked, and is not asked for again under this head.
    pub(super) async fn read(
        &mut self,
        rpc: &Rpc,
        court: Address,
        head: &Block,
        cursor: &Cursor,
        news: &News,
    ) -> Result<(), RpcError> {
        let mut trouble = Trouble::default();
        let ids = self.select(|channel| channel.awaits_latest(head));
        let at = At::Hash(head.hash);
        let latest = self.read_each(rpc, court, &ids, at, |channel, id, status| {
            channel.take_latest(id, status, head, news);
        });
        trouble.note(latest.await);
        let mut by_depth = BTreeMap::<u64, Vec<ChannelId>>::new();
        for (id, channel) in &self.0 {
            if channel.awaits_depth(head) {
                by_depth.entry(channel.minimum_depth).or_default().push(*id);
            }
        }
        for (depth, ids) in by_depth {
            let Some(number) = head.number.checked_sub(depth) else {
                for id in ids {
                    if let Some(channel) = self.0.get_mut(&id) {
                        let nothing = Some(OnChain::default());
                        channel.take_confirmed(id, nothing, Timestamp::default(), head, news);
                    }
                }
                continue;
            };
            let confirmed = match block_at(rpc, number, cursor).await {
                // By hash, so that a reorg in this moment cannot mix two chains.
                Ok(block) => {
                    let as_of = Timestamp::new(block.timestamp);
                    let take = |channel: &mut Channel, id, status| {
                        channel.take_confirmed(id, status, as_of, head, news);
                    };
                    self.read_each(rpc, court, &ids, At::Hash(block.hash), take)
                        .await
                }
                Err(error) => {
                    for id in ids {
                        if let Some(channel) = self.0.get_mut(&id) {
                            channel.confirmed_failed_under = Some(head.hash);
                        }
                    }
                    Err(error)
                }
            };
            let silent = is_silent(&confirmed);
            trouble.note(confirmed);
            if silent {
                break;
            }
        }
        trouble.result()
    }

    /// Reads channels at one block and hands over what each is, or that it could not be read.
    async fn read_each(
        &mut self,
        rpc: &Rpc,
        court: Address,
        ids: &[ChannelId],
        at: At,
        take: impl Fn(&mut Channel, ChannelId, Option<OnChain>),
    ) -> Result<(), RpcError> {
        let mut trouble = Trouble::default();
        for some in ids.chunks(CHANNELS_PER_CALL) {
            let together = contracts::statuses(rpc, court, some, at).await;
            let silent = is_silent(&together);
            // One answer that makes no sense does not spoil the others.
            let apart = matches!(together, Err(RpcError::Malformed { .. })) && some.len() > 1;
            let statuses = trouble.note(together).unwrap_or_default();
            let mut statuses = statuses.into_iter();
            for id in some {
                let status = if apart {
                    let alone = contracts::statuses(rpc, court, &[*id], at).await;
                    trouble.note(alone).and_then(|alone| alone.first().copied())
                } else {
                    statuses.next()
                };
                if let Some(channel) = self.0.get_mut(id) {
                    take(channel, *id, status);
                }
            }
            if silent {
                break;
            }
        }
        trouble.result()
    }

    fn select(&self, wanted: impl Fn(&Channel) -> bool) -> Vec<ChannelId> {
        let chosen = self.0.iter().filter(|(_, channel)| wanted(channel));
        chosen.map(|(id, _)| *id).collect()
    }
}

impl Channel {
    fn awaits_latest(&self, head: &Block) -> bool {
        self.unread && self.latest_failed_under != Some(head.hash)
    }

    fn awaits_depth(&self, head: &Block) -> bool {
        if self.confirmed_failed_under == Some(head.hash) {
            return false;
        }
        match self.confirmed_under {
            None => true,
            Some(block) => {
                let awaited = self.confirmed != self.latest || self.awaits_recheck(head);
                awaited && block != head.hash
            }
        }
    }

    // No block is later than one above it, so that the one at the depth is not asked for in vain before.
    fn awaits_recheck(&self, head: &Block) -> bool {
        let now = Timestamp::new(head.timestamp);
        self.rechecks.first().is_some_and(|after| *after < now)
    }

    fn take_latest(&mut self, id: ChannelId, status: Option<OnChain>, head: &Block, news: &News) {
        let Some(status) = status else {
            self.latest_failed_under = Some(head.hash);
            return;
        };
        self.unread = false;
        // A change brings the depth at which it counts into play again.
        if self.latest.replace(status) != Some(status) {
            self.confirmed_under = None;
            news.send(ChainEvent::Channel {
                channel: id,
                depth: Depth::Latest,
                as_of: Timestamp::new(head.timestamp),
                status,
            });
        }
    }

    fn take_confirmed(
        &mut self,
        id: ChannelId,
        status: Option<OnChain>,
        as_of: Timestamp,
        head: &Block,
        news: &News,
    ) {
        let Some(status) = status else {
            self.confirmed_failed_under = Some(head.hash);
            return;
        };
        self.confirmed_under = Some(head.hash);
        let asked_for = self.rechecks.len();
        self.rechecks.retain(|after| *after >= as_of);
        let answered = self.rechecks.len() < asked_for;
        if self.confirmed.replace(status) != Some(status) || answered {
            news.send(ChainEvent::Channel {
                channel: id,
                depth: Depth::Confirmed,
                as_of,
                status,
            });
        }
    }
}

async fn block_at(rpc: &Rpc, number: u64, cursor: &Cursor) -> Result<Block, RpcError> {
    match cursor.at(number) {
        Some(block) => Ok(block),
        None => rpc
            .block(At::Number(number))
            .await?
            .ok_or_else(|| RpcError::malformed(rpc, "eth_getBlockByNumber")),
    }
}

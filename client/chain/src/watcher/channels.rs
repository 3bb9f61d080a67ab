//! The channels that are watched, and what was reported of each.

use super::News;
use super::cursor::Cursor;
use crate::contracts;
use counterfoil_core::effect::{ChainEvent, Depth, OnChain};
use counterfoil_core::types::{Address, B256, ChannelId};
use counterfoil_deploy::rpc::{At, Block, Rpc, RpcError};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Channels(BTreeMap<ChannelId, Channel>);

#[derive(Debug)]
struct Channel {
    minimum_depth: u64,
    latest: Option<OnChain>,
    confirmed: Option<OnChain>,
    unread: bool,
    confirmed_under: Option<B256>,
}

impl Channels {
    pub(super) fn watch(&mut self, channel: ChannelId, minimum_depth: u32) {
        let minimum_depth = minimum_depth.into();
        // Whoever watches again wants to be told again.
        let fresh = Channel {
            minimum_depth,
            latest: None,
            confirmed: None,
            unread: true,
            confirmed_under: None,
        };
        self.0.insert(channel, fresh);
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
        }
    }

    /// Reads what is marked at `head`, and what is not confirmed yet at its depth, and reports what changed.
    ///
    /// # Errors
    /// [`RpcError`]; what was not read stays marked.
    pub(super) async fn read(
        &mut self,
        rpc: &Rpc,
        court: Address,
        head: &Block,
        cursor: &Cursor,
        news: &News,
    ) -> Result<(), RpcError> {
        self.read_latest(rpc, court, head, news).await?;
        self.read_confirmed(rpc, court, head, cursor, news).await
    }

    async fn read_latest(
        &mut self,
        rpc: &Rpc,
        court: Address,
        head: &Block,
        news: &News,
    ) -> Result<(), RpcError> {
        let ids = self.select(|channel| channel.unread);
        if ids.is_empty() {
            return Ok(());
        }
        let statuses = contracts::statuses(rpc, court, &ids, At::Hash(head.hash)).await?;
        for (id, status) in ids.into_iter().zip(statuses) {
            let Some(channel) = self.0.get_mut(&id) else {
                continue;
            };
            channel.unread = false;
            // A change brings the depth at which it counts into play again.
            if channel.latest.replace(status) != Some(status) {
                channel.confirmed_under = None;
                news.send(ChainEvent::Channel {
                    channel: id,
                    depth: Depth::Latest,
                    status,
                });
            }
        }
        Ok(())
    }

    async fn read_confirmed(
        &mut self,
        rpc: &Rpc,
        court: Address,
        head: &Block,
        cursor: &Cursor,
        news: &News,
    ) -> Result<(), RpcError> {
        let mut by_depth = BTreeMap::<u64, Vec<ChannelId>>::new();
        for (id, channel) in &self.0 {
            if channel.awaits_depth(head) {
                by_depth.entry(channel.minimum_depth).or_default().push(*id);
            }
        }
        for (depth, ids) in by_depth {
            let statuses = match head.number.checked_sub(depth) {
                Some(number) => {
                    // By hash where it is known, so that a reorg in this moment cannot mix two chains.
                    let known = cursor.at(number).map(|block| At::Hash(block.hash));
                    contracts::statuses(rpc, court, &ids, known.unwrap_or(At::Number(number)))
                        .await?
                }
                None => ids.iter().map(|_| OnChain::default()).collect(),
            };
            for (id, status) in ids.into_iter().zip(statuses) {
                let Some(channel) = self.0.get_mut(&id) else {
                    continue;
                };
                channel.confirmed_under = Some(head.hash);
                if channel.confirmed.replace(status) != Some(status) {
                    let depth = Depth::Confirmed;
                    news.send(ChainEvent::Channel {
                        channel: id,
                        depth,
                        status,
                    });
                }
            }
        }
        Ok(())
    }

    fn select(&self, wanted: impl Fn(&Channel) -> bool) -> Vec<ChannelId> {
        let chosen = self.0.iter().filter(|(_, channel)| wanted(channel));
        chosen.map(|(id, _)| *id).collect()
    }
}

impl Channel {
    fn awaits_depth(&self, head: &Block) -> bool {
        match self.confirmed_under {
            None => true,
            Some(block) => self.confirmed != self.latest && block != head.hash,
        }
    }
}

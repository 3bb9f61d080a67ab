//! Follows the chain and reports what is watched.
//!
//! Logs are hints that something changed, storage is the truth of what it changed to. Whatever has still to be read is
//! marked as such until it was, so a failure at any point only means that the next step goes on from there. What cannot
//! be read, such as state that the endpoint has pruned, stops nothing else: it is asked for again under the next block.

mod channels;
mod cursor;
mod keys;

use crate::chain::{ChainConfig, Finality};
use crate::contracts;
use crate::news::ChainNews;
use crate::trouble::Trouble;
use channels::Channels;
use counterfoil_core::effect::{ChainEvent, Watch};
use counterfoil_core::types::{Address, B256, Timestamp};
use counterfoil_deploy::rpc::{At, Block, Log, Rpc, RpcError};
use cursor::Cursor;
use keys::Keys;
use std::collections::VecDeque;
use tokio::sync::mpsc::UnboundedSender;

pub(crate) struct Watcher {
    rpc: Rpc,
    news: News,
    adjudicator: Address,
    finality: Finality,
    sweep_every: u64,
    cursor: Cursor,
    channels: Channels,
    keys: Keys,
    unread: VecDeque<Block>,
    announced: Option<B256>,
    finalized: Option<Block>,
    /// The block under which finality was last asked for.
    finalized_under: Option<B256>,
    swept: u64,
}

/// Where the watcher's findings go.
pub(crate) struct News(UnboundedSender<ChainNews>);

/// Whether blocks that had been seen were replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reorged {
    Yes,
    No,
}

impl Watcher {
    pub(crate) fn new(rpc: Rpc, config: &ChainConfig, news: UnboundedSender<ChainNews>) -> Self {
        Self {
            rpc,
            news: News(news),
            adjudicator: config.addresses.adjudicator,
            finality: config.finality,
            sweep_every: config.sweep_every.max(1),
            cursor: Cursor::default(),
            channels: Channels::default(),
            keys: Keys::default(),
            unread: VecDeque::new(),
            announced: None,
            finalized: None,
            finalized_under: None,
            swept: 0,
        }
    }

    pub(crate) fn watch(&mut self, watch: Watch) {
        match watch {
            Watch::Channel {
                channel,
                minimum_depth,
            } => {
                self.channels.watch(channel, minimum_depth);
            }
            Watch::Recheck { channel, after } => self.channels.recheck(channel, after),
            Watch::Key {
                condition,
                key,
                expiry,
            } => self.keys.watch(condition, key, expiry),
        }
    }

    /// The newest block that can no longer be reorged away, as far as is known.
    pub(crate) const fn finalized(&self) -> Option<&Block> {
        self.finalized.as_ref()
    }

    /// Has everything read anew, since something may have been missed.
    pub(crate) fn sweep(&mut self) {
        self.channels.mark_all();
        self.keys.mark_unseen();
        self.finalized_under = None;
    }

    /// Reports what is new up to `head`, as far as it can be read, and the first failure to do so.
    pub(crate) async fn step(&mut self, head: Block) -> (Reorged, Result<(), RpcError>) {
        let reorged = match self.follow(head).await {
            Ok(reorged) => reorged,
            Err(error) => return (Reorged::No, Err(error)),
        };
        let mut trouble = Trouble::default();
        trouble.note(self.read_logs().await);
        // What happened is told before the time at which it is known, so that nobody acts on the time alone.
        let channels =
            self.channels
                .read(&self.rpc, self.adjudicator, &head, &self.cursor, &self.news);
        trouble.note(channels.await);
        trouble.note(self.keys.find_missed(&self.rpc, &head, &self.news).await);
        trouble.note(self.announce(head).await);
        if let Some(finalized) = self.finalized {
            let expired = self.keys.expire(&self.rpc, &head, &finalized, &self.news);
            trouble.note(expired.await);
        }
        (reorged, trouble.result())
    }

    async fn follow(&mut self, head: Block) -> Result<Reorged, RpcError> {
        let advance = self.cursor.advance(&self.rpc, head).await?;
        if advance.removed || advance.gap {
            self.unread.retain(|block| self.cursor.contains(block.hash));
            self.sweep();
        }
        if advance.removed {
            self.keys.mark_all();
        }
        self.unread.extend(advance.blocks);
        if head.number.saturating_sub(self.swept) >= self.sweep_every {
            self.sweep();
            self.swept = head.number;
        }
        Ok(if advance.removed {
            Reorged::Yes
        } else {
            Reorged::No
        })
    }

    async fn read_logs(&mut self) -> Result<(), RpcError> {
        while let Some(block) = self.unread.front().copied() {
            let mut topics: Vec<B256> = self.channels.ids().map(|channel| channel.0).collect();
            topics.extend(self.keys.names());
            if !topics.is_empty() {
                if topics.len() > MOST_TOPICS {
                    topics.clear();
                }
                let mut sources = vec![self.adjudicator];
                sources.extend(self.keys.conditions());
                match self.rpc.logs(block.hash, &sources, &topics).await {
                    Ok(logs) => logs.iter().for_each(|log| self.take_hint(log, &block)),
                    // Storage tells all that the logs would have.
                    Err(error) => {
                        self.unread.clear();
                        self.sweep();
                        return Err(error);
                    }
                }
            }
            self.unread.pop_front();
        }
        Ok(())
    }

    fn take_hint(&mut self, log: &Log, block: &Block) {
        if log.address == self.adjudicator {
            if let Some(topic) = log.topics.get(1) {
                self.channels.mark(topic);
            }
        } else if let Some((key, preimage)) = contracts::revealed(log) {
            let at = Timestamp::new(block.timestamp);
            self.keys.found(log.address, key, preimage, at, &self.news);
        }
    }

    // The time is told although it cannot be told what is final; that stays what it was.
    async fn announce(&mut self, head: Block) -> Result<(), RpcError> {
        let before = self.finalized;
        let mut result = Ok(());
        if self.finalized_under != Some(head.hash) {
            self.finalized_under = Some(head.hash);
            result = self.finalize(head).await;
        }
        if self.announced != Some(head.hash) || self.finalized != before {
            self.announced = Some(head.hash);
            self.news.send(ChainEvent::Block {
                number: head.number,
                timestamp: Timestamp::new(head.timestamp),
                finalized: Timestamp::new(self.finalized.map_or(0, |block| block.timestamp)),
            });
        }
        result
    }

    async fn finalize(&mut self, head: Block) -> Result<(), RpcError> {
        let at = match self.finality {
            Finality::Depth(depth) => At::Number(head.number.saturating_sub(depth)),
            Finality::Tag => At::Finalized,
        };
        let known = match at {
            At::Number(number) => self.cursor.at(number),
            At::Finalized | At::Latest | At::Pending | At::Hash(_) => None,
        };
        let block = match known {
            Some(block) => block,
            None => self
                .rpc
                .block(at)
                .await?
                .ok_or_else(|| RpcError::malformed(&self.rpc, "eth_getBlockByNumber"))?,
        };
        // What was final stays final, whatever another node behind the same address says.
        let finalized = match self.finalized {
            Some(before) if before.number >= block.number => before,
            Some(_) | None => block,
        };
        self.finalized = Some(finalized);
        Ok(())
    }
}

impl News {
    fn send(&self, event: ChainEvent) {
        // Without a listener the task ends by itself.
        let _ = self.0.send(ChainNews::Event(event));
    }
}

/// More indexed values than this are not asked for one by one; endpoints limit the length of a filter.
const MOST_TOPICS: usize = 200;

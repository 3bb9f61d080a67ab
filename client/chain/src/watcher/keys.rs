//! The keys that are watched: their reveals and the ends of their locks.

use super::News;
use crate::contracts;
use crate::trouble::{Trouble, is_silent};
use counterfoil_core::effect::ChainEvent;
use counterfoil_core::types::{Address, B256, Timestamp};
use counterfoil_deploy::rpc::{At, Block, Rpc, RpcError};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Keys(BTreeMap<(Address, B256), Key>);

#[derive(Debug, Default)]
struct Key {
    expiries: BTreeSet<Timestamp>,
    reported: bool,
    unread: bool,
    /// The head under which it could not be read.
    unread_under: Option<B256>,
    /// The head under which it could not be read whether it was revealed in time.
    unexpired_under: Option<B256>,
}

impl Keys {
    pub(super) fn watch(&mut self, condition: Address, key: B256, expiry: Timestamp) {
        let watched = self.0.entry((condition, key)).or_default();
        watched.expiries.insert(expiry);
        // Whoever watches again wants to be told again; and the reveal may be older than the watch.
        watched.reported = false;
        watched.unread = true;
        watched.unread_under = None;
    }

    pub(super) fn names(&self) -> impl Iterator<Item = B256> {
        self.0.keys().map(|(_, key)| *key)
    }

    pub(super) fn conditions(&self) -> BTreeSet<Address> {
        self.0.keys().map(|(condition, _)| *condition).collect()
    }

    pub(super) fn mark_unseen(&mut self) {
        for key in self.0.values_mut() {
            key.unread = !key.reported;
            key.unread_under = None;
            key.unexpired_under = None;
        }
    }

    pub(super) fn mark_all(&mut self) {
        for key in self.0.values_mut() {
            key.reported = false;
            key.unread = true;
        }
    }

    /// Reports a reveal that a log showed.
    pub(super) fn found(
        &mut self,
        condition: Address,
        key: B256,
        preimage: B256,
        at: Timestamp,
        news: &News,
    ) {
        if let Some(watched) = self.0.get_mut(&(condition, key))
            && !watched.reported
        {
            watched.reported = true;
            watched.unread = false;
            news.send(ChainEvent::Revealed {
                condition,
                key,
                preimage,
                at,
            });
        }
    }

    /// Looks for reveals whose logs were not seen: those from before the watch, and those in a gap.
    ///
    /// # Errors
    /// The first [`RpcError`]; what was not read stays marked, and is not asked for again under this head.
    pub(super) async fn find_missed(
        &mut self,
        rpc: &Rpc,
        head: &Block,
        news: &News,
    ) -> Result<(), RpcError> {
        let mut trouble = Trouble::default();
        let unread = self.0.iter().filter(|(_, key)| key.awaits_reading(head));
        let unread: Vec<_> = unread.map(|(name, _)| *name).collect();
        for (condition, key) in unread {
            let missed = missed(rpc, condition, key, head).await;
            let silent = is_silent(&missed);
            let missed = trouble.note(missed);
            if let Some(watched) = self.0.get_mut(&(condition, key)) {
                watched.unread = !matches!(missed, Some(Missed::Nothing | Missed::Reveal(..)));
                watched.unread_under = watched.unread.then_some(head.hash);
            }
            if let Some(Missed::Reveal(preimage, at)) = missed {
                self.found(condition, key, preimage, at, news);
            }
            if silent {
                break;
            }
        }
        trouble.result()
    }

    /// Reports the keys whose expiry is before the time of a final block, and stops watching them.
    ///
    /// # Errors
    /// The first [`RpcError`]; what was not reported stays watched, and is not asked for again under this head.
    pub(super) async fn expire(
        &mut self,
        rpc: &Rpc,
        head: &Block,
        finalized: &Block,
        news: &News,
    ) -> Result<(), RpcError> {
        let mut trouble = Trouble::default();
        let as_of = Timestamp::new(finalized.timestamp);
        let over = self.0.iter().filter(|(_, key)| key.is_over(as_of, head));
        let over: Vec<_> = over.map(|(name, _)| *name).collect();
        for (condition, key) in over {
            let recorded = recorded(rpc, condition, key, finalized).await;
            let silent = is_silent(&recorded);
            // "Not revealed" lets money go back, so only a whole answer of the registry counts as one.
            match trouble.note(recorded) {
                Some(Some(revealed_at)) => {
                    news.send(ChainEvent::Expired {
                        condition,
                        key,
                        as_of,
                        revealed_at,
                    });
                    if let Some(watched) = self.0.get_mut(&(condition, key)) {
                        watched.expiries.retain(|expiry| *expiry >= as_of);
                        if watched.expiries.is_empty() {
                            self.0.remove(&(condition, key));
                        }
                    }
                }
                Some(None) => {}
                None => {
                    if let Some(watched) = self.0.get_mut(&(condition, key)) {
                        watched.unexpired_under = Some(head.hash);
                    }
                }
            }
            if silent {
                break;
            }
        }
        trouble.result()
    }
}

impl Key {
    fn awaits_reading(&self, head: &Block) -> bool {
        self.unread && self.unread_under != Some(head.hash)
    }

    fn is_over(&self, as_of: Timestamp, head: &Block) -> bool {
        self.unexpired_under != Some(head.hash)
            && self.expiries.first().is_some_and(|expiry| *expiry < as_of)
    }
}

/// What storage shows of a key that no log was seen of.
enum Missed {
    Reveal(B256, Timestamp),
    Nothing,
    /// The condition does not answer as a registry does.
    NoAnswer,
}

async fn missed(
    rpc: &Rpc,
    condition: Address,
    key: B256,
    head: &Block,
) -> Result<Missed, RpcError> {
    let at = match recorded(rpc, condition, key, head).await? {
        Some(Some(at)) => at,
        Some(None) => return Ok(Missed::Nothing),
        None => return Ok(Missed::NoAnswer),
    };
    match preimage(rpc, condition, key, at, head).await? {
        Some(preimage) => Ok(Missed::Reveal(preimage, at)),
        None => {
            tracing::warn!(%condition, %key, "a reveal is recorded, but no event shows it");
            Ok(Missed::Nothing)
        }
    }
}

/// When a key was revealed; nothing at all when the condition does not answer as a registry does. Such a condition must not
/// stop what else is watched.
async fn recorded(
    rpc: &Rpc,
    condition: Address,
    key: B256,
    block: &Block,
) -> Result<Option<Option<Timestamp>>, RpcError> {
    match contracts::revealed_at(rpc, condition, key, At::Hash(block.hash)).await {
        Ok(revealed_at) => Ok(Some(revealed_at)),
        Err(RpcError::Malformed { .. }) => {
            tracing::warn!(%condition, %key, "a condition does not answer as a registry does");
            Ok(None)
        }
        Err(RpcError::Refused { message, .. }) if message.contains("revert") => {
            tracing::warn!(%condition, %key, "a condition reverts where a registry answers");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The preimage that a registry recorded at a known time, from the event of the block of that time. Blocks are found by
/// steps back that double, then by halving, so no endpoint's limit on ranges of logs matters, and what lies long before
/// the reveal need not be known any more.
async fn preimage(
    rpc: &Rpc,
    condition: Address,
    key: B256,
    at: Timestamp,
    head: &Block,
) -> Result<Option<B256>, RpcError> {
    let mut search = Search {
        rpc,
        at,
        pruned: Trouble::default(),
    };
    let (mut low, mut high, mut stride) = (0, head.number, 1u64);
    while low < high {
        let middle = match low {
            0 => high.saturating_sub(stride),
            _ => low.midpoint(high),
        };
        stride = stride.saturating_mul(2);
        if search.is_before(middle).await? {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    // Several blocks may have the same time.
    for number in low..=head.number {
        let block = block(rpc, number).await?;
        if block.timestamp != at.seconds() {
            break;
        }
        for log in rpc.logs(block.hash, &[condition], &[key]).await? {
            if let Some((_, preimage)) = contracts::revealed(&log) {
                return Ok(Some(preimage));
            }
        }
    }
    search.pruned.result().map(|()| None)
}

struct Search<'a> {
    rpc: &'a Rpc,
    at: Timestamp,
    pruned: Trouble,
}

impl Search<'_> {
    /// Whether a block is from before the reveal; so is, as far as anyone can tell, one that is not known any more.
    async fn is_before(&mut self, number: u64) -> Result<bool, RpcError> {
        let block = block(self.rpc, number).await;
        if is_silent(&block) {
            return block.map(|_| true);
        }
        let known = self.pruned.note(block);
        Ok(known.is_none_or(|block| block.timestamp < self.at.seconds()))
    }
}

async fn block(rpc: &Rpc, number: u64) -> Result<Block, RpcError> {
    let block = rpc.block(At::Number(number)).await?;
    block.ok_or_else(|| RpcError::malformed(rpc, "eth_getBlockByNumber"))
}

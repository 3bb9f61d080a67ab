//! The keys that are watched: their reveals and the ends of their locks.

use super::News;
use crate::contracts;
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
}

impl Keys {
    pub(super) fn watch(&mut self, condition: Address, key: B256, expiry: Timestamp) {
        let watched = self.0.entry((condition, key)).or_default();
        watched.expiries.insert(expiry);
        // Whoever watches again wants to be told again; and the reveal may be older than the watch.
        watched.reported = false;
        watched.unread = true;
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
    /// [`RpcError`]; what was not read stays marked.
    pub(super) async fn find_missed(
        &mut self,
        rpc: &Rpc,
        head: &Block,
        news: &News,
    ) -> Result<(), RpcError> {
        let unread = self.0.iter().filter(|(_, watched)| watched.unread);
        let unread: Vec<_> = unread.map(|(name, _)| *name).collect();
        for (condition, key) in unread {
            let Some(recorded) = recorded(rpc, condition, key, head).await? else {
                continue;
            };
            if let Some(at) = recorded {
                match preimage(rpc, condition, key, at, head).await? {
                    Some(preimage) => self.found(condition, key, preimage, at, news),
                    None => {
                        tracing::warn!(%condition, %key, "a reveal is recorded, but no event shows it");
                    }
                }
            }
            if let Some(watched) = self.0.get_mut(&(condition, key)) {
                watched.unread = false;
            }
        }
        Ok(())
    }

    /// Reports the keys whose expiry is before the time of a final block, and stops watching them.
    ///
    /// # Errors
    /// [`RpcError`]; what was not reported stays watched.
    pub(super) async fn expire(
        &mut self,
        rpc: &Rpc,
        finalized: &Block,
        news: &News,
    ) -> Result<(), RpcError> {
        let as_of = Timestamp::new(finalized.timestamp);
        let over = self.0.iter().filter(|(_, watched)| watched.is_over(as_of));
        let over: Vec<_> = over.map(|(name, _)| *name).collect();
        for (condition, key) in over {
            // "Not revealed" lets money go back, so only a whole answer of the registry counts as one.
            let Some(revealed_at) = recorded(rpc, condition, key, finalized).await? else {
                continue;
            };
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
        Ok(())
    }
}

impl Key {
    fn is_over(&self, as_of: Timestamp) -> bool {
        self.expiries.first().is_some_and(|expiry| *expiry < as_of)
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
        Err(error) => Err(error),
    }
}

/// The preimage that a registry recorded at a known time, from the event of the block of that time. Blocks are found by
/// halving, so no endpoint's limit on ranges of logs matters.
async fn preimage(
    rpc: &Rpc,
    condition: Address,
    key: B256,
    at: Timestamp,
    head: &Block,
) -> Result<Option<B256>, RpcError> {
    let (mut low, mut high) = (0, head.number);
    while low < high {
        let middle = low.midpoint(high);
        if block(rpc, middle).await?.timestamp < at.seconds() {
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
    Ok(None)
}

async fn block(rpc: &Rpc, number: u64) -> Result<Block, RpcError> {
    let block = rpc.block(At::Number(number)).await?;
    block.ok_or_else(|| RpcError::malformed(rpc, "eth_getBlockByNumber"))
}

//! A chain in memory: blocks with a time of their own, calls that wait, reorgs, and what each node is told of it all.

mod contracts;
mod division;
mod follower;

pub use contracts::{Contracts, Ledger, Outcome, key_of};
pub use division::Division;

use alloy_primitives::U256;
use counterfoil_core::effect::{Call, ChainEvent, OnChain, Watch};
use counterfoil_core::state::Domain;
use counterfoil_core::types::{ChannelId, Pair, Participant};
use follower::Follower;
use std::collections::BTreeMap;

/// Blocks after which nothing is reorged away.
pub const FINAL_DEPTH: usize = 3;

/// A block with the contracts' storage after it.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its own time, seconds.
    pub time: u64,
    /// Storage after it.
    pub contracts: Contracts,
    /// The calls that it took, with what became of them.
    pub calls: Vec<(Call, Outcome)>,
}

/// The chain, from its first block to the head.
#[derive(Debug)]
pub struct Chain {
    blocks: Vec<Block>,
    pending: Vec<Call>,
    followers: BTreeMap<usize, Follower>,
    /// Everything that nodes asked for, in order.
    pub calls: Vec<Call>,
    /// Calls are left lying while this is set: a censored or congested chain.
    pub stuck: bool,
    /// What every payout of a dispute loses on its way; for tests that plant a fault.
    pub skims: u128,
}

impl Chain {
    /// A chain with one empty block of this time.
    pub fn new(domain: Domain, time: u64) -> Self {
        let genesis = Block {
            time,
            contracts: Contracts::new(domain),
            calls: Vec::new(),
        };
        Self {
            blocks: vec![genesis],
            pending: Vec::new(),
            followers: BTreeMap::new(),
            calls: Vec::new(),
            stuck: false,
            skims: 0,
        }
    }

    /// Takes a call; the same one again changes nothing.
    pub fn submit(&mut self, call: Call) {
        self.calls.push(call.clone());
        self.resend(call);
    }

    /// Takes a call again that a reorg has undone.
    pub fn resend(&mut self, call: Call) {
        if !self.pending.contains(&call) {
            self.pending.push(call);
        }
    }

    /// Follows something for a node; asked again, it is told again.
    pub fn watch(&mut self, node: usize, watch: Watch) {
        self.followers.entry(node).or_default().watch(watch);
    }

    /// What a node followed is forgotten with its process.
    pub fn unfollow(&mut self, node: usize) {
        self.followers.remove(&node);
    }

    /// Adds a block this much later, with every call that goes through.
    pub fn mine(&mut self, seconds: u64) {
        let time = self.now() + seconds;
        let mut contracts = self.head().contracts.clone();
        contracts.skims = self.skims;
        let mut calls = Vec::new();
        if !self.stuck {
            for call in std::mem::take(&mut self.pending) {
                match contracts.execute(&call, time) {
                    Outcome::Later => self.pending.push(call),
                    outcome => calls.push((call, outcome)),
                }
            }
        }
        self.blocks.push(Block {
            time,
            contracts,
            calls,
        });
    }

    /// Takes the newest blocks back, never final ones, and returns the calls that they had taken: whoever still wants them
    /// has to send them again.
    pub fn reorg(&mut self, depth: usize) -> Vec<Call> {
        let depth = depth.min(FINAL_DEPTH - 1).min(self.blocks.len() - 1);
        let undone = self.blocks.split_off(self.blocks.len() - depth);
        for follower in self.followers.values_mut() {
            follower.look_again();
        }
        let calls = undone.into_iter().flat_map(|block| block.calls);
        calls.map(|(call, _)| call).collect()
    }

    /// What the head shows a node that it has not heard yet.
    pub fn news(&mut self, node: usize) -> Vec<ChainEvent> {
        let follower = self.followers.entry(node).or_default();
        follower.news(&self.blocks)
    }

    /// The last reading at its depth that a node was told of a channel since it follows it.
    pub fn told(&self, node: usize, channel: ChannelId) -> Option<OnChain> {
        self.followers.get(&node)?.confirmed(channel)
    }

    /// The newest block.
    pub fn head(&self) -> &Block {
        self.blocks.last().expect("the first block stays")
    }

    /// How many blocks there are on top of the first.
    pub fn height(&self) -> usize {
        self.blocks.len() - 1
    }

    /// The newest block that can no longer be reorged away.
    pub fn finalized(&self) -> &Block {
        &self.blocks[self.height().saturating_sub(FINAL_DEPTH)]
    }

    /// Time of the newest block.
    pub fn now(&self) -> u64 {
        self.head().time
    }

    /// A channel with what went through it; an empty one when nobody has called for it.
    pub fn ledger(&self, channel: ChannelId) -> Ledger {
        let ledgers = &self.head().contracts.ledgers;
        ledgers.get(&channel).cloned().unwrap_or_default()
    }

    /// What the adjudicator stores for a channel.
    pub fn view(&self, channel: ChannelId) -> OnChain {
        self.ledger(channel).view
    }

    /// What each participant has been paid by a channel so far.
    pub fn paid(&self, channel: ChannelId) -> Pair<U256> {
        let paid = self.ledger(channel).paid;
        Pair::new(U256::from(paid.zero), U256::from(paid.one))
    }

    /// What a participant has put into a channel so far.
    pub fn deposited(&self, channel: ChannelId, by: Participant) -> u128 {
        *self.ledger(channel).deposited.of(by)
    }
}

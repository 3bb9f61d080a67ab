//! The newest blocks, each the parent of the next.

use counterfoil_core::types::B256;
use counterfoil_deploy::rpc::{At, Block, Rpc, RpcError};
use std::collections::VecDeque;

/// The newest blocks that were seen, oldest first.
#[derive(Debug, Default)]
pub(super) struct Cursor(VecDeque<Block>);

/// What a step forward brought.
#[derive(Debug)]
pub(super) struct Advance {
    /// Blocks that are new, oldest first.
    pub(super) blocks: Vec<Block>,
    /// Whether blocks that had been seen are gone.
    pub(super) removed: bool,
    /// Whether there are new blocks that `blocks` does not contain.
    pub(super) gap: bool,
}

impl Cursor {
    /// Moves to `head`, whatever lies between.
    ///
    /// # Errors
    /// [`RpcError`]; the cursor is unchanged.
    pub(super) async fn advance(&mut self, rpc: &Rpc, head: Block) -> Result<Advance, RpcError> {
        if self.contains(head.hash) {
            let removed = self.cut(head.hash);
            return Ok(Advance {
                blocks: Vec::new(),
                removed,
                gap: false,
            });
        }
        let mut oldest = head;
        let mut blocks = vec![head];
        while !self.contains(oldest.parent_hash) {
            let first = self.0.front().map_or(u64::MAX, |block| block.number);
            if blocks.len() >= LONGEST_WALK || oldest.number <= first {
                return Ok(self.restart(head));
            }
            let parent = match rpc.block(At::Hash(oldest.parent_hash)).await {
                Err(error @ RpcError::Unreachable { .. }) => return Err(error),
                parent => parent.ok().flatten(),
            };
            let Some(parent) = parent else {
                // Nobody knows what was removed, so all that is known is doubted.
                let mut advance = self.restart(head);
                advance.removed = true;
                return Ok(advance);
            };
            oldest = parent;
            blocks.push(oldest);
        }
        let removed = self.cut(oldest.parent_hash);
        blocks.reverse();
        self.0.extend(&blocks);
        while self.0.len() > KEPT {
            self.0.pop_front();
        }
        Ok(Advance {
            blocks,
            removed,
            gap: false,
        })
    }

    /// Whether a block is on the chain that ends in the newest block, as far as is remembered.
    pub(super) fn contains(&self, hash: B256) -> bool {
        self.0.iter().rev().any(|block| block.hash == hash)
    }

    /// The block of this height, if it is remembered.
    pub(super) fn at(&self, number: u64) -> Option<Block> {
        self.0
            .iter()
            .rev()
            .find(|block| block.number == number)
            .copied()
    }

    // Too far behind, or before everything that is remembered: what happened between is read from storage.
    fn restart(&mut self, head: Block) -> Advance {
        let removed = self.0.back().is_some_and(|tip| tip.number >= head.number);
        self.0.clear();
        self.0.push_back(head);
        Advance {
            blocks: Vec::new(),
            removed,
            gap: true,
        }
    }

    fn cut(&mut self, hash: B256) -> bool {
        let before = self.0.len();
        while self.0.back().is_some_and(|block| block.hash != hash) {
            self.0.pop_back();
        }
        self.0.len() < before
    }
}

const LONGEST_WALK: usize = 64;
const KEPT: usize = 512;

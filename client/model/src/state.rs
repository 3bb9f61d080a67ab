//! One state of the world that is explored: two nodes, the frames between them, the chain, and what may still go wrong.

use crate::chain::Chain;
use crate::frame::Frame;
use crate::memo::print;
use crate::node::Node;
use crate::scenario::Budget;
use counterfoil_core::types::{Pair, Participant};
use std::collections::VecDeque;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A state. Copies share whatever did not change.
#[derive(Clone)]
pub struct State {
    pub(crate) nodes: Pair<Arc<Node>>,
    /// Frames on their way to each participant, in order.
    pub(crate) links: Pair<VecDeque<Frame>>,
    /// Whether frames travel at all.
    pub(crate) is_up: bool,
    /// Whether every frame since the last connection has arrived or is on its way.
    pub(crate) is_intact: bool,
    pub(crate) chain: Arc<Chain>,
    chain_print: u64,
    /// How many commands of its script each participant has given.
    pub(crate) given: Pair<u8>,
    /// How many of the scenario's blocks were mined.
    pub(crate) mined: u8,
    /// Faults that may still happen.
    pub(crate) left: Budget,
}

impl State {
    pub(crate) fn new(nodes: Pair<Arc<Node>>) -> Self {
        let mut state = Self {
            nodes,
            links: Pair::default(),
            is_up: true,
            is_intact: true,
            chain: Arc::new(Chain::new()),
            chain_print: 0,
            given: Pair::default(),
            mined: 0,
            left: Budget::default(),
        };
        state.change_chain(|_| {});
        state
    }

    pub(crate) fn change_chain(&mut self, change: impl FnOnce(&mut Chain)) {
        let chain = Arc::make_mut(&mut self.chain);
        change(chain);
        self.chain_print = print(chain);
    }

    /// Whatever is on its way is lost.
    pub(crate) fn cut(&mut self) {
        self.links = Pair::default();
        self.is_up = false;
    }

    /// Both nodes and the chain, without what is on its way and what may still happen.
    pub(crate) fn ends(&self) -> u64 {
        let [zero, one] = [&self.nodes.zero, &self.nodes.one].map(|node| node.print);
        print(&(zero, one, self.chain_print))
    }

    pub(crate) fn node(&self, side: Participant) -> &Node {
        self.nodes.of(side)
    }

    pub(crate) fn both(&self, check: impl Fn(&Node) -> bool) -> bool {
        check(&self.nodes.zero) && check(&self.nodes.one)
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.links.zero.is_empty() && self.links.one.is_empty()
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.nodes.zero.print, self.nodes.one.print).hash(state);
        (&self.links.zero, &self.links.one).hash(state);
        (self.is_up, self.is_intact, self.chain_print).hash(state);
        (self.given, self.mined, self.left).hash(state);
    }
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        print(self) == print(other)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for side in Participant::BOTH {
            let node = self.node(side);
            let (index, phase, nonce) = (side.index(), node.phase, node.nonce);
            write!(f, "{index}: {phase:?} at {nonce}, to it [")?;
            for frame in self.links.of(side) {
                write!(f, "{frame}; ")?;
            }
            f.write_str("] ")?;
        }
        let view = self.chain.view;
        write!(f, "chain: {:?} at {}", view.status, view.nonce)
    }
}

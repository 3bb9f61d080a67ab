//! Nodes without clock, disk and network, wired by bytes.

mod disk;
mod link;
mod opening;
mod turn;

use crate::chain::Chain;
use crate::fault::Fault;
use crate::oracle::Signatures;
use crate::story::Story;
use counterfoil_core::channel::Policy;
use counterfoil_core::effect::{Command, Effect, Event, Input, RecordId};
use counterfoil_core::engine::{ChannelSummary, Config, Engine};
use counterfoil_core::state::{Domain, SigningKey};
use counterfoil_core::types::{Address, Amount, B256, ChannelId, Timestamp};
use counterfoil_core::wire::{Message, decode};
use std::collections::{BTreeMap, VecDeque};

/// Time of the first block, seconds.
pub const START: u64 = 1_800_000_000;
/// Finalization period of the channels that a world opens, seconds.
pub const PERIOD: u32 = 3600;
/// Minimum depth of every node's policy.
pub const DEPTH: u32 = 2;

/// How much of a turn happens before the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survives {
    /// The process goes on.
    Everything,
    /// The records are durable, nothing was sent, submitted or told.
    Records,
    /// Not even the records.
    Nothing,
}

/// What a disk holds.
pub type Store = BTreeMap<RecordId, Vec<u8>>;

/// One participant: an engine with its disk, and what a test wants to know of it.
pub struct Node {
    /// The core.
    pub engine: Engine,
    secret: B256,
    policy: Policy,
    /// The disk.
    pub store: Store,
    /// What its user was told.
    pub events: Vec<Event>,
    /// Frames that the node has sent, with their receiver.
    pub sent: Vec<(usize, Vec<u8>)>,
    /// Turns that have ended.
    pub turns: usize,
    /// Inputs since the last restart, and what the last turns led to.
    pub log: Vec<Input>,
    /// Effects since the last restart.
    pub effects: Vec<Effect>,
}

/// Nodes, the links between them, and their chain.
pub struct World {
    /// The participants.
    pub nodes: Vec<Node>,
    /// Their chain.
    pub chain: Chain,
    /// Frames on their way, by sender and receiver.
    pub links: BTreeMap<(usize, usize), VecDeque<Vec<u8>>>,
    down: Vec<(usize, usize)>,
    signatures: Signatures,
    entropy: u64,
    /// The turn of a node in which it dies: node, turns left, what survives.
    pub plan: Option<(usize, usize, Survives)>,
    /// What happened, for people.
    pub story: Story,
    /// What is wrong with this world, for tests of the oracles.
    pub fault: Option<Fault>,
}

/// Chain and contract of every world.
pub fn domain() -> Domain {
    Domain::new(31337, Address::repeat_byte(0xad))
}

/// The hashlock registry of every world.
pub fn registry() -> Address {
    Address::repeat_byte(0x4a)
}

/// What the nodes of a world accept.
pub fn policy() -> Policy {
    Policy {
        conditions: vec![registry()],
        minimum_depth: DEPTH,
        deposit_maximum: Amount::new(u128::MAX >> 40),
        finalization_period: 60..=30 * 24 * 3600,
        ..Policy::default()
    }
}

/// An amount of so many base units.
pub fn amount(units: u128) -> Amount {
    Amount::new(units)
}

/// The command that pays without a condition.
pub fn pay(channel: ChannelId, units: u128) -> Command {
    let tag = alloy_primitives::Bytes::new();
    Command::Pay {
        channel,
        amount: amount(units),
        tag,
    }
}

/// The message in a frame that has one.
pub fn message(frame: &[u8]) -> Message {
    decode(frame).unwrap().unwrap()
}

/// The frame of a message.
pub fn frame(message: &Message) -> Vec<u8> {
    counterfoil_core::wire::encode(message).unwrap()
}

impl Node {
    fn new(index: usize, policy: Policy) -> Self {
        let secret = B256::repeat_byte(index as u8 + 1);
        Self {
            engine: Engine::new(config(secret, policy.clone())),
            secret,
            policy,
            store: Store::new(),
            events: Vec::new(),
            sent: Vec::new(),
            turns: 0,
            log: Vec::new(),
            effects: Vec::new(),
        }
    }

    fn config(&self) -> Config {
        config(self.secret, self.policy.clone())
    }
}

impl World {
    /// So many nodes with the policy of every world.
    pub fn new(nodes: usize) -> Self {
        Self::with(vec![policy(); nodes])
    }

    /// A node for each policy.
    pub fn with(policies: Vec<Policy>) -> Self {
        let nodes = policies.into_iter().enumerate();
        let mut world = Self {
            nodes: nodes
                .map(|(index, policy)| Node::new(index, policy))
                .collect(),
            chain: Chain::new(domain(), START),
            links: BTreeMap::new(),
            down: Vec::new(),
            signatures: Signatures::default(),
            entropy: 0,
            plan: None,
            story: Story::default(),
            fault: None,
        };
        world.mine(12);
        world
    }

    /// 32 bytes that no one has seen yet.
    pub fn word(&mut self) -> B256 {
        self.entropy += 1;
        alloy_primitives::keccak256(self.entropy.to_be_bytes())
    }

    /// A node's identity.
    pub fn address(&self, node: usize) -> Address {
        self.nodes[node].engine.address()
    }

    /// The node with this identity.
    pub fn index(&self, peer: Address) -> usize {
        (0..self.nodes.len())
            .find(|node| self.address(*node) == peer)
            .unwrap()
    }

    /// What a node is called in stories.
    pub fn name(&self, node: usize) -> &'static str {
        match (node, self.nodes.len()) {
            (0, _) => "payer",
            (1, 3) => "mediator",
            (1 | 2, 2 | 3) => "payee",
            _ => "somebody",
        }
    }

    /// A node's signing key.
    pub fn key(&self, node: usize) -> SigningKey {
        SigningKey::from_secret(&self.nodes[node].secret).unwrap()
    }

    /// A channel as `node` sees it.
    pub fn channel(&self, node: usize, id: ChannelId) -> ChannelSummary {
        self.nodes[node]
            .engine
            .channel(id)
            .expect("the node has the channel")
    }

    /// Balances as `node` sees them.
    pub fn balances(&self, node: usize, id: ChannelId) -> [i128; 2] {
        let balances = self.channel(node, id).balances;
        [balances.zero.units(), balances.one.units()]
    }

    /// So many seconds after the newest block.
    pub fn expiry(&self, seconds: u64) -> Timestamp {
        Timestamp::new(self.chain.now() + seconds)
    }

    /// Both sides hold the same newest state, and the deposits are in balances and locks.
    pub fn assert_agreed(&self, a: usize, b: usize, id: ChannelId) {
        let (ours, theirs) = (self.channel(a, id), self.channel(b, id));
        assert_eq!(ours.nonce, theirs.nonce, "the newest nonce");
        assert_eq!(ours.balances, theirs.balances);
        assert_eq!(ours.locks, theirs.locks);
        let state = RecordId::State(id, ours.nonce);
        assert_eq!(
            self.nodes[a].store[&state], self.nodes[b].store[&state],
            "content, to the byte"
        );
    }
}

fn config(secret: B256, policy: Policy) -> Config {
    Config {
        domain: domain(),
        key: SigningKey::from_secret(&secret).unwrap(),
        payout: Address::from_word(alloy_primitives::keccak256(secret)),
        policy,
    }
}

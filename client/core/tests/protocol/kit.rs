//! Nodes without clock, disk and network, wired by bytes.

mod chain;
mod link;
mod oracle;
mod puppet;
mod route;

pub(crate) use chain::{Chain, key_of};
use counterfoil_core::channel::{Phase, Policy};
use counterfoil_core::effect::{Command, Effect, Event, Input, OpenChannel, RecordId};
use counterfoil_core::engine::{ChannelSummary, Config, Engine, Error};
use counterfoil_core::state::{Domain, SigningKey};
use counterfoil_core::types::{Address, Amount, B256, ChannelId, Timestamp};
use counterfoil_core::wire::{Message, decode};
use oracle::Signatures;
pub(crate) use puppet::{Puppet, content, locking, paying};
pub(crate) use route::Invoice;
use std::collections::{BTreeMap, VecDeque};

pub(crate) const START: u64 = 1_800_000_000;
pub(crate) const PERIOD: u32 = 3600;
pub(crate) const DEPTH: u32 = 2;

/// How much of a turn happens before the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Survives {
    Everything,
    /// The records are durable, nothing was sent, submitted or told.
    Records,
    /// Not even the records.
    Nothing,
}

pub(crate) struct Node {
    pub(crate) engine: Engine,
    secret: B256,
    policy: Policy,
    pub(crate) store: BTreeMap<RecordId, Vec<u8>>,
    pub(crate) events: Vec<Event>,
    /// Frames that the node has sent, with their receiver.
    pub(crate) sent: Vec<(usize, Vec<u8>)>,
    /// Inputs since the last restart, and what the last turns led to.
    pub(crate) log: Vec<Input>,
    pub(crate) effects: Vec<Effect>,
}

pub(crate) struct World {
    pub(crate) nodes: Vec<Node>,
    pub(crate) chain: Chain,
    pub(crate) links: BTreeMap<(usize, usize), VecDeque<Vec<u8>>>,
    down: Vec<(usize, usize)>,
    signatures: Signatures,
    entropy: u64,
    /// The turn of a node in which it dies: node, turns left, what survives.
    pub(crate) plan: Option<(usize, usize, Survives)>,
}

pub(crate) fn domain() -> Domain {
    Domain::new(31337, Address::repeat_byte(0xad))
}

pub(crate) fn registry() -> Address {
    Address::repeat_byte(0x4a)
}

pub(crate) fn policy() -> Policy {
    Policy {
        conditions: vec![registry()],
        minimum_depth: DEPTH,
        deposit_maximum: Amount::new(u128::MAX >> 40),
        finalization_period: 60..=30 * 24 * 3600,
        ..Policy::default()
    }
}

pub(crate) fn amount(units: u128) -> Amount {
    Amount::new(units)
}

fn config(secret: B256, policy: Policy) -> Config {
    Config {
        domain: domain(),
        key: SigningKey::from_secret(&secret).unwrap(),
        payout: Address::from_word(alloy_primitives::keccak256(secret)),
        policy,
    }
}

impl World {
    pub(crate) fn new(nodes: usize) -> Self {
        Self::with(vec![policy(); nodes])
    }

    pub(crate) fn with(policies: Vec<Policy>) -> Self {
        let node = |(index, policy): (usize, Policy)| {
            let secret = B256::repeat_byte(index as u8 + 1);
            Node {
                engine: Engine::new(config(secret, policy.clone())),
                secret,
                policy,
                store: BTreeMap::new(),
                events: Vec::new(),
                sent: Vec::new(),
                log: Vec::new(),
                effects: Vec::new(),
            }
        };
        let mut world = Self {
            nodes: policies.into_iter().enumerate().map(node).collect(),
            chain: Chain::new(domain(), START),
            links: BTreeMap::new(),
            down: Vec::new(),
            signatures: Signatures::default(),
            entropy: 0,
            plan: None,
        };
        world.mine(12);
        world
    }

    /// Two nodes with an open channel, participant 0 first.
    pub(crate) fn pair(deposits: [u128; 2]) -> (Self, ChannelId) {
        let mut world = Self::new(2);
        let id = world.open(0, 1, deposits);
        (world, id)
    }

    pub(crate) fn word(&mut self) -> B256 {
        self.entropy += 1;
        alloy_primitives::keccak256(self.entropy.to_be_bytes())
    }

    pub(crate) fn address(&self, node: usize) -> Address {
        self.nodes[node].engine.address()
    }

    pub(crate) fn index(&self, peer: Address) -> usize {
        (0..self.nodes.len())
            .find(|node| self.address(*node) == peer)
            .unwrap()
    }

    pub(crate) fn wish(&mut self, to: usize, deposits: [u128; 2]) -> OpenChannel {
        OpenChannel {
            peer: self.address(to),
            token: Address::ZERO,
            amount: amount(deposits[0]),
            remote_amount: amount(deposits[1]),
            push_amount: Amount::ZERO,
            reserve: Amount::ZERO,
            finalization_period: PERIOD,
            entropy: self.word(),
        }
    }

    /// Opens a channel and waits for its deposits.
    pub(crate) fn open(&mut self, from: usize, to: usize, deposits: [u128; 2]) -> ChannelId {
        let wish = self.wish(to, deposits);
        self.open_as(from, to, wish)
    }

    pub(crate) fn open_as(&mut self, from: usize, to: usize, wish: OpenChannel) -> ChannelId {
        let id = self.agree(from, to, wish);
        for _ in 0..=DEPTH {
            self.mine(12);
        }
        assert_eq!(self.channel(from, id).phase, Phase::Open);
        assert_eq!(self.channel(to, id).phase, Phase::Open);
        id
    }

    /// Offer, agreement and first signatures; no deposit is final yet.
    pub(crate) fn agree(&mut self, from: usize, to: usize, wish: OpenChannel) -> ChannelId {
        self.command(from, Command::Open(wish)).unwrap();
        self.deliver_all();
        let offered = self.nodes[to]
            .events
            .iter()
            .rev()
            .find_map(|event| match event {
                Event::ChannelOffered { offer, .. } => Some(offer.temporary_id),
                _ => None,
            });
        let seed = self.word();
        let temporary_id = offered.expect("an offer arrived");
        self.command(to, Command::Join { temporary_id, seed })
            .unwrap();
        self.deliver_all();
        let created = self.nodes[from]
            .events
            .iter()
            .rev()
            .find_map(|event| match event {
                Event::ChannelCreated { channel, .. } => Some(*channel),
                _ => None,
            });
        created.expect("a channel was created")
    }

    pub(crate) fn channel(&self, node: usize, id: ChannelId) -> ChannelSummary {
        self.nodes[node]
            .engine
            .channel(id)
            .expect("the node has the channel")
    }

    /// Balances as `node` sees them.
    pub(crate) fn balances(&self, node: usize, id: ChannelId) -> [i128; 2] {
        let balances = self.channel(node, id).balances;
        [balances.zero.units(), balances.one.units()]
    }

    pub(crate) fn command(&mut self, node: usize, command: Command) -> Result<(), Error> {
        self.input(node, Input::Command(command))
    }

    /// Hands a command over without ending the turn.
    pub(crate) fn queue(&mut self, node: usize, command: Command) -> Result<(), Error> {
        let input = Input::Command(command);
        self.nodes[node].log.push(input.clone());
        self.nodes[node].engine.handle(input)
    }

    pub(crate) fn pay(&mut self, node: usize, channel: ChannelId, units: u128) {
        self.command(node, pay(channel, units)).unwrap();
    }

    pub(crate) fn input(&mut self, node: usize, input: Input) -> Result<(), Error> {
        let survives = match &mut self.plan {
            Some((doomed, 0, survives)) if *doomed == node => {
                let survives = *survives;
                self.plan = None;
                survives
            }
            Some((doomed, turns, _)) if *doomed == node => {
                *turns -= 1;
                Survives::Everything
            }
            _ => Survives::Everything,
        };
        self.input_then(node, input, survives)
    }

    pub(crate) fn input_then(
        &mut self,
        node: usize,
        input: Input,
        survives: Survives,
    ) -> Result<(), Error> {
        self.nodes[node].log.push(input.clone());
        let result = self.nodes[node].engine.handle(input);
        self.end_turn(node, survives);
        if survives != Survives::Everything {
            self.crash(node);
        }
        result
    }

    pub(crate) fn end_turn(&mut self, node: usize, survives: Survives) {
        let mut loads = Vec::new();
        let mut late = false;
        while let Some(effect) = self.nodes[node].engine.poll_effect() {
            self.nodes[node].effects.push(effect.clone());
            if survives == Survives::Nothing {
                continue;
            }
            match effect {
                Effect::Persist(record) => {
                    assert!(!late, "the records of a turn come first");
                    self.nodes[node].store.insert(record.id, record.bytes);
                }
                other => {
                    late = true;
                    if survives == Survives::Everything {
                        loads.extend(self.carry_out(node, other));
                    }
                }
            }
        }
        for input in loads {
            let _ = self.input(node, input);
        }
    }

    fn carry_out(&mut self, node: usize, effect: Effect) -> Option<Input> {
        match effect {
            Effect::Persist(_) => {}
            Effect::Send { peer, frame } => {
                let to = self.index(peer);
                self.signatures.check(self.address(node), &frame);
                self.nodes[node].sent.push((to, frame.clone()));
                if !self.is_down(node, to) {
                    self.links.entry((node, to)).or_default().push_back(frame);
                }
            }
            Effect::Submit(call) => self.chain.submit(call),
            Effect::Watch(watch) => self.chain.watch(node, watch),
            Effect::Load { channel, nonce } => {
                let record = self.nodes[node]
                    .store
                    .get(&RecordId::State(channel, nonce))
                    .cloned();
                return Some(Input::Loaded {
                    channel,
                    nonce,
                    record,
                });
            }
            Effect::Notify(event) => self.nodes[node].events.push(event),
        }
        None
    }

    pub(crate) fn expiry(&self, seconds: u64) -> Timestamp {
        Timestamp::new(self.chain.now() + seconds)
    }

    /// Both sides hold the same newest state, and the deposits are in balances and locks.
    pub(crate) fn assert_agreed(&self, a: usize, b: usize, id: ChannelId) {
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

pub(crate) fn pay(channel: ChannelId, units: u128) -> Command {
    let tag = alloy_primitives::Bytes::new();
    Command::Pay {
        channel,
        amount: amount(units),
        tag,
    }
}

pub(crate) fn message(frame: &[u8]) -> Message {
    decode(frame).unwrap().unwrap()
}

pub(crate) fn frame(message: &Message) -> Vec<u8> {
    counterfoil_core::wire::encode(message).unwrap()
}

//! Two nodes, wired by bytes; every message goes through the codec.

use counterfoil_core::channel::Policy;
use counterfoil_core::effect::{
    ChainEvent, Command, Depth, Effect, Event, Input, OnChain, OpenChannel,
};
use counterfoil_core::engine::{Config, Engine};
use counterfoil_core::state::{Domain, SigningKey};
use counterfoil_core::types::{Address, Amount, B256, ChannelId, Pair, SignedAmount, Timestamp};
use std::collections::VecDeque;

pub(crate) const NOW: u64 = 1_800_000_000;
const DEPOSIT: u128 = 1 << 80;

/// Two nodes and the link between them.
pub(crate) struct Nodes {
    pub(crate) engines: [Engine; 2],
    wire: VecDeque<(usize, Vec<u8>)>,
    offer: Option<B256>,
    created: Option<ChannelId>,
    /// Everything that was sent, if it is to be looked at.
    pub(crate) log: Option<Vec<Vec<u8>>>,
    pub(crate) bytes: usize,
    pub(crate) frames: usize,
    /// Bytes of the newest record of a channel.
    pub(crate) record: usize,
    opened: u64,
}

pub(crate) fn domain() -> Domain {
    Domain::new(31337, Address::repeat_byte(0xad))
}

pub(crate) fn key(node: u8) -> SigningKey {
    SigningKey::from_secret(&B256::repeat_byte(node + 1)).unwrap()
}

pub(crate) fn registry() -> Address {
    Address::repeat_byte(0x4a)
}

impl Nodes {
    pub(crate) fn new() -> Self {
        let engines = [0, 1].map(|node| {
            Engine::new(Config {
                domain: domain(),
                key: key(node),
                payout: Address::repeat_byte(node + 1),
                policy: Policy {
                    conditions: vec![registry()],
                    deposit_maximum: Amount::new(DEPOSIT),
                    ..Policy::default()
                },
            })
        });
        let mut nodes = Self {
            engines,
            wire: VecDeque::new(),
            offer: None,
            created: None,
            log: None,
            bytes: 0,
            frames: 0,
            record: 0,
            opened: 0,
        };
        for node in 0..2 {
            let (timestamp, finalized) = (Timestamp::new(NOW), Timestamp::new(NOW - 1000));
            nodes.input(
                node,
                Input::Chain(ChainEvent::Block {
                    number: 1,
                    timestamp,
                    finalized,
                }),
            );
        }
        nodes
    }

    /// Opens a channel; payments can flow when this returns.
    pub(crate) fn open(&mut self) -> ChannelId {
        self.opened += 1;
        let fresh = |purpose: u8| {
            alloy_primitives::keccak256([&self.opened.to_be_bytes()[..], &[purpose]].concat())
        };
        let wish = OpenChannel {
            peer: self.engines[1].address(),
            token: Address::ZERO,
            amount: Amount::new(DEPOSIT),
            remote_amount: Amount::new(DEPOSIT),
            push_amount: Amount::ZERO,
            reserve: Amount::ZERO,
            finalization_period: 3600,
            entropy: fresh(0),
        };
        let seed = fresh(1);
        self.command(0, Command::Open(wish));
        let temporary_id = self.offer.take().expect("an offer arrived");
        self.command(1, Command::Join { temporary_id, seed });
        let channel = self.created.take().expect("a channel was created");
        let deposit = SignedAmount::new(DEPOSIT as i128);
        let status = OnChain {
            deposits: Pair::new(deposit, deposit),
            ..OnChain::default()
        };
        for depth in [Depth::Latest, Depth::Confirmed] {
            for node in 0..2 {
                let as_of = Timestamp::new(NOW);
                let reading = ChainEvent::Channel {
                    channel,
                    depth,
                    as_of,
                    status,
                };
                self.input(node, Input::Chain(reading));
            }
        }
        self.exchange();
        channel
    }

    /// Everything that one payment costs, until both sides have signed.
    pub(crate) fn pay(&mut self, by: usize, channel: ChannelId, payments: usize) {
        for _ in 0..payments {
            let pay = Command::Pay {
                channel,
                amount: Amount::new(1_000_000_000_000_000),
                tag: alloy_primitives::Bytes::new(),
            };
            let taken = self.engines[by].handle(Input::Command(pay));
            taken.expect("the payment is covered");
        }
        self.drain(by);
        self.exchange();
    }

    pub(crate) fn command(&mut self, node: usize, command: Command) {
        self.input(node, Input::Command(command));
        self.exchange();
    }

    pub(crate) fn input(&mut self, node: usize, input: Input) {
        let taken = self.engines[node].handle(input);
        taken.expect("the input is good");
        self.drain(node);
    }

    pub(crate) fn exchange(&mut self) {
        while let Some((to, bytes)) = self.wire.pop_front() {
            let peer = self.engines[1 - to].address();
            self.input(to, Input::Frame { peer, bytes });
        }
    }

    fn drain(&mut self, node: usize) {
        while let Some(effect) = self.engines[node].poll_effect() {
            match effect {
                Effect::Send { frame, .. } => {
                    self.bytes += frame.len();
                    self.frames += 1;
                    if let Some(log) = &mut self.log {
                        log.push(frame.clone());
                    }
                    self.wire.push_back((1 - node, frame));
                }
                Effect::Persist(record) => {
                    if let counterfoil_core::effect::RecordId::Channel(_) = record.id {
                        self.record = record.bytes.len();
                    }
                }
                Effect::Notify(Event::ChannelOffered { offer, .. }) => {
                    self.offer = Some(offer.temporary_id)
                }
                Effect::Notify(Event::ChannelCreated { channel, .. }) => {
                    self.created = Some(channel)
                }
                _ => {}
            }
        }
    }
}

//! Two nodes with an open channel and some history, made once and cloned for each run.

use crate::node::Node;
use alloy_primitives::{Address, B256, Bytes, keccak256};
use counterfoil_core::channel::Policy;
use counterfoil_core::effect::{
    ChainEvent, Command, Depth, Effect, Event, Input, OnChain, OpenChannel, Status,
};
use counterfoil_core::payment::{Contents, Payload, seal};
use counterfoil_core::state::{BlindingSeed, Domain};
use counterfoil_core::types::{Amount, ChannelId, Nonce, Pair, SignedAmount, Terms, Timestamp};
use counterfoil_core::wire::{Message, decode};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;

pub(crate) const START: u64 = 1_800_000_000;
/// Expiry of every payment that is sealed in advance.
pub(crate) const EXPIRY: u64 = START + 7200;
pub(crate) const DEPOSIT: i128 = 1_000;
/// Each payment's amount.
pub(crate) const PRICE: u128 = 10;

/// What every run starts from.
#[derive(Clone)]
pub(crate) struct Opened {
    pub(crate) nodes: [Node; 2],
    pub(crate) id: ChannelId,
    pub(crate) terms: Terms,
    pub(crate) seed: BlindingSeed,
    /// Frames that each node has sent so far.
    pub(crate) sent: [Vec<Vec<u8>>; 2],
    pub(crate) secrets: Vec<B256>,
    /// For each node and secret, a payload that only that node can read.
    pub(crate) payloads: [Vec<Bytes>; 2],
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
        minimum_depth: 2,
        deposit_maximum: Amount::new(u128::MAX >> 40),
        finalization_period: 60..=30 * 24 * 3600,
        retention: 6,
        ..Policy::default()
    }
}

pub(crate) fn key_of(secret: B256) -> B256 {
    B256::from_slice(Sha256::digest(secret).as_slice())
}

/// What the chain shows of an undisputed channel.
pub(crate) fn holding(zero: i128, one: i128) -> OnChain {
    OnChain {
        status: Status::Open,
        deposits: Pair::new(SignedAmount::new(zero), SignedAmount::new(one)),
        nonce: Nonce::ZERO,
        ..OnChain::default()
    }
}

impl Opened {
    pub(crate) fn new() -> Self {
        let mut nodes = [Node::new(1), Node::new(2)];
        let mut sent = [Vec::new(), Vec::new()];
        let wish = OpenChannel {
            peer: nodes[1].engine.address(),
            token: Address::ZERO,
            amount: Amount::new(DEPOSIT as u128),
            remote_amount: Amount::new(DEPOSIT as u128),
            push_amount: Amount::new(7),
            reserve: Amount::new(20),
            finalization_period: 3600,
            entropy: B256::repeat_byte(3),
        };
        let temporary_id = wish.temporary_id();
        let seed = B256::repeat_byte(4);
        let news = Input::Chain(ChainEvent::Block {
            number: 1,
            timestamp: Timestamp::new(START),
            finalized: Timestamp::new(START - 60),
        });
        feed(&mut nodes, &mut sent, 0, news.clone());
        feed(&mut nodes, &mut sent, 1, news);
        feed(
            &mut nodes,
            &mut sent,
            0,
            Input::Command(Command::Open(wish)),
        );
        let join = Command::Join { temporary_id, seed };
        let events = feed(&mut nodes, &mut sent, 1, Input::Command(join));
        let created = events.into_iter().find_map(|event| match event {
            Event::ChannelCreated { channel, terms, .. } => Some((channel, terms)),
            _ => None,
        });
        let (id, terms) = created.expect("a channel was created");
        for depth in [Depth::Latest, Depth::Confirmed] {
            for node in 0..2 {
                let reading = Input::Chain(ChainEvent::Channel {
                    channel: id,
                    depth,
                    as_of: Timestamp::new(START),
                    status: holding(DEPOSIT, DEPOSIT),
                });
                feed(&mut nodes, &mut sent, node, reading);
            }
        }
        for node in [0, 1, 0] {
            let pay = Command::Pay {
                channel: id,
                amount: Amount::new(5),
                tag: Bytes::new(),
            };
            feed(&mut nodes, &mut sent, node, Input::Command(pay));
        }
        let secrets: Vec<B256> = (0..4u8).map(|number| keccak256([number])).collect();
        let payloads = [0, 1].map(|node: usize| {
            let key = nodes[node].engine.sealing_key();
            secrets
                .iter()
                .map(|secret| payload(*secret, &key))
                .collect()
        });
        let seed = BlindingSeed::new(Pair::new(
            said(&sent[0], |message| match message {
                Message::ChannelOpen(open) => Some(open.seed),
                _ => None,
            }),
            said(&sent[1], |message| match message {
                Message::ChannelAccept(accept) => Some(accept.seed),
                _ => None,
            }),
        ));
        Self {
            nodes,
            id,
            terms,
            seed,
            sent,
            secrets,
            payloads,
        }
    }
}

/// Feeds one node and delivers all that follows; returns the events of both.
fn feed(
    nodes: &mut [Node; 2],
    sent: &mut [Vec<Vec<u8>>; 2],
    node: usize,
    input: Input,
) -> Vec<Event> {
    let (mut inputs, mut events) = (VecDeque::from([(node, input)]), Vec::new());
    while let Some((node, input)) = inputs.pop_front() {
        nodes[node].engine.handle(input).expect("the input is good");
        let peer = nodes[node].engine.address();
        for effect in nodes[node].drain() {
            match effect {
                Effect::Persist(record) => nodes[node].keep(record),
                Effect::Send { frame: bytes, .. } => {
                    sent[node].push(bytes.clone());
                    inputs.push_back((1 - node, Input::Frame { peer, bytes }));
                }
                Effect::Notify(event) => events.push(event),
                _ => {}
            }
        }
    }
    events
}

fn said<T>(sent: &[Vec<u8>], what: impl Fn(Message) -> Option<T>) -> T {
    let mut messages = sent.iter().filter_map(|frame| decode(frame).ok().flatten());
    messages.find_map(what).expect("it was said")
}

fn payload(secret: B256, recipient: &[u8; 32]) -> Bytes {
    let contents = Contents {
        total: Amount::new(PRICE),
        key: key_of(secret),
        expiry: Timestamp::new(EXPIRY),
        payment_secret: B256::ZERO,
        preimage: vec![secret],
    };
    let sealed = seal(&contents, recipient, secret).expect("it is a public key");
    alloy_rlp::encode(Payload {
        next: Vec::new(),
        sealed,
    })
    .into()
}

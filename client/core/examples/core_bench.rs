//! How fast two nodes pay each other in one process, without disk or network: every message goes through the codec.
//!
//! `cargo run --release -p counterfoil-core --example core_bench`

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]

use counterfoil_core::channel::Policy;
use counterfoil_core::effect::{
    ChainEvent, Command, Depth, Effect, Event, Input, OnChain, OpenChannel,
};
use counterfoil_core::engine::{Config, Engine};
use counterfoil_core::state::{Domain, SigningKey};
use counterfoil_core::types::{Address, Amount, B256, ChannelId, Pair, SignedAmount, Timestamp};
use std::collections::VecDeque;
use std::time::Instant;

/// Of which the median is shown.
const RUNS: usize = 7;
const DEPOSIT: u128 = 1 << 80;

struct Bench {
    nodes: [Engine; 2],
    wire: VecDeque<(usize, Vec<u8>)>,
    channel: Option<ChannelId>,
    offer: Option<B256>,
    bytes: usize,
    frames: usize,
}

struct Figures {
    updates: f64,
    payments: f64,
    bytes_per_update: f64,
    bytes_per_payment: f64,
}

fn main() {
    println!("machine: {}", machine());
    println!("both sides in one process and thread, no disk, median of {RUNS} runs\n");
    println!(
        "| payments per update | updates/s | payments/s | bytes per update and answer | bytes per payment |"
    );
    println!("|---:|---:|---:|---:|---:|");
    for batch in [1, 8, 64, 512] {
        let updates = (4096 / batch).max(64);
        let mut runs: Vec<Figures> = (0..RUNS)
            .map(|_| Bench::open().run(batch, updates))
            .collect();
        runs.sort_by(|a, b| a.updates.total_cmp(&b.updates));
        let median = &runs[RUNS / 2];
        println!(
            "| {batch} | {:.0} | {:.0} | {:.0} | {:.1} |",
            median.updates, median.payments, median.bytes_per_update, median.bytes_per_payment
        );
    }
}

impl Bench {
    fn open() -> Self {
        let nodes = [1, 2].map(|byte| {
            Engine::new(Config {
                domain: Domain::new(31337, Address::repeat_byte(0xad)),
                key: SigningKey::from_secret(&B256::repeat_byte(byte)).unwrap(),
                payout: Address::repeat_byte(byte),
                policy: Policy {
                    deposit_maximum: Amount::new(DEPOSIT),
                    ..Policy::default()
                },
            })
        });
        let peer = nodes[1].address();
        let mut bench = Self {
            nodes,
            wire: VecDeque::new(),
            channel: None,
            offer: None,
            bytes: 0,
            frames: 0,
        };
        let wish = OpenChannel {
            peer,
            token: Address::ZERO,
            amount: Amount::new(DEPOSIT),
            remote_amount: Amount::new(DEPOSIT),
            push_amount: Amount::ZERO,
            reserve: Amount::ZERO,
            finalization_period: 3600,
            entropy: B256::repeat_byte(3),
        };
        bench.input(0, Input::Command(Command::Open(wish)));
        bench.exchange();
        let temporary_id = bench.offer.expect("an offer arrived");
        let join = Command::Join {
            temporary_id,
            seed: B256::repeat_byte(4),
        };
        bench.input(1, Input::Command(join));
        bench.exchange();
        let deposit = SignedAmount::new(DEPOSIT as i128);
        let status = OnChain {
            deposits: Pair::new(deposit, deposit),
            ..OnChain::default()
        };
        let channel = bench.channel.expect("a channel was created");
        for node in 0..2 {
            let (timestamp, finalized) =
                (Timestamp::new(1_800_000_000), Timestamp::new(1_799_999_000));
            bench.input(
                node,
                Input::Chain(ChainEvent::Block {
                    number: 1,
                    timestamp,
                    finalized,
                }),
            );
            let depth = Depth::Confirmed;
            bench.input(
                node,
                Input::Chain(ChainEvent::Channel {
                    channel,
                    depth,
                    status,
                }),
            );
        }
        bench.exchange();
        bench
    }

    fn run(mut self, batch: usize, updates: usize) -> Figures {
        let channel = self.channel.expect("a channel is open");
        (self.bytes, self.frames) = (0, 0);
        let start = Instant::now();
        for number in 0..updates {
            let by = number % 2;
            for _ in 0..batch {
                let tag = alloy_primitives::Bytes::new();
                let amount = Amount::new(1_000_000_000_000_000);
                let pay = Command::Pay {
                    channel,
                    amount,
                    tag,
                };
                self.nodes[by]
                    .handle(Input::Command(pay))
                    .expect("the payment is covered");
            }
            self.drain(by);
            self.exchange();
        }
        let seconds = start.elapsed().as_secs_f64();
        assert_eq!(self.frames, 2 * updates, "one update and one answer each");
        let payments = (updates * batch) as f64;
        Figures {
            updates: updates as f64 / seconds,
            payments: payments / seconds,
            bytes_per_update: self.bytes as f64 / updates as f64,
            bytes_per_payment: self.bytes as f64 / payments,
        }
    }

    fn input(&mut self, node: usize, input: Input) {
        self.nodes[node].handle(input).expect("the input is good");
        self.drain(node);
    }

    fn exchange(&mut self) {
        while let Some((to, bytes)) = self.wire.pop_front() {
            let peer = self.nodes[1 - to].address();
            self.input(to, Input::Frame { peer, bytes });
        }
    }

    fn drain(&mut self, node: usize) {
        while let Some(effect) = self.nodes[node].poll_effect() {
            match effect {
                Effect::Send { frame, .. } => {
                    self.bytes += frame.len();
                    self.frames += 1;
                    self.wire.push_back((1 - node, frame));
                }
                Effect::Notify(Event::ChannelOffered { offer, .. }) => {
                    self.offer = Some(offer.temporary_id)
                }
                Effect::Notify(Event::ChannelCreated { channel, .. }) => {
                    self.channel = Some(channel)
                }
                _ => {}
            }
        }
    }
}

fn machine() -> String {
    let described = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = described
        .lines()
        .find_map(|line| line.strip_prefix("model name\t: "));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!(
        "{}, {cores} cores, {}",
        model.unwrap_or("unknown processor"),
        std::env::consts::OS
    )
}

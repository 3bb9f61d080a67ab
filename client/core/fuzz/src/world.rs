//! The node under test, with its disk, its link and what it was told of the chain.

use crate::node::{Node, Store};
use crate::opened::{DEPOSIT, Opened, START};
use crate::oracle::Oracle;
use alloy_primitives::{B256, Bytes};
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{ChainEvent, Depth, Effect, Input, RecordId};
use counterfoil_core::engine::{ChannelSummary, History};
use counterfoil_core::state::{BlindingSeed, Content, SigningKey};
use counterfoil_core::types::{ChannelId, Nonce, Pair, Participant, SignedAmount};
use counterfoil_core::wire::{Message, Update, decode};
use std::collections::VecDeque;

/// How much of a turn happens before the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Survives {
    Everything,
    /// The records are durable, nothing left the node.
    Records,
    Nothing,
}

pub(crate) struct World {
    pub(crate) ours: Node,
    /// An honest engine with the same key as the adversary.
    pub(crate) theirs: Node,
    pub(crate) local: Participant,
    pub(crate) id: ChannelId,
    pub(crate) seed: BlindingSeed,
    pub(crate) key: SigningKey,
    pub(crate) secrets: Vec<B256>,
    /// Payloads that the node under test can read, then those that its peer can.
    pub(crate) payloads: [Vec<Bytes>; 2],
    pub(crate) to_us: VecDeque<Vec<u8>>,
    pub(crate) to_them: VecDeque<Vec<u8>>,
    /// Every frame that came to us, to be repeated.
    pub(crate) came: Vec<Vec<u8>>,
    /// The newest update that we sent.
    pub(crate) proposed: Option<Update>,
    /// An earlier image of our disk.
    backup: (Store, Pair<SignedAmount>),
    pub(crate) now: u64,
    pub(crate) survives: Survives,
    verbose: bool,
    /// The deposits that the node was told are final.
    confirmed: Pair<SignedAmount>,
    pub(crate) oracle: Oracle,
}

impl World {
    pub(crate) fn new(opened: Opened, local: Participant) -> Self {
        let Opened {
            nodes: [zero, one],
            id,
            terms,
            seed,
            sent: [by_zero, by_one],
            secrets,
            payloads: [for_zero, for_one],
        } = opened;
        let pair = |zero, one| match local {
            Participant::Zero => (zero, one),
            Participant::One => (one, zero),
        };
        let (ours, theirs) = pair(zero, one);
        let swap = local == Participant::One;
        let (sent, came) = if swap {
            (by_one, by_zero)
        } else {
            (by_zero, by_one)
        };
        let payloads = if swap {
            [for_one, for_zero]
        } else {
            [for_zero, for_one]
        };
        let mut oracle = Oracle::new(id, terms, local, &ours);
        oracle.remember(&ours.store, &sent);
        let deposit = SignedAmount::new(DEPOSIT);
        Self {
            key: theirs.key(),
            backup: (ours.store.clone(), Pair::new(deposit, deposit)),
            ours,
            theirs,
            local,
            id,
            seed,
            secrets,
            payloads,
            to_us: VecDeque::new(),
            to_them: VecDeque::new(),
            came,
            proposed: None,
            now: START,
            survives: Survives::Everything,
            verbose: std::env::var_os("FUZZ_TRACE").is_some(),
            confirmed: Pair::new(deposit, deposit),
            oracle,
        }
    }

    pub(crate) fn summary(&self) -> ChannelSummary {
        self.ours.engine.channel(self.id).expect("channels stay")
    }

    /// The newest co-signed content, as the node under test has stored it.
    pub(crate) fn content(&self) -> Content {
        let nonce = self.summary().nonce;
        self.ours.content(self.id, nonce).expect("it is kept")
    }

    /// Hands a frame of the peer over.
    pub(crate) fn frame(&mut self, bytes: Vec<u8>) {
        if self.came.len() < 256 {
            self.came.push(bytes.clone());
        }
        let peer = self.theirs.engine.address();
        self.input(Input::Frame { peer, bytes });
    }

    /// One turn of the node under test, and the crash at its end if one is planned.
    pub(crate) fn input(&mut self, input: Input) {
        let survives = std::mem::replace(&mut self.survives, Survives::Everything);
        self.show(&format_args!("survives {survives:?}, {input:?}"));
        if survives != Survives::Nothing {
            self.read(&input);
        }
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let phase = self.summary().phase;
            let before = self.ours.fingerprint();
            let command = match &input {
                Input::Command(command) => Some(command.clone()),
                _ => None,
            };
            match self.ours.engine.handle(input) {
                Err(error) => {
                    assert_eq!(before, self.ours.fingerprint(), "{error} changed something")
                }
                Ok(()) => {
                    if let Some(command) = command {
                        self.oracle.allow(&command);
                    }
                }
            }
            inputs.extend(self.end_turn(phase, survives));
            if survives != Survives::Everything {
                self.crash(survives);
                return;
            }
        }
        self.oracle.check(&self.ours, &self.confirmed);
    }

    /// Tells what happens, for whoever replays a script.
    fn show(&self, what: &dyn std::fmt::Debug) {
        if self.verbose {
            eprintln!("{what:?}");
        }
    }

    fn read(&mut self, input: &Input) {
        if let Input::Chain(ChainEvent::Channel {
            depth: Depth::Confirmed,
            status,
            ..
        }) = input
        {
            self.confirmed = status.deposits;
        }
    }

    fn end_turn(&mut self, phase: Phase, survives: Survives) -> Vec<Input> {
        let (mut loads, mut late) = (Vec::new(), false);
        for effect in self.ours.drain() {
            self.show(&format_args!("  {effect:?}"));
            if let Effect::Persist(record) = effect {
                assert!(!late, "the records of a turn come first");
                if survives != Survives::Nothing {
                    self.oracle.on_kept(&record, phase);
                    self.ours.keep(record);
                }
                continue;
            }
            late = true;
            if survives == Survives::Everything {
                loads.extend(self.carry_out(effect));
            }
        }
        loads
    }

    fn carry_out(&mut self, effect: Effect) -> Option<Input> {
        match effect {
            Effect::Send { peer, frame } => {
                self.oracle.on_sent(&frame, self.summary().phase);
                if peer != self.theirs.engine.address() {
                    return None;
                }
                if let Ok(Some(Message::Update(update))) = decode(&frame) {
                    self.proposed = Some(update);
                }
                self.to_them.push_back(frame);
            }
            Effect::Submit(call) => self.oracle.is_valid(&call),
            Effect::Forget { channel, below } => self.ours.forget(channel, below),
            Effect::Load { channel, nonce } => {
                let record = self.ours.store.get(&RecordId::State(channel, nonce));
                return Some(Input::Loaded {
                    channel,
                    nonce,
                    record: record.cloned(),
                });
            }
            Effect::Persist(_) | Effect::Watch(_) | Effect::Notify(_) => {}
        }
        None
    }

    /// The process dies and starts again from its disk; both links are down and come back later.
    fn crash(&mut self, survives: Survives) {
        let before = self.summary();
        self.restart(self.ours.store.clone(), History::Whole);
        let after = self.summary();
        if survives == Survives::Records {
            let known = |summary: &ChannelSummary| (summary.nonce, summary.phase, summary.balances);
            assert_eq!(known(&before), known(&after), "something was not durable");
        }
    }

    /// Keeps an image of the disk.
    pub(crate) fn back_up(&mut self) {
        self.backup = (self.ours.store.clone(), self.confirmed);
    }

    /// The process starts from an earlier image of its disk.
    pub(crate) fn restore_backup(&mut self) {
        self.oracle.frozen = true;
        let (store, confirmed) = self.backup.clone();
        self.confirmed = confirmed;
        self.restart(store, History::MayBeOld);
    }

    fn restart(&mut self, store: Store, history: History) {
        self.to_us.clear();
        self.to_them.clear();
        self.show(&format_args!("starts again, {history:?}"));
        self.ours.restart(store, history);
        let phase = self.summary().phase;
        for input in self.end_turn(phase, Survives::Everything) {
            self.input(input);
        }
    }

    /// One turn of the honest peer.
    pub(crate) fn theirs(&mut self, input: Input) {
        let _ = self.theirs.engine.handle(input);
        for effect in self.theirs.drain() {
            match effect {
                Effect::Persist(record) => self.theirs.keep(record),
                Effect::Send { frame, .. } => self.to_us.push_back(frame),
                _ => {}
            }
        }
    }

    /// The peer hears the next of what we said.
    pub(crate) fn hear(&mut self) -> bool {
        let Some(bytes) = self.to_them.pop_front() else {
            return false;
        };
        let peer = self.ours.engine.address();
        self.theirs(Input::Frame { peer, bytes });
        true
    }

    /// We hear the next of what the honest peer said.
    pub(crate) fn listen(&mut self) -> bool {
        let next = self.to_us.pop_front();
        next.map(|bytes| self.frame(bytes)).is_some()
    }

    /// The peer's smallest nonce above what both have signed and what we have proposed.
    pub(crate) fn next_nonce(&self, above: Nonce) -> Nonce {
        above.next(self.local.other()).unwrap_or(Nonce::MAX)
    }
}

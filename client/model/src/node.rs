//! One participant: the real engine, its store, what it was told of the chain, and its history.

use crate::archive::Archive;
use crate::chain::Pending;
use crate::fault::Fault;
use crate::follower::Follower;
use crate::frame::Frame;
use crate::past::Past;
use crate::setting::Setting;
use alloy_rlp::Decodable;
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Effect, Input, Record, RecordId};
use counterfoil_core::engine::{Engine, History};
use counterfoil_core::state::Content;
use counterfoil_core::types::{Nonce, Participant};
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// How much of a turn happens before the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Survives {
    /// The process does not die.
    Everything,
    /// The records are durable; nothing was sent, submitted or told.
    Records,
}

/// A participant between two turns.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) side: Participant,
    pub(crate) engine: Engine,
    pub(crate) store: Arc<Archive>,
    /// What the planted fault puts in the store's place when the node starts again.
    backup: Option<Arc<Archive>>,
    pub(crate) follower: Follower,
    pub(crate) past: Past,
    pub(crate) phase: Phase,
    pub(crate) nonce: Nonce,
    pub(crate) locks: usize,
    /// Base units that could be paid at once.
    pub(crate) spendable: u128,
    /// What the newest co-signed state lacks to be worth anything on chain.
    pub(crate) lacks: Option<&'static str>,
    pub(crate) print: u64,
}

/// A node after a turn, and what the turn led to.
pub(crate) struct Turn {
    pub(crate) node: Arc<Node>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) calls: Vec<Pending>,
    /// Whether the engine took every input.
    pub(crate) is_taken: bool,
}

impl Node {
    pub(crate) fn new(side: Participant, setting: &Setting) -> Self {
        let mut node = Self {
            side,
            engine: Engine::new(setting.config(side)),
            store: Arc::default(),
            backup: None,
            follower: Follower::default(),
            past: Past::default(),
            phase: Phase::Created,
            nonce: Nonce::ZERO,
            locks: 0,
            spendable: 0,
            lacks: None,
            print: 0,
        };
        node.look(setting);
        node
    }

    /// Takes a backup, if the planted fault needs one.
    pub(crate) fn back_up(&mut self, fault: Fault) {
        if fault == Fault::StartsFromABackup {
            self.backup = Some(self.store.clone());
        }
    }

    /// Handles inputs, each in a turn of its own, and carries out what they lead to.
    pub(crate) fn turn(
        &self,
        inputs: Vec<Input>,
        survives: Survives,
        setting: &Setting,
        fault: Fault,
    ) -> Turn {
        let mut node = self.clone();
        if fault == Fault::LosesTheLastWrite {
            node.backup = Some(node.store.clone());
        }
        let mut outgoing = Outgoing::default();
        let mut inputs = VecDeque::from(inputs);
        let mut is_taken = true;
        while let Some(input) = inputs.pop_front() {
            is_taken &= node.engine.handle(input).is_ok();
            let mut loads = node.carry_out(survives, fault, &mut outgoing);
            loads.extend(inputs);
            inputs = loads;
        }
        if survives == Survives::Records {
            node.restart(setting, fault, &mut outgoing);
        }
        node.end_turn(outgoing, is_taken, setting)
    }

    /// The process dies between two turns and starts again.
    pub(crate) fn crash(&self, setting: &Setting, fault: Fault) -> Turn {
        let (mut node, mut outgoing) = (self.clone(), Outgoing::default());
        node.restart(setting, fault, &mut outgoing);
        node.end_turn(outgoing, true, setting)
    }

    /// The content of a state that the node has signed and still keeps.
    pub(crate) fn content(&self, setting: &Setting, nonce: Nonce) -> Option<Content> {
        let bytes = self.store.read(RecordId::State(setting.channel, nonce))?;
        Content::decode(&mut &bytes[..]).ok()
    }

    fn restart(&mut self, setting: &Setting, fault: Fault, outgoing: &mut Outgoing) {
        if let Some(backup) = &self.backup {
            self.store = backup.clone();
        }
        let records = self.store.records().map(|(id, bytes)| Record {
            id,
            bytes: bytes.to_vec(),
        });
        let config = setting.config(self.side);
        let Ok(engine) = Engine::restore(config, records, History::Whole) else {
            self.past.broken = Some("cannot start from its own records");
            return;
        };
        self.engine = engine;
        self.follower = Follower::default();
        self.past.asked = 0;
        self.nonce = Nonce::ZERO;
        self.carry_out(Survives::Everything, fault, outgoing);
        // There is no link yet.
        outgoing.frames.clear();
    }

    fn carry_out(
        &mut self,
        survives: Survives,
        fault: Fault,
        outgoing: &mut Outgoing,
    ) -> VecDeque<Input> {
        let mut loads = VecDeque::new();
        while let Some(effect) = self.engine.poll_effect() {
            if let Effect::Persist(record) = effect {
                self.persist(record, fault);
                continue;
            }
            if survives == Survives::Records {
                continue;
            }
            match effect {
                Effect::Persist(_) => {}
                Effect::Send { frame, .. } => {
                    self.past.send(&frame);
                    outgoing.frames.push(Frame::new(frame));
                }
                Effect::Submit(call) => outgoing.calls.push(call),
                Effect::Watch(watch) => self.follower.watch(watch),
                Effect::Load { channel, nonce } => {
                    let record = self.store.read(RecordId::State(channel, nonce));
                    loads.push_back(Input::Loaded {
                        channel,
                        nonce,
                        record: record.map(<[u8]>::to_vec),
                    });
                }
                Effect::Forget { channel, below } => {
                    Arc::make_mut(&mut self.store).forget(channel, below);
                }
                Effect::Notify(event) => self.past.tell(&event),
            }
        }
        loads
    }

    fn persist(&mut self, record: Record, fault: Fault) {
        if let RecordId::State(_, nonce) = record.id {
            match Content::decode(&mut record.bytes.as_slice()) {
                Ok(content) => self.past.keep(nonce, &content),
                Err(_) => self.past.broken = Some("stored a content that cannot be read"),
            }
            if fault == Fault::KeepsNoStates && self.side == Participant::One {
                return;
            }
        }
        Arc::make_mut(&mut self.store).write(record);
    }

    fn end_turn(mut self, outgoing: Outgoing, is_taken: bool, setting: &Setting) -> Turn {
        let by = Some(self.side);
        let calls = outgoing.calls.into_iter().map(|call| {
            let is_signed = setting.is_signed(&call);
            if !is_signed {
                self.past.broken = Some("submitted what the contract refuses for its signatures");
            }
            Pending::new(by, call, is_signed)
        });
        let calls = calls.collect();
        self.look(setting);
        Turn {
            node: Arc::new(self),
            frames: outgoing.frames,
            calls,
            is_taken,
        }
    }

    /// Takes down what properties look at.
    fn look(&mut self, setting: &Setting) {
        if let Some(channel) = self.engine.channel(setting.channel) {
            if self.nonce != channel.nonce {
                self.lacks = self.lack(setting, channel.nonce);
            }
            self.phase = channel.phase;
            self.nonce = channel.nonce;
            self.locks = channel.locks;
            self.spendable = channel.spendable.units();
        }
        self.print = crate::memo::print(&*self);
    }

    /// What is missing for a challenge with the newest co-signed state, and for its settlement.
    fn lack(&self, setting: &Setting, nonce: Nonce) -> Option<&'static str> {
        let Some(call) = self.engine.export(setting.channel) else {
            return Some("the channel");
        };
        if !setting.is_signed(&call) {
            return Some("both signatures on its newest state");
        }
        let counterfoil_core::effect::Call::Challenge { commitment, .. } = call else {
            return Some("a challenge");
        };
        let Some(content) = self.content(setting, nonce) else {
            return Some("the content of its newest state");
        };
        let opened = content.opening(&setting.seed, nonce).commitment();
        (opened != commitment).then_some("an opening of its newest state")
    }
}

impl Hash for Node {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.engine.hash(state);
        self.store.hash(state);
        if let Some(backup) = &self.backup {
            backup.hash(state);
        }
        self.follower.hash(state);
        self.past.hash(state);
    }
}

#[derive(Default)]
struct Outgoing {
    frames: Vec<Frame>,
    calls: Vec<counterfoil_core::effect::Call>,
}

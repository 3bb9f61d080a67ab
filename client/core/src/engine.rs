//! One node: its channels and payments, driven by inputs, speaking through effects.
//!
//! [`Engine::handle`] changes the node and queues what follows; [`Engine::poll_effect`] first proposes what is waiting,
//! then hands out every record, then everything that depends on them. Whoever takes all effects of a turn, makes the
//! records durable in one write and only then carries out the rest, loses nothing at any crash.

mod commands;
mod conclusion;
mod error;
mod establish;
mod incoming;
mod offers;
mod onchain;
mod payments;
mod peer;
mod recovery;

use crate::channel::{Channel, Context, Facts, Output, Phase, Policy};
use crate::effect::{Effect, Event, Input, Record, RecordId, Watch};
use crate::payment::{Payment, SealingKey};
use crate::state::{Domain, SigningKey};
use crate::types::{Address, Amount, B256, ChannelId, Pair, SignedAmount, Terms};
use crate::wire::Message;
pub use error::{Error, RestoreError};
use establish::Offer;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Who a node is and how it behaves.
#[derive(Debug)]
pub struct Config {
    /// Chain and contract.
    pub domain: Domain,
    /// Signs states; its address is the node's identity.
    pub key: SigningKey,
    /// Where the node's money goes in the end.
    pub payout: Address,
    /// What the node accepts and asks for.
    pub policy: Policy,
}

/// Whether a store holds everything that its node ever signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// The store is the one that the node used last; nobody wrote to a copy of it since.
    Whole,
    /// A backup, or a machine image: newer states may exist. No state is signed any more in the channels it holds; they learn
    /// what their peers show, and are to be closed by a challenge.
    MayBeOld,
}

/// A channel as its user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelSummary {
    /// Its id.
    pub id: ChannelId,
    /// Its terms.
    pub terms: Terms,
    /// The other side.
    pub peer: Address,
    /// Which side is ours.
    pub local: crate::types::Participant,
    /// Where it stands.
    pub phase: Phase,
    /// What each side owns by the newest co-signed state and the deposits that are final here, locks apart.
    pub balances: Pair<SignedAmount>,
    /// What is locked in it.
    pub locks: usize,
    /// The newest co-signed nonce.
    pub nonce: crate::types::Nonce,
    /// What we could pay at once.
    pub spendable: Amount,
}

/// A node without its clock, disk and network.
#[derive(Clone)]
pub struct Engine {
    domain: Domain,
    key: SigningKey,
    sealing: SealingKey,
    payout: Address,
    policy: Policy,
    facts: Facts,
    offers: BTreeMap<B256, Offer>,
    channels: BTreeMap<ChannelId, Channel>,
    payments: BTreeMap<B256, Payment>,
    /// Keys for which a reveal was asked for since the node started; asking again would be harmless.
    revealing: BTreeSet<B256>,
    touched_channels: BTreeSet<ChannelId>,
    touched_payments: BTreeSet<B256>,
    records: Vec<Record>,
    waiting: Vec<Effect>,
    ready: VecDeque<Effect>,
}

impl Engine {
    /// A node without channels.
    pub fn new(config: Config) -> Self {
        let sealing = SealingKey::of(&config.key);
        Self {
            domain: config.domain,
            key: config.key,
            sealing,
            payout: config.payout,
            policy: config.policy,
            facts: Facts::default(),
            offers: BTreeMap::new(),
            channels: BTreeMap::new(),
            payments: BTreeMap::new(),
            revealing: BTreeSet::new(),
            touched_channels: BTreeSet::new(),
            touched_payments: BTreeSet::new(),
            records: Vec::new(),
            waiting: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// A node with everything that its store holds.
    ///
    /// # Errors
    /// [`RestoreError`] when a record is not one that this node wrote.
    pub fn restore(
        config: Config,
        records: impl IntoIterator<Item = Record>,
        history: History,
    ) -> Result<Self, RestoreError> {
        let mut engine = Self::new(config);
        for record in records {
            match record.id {
                RecordId::Channel(_) => {
                    let channel = Channel::from_image(&record.bytes, engine.domain)?;
                    let expected = engine.key.address();
                    if *channel.terms.signers.of(channel.local) != expected {
                        let found = channel.terms.signers.into_array();
                        return Err(RestoreError::Foreign {
                            channel: channel.id,
                            expected,
                            found,
                        });
                    }
                    engine.channels.insert(channel.id, channel);
                }
                RecordId::Payment(key) => {
                    let payment = Payment::from_image(&record.bytes)?;
                    if !payment.is_vain() {
                        engine.payments.insert(key, payment);
                    }
                }
                RecordId::State(..) => {}
            }
        }
        if history == History::MayBeOld {
            engine.distrust();
        }
        engine.resume();
        Ok(engine)
    }

    /// Takes an input.
    ///
    /// # Errors
    /// [`Error`] when the input is refused; the node is as before.
    pub fn handle(&mut self, input: Input) -> Result<(), Error> {
        match input {
            Input::Frame { peer, bytes } => self.on_frame(peer, &bytes),
            Input::Command(command) => self.on_command(command),
            Input::Chain(event) => {
                self.on_chain(event);
                Ok(())
            }
            Input::Loaded {
                channel,
                nonce,
                record,
            } => {
                self.with_channel(channel, |channel, context, out| {
                    channel.on_loaded(nonce, record.as_deref(), context.facts, out);
                });
                Ok(())
            }
            Input::Connected { peer } => {
                self.on_connected(peer);
                Ok(())
            }
        }
    }

    /// The next thing to do. Proposals that wait are made first; the records of a turn come before all else of it.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        if self.ready.is_empty() {
            self.end_turn();
        }
        self.ready.pop_front()
    }

    /// The node's identity.
    pub const fn address(&self) -> Address {
        self.key.address()
    }

    /// What payers seal payments to.
    pub const fn sealing_key(&self) -> [u8; 32] {
        self.sealing.public()
    }

    /// Time of the newest block that was heard of.
    pub const fn chain_time(&self) -> crate::types::Timestamp {
        self.facts.now
    }

    /// The channels, by id.
    pub fn channels(&self) -> Vec<ChannelSummary> {
        self.channels.values().map(ChannelSummary::of).collect()
    }

    /// One channel.
    pub fn channel(&self, id: ChannelId) -> Option<ChannelSummary> {
        self.channels.get(&id).map(ChannelSummary::of)
    }

    /// The call that would start a dispute with the newest co-signed state: what a watcher of this channel needs.
    pub fn export(&self, id: ChannelId) -> Option<crate::effect::Call> {
        self.channels
            .get(&id)
            .map(|channel| channel.challenge_call(&self.key))
    }

    /// Runs one step of a channel and takes in what it leads to; nothing when there is no such channel.
    fn with_channel<T>(
        &mut self,
        id: ChannelId,
        step: impl FnOnce(&mut Channel, &Context<'_>, &mut Output) -> T,
    ) -> Option<T> {
        self.with_frame(id, B256::ZERO, step)
    }

    fn with_frame<T>(
        &mut self,
        id: ChannelId,
        frame: B256,
        step: impl FnOnce(&mut Channel, &Context<'_>, &mut Output) -> T,
    ) -> Option<T> {
        let channel = self.channels.get_mut(&id)?;
        let mut out = Output::default();
        let context = Context {
            key: &self.key,
            facts: &self.facts,
            policy: &self.policy,
            frame,
        };
        let result = step(channel, &context, &mut out);
        self.touched_channels.insert(id);
        self.absorb(id, out);
        Some(result)
    }

    /// Queues what a channel's step leads to, then lets payments follow.
    fn absorb(&mut self, id: ChannelId, out: Output) {
        let Output {
            records,
            sends,
            calls,
            watches,
            loads,
            forget,
            events,
            finals,
            dropped,
        } = out;
        self.records.extend(records);
        let sends = sends
            .into_iter()
            .map(|(peer, frame)| Effect::Send { peer, frame });
        self.waiting.extend(sends);
        self.waiting.extend(calls.into_iter().map(Effect::Submit));
        let loads = loads
            .into_iter()
            .map(|nonce| Effect::Load { channel: id, nonce });
        self.waiting.extend(watches.into_iter().map(Effect::Watch));
        self.waiting.extend(loads);
        let forget = forget.map(|below| Effect::Forget { channel: id, below });
        self.waiting.extend(forget);
        self.waiting.extend(events.into_iter().map(Effect::Notify));
        for change in finals {
            self.on_final(id, change);
        }
        for (operation, reason) in dropped {
            self.on_dropped(id, operation, reason);
        }
    }

    fn end_turn(&mut self) {
        let mut persisted = BTreeSet::new();
        while let Some(id) = self.touched_channels.pop_first() {
            persisted.insert(id);
            let mut out = Output::default();
            if let Some(channel) = self.channels.get_mut(&id) {
                channel.flush(&self.key, &mut out);
                channel.drain(&self.key, &mut out);
            }
            // What follows may touch channels again, this one too; each round has less to do.
            self.absorb(id, out);
        }
        for id in persisted {
            if let Some(channel) = self.channels.get(&id) {
                let bytes = channel.image();
                self.records.push(Record {
                    id: RecordId::Channel(id),
                    bytes,
                });
            }
        }
        while let Some(key) = self.touched_payments.pop_first() {
            if let Some(payment) = self.payments.get(&key) {
                let bytes = payment.image();
                self.records.push(Record {
                    id: RecordId::Payment(key),
                    bytes,
                });
            }
        }
        self.ready
            .extend(self.records.drain(..).map(Effect::Persist));
        self.ready.extend(self.waiting.drain(..));
    }

    fn notify(&mut self, event: Event) {
        self.waiting.push(Effect::Notify(event));
    }

    fn watch(&mut self, watch: Watch) {
        self.waiting.push(Effect::Watch(watch));
    }

    fn send(&mut self, peer: Address, message: &Message) -> Vec<u8> {
        // Only updates can grow, and they are cut long before a frame's limit.
        let frame = crate::wire::encode(message).unwrap_or_default();
        debug_assert!(!frame.is_empty(), "a message does not fit a frame");
        self.waiting.push(Effect::Send {
            peer,
            frame: frame.clone(),
        });
        frame
    }
}

// What a node does next depends on this and its inputs, and on nothing else; effects are taken before anybody compares.
impl std::hash::Hash for Engine {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key.address().hash(state);
        self.facts.hash(state);
        self.offers.hash(state);
        self.channels.hash(state);
        self.payments.hash(state);
        self.revealing.hash(state);
    }
}

impl ChannelSummary {
    fn of(channel: &Channel) -> Self {
        Self {
            id: channel.id,
            terms: channel.terms.clone(),
            peer: channel.peer,
            local: channel.local,
            phase: channel.phase,
            balances: channel.balances(),
            locks: channel.signed.content.locks.len(),
            nonce: channel.signed.nonce,
            spendable: channel.spendable(),
        }
    }
}

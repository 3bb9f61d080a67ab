//! The loop of a node: inputs in, one durable write, everything else out.
//!
//! The rule kept: nothing leaves before the records of its turn are durable. When the disk fails the node signs nothing
//! any more, and goes on watching and answering with what it has.

use crate::error::NodeError;
use crate::event::NodeEvent;
use crate::link::End;
use crate::repeat::{Heard, Repeats};
use counterfoil_chain::{ChainHandle, ChainNews};
use counterfoil_core::effect::{Call, ChainEvent, Command, Effect, Input, Record, RecordId};
use counterfoil_core::engine::{self, Engine};
use counterfoil_core::types::{Address, B256, ChannelId, Nonce, Timestamp};
use counterfoil_core::wire::Reason;
use counterfoil_store::{Left, Store};
use std::collections::BTreeMap;
use tokio::sync::{mpsc, oneshot};

/// Inputs that share one durable write at most.
const MAX_TURN: usize = 4096;

/// Where a command's result goes.
type Answer = oneshot::Sender<Result<(), NodeError>>;

/// Something that reads the engine and sends what it found.
type Look = Box<dyn FnOnce(&Engine) + Send>;

/// What others ask of the loop.
pub(crate) enum Request {
    /// Something for the engine that nobody waits for.
    Input(Input),
    /// A command; answered once what it leads to is durable.
    Command(Command, Answer),
    /// A look at the engine.
    Read(Look),
    /// The time of the newest block; answered once there is one.
    Time(oneshot::Sender<Timestamp>),
    /// Somebody wants the news.
    Subscribe(mpsc::UnboundedSender<NodeEvent>),
    /// A way to a peer.
    Attach { peer: Address, end: End },
    /// Finish the turn and end.
    Stop,
}

pub(crate) struct Runtime {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    pub(crate) chain: ChainHandle,
    pub(crate) news: mpsc::UnboundedReceiver<ChainNews>,
    pub(crate) requests: mpsc::UnboundedReceiver<Request>,
    pub(crate) turn: Turn,
}

/// What a turn collects, and what outlives turns.
#[derive(Default)]
pub(crate) struct Turn {
    links: BTreeMap<Address, End>,
    subscribers: Vec<mpsc::UnboundedSender<NodeEvent>>,
    /// What was told before anybody could subscribe; for the first who does.
    early: Vec<NodeEvent>,
    answers: Vec<(Answer, Result<(), engine::Error>)>,
    reads: Vec<Look>,
    clocks: Vec<oneshot::Sender<Timestamp>>,
    loaded: Vec<Input>,
    repeats: Repeats,
    /// Below which nonces stored states are still to be deleted.
    forgets: BTreeMap<ChannelId, Nonce>,
    halted: bool,
    /// States that the failed store did not take. One of them may be answered with, and then has to be settled.
    unsaved: BTreeMap<(ChannelId, Nonce), Vec<u8>>,
    stopping: bool,
}

impl Runtime {
    pub(crate) async fn run(mut self) {
        // A restored engine has things to say before anything comes in.
        let (early, told) = mpsc::unbounded_channel();
        self.turn.subscribers.push(early);
        self.finish_turn();
        self.turn.subscribers.clear();
        self.turn.early = drained(told);
        while !self.turn.stopping {
            tokio::select! {
                request = self.requests.recv() => match request {
                    Some(request) => self.take(request),
                    None => return,
                },
                news = self.news.recv() => match news {
                    Some(news) => self.hear(news),
                    None => {
                        tracing::error!("the connection to the chain has ended, so the node stops");
                        return;
                    }
                },
            }
            for _ in 0..MAX_TURN {
                let Ok(request) = self.requests.try_recv() else {
                    break;
                };
                self.take(request);
            }
            while let Ok(news) = self.news.try_recv() {
                self.hear(news);
            }
            self.finish_turn();
            // The chain's task runs on this thread too, and a challenge must not wait until the peers fall silent.
            if !self.requests.is_empty() {
                tokio::task::yield_now().await;
            }
        }
    }

    fn take(&mut self, request: Request) {
        match request {
            // Not logged with its content, which may hold secrets.
            Request::Input(_) if self.turn.halted => {
                tracing::debug!("an input was refused, since the store has failed");
            }
            Request::Input(input) => self.handle(input),
            Request::Command(_, answer) if self.turn.halted => {
                let _ = answer.send(Err(NodeError::Halted));
            }
            Request::Command(command, answer) => {
                let result = self.command(command);
                self.turn.answers.push((answer, result));
            }
            Request::Read(read) => self.turn.reads.push(read),
            Request::Time(asker) => self.turn.clocks.push(asker),
            Request::Subscribe(subscriber) => {
                for event in self.turn.early.drain(..) {
                    let _ = subscriber.send(event);
                }
                self.turn.subscribers.push(subscriber);
            }
            Request::Attach { peer, end } => {
                self.turn.links.insert(peer, end);
            }
            Request::Stop => self.turn.stopping = true,
        }
    }

    fn hear(&mut self, news: ChainNews) {
        match news {
            ChainNews::Event(event) => {
                if matches!(event, ChainEvent::Block { .. }) {
                    for call in self.turn.repeats.unfunded() {
                        submit(&self.chain, call.clone());
                    }
                }
                self.handle(Input::Chain(event));
            }
            ChainNews::Done(done) => {
                self.turn.repeats.done(&done.call);
                self.tell(&NodeEvent::Done(done));
            }
            ChainNews::Failed(failed) => {
                if self.turn.repeats.failed(&failed) == Heard::Not {
                    tracing::warn!(failure = %failed.failure, "a call has failed");
                    self.tell(&NodeEvent::Failed(failed));
                }
            }
            ChainNews::Endpoint(state) => self.tell(&NodeEvent::Endpoint(state)),
        }
    }

    fn command(&mut self, command: Command) -> Result<(), engine::Error> {
        let deposit = if let Command::Deposit { channel, amount } = &command {
            Some((*channel, *amount))
        } else {
            None
        };
        let result = self.engine.handle(Input::Command(command));
        // The engine waits for the deposit before. When that one has failed, this is the user's repetition of it.
        if matches!(
            &result,
            Err(engine::Error::Refused(Reason::DepositNotFinal))
        ) && let Some((channel, amount)) = deposit
            && let Some(call) = self.turn.repeats.deposit(channel, amount)
        {
            submit(&self.chain, call.clone());
            return Ok(());
        }
        result
    }

    fn handle(&mut self, input: Input) {
        if let Err(error) = self.engine.handle(input) {
            tracing::info!(%error, "an input was refused");
            self.tell(&NodeEvent::PeerRefused(error.to_string()));
            self.warn(error);
        }
    }

    /// Tells a peer that a frame of it cannot be read: it may speak another version, which it can mend.
    fn warn(&mut self, error: engine::Error) {
        let engine::Error::Frame { peer, cause } = error else {
            return;
        };
        let warning = Command::Warn {
            peer,
            channel: ChannelId(B256::ZERO),
            text: cause.to_string(),
        };
        // Sending a warning cannot be refused.
        let _ = self.engine.handle(Input::Command(warning));
    }

    /// Makes the turn's records durable, then does everything else, then answers.
    fn finish_turn(&mut self) {
        loop {
            let mut records: Vec<Record> = Vec::new();
            let mut rest = Vec::new();
            while let Some(effect) = self.engine.poll_effect() {
                match effect {
                    Effect::Persist(record) => records.push(record),
                    Effect::Send { .. }
                    | Effect::Submit(_)
                    | Effect::Watch(_)
                    | Effect::Load { .. }
                    | Effect::Forget { .. }
                    | Effect::Notify(_) => rest.push(effect),
                }
            }
            self.persist(&records);
            for effect in rest {
                self.carry_out(effect);
            }
            if self.turn.loaded.is_empty() {
                break;
            }
            for input in std::mem::take(&mut self.turn.loaded) {
                self.handle(input);
            }
        }
        let halted = self.turn.halted;
        for (answer, result) in self.turn.answers.drain(..) {
            let result = if halted {
                Err(NodeError::Halted)
            } else {
                result.map_err(Into::into)
            };
            let _ = answer.send(result);
        }
        for read in self.turn.reads.drain(..) {
            read(&self.engine);
        }
        let now = self.engine.chain_time();
        if now != Timestamp::default() {
            for asker in self.turn.clocks.drain(..) {
                let _ = asker.send(now);
            }
        }
        self.forget();
    }

    fn persist(&mut self, records: &[Record]) {
        if !self.turn.halted
            && !records.is_empty()
            && let Err(error) = self.store.commit(records)
        {
            tracing::error!(%error, "the store failed; nothing is signed any more");
            self.turn.halted = true;
            self.tell(&NodeEvent::Halted(error.to_string()));
        }
        if self.turn.halted {
            let states = records.iter().filter_map(|record| match record.id {
                RecordId::State(channel, nonce) => Some(((channel, nonce), record.bytes.clone())),
                RecordId::Channel(_) | RecordId::Payment(_) => None,
            });
            self.turn.unsaved.extend(states);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            // What is not durable is neither said nor claimed; the chain is used with what the engine has.
            Effect::Send { .. } | Effect::Notify(_) if self.turn.halted => {}
            // Money must not go into a channel that the disk may not know.
            Effect::Submit(Call::Deposit { .. }) if self.turn.halted => {}
            Effect::Send { peer, frame } => {
                if let Some(end) = self.turn.links.get(&peer) {
                    end.send(frame);
                }
            }
            Effect::Submit(call) => submit(&self.chain, call),
            Effect::Watch(watch) => {
                if self.chain.watch(watch).is_err() {
                    tracing::error!("the connection to the chain has ended");
                }
            }
            Effect::Load { channel, nonce } => {
                let record = self.state(channel, nonce);
                self.turn.loaded.push(Input::Loaded {
                    channel,
                    nonce,
                    record,
                });
            }
            Effect::Forget { channel, below } => {
                self.turn.forgets.insert(channel, below);
            }
            Effect::Notify(event) => self.tell(&NodeEvent::Core(event)),
            Effect::Persist(_) => {}
        }
    }

    /// Deletes old states of one channel, as many as a turn has time for. They do no harm if they stay.
    fn forget(&mut self) {
        let Some((channel, below)) = self.turn.forgets.pop_first() else {
            return;
        };
        match self.store.forget(channel, below) {
            Ok(Left::Some) => {
                self.turn.forgets.insert(channel, below);
            }
            Ok(Left::Nothing) => {}
            Err(error) => tracing::warn!(%error, %channel, "old states stay in the store"),
        }
    }

    fn state(&self, channel: ChannelId, nonce: Nonce) -> Option<Vec<u8>> {
        if let Some(unsaved) = self.turn.unsaved.get(&(channel, nonce)) {
            return Some(unsaved.clone());
        }
        self.store.state(channel, nonce).unwrap_or_else(|error| {
            tracing::error!(%error, %channel, %nonce, "a stored state cannot be read");
            None
        })
    }

    fn tell(&mut self, event: &NodeEvent) {
        self.turn
            .subscribers
            .retain(|subscriber| subscriber.send(event.clone()).is_ok());
    }
}

fn drained(mut told: mpsc::UnboundedReceiver<NodeEvent>) -> Vec<NodeEvent> {
    std::iter::from_fn(|| told.try_recv().ok()).collect()
}

fn submit(chain: &ChainHandle, call: Call) {
    if chain.submit(call).is_err() {
        tracing::error!("the connection to the chain has ended");
    }
}

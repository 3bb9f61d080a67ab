//! The loop of a node: inputs in, one durable write, everything else out.
//!
//! The rule kept: nothing leaves before the records of its turn are durable. When the disk fails the node signs nothing
//! any more, and goes on watching and answering with what it has.

use crate::error::NodeError;
use crate::event::NodeEvent;
use crate::link::End;
use counterfoil_chain::{ChainHandle, ChainNews};
use counterfoil_core::effect::{Effect, Input, Record};
use counterfoil_core::engine::{self, Engine};
use counterfoil_core::types::Address;
use counterfoil_store::Store;
use std::collections::BTreeMap;
use tokio::sync::{mpsc, oneshot};

/// Inputs that share one durable write at most.
const MAX_TURN: usize = 4096;

/// What others ask of the loop.
pub(crate) enum Request {
    /// Something for the engine that nobody waits for.
    Input(Input),
    /// A command; answered once what it leads to is durable.
    Command(
        counterfoil_core::effect::Command,
        oneshot::Sender<Result<(), NodeError>>,
    ),
    /// A look at the engine.
    Read(Box<dyn FnOnce(&Engine) + Send>),
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
    answers: Vec<(
        oneshot::Sender<Result<(), NodeError>>,
        Result<(), engine::Error>,
    )>,
    reads: Vec<Box<dyn FnOnce(&Engine) + Send>>,
    loaded: Vec<Input>,
    halted: bool,
    stopping: bool,
}

impl Runtime {
    pub(crate) async fn run(mut self) {
        // A restored engine has things to say before anything comes in.
        self.finish_turn();
        while !self.turn.stopping {
            tokio::select! {
                request = self.requests.recv() => match request {
                    Some(request) => self.take(request),
                    None => return,
                },
                news = self.news.recv() => match news {
                    Some(news) => self.hear(news),
                    None => return,
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
        }
    }

    fn take(&mut self, request: Request) {
        match request {
            Request::Input(input) if self.turn.halted => {
                tracing::debug!(?input, "refused, since the store has failed");
            }
            Request::Input(input) => self.handle(input),
            Request::Command(_, answer) if self.turn.halted => {
                let _ = answer.send(Err(NodeError::Halted));
            }
            Request::Command(command, answer) => {
                let result = self.engine.handle(Input::Command(command));
                self.turn.answers.push((answer, result));
            }
            Request::Read(read) => self.turn.reads.push(read),
            Request::Subscribe(subscriber) => self.turn.subscribers.push(subscriber),
            Request::Attach { peer, end } => {
                self.turn.links.insert(peer, end);
            }
            Request::Stop => self.turn.stopping = true,
        }
    }

    fn hear(&mut self, news: ChainNews) {
        match news {
            ChainNews::Event(event) => self.handle(Input::Chain(event)),
            ChainNews::Done(done) => self.tell(&NodeEvent::Done(done)),
            ChainNews::Failed(failed) => {
                tracing::warn!(failure = %failed.failure, "a call can have no effect");
                self.tell(&NodeEvent::Failed(failed));
            }
            ChainNews::Endpoint(state) => self.tell(&NodeEvent::Endpoint(state)),
        }
    }

    fn handle(&mut self, input: Input) {
        if let Err(error) = self.engine.handle(input) {
            tracing::info!(%error, "an input was refused");
            self.tell(&NodeEvent::PeerRefused(error.to_string()));
        }
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
    }

    fn persist(&mut self, records: &[Record]) {
        if records.is_empty() || self.turn.halted {
            return;
        }
        if let Err(error) = self.store.commit(records) {
            tracing::error!(%error, "the store failed; nothing is signed any more");
            self.turn.halted = true;
            self.tell(&NodeEvent::Halted(error.to_string()));
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            // What is not durable is neither said nor claimed; the chain is used with what the engine has.
            Effect::Send { .. } | Effect::Notify(_) if self.turn.halted => {}
            Effect::Send { peer, frame } => {
                if let Some(end) = self.turn.links.get(&peer) {
                    end.send(frame);
                }
            }
            Effect::Submit(call) => {
                if self.chain.submit(call).is_err() {
                    tracing::error!("the connection to the chain has ended");
                }
            }
            Effect::Watch(watch) => {
                if self.chain.watch(watch).is_err() {
                    tracing::error!("the connection to the chain has ended");
                }
            }
            Effect::Load { channel, nonce } => {
                let record = self.store.state(channel, nonce).unwrap_or_else(|error| {
                    tracing::error!(%error, %channel, %nonce, "a stored state cannot be read");
                    None
                });
                self.turn.loaded.push(Input::Loaded {
                    channel,
                    nonce,
                    record,
                });
            }
            Effect::Notify(event) => self.tell(&NodeEvent::Core(event)),
            Effect::Persist(_) => {}
        }
    }

    fn tell(&mut self, event: &NodeEvent) {
        self.turn
            .subscribers
            .retain(|subscriber| subscriber.send(event.clone()).is_ok());
    }
}

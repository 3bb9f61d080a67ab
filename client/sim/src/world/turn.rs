//! One input of a node and all that follows from it; the records of a turn are durable before anything leaves.

use super::{Survives, World, pay};
use crate::fault::Fault;
use crate::story;
use counterfoil_core::effect::{Call, Command, Effect, Input, Record, RecordId};
use counterfoil_core::engine::Error;
use counterfoil_core::types::ChannelId;

impl World {
    /// Hands a command over and ends the turn.
    ///
    /// # Errors
    /// [`Error`] of the engine.
    pub fn command(&mut self, node: usize, command: Command) -> Result<(), Error> {
        self.input(node, Input::Command(command))
    }

    /// Hands a command over without ending the turn.
    ///
    /// # Errors
    /// [`Error`] of the engine.
    pub fn queue(&mut self, node: usize, command: Command) -> Result<(), Error> {
        let input = Input::Command(command);
        self.nodes[node].log.push(input.clone());
        self.nodes[node].engine.handle(input)
    }

    /// Pays without a condition.
    pub fn pay(&mut self, node: usize, channel: ChannelId, units: u128) {
        self.command(node, pay(channel, units)).unwrap();
    }

    /// Hands an input over and ends the turn, as far as the plan lets the node live.
    ///
    /// # Errors
    /// [`Error`] of the engine.
    pub fn input(&mut self, node: usize, input: Input) -> Result<(), Error> {
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

    /// Hands an input over, after which the node dies unless everything survives.
    ///
    /// # Errors
    /// [`Error`] of the engine.
    pub fn input_then(
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

    /// Carries out what a node wants done, as far as it survives.
    pub fn end_turn(&mut self, node: usize, survives: Survives) {
        self.nodes[node].turns += 1;
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
                    self.persist(node, record);
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

    fn persist(&mut self, node: usize, record: Record) {
        let is_lost = match record.id {
            RecordId::State(..) => self.fault == Some(Fault::DisksLoseStates),
            RecordId::Payment(_) => self.fault == Some(Fault::DisksLosePayments),
            RecordId::Channel(_) => self.fault == Some(Fault::DisksLoseChannels),
        };
        if !is_lost {
            self.nodes[node].store.insert(record.id, record.bytes);
        }
    }

    fn carry_out(&mut self, node: usize, effect: Effect) -> Option<Input> {
        match effect {
            Effect::Persist(_) => {}
            Effect::Send { peer, frame } => {
                let to = self.index(peer);
                let signer = self.address(node);
                let verdict = self
                    .signatures
                    .check(signer, &frame, &self.nodes[node].store);
                verdict.unwrap_or_else(|broken| std::panic::panic_any(broken));
                let name = self.name(node);
                self.story
                    .add(|| format!("    {name} sends {}", story::frame(&frame)));
                self.nodes[node].sent.push((to, frame.clone()));
                if !self.is_down(node, to) {
                    self.links.entry((node, to)).or_default().push_back(frame);
                }
            }
            Effect::Submit(call) => {
                let name = self.name(node);
                self.story
                    .add(|| format!("    {name} asks the chain for a {}", story::call(&call)));
                let is_secret = matches!(call, Call::Reveal { .. });
                if !is_secret || self.fault != Some(Fault::ChainTakesNoSecrets) {
                    self.chain.submit(call);
                }
            }
            Effect::Watch(watch) => self.chain.watch(node, watch),
            Effect::Load { channel, nonce } => {
                let state = RecordId::State(channel, nonce);
                let record = self.nodes[node].store.get(&state).cloned();
                return Some(Input::Loaded {
                    channel,
                    nonce,
                    record,
                });
            }
            Effect::Forget { channel, below } => {
                let is_kept = |id: &RecordId| match id {
                    RecordId::State(of, nonce) => *of != channel || *nonce >= below,
                    RecordId::Channel(_) | RecordId::Payment(_) => true,
                };
                self.nodes[node].store.retain(|id, _| is_kept(id));
            }
            Effect::Notify(event) => {
                let name = self.name(node);
                self.story
                    .add(|| format!("    {name} hears {}", story::event(&event)));
                self.nodes[node].events.push(event);
            }
        }
        None
    }
}

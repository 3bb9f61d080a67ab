//! Frames of peers, each brought to the channel or offer that it is about.

use super::{Engine, Error};
use crate::channel::{Channel, Context, Fault, Output, Phase};
use crate::effect::Event;
use crate::types::{Address, B256, ChannelId};
use crate::wire::{ErrorMessage, InbandMessage, MAX_INBAND, Message, Pong, RequestCommit, Warning};
use alloy_primitives::keccak256;

impl Engine {
    pub(super) fn on_frame(&mut self, peer: Address, frame: &[u8]) -> Result<(), Error> {
        let message = crate::wire::decode(frame).map_err(|cause| Error::Frame { peer, cause })?;
        let hash = keccak256(frame);
        match message {
            None => {}
            Some(Message::ChannelOpen(open)) => self.on_open(peer, open),
            Some(Message::ChannelAccept(accept)) => self.on_accept(peer, &accept),
            Some(Message::FundingCreated(created)) => self.on_funding_created(peer, &created),
            Some(Message::Error(error)) => self.on_error(peer, error),
            Some(Message::Warning(warning)) => {
                let (channel, text) = (warning.channel, shown(&warning.text));
                self.notify(Event::Warned {
                    peer,
                    channel,
                    text,
                });
            }
            Some(Message::RequestCommit(shown)) => self.on_request_commit(peer, &shown),
            Some(Message::FundingSigned(m)) => {
                self.talk(peer, m.channel, hash, |channel, _, out| {
                    channel.on_funding_signed(&m, out)
                })
            }
            Some(Message::FundingLocked(m)) => {
                self.talk(peer, m.channel, hash, |channel, _, out| {
                    channel.on_funding_locked(&m, out)
                })
            }
            Some(Message::Update(m)) => {
                self.talk(peer, m.channel, hash, |channel, context, out| {
                    channel.on_update(&m, context, out)
                })
            }
            Some(Message::UpdateAck(m)) => {
                self.talk(peer, m.channel, hash, |channel, context, out| {
                    channel.on_ack(&m, context, out)
                })
            }
            Some(Message::WithdrawSigned(m)) => {
                self.talk(peer, m.channel, hash, |channel, context, out| {
                    channel.on_withdraw_signed(&m, context.key, out)
                })
            }
            Some(Message::ChannelReestablish(m)) => self.on_reestablish(peer, &m),
            Some(Message::NewestState(m)) => self.on_newest_state(peer, &m),
            Some(Message::Ping(ping)) => {
                let token = ping.token;
                self.send(peer, &Message::Pong(Pong { token }));
            }
            Some(Message::Pong(pong)) => {
                let token = pong.token;
                self.notify(Event::Pong { peer, token });
            }
            Some(Message::InbandMessage(m)) => self.on_inband(peer, m),
            Some(Message::UpdateError(m)) => {
                self.talk(peer, m.channel, hash, |channel, context, out| {
                    channel.on_update_error(&m, context, out)
                })
            }
            Some(Message::Shutdown(m)) => {
                self.talk(peer, m.channel, hash, |channel, context, out| {
                    channel.on_shutdown(context.key, out)
                })
            }
            Some(Message::ShutdownAck(m)) => {
                self.talk(peer, m.channel, hash, |channel, context, out| {
                    channel.on_shutdown_ack(context.key, out)
                })
            }
            Some(Message::ClosingCreated(m)) => {
                self.talk(peer, m.channel, hash, |channel, context, out| {
                    channel.on_closing_created(&m, context.key, out)
                })
            }
            Some(Message::ClosingSigned(m)) => {
                self.talk(peer, m.channel, hash, |channel, _, out| {
                    channel.on_closing_signed(&m, out)
                })
            }
        }
        Ok(())
    }

    /// Sends again what a peer may have missed while the link was down.
    pub(super) fn on_connected(&mut self, peer: Address) {
        self.repeat_offers(peer);
        for id in self.channels_with(peer) {
            self.with_channel(id, |channel, _, out| channel.replay(out));
            self.repeat_secrets(id);
        }
    }

    pub(super) fn channels_with(&self, peer: Address) -> Vec<ChannelId> {
        let with_peer = self
            .channels
            .values()
            .filter(|channel| channel.peer == peer);
        with_peer.map(|channel| channel.id).collect()
    }

    /// Runs a step of the conversation on a channel. A fault of the peer ends the conversation, and costs nobody money.
    fn talk(
        &mut self,
        peer: Address,
        id: ChannelId,
        frame: B256,
        step: impl FnOnce(&mut Channel, &Context<'_>, &mut Output) -> Result<(), Fault>,
    ) {
        // Who is not the peer learns no more than if there were no such channel.
        let ours = self
            .channels
            .get(&id)
            .filter(|channel| channel.peer == peer);
        let Some(channel) = ours else {
            return self.abort(peer, id.0, "the channel is unknown here");
        };
        let is_over = matches!(
            channel.phase,
            Phase::Stopped | Phase::Disputed | Phase::Closed | Phase::Recovering
        );
        // A peer that has not said what it holds may hold more than we do; it repeats everything once it has.
        if is_over || !channel.met {
            return;
        }
        let result = self.with_frame(id, frame, step);
        if let Some(Err(fault)) = result {
            self.end_conversation(peer, id, &fault);
        }
    }

    pub(super) fn end_conversation(&mut self, peer: Address, id: ChannelId, fault: &Fault) {
        let text = fault.to_string();
        self.send(
            peer,
            &Message::Error(ErrorMessage {
                channel: id,
                text: text.clone(),
            }),
        );
        self.with_channel(id, |channel, _, out| channel.stop(&text, out));
    }

    /// Handles `error`: no further update; whether to close is for the user to say (E7).
    fn on_error(&mut self, peer: Address, error: ErrorMessage) {
        let text = shown(&error.text);
        let ours = self
            .channels
            .get(&error.channel)
            .filter(|channel| channel.peer == peer);
        match ours.map(|channel| channel.phase) {
            // Nothing is signed any more in these, so there is no conversation to end; a close goes on.
            Some(Phase::Closing | Phase::Recovering) => {
                let channel = error.channel;
                self.notify(Event::Warned {
                    peer,
                    channel,
                    text,
                });
            }
            Some(Phase::Stopped | Phase::Disputed | Phase::Closed) => {}
            Some(Phase::Created | Phase::Funding | Phase::Open | Phase::ShuttingDown) => {
                self.with_channel(error.channel, |channel, _, out| channel.stop(&text, out));
            }
            None => self.on_offer_error(peer, error.channel.0, text),
        }
    }

    /// Words of the peer's user, which only the user reads.
    fn on_inband(&mut self, peer: Address, message: InbandMessage) {
        let (channel, bytes) = (message.channel, message.bytes);
        let ours = self.channels.get(&channel);
        if ours.is_none_or(|channel| channel.peer != peer) {
            return self.abort(peer, channel.0, "the channel is unknown here");
        }
        if bytes.len() > MAX_INBAND {
            let text = format!(
                "a message of {} bytes is too long; expected at most {MAX_INBAND}",
                bytes.len()
            );
            self.send(peer, &Message::Warning(Warning { channel, text }));
            return;
        }
        self.notify(Event::Message { channel, bytes });
    }

    /// Handles `request_commit`: the payee's side shows the preimage of a lock that we pay (K24).
    fn on_request_commit(&mut self, peer: Address, shown: &RequestCommit) {
        let Some(channel) = self.channels.get(&shown.channel) else {
            return;
        };
        let lock = channel.signed.content.locks.get(&shown.lock);
        let ours = lock.filter(|lock| channel.peer == peer && lock.payer == channel.local);
        // An unknown lock was settled meanwhile; a wrong preimage changes nothing (GAP-K8).
        if let Some(key) = ours.map(|lock| lock.key) {
            self.learn(key, shown.preimage);
        }
    }
}

/// A peer's words, as short and plain as a log line should be.
fn shown(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(200)
        .collect()
}

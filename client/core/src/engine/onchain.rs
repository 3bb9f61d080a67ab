//! What the chain shows, and what follows for channels and payments.

use super::Engine;
use crate::channel::{Channel, Phase};
use crate::effect::{Call, ChainEvent, Depth, Effect, OnChain, Status, Watch};
use crate::payment::Place;
use crate::types::{Address, B256, ChannelId, Lock, LockId, Timestamp};
use crate::wire::{Expire, Operation};

impl Engine {
    pub(super) fn on_chain(&mut self, event: ChainEvent) {
        match event {
            ChainEvent::Block {
                timestamp,
                finalized,
                ..
            } => self.on_block(timestamp, finalized),
            ChainEvent::Channel {
                channel,
                depth,
                status,
            } => {
                self.on_status(channel, depth, status);
            }
            ChainEvent::Revealed {
                condition,
                key,
                preimage,
                at,
            } => {
                if self.payments.contains_key(&key) && self.policy.conditions.contains(&condition) {
                    self.facts.revealed.insert((condition, key), at);
                    self.learn(key, preimage);
                    self.proceed(key);
                }
            }
            ChainEvent::Expired {
                condition,
                key,
                as_of,
                revealed_at,
            } => {
                self.facts
                    .expired
                    .insert((condition, key), (as_of, revealed_at));
                self.take_back_expired();
                self.proceed(key);
            }
        }
    }

    /// Follows again what a stored node was following, and goes on with what a crash interrupted.
    pub(super) fn resume(&mut self) {
        let mut watches = Vec::new();
        for channel in self
            .channels
            .values()
            .filter(|channel| channel.phase != Phase::Closed)
        {
            let minimum_depth = channel.minimum_depth;
            watches.push(Watch::Channel {
                channel: channel.id,
                minimum_depth,
            });
            watches.extend(
                channel
                    .signed
                    .content
                    .locks
                    .values()
                    .map(|lock| Watch::Key {
                        condition: lock.condition,
                        key: lock.key,
                        expiry: lock.expiry,
                    }),
            );
            self.touched_channels.insert(channel.id);
        }
        self.waiting.extend(watches.into_iter().map(Effect::Watch));
        self.resume_payments();
    }

    fn on_block(&mut self, now: Timestamp, finalized: Timestamp) {
        self.facts.now = now;
        self.facts.finalized = finalized;
        let ids: Vec<ChannelId> = self.channels.keys().copied().collect();
        for id in ids {
            let busy = self.channels.get(&id).is_some_and(|channel| {
                matches!(channel.on_chain.status, Status::Disputed | Status::Settling)
            });
            if busy {
                self.with_channel(id, |channel, context, out| {
                    channel.on_block(context.facts, out)
                });
            }
        }
        self.take_back_expired();
        self.reveal_in_time();
        let pending: Vec<B256> = self.pending_payments();
        for key in pending {
            self.proceed(key);
        }
    }

    fn on_status(&mut self, id: ChannelId, depth: Depth, status: OnChain) {
        self.with_channel(id, |channel, context, out| {
            channel.on_chain_status(depth, status, out);
            if depth == Depth::Latest {
                channel.on_block(context.facts, out);
            }
        });
        self.reveal_in_time();
    }

    /// Proposes to take back every lock of ours that a final block shows can never be claimed.
    fn take_back_expired(&mut self) {
        let facts = &self.facts;
        let expired: Vec<(ChannelId, LockId)> = self
            .channels
            .values()
            .filter(|channel| matches!(channel.phase, Phase::Open | Phase::ShuttingDown))
            .flat_map(|channel| {
                let locks = channel.signed.content.locks.iter();
                locks.map(move |(id, lock)| (channel, *id, lock))
            })
            .filter(|(channel, _, lock)| {
                lock.payer == channel.local
                    && facts.is_expired(lock.condition, lock.key, lock.expiry)
            })
            .map(|(channel, lock, _)| (channel.id, lock))
            .collect();
        for (channel, id) in expired {
            // A refusal here means that it is proposed already, or that a settle is.
            let _ = self.propose(channel, Operation::Expire(Expire { id }));
        }
    }

    /// Puts secrets onto the chain while that still counts: when the reveal margin begins and the payer has not paid, or at
    /// once when the channel is in dispute.
    fn reveal_in_time(&mut self) {
        let due: Vec<(Address, B256, B256, Timestamp)> = self
            .payments
            .iter()
            .filter(|(_, payment)| payment.is_pending())
            .filter_map(|(key, payment)| {
                let preimage = payment.preimage?;
                let lock = self.lock_at(payment.incoming()?)?;
                let channel = self.channels.get(&payment.incoming()?.channel)?;
                self.must_reveal(channel, lock).then_some((
                    lock.condition,
                    *key,
                    preimage,
                    lock.expiry,
                ))
            })
            .collect();
        for (condition, key, preimage, expiry) in due {
            let unrevealed = !self.facts.revealed.contains_key(&(condition, key));
            if unrevealed && self.revealing.insert(key) {
                let call = Call::Reveal {
                    condition,
                    preimage,
                    expiry,
                };
                self.waiting.push(Effect::Submit(call));
            }
        }
    }

    fn must_reveal(&self, channel: &Channel, lock: &Lock) -> bool {
        let now = self.facts.now;
        let margin_begins = lock.expiry.since(now) <= self.policy.reveal_margin;
        let disputed = channel.phase == Phase::Disputed;
        now <= lock.expiry && (margin_begins || disputed)
    }

    /// A lock of the newest co-signed state.
    pub(super) fn lock_at(&self, place: Place) -> Option<&Lock> {
        self.channels
            .get(&place.channel)?
            .signed
            .content
            .locks
            .get(&place.lock)
    }
}

//! What the chain shows, and what follows for channels and payments.

use super::Engine;
use crate::channel::{Channel, Phase};
use crate::effect::{Call, ChainEvent, Depth, Effect, OnChain, Status, Watch};
use crate::payment::{Payment, Place, Progress, Role};
use crate::types::{B256, ChannelId, Lock, LockId, Timestamp};
use crate::wire::{Expire, Operation};
use std::collections::BTreeSet;

/// How many expired keys are remembered before those that nothing depends on any more are dropped.
const FORGET_ABOVE: usize = 4096;

impl Engine {
    pub(super) fn on_chain(&mut self, event: ChainEvent) {
        match event {
            ChainEvent::Block { timestamp, .. } => self.on_block(timestamp),
            ChainEvent::Channel {
                channel,
                depth,
                as_of,
                status,
            } => {
                self.on_status(channel, depth, as_of, status);
            }
            ChainEvent::Revealed {
                condition,
                key,
                preimage,
                at,
            } => {
                let ours = self.payments.contains_key(&key);
                let honest = self.policy.conditions.contains(&condition);
                if ours && honest && crate::channel::unlocks(preimage, key) {
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
                let seen = (as_of, revealed_at);
                self.facts.expired.insert((condition, key), seen);
                self.take_back_expired();
                self.proceed(key);
            }
        }
    }

    /// Follows again what a stored node was following, and goes on with what a crash interrupted.
    pub(super) fn resume(&mut self) {
        let mut watches = Vec::new();
        for channel in self.channels.values() {
            let open = !channel.buried;
            if open {
                watches.push(Watch::Channel {
                    channel: channel.id,
                    minimum_depth: channel.minimum_depth,
                });
                self.touched_channels.insert(channel.id);
            }
            // A payment may outlive its channel: the registry still has to say how it ended.
            let awaited = |lock: &Lock| {
                let payment = self.payments.get(&lock.key);
                payment.is_some_and(Payment::is_pending)
            };
            let locks = channel.all_locks().map(|(_, lock)| lock);
            let locks = locks.filter(|lock| open || awaited(lock));
            watches.extend(locks.map(|lock| Watch::Key {
                condition: lock.condition,
                key: lock.key,
                expiry: lock.expiry,
            }));
        }
        self.waiting.extend(watches.into_iter().map(Effect::Watch));
        let ids: Vec<ChannelId> = self.channels.keys().copied().collect();
        for id in ids {
            self.with_channel(id, |channel, context, out| channel.resume(context.key, out));
        }
        self.resume_payments();
    }

    fn on_block(&mut self, now: Timestamp) {
        let first = self.facts.now == Timestamp::default();
        self.facts.now = now;
        self.forget_expired();
        self.forget_failed();
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
        if first {
            // A link may have been there before the chain: secrets were held back until the time was known.
            let ids: Vec<ChannelId> = self.channels.keys().copied().collect();
            for id in ids {
                self.repeat_secrets(id);
            }
        }
        self.take_back_expired();
        self.give_back_unclaimed();
        self.reveal_in_time();
        let pending: Vec<B256> = self.pending_payments();
        for key in pending {
            self.proceed(key);
        }
    }

    fn on_status(&mut self, id: ChannelId, depth: Depth, as_of: Timestamp, status: OnChain) {
        self.with_channel(id, |channel, context, out| {
            channel.on_chain_status(depth, as_of, status, out);
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
                    && !self.owes(lock.key)
            })
            .map(|(channel, lock, _)| (channel.id, lock))
            .collect();
        for (channel, id) in expired {
            // A refusal here means that it is proposed already, or that a settle is.
            let _ = self.propose(channel, Operation::Expire(Expire { id }));
        }
    }

    /// Whether a lock of ours is to be settled, though nobody can force it: we have the receipt, or were paid upstream.
    fn owes(&self, key: B256) -> bool {
        self.payments
            .get(&key)
            .is_some_and(|payment| match &payment.role {
                Role::Payer { .. } => payment.preimage.is_some() && payment.is_pending(),
                Role::Mediator { .. } => payment.progress == Progress::Claimed,
                Role::Payee { .. } => false,
            })
    }

    /// Drops what was learned of keys that no lock and no pending payment has, once that is much.
    fn forget_expired(&mut self) {
        let locks = self
            .channels
            .values()
            .flat_map(|channel| channel.all_locks().map(|(_, lock)| lock.key));
        let pending = self.payments.iter().filter(|(_, one)| one.is_pending());
        if self.facts.expired.len() < FORGET_ABOVE {
            return;
        }
        let live: BTreeSet<B256> = locks.chain(pending.map(|(key, _)| *key)).collect();
        self.facts.expired.retain(|(_, key), _| live.contains(key));
    }

    /// Drops payments that others sent through this node in vain, or a peer could fill its memory for nothing. Their records
    /// are durable first.
    fn forget_failed(&mut self) {
        let unsaved = &self.touched_payments;
        self.payments
            .retain(|key, payment| !payment.is_vain() || unsaved.contains(key));
    }

    /// Puts secrets onto the chain while that still counts: when the reveal margin begins and the payer has not paid, or at
    /// once when the channel is in dispute.
    fn reveal_in_time(&mut self) {
        for key in self.pending_payments() {
            self.reveal_if_due(key);
        }
    }

    /// Puts one secret onto the chain if its time has come. A reveal that was seen may be reorged away, so it is asked for
    /// all the same: the call is done where the chain shows it.
    pub(super) fn reveal_if_due(&mut self, key: B256) {
        let Some((lock, preimage)) = self.due_reveal(key) else {
            return;
        };
        let (condition, expiry) = (lock.condition, lock.expiry);
        if self.revealing.insert(key) {
            self.waiting.push(Effect::Submit(Call::Reveal {
                condition,
                preimage,
                expiry,
            }));
        }
    }

    fn due_reveal(&self, key: B256) -> Option<(&Lock, B256)> {
        let payment = self
            .payments
            .get(&key)
            .filter(|payment| payment.is_pending())?;
        let place = payment.incoming()?;
        let lock = self.lock_at(place)?;
        let channel = self.channels.get(&place.channel)?;
        self.must_reveal(channel, lock)
            .then_some((lock, payment.preimage?))
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

//! How payments end that the chain decides, and how interrupted ones go on.
//!
//! What was locked downstream comes back upstream only when a final block past the expiry shows no reveal.

use super::Engine;
use crate::channel::{Channel, Phase};
use crate::effect::Event;
use crate::payment::{Payment, Place, Progress, Role};
use crate::types::{B256, ChannelId, Lock, LockId};
use crate::wire::Reason;

impl Engine {
    /// Goes on with payments that a restart interrupted before their lock was proposed: a forward is queued again, a
    /// payment of our own has failed. Locks that nobody waits for are given back.
    pub(super) fn resume_payments(&mut self) {
        for key in self.pending_payments() {
            let Some(payment) = self.payments.get(&key) else {
                continue;
            };
            let Some(outgoing) = payment.outgoing() else {
                continue;
            };
            let is_begun = payment.progress != Progress::Pending;
            if is_begun || self.is_locked(outgoing, key) || self.may_be_lost(outgoing) {
                continue;
            }
            match payment.role.clone() {
                Role::Mediator { new, .. } => self.pass_on(outgoing, new),
                Role::Payer { .. } if payment.preimage.is_none() => {
                    self.on_returned(outgoing, key, Reason::NoRoute);
                }
                Role::Payer { .. } | Role::Payee { .. } => {}
            }
        }
        self.give_back_unclaimed();
    }

    /// Whether newer states of the channel than ours may exist, in which a payment may have gone on.
    fn may_be_lost(&self, id: ChannelId) -> bool {
        self.channels.get(&id).is_some_and(|channel| {
            let is_decided = matches!(channel.phase, Phase::Disputed | Phase::Closed);
            channel.has_lost || !channel.met && !is_decided
        })
    }

    /// Proposes again to give back what a crash or a refusal has kept here.
    pub(super) fn give_back_unclaimed(&mut self) {
        for place in self.unclaimed_locks() {
            self.give_back(place, Reason::Other);
        }
    }

    /// Ends a payment that can never be paid any more: a final block past its expiry shows no reveal (K30).
    pub(super) fn give_back_expired(&mut self, key: B256) {
        let Some(payment) = self.payments.get(&key) else {
            return;
        };
        if payment.progress != Progress::Pending || !self.is_over(payment, key) {
            return;
        }
        match payment.outgoing() {
            Some(outgoing) => self.on_returned(outgoing, key, Reason::ExpiryTooNear),
            None => self.on_lapsed(key),
        }
    }

    /// Ends a payment whose last channel the chain has closed: the registry has said who got the lock.
    pub(super) fn conclude(&mut self, key: B256) {
        let Some(payment) = self
            .payments
            .get(&key)
            .filter(|payment| payment.is_pending())
        else {
            return;
        };
        let incoming = payment.incoming().map(|place| place.channel);
        let last = match payment.progress {
            Progress::PaidOn => incoming,
            Progress::Pending | Progress::Claimed | Progress::Settled | Progress::Failed(_) => {
                payment.outgoing().or(incoming)
            }
        };
        let closed = last
            .and_then(|id| self.channels.get(&id))
            .filter(|channel| channel.buried);
        let (Some(channel), Some(preimage)) = (closed, payment.preimage) else {
            return;
        };
        let id = channel.id;
        let mut locks = channel.content_on_chain().locks.values();
        let is_paid = match locks.find(|lock| lock.key == key) {
            // Until a final block has decided it, the lock may still go either way.
            Some(lock) if !self.is_reveal_final(lock) => return,
            Some(_) => true,
            // It may have gone in a state that was lost: who knows the secret has the receipt, and nobody says that it failed.
            None if channel.has_lost => return,
            // A lock that is gone was settled, or given back, or never was in a state that counts.
            None => channel.settles_on_chain(key),
        };
        if payment.progress == Progress::Pending && !is_paid {
            match payment.outgoing() {
                Some(_) => self.on_returned(id, key, Reason::Other),
                None => self.on_lapsed(key),
            }
            return;
        }
        let event = match &payment.role {
            Role::Payer { amount, .. } => Event::PaymentSent {
                key,
                amount: *amount,
                preimage,
            },
            Role::Payee { amount, .. } => Event::PaymentReceived {
                key,
                amount: *amount,
            },
            Role::Mediator { incoming, .. }
                if payment.progress != Progress::Claimed && !self.is_closed(incoming.channel) =>
            {
                return;
            }
            Role::Mediator { fee, .. } => Event::PaymentForwarded { key, fee: *fee },
        };
        if let Some(payment) = self.payments.get_mut(&key) {
            payment.progress = Progress::Settled;
        }
        self.touched_payments.insert(key);
        self.notify(event);
    }

    /// A payment to us did not come: its lock went back to the payer.
    pub(super) fn on_lapsed(&mut self, key: B256) {
        let reason = Reason::ExpiryTooNear;
        if let Some(payment) = self.payments.get_mut(&key) {
            payment.progress = Progress::Failed(reason);
            self.touched_payments.insert(key);
            self.notify(Event::PaymentFailed { key, reason });
        }
    }

    /// Our lock under `key` in a channel's newest co-signed state.
    pub(super) fn lock_under(&self, id: ChannelId, key: B256) -> Option<(LockId, Lock)> {
        let channel = self.channels.get(&id)?;
        let mut locks = channel.signed.content.locks.iter();
        let found = locks.find(|(_, lock)| lock.payer == channel.local && lock.key == key)?;
        Some((*found.0, found.1.clone()))
    }

    /// Whether the preimage was registered in time, in a block that can no longer be undone. A reveal that was only seen
    /// may be reorged away.
    pub(super) fn is_reveal_final(&self, lock: &Lock) -> bool {
        self.facts
            .is_claimable(lock.condition, lock.key, lock.expiry)
    }

    /// Whether a lock of ours under `key` is pending, proposed or queued.
    fn is_locked(&self, id: ChannelId, key: B256) -> bool {
        self.lock_under(id, key).is_some()
            || self
                .channels
                .get(&id)
                .is_some_and(|channel| channel.will_lock(key))
    }

    fn is_closed(&self, id: ChannelId) -> bool {
        let channel = self.channels.get(&id);
        channel.is_some_and(|channel| channel.buried)
    }

    /// Whether no lock of the payment can be claimed any more, and none of ours was settled.
    fn is_over(&self, payment: &Payment, key: B256) -> bool {
        let expired = |lock: &Lock| self.facts.is_expired(lock.condition, lock.key, lock.expiry);
        match &payment.role {
            Role::Mediator { new, .. } => self.facts.is_expired(new.condition, key, new.expiry),
            Role::Payer { channel, .. } => self
                .channels
                .get(channel)
                .is_some_and(|channel| is_payers_again(channel, payment, key, expired)),
            Role::Payee { place, .. } => place
                .and_then(|place| self.lock_at(place))
                .is_some_and(expired),
        }
    }

    /// Locks for us that belong to no payment that may still be paid: their cancel was lost with the queue.
    fn unclaimed_locks(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for channel in self.channels.values() {
            let locks = channel.signed.content.locks.iter();
            for (id, lock) in locks.filter(|(_, lock)| lock.payer != channel.local) {
                let place = Place {
                    channel: channel.id,
                    lock: *id,
                };
                // A payment that has not failed still claims its lock, also when it was paid on already. Who knows the secret of an
                // expired lock may still be paid by a payer that owes it.
                let claims = self.payments.get(&lock.key).is_some_and(|payment| {
                    let failed = matches!(payment.progress, Progress::Failed(_));
                    let waits = !failed || payment.preimage.is_some();
                    waits && payment.incoming() == Some(place)
                });
                if !claims {
                    places.push(place);
                }
            }
        }
        places
    }
}

/// Whether a payer's lock has expired, unless a settle of ours may still count.
fn is_payers_again(
    channel: &Channel,
    payment: &Payment,
    key: B256,
    expired: impl Fn(&Lock) -> bool,
) -> bool {
    let ours = |lock: &&Lock| lock.payer == channel.local && lock.key == key;
    if payment.preimage.is_none() {
        return channel
            .all_locks()
            .map(|(_, lock)| lock)
            .find(ours)
            .is_some_and(expired);
    }
    let mut paid_out = channel.content_on_chain().locks.values();
    channel.phase == Phase::Closed && paid_out.find(ours).is_some_and(expired)
}

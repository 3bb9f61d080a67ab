//! Payments under a hash, carried from channel to channel.
//!
//! A mediator passes on only what is final, pays downstream only after it is paid upstream or the reveal can no longer be
//! undone, and gives back upstream only when the downstream lock can never be claimed.

use super::Engine;
use crate::channel::{Final, Phase};
use crate::effect::{Event, Watch};
use crate::payment::{Contents, Hop, Payload, Payment, Place, Progress, Role, mediates};
use crate::types::{B256, ChannelId, Lock, LockId};
use crate::wire::{Cancel, Message, NewLock, Operation, Reason, RequestCommit, Settle};
use alloy_rlp::Decodable;

impl Engine {
    /// An operation has become part of a co-signed state.
    pub(super) fn on_final(&mut self, id: ChannelId, change: Final) {
        let Some(channel) = self.channels.get(&id) else {
            return;
        };
        let ours = change.proposer == channel.local;
        match (change.operation, change.removed) {
            (Operation::Pay(pay), _) => {
                let (channel, amount, tag) = (id, pay.amount, pay.tag);
                self.notify(if ours {
                    Event::Paid {
                        channel,
                        amount,
                        tag,
                    }
                } else {
                    Event::Received {
                        channel,
                        amount,
                        tag,
                    }
                });
            }
            (Operation::Lock(new), _) if ours => {
                let (condition, key, expiry) = (new.condition, new.key, new.expiry);
                self.watch(Watch::Key {
                    condition,
                    key,
                    expiry,
                });
            }
            (Operation::Lock(new), _) => self.on_lock(id, &new),
            (Operation::Settle(settle), Some(lock)) => {
                self.on_settled(id, &lock, settle.id, settle.preimage, ours);
            }
            (Operation::Cancel(cancel), Some(lock)) if !ours => {
                self.on_returned(id, lock.key, cancel.reason);
            }
            (Operation::Expire(_), Some(lock)) if ours => {
                self.on_returned(id, lock.key, Reason::ExpiryTooNear);
            }
            (
                Operation::Settle(_) | Operation::Cancel(_) | Operation::Expire(_),
                Some(_) | None,
            ) => {}
        }
    }

    /// An operation of ours did not happen, and cannot any more.
    pub(super) fn on_dropped(&mut self, channel: ChannelId, operation: Operation, reason: Reason) {
        match operation {
            Operation::Pay(pay) => {
                let (amount, tag) = (pay.amount, pay.tag);
                self.notify(Event::NotPaid {
                    channel,
                    amount,
                    tag,
                    reason,
                });
            }
            Operation::Lock(new) => self.on_returned(channel, new.key, reason),
            // A settle or an expire is proposed again while its lock is there; a cancel gave way to a settle.
            Operation::Settle(_) | Operation::Cancel(_) | Operation::Expire(_) => {}
        }
    }

    /// A preimage became known, from a peer or the chain. A wrong one changes nothing.
    pub(super) fn learn(&mut self, key: B256, preimage: B256) {
        let Some(payment) = self.payments.get_mut(&key) else {
            return;
        };
        if !crate::channel::unlocks(preimage, key) {
            return;
        }
        if payment.preimage.is_none() {
            payment.preimage = Some(preimage);
            self.touched_payments.insert(key);
        }
        if let Some(place) = payment.incoming() {
            self.show(place, preimage);
        }
        self.proceed(key);
    }

    /// Goes on with a payment as far as that is safe.
    pub(super) fn proceed(&mut self, key: B256) {
        self.give_back_expired(key);
        self.conclude(key);
        let Some(payment) = self
            .payments
            .get(&key)
            .filter(|payment| payment.is_pending())
        else {
            return;
        };
        let (Some(preimage), Some(outgoing)) = (payment.preimage, payment.outgoing()) else {
            return;
        };
        let Some((id, lock)) = self.lock_under(outgoing, key) else {
            return;
        };
        let is_safe = payment.incoming().is_none()
            || payment.progress == Progress::Claimed
            || self.is_reveal_final(&lock);
        if is_safe {
            // A refusal means that it is proposed already, or that the channel is in dispute and the chain pays.
            let _ = self.propose(outgoing, Operation::Settle(Settle { id, preimage }));
        }
    }

    /// Shows again the secrets whose locks are still unpaid.
    pub(super) fn repeat_secrets(&mut self, id: ChannelId) {
        let unpaid: Vec<(Place, B256)> = self
            .payments
            .values()
            .filter(|payment| payment.is_pending())
            .filter_map(|payment| Some((payment.incoming()?, payment.preimage?)))
            .filter(|(place, _)| place.channel == id)
            .collect();
        for (place, preimage) in unpaid {
            self.show(place, preimage);
        }
    }

    pub(super) fn pending_payments(&self) -> Vec<B256> {
        let pending = self
            .payments
            .iter()
            .filter(|(_, payment)| payment.is_pending());
        pending.map(|(key, _)| *key).collect()
    }

    /// Goes on with payments that a restart interrupted before their lock was proposed: a forward is queued again, a
    /// payment of our own has failed.
    pub(super) fn resume_payments(&mut self) {
        for key in self.pending_payments() {
            let Some(payment) = self.payments.get(&key) else {
                continue;
            };
            let Some(outgoing) = payment.outgoing() else {
                continue;
            };
            let claimed = payment.progress == Progress::Claimed;
            if claimed
                || self.is_proposed(outgoing, key)
                || self.lock_under(outgoing, key).is_some()
            {
                continue;
            }
            match payment.role.clone() {
                Role::Mediator { new, .. } => self.pass_on(outgoing, new),
                Role::Payer { .. } => self.on_returned(outgoing, key, Reason::NoRoute),
                Role::Payee { .. } => {}
            }
        }
    }

    /// A lock for us has become final: it is ours, or to be passed on, or to be given back.
    fn on_lock(&mut self, id: ChannelId, new: &NewLock) {
        let place = Place {
            channel: id,
            lock: new.id,
        };
        let (condition, key, expiry) = (new.condition, new.key, new.expiry);
        self.watch(Watch::Key {
            condition,
            key,
            expiry,
        });
        let payload = Payload::decode(&mut new.payload.as_ref()).ok();
        let outcome = match payload {
            None => Err(Reason::UnknownPayment),
            Some(payload) => match payload.next.first() {
                None => self.receive(place, new, &payload),
                Some(hop) => self.forward(place, new, hop, &payload),
            },
        };
        if let Err(reason) = outcome {
            self.give_back(place, reason);
        }
    }

    /// Takes a payment whose payee is this node, if everything is there that the payer promised.
    fn receive(&mut self, place: Place, new: &NewLock, payload: &Payload) -> Result<(), Reason> {
        let unknown = Reason::UnknownPayment;
        let contents = self.sealing.open(&payload.sealed).map_err(|_| unknown)?;
        let Contents {
            total,
            key,
            expiry,
            payment_secret,
            preimage,
        } = contents;
        if key != new.key || expiry != new.expiry || new.amount < total {
            return Err(unknown);
        }
        if new.expiry.since(self.facts.now) < self.policy.reveal_margin {
            return Err(Reason::ExpiryTooNear);
        }
        let preimage = match (self.payments.get(&key), preimage.first()) {
            (None, Some(preimage)) if crate::channel::unlocks(*preimage, key) => *preimage,
            (Some(payment), _) => match (&payment.role, payment.preimage) {
                (
                    Role::Payee {
                        amount,
                        payment_secret: expected,
                        expiry: until,
                        place: None,
                    },
                    Some(preimage),
                ) if *expected == payment_secret
                    && new.amount >= *amount
                    && self.facts.now <= *until =>
                {
                    preimage
                }
                (Role::Payee { .. }, _) => return Err(unknown),
                (Role::Payer { .. } | Role::Mediator { .. }, _) => return Err(Reason::KeyInUse),
            },
            (None, _) => return Err(unknown),
        };
        let role = Role::Payee {
            amount: new.amount,
            payment_secret,
            expiry: new.expiry,
            place: Some(place),
        };
        self.remember(key, Payment::new(role, Some(preimage)));
        self.notify(Event::PaymentArriving {
            key,
            amount: new.amount,
        });
        self.show(place, preimage);
        Ok(())
    }

    /// Passes a payment on. Incoming lock, record and outgoing proposal become durable in one write.
    fn forward(
        &mut self,
        place: Place,
        new: &NewLock,
        hop: &Hop,
        payload: &Payload,
    ) -> Result<(), Reason> {
        if self.is_in_use(new.key) {
            return Err(Reason::KeyInUse);
        }
        mediates(
            &self.policy,
            new.amount,
            hop.amount,
            new.expiry,
            self.facts.now,
        )?;
        let token = self
            .channels
            .get(&place.channel)
            .map(|channel| channel.terms.token);
        let outgoing = self
            .channels
            .values()
            .filter(|channel| channel.peer == hop.peer && channel.phase == Phase::Open)
            .filter(|channel| Some(channel.terms.token) == token && channel.id != place.channel)
            .find(|channel| channel.spendable() >= hop.amount)
            .map(|channel| channel.id)
            .ok_or(Reason::NoRoute)?;
        let onward = Payload {
            next: Vec::new(),
            sealed: payload.sealed.clone(),
        };
        let onward = alloy_rlp::encode(onward).into();
        let lock = self
            .new_lock(outgoing, new.key, hop.amount, new.expiry, onward)
            .map_err(|_| Reason::NoRoute)?;
        // Same registry and same expiry on both sides: one reveal decides both locks.
        if lock.condition != new.condition {
            return Err(Reason::ConditionNotAllowed);
        }
        let fee = new.amount.saturating_sub(hop.amount);
        let role = Role::Mediator {
            incoming: place,
            outgoing,
            new: lock.clone(),
            fee,
        };
        self.remember(new.key, Payment::new(role, None));
        self.pass_on(outgoing, lock);
        Ok(())
    }

    fn pass_on(&mut self, outgoing: ChannelId, mut lock: NewLock) {
        if let Some(channel) = self.channels.get(&outgoing) {
            lock.id = channel.next_lock_id();
        }
        let key = lock.key;
        if self.propose(outgoing, Operation::Lock(lock)).is_err() {
            self.on_returned(outgoing, key, Reason::NoRoute);
        }
    }

    fn on_settled(
        &mut self,
        id: ChannelId,
        lock: &Lock,
        lock_id: LockId,
        preimage: B256,
        ours: bool,
    ) {
        let key = lock.key;
        let Some(payment) = self.payments.get_mut(&key) else {
            return;
        };
        let here = Place {
            channel: id,
            lock: lock_id,
        };
        match (&payment.role, ours) {
            (Role::Payer { channel, .. }, true) if *channel == id => {
                payment.progress = Progress::Settled;
                self.notify(Event::PaymentSent {
                    key,
                    amount: lock.amount,
                    preimage,
                });
            }
            (Role::Payee { place, .. }, false) if *place == Some(here) => {
                payment.progress = Progress::Settled;
                self.notify(Event::PaymentReceived {
                    key,
                    amount: lock.amount,
                });
            }
            (Role::Mediator { incoming, .. }, false) if *incoming == here => {
                payment.preimage = Some(preimage);
                payment.progress = Progress::Claimed;
                self.proceed(key);
            }
            (Role::Mediator { outgoing, fee, .. }, true) if *outgoing == id => {
                let fee = *fee;
                payment.progress = Progress::Settled;
                self.notify(Event::PaymentForwarded { key, fee });
            }
            (Role::Payer { .. } | Role::Payee { .. } | Role::Mediator { .. }, _) => return,
        }
        self.touched_payments.insert(key);
    }

    /// What we had locked, or wanted to lock, under a key is ours again, for good.
    fn on_returned(&mut self, id: ChannelId, key: B256, reason: Reason) {
        let Some(payment) = self.payments.get_mut(&key) else {
            return;
        };
        if payment.outgoing() != Some(id) || !payment.is_pending() {
            return;
        }
        let incoming = payment.incoming();
        payment.progress = Progress::Failed(reason);
        self.touched_payments.insert(key);
        match incoming {
            None => self.notify(Event::PaymentFailed { key, reason }),
            Some(place) => self.give_back(place, reason),
        }
    }

    /// A lock of ours that a dispute has put onto the chain, and that nobody can claim any more, frees the incoming one.
    fn give_back_expired(&mut self, key: B256) {
        let Some(outgoing) = self.payments.get(&key).and_then(Payment::outgoing) else {
            return;
        };
        let Some((_, lock)) = self.lock_under(outgoing, key) else {
            return;
        };
        let disputed = self
            .channels
            .get(&outgoing)
            .is_some_and(|channel| matches!(channel.phase, Phase::Disputed | Phase::Closed));
        if disputed && self.facts.is_expired(lock.condition, lock.key, lock.expiry) {
            self.on_returned(outgoing, key, Reason::ExpiryTooNear);
        }
    }

    /// Ends a payment whose last channel the chain has closed: the registry has said who got the lock.
    fn conclude(&mut self, key: B256) {
        let Some(payment) = self
            .payments
            .get(&key)
            .filter(|payment| payment.is_pending())
        else {
            return;
        };
        let (place, outgoing) = (payment.incoming(), payment.outgoing());
        let last = outgoing.or(place.map(|place| place.channel));
        let closed = last
            .and_then(|id| self.channels.get(&id))
            .filter(|channel| channel.phase == Phase::Closed);
        let Some(channel) = closed else { return };
        let mut locks = channel.signed.content.locks.values();
        let Some(lock) = locks.find(|lock| lock.key == key).cloned() else {
            return;
        };
        let (Some(preimage), true) = (payment.preimage, self.is_reveal_final(&lock)) else {
            return;
        };
        let event = match &payment.role {
            Role::Payer { .. } => Event::PaymentSent {
                key,
                amount: lock.amount,
                preimage,
            },
            Role::Payee { .. } => Event::PaymentReceived {
                key,
                amount: lock.amount,
            },
            Role::Mediator { .. } if payment.progress != Progress::Claimed => return,
            Role::Mediator { fee, .. } => Event::PaymentForwarded { key, fee: *fee },
        };
        if let Some(payment) = self.payments.get_mut(&key) {
            payment.progress = Progress::Settled;
        }
        self.touched_payments.insert(key);
        self.notify(event);
    }

    /// Gives an incoming lock back to its payer.
    fn give_back(&mut self, place: Place, reason: Reason) {
        // A refusal means that the channel is in dispute, where an unclaimed lock returns by itself.
        let cancel = Cancel {
            id: place.lock,
            reason,
        };
        let _ = self.propose(place.channel, Operation::Cancel(cancel));
    }

    /// Shows a preimage to the payer of an incoming lock.
    fn show(&mut self, place: Place, preimage: B256) {
        let Some(channel) = self.channels.get(&place.channel) else {
            return;
        };
        if channel.signed.content.locks.contains_key(&place.lock) {
            let peer = channel.peer;
            let shown = RequestCommit {
                channel: place.channel,
                lock: place.lock,
                preimage,
            };
            self.send(peer, &Message::RequestCommit(shown));
        }
    }

    /// Our lock under `key` in a channel's newest co-signed state.
    fn lock_under(&self, id: ChannelId, key: B256) -> Option<(LockId, Lock)> {
        let channel = self.channels.get(&id)?;
        let mut locks = channel.signed.content.locks.iter();
        let found = locks.find(|(_, lock)| lock.payer == channel.local && lock.key == key)?;
        Some((*found.0, found.1.clone()))
    }

    fn is_proposed(&self, id: ChannelId, key: B256) -> bool {
        self.channels
            .get(&id)
            .is_some_and(|channel| channel.will_lock(key))
    }

    /// Whether the preimage was registered in time, in a block that can no longer be undone.
    fn is_reveal_final(&self, lock: &Lock) -> bool {
        let revealed = self.facts.revealed.get(&(lock.condition, lock.key));
        revealed.is_some_and(|at| *at <= lock.expiry && *at <= self.facts.finalized)
    }
}

//! Locks of others: a payment to this node, or one to be passed on.

use super::Engine;
use crate::channel::Phase;
use crate::effect::{Event, Watch};
use crate::payment::{Contents, Hop, Payload, Payment, Place, Role, mediates};
use crate::types::{ChannelId, Timestamp};
use crate::wire::{NewLock, Operation, Reason};
use alloy_rlp::Decodable;

impl Engine {
    /// A lock for us has become final: it is ours, or to be passed on, or to be given back.
    pub(super) fn on_lock(&mut self, id: ChannelId, new: &NewLock) {
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
            // Until the chain has told the time, nobody knows what can still be revealed in it.
            _ if self.facts.now == Timestamp::default() => Err(Reason::ExpiryTooNear),
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

    pub(super) fn pass_on(&mut self, outgoing: ChannelId, mut lock: NewLock) {
        if let Some(channel) = self.channels.get(&outgoing) {
            lock.id = channel.next_lock_id();
        }
        let key = lock.key;
        if self.propose(outgoing, Operation::Lock(lock)).is_err() {
            self.on_returned(outgoing, key, Reason::NoRoute);
        }
    }
}

//! Payments under a hash, carried from channel to channel.
//!
//! A mediator passes on only what is final, pays downstream only after it is paid upstream or the reveal can no longer be
//! undone, and gives back upstream only when the downstream lock can never be claimed.

use super::Engine;
use crate::channel::Final;
use crate::effect::{Event, Watch};
use crate::payment::{Place, Progress, Role};
use crate::types::{B256, ChannelId, Lock, LockId, Timestamp};
use crate::wire::{Cancel, Message, Operation, Reason, RequestCommit, Settle};

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
            (Operation::Expire(expire), Some(lock)) => {
                let place = Place {
                    channel: id,
                    lock: expire.id,
                };
                self.on_taken_back(place, lock.key);
            }
            (
                Operation::Settle(_)
                | Operation::Cancel(_)
                | Operation::Expire(_)
                | Operation::Withdraw(_)
                | Operation::Unsupported(_),
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
            Operation::Withdraw(withdraw) => {
                let amount = withdraw.amount;
                self.notify(Event::NotWithdrawn {
                    channel,
                    amount,
                    reason,
                });
            }
            // A settle or an expire is proposed again while its lock is there; a cancel gave way to a settle.
            Operation::Settle(_)
            | Operation::Cancel(_)
            | Operation::Expire(_)
            | Operation::Unsupported(_) => {}
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
        self.reveal_if_due(key);
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
            .filter(|(place, _)| place.channel == id && self.may_show(*place))
            .collect();
        for (place, preimage) in unpaid {
            self.show(place, preimage);
        }
    }

    /// A secret that the chain does not show by the expiry is worth nothing to us any more, and the receipt to the payer.
    fn may_show(&self, place: Place) -> bool {
        let now = self.facts.now;
        self.lock_at(place).is_some_and(|lock| {
            let revealed = self.facts.revealed.get(&(lock.condition, lock.key));
            let in_time = revealed.is_some_and(|at| *at <= lock.expiry);
            let may_be_revealed = lock.expiry.since(now) >= self.policy.reveal_margin;
            now != Timestamp::default() && (may_be_revealed || in_time)
        })
    }

    pub(super) fn pending_payments(&self) -> Vec<B256> {
        let pending = self
            .payments
            .iter()
            .filter(|(_, payment)| payment.is_pending());
        pending.map(|(key, _)| *key).collect()
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
            (Role::Mediator { incoming, .. }, false)
                if *incoming == here && payment.progress == Progress::Pending =>
            {
                payment.preimage = Some(preimage);
                payment.progress = Progress::Claimed;
                self.proceed(key);
            }
            (Role::Mediator { outgoing, .. }, true)
                if *outgoing == id && payment.progress == Progress::Pending =>
            {
                payment.progress = Progress::PaidOn;
                self.proceed(key);
            }
            (
                Role::Mediator {
                    incoming,
                    outgoing,
                    fee,
                    ..
                },
                ours,
            ) if payment.is_pending() && (*incoming == here || ours && *outgoing == id) => {
                let fee = *fee;
                payment.progress = Progress::Settled;
                self.notify(Event::PaymentForwarded { key, fee });
            }
            (Role::Payer { .. } | Role::Payee { .. } | Role::Mediator { .. }, _) => return,
        }
        self.touched_payments.insert(key);
    }

    /// What we had locked, or wanted to lock, under a key is ours again, for good.
    pub(super) fn on_returned(&mut self, id: ChannelId, key: B256, reason: Reason) {
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
            // Who knows the secret may have paid on in states that were lost; the lock ends by itself.
            Some(_) if payment.preimage.is_some() => {}
            Some(place) => self.give_back(place, reason),
        }
    }

    /// A lock for us went back to its payer: a payment to us did not come.
    fn on_taken_back(&mut self, place: Place, key: B256) {
        let is_payee = self.payments.get(&key).is_some_and(|payment| {
            let payee = matches!(payment.role, Role::Payee { .. });
            payee && payment.incoming() == Some(place) && payment.is_pending()
        });
        if is_payee {
            self.on_lapsed(key);
        }
    }

    /// Gives an incoming lock back to its payer.
    pub(super) fn give_back(&mut self, place: Place, reason: Reason) {
        // A refusal means that the channel is in dispute, where an unclaimed lock returns by itself.
        let cancel = Cancel {
            id: place.lock,
            reason,
        };
        let _ = self.propose(place.channel, Operation::Cancel(cancel));
    }

    /// Shows a preimage to the payer of an incoming lock.
    pub(super) fn show(&mut self, place: Place, preimage: B256) {
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
}

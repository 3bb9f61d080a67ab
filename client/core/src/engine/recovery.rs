//! What a node does that may have lost data: it learns from its peers what it can, and signs nothing.

use super::Engine;
use crate::channel::Phase;
use crate::effect::{Event, Watch};
use crate::payment::{Place, Role};
use crate::types::{Address, Amount, B256, ChannelId, LockId};
use crate::wire::{ChannelReestablish, NewestState};

impl Engine {
    /// No channel signs a state any more.
    pub(super) fn distrust(&mut self) {
        let ids: Vec<ChannelId> = self.channels.keys().copied().collect();
        for id in ids {
            self.with_channel(id, |channel, _, out| channel.lose(out));
        }
    }

    pub(super) fn on_reestablish(&mut self, peer: Address, held: &ChannelReestablish) {
        let id = held.channel;
        if !self.is_with(id, peer) {
            return self.abort(peer, id.0, "the channel is unknown here");
        }
        let was_met = self.channels.get(&id).is_some_and(|channel| channel.met);
        let result = self.with_channel(id, |channel, _, out| channel.on_reestablish(held, out));
        match result {
            Some(Err(fault)) => self.end_conversation(peer, id, &fault),
            // What a restart has left undone waited for the peer to show that nothing was lost.
            Some(Ok(())) if !was_met => self.resume_payments(),
            Some(Ok(())) | None => {}
        }
    }

    pub(super) fn on_newest_state(&mut self, peer: Address, newest: &NewestState) {
        let id = newest.channel;
        if !self.is_with(id, peer) {
            return;
        }
        let result = self.with_channel(id, |channel, _, out| channel.on_newest_state(newest, out));
        match result {
            Some(Ok(true)) => self.adopt_locks(id),
            Some(Err(fault)) => {
                let (channel, text) = (id, fault.to_string());
                self.notify(Event::Warned {
                    peer,
                    channel,
                    text,
                });
            }
            Some(Ok(false)) | None => {}
        }
    }

    /// The locks of a state that was not known before. Their ids are under no signature, so payments find them by key.
    fn adopt_locks(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get(&id) else {
            return;
        };
        let local = channel.local;
        let locks = channel.signed.content.locks.iter();
        let mut locks: Vec<_> = locks.map(|(place, lock)| (*place, lock.clone())).collect();
        // Of several under one key the largest is the payment.
        locks.sort_by_key(|(_, lock)| lock.amount);
        for (lock_id, lock) in locks {
            self.watch(Watch::Key {
                condition: lock.condition,
                key: lock.key,
                expiry: lock.expiry,
            });
            if lock.payer != local {
                self.adopt_lock(id, lock_id, lock.key, lock.amount);
            }
        }
    }

    fn adopt_lock(&mut self, channel: ChannelId, lock: LockId, key: B256, held: Amount) {
        let Some(payment) = self.payments.get_mut(&key) else {
            return;
        };
        let here = Place { channel, lock };
        match &mut payment.role {
            Role::Payee {
                place: place @ None,
                amount,
                ..
            } if held >= *amount => *place = Some(here),
            Role::Payee {
                place: Some(place), ..
            }
            | Role::Mediator {
                incoming: place, ..
            } if place.channel == channel => *place = here,
            Role::Payer { .. } | Role::Payee { .. } | Role::Mediator { .. } => return,
        }
        self.touched_payments.insert(key);
        self.reveal_if_due(key);
    }

    fn is_with(&self, id: ChannelId, peer: Address) -> bool {
        let channel = self.channels.get(&id);
        channel.is_some_and(|channel| channel.peer == peer && channel.phase != Phase::Closed)
    }
}

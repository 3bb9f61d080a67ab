//! What the user asks for.

use super::{Engine, Error};
use crate::channel::Phase;
use crate::effect::{Command, Watch};
use crate::payment::{Payment, Progress, Role};
use crate::types::{Address, Amount, B256, ChannelId, Timestamp};
use crate::wire::{
    InbandMessage, MAX_INBAND, Message, NewLock, Operation, Pay, Ping, Reason, Warning, Withdraw,
};
use alloy_primitives::Bytes;
use sha2::{Digest, Sha256};

impl Engine {
    pub(super) fn on_command(&mut self, command: Command) -> Result<(), Error> {
        match command {
            Command::Open(open) => self.offer(&open),
            Command::Join { temporary_id, seed } => self.join(temporary_id, seed),
            Command::Decline { temporary_id } => self.decline(temporary_id),
            Command::Deposit { channel, amount } => self.deposit(channel, amount),
            Command::Withdraw {
                channel,
                amount,
                deadline,
            } => self.withdraw(channel, amount, deadline),
            Command::Message { channel, bytes } => self.say(channel, bytes),
            Command::Ping { peer, token } => {
                self.send(peer, &Message::Ping(Ping { token }));
                Ok(())
            }
            Command::Warn {
                peer,
                channel,
                text,
            } => {
                if text.len() > MAX_INBAND {
                    return Err(Error::Refused(Reason::TooLarge));
                }
                self.send(peer, &Message::Warning(Warning { channel, text }));
                Ok(())
            }
            Command::Pay {
                channel,
                amount,
                tag,
            } => self.propose(channel, Operation::Pay(Pay { amount, tag })),
            Command::Expect {
                preimage,
                payment_secret,
                amount,
                expiry,
            } => self.expect(preimage, payment_secret, amount, expiry),
            Command::Send {
                channel,
                key,
                amount,
                expiry,
                payload,
            } => self.send_payment(channel, key, amount, expiry, payload),
            Command::Close { channel } => self.close(channel),
            Command::Challenge { channel } => self.challenge(channel),
        }
    }

    /// Puts an operation into a channel's next update.
    pub(super) fn propose(&mut self, id: ChannelId, operation: Operation) -> Result<(), Error> {
        let channel = self
            .channels
            .get_mut(&id)
            .ok_or(Error::UnknownChannel(id))?;
        channel.propose(operation).map_err(Error::Refused)?;
        self.touched_channels.insert(id);
        Ok(())
    }

    /// A lock for the next update of a channel.
    pub(super) fn new_lock(
        &self,
        id: ChannelId,
        key: B256,
        amount: Amount,
        expiry: Timestamp,
        payload: Bytes,
    ) -> Result<NewLock, Error> {
        let channel = self.channels.get(&id).ok_or(Error::UnknownChannel(id))?;
        let condition = self.condition()?;
        Ok(NewLock {
            id: channel.next_lock_id(),
            condition,
            key,
            amount,
            expiry,
            payload,
        })
    }

    /// The registry under which this node makes locks: the first of its list.
    fn condition(&self) -> Result<Address, Error> {
        let first = self.policy.conditions.first().copied();
        first.ok_or(Error::Refused(Reason::ConditionNotAllowed))
    }

    fn deposit(&mut self, id: ChannelId, amount: Amount) -> Result<(), Error> {
        let channel = self.channels.get(&id).ok_or(Error::UnknownChannel(id))?;
        if !matches!(channel.phase, Phase::Funding | Phase::Open) {
            return Err(Error::Phase(channel.phase));
        }
        if amount.is_zero() {
            return Err(Error::Refused(Reason::AmountTooSmall));
        }
        let done = self.with_channel(id, |channel, _, out| channel.top_up(amount, out));
        done.ok_or(Error::UnknownChannel(id))?
            .map_err(Error::Refused)
    }

    fn withdraw(
        &mut self,
        id: ChannelId,
        amount: Amount,
        deadline: Timestamp,
    ) -> Result<(), Error> {
        if deadline <= self.facts.now {
            return Err(Error::Refused(Reason::ExpiryTooNear));
        }
        self.propose(id, Operation::Withdraw(Withdraw { amount, deadline }))
    }

    fn say(&mut self, id: ChannelId, bytes: Bytes) -> Result<(), Error> {
        let channel = self.channels.get(&id).ok_or(Error::UnknownChannel(id))?;
        if bytes.len() > MAX_INBAND {
            return Err(Error::Refused(Reason::TooLarge));
        }
        let peer = channel.peer;
        let message = InbandMessage { channel: id, bytes };
        self.send(peer, &Message::InbandMessage(message));
        Ok(())
    }

    fn expect(
        &mut self,
        preimage: B256,
        payment_secret: B256,
        amount: Amount,
        expiry: Timestamp,
    ) -> Result<(), Error> {
        let key = B256::from_slice(Sha256::digest(preimage).as_slice());
        if self.payments.contains_key(&key) {
            return Err(Error::KeyInUse(key));
        }
        let role = Role::Payee {
            amount,
            payment_secret,
            expiry,
            place: None,
        };
        self.remember(key, Payment::new(role, Some(preimage)));
        Ok(())
    }

    fn send_payment(
        &mut self,
        id: ChannelId,
        key: B256,
        amount: Amount,
        expiry: Timestamp,
        payload: Bytes,
    ) -> Result<(), Error> {
        if self.is_in_use(key) {
            return Err(Error::KeyInUse(key));
        }
        if expiry.since(self.facts.now) < self.policy.reveal_margin {
            return Err(Error::Refused(Reason::ExpiryTooNear));
        }
        let lock = self.new_lock(id, key, amount, expiry, payload)?;
        let condition = lock.condition;
        self.propose(id, Operation::Lock(lock))?;
        self.watch(Watch::Key {
            condition,
            key,
            expiry,
        });
        self.remember(
            key,
            Payment::new(
                Role::Payer {
                    channel: id,
                    amount,
                },
                None,
            ),
        );
        Ok(())
    }

    /// Whether a payment of this node has the key, or the chain shows its preimage.
    pub(super) fn is_in_use(&self, key: B256) -> bool {
        let known = self.payments.get(&key);
        known.is_some_and(|payment| !matches!(payment.progress, Progress::Failed(_)))
            || self
                .facts
                .revealed
                .keys()
                .any(|(_, revealed)| *revealed == key)
    }

    pub(super) fn remember(&mut self, key: B256, payment: Payment) {
        self.payments.insert(key, payment);
        self.touched_payments.insert(key);
    }

    fn close(&mut self, id: ChannelId) -> Result<(), Error> {
        let channel = self.channels.get(&id).ok_or(Error::UnknownChannel(id))?;
        if !channel.can_close() {
            return Err(Error::Phase(channel.phase));
        }
        let done = self.with_channel(id, |channel, context, out| {
            channel
                .close(context.key, out)
                .map_err(|_| Error::Phase(channel.phase))
        });
        done.ok_or(Error::UnknownChannel(id))?
    }

    fn challenge(&mut self, id: ChannelId) -> Result<(), Error> {
        let channel = self.channels.get(&id).ok_or(Error::UnknownChannel(id))?;
        if matches!(channel.phase, Phase::Created | Phase::Closed) {
            return Err(Error::Phase(channel.phase));
        }
        self.with_channel(id, |channel, context, out| {
            out.calls.push(channel.challenge_call(context.key));
            channel.enter_dispute(out);
        });
        Ok(())
    }
}

//! Payments under a hash, with the payee's secret or the payer's.

use crate::{World, amount, key_of};
use counterfoil_core::effect::{Command, Event};
use counterfoil_core::payment::{Contents, Hop, Payload, seal};
use counterfoil_core::types::{B256, ChannelId, Timestamp};
use counterfoil_core::wire::Reason;

/// A payment that somebody is to make.
#[derive(Clone)]
pub struct Invoice {
    /// Who is paid.
    pub payee: usize,
    /// The secret.
    pub preimage: B256,
    /// Its hash.
    pub key: B256,
    /// When the locks expire.
    pub expiry: Timestamp,
    /// What the payee reads.
    pub contents: Contents,
}

impl Invoice {
    /// The payee made the secret and waits.
    pub fn expected(world: &mut World, payee: usize, total: u128, seconds: u64) -> Self {
        let mut invoice = Self::unknown(world, payee, total, seconds);
        let payment_secret = world.word();
        invoice.contents.payment_secret = payment_secret;
        let expect = Command::Expect {
            preimage: invoice.preimage,
            payment_secret,
            amount: amount(total),
            expiry: invoice.expiry,
        };
        world.command(payee, expect).unwrap();
        invoice
    }

    /// The payer made the secret, and seals it to the payee.
    pub fn sealed(world: &mut World, payee: usize, total: u128, seconds: u64) -> Self {
        let mut invoice = Self::unknown(world, payee, total, seconds);
        invoice.contents.preimage = vec![invoice.preimage];
        invoice
    }

    /// A secret that the payee never hears of.
    pub fn unknown(world: &mut World, payee: usize, total: u128, seconds: u64) -> Self {
        let preimage = world.word();
        let (key, expiry) = (key_of(preimage), world.expiry(seconds));
        let contents = Contents {
            total: amount(total),
            key,
            expiry,
            payment_secret: B256::ZERO,
            preimage: Vec::new(),
        };
        Self {
            payee,
            preimage,
            key,
            expiry,
            contents,
        }
    }

    /// The command that locks `locked` in `channel` for a mediator that passes `onward` on.
    pub fn over(
        &self,
        world: &mut World,
        channel: ChannelId,
        locked: u128,
        onward: u128,
    ) -> Command {
        let peer = world.address(self.payee);
        let next = vec![Hop {
            peer,
            amount: amount(onward),
        }];
        self.send(world, channel, locked, next)
    }

    /// The command that locks `locked` in a channel with the payee itself.
    pub fn direct(&self, world: &mut World, channel: ChannelId, locked: u128) -> Command {
        self.send(world, channel, locked, Vec::new())
    }

    fn send(&self, world: &mut World, channel: ChannelId, locked: u128, next: Vec<Hop>) -> Command {
        let recipient = world.nodes[self.payee].engine.sealing_key();
        let entropy = world.word();
        let sealed = seal(&self.contents, &recipient, entropy).unwrap();
        Command::Send {
            channel,
            key: self.key,
            amount: amount(locked),
            expiry: self.expiry,
            payload: alloy_rlp::encode(Payload { next, sealed }).into(),
        }
    }
}

impl World {
    /// Whether the node was told that its payment was made.
    pub fn has_sent(&self, node: usize, key: B256) -> bool {
        self.nodes[node]
            .events
            .iter()
            .any(|event| matches!(event, Event::PaymentSent { key: sent, .. } if *sent == key))
    }

    /// Whether the node was told that it was paid.
    pub fn has_received(&self, node: usize, key: B256) -> bool {
        self.nodes[node].events.iter().any(|event| {
            matches!(event, Event::PaymentReceived { key: received, .. } if *received == key)
        })
    }

    /// Why the node's payment came back, as far as it was told.
    pub fn failure(&self, node: usize, key: B256) -> Option<Reason> {
        self.nodes[node]
            .events
            .iter()
            .rev()
            .find_map(|event| match event {
                Event::PaymentFailed {
                    key: failed,
                    reason,
                } if *failed == key => Some(*reason),
                _ => None,
            })
    }
}

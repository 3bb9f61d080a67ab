//! A participant that follows no rules.

use crate::{World, domain, message};
use counterfoil_core::state::{BlindingSeed, Content, Signature, SigningKey, state_digest};
use counterfoil_core::types::{
    Amount, B256, ChannelId, LockId, Nonce, Pair, Participant, Timestamp,
};
use counterfoil_core::wire::{Message, NewLock, Operation, Pay, Update, UpdateAck};

/// A participant that signs whatever the test wants.
#[derive(Debug)]
pub struct Puppet {
    /// Its key.
    pub key: SigningKey,
    /// Its channel.
    pub id: ChannelId,
    seed: BlindingSeed,
}

impl Puppet {
    /// Speaks as `node` in a channel that node 0 has opened to node 1.
    pub fn of(world: &World, node: usize, id: ChannelId) -> Self {
        let frames = |from: usize| {
            world.nodes[from]
                .sent
                .iter()
                .map(|(_, frame)| message(frame))
        };
        let open = frames(0).find_map(|message| match message {
            Message::ChannelOpen(open) => Some(open.seed),
            _ => None,
        });
        let accept = frames(1).find_map(|message| match message {
            Message::ChannelAccept(accept) => Some(accept.seed),
            _ => None,
        });
        let seed = BlindingSeed::new(Pair::new(open.unwrap(), accept.unwrap()));
        let key = world.key(node);
        Self { key, id, seed }
    }

    /// The commitment of a state with this content.
    pub fn commitment(&self, number: u64, content: &Content) -> B256 {
        let nonce = Nonce::new(number).unwrap();
        content.opening(&self.seed, nonce).commitment()
    }

    /// Its signature on a state with this content.
    pub fn sign(&self, number: u64, content: &Content) -> Signature {
        let nonce = Nonce::new(number).unwrap();
        let commitment = self.commitment(number, content);
        self.key
            .sign(state_digest(&domain(), self.id, nonce, commitment))
    }

    /// An update whose signature is over `content`, whatever its operations say.
    pub fn update(
        &self,
        number: u64,
        base: u64,
        operations: Vec<Operation>,
        content: &Content,
    ) -> Update {
        Update {
            channel: self.id,
            nonce: Nonce::new(number).unwrap(),
            base: Nonce::new(base).unwrap(),
            answers: Nonce::ZERO,
            refused: Vec::new(),
            operations,
            signature: self.sign(number, content),
        }
    }

    /// Its answer to the update that makes this content.
    pub fn ack(&self, number: u64, content: &Content) -> Message {
        Message::UpdateAck(UpdateAck {
            channel: self.id,
            nonce: Nonce::new(number).unwrap(),
            signature: self.sign(number, content),
        })
    }
}

/// The operation that pays.
pub fn paying(units: u128) -> Operation {
    Operation::Pay(Pay {
        amount: Amount::new(units),
        tag: alloy_primitives::Bytes::new(),
    })
}

/// The operation that locks.
pub fn locking(
    id: u64,
    key: counterfoil_core::types::B256,
    units: u128,
    expiry: Timestamp,
) -> Operation {
    Operation::Lock(NewLock {
        id: LockId(id),
        condition: crate::registry(),
        key,
        amount: Amount::new(units),
        expiry,
        payload: alloy_primitives::Bytes::new(),
    })
}

/// A content in which participant 0 has paid `net`, and holds these locks.
pub fn content(net: i128, operations: &[(Participant, Operation)]) -> Content {
    let mut content = Content {
        net: counterfoil_core::types::SignedAmount::new(net),
        ..Content::default()
    };
    for (payer, operation) in operations {
        if let Operation::Lock(new) = operation {
            *content.last_lock.of_mut(*payer) = new.id.0;
            content.locks.insert(
                new.id,
                counterfoil_core::types::Lock {
                    condition: new.condition,
                    key: new.key,
                    amount: new.amount,
                    payer: *payer,
                    expiry: new.expiry,
                },
            );
        }
    }
    content
}

//! An engine and its disk.

use crate::opened::{domain, policy};
use alloy_primitives::{Address, B256};
use counterfoil_core::effect::{Effect, Record, RecordId};
use counterfoil_core::engine::{Config, Engine, History};
use counterfoil_core::state::{Content, SigningKey};
use counterfoil_core::types::{ChannelId, Nonce};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

pub(crate) type Store = BTreeMap<RecordId, Vec<u8>>;

#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    secret: u8,
}

fn config(secret: u8) -> Config {
    Config {
        domain: domain(),
        key: key(secret),
        payout: Address::repeat_byte(secret),
        policy: policy(),
    }
}

fn key(secret: u8) -> SigningKey {
    SigningKey::from_secret(&B256::repeat_byte(secret)).expect("it is below the curve's order")
}

impl Node {
    pub(crate) fn new(secret: u8) -> Self {
        Self {
            engine: Engine::new(config(secret)),
            store: Store::new(),
            secret,
        }
    }

    pub(crate) fn key(&self) -> SigningKey {
        key(self.secret)
    }

    /// The process starts from these records, whatever it was before.
    pub(crate) fn restart(&mut self, store: Store, history: History) {
        let records = store.iter().map(|(id, bytes)| Record {
            id: *id,
            bytes: bytes.clone(),
        });
        self.engine = Engine::restore(config(self.secret), records, history)
            .expect("a node can read what it wrote");
        self.store = store;
    }

    pub(crate) fn keep(&mut self, record: Record) {
        self.store.insert(record.id, record.bytes);
    }

    pub(crate) fn forget(&mut self, channel: ChannelId, below: Nonce) {
        self.store.retain(|id, _| match id {
            RecordId::State(of, nonce) => *of != channel || *nonce >= below,
            RecordId::Channel(_) | RecordId::Payment(_) => true,
        });
    }

    pub(crate) fn drain(&mut self) -> Vec<Effect> {
        std::iter::from_fn(|| self.engine.poll_effect()).collect()
    }

    /// The content of a stored state.
    pub(crate) fn content(&self, channel: ChannelId, nonce: Nonce) -> Option<Content> {
        let bytes = self.store.get(&RecordId::State(channel, nonce))?;
        Some(alloy_rlp::Decodable::decode(&mut bytes.as_slice()).expect("a stored state is whole"))
    }

    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.engine.hash(&mut hasher);
        hasher.finish()
    }
}

//! A store that is copied with every turn: records are shared, and only what a turn writes is new.

use counterfoil_core::effect::{Record, RecordId};
use counterfoil_core::types::{ChannelId, Nonce};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The durable records of one node.
#[derive(Clone, Default)]
pub(crate) struct Archive(BTreeMap<RecordId, Arc<[u8]>>);

impl Archive {
    pub(crate) fn write(&mut self, record: Record) {
        self.0.insert(record.id, record.bytes.into());
    }

    pub(crate) fn read(&self, id: RecordId) -> Option<&[u8]> {
        self.0.get(&id).map(|bytes| &**bytes)
    }

    /// Drops the states of a channel below a nonce.
    pub(crate) fn forget(&mut self, of: ChannelId, below: Nonce) {
        self.0.retain(|id, _| match id {
            RecordId::State(channel, nonce) => *channel != of || *nonce >= below,
            RecordId::Channel(_) | RecordId::Payment(_) => true,
        });
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = (RecordId, &[u8])> {
        self.0.iter().map(|(id, bytes)| (*id, &**bytes))
    }
}

impl Hash for Archive {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for (id, bytes) in &self.0 {
            match id {
                RecordId::Channel(channel) => (0, channel).hash(state),
                RecordId::State(channel, nonce) => (1, channel, nonce).hash(state),
                RecordId::Payment(key) => (2, key).hash(state),
            }
            bytes.hash(state);
        }
    }
}

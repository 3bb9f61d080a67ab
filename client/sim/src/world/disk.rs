//! Processes that die and start again from what their disk holds.

use super::{Store, Survives, World};
use counterfoil_core::effect::{Record, RecordId};
use counterfoil_core::engine::{Engine, History};

impl World {
    /// The process dies, everything in flight with it, and starts again from its store. Its links are down.
    pub fn crash(&mut self, node: usize) {
        let store = self.nodes[node].store.clone();
        self.restore(node, store, History::Whole);
    }

    /// The process dies and starts again from this disk, about which its operator says `history`. Its links are down.
    pub fn restore(&mut self, node: usize, store: Store, history: History) {
        for other in (0..self.nodes.len()).filter(|other| *other != node) {
            self.cut(node, other);
        }
        self.chain.unfollow(node);
        if history == History::Whole && store != self.nodes[node].store {
            self.signatures.forget_lost(self.address(node));
        }
        let restored = &mut self.nodes[node];
        restored.engine = Engine::restore(restored.config(), records(&store), history)
            .expect("the store is whole");
        restored.store = store;
        restored.log.clear();
        restored.effects.clear();
        self.end_turn(node, Survives::Everything);
    }

    /// The engine of `node` as it starts from these records.
    pub fn restored(&self, node: usize, records: Vec<(RecordId, Vec<u8>)>) -> Engine {
        let records = records.into_iter().map(|(id, bytes)| Record { id, bytes });
        Engine::restore(self.nodes[node].config(), records, History::Whole)
            .expect("the store is whole")
    }

    /// Links of `node` come back and the chain speaks to it.
    pub fn recover(&mut self, node: usize) {
        for other in (0..self.nodes.len()).filter(|other| *other != node) {
            self.connect(node, other);
        }
        self.tell(node);
    }
}

fn records(store: &Store) -> Vec<Record> {
    let records = store.iter().map(|(id, bytes)| Record {
        id: *id,
        bytes: bytes.clone(),
    });
    records.collect()
}

//! What goes on between nodes, and what goes wrong: deliveries, cuts, crashes, blocks.

use super::{Survives, World, config, frame, message};
use counterfoil_core::effect::{Input, Record, RecordId};
use counterfoil_core::engine::Engine;
use counterfoil_core::state::SigningKey;
use counterfoil_core::wire::Message;

impl World {
    /// Hands the next frame of a link over; false when there is none.
    pub(crate) fn deliver(&mut self, from: usize, to: usize) -> bool {
        let Some(bytes) = self.links.entry((from, to)).or_default().pop_front() else {
            return false;
        };
        let peer = self.address(from);
        self.input(to, Input::Frame { peer, bytes }).unwrap();
        true
    }

    pub(crate) fn deliver_then(&mut self, from: usize, to: usize, survives: Survives) -> bool {
        let Some(bytes) = self.links.entry((from, to)).or_default().pop_front() else {
            return false;
        };
        let peer = self.address(from);
        self.input_then(to, Input::Frame { peer, bytes }, survives)
            .unwrap();
        true
    }

    pub(crate) fn deliver_all(&mut self) {
        while let Some((from, to)) = self.busy_links().first().copied() {
            self.deliver(from, to);
        }
    }

    pub(crate) fn busy_links(&self) -> Vec<(usize, usize)> {
        let busy = self.links.iter().filter(|(_, frames)| !frames.is_empty());
        busy.map(|(link, _)| *link).collect()
    }

    /// A frame from `from`, whoever wrote it.
    pub(crate) fn inject(&mut self, from: usize, to: usize, message: &Message) {
        let peer = self.address(from);
        let bytes = frame(message);
        self.input(to, Input::Frame { peer, bytes }).unwrap();
    }

    /// The newest message that `node` has sent.
    pub(crate) fn last_sent(&self, node: usize) -> Message {
        message(
            &self.nodes[node]
                .sent
                .last()
                .expect("the node has sent something")
                .1,
        )
    }

    pub(crate) fn key(&self, node: usize) -> SigningKey {
        SigningKey::from_secret(&self.nodes[node].secret).unwrap()
    }

    pub(super) fn is_down(&self, a: usize, b: usize) -> bool {
        self.down.contains(&(a.min(b), a.max(b)))
    }

    /// Cuts a link; what is on its way is lost.
    pub(crate) fn cut(&mut self, a: usize, b: usize) {
        self.links.remove(&(a, b));
        self.links.remove(&(b, a));
        if !self.is_down(a, b) {
            self.down.push((a.min(b), a.max(b)));
        }
    }

    /// Brings a link back; both sides are told.
    pub(crate) fn connect(&mut self, a: usize, b: usize) {
        self.down.retain(|link| *link != (a.min(b), a.max(b)));
        for (node, other) in [(a, b), (b, a)] {
            let peer = self.address(other);
            self.input(node, Input::Connected { peer }).unwrap();
        }
    }

    /// The process dies, everything in flight with it, and starts again from its store. Its links are down.
    pub(crate) fn crash(&mut self, node: usize) {
        for other in (0..self.nodes.len()).filter(|other| *other != node) {
            self.cut(node, other);
        }
        self.chain.unfollow(node);
        let records: Vec<Record> = self.nodes[node]
            .store
            .iter()
            .map(|(id, bytes)| Record {
                id: *id,
                bytes: bytes.clone(),
            })
            .collect();
        let config = config(self.nodes[node].secret, self.nodes[node].policy.clone());
        self.nodes[node].engine = Engine::restore(config, records).expect("the store is whole");
        self.nodes[node].log.clear();
        self.nodes[node].effects.clear();
        self.end_turn(node, Survives::Everything);
    }

    /// The engine of `node` as it starts from these records.
    pub(crate) fn restored(&self, node: usize, records: Vec<(RecordId, Vec<u8>)>) -> Engine {
        let config = config(self.nodes[node].secret, self.nodes[node].policy.clone());
        let records = records.into_iter().map(|(id, bytes)| Record { id, bytes });
        Engine::restore(config, records).expect("the store is whole")
    }

    /// Links of `node` come back and the chain speaks to it.
    pub(crate) fn recover(&mut self, node: usize) {
        for other in (0..self.nodes.len()).filter(|other| *other != node) {
            self.connect(node, other);
        }
        self.tell(node);
    }

    /// Everything reaches its end: links, deliveries.
    pub(crate) fn heal(&mut self) {
        for a in 0..self.nodes.len() {
            for b in a + 1..self.nodes.len() {
                self.connect(a, b);
            }
        }
        self.deliver_all();
    }

    pub(crate) fn mine(&mut self, seconds: u64) {
        self.chain.mine(seconds);
        for node in 0..self.nodes.len() {
            self.tell(node);
        }
        self.deliver_all();
    }

    /// A block that nobody hears of until told.
    pub(crate) fn mine_silently(&mut self, seconds: u64) {
        self.chain.mine(seconds);
    }

    pub(crate) fn tell(&mut self, node: usize) {
        for event in self.chain.news(node) {
            self.input(node, Input::Chain(event)).unwrap();
        }
    }

    /// Blocks until `time` is final.
    pub(crate) fn finalize(&mut self, time: u64) {
        while self.chain.now() <= time {
            self.mine(60);
        }
        for _ in 0..4 {
            self.mine(60);
        }
    }
}

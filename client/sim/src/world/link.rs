//! What goes on between nodes and with their chain, and what goes wrong there: deliveries, cuts, blocks.

use super::{START, Survives, World, frame, message};
use crate::fault::Fault;
use crate::story;
use counterfoil_core::effect::{ChainEvent, Input};
use counterfoil_core::types::SignedAmount;
use counterfoil_core::wire::Message;

impl World {
    /// Hands the next frame of a link over; false when there is none.
    pub fn deliver(&mut self, from: usize, to: usize) -> bool {
        let Some(bytes) = self.arriving(from, to, Survives::Everything) else {
            return false;
        };
        let peer = self.address(from);
        self.input(to, Input::Frame { peer, bytes }).unwrap();
        true
    }

    /// Hands the next frame of a link over to a node that dies of it; false when there is none.
    pub fn deliver_then(&mut self, from: usize, to: usize, survives: Survives) -> bool {
        let Some(bytes) = self.arriving(from, to, survives) else {
            return false;
        };
        let peer = self.address(from);
        self.input_then(to, Input::Frame { peer, bytes }, survives)
            .unwrap();
        true
    }

    /// Hands frames over until none is on its way.
    pub fn deliver_all(&mut self) {
        while let Some((from, to)) = self.busy_links().first().copied() {
            self.deliver(from, to);
        }
    }

    /// The links with a frame on its way, by sender and receiver.
    pub fn busy_links(&self) -> Vec<(usize, usize)> {
        let busy = self.links.iter().filter(|(_, frames)| !frames.is_empty());
        busy.map(|(link, _)| *link).collect()
    }

    /// A frame from `from`, whoever wrote it.
    pub fn inject(&mut self, from: usize, to: usize, message: &Message) {
        let peer = self.address(from);
        let bytes = frame(message);
        self.input(to, Input::Frame { peer, bytes }).unwrap();
    }

    /// The newest message that `node` has sent.
    pub fn last_sent(&self, node: usize) -> Message {
        message(
            &self.nodes[node]
                .sent
                .last()
                .expect("the node has sent something")
                .1,
        )
    }

    /// Whether a link carries nothing.
    pub fn is_down(&self, a: usize, b: usize) -> bool {
        self.down.contains(&(a.min(b), a.max(b)))
    }

    /// Cuts a link; what is on its way is lost.
    pub fn cut(&mut self, a: usize, b: usize) {
        self.links.remove(&(a, b));
        self.links.remove(&(b, a));
        if !self.is_down(a, b) {
            self.down.push((a.min(b), a.max(b)));
        }
    }

    /// Brings a link back; both sides are told.
    pub fn connect(&mut self, a: usize, b: usize) {
        self.down.retain(|link| *link != (a.min(b), a.max(b)));
        for (node, other) in [(a, b), (b, a)] {
            let peer = self.address(other);
            self.input(node, Input::Connected { peer }).unwrap();
        }
    }

    /// Everything reaches its end: links, deliveries.
    pub fn heal(&mut self) {
        for a in 0..self.nodes.len() {
            for b in a + 1..self.nodes.len() {
                self.connect(a, b);
            }
        }
        self.deliver_all();
    }

    /// A block that all hear of, and what follows.
    pub fn mine(&mut self, seconds: u64) {
        self.chain.mine(seconds);
        for node in 0..self.nodes.len() {
            self.tell(node);
        }
        self.deliver_all();
    }

    /// A block that nobody hears of until told.
    pub fn mine_silently(&mut self, seconds: u64) {
        self.chain.mine(seconds);
        let (number, block) = (self.chain.height(), self.chain.head());
        if self.story.is_kept() && !block.calls.is_empty() {
            let time = block.time - START;
            let calls = block.calls.iter();
            let calls: Vec<String> = calls
                .map(|(call, outcome)| format!("{}: {outcome:?}", story::call(call)))
                .collect();
            self.story
                .add(|| format!("    block {number} at t=+{time}s [{}]", calls.join(", ")));
        }
    }

    /// What a chain says that shows deposits which are not there.
    fn as_shown(&self, mut event: ChainEvent) -> ChainEvent {
        if let ChainEvent::Channel { status, .. } = &mut event
            && self.fault == Some(Fault::ChainShowsMore)
        {
            let deposit = &mut status.deposits.zero;
            *deposit = SignedAmount::new(deposit.units() + 1);
        }
        event
    }

    fn arriving(&mut self, from: usize, to: usize, survives: Survives) -> Option<Vec<u8>> {
        let bytes = self.links.entry((from, to)).or_default().pop_front()?;
        if survives != Survives::Nothing {
            self.signatures.arrives(self.address(from), &bytes);
        }
        Some(self.as_told(to, bytes))
    }

    /// What a liar makes of an honest frame: it says of itself what the receiver says, so that nothing seems to be missing.
    fn as_told(&self, to: usize, bytes: Vec<u8>) -> Vec<u8> {
        let is_held = |bytes: &[u8]| matches!(message(bytes), Message::ChannelReestablish(_));
        if self.fault != Some(Fault::PeersLie) || !is_held(&bytes) {
            return bytes;
        }
        let mut said = self.nodes[to].sent.iter().rev().map(|(_, frame)| frame);
        said.find(|frame| is_held(frame)).cloned().unwrap_or(bytes)
    }

    /// Tells a node what the head shows that it has not heard yet.
    pub fn tell(&mut self, node: usize) {
        for event in self.chain.news(node) {
            let event = self.as_shown(event);
            self.input(node, Input::Chain(event)).unwrap();
        }
    }

    /// Blocks until `time` is final.
    pub fn finalize(&mut self, time: u64) {
        while self.chain.now() <= time {
            self.mine(60);
        }
        for _ in 0..4 {
            self.mine(60);
        }
    }
}

//! Taking a step.

use super::setting::{ROUTED, UNIT};
use super::{Secret, Step, Walk};
use crate::invoice::Invoice;
use crate::story;
use crate::world::{Survives, amount, message, pay};
use counterfoil_core::effect::{Command, Input};
use counterfoil_core::engine::History;
use counterfoil_core::types::{ChannelId, Timestamp};
use counterfoil_core::wire::Message;

impl Walk {
    pub(super) fn act(&mut self, step: &Step) {
        self.tell_step(step);
        match *step {
            Step::Pay {
                by,
                second,
                count,
                units,
            } => self.pay(by, second, count, units),
            Step::Send {
                is_backwards,
                secret,
                units,
                seconds,
            } => self.send(is_backwards, secret, units, seconds),
            Step::Deposit { by, second, units } => self.ask(by, second, |channel| {
                let amount = amount(u128::from(units) * UNIT);
                Command::Deposit { channel, amount }
            }),
            Step::Withdraw {
                by,
                second,
                units,
                seconds,
            } => {
                let deadline = self.world.expiry(seconds);
                self.limits.last_deadline = self.limits.last_deadline.max(deadline.seconds());
                self.ask(by, second, |channel| Command::Withdraw {
                    channel,
                    amount: amount(u128::from(units) * UNIT),
                    deadline,
                });
            }
            Step::Message { by, second } => self.ask(by, second, |channel| {
                let bytes = alloy_primitives::Bytes::from_static(b"hello");
                Command::Message { channel, bytes }
            }),
            Step::Close { by, second } => {
                self.ask(by, second, |channel| Command::Close { channel })
            }
            Step::Challenge { by, second } => {
                self.ask(by, second, |channel| Command::Challenge { channel });
            }
            Step::Deliver { link, count } => {
                for _ in 0..count {
                    self.deliver(link, Survives::Everything);
                }
            }
            Step::Repeat { link, back } => self.repeat(link, back),
            Step::Garble { link, back, at } => self.garble(link, back, at),
            Step::Cut { second } => {
                let (a, b) = self.pair(second);
                self.tally.cuts += 1;
                self.world.cut(a, b);
            }
            Step::Connect { second } => {
                self.connect(self.place(second));
            }
            Step::Crash { node } => {
                self.tally.crashes += 1;
                self.world.crash(node % self.world.nodes.len());
            }
            Step::Die { link, survives } => {
                if self.deliver(link, survives) {
                    self.tally.crashes += 1;
                }
            }
            Step::Copy => {
                let careless = self.setting.careless.filter(|_| self.careless.is_none());
                let copy = careless.map(|node| self.world.nodes[node].store.clone());
                self.copy = copy.or_else(|| self.copy.take());
            }
            Step::Replace { is_unknown } => self.replace(is_unknown),
            Step::Block { seconds } => self.block(seconds),
            Step::Tell { node } => self.tell(node % self.world.nodes.len()),
            Step::Wait { seconds } => self.wait(seconds),
            Step::Reorg { depth, luck } => self.reorg(depth, luck),
            Step::Congest { seconds } => self.congest(seconds),
            Step::Cheat { second, which, by } => self.cheat(self.place(second), which, by),
            Step::Again { which } => self.again(which),
        }
    }

    /// All frames that are on their way arrive, with those that they lead to.
    pub(super) fn deliver_all(&mut self) {
        while let Some((from, to)) = self.world.busy_links().first().copied() {
            self.hand_over(from, to, Survives::Everything);
        }
    }

    /// A new link between neighbours, which carries nothing of an old one.
    pub(super) fn connect(&mut self, place: usize) {
        for node in [place, place + 1] {
            // Who starts again reads the chain before it talks.
            if self.world.nodes[node].engine.chain_time() == Timestamp::default() {
                self.tell(node);
            }
        }
        self.world.cut(place, place + 1);
        self.world.connect(place, place + 1);
    }

    fn tell_step(&mut self, step: &Step) {
        if self.world.story.is_kept() {
            let line = story::at(&self.world, &self.words(step));
            self.world.story.add(|| line);
        }
    }

    fn ask(&mut self, by: usize, second: bool, wish: impl FnOnce(ChannelId) -> Command) {
        let by = by % self.world.nodes.len();
        let command = wish(self.channel_of(by, second));
        if let Err(error) = self.world.command(by, command) {
            self.world.story.add(|| format!("    refused: {error}"));
        }
    }

    fn pay(&mut self, by: usize, second: bool, count: u64, units: u64) {
        let by = by % self.world.nodes.len();
        // A mediator pays nobody, so that its gain is what passes.
        if self.is_mediator(by) {
            return;
        }
        let (channel, units) = (self.channel_of(by, second), u128::from(units) * UNIT);
        for _ in 0..count {
            match self.world.queue(by, pay(channel, units)) {
                Ok(()) => self.accounts[by].spent += units as i128,
                Err(error) => self.world.story.add(|| format!("    refused: {error}")),
            }
        }
        self.world.end_turn(by, Survives::Everything);
    }

    fn send(&mut self, is_backwards: bool, secret: Secret, units: u64, seconds: u64) {
        if !self.limits.may_lock() {
            return;
        }
        let last = self.world.nodes.len() - 1;
        let (payer, payee) = if is_backwards { (last, 0) } else { (0, last) };
        let total = u128::from(units) * ROUTED;
        let invoice = match secret {
            Secret::Payee => Invoice::expected(&mut self.world, payee, total, seconds),
            Secret::Payer => Invoice::sealed(&mut self.world, payee, total, seconds),
            Secret::Nobody => Invoice::unknown(&mut self.world, payee, total, seconds),
        };
        self.limits.last_expiry = self.limits.last_expiry.max(invoice.expiry.seconds());
        let channel = self.channel_of(payer, is_backwards);
        let locked = total
            + if last > 1 {
                u128::from(self.setting.fee)
            } else {
                0
            };
        let command = if last > 1 {
            invoice.over(&mut self.world, channel, locked, total)
        } else {
            invoice.direct(&mut self.world, channel, locked)
        };
        match self.world.command(payer, command) {
            Ok(()) => self.accounts[payer].spent += locked as i128,
            Err(error) => self.world.story.add(|| format!("    refused: {error}")),
        }
    }

    fn deliver(&mut self, link: usize, survives: Survives) -> bool {
        let (from, to) = self.link(link);
        self.hand_over(from, to, survives)
    }

    fn hand_over(&mut self, from: usize, to: usize, survives: Survives) -> bool {
        let frames = self.world.links.get(&(from, to));
        let Some(frame) = frames.and_then(|frames| frames.front()).cloned() else {
            return false;
        };
        self.tally.frames += 1;
        let arrived = self.arrived.entry((from, to)).or_default();
        arrived.push(frame.clone());
        let (from_name, to_name) = (self.world.name(from), self.world.name(to));
        self.world.story.add(|| {
            let frame = story::frame(&frame);
            format!("    {frame} from {from_name} reaches {to_name}")
        });
        self.world.deliver_then(from, to, survives)
    }

    fn earlier(&self, link: usize, back: usize) -> Option<Vec<u8>> {
        let arrived = self.arrived.get(&self.link(link))?;
        arrived.iter().rev().nth(back).cloned()
    }

    fn repeat(&mut self, link: usize, back: usize) {
        let is_greeting =
            |bytes: &Vec<u8>| matches!(message(bytes), Message::ChannelReestablish(_));
        // The first words on a link are not said again on another.
        let Some(bytes) = self.earlier(link, back).filter(|bytes| !is_greeting(bytes)) else {
            return;
        };
        self.tally.repeats += 1;
        self.world
            .story
            .add(|| format!("    {} arrives again", story::frame(&bytes)));
        self.hand_in(link, bytes);
    }

    fn garble(&mut self, link: usize, back: usize, at: usize) {
        let Some(mut bytes) = self.earlier(link, back) else {
            return;
        };
        self.tally.garbled += 1;
        let at = at % bytes.len();
        bytes[at] ^= 1;
        self.world
            .story
            .add(|| format!("    {} with another byte {at}", story::frame(&bytes)));
        self.hand_in(link, bytes);
    }

    /// A frame that no honest peer has sent now; bytes that are no message are refused.
    fn hand_in(&mut self, link: usize, bytes: Vec<u8>) {
        let (from, to) = self.link(link);
        let peer = self.world.address(from);
        let _ = self.world.input(to, Input::Frame { peer, bytes });
    }

    fn replace(&mut self, is_unknown: bool) {
        let (Some(node), Some(copy)) = (self.setting.careless, self.copy.take()) else {
            return;
        };
        let history = if is_unknown {
            History::Whole
        } else {
            History::MayBeOld
        };
        self.careless = Some(node);
        self.tally.old_disks += 1;
        self.world.restore(node, copy, history);
    }

    fn is_mediator(&self, node: usize) -> bool {
        self.world.nodes.len() == 3 && node == 1
    }

    /// The place of the first channel, or of the second where there is one.
    pub(super) fn place(&self, second: bool) -> usize {
        usize::from(second).min(self.channels.len() - 1)
    }

    pub(super) fn pair(&self, second: bool) -> (usize, usize) {
        let place = self.place(second);
        (place, place + 1)
    }

    pub(super) fn link(&self, link: usize) -> (usize, usize) {
        let (a, b) = self.pair(link >= 2);
        if link.is_multiple_of(2) {
            (a, b)
        } else {
            (b, a)
        }
    }

    pub(super) fn channel_of(&self, node: usize, second: bool) -> ChannelId {
        let last = self.channels.len() - 1;
        match node {
            0 => self.channels[0],
            1 if last > 0 => self.channels[usize::from(second)],
            _ => self.channels[last],
        }
    }
}

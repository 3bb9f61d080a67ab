//! How channels come about.

use super::{DEPTH, PERIOD, World, amount};
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Command, Event, OpenChannel};
use counterfoil_core::types::{Address, Amount, ChannelId};

impl World {
    /// Two nodes with an open channel, participant 0 first.
    pub fn pair(deposits: [u128; 2]) -> (Self, ChannelId) {
        let mut world = Self::new(2);
        let id = world.open(0, 1, deposits);
        (world, id)
    }

    /// A channel to `to` with these deposits and nothing unusual.
    pub fn wish(&mut self, to: usize, deposits: [u128; 2]) -> OpenChannel {
        OpenChannel {
            peer: self.address(to),
            token: Address::ZERO,
            amount: amount(deposits[0]),
            remote_amount: amount(deposits[1]),
            push_amount: Amount::ZERO,
            reserve: Amount::ZERO,
            finalization_period: PERIOD,
            entropy: self.word(),
        }
    }

    /// Opens a channel and waits for its deposits.
    pub fn open(&mut self, from: usize, to: usize, deposits: [u128; 2]) -> ChannelId {
        let wish = self.wish(to, deposits);
        self.open_as(from, to, wish)
    }

    /// Opens the channel that is wished for, and waits for its deposits.
    pub fn open_as(&mut self, from: usize, to: usize, wish: OpenChannel) -> ChannelId {
        let id = self.agree(from, to, wish);
        // The responder deposits once it sees the initiator's deposit.
        for _ in 0..=DEPTH + 1 {
            self.mine(12);
        }
        assert_eq!(self.channel(from, id).phase, Phase::Open);
        assert_eq!(self.channel(to, id).phase, Phase::Open);
        id
    }

    /// Offer, agreement and first signatures; no deposit is final yet.
    pub fn agree(&mut self, from: usize, to: usize, wish: OpenChannel) -> ChannelId {
        self.command(from, Command::Open(wish)).unwrap();
        self.deliver_all();
        let offered = self.nodes[to]
            .events
            .iter()
            .rev()
            .find_map(|event| match event {
                Event::ChannelOffered { offer, .. } => Some(offer.temporary_id),
                _ => None,
            });
        let seed = self.word();
        let temporary_id = offered.expect("an offer arrived");
        self.command(to, Command::Join { temporary_id, seed })
            .unwrap();
        self.deliver_all();
        let created = self.nodes[from]
            .events
            .iter()
            .rev()
            .find_map(|event| match event {
                Event::ChannelCreated { channel, .. } => Some(*channel),
                _ => None,
            });
        created.expect("a channel was created")
    }
}

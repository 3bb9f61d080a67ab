//! Who takes part in a walk, and with what.

use crate::dice::Dice;
use crate::world::{World, amount, policy};
use counterfoil_core::channel::Policy;
use counterfoil_core::types::ChannelId;

/// Direct payments are multiples of it.
pub(super) const UNIT: u128 = 1_000_000;
/// Payments under a hash are multiples of it, and far below a unit.
pub(super) const ROUTED: u128 = 1_000;
/// Every node's reveal margin, seconds: it covers the lag, the congestion and the reorg that a walk allows itself.
const REVEAL_MARGIN: u64 = 900;

/// The first throws of a seed.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Two nodes with a channel, or three with two.
    pub nodes: usize,
    /// Whether a channel is opened by its second node.
    pub is_opened_backwards: [bool; 2],
    /// What the side that opens deposits, and the other one, in units.
    pub deposits: [u64; 2],
    /// Units below which nobody pays.
    pub reserve: u64,
    /// Units that the side that opens gives away at once.
    pub push: u64,
    /// The mediator's fee, base units.
    pub fee: u64,
    /// Nobody closes, cheats or garbles, so that every channel stays open.
    pub is_peaceful: bool,
    /// The node whose disk may be replaced by an old copy.
    pub careless: Option<usize>,
}

impl Setting {
    /// A setting by chance.
    pub fn draw(dice: &mut Dice) -> Self {
        let nodes = if dice.once_in(3) { 2 } else { 3 };
        let careless = dice.once_in(3).then(|| dice.index(nodes));
        Self {
            nodes,
            is_peaceful: dice.once_in(2),
            is_opened_backwards: [dice.once_in(2), dice.once_in(2)],
            deposits: [dice.within(20..=150), dice.within(0..=150)],
            reserve: if dice.once_in(3) { 2 } else { 0 },
            push: if dice.once_in(3) { 5 } else { 0 },
            fee: dice.within(0..=2),
            careless,
        }
    }

    /// A world of it with open channels.
    pub(super) fn world(&self) -> (World, Vec<ChannelId>) {
        let usual = Policy {
            reveal_margin: REVEAL_MARGIN,
            ..policy()
        };
        let mut policies = vec![usual; self.nodes];
        policies[1].fee_base = amount(u128::from(self.fee));
        let mut world = World::with(policies);
        let channels = (1..self.nodes)
            .map(|second| self.open(&mut world, second))
            .collect();
        (world, channels)
    }

    fn open(&self, world: &mut World, second: usize) -> ChannelId {
        let (from, to) = if self.is_opened_backwards[second - 1] {
            (second, second - 1)
        } else {
            (second - 1, second)
        };
        let deposits = self.deposits.map(|units| u128::from(units) * UNIT);
        let mut wish = world.wish(to, deposits);
        wish.reserve = amount(u128::from(self.reserve) * UNIT);
        wish.push_amount = amount(u128::from(self.push) * UNIT);
        world.open_as(from, to, wish)
    }
}

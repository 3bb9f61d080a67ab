//! Payments between two participants, one update at a time.

use crate::kit::{World, amount, message, pay};
use counterfoil_core::effect::{Effect, Event, Input};
use counterfoil_core::engine::Engine;
use counterfoil_core::types::Nonce;
use counterfoil_core::wire::Message;

// req: S3, S19, E1, E46
#[test]
fn both_sides_pay_and_agree() {
    let (mut world, id) = World::pair([400, 0]);
    world.pay(0, id, 200);
    world.deliver_all();
    world.pay(1, id, 100);
    world.deliver_all();
    assert_eq!(world.balances(0, id), [300, 100]);
    world.assert_agreed(0, 1, id);
}

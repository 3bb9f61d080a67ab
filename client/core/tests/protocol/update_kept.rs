//! What a proposal builds on, and what of it is kept.

use counterfoil_core::effect::RecordId;
use counterfoil_core::wire::Message;
use counterfoil_sim::{World, pay};

// req: A16, A34, E47
#[test]
fn a_proposal_builds_on_the_newest_state_that_both_signed_and_never_on_an_unanswered_one() {
    let (mut world, id) = World::pair([400, 400]);
    let proposed = |world: &World, node: usize| {
        let Message::Update(update) = world.last_sent(node) else {
            panic!()
        };
        (update.nonce.number(), update.base.number())
    };
    world.pay(0, id, 1);
    assert_eq!(proposed(&world, 0), (4, 2));
    world.pay(0, id, 2);
    assert_eq!(proposed(&world, 0), (4, 2), "the second waits");
    world.deliver(0, 1);
    world.pay(1, id, 3);
    assert_eq!(
        proposed(&world, 1),
        (5, 4),
        "co-signed here, though not there yet"
    );
    world.deliver(1, 0);
    assert_eq!(proposed(&world, 0), (6, 4), "the answer makes 4 the newest");
    world.deliver_all();
    world.assert_agreed(0, 1, id);
    assert_eq!(world.balances(0, id), [400, 400]);
    world.command(0, pay(id, 1)).unwrap();
    let newest = world.channel(0, id).nonce.number();
    let (nonce, base) = proposed(&world, 0);
    assert_eq!(base, newest);
    assert!(nonce > newest);
}

// req: A28, A32, A49, E62
#[test]
fn both_sides_keep_the_content_of_every_state_they_signed_and_all_they_know_of_the_channel() {
    let (mut world, id) = World::pair([400, 400]);
    for round in 1..6 {
        world.pay(round % 2, id, 5);
        world.deliver_all();
        let nonce = world.channel(0, id).nonce;
        let state = RecordId::State(id, nonce);
        assert_eq!(world.nodes[0].store[&state], world.nodes[1].store[&state]);
    }
    for node in 0..2 {
        let states = world.nodes[node].store.keys();
        let states = states.filter(|id| matches!(id, RecordId::State(..)));
        assert_eq!(states.count(), 6, "the first, and one for each payment");
        let before = (world.channel(node, id), world.nodes[node].engine.export(id));
        world.crash(node);
        world.tell(node);
        let after = (world.channel(node, id), world.nodes[node].engine.export(id));
        assert_eq!(after, before);
    }
}

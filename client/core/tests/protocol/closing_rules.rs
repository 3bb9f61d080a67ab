//! The rules of the cooperative close: what is still proposed after `shutdown`, and what each step must say.

use crate::opening::codes;
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::{Call, Command};
use counterfoil_core::engine::Error;
use counterfoil_core::state::{Signature, close_digest};
use counterfoil_core::types::{ChannelId, LockId, Participant, SignedAmount};
use counterfoil_core::wire::{
    Cancel, ClosingCreated, ClosingSigned, Message, NewLock, Operation, Reason, Settle, Shutdown,
    ShutdownAck,
};
use counterfoil_sim::{
    Invoice, Puppet, World, amount, content, domain, locking, pay, paying, registry,
};

fn side(node: usize) -> Participant {
    Participant::BOTH[node]
}

/// Node and puppet have locked 50 for each other; the node knows the secret of the one for it. Both have said shutdown.
struct Draining {
    world: World,
    id: ChannelId,
    node: usize,
    puppet: Puppet,
    invoice: Invoice,
    theirs: Operation,
    ours: Operation,
    signed: u64,
}

impl Draining {
    fn new(node: usize) -> Self {
        let (mut world, id) = World::pair([400, 400]);
        let puppet = Puppet::of(&world, 1 - node, id);
        let invoice = Invoice::expected(&mut world, node, 50, 5000);
        let send = invoice.direct(&mut world, id, 50);
        let Command::Send {
            key,
            expiry,
            payload,
            ..
        } = send
        else {
            panic!()
        };
        let (first, number) = if node == 0 { (3, 3) } else { (2, 4) };
        let theirs = Operation::Lock(NewLock {
            id: LockId(first),
            condition: registry(),
            key,
            amount: amount(50),
            expiry,
            payload,
        });
        let locked = content(0, &[(side(1 - node), theirs.clone())]);
        let update = puppet.update(number, 2, vec![theirs.clone()], &locked);
        world.inject(1 - node, node, &Message::Update(update));
        let back = Invoice::unknown(&mut world, 1 - node, 50, 5000);
        let send = back.direct(&mut world, id, 50);
        world.command(node, send).unwrap();
        let Message::Update(update) = world.last_sent(node) else {
            panic!()
        };
        let ours = update.operations[0].clone();
        let mut draining = Self {
            world,
            id,
            node,
            puppet,
            invoice,
            theirs,
            ours,
            signed: update.nonce.number(),
        };
        let both = draining.both();
        let ack = draining.puppet.ack(draining.signed, &both);
        draining.say(&ack);
        assert_eq!(draining.world.channel(node, id).locks, 2);
        draining.say(&Message::Shutdown(Shutdown { channel: id }));
        assert_eq!(draining.world.channel(node, id).phase, Phase::ShuttingDown);
        draining.world.links.clear();
        draining
    }

    fn both(&self) -> counterfoil_core::state::Content {
        let locks = [
            (side(1 - self.node), self.theirs.clone()),
            (side(self.node), self.ours.clone()),
        ];
        content(0, &locks)
    }

    fn say(&mut self, message: &Message) {
        self.world.inject(1 - self.node, self.node, message);
    }

    /// The answer to an operation of the puppet: none when it was taken, as then the update was signed.
    fn refused(
        &mut self,
        operation: Operation,
        after: &counterfoil_core::state::Content,
    ) -> Option<Reason> {
        let number = self.signed + 1;
        let update = self
            .puppet
            .update(number, self.signed, vec![operation], after);
        self.say(&Message::Update(update));
        let frames = self.world.nodes[self.node].sent.iter().rev();
        let mut answers = frames.filter_map(|(_, frame)| match counterfoil_sim::message(frame) {
            Message::UpdateError(refusal) => Some(Some(refusal.reason)),
            Message::UpdateAck(ack) if ack.nonce.number() == number => Some(None),
            _ => None,
        });
        answers.next().expect("an update is answered")
    }
}

// req: E56, E57, E58
#[test]
fn after_shutdown_a_side_proposes_only_what_empties_the_channel() {
    for node in 0..2 {
        let mut draining = Draining::new(node);
        let id = draining.id;
        let expiry = draining.world.expiry(5000);
        let refused = Err(Error::Refused(Reason::ShuttingDown));
        for command in [
            pay(id, 1),
            Command::Send {
                channel: id,
                key: [9; 32].into(),
                amount: amount(2),
                expiry,
                payload: alloy_primitives::Bytes::new(),
            },
            Command::Withdraw {
                channel: id,
                amount: amount(1),
                deadline: expiry,
            },
        ] {
            assert_eq!(draining.world.command(node, command), refused);
        }
        let deposit = Command::Deposit {
            channel: id,
            amount: amount(1),
        };
        assert_eq!(
            draining.world.command(node, deposit),
            Err(Error::Phase(Phase::ShuttingDown))
        );
        assert!(draining.world.busy_links().is_empty());
    }
}

// req: E56, E58, K28, K32
#[test]
fn after_shutdown_a_side_takes_only_what_empties_the_channel() {
    for node in 0..2 {
        let peer = side(1 - node);
        for operation in [
            paying(1),
            locking(
                9 - node as u64,
                [9; 32].into(),
                2,
                Draining::new(node).world.expiry(5000),
            ),
        ] {
            let mut draining = Draining::new(node);
            let both = draining.both();
            let answer = draining.refused(operation, &both);
            assert_eq!(answer, Some(Reason::ShuttingDown));
            assert_eq!(draining.world.channel(node, draining.id).locks, 2);
        }
        let sign = if peer == Participant::Zero { 1 } else { -1 };
        // The puppet pays its lock.
        let mut draining = Draining::new(node);
        let Operation::Lock(lock) = draining.theirs.clone() else {
            panic!()
        };
        let settle = Operation::Settle(Settle {
            id: lock.id,
            preimage: draining.invoice.preimage,
        });
        let mut after = draining.both();
        after.locks.remove(&lock.id);
        after.net = SignedAmount::new(50 * sign);
        assert_eq!(draining.refused(settle, &after), None);
        assert!(draining.world.has_received(node, draining.invoice.key));
        // The puppet gives back what was locked for it.
        let mut draining = Draining::new(node);
        let Operation::Lock(lock) = draining.ours.clone() else {
            panic!()
        };
        let cancel = Operation::Cancel(Cancel {
            id: lock.id,
            reason: Reason::Other,
        });
        let mut after = draining.both();
        after.locks.remove(&lock.id);
        assert_eq!(draining.refused(cancel, &after), None);
        assert_eq!(draining.world.channel(node, draining.id).locks, 1);
        assert!(
            !codes(&draining.world, node).contains(&99),
            "a lock is still there"
        );
    }
}

/// A channel in which node 0 has paid 30 and both have said everything up to `shutdown_ack`; the puppet has the next word.
fn drained(node: usize) -> (World, ChannelId, Puppet) {
    let (mut world, id) = World::pair([400, 100]);
    world.pay(0, id, 30);
    world.deliver_all();
    let puppet = Puppet::of(&world, 1 - node, id);
    world.cut(0, 1);
    world.inject(1 - node, node, &Message::Shutdown(Shutdown { channel: id }));
    world.inject(
        1 - node,
        node,
        &Message::ShutdownAck(ShutdownAck { channel: id }),
    );
    (world, id, puppet)
}

fn close_signature(puppet: &Puppet, id: ChannelId, net: i128) -> Signature {
    puppet
        .key
        .sign(close_digest(&domain(), id, SignedAmount::new(net)))
}

fn closes(world: &World) -> usize {
    let calls = world.chain.calls.iter();
    calls
        .filter(|call| matches!(call, Call::Close { .. }))
        .count()
}

// req: E2, E56, E61
#[test]
fn participant_1_signs_the_close_of_the_newest_state_and_no_other() {
    // What is named, and what is signed.
    for (named, signed, good) in [
        (30, 30, true),
        (29, 29, false),
        (31, 31, false),
        (30, 29, false),
    ] {
        let (mut world, id, puppet) = drained(1);
        let closing = ClosingCreated {
            channel: id,
            net: SignedAmount::new(named),
            signature: close_signature(&puppet, id, signed),
        };
        world.inject(0, 1, &Message::ClosingCreated(closing.clone()));
        let expected = if good { Phase::Closing } else { Phase::Stopped };
        assert_eq!(world.channel(1, id).phase, expected, "{named} {signed}");
        assert_eq!(codes(&world, 1).contains(&22), good, "{named} {signed}");
        if good {
            world.inject(0, 1, &Message::ClosingCreated(closing));
            let signatures = codes(&world, 1).into_iter().filter(|code| *code == 22);
            assert_eq!(signatures.count(), 2, "a repeat is answered again");
        }
    }
}

// req: E2, E56, E61
#[test]
fn participant_0_submits_the_close_with_both_signatures_and_not_before() {
    for (signed, good) in [(30, true), (29, false), (0, false)] {
        let (mut world, id, puppet) = drained(0);
        assert_eq!(world.channel(0, id).phase, Phase::Closing);
        let Message::ClosingCreated(ours) = world.last_sent(0) else {
            panic!()
        };
        assert_eq!(ours.net, SignedAmount::new(30));
        world.command(0, Command::Close { channel: id }).unwrap();
        assert_eq!(closes(&world), 0, "one signature closes nothing");
        let closing = ClosingSigned {
            channel: id,
            signature: close_signature(&puppet, id, signed),
        };
        world.inject(1, 0, &Message::ClosingSigned(closing));
        assert_eq!(closes(&world) > 0, good, "{signed}");
        let expected = if good { Phase::Closing } else { Phase::Stopped };
        assert_eq!(world.channel(0, id).phase, expected, "{signed}");
    }
}

// req: E56, E58, E59
#[test]
fn a_step_of_the_close_that_comes_too_early_or_from_the_wrong_side_is_a_fault() {
    let shutdown = |id| Message::Shutdown(Shutdown { channel: id });
    let ack = |id| Message::ShutdownAck(ShutdownAck { channel: id });
    let created = |id, puppet: &Puppet| {
        Message::ClosingCreated(ClosingCreated {
            channel: id,
            net: SignedAmount::ZERO,
            signature: close_signature(puppet, id, 0),
        })
    };
    let signed = |id, puppet: &Puppet| {
        Message::ClosingSigned(ClosingSigned {
            channel: id,
            signature: close_signature(puppet, id, 0),
        })
    };
    for node in 0..2 {
        let fresh = || {
            let (world, id) = World::pair([400, 100]);
            let puppet = Puppet::of(&world, 1 - node, id);
            (world, id, puppet)
        };
        let (_, id, puppet) = fresh();
        let too_early = [
            vec![ack(id)],
            vec![created(id, &puppet)],
            vec![signed(id, &puppet)],
            vec![shutdown(id), created(id, &puppet)],
            vec![shutdown(id), signed(id, &puppet)],
        ];
        for steps in too_early {
            let (mut world, id, _) = fresh();
            for step in &steps {
                world.inject(1 - node, node, step);
            }
            assert_eq!(world.channel(node, id).phase, Phase::Stopped, "{steps:?}");
            assert_eq!(closes(&world), 0);
        }
        let (mut world, id, puppet) = fresh();
        let wrong_side = if node == 0 {
            created(id, &puppet)
        } else {
            signed(id, &puppet)
        };
        for step in [shutdown(id), ack(id), wrong_side] {
            world.inject(1 - node, node, &step);
        }
        assert_eq!(world.channel(node, id).phase, Phase::Stopped);
        assert_eq!(closes(&world), 0);
    }
}

//! Every message of a peer in every phase of a channel, on both sides: what is passed over, what is taken, and what ends the
//! conversation.

use crate::hostile::fingerprint;
use crate::opening::accepted;
use counterfoil_core::channel::Phase;
use counterfoil_core::effect::Command;
use counterfoil_core::engine::History;
use counterfoil_core::state::{Signature, close_digest};
use counterfoil_core::types::{B256, ChannelId, LockId, Nonce, Pair, SignedAmount};
use counterfoil_core::wire::*;
use counterfoil_sim::{Puppet, World, content, domain, message, paying};

const PHASES: [Phase; 9] = [
    Phase::Created,
    Phase::Funding,
    Phase::Open,
    Phase::ShuttingDown,
    Phase::Closing,
    Phase::Stopped,
    Phase::Disputed,
    Phase::Closed,
    Phase::Recovering,
];

/// A channel of 400 and 100 that `node` sees in this phase, with a peer that may say anything; none where that side never is
/// in the phase.
fn in_phase(phase: Phase, node: usize) -> Option<(World, ChannelId)> {
    let mut world = World::new(2);
    let peer = 1 - node;
    if matches!(phase, Phase::Created | Phase::Funding) {
        let wish = world.wish(1, [400, 100]);
        let id = accepted(&mut world, wish).terms.channel_id();
        if phase == Phase::Created && node == 1 {
            return None;
        }
        world.deliver(1, 0);
        if phase == Phase::Funding {
            world.deliver_all();
        }
        return Some((world, id));
    }
    let id = world.open(0, 1, [400, 100]);
    let channel = id;
    match phase {
        Phase::ShuttingDown => world.command(node, Command::Close { channel }).unwrap(),
        Phase::Closing | Phase::Closed => {
            world.chain.stuck = phase == Phase::Closing;
            world.command(node, Command::Close { channel }).unwrap();
            world.deliver_all();
            world.mine(12);
        }
        Phase::Stopped => {
            let text = "bye".to_owned();
            let error = Message::Error(ErrorMessage { channel, text });
            world.inject(peer, node, &error);
        }
        Phase::Disputed => world.command(node, Command::Challenge { channel }).unwrap(),
        Phase::Recovering => {
            let store = world.nodes[node].store.clone();
            world.restore(node, store, History::MayBeOld);
        }
        _ => {}
    }
    Some((world, id))
}

/// What the peer of `node` may say: in an open channel each would be in its place, or is one that nobody asked for.
fn said(world: &World, node: usize, channel: ChannelId) -> Vec<(&'static str, Message)> {
    let puppet = Puppet::of(world, 1 - node, channel);
    let mut said = said_of_states(&puppet, 1 - node, channel);
    said.extend(said_of_the_end(&puppet, channel));
    said
}

fn said_of_states(
    puppet: &Puppet,
    peer: usize,
    channel: ChannelId,
) -> Vec<(&'static str, Message)> {
    let number = if peer == 0 { 4 } else { 3 };
    let same = content(0, &[]);
    let (nonce, base) = (Nonce::new(number).unwrap(), Nonce::FIRST);
    let deposits = Pair::new(SignedAmount::new(400), SignedAmount::new(100));
    let first = puppet.sign(2, &same);
    let temporary_id = B256::repeat_byte(3);
    let refused = Nonce::new(number + 1).unwrap();
    vec![
        (
            "funding_created",
            Message::FundingCreated(FundingCreated {
                temporary_id,
                channel,
                signature: first,
            }),
        ),
        (
            "funding_signed",
            Message::FundingSigned(FundingSigned {
                channel,
                signature: first,
            }),
        ),
        (
            "funding_locked",
            Message::FundingLocked(FundingLocked { channel, deposits }),
        ),
        (
            "update",
            Message::Update(puppet.update(
                number,
                2,
                vec![paying(5)],
                &content(if peer == 0 { 5 } else { -5 }, &[]),
            )),
        ),
        ("update_ack", puppet.ack(number + 1, &same)),
        (
            "update_error",
            Message::UpdateError(UpdateError {
                channel,
                refused,
                index: 0,
                reason: Reason::Other,
                nonce,
                base,
                signature: puppet.sign(number, &same),
            }),
        ),
        (
            "withdraw_signed",
            Message::WithdrawSigned(WithdrawSigned {
                channel,
                nonce,
                signature: Signature::NONE,
            }),
        ),
    ]
}

fn said_of_the_end(puppet: &Puppet, channel: ChannelId) -> Vec<(&'static str, Message)> {
    let net = SignedAmount::ZERO;
    let close = puppet.key.sign(close_digest(&domain(), channel, net));
    vec![
        ("shutdown", Message::Shutdown(Shutdown { channel })),
        (
            "shutdown_ack",
            Message::ShutdownAck(ShutdownAck { channel }),
        ),
        (
            "closing_created",
            Message::ClosingCreated(ClosingCreated {
                channel,
                net,
                signature: close,
            }),
        ),
        (
            "closing_signed",
            Message::ClosingSigned(ClosingSigned {
                channel,
                signature: close,
            }),
        ),
        (
            "request_commit",
            Message::RequestCommit(RequestCommit {
                channel,
                lock: LockId(4),
                preimage: B256::ZERO,
            }),
        ),
        (
            "error",
            Message::Error(ErrorMessage {
                channel,
                text: String::new(),
            }),
        ),
        (
            "warning",
            Message::Warning(Warning {
                channel,
                text: String::new(),
            }),
        ),
        (
            "inband_message",
            Message::InbandMessage(InbandMessage {
                channel,
                bytes: b"hello".into(),
            }),
        ),
        ("ping", Message::Ping(Ping { token: 7 })),
    ]
}

/// `.` passed over, `n` told to the user, `t` taken, `a` taken and answered, `F` an error that ends the conversation,
/// `E` an error that changes nothing; `-` where the side is never in the phase.
fn outcome(phase: Phase, node: usize, which: usize) -> char {
    let Some((mut world, id)) = in_phase(phase, node) else {
        return '-';
    };
    assert_eq!(world.channel(node, id).phase, phase);
    let (name, said) = said(&world, node, id).swap_remove(which);
    let nonce = world.channel(node, id).nonce;
    let balances = world.balances(node, id);
    world.links.clear();
    let before = fingerprint(&world, node);
    let (sent, told) = (world.nodes[node].sent.len(), world.nodes[node].events.len());
    world.inject(1 - node, node, &said);
    let same = fingerprint(&world, node) == before;
    let codes: Vec<u8> = world.nodes[node].sent[sent..]
        .iter()
        .map(|(_, frame)| message(frame).code())
        .collect();
    let after = world.channel(node, id);
    if name != "update" || phase != Phase::Open && phase != Phase::ShuttingDown {
        assert_eq!(after.nonce, nonce, "{name} in {phase:?} makes no state");
        assert_eq!(world.balances(node, id), balances, "{name} in {phase:?}");
    }
    if codes.contains(&97) {
        let over = matches!(after.phase, Phase::Stopped | Phase::Closed);
        return if over && !same { 'F' } else { 'E' };
    }
    match (
        codes.is_empty(),
        same,
        world.nodes[node].events.len() > told,
    ) {
        (true, true, false) => '.',
        (true, true, true) => 'n',
        (true, false, _) => 't',
        (false, _, _) => 'a',
    }
}

fn table(node: usize) -> String {
    let (world, id) = in_phase(Phase::Open, node).unwrap();
    let names: Vec<&str> = said(&world, node, id)
        .iter()
        .map(|(name, _)| *name)
        .collect();
    let mut lines = vec![String::new()];
    for (which, name) in names.into_iter().enumerate() {
        let outcomes = PHASES.iter().map(|phase| outcome(*phase, node, which));
        lines.push(format!("{name:<16}{}", outcomes.collect::<String>()));
    }
    lines.join("\n")
}

// Columns: created, funding, open, shutting down, closing, stopped, disputed, closed, recovering.
const INITIATOR: &str = "
funding_created .........
funding_signed  t........
funding_locked  Ft.......
update          FFaaF....
update_ack      FFFFF....
update_error    FFFFF....
withdraw_signed FFFFF....
shutdown        Faaa.....
shutdown_ack    FFFF.....
closing_created FFFFF....
closing_signed  FFFF.....
request_commit  .........
error           ttttn...n
warning         nnnnnnnnn
inband_message  nnnnnnnnn
ping            aaaaaaaaa";

const RESPONDER: &str = "
funding_created -aaaaaaaa
funding_signed  -FFFF....
funding_locked  -t.......
update          -FaaF....
update_ack      -FFFF....
update_error    -FFFF....
withdraw_signed -FFFF....
shutdown        -aaa.....
shutdown_ack    -FFF.....
closing_created -FFFa....
closing_signed  -FFFF....
request_commit  -........
error           -tttn...n
warning         -nnnnnnnn
inband_message  -nnnnnnnn
ping            -aaaaaaaa";

// req: E7, E10, E58, E59, A60, GAP-E7
#[test]
fn every_message_in_every_phase_does_what_the_protocol_says_to_the_initiator() {
    assert_eq!(table(0), INITIATOR);
}

// req: E7, E10, E58, E59, A60, GAP-E7
#[test]
fn every_message_in_every_phase_does_what_the_protocol_says_to_the_responder() {
    assert_eq!(table(1), RESPONDER);
}

// req: A55, K35
#[test]
fn whatever_a_third_party_says_about_a_channel_changes_nothing_in_it() {
    for node in 0..2 {
        let mut world = World::new(3);
        let id = world.open(0, 1, [400, 100]);
        for (name, said) in said(&world, node, id) {
            let before = fingerprint(&world, node);
            let (sent, told) = (world.nodes[node].sent.len(), world.nodes[node].events.len());
            let store = world.nodes[node].store.clone();
            world.inject(2, node, &said);
            assert_eq!(fingerprint(&world, node), before, "{name}");
            assert_eq!(world.nodes[node].store, store, "{name}");
            for (to, _) in &world.nodes[node].sent[sent..] {
                assert_eq!(*to, 2, "{name}");
            }
            // A warning may be about anything, and only the user reads it.
            let heard = world.nodes[node].events.len() - told;
            assert_eq!(heard, usize::from(name == "warning"), "{name}");
        }
    }
}

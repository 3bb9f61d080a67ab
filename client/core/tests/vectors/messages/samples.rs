//! One message of each code, and the ends of what its fields can hold.

use super::super::{lock, word};
use super::updates::updating;
use alloy_primitives::Bytes;
use counterfoil_core::state::{Content, Signature, Withdrawing};
use counterfoil_core::types::{
    Address, Amount, ChannelId, LockId, Nonce, Pair, Participant, SignedAmount, Terms, Timestamp,
};
use counterfoil_core::wire::{
    ChannelAccept, ChannelOpen, ChannelReestablish, ClosingCreated, ClosingSigned, ErrorMessage,
    FundingCreated, FundingLocked, FundingSigned, InbandMessage, Message, NewestState, Ping, Pong,
    RequestCommit, Shutdown, ShutdownAck, Warning, WithdrawSigned,
};

pub(super) type Named = Vec<(&'static str, Message)>;

/// The largest nonce, and the last second of which a lock or a deadline can speak.
pub(super) const LAST: u64 = (1 << 40) - 1;

pub(super) fn messages() -> Named {
    [opening(), updating(), recovering(), ending(), talking()].concat()
}

pub(super) fn channel() -> ChannelId {
    ChannelId(word("channel", 0))
}

pub(super) fn nonce(number: u64) -> Nonce {
    Nonce::new(number).unwrap()
}

pub(super) fn signature(number: u64) -> Signature {
    Signature::new(word("r", number), word("vs", number))
}

pub(super) fn address(purpose: &str) -> Address {
    Address::from_word(word(purpose, 0))
}

fn opening() -> Named {
    let channel = channel();
    let locked = |zero, one| {
        let deposits = Pair::new(SignedAmount::new(zero), SignedAmount::new(one));
        Message::FundingLocked(FundingLocked { channel, deposits })
    };
    vec![
        ("channel_open", Message::ChannelOpen(open())),
        (
            "channel_open, largest numbers",
            Message::ChannelOpen(largest_open()),
        ),
        ("channel_accept", Message::ChannelAccept(accept())),
        (
            "funding_created",
            Message::FundingCreated(FundingCreated {
                temporary_id: word("temporary", 0),
                channel,
                signature: signature(0),
            }),
        ),
        (
            "funding_signed",
            Message::FundingSigned(FundingSigned {
                channel,
                signature: signature(1),
            }),
        ),
        ("funding_locked", locked(400, 100)),
        (
            "funding_locked, one has taken out more than it put in",
            locked(400, -3),
        ),
        (
            "funding_locked, ends of the range",
            locked(i128::MAX, i128::MIN),
        ),
    ]
}

fn open() -> ChannelOpen {
    ChannelOpen {
        chain_id: 31337,
        adjudicator: address("adjudicator"),
        temporary_id: word("temporary", 0),
        token: Address::ZERO,
        signer: address("signer 0"),
        payout: address("payout 0"),
        initiator_amount: Amount::new(400),
        responder_amount: Amount::new(0),
        push_amount: Amount::new(20),
        reserve: Amount::new(10),
        finalization_period: 3600,
        salt: word("salt", 0),
        seed: word("seed", 0),
    }
}

fn largest_open() -> ChannelOpen {
    ChannelOpen {
        chain_id: u64::MAX,
        token: address("token"),
        initiator_amount: Amount::new((1 << 91) - 1),
        push_amount: Amount::new(u128::MAX),
        reserve: Amount::new(u128::MAX),
        finalization_period: u32::MAX,
        ..open()
    }
}

fn accept() -> ChannelAccept {
    ChannelAccept {
        chain_id: 31337,
        adjudicator: address("adjudicator"),
        temporary_id: word("temporary", 0),
        terms: Terms {
            signers: Pair::new(address("signer 0"), address("signer 1")),
            payouts: Pair::new(address("payout 0"), address("payout 1")),
            token: Address::ZERO,
            finalization_period: 3600,
            reserve: Amount::new(10),
            salt: word("salt", 0),
        },
        initiator_amount: Amount::new(400),
        responder_amount: Amount::new(0),
        push_amount: Amount::new(20),
        minimum_depth: 12,
        seed: word("seed", 1),
    }
}

fn recovering() -> Named {
    let channel = channel();
    let newest = |number, content| {
        Message::NewestState(NewestState {
            channel,
            nonce: nonce(number),
            content,
            signatures: Pair::new(signature(7), signature(8)),
        })
    };
    vec![
        (
            "channel_reestablish",
            Message::ChannelReestablish(ChannelReestablish {
                channel,
                co_signed: nonce(4),
                commitment: word("commitment", 4),
                yours: signature(3),
                signed: nonce(6),
                signed_commitment: word("commitment", 6),
                known: nonce(5),
            }),
        ),
        ("newest_state", newest(8, held())),
        ("newest_state, nothing paid", newest(2, Content::default())),
        (
            "withdraw_signed",
            Message::WithdrawSigned(WithdrawSigned {
                channel,
                nonce: nonce(8),
                signature: signature(9),
            }),
        ),
    ]
}

/// A content with two locks and a withdrawal of each side.
fn held() -> Content {
    let mut content = Content {
        net: SignedAmount::new(-300),
        last_lock: Pair::new(6, 5),
        ..Content::default()
    };
    content
        .locks
        .insert(LockId(6), lock(0, 0, 100, 1_900_000_000));
    content.locks.insert(LockId(5), lock(1, 1, 7, LAST));
    let leaves = |by, number, units| Withdrawing {
        by,
        nonce: nonce(number),
        amount: Amount::new(units),
        deadline: Timestamp::new(1_900_000_000),
    };
    content.withdrawing.push(leaves(Participant::One, 5, 0));
    content.withdrawing.push(leaves(Participant::Zero, 8, 100));
    content
}

fn ending() -> Named {
    let channel = channel();
    let closing = |net| {
        Message::ClosingCreated(ClosingCreated {
            channel,
            net: SignedAmount::new(net),
            signature: signature(5),
        })
    };
    vec![
        ("shutdown", Message::Shutdown(Shutdown { channel })),
        (
            "shutdown_ack",
            Message::ShutdownAck(ShutdownAck { channel }),
        ),
        ("closing_created", closing(300)),
        ("closing_created, negative net", closing(-300)),
        ("closing_created, nothing paid", closing(0)),
        (
            "closing_signed",
            Message::ClosingSigned(ClosingSigned {
                channel,
                signature: signature(6),
            }),
        ),
    ]
}

fn talking() -> Named {
    let channel = channel();
    let inband = |bytes| Message::InbandMessage(InbandMessage { channel, bytes });
    vec![
        (
            "request_commit",
            Message::RequestCommit(RequestCommit {
                channel,
                lock: LockId(4),
                preimage: word("preimage", 0),
            }),
        ),
        ("ping", Message::Ping(Ping { token: 1 })),
        (
            "ping, largest token",
            Message::Ping(Ping { token: u64::MAX }),
        ),
        ("pong", Message::Pong(Pong { token: 0 })),
        (
            "warning",
            Message::Warning(Warning {
                channel,
                text: "behind the chain".into(),
            }),
        ),
        ("inband_message", inband(Bytes::from_static(b"two teas"))),
        ("inband_message, empty", inband(Bytes::new())),
        (
            "error",
            Message::Error(ErrorMessage {
                channel,
                text: "state 4 was proposed twice".into(),
            }),
        ),
        (
            "error about an offer, in UTF-8",
            Message::Error(ErrorMessage {
                channel: ChannelId(word("temporary", 0)),
                text: "zu wenig für uns".into(),
            }),
        ),
    ]
}

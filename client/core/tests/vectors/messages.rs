//! One frame of each message, and what is in it.

use super::{decimal, hex, word};
use alloy_primitives::Bytes;
use counterfoil_core::state::Signature;
use counterfoil_core::types::{
    Address, Amount, B256, ChannelId, LockId, Nonce, Pair, SignedAmount, Terms, Timestamp,
};
use counterfoil_core::wire::{
    Cancel, ChannelAccept, ChannelOpen, ClosingCreated, ClosingSigned, ErrorMessage, Expire,
    FundingCreated, FundingLocked, FundingSigned, Message, NewLock, Operation, Pay, Reason,
    Refused, RequestCommit, Settle, Shutdown, ShutdownAck, Update, UpdateAck, UpdateError, Warning,
    encode,
};
use serde_json::{Value, json};

pub(super) fn cases() -> Vec<Value> {
    messages()
        .iter()
        .map(|(name, message)| case(name, message))
        .collect()
}

fn case(name: &str, message: &Message) -> Value {
    json!({
        "name": name,
        "code": message.code().to_string(),
        "frame": hex(encode(message).unwrap()),
        "fields": fields(message),
    })
}

fn address(purpose: &str) -> Address {
    Address::from_word(word(purpose, 0))
}

fn channel() -> ChannelId {
    ChannelId(word("channel", 0))
}

fn nonce(number: u64) -> Nonce {
    Nonce::new(number).unwrap()
}

fn signature(number: u64) -> Signature {
    Signature::new(word("r", number), word("vs", number))
}

fn terms() -> Terms {
    Terms {
        signers: Pair::new(address("signer 0"), address("signer 1")),
        payouts: Pair::new(address("payout 0"), address("payout 1")),
        token: Address::ZERO,
        finalization_period: 3600,
        reserve: Amount::new(10),
        salt: word("salt", 0),
    }
}

fn opening() -> Vec<(&'static str, Message)> {
    let (open, accept) = offer();
    vec![
        ("channel_open", Message::ChannelOpen(open)),
        ("channel_accept", Message::ChannelAccept(accept)),
        (
            "funding_created",
            Message::FundingCreated(FundingCreated {
                temporary_id: word("temporary", 0),
                channel: channel(),
                signature: signature(0),
            }),
        ),
        (
            "funding_signed",
            Message::FundingSigned(FundingSigned {
                channel: channel(),
                signature: signature(1),
            }),
        ),
        (
            "funding_locked",
            Message::FundingLocked(FundingLocked {
                channel: channel(),
                deposits: Pair::new(SignedAmount::new(400), SignedAmount::new(-3)),
            }),
        ),
    ]
}

fn offer() -> (ChannelOpen, ChannelAccept) {
    let open = ChannelOpen {
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
    };
    let accept = ChannelAccept {
        chain_id: 31337,
        adjudicator: address("adjudicator"),
        temporary_id: word("temporary", 0),
        terms: terms(),
        initiator_amount: Amount::new(400),
        responder_amount: Amount::new(0),
        push_amount: Amount::new(20),
        minimum_depth: 12,
        seed: word("seed", 1),
    };
    (open, accept)
}

fn operations() -> Vec<Operation> {
    vec![
        Operation::Pay(Pay {
            amount: Amount::new(20),
            tag: Bytes::from_static(b"tea"),
        }),
        Operation::Lock(NewLock {
            id: LockId(4),
            condition: address("registry"),
            key: word("key", 0),
            amount: Amount::new(1 << 100),
            expiry: Timestamp::new(1_900_000_000),
            payload: Bytes::from_static(&[0xc2, 0xc0, 0x80]),
        }),
        Operation::Settle(Settle {
            id: LockId(2),
            preimage: word("preimage", 0),
        }),
        Operation::Cancel(Cancel {
            id: LockId(3),
            reason: Reason::NoRoute,
        }),
        Operation::Expire(Expire { id: LockId(6) }),
    ]
}

fn updating() -> Vec<(&'static str, Message)> {
    let plain = Update {
        channel: channel(),
        nonce: nonce(4),
        base: nonce(2),
        answers: Nonce::ZERO,
        refused: Vec::new(),
        operations: operations(),
        signature: signature(2),
    };
    let merged = Update {
        nonce: nonce(6),
        answers: nonce(3),
        refused: vec![Refused {
            index: 1,
            reason: Reason::ReserveBroken,
        }],
        ..plain.clone()
    };
    vec![
        ("update", Message::Update(plain)),
        ("update that answers a crossing", Message::Update(merged)),
        (
            "update_ack",
            Message::UpdateAck(UpdateAck {
                channel: channel(),
                nonce: nonce(4),
                signature: signature(3),
            }),
        ),
        (
            "update_error",
            Message::UpdateError(UpdateError {
                channel: channel(),
                refused: nonce(4),
                index: 1,
                reason: Reason::ExpiryTooNear,
                nonce: nonce(5),
                base: nonce(2),
                signature: signature(4),
            }),
        ),
    ]
}

fn ending() -> Vec<(&'static str, Message)> {
    let channel = channel();
    vec![
        (
            "closing_created",
            Message::ClosingCreated(ClosingCreated {
                channel,
                net: SignedAmount::new(-300),
                signature: signature(5),
            }),
        ),
        (
            "closing_signed",
            Message::ClosingSigned(ClosingSigned {
                channel,
                signature: signature(6),
            }),
        ),
        (
            "request_commit",
            Message::RequestCommit(RequestCommit {
                channel,
                lock: LockId(4),
                preimage: word("preimage", 0),
            }),
        ),
        (
            "warning",
            Message::Warning(Warning {
                channel,
                text: "behind the chain".into(),
            }),
        ),
        (
            "error",
            Message::Error(ErrorMessage {
                channel,
                text: "state 4 was proposed twice".into(),
            }),
        ),
        ("shutdown", Message::Shutdown(Shutdown { channel })),
        (
            "shutdown_ack",
            Message::ShutdownAck(ShutdownAck { channel }),
        ),
    ]
}

fn messages() -> Vec<(&'static str, Message)> {
    [opening(), updating(), ending()].concat()
}

fn two<T: ToString + Copy>(pair: Pair<T>) -> Value {
    json!([pair.zero.to_string(), pair.one.to_string()])
}

fn signed(signature: &Signature) -> Value {
    hex([signature.r().0, signature.vs().0].concat())
}

fn reason(reason: Reason) -> Value {
    Value::String(format!("{reason:?}"))
}

/// What a message says, all values as strings.
pub(super) fn fields(message: &Message) -> Value {
    match message {
        Message::ChannelOpen(m) => json!({
            "chainId": decimal(m.chain_id), "adjudicator": hex(m.adjudicator),
            "temporaryId": hex(m.temporary_id), "token": hex(m.token), "signer": hex(m.signer),
            "payout": hex(m.payout), "initiatorAmount": decimal(m.initiator_amount),
            "responderAmount": decimal(m.responder_amount), "pushAmount": decimal(m.push_amount),
            "reserve": decimal(m.reserve), "finalizationPeriod": decimal(m.finalization_period),
            "salt": hex(m.salt), "seed": hex(m.seed),
        }),
        Message::ChannelAccept(m) => json!({
            "chainId": decimal(m.chain_id), "adjudicator": hex(m.adjudicator),
            "temporaryId": hex(m.temporary_id), "terms": terms_fields(&m.terms),
            "initiatorAmount": decimal(m.initiator_amount),
            "responderAmount": decimal(m.responder_amount), "pushAmount": decimal(m.push_amount),
            "minimumDepth": decimal(m.minimum_depth), "seed": hex(m.seed),
        }),
        Message::FundingCreated(m) => json!({
            "temporaryId": hex(m.temporary_id), "channel": hex(m.channel.0),
            "signature": signed(&m.signature),
        }),
        Message::FundingSigned(m) => {
            json!({ "channel": hex(m.channel.0), "signature": signed(&m.signature) })
        }
        Message::FundingLocked(m) => {
            json!({ "channel": hex(m.channel.0), "deposits": two(m.deposits) })
        }
        Message::Update(m) => json!({
            "channel": hex(m.channel.0), "nonce": decimal(m.nonce), "base": decimal(m.base),
            "answers": decimal(m.answers),
            "refused": m.refused.iter().map(|refused| json!({
                "index": decimal(refused.index), "reason": reason(refused.reason),
            })).collect::<Vec<_>>(),
            "operations": m.operations.iter().map(operation).collect::<Vec<_>>(),
            "signature": signed(&m.signature),
        }),
        Message::UpdateAck(m) => json!({
            "channel": hex(m.channel.0), "nonce": decimal(m.nonce),
            "signature": signed(&m.signature),
        }),
        Message::UpdateError(m) => json!({
            "channel": hex(m.channel.0), "refused": decimal(m.refused), "index": decimal(m.index),
            "reason": reason(m.reason), "nonce": decimal(m.nonce), "base": decimal(m.base),
            "signature": signed(&m.signature),
        }),
        Message::RequestCommit(m) => json!({
            "channel": hex(m.channel.0), "lock": decimal(m.lock.0), "preimage": hex(m.preimage),
        }),
        Message::Shutdown(m) => json!({ "channel": hex(m.channel.0) }),
        Message::ShutdownAck(m) => json!({ "channel": hex(m.channel.0) }),
        Message::ClosingCreated(m) => json!({
            "channel": hex(m.channel.0), "net": decimal(m.net), "signature": signed(&m.signature),
        }),
        Message::ClosingSigned(m) => {
            json!({ "channel": hex(m.channel.0), "signature": signed(&m.signature) })
        }
        Message::Warning(m) => json!({ "channel": hex(m.channel.0), "text": m.text }),
        Message::Error(m) => json!({ "channel": hex(m.channel.0), "text": m.text }),
    }
}

fn terms_fields(terms: &Terms) -> Value {
    json!({
        "signers": [hex(terms.signers.zero), hex(terms.signers.one)],
        "payouts": [hex(terms.payouts.zero), hex(terms.payouts.one)],
        "token": hex(terms.token),
        "finalizationPeriod": decimal(terms.finalization_period),
        "reserve": decimal(terms.reserve),
        "salt": hex(terms.salt),
    })
}

fn operation(operation: &Operation) -> Value {
    let word = |word: B256| hex(word);
    match operation {
        Operation::Pay(m) => {
            json!({ "kind": "pay", "amount": decimal(m.amount), "tag": hex(&m.tag) })
        }
        Operation::Lock(m) => json!({
            "kind": "lock", "id": decimal(m.id.0), "condition": hex(m.condition),
            "key": word(m.key), "amount": decimal(m.amount), "expiry": decimal(m.expiry),
            "payload": hex(&m.payload),
        }),
        Operation::Settle(m) => {
            json!({ "kind": "settle", "id": decimal(m.id.0), "preimage": word(m.preimage) })
        }
        Operation::Cancel(m) => {
            json!({ "kind": "cancel", "id": decimal(m.id.0), "reason": reason(m.reason) })
        }
        Operation::Expire(m) => json!({ "kind": "expire", "id": decimal(m.id.0) }),
    }
}

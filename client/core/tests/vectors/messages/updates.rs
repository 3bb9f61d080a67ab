//! Updates with every kind of operation, and the answers to them.

use super::super::word;
use super::samples::{LAST, Named, address, channel, nonce, signature};
use alloy_primitives::Bytes;
use counterfoil_core::types::{Amount, LockId, Nonce, Timestamp};
use counterfoil_core::wire::{
    Cancel, Expire, Message, NewLock, Operation, Pay, Reason, Refused, Settle, Unsupported, Update,
    UpdateAck, UpdateError, Withdraw,
};

fn pay(units: u128, tag: &'static [u8]) -> Operation {
    Operation::Pay(Pay {
        amount: Amount::new(units),
        tag: Bytes::from_static(tag),
    })
}

fn new_lock() -> NewLock {
    NewLock {
        id: LockId(4),
        condition: address("registry"),
        key: word("key", 0),
        amount: Amount::new(1 << 100),
        expiry: Timestamp::new(1_900_000_000),
        payload: Bytes::from_static(&[0xc2, 0xc0, 0x80]),
    }
}

fn withdraw(units: u128, deadline: u64) -> Operation {
    Operation::Withdraw(Withdraw {
        amount: Amount::new(units),
        deadline: Timestamp::new(deadline),
    })
}

fn each_kind() -> Vec<Operation> {
    vec![
        pay(20, b"tea"),
        Operation::Lock(new_lock()),
        Operation::Settle(Settle {
            id: LockId(2),
            preimage: word("preimage", 0),
        }),
        Operation::Cancel(Cancel {
            id: LockId(3),
            reason: Reason::NoRoute,
        }),
        Operation::Expire(Expire { id: LockId(6) }),
        withdraw(100, 1_900_000_000),
    ]
}

fn ends_of_each_kind() -> Vec<Operation> {
    vec![
        pay(0, b""),
        pay(u128::MAX, &[0xff; 32]),
        Operation::Lock(NewLock {
            id: LockId(u64::MAX),
            amount: Amount::new(u128::MAX),
            expiry: Timestamp::new(LAST),
            payload: Bytes::new(),
            ..new_lock()
        }),
        Operation::Cancel(Cancel {
            id: LockId(0),
            reason: Reason::Other,
        }),
        withdraw(0, 1_900_000_000),
        withdraw(u128::MAX, LAST),
    ]
}

/// Two operations of later versions around one that is known: the bodies are `[1, "x"]`, and nothing at all.
fn with_unsupported() -> Vec<Operation> {
    vec![
        Operation::Unsupported(Unsupported {
            kind: 77,
            body: Bytes::from_static(&[0xc2, 0x01, 0x78]),
        }),
        pay(1, b""),
        Operation::Unsupported(Unsupported {
            kind: 255,
            body: Bytes::new(),
        }),
    ]
}

pub(super) fn update() -> Update {
    Update {
        channel: channel(),
        nonce: nonce(4),
        base: nonce(2),
        answers: Nonce::ZERO,
        refused: Vec::new(),
        operations: each_kind(),
        signature: signature(2),
    }
}

/// Every reason there is, each for one operation.
fn all_reasons() -> Vec<Refused> {
    let reason = |number: u8| {
        let bytes = alloy_rlp::encode(number);
        let reason: Reason = alloy_rlp::Decodable::decode(&mut bytes.as_slice()).unwrap();
        (number == 0 || reason != Reason::Other).then_some(reason)
    };
    let known = (0..=u8::MAX).filter_map(reason);
    let refused = (0..).zip(known);
    refused
        .map(|(index, reason)| Refused { index, reason })
        .collect()
}

pub(super) fn updating() -> Named {
    let merging = Update {
        nonce: nonce(6),
        answers: nonce(3),
        operations: Vec::new(),
        ..update()
    };
    let refusing = Update {
        refused: vec![Refused {
            index: 1,
            reason: Reason::ReserveBroken,
        }],
        operations: vec![pay(20, b"tea")],
        ..merging.clone()
    };
    let with = |operations| Update {
        operations,
        ..update()
    };
    let last = Update {
        nonce: nonce(LAST),
        base: nonce(LAST - 1),
        ..with(vec![pay(5, b"")])
    };
    let every = Update {
        refused: all_reasons(),
        ..merging.clone()
    };
    vec![
        (
            "update, one payment",
            Message::Update(with(vec![pay(20, b"tea")])),
        ),
        (
            "update, one operation of each kind",
            Message::Update(update()),
        ),
        (
            "update, ends of the ranges",
            Message::Update(with(ends_of_each_kind())),
        ),
        (
            "update with operations that are not supported",
            Message::Update(with(with_unsupported())),
        ),
        ("update with the largest nonce", Message::Update(last)),
        (
            "update that only answers a crossing",
            Message::Update(merging),
        ),
        (
            "update that refuses a part of a crossing",
            Message::Update(refusing),
        ),
        (
            "update that refuses for each reason",
            Message::Update(every),
        ),
        (
            "update_ack",
            Message::UpdateAck(UpdateAck {
                channel: channel(),
                nonce: nonce(4),
                signature: signature(3),
            }),
        ),
        ("update_error", refusal(1, Reason::ExpiryTooNear)),
        (
            "update_error that names no operation",
            refusal(u16::MAX, Reason::ReserveBroken),
        ),
    ]
}

fn refusal(index: u16, reason: Reason) -> Message {
    Message::UpdateError(UpdateError {
        channel: channel(),
        refused: nonce(4),
        index,
        reason,
        nonce: nonce(5),
        base: nonce(2),
        signature: signature(4),
    })
}

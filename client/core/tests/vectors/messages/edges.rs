//! Frames as a later version or a careless peer might write them.

use super::samples::{channel, nonce, signature};
use super::updates::update;
use alloy_primitives::Bytes;
use alloy_rlp::{Encodable, Header};
use counterfoil_core::wire::{
    Message, Operation, Ping, Shutdown, Unsupported, Update, UpdateAck, encode,
};

type Frames = Vec<(&'static str, Vec<u8>)>;

/// Frames with fields and operations that this version does not know.
pub(super) fn later_versions() -> Frames {
    let update = Update {
        operations: vec![unknown_field_in_a_payment()],
        ..update()
    };
    vec![
        (
            "ping with a field that a later version adds",
            extended(&ping(), &[0x83, 0x6e, 0x65, 0x77]),
        ),
        (
            "shutdown with two of them",
            extended(&shutdown(), &[7, 0xc1, 8]),
        ),
        (
            "update with a payment that has one, and a field behind the operation's body",
            encode(&Message::Update(update)).unwrap(),
        ),
    ]
}

pub(super) fn ignored() -> Frames {
    vec![
        ("unknown odd code", vec![0, 2, 201, 0xc0]),
        (
            "unknown odd code with a body that is no list",
            vec![0, 3, 13, 0xff, 0xff],
        ),
        ("unknown odd code without a body", vec![0, 1, 255]),
    ]
}

pub(super) fn unreadable() -> Frames {
    let mut longer = encode(&ping()).unwrap();
    longer.push(0);
    let mut behind = longer.clone();
    behind[1] += 1;
    let mut short = encode(&shutdown()).unwrap();
    short.pop();
    vec![
        ("no bytes", Vec::new()),
        ("no code", vec![0, 0]),
        ("unknown even code", vec![0, 2, 200, 0xc0]),
        ("longer than it says", longer),
        ("a byte behind the list", behind),
        ("shorter than it says", short),
        ("a field is missing", vec![0, 2, 98, 0xc0]),
        ("the body is a string", vec![0, 2, 91, 0x80]),
        (
            "a number below 128 with a length",
            vec![0, 4, 91, 0xc2, 0x81, 0x05],
        ),
        (
            "a number with a leading zero",
            vec![0, 5, 91, 0xc3, 0x82, 0x00, 0x05],
        ),
        (
            "a zero that is written as a byte",
            vec![0, 3, 91, 0xc1, 0x00],
        ),
        (
            "a number with a length of its length",
            vec![0, 5, 91, 0xc3, 0xb8, 0x01, 0x05],
        ),
        ("a number of nine bytes for a token of eight", nine_bytes()),
        ("a nonce of 2^40", nonce_too_large()),
        ("an address of 19 bytes in an operation", short_address()),
    ]
}

fn ping() -> Message {
    Message::Ping(Ping { token: 5 })
}

fn shutdown() -> Message {
    Message::Shutdown(Shutdown { channel: channel() })
}

/// The frame of a message with `more` at the end of its list.
fn extended(message: &Message, more: &[u8]) -> Vec<u8> {
    let frame = encode(message).unwrap();
    let fields = Header::decode_bytes(&mut &frame[3..], true).unwrap();
    framed(message.code(), &list(&[fields, more].concat()))
}

fn framed(code: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 1).unwrap().to_be_bytes();
    [length.as_slice(), &[code], body].concat()
}

fn list(fields: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let header = Header {
        list: true,
        payload_length: fields.len(),
    };
    header.encode(&mut out);
    out.extend(fields);
    out
}

/// `[1, [20, "tea", 7], 9]`, which reads as a payment.
fn unknown_field_in_a_payment() -> Operation {
    let mut rest = list(&[20, 0x83, b't', b'e', b'a', 7]);
    rest.push(9);
    let body = Bytes::from(rest);
    Operation::Unsupported(Unsupported { kind: 1, body })
}

/// The frame of an operation whose body is not what its kind has.
fn short_address() -> Vec<u8> {
    let mut fields = vec![4, 0x93];
    fields.extend([0x11; 19]);
    let body = Bytes::from(list(&fields));
    let operations = vec![Operation::Unsupported(Unsupported { kind: 2, body })];
    let update = Update {
        operations,
        ..update()
    };
    encode(&Message::Update(update)).unwrap()
}

fn nine_bytes() -> Vec<u8> {
    let mut number = vec![0x89, 1];
    number.extend([0; 8]);
    framed(91, &list(&number))
}

fn nonce_too_large() -> Vec<u8> {
    let ack = UpdateAck {
        channel: channel(),
        nonce: nonce((1 << 40) - 1),
        signature: signature(3),
    };
    let mut fields = Vec::new();
    ack.channel.encode(&mut fields);
    (1_u64 << 40).encode(&mut fields);
    ack.signature.encode(&mut fields);
    framed(8, &list(&fields))
}

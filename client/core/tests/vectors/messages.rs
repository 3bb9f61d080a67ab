//! At least one frame of each message and operation, with what is in it, and frames that are ignored or cannot be read.

mod edges;
mod fields;
mod samples;
mod updates;

use super::{committed, hex, unhex};
use counterfoil_core::wire::{BadFrame, Message, Operation, Reason, decode, encode};
pub(super) use fields::fields;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) fn cases() -> Vec<Value> {
    let written = samples::messages().into_iter().map(|(name, message)| {
        let frame = encode(&message).unwrap();
        json!({
            "name": name,
            "code": message.code().to_string(),
            "frame": hex(frame),
            "fields": fields(&message),
        })
    });
    let read = edges::later_versions().into_iter().map(|(name, frame)| {
        let message = decode(&frame).unwrap().unwrap();
        // What is not known is gone when the message is written again.
        json!({
            "name": name,
            "code": message.code().to_string(),
            "frame": hex(frame),
            "fields": fields(&message),
            "written": hex(encode(&message).unwrap()),
        })
    });
    written.chain(read).collect()
}

/// Frames that a reader drops without a word.
pub(super) fn ignored() -> Vec<Value> {
    edges::ignored().iter().map(named).collect()
}

/// Frames that are no message.
pub(super) fn unreadable() -> Vec<Value> {
    edges::unreadable().iter().map(named).collect()
}

fn named((name, frame): &(&'static str, Vec<u8>)) -> Value {
    json!({ "name": name, "frame": hex(frame) })
}

// req: E4, E5
#[test]
fn every_frame_of_the_vectors_decodes_and_encodes_to_the_same_bytes() {
    for case in committed("messages.json")["cases"].as_array().unwrap() {
        let frame = unhex(&case["frame"]);
        let message = decode(&frame).unwrap().unwrap();
        let written = case.get("written").map_or(frame, unhex);
        assert_eq!(encode(&message).unwrap(), written, "{}", case["name"]);
        assert_eq!(case["fields"], fields(&message));
        assert_eq!(case["code"], message.code().to_string());
    }
}

#[test]
fn frames_that_are_ignored_or_unreadable_are_so() {
    let file = committed("messages.json");
    for case in file["ignored"].as_array().unwrap() {
        assert_eq!(decode(&unhex(&case["frame"])), Ok(None), "{}", case["name"]);
    }
    for case in file["unreadable"].as_array().unwrap() {
        assert!(decode(&unhex(&case["frame"])).is_err(), "{}", case["name"]);
    }
}

/// The codes that the decoder knows: no message is an empty list, so a known one cannot be read.
fn known_codes() -> BTreeSet<u8> {
    let is_known = |code: &u8| matches!(decode(&[0, 2, *code, 0xc0]), Err(BadFrame::Body { .. }));
    (0..=u8::MAX).filter(is_known).collect()
}

/// The kinds of operations that the decoder knows, by the same reasoning.
fn known_kinds() -> BTreeSet<u8> {
    let is_known = |kind: &u8| {
        let mut item = Vec::new();
        alloy_rlp::encode_list::<_, u8>(&[*kind], &mut item);
        let operation: Result<Operation, _> = alloy_rlp::Decodable::decode(&mut item.as_slice());
        !matches!(operation, Ok(Operation::Unsupported(_)))
    };
    (0..=u8::MAX).filter(is_known).collect()
}

fn known_reasons() -> usize {
    let unknown = |number: &u8| {
        let bytes = alloy_rlp::encode(*number);
        let reason: Reason = alloy_rlp::Decodable::decode(&mut bytes.as_slice()).unwrap();
        reason == Reason::Other && *number != 0
    };
    (0..=u8::MAX).filter(|number| !unknown(number)).count()
}

// req: E5
#[test]
fn every_message_operation_and_reason_has_a_vector() {
    let file = committed("messages.json");
    let (mut codes, mut kinds, mut reasons) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for case in file["cases"].as_array().unwrap() {
        let message = decode(&unhex(&case["frame"])).unwrap().unwrap();
        codes.insert(message.code());
        if let Message::Update(update) = message {
            for operation in case["fields"]["operations"].as_array().unwrap() {
                let kind = operation["kind"].as_str().unwrap();
                if !kind.ends_with("unsupported") {
                    kinds.insert(kind.split(' ').next().unwrap().parse().unwrap());
                }
            }
            reasons.extend(update.refused.iter().map(|refused| refused.reason));
        }
    }
    assert_eq!(codes, known_codes(), "messages");
    assert_eq!(kinds, known_kinds(), "operations");
    assert_eq!(reasons.len(), known_reasons(), "reasons");
}

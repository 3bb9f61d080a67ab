//! What is encoded decodes to the same value, and what a later version adds is ignored.

use crate::messages::{message, update};
use crate::strategies::{content, contents, opening, operation, payload, reason, terms};
use alloy_rlp::{Decodable, Encodable, Header};
use counterfoil_core::wire::{Message, Operation, Reason, decode, encode};
use proptest::collection::vec;
use proptest::prelude::*;
use std::fmt::Debug;

/// The value survives the codec, its length is announced right, and nothing is left over.
fn survives<T: Encodable + Decodable + PartialEq + Debug>(value: &T) -> Result<(), TestCaseError> {
    let bytes = alloy_rlp::encode(value);
    prop_assert_eq!(bytes.len(), value.length());
    let mut rest = bytes.as_slice();
    prop_assert_eq!(&T::decode(&mut rest).unwrap(), value);
    prop_assert!(rest.is_empty());
    for cut in 0..bytes.len() {
        prop_assert!(T::decode(&mut &bytes[..cut]).is_err(), "cut at {}", cut);
    }
    Ok(())
}

/// The list in `bytes` with more at its end.
fn grown(bytes: &[u8], more: &[u8]) -> Vec<u8> {
    let payload = Header::decode_bytes(&mut &*bytes, true).unwrap();
    list(&[payload, more].concat())
}

fn list(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    Header {
        list: true,
        payload_length: payload.len(),
    }
    .encode(&mut bytes);
    [bytes.as_slice(), payload].concat()
}

fn frame(code: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 1).unwrap().to_be_bytes();
    [length.as_slice(), &[code], body].concat()
}

/// Fields of a version to come: any RLP items.
fn additions() -> impl Strategy<Value = Vec<u8>> {
    vec(vec(any::<u8>(), 0..20), 0..4)
        .prop_map(|items| items.iter().flat_map(alloy_rlp::encode).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    // req: E4, E5, E9, E49, GAP-E2, GAP-E5, GAP-E11
    #[test]
    fn every_message_survives_the_codec(message in message()) {
        let frame = encode(&message).unwrap();
        prop_assert_eq!(usize::from(u16::from_be_bytes([frame[0], frame[1]])), frame.len() - 2);
        prop_assert_eq!(frame[2], message.code());
        prop_assert_eq!(decode(&frame), Ok(Some(message)));
    }

    // req: A52
    #[test]
    fn a_frame_that_is_cut_is_refused(message in message(), cut in any::<prop::sample::Index>()) {
        let whole = encode(&message).unwrap();
        let cut = cut.index(whole.len());
        prop_assert!(decode(&whole[..cut]).is_err());
        if let Some(body) = whole[..cut].get(3..) {
            prop_assert!(decode(&frame(whole[2], body)).is_err(), "with a length that fits");
        }
    }

    // req: A52
    #[test]
    fn bytes_after_a_message_are_refused(message in message(), more in vec(any::<u8>(), 1..5)) {
        let whole = encode(&message).unwrap();
        let body = [&whole[3..], &more].concat();
        prop_assert!(decode(&frame(whole[2], &body)).is_err());
    }

    #[test]
    fn fields_that_a_later_version_adds_to_a_message_are_ignored(message in message(), more in additions()) {
        let whole = encode(&message).unwrap();
        let longer = frame(whole[2], &grown(&whole[3..], &more));
        prop_assert_eq!(decode(&longer), Ok(Some(message)));
    }

    #[test]
    fn every_operation_survives_the_codec(operation in operation()) {
        let bytes = alloy_rlp::encode(&operation);
        prop_assert_eq!(bytes.len(), operation.length());
        prop_assert_eq!(Operation::decode(&mut bytes.as_slice()), Ok(operation));
    }

    #[test]
    fn fields_that_a_later_version_adds_to_an_operation_are_ignored(
        operation in operation(), inner in additions(), outer in additions(),
    ) {
        prop_assume!(!matches!(operation, Operation::Unsupported(_)));
        let bytes = alloy_rlp::encode(&operation);
        let fields = Header::decode_bytes(&mut bytes.as_slice(), true).unwrap();
        let (kind, body) = fields.split_at(1);
        let longer = list(&[kind, &grown(body, &inner), &outer].concat());
        prop_assert_eq!(Operation::decode(&mut longer.as_slice()), Ok(operation));
    }

    #[test]
    fn an_operation_of_a_later_version_leaves_the_rest_of_its_update_readable(
        mut update in update(), kind in 7u8.., body in additions(),
    ) {
        let unknown = list(&[alloy_rlp::encode(kind), body].concat());
        update.operations.push(Operation::decode(&mut unknown.as_slice()).unwrap());
        let again = Message::Update(update);
        prop_assert_eq!(decode(&encode(&again).unwrap()), Ok(Some(again)));
    }

    #[test]
    fn a_reason_of_a_later_version_reads_as_another_reason(number: u8, known in reason()) {
        let read = Reason::decode(&mut alloy_rlp::encode(number).as_slice()).unwrap();
        prop_assert_eq!(read == Reason::Other, number == 0 || number >= 20);
        prop_assert_eq!(Reason::decode(&mut alloy_rlp::encode(known).as_slice()), Ok(known));
    }
}

proptest! {
    // req: A13, A57, A58, E62
    #[test]
    fn what_is_stored_or_sealed_survives_the_codec(
        content in content(), opening in opening(), terms in terms(), payload in payload(), contents in contents(),
    ) {
        survives(&content)?;
        survives(&opening)?;
        survives(&terms)?;
        survives(&payload)?;
        survives(&contents)?;
    }
}

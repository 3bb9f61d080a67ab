//! Whatever decodes is encoded again to the same message, and the encoding is canonical.

#![no_main]

use alloy_rlp::Header;
use counterfoil_core::wire::{decode, encode};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    // The same bytes as a code and fields, so that most of them get past the lengths.
    if let Some((code, fields)) = bytes.split_first() {
        let mut body = vec![*code];
        Header {
            list: true,
            payload_length: fields.len(),
        }
        .encode(&mut body);
        body.extend_from_slice(fields);
        if let Ok(length) = u16::try_from(body.len()) {
            check(&[&length.to_be_bytes(), body.as_slice()].concat());
        }
    }
});

fn check(frame: &[u8]) {
    let Ok(Some(message)) = decode(frame) else {
        return;
    };
    // Fields of a later version are dropped, so the frame may become shorter and never longer.
    let again = encode(&message).expect("what came in a frame fits one");
    assert!(again.len() <= frame.len(), "{message:?}");
    assert_eq!(decode(&again), Ok(Some(message.clone())));
    assert_eq!(encode(&message), Ok(again));
}

//! Whatever decodes is encoded again to the same message, and the encoding is canonical.

#![no_main]

use counterfoil_core::wire::{decode, encode};

libfuzzer_sys::fuzz_target!(|frame: &[u8]| {
    let Ok(Some(message)) = decode(frame) else {
        return;
    };
    // Fields of a later version are dropped, so the frame may become shorter and never longer.
    let again = encode(&message).expect("what came in a frame fits one");
    assert!(again.len() <= frame.len(), "{message:?}");
    assert_eq!(decode(&again), Ok(Some(message.clone())));
    assert_eq!(encode(&message), Ok(again));
});

//! One node against a peer, a chain and a disk that do whatever the bytes say.

#![no_main]

libfuzzer_sys::fuzz_target!(|script: &[u8]| {
    counterfoil_fuzz::run(script);
});

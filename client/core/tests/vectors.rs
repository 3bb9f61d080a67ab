//! The vectors in adjudicator-tests/vectors/ are what the code produces; `cargo test -- --ignored` writes them again.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]

#[path = "vectors/messages.rs"]
mod messages;
#[path = "vectors/settlements.rs"]
mod settlements;
#[path = "vectors/states.rs"]
mod states;

use counterfoil_core::types::{B256, Lock};
use serde_json::{Value, json};
use std::path::PathBuf;

type Produce = fn() -> Vec<Value>;

const FILES: [(&str, Produce); 3] = [
    ("state.json", states::cases),
    ("settlement.json", settlements::cases),
    ("messages.json", messages::cases),
];

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../adjudicator-tests/vectors")
        .join(file)
}

fn text(produce: Produce) -> String {
    serde_json::to_string_pretty(&json!({ "cases": produce() })).unwrap() + "\n"
}

/// The word of a purpose and a number; stands in for randomness.
fn word(purpose: &str, number: u64) -> B256 {
    alloy_primitives::keccak256([purpose.as_bytes(), &number.to_be_bytes()].concat())
}

fn hex(bytes: impl AsRef<[u8]>) -> Value {
    Value::String(alloy_primitives::hex::encode_prefixed(bytes))
}

fn decimal(number: impl ToString) -> Value {
    Value::String(number.to_string())
}

fn lock(number: u64, payer: u8, amount: u128, expiry: u64) -> Lock {
    use counterfoil_core::types::{Address, Amount, Participant, Timestamp};
    Lock {
        condition: Address::from_word(word("condition", number)),
        key: word("key", number),
        amount: Amount::new(amount),
        payer: if payer == 0 {
            Participant::Zero
        } else {
            Participant::One
        },
        expiry: Timestamp::new(expiry),
    }
}

// req: A12, A51, GAP-S4
#[test]
fn the_committed_vectors_are_what_the_code_produces() {
    for (file, produce) in FILES {
        let committed = std::fs::read_to_string(path(file)).unwrap_or_default();
        assert!(
            committed == text(produce),
            "{file} differs; write it again: cargo test --release -p counterfoil-core --test vectors -- --ignored"
        );
    }
}

#[test]
#[ignore = "writes adjudicator-tests/vectors"]
fn write_the_vectors() {
    for (file, produce) in FILES {
        std::fs::write(path(file), text(produce)).unwrap();
    }
}

// req: E4, E5
#[test]
fn every_frame_of_the_vectors_decodes_and_encodes_to_the_same_bytes() {
    let committed = std::fs::read_to_string(path("messages.json")).unwrap();
    let file: Value = serde_json::from_str(&committed).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let mut codes: Vec<u8> = Vec::new();
    for case in cases {
        let frame = alloy_primitives::hex::decode(case["frame"].as_str().unwrap()).unwrap();
        let message = counterfoil_core::wire::decode(&frame).unwrap().unwrap();
        assert_eq!(counterfoil_core::wire::encode(&message).unwrap(), frame);
        assert_eq!(case["fields"], messages::fields(&message));
        assert_eq!(case["code"], message.code().to_string());
        codes.push(message.code());
    }
    codes.dedup();
    assert_eq!(codes, [1, 2, 4, 5, 6, 7, 8, 9, 20, 22, 32, 95, 97, 98, 99]);
}

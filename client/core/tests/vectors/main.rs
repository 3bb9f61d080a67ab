//! The vectors in adjudicator-tests/vectors/ are what the code produces; `cargo test -- --ignored` writes them again.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]

mod blindings;
mod messages;
mod recovery;
mod settlements;
mod states;

use counterfoil_core::types::{B256, Lock};
use serde_json::{Value, json};
use std::path::PathBuf;

type Produce = fn() -> Value;

const FILES: [(&str, Produce); 3] = [
    ("state.json", state_file),
    ("settlement.json", settlement_file),
    ("messages.json", messages_file),
];

fn state_file() -> Value {
    json!({
        "cases": states::cases(),
        "blindings": blindings::cases(),
        "recovery": recovery::cases(),
    })
}

fn settlement_file() -> Value {
    json!({ "cases": settlements::cases() })
}

fn messages_file() -> Value {
    json!({
        "cases": messages::cases(),
        "ignored": messages::ignored(),
        "unreadable": messages::unreadable(),
    })
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../adjudicator-tests/vectors")
        .join(file)
}

fn text(produce: Produce) -> String {
    serde_json::to_string_pretty(&produce()).unwrap() + "\n"
}

/// A committed file, as another implementation reads it.
fn committed(file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path(file)).unwrap()).unwrap()
}

/// The word of a purpose and a number; stands in for randomness.
fn word(purpose: &str, number: u64) -> B256 {
    alloy_primitives::keccak256([purpose.as_bytes(), &number.to_be_bytes()].concat())
}

fn hex(bytes: impl AsRef<[u8]>) -> Value {
    Value::String(alloy_primitives::hex::encode_prefixed(bytes))
}

fn unhex(value: &Value) -> Vec<u8> {
    alloy_primitives::hex::decode(value.as_str().unwrap()).unwrap()
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

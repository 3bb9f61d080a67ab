//! Old states are deleted, and nothing else, whatever happens in between.
//!
//! Money at risk: a state that can still come onto the chain pays nobody once its content is gone.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]

use counterfoil_core::effect::{Record, RecordId};
use counterfoil_core::types::{Address, B256, ChannelId, Nonce};
use counterfoil_store::{Left, Owner, Store, WriteError};
use std::path::Path;

const OWNER: Owner = Owner {
    chain_id: 1,
    adjudicator: Address::ZERO,
    node: Address::ZERO,
};

// req: E3, E53
#[test]
fn only_older_states_of_the_channel_go_and_they_stay_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.sqlite");
    let mut store = Store::open(&path, OWNER).unwrap();
    let mut records: Vec<Record> = (2..=6).map(|nonce| state(1, nonce)).collect();
    records.extend([state(2, 2), state(2, 3), channel(1), payment(1)]);
    store.commit(&records).unwrap();

    assert_eq!(store.forget(id(1), nonce(5)).unwrap(), Left::Nothing);

    for _ in 0..2 {
        assert_eq!(nonces(&store, 1, 8), [5, 6]);
        assert_eq!(nonces(&store, 2, 8), [2, 3]);
        let image = store.load().unwrap();
        assert_eq!((image.channels.len(), image.payments.len()), (1, 1));
        drop(store);
        store = Store::open(&path, OWNER).unwrap();
    }
    // Once more, and of a channel that has none: nothing to do.
    assert_eq!(store.forget(id(1), nonce(5)).unwrap(), Left::Nothing);
    assert_eq!(store.forget(id(9), Nonce::MAX).unwrap(), Left::Nothing);
    assert_eq!(nonces(&store, 1, 8), [5, 6]);
    store.commit(&[state(1, 3)]).unwrap();
    assert_eq!(nonces(&store, 1, 8), [3, 5, 6]);
}

// req: E3
#[test]
fn many_states_are_deleted_in_portions_and_a_crash_in_between_loses_no_newer_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.sqlite");
    let mut store = Store::open(&path, OWNER).unwrap();
    let (below, last) = (10_000, 10_010);
    let records: Vec<Record> = (1..=last).map(|nonce| state(1, nonce)).collect();
    store.commit(&records).unwrap();

    // What is on the disk at any moment is what a crash leaves.
    let mut left = nonces(&open_copy(&path), 1, last);
    let mut portions = 0;
    loop {
        let outcome = store.forget(id(1), nonce(below)).unwrap();
        portions += 1;
        let crashed = open_copy(&path);
        let now = nonces(&crashed, 1, last);
        assert!(now.len() < left.len());
        assert!(left.ends_with(&now), "the oldest go first");
        assert!(now.ends_with(&(below..=last).collect::<Vec<_>>()));
        left = now;
        if outcome == Left::Nothing {
            break;
        }
    }
    assert_eq!(left, (below..=last).collect::<Vec<_>>());
    assert!(portions > 1);
}

// req: E3
#[test]
fn a_deletion_that_fails_halts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.sqlite");
    let mut store = Store::open(&path, OWNER).unwrap();
    store.commit(&[state(1, 2), state(1, 3)]).unwrap();
    drop(store);
    let trap = "CREATE TRIGGER trap BEFORE DELETE ON states BEGIN SELECT RAISE(FAIL, 'no'); END";
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch(trap)
        .unwrap();

    let mut store = Store::open(&path, OWNER).unwrap();
    let failed = store.forget(id(1), nonce(3));
    assert!(
        matches!(failed, Err(WriteError::NotForgotten { .. })),
        "{failed:?}"
    );
    store.commit(&[state(1, 4)]).unwrap();
    assert_eq!(nonces(&store, 1, 8), [2, 3, 4]);
}

/// The database as another process would find it if this one died now.
fn open_copy(path: &Path) -> Store {
    let copy = path.with_file_name("copy.sqlite");
    for suffix in ["", "-wal"] {
        let with = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            name
        };
        let _ = std::fs::remove_file(with(&copy));
        let _ = std::fs::copy(with(path), with(&copy));
    }
    Store::open(&copy, OWNER).unwrap()
}

fn nonces(store: &Store, byte: u8, last: u64) -> Vec<u64> {
    let there = |number: &u64| {
        let state = store.state(id(byte), nonce(*number)).unwrap();
        state.is_some_and(|bytes| bytes == number.to_be_bytes())
    };
    (0..=last).filter(there).collect()
}

fn id(byte: u8) -> ChannelId {
    ChannelId(B256::repeat_byte(byte))
}

fn nonce(number: u64) -> Nonce {
    Nonce::new(number).unwrap()
}

fn state(byte: u8, number: u64) -> Record {
    Record {
        id: RecordId::State(id(byte), nonce(number)),
        bytes: number.to_be_bytes().to_vec(),
    }
}

fn channel(byte: u8) -> Record {
    Record {
        id: RecordId::Channel(id(byte)),
        bytes: vec![byte],
    }
}

fn payment(byte: u8) -> Record {
    Record {
        id: RecordId::Payment(B256::repeat_byte(byte)),
        bytes: vec![byte],
    }
}

//! What was committed comes back after a restart, and nothing else.

#![cfg(test)]

use counterfoil_core::effect::{Record, RecordId};
use counterfoil_core::types::{Address, B256, ChannelId, Nonce};
use counterfoil_store::{Image, Owner, Store};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const OWNER: Owner = Owner {
    chain_id: u64::MAX,
    adjudicator: Address::repeat_byte(0xaa),
    node: Address::repeat_byte(0xbb),
};

// req: E3
#[test]
fn records_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.sqlite");
    Store::open(&path, OWNER)
        .unwrap()
        .commit(&[
            payment(9, b"forward"),
            channel(2, b"second"),
            channel(1, b"first"),
            state(1, Nonce::MAX.number(), b"newest"),
            state(2, 2, b""),
        ])
        .unwrap();

    let store = Store::open(&path, OWNER).unwrap();

    let image = Image {
        channels: vec![(id(1), b"first".to_vec()), (id(2), b"second".to_vec())],
        payments: vec![(B256::repeat_byte(9), b"forward".to_vec())],
    };
    assert_eq!(store.load().unwrap(), image);
    assert_eq!(store.state(id(1), Nonce::MAX).unwrap().unwrap(), b"newest");
    assert_eq!(store.state(id(2), Nonce::FIRST).unwrap().unwrap(), b"");
    assert_eq!(store.state(id(1), Nonce::FIRST).unwrap(), None);
}

#[test]
fn a_record_replaces_the_one_of_its_id_and_leaves_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.sqlite");
    let mut store = Store::open(&path, OWNER).unwrap();
    store
        .commit(&[
            channel(1, b"old"),
            state(1, 2, b"two"),
            payment(1, b"same bytes, other kind"),
        ])
        .unwrap();
    store
        .commit(&[
            channel(1, b"new"),
            state(1, 3, b"three"),
            channel(1, b"newest"),
        ])
        .unwrap();

    drop(store);
    let store = Store::open(&path, OWNER).unwrap();

    let image = store.load().unwrap();
    assert_eq!(image.channels, [(id(1), b"newest".to_vec())]);
    assert_eq!(image.payments.len(), 1);
    assert_eq!(
        store.state(id(1), Nonce::FIRST).unwrap().unwrap(),
        b"two",
        "states at other nonces stay"
    );
}

#[test]
fn large_records_come_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.sqlite");
    let bytes: Vec<u8> = (0..3_000_000_u32)
        .map(|i| i.to_be_bytes()[2] ^ i.to_be_bytes()[3])
        .collect();
    Store::open(&path, OWNER)
        .unwrap()
        .commit(&[channel(1, &bytes)])
        .unwrap();
    let image = Store::open(&path, OWNER).unwrap().load().unwrap();
    assert!(image.channels == [(id(1), bytes)]);
}

#[test]
fn only_the_user_may_read_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.sqlite");
    let mut store = Store::open(&path, OWNER).unwrap();
    store.commit(&[channel(1, b"secret")]).unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
}

#[test]
fn a_database_half_made_before_a_crash_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.sqlite");
    for name in [
        "node.sqlite.new",
        "node.sqlite.new-wal",
        "node.sqlite.new-journal",
    ] {
        std::fs::write(folder.path().join(name), b"torn").unwrap();
    }
    Store::open(&path, OWNER)
        .unwrap()
        .commit(&[channel(1, b"first")])
        .unwrap();
    assert_eq!(
        Store::open(&path, OWNER)
            .unwrap()
            .load()
            .unwrap()
            .channels
            .len(),
        1
    );
    assert!(!Path::new(&folder.path().join("node.sqlite.new")).exists());
}

fn id(byte: u8) -> ChannelId {
    ChannelId(B256::repeat_byte(byte))
}

fn channel(byte: u8, bytes: &[u8]) -> Record {
    Record {
        id: RecordId::Channel(id(byte)),
        bytes: bytes.to_vec(),
    }
}

fn state(byte: u8, nonce: u64, bytes: &[u8]) -> Record {
    Record {
        id: RecordId::State(id(byte), Nonce::new(nonce).unwrap()),
        bytes: bytes.to_vec(),
    }
}

fn payment(byte: u8, bytes: &[u8]) -> Record {
    Record {
        id: RecordId::Payment(B256::repeat_byte(byte)),
        bytes: bytes.to_vec(),
    }
}

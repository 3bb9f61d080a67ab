//! Commits that fail and records that rot, with a hand on the connection.

use super::*;
use counterfoil_core::types::Address;
use tempfile::TempDir;

// req: A29
#[test]
fn records_of_one_commit_are_stored_together_or_not_at_all() {
    let (folder, mut store) = empty();
    store.commit(&[channel(1, b"before")]).unwrap();
    limit_growth(&store);

    let full = store.commit(&[
        channel(1, b"after"),
        payment(1, b"small"),
        payment(2, &[7; 1 << 20]),
    ]);

    assert!(matches!(full, Err(WriteError::Full { .. })), "{full:?}");
    let expected = Image {
        channels: vec![(ChannelId(B256::repeat_byte(1)), b"before".to_vec())],
        payments: vec![],
    };
    assert_eq!(store.load().unwrap(), expected);
    drop(store);
    assert_eq!(reopen(&folder).load().unwrap(), expected);
}

#[test]
fn nothing_is_written_after_a_failed_commit_though_it_would_fit() {
    let (folder, mut store) = empty();
    store.commit(&[state(1, 2, b"kept")]).unwrap();
    limit_growth(&store);
    store.commit(&[payment(1, &[7; 1 << 20])]).unwrap_err();
    store
        .connection
        .pragma_update(None, "max_page_count", 1 << 30)
        .unwrap();

    let later = store.commit(&[channel(1, b"small")]);

    assert!(matches!(later, Err(WriteError::Halted)), "{later:?}");
    assert!(matches!(store.commit(&[]), Err(WriteError::Halted)));
    let id = ChannelId(B256::repeat_byte(1));
    let forgotten = store.forget(id, Nonce::MAX);
    assert!(
        matches!(forgotten, Err(WriteError::Halted)),
        "{forgotten:?}"
    );
    assert_eq!(store.state(id, Nonce::FIRST).unwrap().unwrap(), b"kept");
    drop(store);
    let mut store = reopen(&folder);
    assert_eq!(store.load().unwrap(), Image::default());
    store.commit(&[channel(1, b"small")]).unwrap();
}

#[test]
fn every_commit_is_synced_to_a_log() {
    let (_folder, store) = empty();
    let text = |name| {
        store
            .connection
            .pragma_query_value(None, name, |row| row.get::<_, String>(0))
    };
    let number = |name| {
        store
            .connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
    };
    assert_eq!(text("journal_mode").unwrap(), "wal");
    assert_eq!(text("locking_mode").unwrap(), "exclusive");
    assert_eq!(number("synchronous").unwrap(), 2, "2 is FULL");
}

#[test]
fn a_record_changed_on_the_disk_is_not_handed_out() {
    let (folder, mut store) = empty();
    store
        .commit(&[
            channel(1, &[5; 400]),
            state(1, 2, &[6; 400]),
            payment(1, &[7; 400]),
        ])
        .unwrap();
    drop(store);
    flip_a_bit_after(&folder, &[5; 100]);
    flip_a_bit_after(&folder, &[6; 100]);

    let store = reopen(&folder);

    let id = ChannelId(B256::repeat_byte(1));
    let damaged = store.load().unwrap_err();
    assert!(
        matches!(damaged, ReadError::Damaged { id: RecordId::Channel(found), .. } if found == id),
        "{damaged:?}"
    );
    assert!(matches!(
        store.state(id, Nonce::FIRST),
        Err(ReadError::Damaged { .. })
    ));
}

#[test]
fn a_record_under_the_id_of_another_is_not_handed_out() {
    let (_folder, mut store) = empty();
    store
        .commit(&[channel(1, b"one"), state(1, 2, b"one")])
        .unwrap();
    store
        .connection
        .execute("UPDATE channels SET id = zeroblob(32)", ())
        .unwrap();
    store
        .connection
        .execute("UPDATE states SET nonce = 4", ())
        .unwrap();

    assert!(matches!(store.load(), Err(ReadError::Damaged { .. })));
    let four = Nonce::new(4).unwrap();
    let moved = store.state(ChannelId(B256::repeat_byte(1)), four);
    assert!(matches!(moved, Err(ReadError::Damaged { .. })), "{moved:?}");
}

fn empty() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = reopen(&folder);
    (folder, store)
}

fn reopen(folder: &TempDir) -> Store {
    let owner = Owner {
        chain_id: 1,
        adjudicator: Address::ZERO,
        node: Address::ZERO,
    };
    Store::open(folder.path().join("node.sqlite"), owner).unwrap()
}

fn limit_growth(store: &Store) {
    // The pragma answers with the limit; one below the present size means the present size.
    store
        .connection
        .pragma_update(None, "max_page_count", 1)
        .unwrap();
}

fn flip_a_bit_after(folder: &TempDir, pattern: &[u8]) {
    let path = folder.path().join("node.sqlite");
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes
        .windows(pattern.len())
        .position(|window| window == pattern)
        .unwrap();
    *bytes[at..].get_mut(pattern.len()).unwrap() ^= 1;
    std::fs::write(path, bytes).unwrap();
}

fn channel(id: u8, bytes: &[u8]) -> Record {
    let id = RecordId::Channel(ChannelId(B256::repeat_byte(id)));
    Record {
        id,
        bytes: bytes.to_vec(),
    }
}

fn state(id: u8, nonce: u64, bytes: &[u8]) -> Record {
    let id = RecordId::State(ChannelId(B256::repeat_byte(id)), Nonce::new(nonce).unwrap());
    Record {
        id,
        bytes: bytes.to_vec(),
    }
}

fn payment(id: u8, bytes: &[u8]) -> Record {
    Record {
        id: RecordId::Payment(B256::repeat_byte(id)),
        bytes: bytes.to_vec(),
    }
}

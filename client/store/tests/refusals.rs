//! A file that is not this node's healthy database is refused by name, and stays as it is.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]

use counterfoil_core::effect::{Record, RecordId};
use counterfoil_core::types::{Address, B256, ChannelId};
use counterfoil_store::{OpenError, Owner, Store};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const OWNER: Owner = Owner {
    chain_id: 1,
    adjudicator: Address::repeat_byte(0xaa),
    node: Address::repeat_byte(0xbb),
};

#[test]
fn a_second_instance_is_refused_while_the_first_lives() {
    let (folder, path) = database();
    let mut first = Store::open(&path, OWNER).unwrap();

    let second = Store::open(&path, OWNER).unwrap_err();
    let link = folder.path().join("link.sqlite");
    symlink(&path, &link).unwrap();
    let linked = Store::open(&link, OWNER).unwrap_err();

    assert!(matches!(second, OpenError::InUse { .. }), "{second:?}");
    assert!(matches!(linked, OpenError::InUse { .. }), "{linked:?}");
    first.commit(&[record(2)]).unwrap();
    drop(first);
    assert_eq!(
        Store::open(&path, OWNER)
            .unwrap()
            .load()
            .unwrap()
            .channels
            .len(),
        2
    );
}

#[test]
fn a_database_that_another_program_writes_is_in_use() {
    let (_folder, path) = database();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = Store::open(&path, OWNER).unwrap_err();
    assert!(matches!(refused, OpenError::InUse { .. }), "{refused:?}");
}

#[test]
fn other_programs_cannot_write_between_two_commits() {
    let (_folder, path) = database();
    let store = Store::open(&path, OWNER).unwrap();
    let other = Connection::open(&path).unwrap();
    other.busy_timeout(std::time::Duration::ZERO).unwrap();
    assert!(other.execute("DELETE FROM channels", ()).is_err());
    assert_eq!(store.load().unwrap().channels.len(), 1);
}

#[test]
fn the_records_of_another_owner_are_refused_by_name() {
    let (folder, path) = database();
    let others = [
        (
            Owner {
                chain_id: 5,
                ..OWNER
            },
            "chain 1, this node is set to chain 5",
        ),
        (
            Owner {
                adjudicator: Address::ZERO,
                ..OWNER
            },
            "adjudicator 0xaAaAaAaa",
        ),
        (
            Owner {
                node: Address::ZERO,
                ..OWNER
            },
            "node 0xbBbBBBBb",
        ),
    ];
    for (other, named) in others {
        let error = refused_untouched(&folder, &path, other);
        assert!(error.to_string().contains(named), "{error}");
    }
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    for content in [
        &b""[..],
        b"SQLite format 3\0",
        &[0; 8192],
        b"# the notes of a user",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.sqlite");
        fs::write(&path, content).unwrap();
        let error = refused_untouched(&folder, &path, OWNER);
        assert!(matches!(error, OpenError::NotADatabase { .. }), "{error:?}");
    }
}

#[test]
fn a_database_of_another_program_is_refused_with_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.sqlite");
    let other = Connection::open(&path).unwrap();
    other
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .unwrap();
    other
        .query_row("PRAGMA journal_mode = WAL", (), |_| Ok(()))
        .unwrap();
    other
        .execute_batch("CREATE TABLE notes (text); INSERT INTO notes VALUES ('a')")
        .unwrap();
    drop(other);
    assert!(folder.path().join("node.sqlite-wal").exists());

    let error = refused_untouched(&folder, &path, OWNER);

    assert!(
        matches!(error, OpenError::Foreign { received: 0, .. }),
        "{error:?}"
    );
}

#[test]
fn a_newer_schema_is_refused_with_both_numbers() {
    let (folder, path) = database();
    change(&path, "PRAGMA user_version = 2");

    let error = refused_untouched(&folder, &path, OWNER);

    assert!(
        matches!(
            error,
            OpenError::Schema {
                expected: 1,
                received: 2,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        error.to_string().ends_with("run the version that wrote it"),
        "{error}"
    );
}

#[test]
fn a_newer_schema_that_is_still_in_the_log_is_refused() {
    let (folder, path) = database();
    let newer = Connection::open(&path).unwrap();
    newer
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .unwrap();
    newer.execute_batch("PRAGMA user_version = 2").unwrap();
    drop(newer);
    // The index of the log, which any reader makes anew.
    fs::remove_file(folder.path().join("node.sqlite-shm")).unwrap();

    let error = refused_untouched(&folder, &path, OWNER);

    assert!(
        matches!(error, OpenError::Schema { received: 2, .. }),
        "{error:?}"
    );
}

#[test]
fn a_damaged_page_is_refused() {
    let (folder, path) = database();
    let mut bytes = fs::read(&path).unwrap();
    let pages = bytes.len() / 4096;
    assert!(pages >= 4, "{pages}");
    for page in 1..pages {
        bytes[page * 4096..page * 4096 + 64].fill(0xff);
    }
    fs::write(&path, bytes).unwrap();

    let error = refused_untouched(&folder, &path, OWNER);

    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
}

#[test]
fn a_database_cut_short_is_refused() {
    let (folder, path) = database();
    let bytes = fs::read(&path).unwrap();
    for pages in 1..bytes.len() / 4096 {
        fs::write(&path, &bytes[..pages * 4096]).unwrap();
        let error = refused_untouched(&folder, &path, OWNER);
        assert!(
            matches!(error, OpenError::Corrupt { .. }),
            "{pages} pages: {error:?}"
        );
    }
}

#[test]
fn a_log_without_its_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.sqlite");
    fs::write(folder.path().join("node.sqlite-wal"), b"records").unwrap();
    let error = refused_untouched(&folder, &path, OWNER);
    assert!(matches!(error, OpenError::OrphanedLog { .. }), "{error:?}");
}

#[test]
fn a_database_that_others_may_read_is_refused() {
    let (folder, path) = database();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let error = refused_untouched(&folder, &path, OWNER);
    assert!(
        matches!(
            error,
            OpenError::Exposed {
                received: 0o640,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(error.to_string().contains("mode 640"), "{error}");
}

#[test]
fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Store::open(folder.path().join("none/node.sqlite"), OWNER).unwrap_err();
    assert!(matches!(&error, OpenError::Io { path, .. } if path.ends_with("none/node.sqlite")));
}

fn refused_untouched(folder: &TempDir, path: &Path, owner: Owner) -> OpenError {
    let before = content(folder);
    let error = Store::open(path, owner).unwrap_err();
    assert_eq!(content(folder), before, "{error} but changed a file");
    error
}

/// Every file but the empty ones that an attempt may leave: the lock, and a log without content.
fn content(folder: &TempDir) -> BTreeMap<PathBuf, Vec<u8>> {
    fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .filter(|(path, bytes)| !bytes.is_empty() || path.ends_with("node.sqlite"))
        .collect()
}

fn database() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.sqlite");
    Store::open(&path, OWNER)
        .unwrap()
        .commit(&[record(1)])
        .unwrap();
    (folder, path)
}

fn change(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

fn record(byte: u8) -> Record {
    Record {
        id: RecordId::Channel(ChannelId(B256::repeat_byte(byte))),
        bytes: vec![byte; 400],
    }
}

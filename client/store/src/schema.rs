//! The tables, and the checks that a database passes before it is trusted.

use crate::error::OpenError;
use crate::owner::Owner;
use counterfoil_core::types::Address;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// Opens a database that passed the header check, and makes it prove that it is whole and `owner`'s.
pub(crate) fn open(path: &Path, owner: Owner) -> Result<Connection, OpenError> {
    let connection = connect(path).map_err(|e| failed(path, e))?;
    // Closing a refused database must not move its log into it.
    let tidy = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    connection
        .set_db_config(tidy, true)
        .map_err(|e| failed(path, e))?;
    let (application, version) = numbers(&connection).map_err(|e| failed(path, e))?;
    check_numbers(path, application, version)?;
    let finding = finding(&connection).map_err(|e| failed(path, e))?;
    if finding != "ok" {
        return Err(OpenError::Corrupt {
            path: path.into(),
            finding: finding.into(),
        });
    }
    check_owner(
        path,
        owner,
        read_owner(&connection).map_err(|e| failed(path, e))?,
    )?;
    prepare(&connection).map_err(|e| failed(path, e))?;
    connection
        .set_db_config(tidy, false)
        .map_err(|e| failed(path, e))?;
    Ok(connection)
}

/// Fills an empty file.
pub(crate) fn create(path: &Path, owner: Owner) -> rusqlite::Result<()> {
    let mut connection = connect(path)?;
    prepare(&connection)?;
    let transaction = connection.transaction()?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.execute_batch(TABLES)?;
    transaction.execute(
        "INSERT INTO owner (chain_id, adjudicator, node) VALUES (?1, ?2, ?3)",
        (
            owner.chain_id.to_string(),
            owner.adjudicator.to_string(),
            owner.node.to_string(),
        ),
    )?;
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error)
}

/// Checks the two numbers by which SQLite lets a program know its files.
pub(crate) fn check_numbers(path: &Path, application: u32, version: u32) -> Result<(), OpenError> {
    if application != APPLICATION_ID {
        return Err(OpenError::Foreign {
            path: path.into(),
            expected: APPLICATION_ID,
            received: application,
        });
    }
    if version != SCHEMA {
        return Err(OpenError::Schema {
            path: path.into(),
            expected: SCHEMA,
            received: version,
        });
    }
    Ok(())
}

/// Tells a busy and a damaged database from other failures.
pub(crate) fn failed(path: &Path, source: rusqlite::Error) -> OpenError {
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            OpenError::InUse { path: path.into() }
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => OpenError::Corrupt {
            path: path.into(),
            finding: source.to_string().into(),
        },
        Some(_) | None => OpenError::Sqlite {
            path: path.into(),
            source,
        },
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(Duration::ZERO)?;
    // Keeps other programs from writing between two commits, and saves the shared-memory file.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    Ok(connection)
}

/// FULL syncs the log at every commit; NORMAL would lose the last commits in a power cut.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |mode| {
        match mode.get_ref(0)?.as_str()? {
            "wal" => Ok(()),
            _ => Err(rusqlite::Error::InvalidQuery),
        }
    })?;
    // Pages of a 16 MB log. The pages of the index change again and again, so a longer log writes them less often.
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.pragma_update(None, "synchronous", "FULL")
}

fn numbers(connection: &Connection) -> rusqlite::Result<(u32, u32)> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    Ok((
        number("application_id")?.cast_unsigned(),
        number("user_version")?.cast_unsigned(),
    ))
}

fn finding(connection: &Connection) -> rusqlite::Result<String> {
    connection.query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))
}

/// What the database says of its owner, as written.
type OwnerRow = (String, String, String);

fn read_owner(connection: &Connection) -> rusqlite::Result<OwnerRow> {
    connection.query_row("SELECT chain_id, adjudicator, node FROM owner", (), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })
}

fn check_owner(path: &Path, expected: Owner, row: OwnerRow) -> Result<(), OpenError> {
    let unreadable = || OpenError::Corrupt {
        path: path.into(),
        finding: "owner".into(),
    };
    let received = Owner {
        chain_id: row.0.parse().map_err(|_| unreadable())?,
        adjudicator: row.1.parse::<Address>().map_err(|_| unreadable())?,
        node: row.2.parse::<Address>().map_err(|_| unreadable())?,
    };
    let path = path.to_path_buf();
    if received.chain_id != expected.chain_id {
        let (expected, received) = (expected.chain_id, received.chain_id);
        return Err(OpenError::OtherChain {
            path,
            expected,
            received,
        });
    }
    if received.adjudicator != expected.adjudicator {
        let (expected, received) = (expected.adjudicator, received.adjudicator);
        return Err(OpenError::OtherAdjudicator {
            path,
            expected,
            received,
        });
    }
    if received.node != expected.node {
        let (expected, received) = (expected.node, received.node);
        return Err(OpenError::OtherNode {
            path,
            expected,
            received,
        });
    }
    Ok(())
}

/// "CFoi" in ASCII.
const APPLICATION_ID: u32 = 0x4346_6f69;

/// Number of the tables below; raised with every change to them.
const SCHEMA: u32 = 1;

/// With row ids, though the keys are primary: a new record goes to the end of its table, and only its key
/// into the middle of the index. Tables kept in the order of their keys split a page of a few records at
/// every second insert and wrote twice the bytes (the bench prints them).
const TABLES: &str = "
CREATE TABLE owner (
    chain_id TEXT NOT NULL,
    adjudicator TEXT NOT NULL,
    node TEXT NOT NULL
) STRICT;
CREATE TABLE channels (
    id BLOB NOT NULL PRIMARY KEY,
    checksum INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
CREATE TABLE states (
    channel BLOB NOT NULL,
    nonce INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (channel, nonce)
) STRICT;
CREATE TABLE payments (
    id BLOB NOT NULL PRIMARY KEY,
    checksum INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
";

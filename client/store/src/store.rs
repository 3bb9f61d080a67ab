//! The open database: commits, reads, and the deletion of old states.
//!
//! A commit is one transaction and one sync, however many records it holds. The first that fails is
//! the last that is tried.

use crate::checksum::checksum;
use crate::error::{OpenError, ReadError, WriteError};
use crate::file::{self, Lock};
use crate::owner::Owner;
use crate::schema;
use counterfoil_core::effect::{Record, RecordId};
use counterfoil_core::types::{B256, ChannelId, Nonce};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior};
use std::path::Path;

/// A database that is open in this process alone.
#[derive(Debug)]
pub struct Store {
    // Declared before the lock, so that it is closed before another instance may open the file.
    connection: Connection,
    commits: Commits,
    _lock: Lock,
}

/// All that a node reads when it starts. The states stay on the disk until one is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// Content of each channel record, in the order of the ids.
    pub channels: Vec<(ChannelId, Vec<u8>)>,
    /// Content of each payment record, in the order of the ids.
    pub payments: Vec<(B256, Vec<u8>)>,
}

impl Store {
    /// Opens `owner`'s database at `path`, or makes it if there is no file.
    ///
    /// Reads the whole file to check it; 1 GB takes seconds. The folder must exist.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong and what to do; the file is untouched.
    pub fn open(path: impl AsRef<Path>, owner: Owner) -> Result<Self, OpenError> {
        let path = file::resolve(path.as_ref())?;
        let lock = Lock::take(&path)?;
        file::ensure(&path, owner)?;
        let connection = schema::open(&path, owner)?;
        Ok(Self {
            connection,
            commits: Commits::Taken,
            _lock: lock,
        })
    }

    /// Makes all records durable, or none; each replaces the record of the same id.
    ///
    /// Of two records with one id the later one stays.
    ///
    /// # Errors
    /// After any [`WriteError`] the caller may not act on the records: it must not sign or send what
    /// depends on them. Every later commit is refused; reads go on.
    pub fn commit(&mut self, records: &[Record]) -> Result<(), WriteError> {
        match self.commits {
            Commits::Halted => return Err(WriteError::Halted),
            Commits::Taken if records.is_empty() => return Ok(()),
            // Halted until proven otherwise, which covers a panic on the way as well.
            Commits::Taken => self.commits = Commits::Halted,
        }
        if let Err(source) = self.write(records) {
            // After a failed sync the page cache may show what the disk does not have. A checkpoint
            // on close would carry that into the database, and the log would be gone.
            let _ = self
                .connection
                .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
            return Err(match source.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => WriteError::Full { source },
                Some(_) | None => WriteError::Failed { source },
            });
        }
        self.commits = Commits::Taken;
        Ok(())
    }

    /// Deletes stored states of a channel below a nonce, the oldest first and a bounded number at a time, so that no caller
    /// waits long. Says whether there are more.
    ///
    /// # Errors
    /// [`WriteError`]; this deletion did not happen, everything else goes on. After a failed commit nothing is deleted either.
    pub fn forget(&mut self, channel: ChannelId, below: Nonce) -> Result<Left, WriteError> {
        if self.commits == Commits::Halted {
            return Err(WriteError::Halted);
        }
        let deleted = self
            .connection
            .prepare_cached(FORGET_STATES)
            .and_then(|mut statement| {
                statement.execute((
                    channel.0.as_slice(),
                    below.number().cast_signed(),
                    FORGOTTEN_AT_ONCE,
                ))
            });
        match deleted {
            Ok(deleted) if deleted < FORGOTTEN_AT_ONCE.into() => Ok(Left::Nothing),
            Ok(_) => Ok(Left::Some),
            Err(source) => Err(WriteError::NotForgotten { source }),
        }
    }

    /// Reads all channels and payments.
    ///
    /// # Errors
    /// [`ReadError`] when a record is not what was written, or the disk fails. There is no partial
    /// answer: a node that knows only some of its channels must not start.
    pub fn load(&self) -> Result<Image, ReadError> {
        Ok(Image {
            channels: self.all(
                "SELECT id, checksum, bytes FROM channels ORDER BY id",
                |id| {
                    let id = ChannelId(id);
                    (id, RecordId::Channel(id))
                },
            )?,
            payments: self.all(
                "SELECT id, checksum, bytes FROM payments ORDER BY id",
                |id| (id, RecordId::Payment(id)),
            )?,
        })
    }

    /// Reads one state; none if it was never committed.
    ///
    /// # Errors
    /// [`ReadError`] when the record is not what was written, or the disk fails.
    pub fn state(&self, channel: ChannelId, nonce: Nonce) -> Result<Option<Vec<u8>>, ReadError> {
        self.connection
            .prepare_cached("SELECT checksum, bytes FROM states WHERE channel = ?1 AND nonce = ?2")?
            .query_row(
                (channel.0.as_slice(), nonce.number().cast_signed()),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?
            .map(|(sum, bytes)| intact(RecordId::State(channel, nonce), sum, bytes))
            .transpose()
    }

    fn write(&mut self, records: &[Record]) -> rusqlite::Result<()> {
        // Immediate: the one writer there is need not upgrade a read lock later.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for record in records {
            put(&transaction, record)?;
        }
        transaction.commit()
    }

    fn all<T>(
        &self,
        query: &str,
        name: impl Fn(B256) -> (T, RecordId),
    ) -> Result<Vec<(T, Vec<u8>)>, ReadError> {
        let mut statement = self.connection.prepare_cached(query)?;
        let rows = statement.query_map((), |row| {
            Ok((row.get::<_, [u8; 32]>(0)?, row.get(1)?, row.get(2)?))
        })?;
        rows.map(|row| {
            let (id, sum, bytes) = row?;
            let (key, id) = name(id.into());
            Ok((key, intact(id, sum, bytes)?))
        })
        .collect()
    }
}

/// Whether states are left that were to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// None.
    Nothing,
    /// Perhaps: ask again.
    Some,
}

/// Whether commits are still taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Commits {
    Taken,
    Halted,
}

// Updates in place: REPLACE would delete the row and write the index anew as well.
const PUT_CHANNEL: &str = "INSERT INTO channels (id, checksum, bytes) VALUES (?1, ?2, ?3)
    ON CONFLICT (id) DO UPDATE SET checksum = excluded.checksum, bytes = excluded.bytes";
const PUT_STATE: &str = "INSERT INTO states (channel, nonce, checksum, bytes) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (channel, nonce) DO UPDATE SET checksum = excluded.checksum, bytes = excluded.bytes";
const PUT_PAYMENT: &str = "INSERT INTO payments (id, checksum, bytes) VALUES (?1, ?2, ?3)
    ON CONFLICT (id) DO UPDATE SET checksum = excluded.checksum, bytes = excluded.bytes";

const FORGET_STATES: &str = "DELETE FROM states WHERE rowid IN
    (SELECT rowid FROM states WHERE channel = ?1 AND nonce < ?2 ORDER BY nonce LIMIT ?3)";

/// States that one deletion takes at most.
const FORGOTTEN_AT_ONCE: u16 = 4_096;

fn put(transaction: &Transaction<'_>, record: &Record) -> rusqlite::Result<()> {
    let bytes = record.bytes.as_slice();
    let sum = checksum(&record.id, bytes);
    match record.id {
        RecordId::Channel(id) => {
            transaction
                .prepare_cached(PUT_CHANNEL)?
                .execute((id.0.as_slice(), sum, bytes))
        }
        RecordId::State(channel, nonce) => transaction.prepare_cached(PUT_STATE)?.execute((
            channel.0.as_slice(),
            nonce.number().cast_signed(),
            sum,
            bytes,
        )),
        RecordId::Payment(id) => {
            transaction
                .prepare_cached(PUT_PAYMENT)?
                .execute((id.as_slice(), sum, bytes))
        }
    }?;
    Ok(())
}

fn intact(id: RecordId, expected: i64, bytes: Vec<u8>) -> Result<Vec<u8>, ReadError> {
    let received = checksum(&id, &bytes);
    if received == expected {
        Ok(bytes)
    } else {
        Err(ReadError::Damaged {
            id,
            expected,
            received,
        })
    }
}

#[cfg(test)]
mod tests;

//! Why a database could not be opened, written or read.

use counterfoil_core::effect::RecordId;
use counterfoil_core::types::Address;
use std::io;
use std::path::PathBuf;

/// Why a database was not opened. The file is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another instance has it open.
    #[error("{path} is in use by another process: stop that one, two must never sign for one node")]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// Not an SQLite file; an empty file counts as one that lost its content.
    #[error(
        "{path} is not a database: expected an SQLite file; restore the backup, or move the file away"
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// An SQLite file of another program.
    #[error(
        "{path} belongs to another program: expected application id {expected:#010x}, found \
         {received:#010x}; name another file"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Counterfoil's application id.
        expected: u32,
        /// The file's application id.
        received: u32,
    },
    /// Written by another version of this program.
    #[error(
        "{path} has schema {received}, this version reads schema {expected}: run the version that \
         wrote it"
    )]
    Schema {
        /// The database.
        path: PathBuf,
        /// Schema that this version reads.
        expected: u32,
        /// The file's schema.
        received: u32,
    },
    /// SQLite finds the file damaged.
    #[error("{path} is damaged ({finding}): copy it aside, then restore the backup")]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// The first thing that SQLite found.
        finding: Box<str>,
    },
    /// The database is missing but its write-ahead log, with records in it, is still there.
    #[error("{path} is missing but {log} is there: put the database back, or move the log away")]
    OrphanedLog {
        /// The missing database.
        path: PathBuf,
        /// What is left of it.
        log: PathBuf,
    },
    /// Others than the owner of the file may read or write it, and it holds secrets.
    #[error("{path} has mode {received:03o}, expected 600: run chmod 600 on it")]
    Exposed {
        /// The database.
        path: PathBuf,
        /// Its permission bits.
        received: u32,
    },
    /// The records are those of another chain.
    #[error("{path} holds the records of chain {received}, this node is set to chain {expected}")]
    OtherChain {
        /// The database.
        path: PathBuf,
        /// The chain that this node is set to.
        expected: u64,
        /// The chain of the records.
        received: u64,
    },
    /// The records are those of another deployment of the contracts.
    #[error(
        "{path} holds the records of adjudicator {received}, this node is set to adjudicator \
         {expected}"
    )]
    OtherAdjudicator {
        /// The database.
        path: PathBuf,
        /// The contract that this node is set to.
        expected: Address,
        /// The contract of the records.
        received: Address,
    },
    /// The records are those of another key.
    #[error("{path} holds the records of node {received}, this node's key is that of {expected}")]
    OtherNode {
        /// The database.
        path: PathBuf,
        /// The address of this node's key.
        expected: Address,
        /// The node of the records.
        received: Address,
    },
    /// The operating system refuses.
    #[error("cannot use {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// SQLite refuses for another reason.
    #[error("cannot open {path}")]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// What it says.
        source: rusqlite::Error,
    },
}

/// Why records were not written or deleted. After a failed commit none of its records may be relied on, and nothing more
/// is written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The disk is full.
    #[error("the disk is full, nothing is signed any more: free space, then start again")]
    Full {
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The disk or SQLite failed.
    #[error("writing failed, nothing is signed any more: check the disk, then start again")]
    Failed {
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// Old states could not be deleted. They stay, which does no harm.
    #[error("old states could not be deleted, so they go on taking room")]
    NotForgotten {
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// An earlier commit failed.
    #[error("an earlier write failed, so nothing more is written: start again once the disk works")]
    Halted,
}

/// Why records could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The content is not what was written.
    #[error(
        "{id:?} is damaged: expected checksum {expected:016x}, found {received:016x}; restore the \
         backup"
    )]
    Damaged {
        /// The damaged record.
        id: RecordId,
        /// Checksum that was written with the record.
        expected: i64,
        /// Checksum of what was read.
        received: i64,
    },
    /// The disk or SQLite failed.
    #[error("reading failed")]
    Failed {
        /// What SQLite says.
        #[from]
        source: rusqlite::Error,
    },
}

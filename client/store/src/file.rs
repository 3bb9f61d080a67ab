//! The file around the database: its lock, its header, its birth.
//!
//! Refusing a file leaves it as it is: the header is read before SQLite sees the file, because
//! SQLite repairs and tidies whatever it opens.

use crate::error::OpenError;
use crate::owner::Owner;
use crate::schema;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Keeps every other instance out for as long as it lives.
///
/// SQLite's own lock comes too late: it needs a database, and its lock falls when this process
/// closes any other handle of the file, as [`check_header`] does.
#[derive(Debug)]
pub(crate) struct Lock {
    _held: File,
}

impl Lock {
    /// Takes the lock file next to the database, which stays there for good: removing it would let two
    /// instances each lock a file of that name.
    pub(crate) fn take(path: &Path) -> Result<Self, OpenError> {
        let lock = beside(path, ".lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(OWNER_ONLY)
            .open(&lock)
            .map_err(|source| refused(&lock, source))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _held: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.into() }),
            Err(TryLockError::Error(source)) => Err(refused(&lock, source)),
        }
    }
}

/// The path without symbolic links, so that one database has one lock.
pub(crate) fn resolve(path: &Path) -> Result<PathBuf, OpenError> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = fs::canonicalize(folder_of(path)).map_err(|e| refused(path, e))?;
            Ok(folder.join(path.file_name().unwrap_or_default()))
        }
        resolved => resolved.map_err(|source| refused(path, source)),
    }
}

/// Makes the database if there is none, and otherwise checks that the file is one of this program.
pub(crate) fn ensure(path: &Path, owner: Owner) -> Result<(), OpenError> {
    match File::open(path) {
        Ok(file) => check_header(path, &file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(path, owner),
        Err(source) => Err(refused(path, source)),
    }
}

/// Checks a file without SQLite. The fields have fixed places in the first 100 bytes
/// (the SQLite file format, section 1.3).
fn check_header(path: &Path, file: &File) -> Result<(), OpenError> {
    let mut magic = [0; 16];
    let mut version = [0; 4];
    let mut application = [0; 4];
    file.read_exact_at(&mut magic, 0)
        .and_then(|()| file.read_exact_at(&mut version, 60))
        .and_then(|()| file.read_exact_at(&mut application, 68))
        .map_err(|error| {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                OpenError::NotADatabase { path: path.into() }
            } else {
                refused(path, error)
            }
        })?;
    if magic != *b"SQLite format 3\0" {
        return Err(OpenError::NotADatabase { path: path.into() });
    }
    schema::check_numbers(
        path,
        u32::from_be_bytes(application),
        u32::from_be_bytes(version),
    )?;
    let mode = file
        .metadata()
        .map_err(|source| refused(path, source))?
        .mode()
        & 0o777;
    if mode & 0o077 != 0 {
        return Err(OpenError::Exposed {
            path: path.into(),
            received: mode,
        });
    }
    Ok(())
}

/// Makes a whole database under another name, then renames it: a crash leaves either none or one
/// that knows its owner, and an empty file is never mistaken for a new database.
fn create(path: &Path, owner: Owner) -> Result<(), OpenError> {
    // SQLite would replay a log left behind by another database into the new one.
    for suffix in ["-wal", "-journal"] {
        let log = beside(path, suffix);
        if log.exists() {
            return Err(OpenError::OrphanedLog {
                path: path.into(),
                log,
            });
        }
    }
    let draft = beside(path, ".new");
    for left_over in [
        beside(&draft, "-wal"),
        beside(&draft, "-journal"),
        draft.clone(),
    ] {
        remove(&left_over).map_err(|source| refused(&left_over, source))?;
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(&draft)
        .map_err(|source| refused(&draft, source))?;
    schema::create(&draft, owner).map_err(|e| schema::failed(&draft, e))?;
    File::open(&draft)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&draft, path))
        .and_then(|()| File::open(folder_of(path))?.sync_all())
        .map_err(|source| refused(path, source))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

fn refused(path: &Path, source: io::Error) -> OpenError {
    OpenError::Io {
        path: path.into(),
        source,
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn beside(path: &Path, suffix: impl AsRef<OsStr>) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The records hold preimages and blinding seeds.
const OWNER_ONLY: u32 = 0o600;

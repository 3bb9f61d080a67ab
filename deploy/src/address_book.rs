//! The file that says where the contracts of a chain are: `addresses/<chain-id>.json`.

use crate::Addresses;
use std::io;
use std::path::{Path, PathBuf};

/// A file of addresses that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddressBookError {
    /// The disk failed, or there is no such file.
    #[error("the addresses of chain {chain_id} cannot be read or written at {path}: {cause}")]
    Disk {
        /// EIP-155 chain id.
        chain_id: u64,
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The file holds something else.
    #[error(
        "{path} does not hold the addresses of chain {chain_id}: {cause}; \
         expected an object with `adjudicator`, `hashlockRegistry` and `pointlockRegistry`"
    )]
    Malformed {
        /// EIP-155 chain id.
        chain_id: u64,
        /// Which file.
        path: PathBuf,
        /// Where and why.
        cause: serde_json::Error,
    },
}

/// Writes `<folder>/<chain id>.json`, whole or not at all; makes the folder if need be. Returns the file's path.
///
/// # Errors
/// [`AddressBookError::Disk`]; a file from before is unchanged.
pub fn write_addresses(
    folder: &Path,
    chain_id: u64,
    addresses: &Addresses,
) -> Result<PathBuf, AddressBookError> {
    let path = file(folder, chain_id);
    let disk = |cause| AddressBookError::Disk {
        chain_id,
        path: path.clone(),
        cause,
    };
    let malformed = |cause| AddressBookError::Malformed {
        chain_id,
        path: path.clone(),
        cause,
    };
    let mut text = serde_json::to_string_pretty(addresses).map_err(malformed)?;
    text.push('\n');
    std::fs::create_dir_all(folder).map_err(disk)?;
    let unfinished = path.with_extension("json.new");
    std::fs::write(&unfinished, text).map_err(disk)?;
    std::fs::rename(&unfinished, &path).map_err(disk)?;
    Ok(path)
}

/// Reads `<folder>/<chain id>.json`.
///
/// # Errors
/// [`AddressBookError`].
pub fn read_addresses(folder: &Path, chain_id: u64) -> Result<Addresses, AddressBookError> {
    let path = file(folder, chain_id);
    match std::fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).map_err(|cause| AddressBookError::Malformed {
            chain_id,
            path,
            cause,
        }),
        Err(cause) => Err(AddressBookError::Disk {
            chain_id,
            path,
            cause,
        }),
    }
}

fn file(folder: &Path, chain_id: u64) -> PathBuf {
    folder.join(format!("{chain_id}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let folder = std::env::temp_dir().join(format!("counterfoil-{}", std::process::id()));
        let addresses = crate::addresses();
        let path = write_addresses(&folder, 31337, &addresses).unwrap();
        assert_eq!(read_addresses(&folder, 31337).unwrap(), addresses);
        std::fs::write(path, "{}").unwrap();
        let malformed = read_addresses(&folder, 31337);
        assert!(matches!(malformed, Err(AddressBookError::Malformed { .. })));
        let missing = read_addresses(&folder, 1);
        assert!(matches!(missing, Err(AddressBookError::Disk { .. })));
        std::fs::remove_dir_all(folder).unwrap();
    }
}

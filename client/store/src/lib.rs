//! The records that must survive a crash, in one SQLite file.
//!
//! The rule kept: when [`Store::commit`] returns `Ok`, every record given to it is on the disk, all
//! or none, and a later power cut cannot take it back. The node may then let the signatures leave
//! that depend on them. After the first failed commit nothing more is written, so that no signature
//! can follow a record whose fate is unknown.
//!
//! The opposite is not promised: after an error or a crash a record may be on the disk although the
//! caller was never told so, just as if the crash had come between the commit and the answer.
//!
//! ```
//! use counterfoil_core::effect::{Record, RecordId};
//! use counterfoil_core::types::{Address, B256, ChannelId};
//! use counterfoil_store::{Owner, Store};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("node.sqlite");
//! let owner = Owner { chain_id: 1, adjudicator: Address::ZERO, node: Address::ZERO };
//! let id = ChannelId(B256::ZERO);
//! let mut store = Store::open(&path, owner)?;
//! store.commit(&[Record { id: RecordId::Channel(id), bytes: vec![0xc0] }])?;
//! assert_eq!(store.load()?.channels, [(id, vec![0xc0])]);
//! # Ok(())
//! # }
//! ```

mod checksum;
mod error;
mod file;
mod owner;
mod schema;
mod store;

pub use error::{OpenError, ReadError, WriteError};
pub use owner::Owner;
pub use store::{Image, Left, Store};

//! Puts the contracts on a chain, at the same addresses on every chain, and checks that they are there.
//!
//! The contracts are embedded as they were compiled (deploy/artifacts/). They are created through the canonical CREATE2
//! proxy with a fixed salt, so their addresses follow from the artifacts alone: [`addresses`] needs no chain, and
//! [`deploy`] may be repeated by anybody.
//!
//! Clients call [`check`] before they rely on an address. It also holds the JSON-RPC client ([`rpc`]) and the account
//! that pays ([`Account`]), which counterfoil-chain uses too.

mod account;
mod address_book;
mod check;
mod code;
mod create2;
mod deployment;
#[cfg(feature = "devnet")]
pub mod devnet;
pub mod rpc;

pub use account::{Account, BadSecret, Fees, Transaction};
pub use address_book::{AddressBookError, read_addresses, write_addresses};
pub use alloy::primitives::{Address, B256, Bytes, U256};
pub use check::{CheckError, Contract, check, check_funds};
pub use create2::{FACTORY, SALT, addresses};
pub use deployment::{DeployError, Deployed, Deployment, deploy};

/// Where the contracts are on a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Addresses {
    /// The court of all channels.
    pub adjudicator: Address,
    /// The first time each SHA-256 preimage was revealed.
    #[serde(rename = "hashlockRegistry")]
    pub hashlock_registry: Address,
    /// The first time the scalar of each point was revealed.
    #[serde(rename = "pointlockRegistry")]
    pub pointlock_registry: Address,
}

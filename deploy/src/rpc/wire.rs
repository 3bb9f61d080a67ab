//! The parts of JSON-RPC answers that the project reads; anything else in them is ignored.

use crate::{Address, B256, Bytes, U256};
use alloy::primitives::U64;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A block to read at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The newest.
    Latest,
    /// The newest, and what waits to be mined.
    Pending,
    /// The newest that the chain calls final.
    Finalized,
    /// By height.
    Number(u64),
    /// By hash, also while it is not canonical any more.
    Hash(B256),
}

/// A block's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    /// Height.
    #[serde(deserialize_with = "quantity")]
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// The hash of the block before.
    pub parent_hash: B256,
    /// Unix time in seconds.
    #[serde(deserialize_with = "quantity")]
    pub timestamp: u64,
    /// Wei per gas that each transaction burns; zero before EIP-1559.
    #[serde(default)]
    pub base_fee_per_gas: U256,
}

/// An event of a contract.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Log {
    /// Which contract.
    pub address: Address,
    /// The event's type, then its indexed arguments.
    pub topics: Vec<B256>,
    /// The other arguments.
    pub data: Bytes,
}

/// What became of a mined transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The transaction.
    pub transaction_hash: B256,
    /// The block that holds it.
    pub block_hash: B256,
    /// Height of that block.
    #[serde(deserialize_with = "quantity")]
    pub block_number: u64,
    /// Gas that it used.
    #[serde(deserialize_with = "quantity")]
    pub gas_used: u64,
    /// Wei per gas that it paid.
    #[serde(default)]
    pub effective_gas_price: U256,
    #[serde(deserialize_with = "quantity")]
    status: u64,
}

impl Receipt {
    /// Whether it did not revert.
    pub const fn succeeded(&self) -> bool {
        self.status == 1
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Latest => serializer.serialize_str("latest"),
            Self::Pending => serializer.serialize_str("pending"),
            Self::Finalized => serializer.serialize_str("finalized"),
            Self::Number(number) => U64::from(*number).serialize(serializer),
            // EIP-1898.
            Self::Hash(hash) => serializer.collect_map([("blockHash", hash)]),
        }
    }
}

fn quantity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(U64::deserialize(deserializer)?.to())
}

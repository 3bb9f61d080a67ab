//! A small JSON-RPC client of a chain endpoint: only the methods that the project uses, with typed failures.
//!
//! An endpoint's address may hold a key to a paid service, so no error and no log shows more of it than scheme, host and
//! port.

mod error;
mod wire;

use crate::{Address, B256, Bytes, U256};
use alloy::primitives::U64;
use alloy::rpc::client::RpcClient;
use alloy::transports::http::reqwest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub use error::{BadUrl, RpcError};
pub use wire::{At, Block, Log, Receipt};

/// A connection to one chain endpoint. Cheap to clone; holds no state of the chain.
#[derive(Clone, Debug)]
pub struct Rpc {
    client: RpcClient,
    name: Arc<str>,
}

/// The part of a request that asks a contract something or sends it something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks; the zero address where it does not matter.
    pub from: Address,
    /// Whom.
    pub to: Address,
    /// Base units of the native coin to send along.
    pub value: U256,
    /// ABI-encoded call.
    pub data: Bytes,
}

impl Rpc {
    /// A client of the endpoint at `url`. Sends nothing yet.
    ///
    /// # Errors
    /// [`BadUrl`] when `url` is not an HTTP or HTTPS address.
    pub fn new(url: &str, request_timeout: Duration) -> Result<Self, BadUrl> {
        let parsed: reqwest::Url = url.parse().map_err(|_| BadUrl)?;
        let host = parsed.host_str().ok_or(BadUrl)?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(BadUrl);
        }
        let port = parsed
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        let name = format!("{}://{host}{port}", parsed.scheme()).into();
        let http = reqwest::Client::builder()
            .timeout(request_timeout)
            .build()
            .map_err(|_| BadUrl)?;
        Ok(Self {
            client: RpcClient::new_http_with_client(http, parsed),
            name,
        })
    }

    /// Scheme, host and port of the endpoint; what may be shown.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The EIP-155 id of the chain.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn chain_id(&self) -> Result<u64, RpcError> {
        self.quantity("eth_chainId", json!([])).await
    }

    /// A block's header; none when there is no such block.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn block(&self, at: At) -> Result<Option<Block>, RpcError> {
        match at {
            At::Hash(hash) => {
                self.request("eth_getBlockByHash", json!([hash, false]))
                    .await
            }
            At::Number(_) | At::Latest | At::Pending | At::Finalized => {
                self.request("eth_getBlockByNumber", json!([at, false]))
                    .await
            }
        }
    }

    /// The newest block's header.
    ///
    /// # Errors
    /// [`RpcError`], also when the chain has no block at all.
    pub async fn head(&self) -> Result<Block, RpcError> {
        let method = "eth_getBlockByNumber";
        self.block(At::Latest)
            .await?
            .ok_or_else(|| RpcError::malformed(self, method))
    }

    /// The code of a contract at the newest block; empty when there is none.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn code(&self, address: Address) -> Result<Bytes, RpcError> {
        self.request("eth_getCode", json!([address, At::Latest]))
            .await
    }

    /// What an account holds of the native coin at the newest block, base units.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn balance(&self, address: Address) -> Result<U256, RpcError> {
        self.request("eth_getBalance", json!([address, At::Latest]))
            .await
    }

    /// How many transactions an account has sent.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn transaction_count(&self, address: Address, at: At) -> Result<u64, RpcError> {
        self.quantity("eth_getTransactionCount", json!([address, at]))
            .await
    }

    /// What a contract answers.
    ///
    /// # Errors
    /// [`RpcError`]; a revert is [`RpcError::Refused`] with the revert data.
    pub async fn call(&self, to: Address, data: Bytes, at: At) -> Result<Bytes, RpcError> {
        self.request("eth_call", json!([{ "to": to, "data": data }, at]))
            .await
    }

    /// The events of the block with this hash that `addresses` emitted with one of `topics` as first indexed argument; any
    /// event of theirs when `topics` is empty.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn logs(
        &self,
        block: B256,
        addresses: &[Address],
        topics: &[B256],
    ) -> Result<Vec<Log>, RpcError> {
        let topics = if topics.is_empty() {
            json!([])
        } else {
            json!([null, topics])
        };
        let filter = json!([{ "blockHash": block, "address": addresses, "topics": topics }]);
        self.request("eth_getLogs", filter).await
    }

    /// How much gas a request would use on top of the newest block.
    ///
    /// # Errors
    /// [`RpcError`]; a revert is [`RpcError::Refused`] with the revert data.
    pub async fn estimate_gas(&self, request: &Request) -> Result<u64, RpcError> {
        let value = request.value;
        let (from, to, data) = (request.from, request.to, &request.data);
        let request = json!([{ "from": from, "to": to, "value": value, "data": data }, At::Latest]);
        self.quantity("eth_estimateGas", request).await
    }

    /// The tip, wei per gas, that the endpoint suggests for a prompt transaction.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn suggested_tip(&self) -> Result<u128, RpcError> {
        let method = "eth_maxPriorityFeePerGas";
        let tip: U256 = self.request(method, json!([])).await?;
        u128::try_from(tip).map_err(|_| RpcError::malformed(self, method))
    }

    /// Hands a signed transaction to the network.
    ///
    /// # Errors
    /// [`RpcError`]. After [`RpcError::Unreachable`] the transaction may have been taken all the same.
    pub async fn send(&self, signed: &Bytes) -> Result<B256, RpcError> {
        self.request("eth_sendRawTransaction", json!([signed]))
            .await
    }

    /// The receipt of a mined transaction; none while it is not mined.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn receipt(&self, transaction: B256) -> Result<Option<Receipt>, RpcError> {
        self.request("eth_getTransactionReceipt", json!([transaction]))
            .await
    }

    /// Sends any request.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn request<R>(&self, method: &'static str, params: Value) -> Result<R, RpcError>
    where
        R: DeserializeOwned + Unpin + std::fmt::Debug + Send + Sync + 'static,
    {
        self.client
            .request::<Params, R>(method, Params(params))
            .await
            .map_err(|error| RpcError::new(self, method, error))
    }

    async fn quantity(&self, method: &'static str, params: Value) -> Result<u64, RpcError> {
        Ok(self.request::<U64>(method, params).await?.to())
    }
}

#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
struct Params(Value);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_endpoint_shows_no_credentials() {
        let rpc = Rpc::new(
            "https://user:secret@example.org:8545/v3/key?token=t",
            Duration::MAX,
        );
        assert_eq!(rpc.unwrap().name(), "https://example.org:8545");
    }

    #[test]
    fn only_http_addresses_are_taken() {
        for url in ["", "localhost:8545", "ws://localhost:8545", "/dev/null"] {
            assert!(Rpc::new(url, Duration::from_secs(1)).is_err(), "{url}");
        }
    }
}

//! A private development chain: Anvil, with the contracts on it. For tests and the demo only.

mod anvil;

use crate::rpc::{BadUrl, Block, Rpc, RpcError};
use crate::{Account, Addresses, B256, BadSecret, Bytes, DeployError, U256, deploy};
use alloy::primitives::{Address, U64, keccak256};
use serde_json::{Value, json};
use std::time::Duration;

pub use anvil::{Anvil, AnvilError, AnvilOptions};

/// Anvil with the contracts. Stops when dropped.
#[derive(Debug)]
pub struct Devnet {
    anvil: Anvil,
    rpc: Rpc,
    addresses: Addresses,
}

/// Why there is no development chain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevnetError {
    /// Anvil did not start.
    #[error(transparent)]
    Anvil(#[from] AnvilError),
    /// Anvil did not answer.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// The contracts could not be created.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// Anvil's address is not understood.
    #[error(transparent)]
    Url(#[from] BadUrl),
    /// The development account is no key.
    #[error(transparent)]
    Secret(#[from] BadSecret),
}

impl Devnet {
    /// Starts Anvil and creates the contracts, paid by development account 0.
    ///
    /// # Errors
    /// [`DevnetError`]; nothing keeps running.
    pub async fn start(options: &AnvilOptions) -> Result<Self, DevnetError> {
        let bare = Self::bare(options)?;
        let account = bare.funded(0).await?;
        deploy(&bare.rpc, &account, options.chain_id).await?;
        Ok(bare)
    }

    /// Starts Anvil without the contracts.
    ///
    /// # Errors
    /// [`DevnetError`]; nothing keeps running.
    pub fn bare(options: &AnvilOptions) -> Result<Self, DevnetError> {
        let anvil = Anvil::start(options)?;
        let rpc = Rpc::new(anvil.url(), Duration::from_secs(30))?;
        Ok(Self {
            anvil,
            rpc,
            addresses: crate::addresses(),
        })
    }

    /// The process.
    pub const fn anvil(&self) -> &Anvil {
        &self.anvil
    }

    /// `http://127.0.0.1:<port>`.
    pub fn url(&self) -> &str {
        self.anvil.url()
    }

    /// EIP-155 chain id.
    pub const fn chain_id(&self) -> u64 {
        self.anvil.chain_id()
    }

    /// A client of the chain.
    pub const fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// Where the contracts are.
    pub const fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// The secret key of a development account; everybody knows it.
    pub fn secret(number: u32) -> B256 {
        keccak256(format!("Counterfoil development account {number}"))
    }

    /// A development account, after giving it 10,000 coins.
    ///
    /// # Errors
    /// [`DevnetError`].
    pub async fn funded(&self, number: u32) -> Result<Account, DevnetError> {
        let account = Account::from_secret(&Self::secret(number))?;
        self.fund(account.address(), 10_000_000_000_000_000_000_000)
            .await?;
        Ok(account)
    }

    /// Sets what an account holds, wei.
    ///
    /// # Errors
    /// [`DevnetError`].
    pub async fn fund(&self, account: Address, wei: u128) -> Result<(), DevnetError> {
        self.anvil_request("anvil_setBalance", json!([account, U256::from(wei)]))
            .await
    }

    /// Mines empty blocks, or whatever waits.
    ///
    /// # Errors
    /// [`DevnetError`].
    pub async fn mine(&self, blocks: u64) -> Result<(), DevnetError> {
        self.anvil_request("anvil_mine", json!([U64::from(blocks)]))
            .await
    }

    /// Moves the chain's clock forward and mines a block with the new time. Returns that block.
    ///
    /// # Errors
    /// [`DevnetError`].
    pub async fn warp(&self, seconds: u64) -> Result<Block, DevnetError> {
        let _: Value = self
            .rpc
            .request("evm_increaseTime", json!([U64::from(seconds)]))
            .await?;
        self.mine(1).await?;
        Ok(self.rpc.head().await?)
    }

    /// Replaces the newest `depth` blocks by empty ones.
    ///
    /// # Errors
    /// [`DevnetError`].
    pub async fn reorg(&self, depth: u64) -> Result<(), DevnetError> {
        self.anvil_request("anvil_reorg", json!([depth, []])).await
    }

    /// Whether each transaction is mined at once, as at the start, or waits for [`Self::mine`].
    ///
    /// # Errors
    /// [`DevnetError`].
    pub async fn mine_at_once(&self, setting: AtOnce) -> Result<(), DevnetError> {
        let automatic = matches!(setting, AtOnce::Yes);
        self.anvil_request("evm_setAutomine", json!([automatic]))
            .await
    }

    /// Sets the code at an address.
    ///
    /// # Errors
    /// [`DevnetError`].
    pub async fn set_code(&self, address: Address, code: Bytes) -> Result<(), DevnetError> {
        self.anvil_request("anvil_setCode", json!([address, code]))
            .await
    }

    /// Sets the part of the price of gas that the next block burns, wei.
    ///
    /// # Errors
    /// [`DevnetError`].
    pub async fn set_base_fee(&self, wei: u128) -> Result<(), DevnetError> {
        let method = "anvil_setNextBlockBaseFeePerGas";
        self.anvil_request(method, json!([U256::from(wei)])).await
    }

    async fn anvil_request(&self, method: &'static str, params: Value) -> Result<(), DevnetError> {
        let _: Value = self.rpc.request(method, params).await?;
        Ok(())
    }
}

/// Whether transactions are mined as they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtOnce {
    /// Each in a block of its own, at once.
    Yes,
    /// They wait.
    No,
}

//! A chain as its users see it: a handle that takes orders and a stream of news.

use crate::contracts;
use crate::news::ChainNews;
use crate::task::{Order, Task};
use counterfoil_core::effect::{Call, Watch};
use counterfoil_core::types::Address;
use counterfoil_deploy::rpc::{BadUrl, Rpc, RpcError};
use counterfoil_deploy::{Account, Addresses, CheckError, U256, check};
use std::time::Duration;
use tokio::sync::mpsc;

/// A connection to a chain. Its task ends when it, or the receiver of its news, is dropped.
#[derive(Debug)]
pub struct Chain {
    handle: ChainHandle,
    news: mpsc::UnboundedReceiver<ChainNews>,
}

/// Gives orders to a chain's task. Cheap to clone; never waits.
#[derive(Clone, Debug)]
pub struct ChainHandle {
    orders: mpsc::UnboundedSender<Order>,
    pub(crate) rpc: Rpc,
    pub(crate) court: Address,
}

/// What a connection needs to know.
#[derive(Clone, Debug)]
pub struct ChainConfig {
    /// HTTP or HTTPS address of the JSON-RPC endpoint; may hold credentials.
    pub rpc_url: String,
    /// The EIP-155 id of the chain.
    pub chain_id: u64,
    /// Where the contracts are.
    pub addresses: Addresses,
    /// Which blocks count as final.
    pub finality: Finality,
    /// Pause between two questions for the newest block.
    pub poll_interval: Duration,
    /// How long an answer may take.
    pub request_timeout: Duration,
    /// Blocks after which a transaction that was not mined is sent again with higher fees; at least 1.
    pub resubmit_after: u64,
    /// Blocks between two readings of everything that is watched; at least 1.
    pub sweep_every: u64,
    /// The highest price of gas ever offered, wei.
    pub max_fee_per_gas: u128,
}

/// Which blocks can no longer be reorged away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finality {
    /// Those with at least so many blocks on top.
    Depth(u64),
    /// Those that the chain itself calls final.
    Tag,
}

/// Why a chain cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The endpoint's address is not one.
    #[error(transparent)]
    Url(#[from] BadUrl),
    /// It is another chain, or the contracts are not there, or the endpoint gives no answer.
    #[error(transparent)]
    Check(#[from] CheckError),
}

/// The chain's task has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the connection to the chain has ended")]
pub struct Stopped;

impl Chain {
    /// Connects to a chain, after checking that it is the expected one and has the contracts, and starts its task on the
    /// current tokio runtime. `account` pays for calls; one without money can watch all the same.
    ///
    /// # Errors
    /// [`ConnectError`]; nothing was started.
    pub async fn connect(config: ChainConfig, account: Account) -> Result<Self, ConnectError> {
        let rpc = Rpc::new(&config.rpc_url, config.request_timeout)?;
        check(&rpc, config.chain_id, config.addresses).await?;
        let court = config.addresses.adjudicator;
        let (orders, taken) = mpsc::unbounded_channel();
        let (reports, news) = mpsc::unbounded_channel();
        let task = Task::new(rpc.clone(), config, account, taken, reports);
        tokio::spawn(task.run());
        Ok(Self {
            handle: ChainHandle { orders, rpc, court },
            news,
        })
    }

    /// A handle for others.
    pub fn handle(&self) -> ChainHandle {
        self.handle.clone()
    }

    /// Handle and news, to be used apart.
    pub fn split(self) -> (ChainHandle, mpsc::UnboundedReceiver<ChainNews>) {
        (self.handle, self.news)
    }

    /// Waits for the next news; none when the task has ended.
    pub async fn next(&mut self) -> Option<ChainNews> {
        self.news.recv().await
    }

    /// See [`ChainHandle::submit`].
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn submit(&self, call: Call) -> Result<(), Stopped> {
        self.handle.submit(call)
    }

    /// See [`ChainHandle::watch`].
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn watch(&self, watch: Watch) -> Result<(), Stopped> {
        self.handle.watch(watch)
    }
}

impl ChainHandle {
    /// Has a call carried out until the contracts show its effect or it can have none. A call that is outstanding already
    /// is dropped.
    ///
    /// # Errors
    /// [`Stopped`]; nothing is sent.
    pub fn submit(&self, call: Call) -> Result<(), Stopped> {
        self.orders
            .send(Order::Submit(Box::new(call)))
            .map_err(|_| Stopped)
    }

    /// Follows something; what is known of it is reported once now, and again whenever it changes.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn watch(&self, watch: Watch) -> Result<(), Stopped> {
        self.orders.send(Order::Watch(watch)).map_err(|_| Stopped)
    }

    /// What `owner` holds of an ERC-20, or of the native coin when `token` is zero, at the newest block. Base units.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn balance(&self, token: Address, owner: Address) -> Result<U256, RpcError> {
        if token == Address::ZERO {
            self.rpc.balance(owner).await
        } else {
            contracts::token_balance(&self.rpc, token, owner).await
        }
    }
}

impl ChainConfig {
    /// A configuration for a public chain: asks every second, counts as final what the chain calls final, sends again after
    /// 3 blocks, reads everything anew every 64 blocks, waits 10 s for answers, and pays at most 1,000 gwei for gas.
    pub fn new(rpc_url: impl Into<String>, chain_id: u64, addresses: Addresses) -> Self {
        Self {
            rpc_url: rpc_url.into(),
            chain_id,
            addresses,
            finality: Finality::Tag,
            poll_interval: Duration::from_secs(1),
            request_timeout: Duration::from_secs(10),
            resubmit_after: 3,
            sweep_every: 64,
            max_fee_per_gas: 1_000_000_000_000,
        }
    }
}

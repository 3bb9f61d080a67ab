//! Carries the core's calls to the chain and the chain's facts to the core.
//!
//! One task per chain polls the endpoint over HTTP. The [`watcher`](Watch) turns blocks into [`ChainEvent`]s, with logs as
//! hints and storage as truth; the outbox carries out [`Call`]s until the contracts show their effect. Time is block time:
//! the clock of this machine decides only when to ask again.

mod chain;
mod contracts;
mod news;
mod outbox;
mod simulate;
mod task;
mod trouble;
mod watcher;

pub use chain::{Chain, ChainConfig, ChainHandle, ConnectError, Finality, Stopped};
pub use contracts::Revert;
pub use counterfoil_core::effect::{Call, ChainEvent, Depth, OnChain, Status, Watch};
pub use counterfoil_deploy::rpc::RpcError;
pub use counterfoil_deploy::{Account, Addresses, BadSecret, CheckError, U256};
pub use news::{CallDone, CallFailed, ChainNews, EndpointState, Failure, Mined};
pub use simulate::SimulateError;

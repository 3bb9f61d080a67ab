//! Why a node does not start, and why it refuses.

use counterfoil_chain::ConnectError;
use counterfoil_core::engine;
use counterfoil_core::types::Address;
use counterfoil_store::{OpenError, ReadError};

/// Why a node does not start. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The builder lacks something.
    #[error("the node needs {0}; set it on the builder")]
    Missing(&'static str),
    /// The signing key is no key.
    #[error("the signing key is not one; expected a number between 1 and the order of the curve")]
    Key,
    /// The payout address would lose the money.
    #[error("the payout address {0} would lose the money; expected an account of yours")]
    Payout(Address),
    /// The policy lists a condition whose locks this client cannot check.
    #[error(
        "the policy lists the condition {0}, the pointlock registry; expected registries of SHA-256 preimages only"
    )]
    Condition(Address),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The database cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The database does not hold what this node wrote.
    #[error(transparent)]
    Restore(#[from] engine::RestoreError),
    /// The chain cannot be used.
    #[error(transparent)]
    Chain(#[from] ConnectError),
    /// The operating system gives no thread.
    #[error("no thread for the node: {0}")]
    Thread(std::io::Error),
    /// The node's thread ended before it was ready.
    #[error("the node's thread ended before it was ready; its log says why")]
    Died,
}

/// Why a node does not do what it was asked. It is as before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// The engine refuses.
    #[error(transparent)]
    Refused(#[from] engine::Error),
    /// The disk failed, so the node signs nothing any more; it still defends its channels.
    #[error(
        "the store failed, so nothing is signed any more; free the disk or replace it, then start the node again"
    )]
    Halted,
    /// The node has stopped.
    #[error("the node has stopped")]
    Stopped,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

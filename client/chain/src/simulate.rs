//! Asking the contracts what a call would do, without sending it.

use crate::chain::ChainHandle;
use crate::contracts::{Revert, request};
use counterfoil_core::effect::Call;
use counterfoil_core::types::Address;
use counterfoil_deploy::rpc::{At, RpcError};

/// The JSON-RPC error code of a revert.
const EXECUTION_REVERTED: i64 = 3;

/// Why a call would not be carried out on the newest block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SimulateError {
    /// The contract would refuse it.
    #[error("the contract refuses the call: {0}")]
    Reverted(Revert),
    /// The endpoint gives no answer.
    #[error(transparent)]
    Rpc(RpcError),
}

impl ChainHandle {
    /// Runs a call on the newest block as an account that is no participant would; nothing is sent, no native coin either,
    /// so a deposit of it is refused.
    ///
    /// # Errors
    /// [`SimulateError`].
    pub async fn simulate(&self, call: &Call) -> Result<(), SimulateError> {
        let request = request(call, Address::ZERO, self.court);
        match self.rpc.call(request.to, request.data, At::Latest).await {
            Ok(_) => Ok(()),
            // Any other refusal is the endpoint's own, a limit on requests for one.
            Err(RpcError::Refused {
                code: EXECUTION_REVERTED,
                message,
                data,
                ..
            }) => Err(SimulateError::Reverted(Revert::new(data, &message))),
            Err(error) => Err(SimulateError::Rpc(error)),
        }
    }
}

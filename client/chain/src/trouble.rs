//! Several readings of which one may fail without stopping the others.

use counterfoil_deploy::rpc::RpcError;

/// The first failure among several readings.
#[derive(Debug, Default)]
pub(crate) struct Trouble(Option<RpcError>);

impl Trouble {
    /// What was read; nothing, and the failure is kept, if it could not be.
    pub(crate) fn note<T>(&mut self, result: Result<T, RpcError>) -> Option<T> {
        match result {
            Ok(read) => Some(read),
            Err(error) => {
                tracing::debug!(%error, "a reading failed and is tried again");
                self.0.get_or_insert(error);
                None
            }
        }
    }

    /// The first failure, if there was any.
    ///
    /// # Errors
    /// That one.
    pub(crate) fn result(self) -> Result<(), RpcError> {
        self.0.map_or(Ok(()), Err)
    }
}

/// Whether the endpoint as a whole is silent, so that asking it for more now would only take time.
pub(crate) const fn is_silent<T>(result: &Result<T, RpcError>) -> bool {
    matches!(result, Err(RpcError::Unreachable { .. }))
}

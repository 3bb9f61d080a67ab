//! Why a request of an endpoint failed.
//!
//! Nothing here prints what the transport says as it is, since transports like to quote the whole address.

use super::Rpc;
use crate::Bytes;
use alloy::rpc::json_rpc;
use alloy::transports::{TransportError, TransportErrorKind};
use std::error::Error;
use std::sync::Arc;

/// The address of an endpoint is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the address of the chain endpoint is not understood: expected one like http://127.0.0.1:8545"
)]
pub struct BadUrl;

/// A request that did not bring an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RpcError {
    /// No connection, or no answer in time.
    #[error(
        "the chain endpoint {endpoint} cannot be reached: {cause}; \
         check that its node runs and that the address is right"
    )]
    Unreachable {
        /// Scheme, host and port.
        endpoint: Arc<str>,
        /// What the operating system or the transport said.
        cause: Box<str>,
    },
    /// An HTTP status that is no success.
    #[error(
        "the chain endpoint {endpoint} answered {method} with HTTP status {status} instead of 200; \
         check its address and key, and whether it limits requests"
    )]
    Status {
        /// Scheme, host and port.
        endpoint: Arc<str>,
        /// What was asked.
        method: &'static str,
        /// The status.
        status: u16,
    },
    /// An answer that is not what the method returns.
    #[error(
        "the chain endpoint {endpoint} answered {method} with something else than the method returns; \
         check that it is the JSON-RPC endpoint of an EVM chain"
    )]
    Malformed {
        /// Scheme, host and port.
        endpoint: Arc<str>,
        /// What was asked.
        method: &'static str,
    },
    /// The endpoint understood and refused; for calls and estimates also a revert.
    #[error("the chain endpoint {endpoint} refused {method}: {message} (code {code})")]
    Refused {
        /// Scheme, host and port.
        endpoint: Arc<str>,
        /// What was asked.
        method: &'static str,
        /// JSON-RPC error code.
        code: i64,
        /// The endpoint's words.
        message: Box<str>,
        /// Revert data; empty when the endpoint gave none.
        data: Bytes,
    },
}

impl RpcError {
    /// An answer of another form than `method` has.
    pub fn malformed(rpc: &Rpc, method: &'static str) -> Self {
        Self::Malformed {
            endpoint: rpc.name.clone(),
            method,
        }
    }

    pub(super) fn new(rpc: &Rpc, method: &'static str, error: TransportError) -> Self {
        let endpoint = rpc.name.clone();
        match error {
            json_rpc::RpcError::ErrorResp(payload) => {
                let data = payload.as_revert_data().unwrap_or_default();
                let message = payload.message.as_ref().into();
                Self::Refused {
                    endpoint,
                    method,
                    code: payload.code,
                    message,
                    data,
                }
            }
            json_rpc::RpcError::Transport(kind) => Self::transport(endpoint, method, kind),
            json_rpc::RpcError::NullResp
            | json_rpc::RpcError::UnsupportedFeature(_)
            | json_rpc::RpcError::LocalUsageError(_)
            | json_rpc::RpcError::SerError(_)
            | json_rpc::RpcError::DeserError { .. } => Self::Malformed { endpoint, method },
        }
    }

    fn transport(endpoint: Arc<str>, method: &'static str, kind: TransportErrorKind) -> Self {
        match kind.as_http_error() {
            Some(http) => Self::Status {
                endpoint,
                method,
                status: http.status,
            },
            None => Self::Unreachable {
                endpoint,
                cause: innermost(&kind).into(),
            },
        }
    }
}

// The innermost cause is the operating system's; the outer ones name the whole address.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let text = cause.to_string();
    if text.contains("://") {
        "the request failed".to_owned()
    } else {
        text
    }
}

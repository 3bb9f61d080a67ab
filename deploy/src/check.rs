//! Whether a chain is the expected one and has the contracts.

use crate::rpc::{Rpc, RpcError};
use crate::{Address, Addresses, B256, U256, code};
use std::fmt;

/// One of the contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contract {
    /// The court of all channels.
    Adjudicator,
    /// The first time each SHA-256 preimage was revealed.
    HashlockRegistry,
    /// The first time the scalar of each point was revealed.
    PointlockRegistry,
}

/// Why a chain cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// Signatures and money are for another chain.
    #[error(
        "{endpoint} serves chain {received}, expected chain {expected}; \
         use an endpoint of chain {expected} or configure chain {received}"
    )]
    WrongChain {
        /// Scheme, host and port.
        endpoint: Box<str>,
        /// The configured EIP-155 chain id.
        expected: u64,
        /// The endpoint's.
        received: u64,
    },
    /// No contract where one has to be.
    #[error(
        "chain {chain_id} has no code at {address}, expected the {contract}; \
         deploy it with `counterfoil deploy` or correct the address"
    )]
    NoCode {
        /// EIP-155 chain id.
        chain_id: u64,
        /// Which contract.
        contract: Contract,
        /// Where it was looked for.
        address: Address,
    },
    /// Another contract than the one that this version was built for.
    #[error(
        "chain {chain_id} has other code at {address} than the {contract}: expected code hash {expected}, \
         found {received}; correct the address or use the version of the client that belongs to it"
    )]
    OtherCode {
        /// EIP-155 chain id.
        chain_id: u64,
        /// Which contract.
        contract: Contract,
        /// Where it was looked for.
        address: Address,
        /// Keccak-256 of the code that the contract has there.
        expected: B256,
        /// Keccak-256 of the code found.
        received: B256,
    },
    /// An account that has to pay cannot.
    #[error(
        "account {account} holds {received} wei on chain {chain_id}, expected at least {expected}; send it native coin"
    )]
    Unfunded {
        /// EIP-155 chain id.
        chain_id: u64,
        /// Which account.
        account: Address,
        /// Wei it needs.
        expected: U256,
        /// Wei it holds.
        received: U256,
    },
    /// The endpoint gave no answer.
    #[error(transparent)]
    Rpc(#[from] RpcError),
}

/// Checks that `rpc` serves the expected chain and that the contracts are at `addresses` on it. Compares every byte of
/// their code, so it says yes to no contract but these.
///
/// # Errors
/// [`CheckError`]; nothing was changed.
pub async fn check(rpc: &Rpc, expected: u64, addresses: Addresses) -> Result<(), CheckError> {
    check_chain(rpc, expected).await?;
    for contract in Contract::ALL {
        let address = contract.address(&addresses);
        if !is_deployed(rpc, expected, contract, address).await? {
            return Err(CheckError::NoCode {
                chain_id: expected,
                contract,
                address,
            });
        }
    }
    Ok(())
}

/// Checks that `account` holds `minimum` wei.
///
/// # Errors
/// [`CheckError::Unfunded`] when it does not; nothing was changed.
pub async fn check_funds(rpc: &Rpc, account: Address, minimum: U256) -> Result<(), CheckError> {
    let received = rpc.balance(account).await?;
    if received >= minimum {
        return Ok(());
    }
    let chain_id = rpc.chain_id().await?;
    Err(CheckError::Unfunded {
        chain_id,
        account,
        expected: minimum,
        received,
    })
}

pub(crate) async fn check_chain(rpc: &Rpc, expected: u64) -> Result<(), CheckError> {
    let received = rpc.chain_id().await?;
    if received == expected {
        return Ok(());
    }
    Err(CheckError::WrongChain {
        endpoint: rpc.name().into(),
        expected,
        received,
    })
}

/// Whether the contract is there; other code is an error.
pub(crate) async fn is_deployed(
    rpc: &Rpc,
    chain_id: u64,
    contract: Contract,
    address: Address,
) -> Result<bool, CheckError> {
    let found = rpc.code(address).await?;
    if found.is_empty() {
        return Ok(false);
    }
    let expected = match contract {
        Contract::Adjudicator => code::adjudicator_code(&found, chain_id, address),
        Contract::HashlockRegistry => code::hashlock_registry_code().to_vec(),
        Contract::PointlockRegistry => code::pointlock_registry_code().to_vec(),
    };
    if expected == *found {
        return Ok(true);
    }
    let (expected, received) = (code::hash(&expected), code::hash(&found));
    Err(CheckError::OtherCode {
        chain_id,
        contract,
        address,
        expected,
        received,
    })
}

impl Contract {
    pub(crate) const ALL: [Self; 3] = [
        Self::Adjudicator,
        Self::HashlockRegistry,
        Self::PointlockRegistry,
    ];

    /// Where it is.
    pub const fn address(self, addresses: &Addresses) -> Address {
        match self {
            Self::Adjudicator => addresses.adjudicator,
            Self::HashlockRegistry => addresses.hashlock_registry,
            Self::PointlockRegistry => addresses.pointlock_registry,
        }
    }

    pub(crate) fn init(self) -> &'static [u8] {
        match self {
            Self::Adjudicator => code::adjudicator_init(),
            Self::HashlockRegistry => code::hashlock_registry_init(),
            Self::PointlockRegistry => code::pointlock_registry_init(),
        }
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Adjudicator => "adjudicator",
            Self::HashlockRegistry => "hashlock registry",
            Self::PointlockRegistry => "pointlock registry",
        })
    }
}

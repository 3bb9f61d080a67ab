//! Creating the contracts, again and again without harm.

use crate::account::{Account, Fees};
use crate::check::{CheckError, Contract, check_chain, is_deployed};
use crate::create2::{FACTORY_COST, FACTORY_DEPLOYER, FACTORY_TRANSACTION, creation};
use crate::rpc::{At, Receipt, Request, Rpc, RpcError};
use crate::{Address, Addresses, B256, Bytes, FACTORY, U256, addresses};
use std::time::Duration;

/// The contracts of a chain and what became of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Where they are.
    pub addresses: Addresses,
    /// What became of the adjudicator.
    pub adjudicator: Deployed,
    /// What became of the registry of preimages.
    pub hashlock_registry: Deployed,
    /// What became of the registry of scalars.
    pub pointlock_registry: Deployed,
}

/// What became of one contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployed {
    /// It was there before, byte for byte.
    AlreadyThere,
    /// It was created.
    Created {
        /// By this transaction.
        transaction: B256,
        /// Which used this much gas.
        gas_used: u64,
    },
}

/// Why a deployment did not come about. What was created before stays; deploying again goes on from there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeployError {
    /// The chain is another one, or has other code in a contract's place, or the account cannot pay.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The chain has no CREATE2 proxy and refuses the transaction that creates it.
    #[error(
        "chain {chain_id} has no CREATE2 proxy at {factory} and does not take the transaction that creates it: {cause}; \
         ask its operators to create the proxy, or allow transactions without a chain id in the node"
    )]
    NoFactory {
        /// EIP-155 chain id.
        chain_id: u64,
        /// Where it has to be.
        factory: Address,
        /// What the endpoint said.
        cause: Box<RpcError>,
    },
    /// A transaction reverted.
    #[error(
        "transaction {transaction}, which should have created the {contract}, reverted; deploy again"
    )]
    Reverted {
        /// Which contract.
        contract: Contract,
        /// Which transaction.
        transaction: B256,
    },
    /// A transaction was not mined in time.
    #[error("transaction {transaction} was not mined within {seconds} s; deploy again later")]
    NotMined {
        /// Which transaction.
        transaction: B256,
        /// How long was waited.
        seconds: u64,
    },
    /// The account could not sign.
    #[error("account {account} could not sign a transaction")]
    NotSigned {
        /// Which account.
        account: Address,
    },
}

/// Creates the contracts that are not there yet, paid by `account`.
///
/// # Errors
/// [`DeployError`]. Contracts that were created before the error stay; a later call goes on from there.
pub async fn deploy(
    rpc: &Rpc,
    account: &Account,
    expected_chain_id: u64,
) -> Result<Deployment, DeployError> {
    check_chain(rpc, expected_chain_id).await?;
    let job = Job {
        rpc,
        account,
        chain_id: expected_chain_id,
    };
    let addresses = addresses();
    Ok(Deployment {
        chain_id: expected_chain_id,
        addresses,
        adjudicator: job.ensure(Contract::Adjudicator, &addresses).await?,
        hashlock_registry: job.ensure(Contract::HashlockRegistry, &addresses).await?,
        pointlock_registry: job.ensure(Contract::PointlockRegistry, &addresses).await?,
    })
}

struct Job<'a> {
    rpc: &'a Rpc,
    account: &'a Account,
    chain_id: u64,
}

impl Job<'_> {
    async fn ensure(
        &self,
        contract: Contract,
        addresses: &Addresses,
    ) -> Result<Deployed, DeployError> {
        let address = contract.address(addresses);
        if is_deployed(self.rpc, self.chain_id, contract, address).await? {
            return Ok(Deployed::AlreadyThere);
        }
        self.ensure_factory().await?;
        let receipt = self
            .send(FACTORY, U256::ZERO, creation(contract.init()))
            .await?;
        let transaction = receipt.transaction_hash;
        // Also after a revert: somebody else may have created it in the meantime.
        if is_deployed(self.rpc, self.chain_id, contract, address).await? {
            return Ok(Deployed::Created {
                transaction,
                gas_used: receipt.gas_used,
            });
        }
        Err(DeployError::Reverted {
            contract,
            transaction,
        })
    }

    async fn ensure_factory(&self) -> Result<(), DeployError> {
        if !self
            .rpc
            .code(FACTORY)
            .await
            .map_err(CheckError::from)?
            .is_empty()
        {
            return Ok(());
        }
        let held = self
            .rpc
            .balance(FACTORY_DEPLOYER)
            .await
            .map_err(CheckError::from)?;
        let missing = U256::from(FACTORY_COST).saturating_sub(held);
        if !missing.is_zero() {
            self.send(FACTORY_DEPLOYER, missing, Bytes::new()).await?;
        }
        match self.rpc.send(&FACTORY_TRANSACTION).await {
            Ok(transaction) => self.mined(transaction).await.map(drop),
            Err(cause) => Err(DeployError::NoFactory {
                chain_id: self.chain_id,
                factory: FACTORY,
                cause: Box::new(cause),
            }),
        }
    }

    async fn send(&self, to: Address, value: U256, data: Bytes) -> Result<Receipt, DeployError> {
        let transaction = self.signed(to, value, data).await?;
        self.rpc
            .send(&transaction.bytes)
            .await
            .map_err(CheckError::from)?;
        self.mined(transaction.hash).await
    }

    async fn signed(
        &self,
        to: Address,
        value: U256,
        data: Bytes,
    ) -> Result<crate::Transaction, DeployError> {
        let from = self.account.address();
        let request = Request {
            from,
            to,
            value,
            data,
        };
        let fees = Fees::suggested(self.rpc).await.map_err(CheckError::from)?;
        crate::check_funds(self.rpc, from, value.saturating_add(U256::from(1))).await?;
        let estimate = self
            .rpc
            .estimate_gas(&request)
            .await
            .map_err(CheckError::from)?;
        let gas = estimate.saturating_add(estimate.div_ceil(10));
        let cost = U256::from(gas)
            .saturating_mul(U256::from(fees.max_fee))
            .saturating_add(value);
        crate::check_funds(self.rpc, from, cost).await?;
        let nonce = self
            .rpc
            .transaction_count(from, At::Pending)
            .await
            .map_err(CheckError::from)?;
        self.account
            .sign(&request, self.chain_id, nonce, gas, fees)
            .ok_or(DeployError::NotSigned { account: from })
    }

    async fn mined(&self, transaction: B256) -> Result<Receipt, DeployError> {
        for _ in 0..RECEIPT_POLLS {
            if let Some(receipt) = self
                .rpc
                .receipt(transaction)
                .await
                .map_err(CheckError::from)?
            {
                return Ok(receipt);
            }
            tokio::time::sleep(RECEIPT_POLL).await;
        }
        let seconds = RECEIPT_POLL.saturating_mul(RECEIPT_POLLS).as_secs();
        Err(DeployError::NotMined {
            transaction,
            seconds,
        })
    }
}

const RECEIPT_POLL: Duration = Duration::from_millis(100);
const RECEIPT_POLLS: u32 = 1_800;

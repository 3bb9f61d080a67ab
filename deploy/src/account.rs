//! The account that pays for transactions, and the transactions it signs (EIP-1559).

use crate::rpc::{Request, Rpc, RpcError};
use crate::{Address, B256, Bytes};
use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::primitives::TxKind;
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;
use std::fmt;

/// A key that pays for transactions.
#[derive(Clone)]
pub struct Account(PrivateKeySigner);

/// A secret that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret key is a number from 1 to the order of secp256k1 less 1; received another")]
pub struct BadSecret;

/// What a transaction offers for each unit of gas, in wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// At most this, burnt part included.
    pub max_fee: u128,
    /// Of it for the block's producer.
    pub tip: u128,
}

/// A signed transaction, ready to be sent again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Its hash.
    pub hash: B256,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Account {
    /// The account with this secret key.
    ///
    /// # Errors
    /// [`BadSecret`].
    pub fn from_secret(secret: &B256) -> Result<Self, BadSecret> {
        PrivateKeySigner::from_bytes(secret)
            .map(Self)
            .map_err(|_| BadSecret)
    }

    /// Its address.
    pub const fn address(&self) -> Address {
        self.0.address()
    }

    /// Signs a transaction; none when the key cannot sign.
    pub fn sign(
        &self,
        request: &Request,
        chain_id: u64,
        nonce: u64,
        gas_limit: u64,
        fees: Fees,
    ) -> Option<Transaction> {
        let transaction = TxEip1559 {
            chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas: fees.max_fee,
            max_priority_fee_per_gas: fees.tip,
            to: TxKind::Call(request.to),
            value: request.value,
            access_list: Default::default(),
            input: request.data.clone(),
        };
        let signature = self.0.sign_hash_sync(&transaction.signature_hash()).ok()?;
        let envelope = TxEnvelope::from(transaction.into_signed(signature));
        Some(Transaction {
            hash: *envelope.hash(),
            bytes: envelope.encoded_2718().into(),
        })
    }
}

impl Fees {
    /// Fees with which a transaction is mined soon, also if the burnt part doubles before.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn suggested(rpc: &Rpc) -> Result<Self, RpcError> {
        let tip = match rpc.suggested_tip().await {
            // Not every endpoint has the method.
            Err(RpcError::Refused { .. }) => USUAL_TIP,
            other => other?,
        };
        let base = u128::try_from(rpc.head().await?.base_fee_per_gas).unwrap_or(u128::MAX);
        Ok(Self {
            max_fee: base.saturating_mul(2).saturating_add(tip),
            tip,
        })
    }

    /// The least fees with which nodes accept a transaction in place of one with these: an eighth more.
    #[must_use]
    pub fn raised(self) -> Self {
        let raise = |fee: u128| fee.saturating_add(fee.div_ceil(8)).saturating_add(1);
        Self {
            max_fee: raise(self.max_fee),
            tip: raise(self.tip),
        }
    }

    /// The higher of both, part by part.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            max_fee: self.max_fee.max(other.max_fee),
            tip: self.tip.max(other.tip),
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({})", self.address())
    }
}

/// One gwei.
const USUAL_TIP: u128 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raised_fees_are_an_eighth_higher_at_least() {
        for fee in [0, 1, 7, 8, 1_000_000_007, u128::MAX - 1] {
            let raised = Fees {
                max_fee: fee,
                tip: fee,
            }
            .raised();
            assert!(
                raised.max_fee == u128::MAX || raised.max_fee - fee > fee / 8,
                "{fee}"
            );
            assert_eq!(raised.max_fee, raised.tip);
        }
    }

    #[test]
    fn zero_is_no_key() {
        assert_eq!(Account::from_secret(&B256::ZERO).err(), Some(BadSecret));
    }
}

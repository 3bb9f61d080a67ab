//! Paying somebody by a hash, directly or through a mediator.

use crate::error::NodeError;
use crate::node::{Node, random};
use counterfoil_core::effect::Command;
use counterfoil_core::payment::{Contents, Hop, Payload, seal};
use counterfoil_core::types::{Address, Amount, B256, ChannelId, Timestamp};
use sha2::{Digest, Sha256};

/// What a payer has to know of a payee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Identity.
    pub address: Address,
    /// Key to which payments are sealed.
    pub sealing_key: [u8; 32],
}

/// What a payee hands to a payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// Who is to be paid.
    pub payee: Contact,
    /// SHA-256 of the payee's secret.
    pub key: B256,
    /// Base units.
    pub amount: Amount,
    /// Shows the payee that the payer has the invoice.
    pub payment_secret: B256,
    /// The payee takes no lock for it after this time.
    pub expiry: Timestamp,
}

/// The way a payment takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Our channel to the first node: the payee, or a mediator that has a channel with the payee.
    pub channel: ChannelId,
    /// What the mediator keeps; zero when there is none. Base units.
    pub fee: Amount,
    /// Seconds for which the money is locked at most, from the newest block's time.
    pub lock_seconds: u64,
}

/// Why a payment was not begun. Nothing was locked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PayError {
    /// The node refuses.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The route's channel is not there.
    #[error("channel {0} is unknown; expected one of this node")]
    UnknownChannel(ChannelId),
    /// The payee's sealing key is no key.
    #[error("the payee's sealing key is not one; expected the 32 bytes that the payee published")]
    SealingKey,
    /// The invoice is too old.
    #[error("the invoice expired at {expiry}; the chain is at {now}; ask for a new one")]
    Expired {
        /// When.
        expiry: Timestamp,
        /// Time of the newest block.
        now: Timestamp,
    },
    /// Amount and fee together cannot be held.
    #[error("amount and fee together are too large")]
    TooLarge,
}

impl Node {
    /// Makes an invoice. The secret is durable before the invoice is returned.
    ///
    /// # Errors
    /// [`NodeError`]; there is no invoice.
    pub async fn invoice(&self, amount: Amount, valid_seconds: u64) -> Result<Invoice, NodeError> {
        let (preimage, payment_secret) = (random()?, random()?);
        let expiry = self.chain_time().await?.after(valid_seconds);
        self.command(Command::Expect {
            preimage,
            payment_secret,
            amount,
            expiry,
        })
        .await?;
        let key = B256::from_slice(Sha256::digest(preimage).as_slice());
        Ok(Invoice {
            payee: self.contact(),
            key,
            amount,
            payment_secret,
            expiry,
        })
    }

    /// Pays an invoice. Done with the event `PaymentSent`, whose preimage is the receipt, or `PaymentFailed`.
    ///
    /// # Errors
    /// [`PayError`]; nothing was locked.
    pub async fn pay_invoice(&self, invoice: &Invoice, route: Route) -> Result<B256, PayError> {
        let now = self.chain_time().await?;
        if now > invoice.expiry {
            return Err(PayError::Expired {
                expiry: invoice.expiry,
                now,
            });
        }
        let contents = Contents {
            total: invoice.amount,
            key: invoice.key,
            expiry: now.after(route.lock_seconds),
            payment_secret: invoice.payment_secret,
            preimage: Vec::new(),
        };
        self.send_sealed(invoice.payee, contents, route).await
    }

    /// Pays somebody who has not asked: the secret is ours, and travels where only the payee can read it. Returns the
    /// payment's hash.
    ///
    /// # Errors
    /// [`PayError`]; nothing was locked.
    pub async fn pay_unasked(
        &self,
        payee: Contact,
        amount: Amount,
        route: Route,
    ) -> Result<B256, PayError> {
        let preimage = random()?;
        let contents = Contents {
            total: amount,
            key: B256::from_slice(Sha256::digest(preimage).as_slice()),
            expiry: self.chain_time().await?.after(route.lock_seconds),
            payment_secret: B256::ZERO,
            preimage: vec![preimage],
        };
        self.send_sealed(payee, contents, route).await
    }

    async fn send_sealed(
        &self,
        payee: Contact,
        contents: Contents,
        route: Route,
    ) -> Result<B256, PayError> {
        let channel = self.channel(route.channel).await?;
        let first = channel.ok_or(PayError::UnknownChannel(route.channel))?.peer;
        let sealed = seal(&contents, &payee.sealing_key, random()?);
        let sealed = sealed.map_err(|_| PayError::SealingKey)?;
        let hop = Hop {
            peer: payee.address,
            amount: contents.total,
        };
        let (next, amount) = if first == payee.address {
            (Vec::new(), contents.total)
        } else {
            let amount = contents
                .total
                .plus(route.fee)
                .map_err(|_| PayError::TooLarge)?;
            (vec![hop], amount)
        };
        let payload = alloy_rlp::encode(Payload { next, sealed }).into();
        let (key, expiry) = (contents.key, contents.expiry);
        self.command(Command::Send {
            channel: route.channel,
            key,
            amount,
            expiry,
            payload,
        })
        .await?;
        Ok(key)
    }
}

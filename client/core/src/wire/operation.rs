//! The operations that an update carries, and why one may be refused.

use super::growing;
use super::reason::Reason;
use crate::types::{Address, Amount, B256, LockId, Timestamp};
use alloy_primitives::Bytes;
use alloy_rlp::{Decodable, Encodable, Header};

/// One change of a channel's content. Each costs only the side that proposes it, `expire` excepted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// The payer gives an amount.
    Pay(Pay),
    /// The payer reserves an amount under a condition.
    Lock(NewLock),
    /// The payer of a lock turns it into a payment.
    Settle(Settle),
    /// The payee of a lock gives it back.
    Cancel(Cancel),
    /// The payer of a lock takes it back, since a final block past its expiry shows no reveal.
    Expire(Expire),
    /// The owner takes money out while the channel stays open.
    Withdraw(Withdraw),
    /// Something of a later version, which can only be refused.
    Unsupported(Unsupported),
}

/// An operation of a kind that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unsupported {
    /// The operation's kind.
    pub kind: u8,
    /// The RLP item that follows the kind.
    pub body: Bytes,
}

growing! {
    /// The proposer pays the other side.
    Pay {
        /// Base units; not zero.
        amount: Amount,
        /// At most 32 bytes that mean something to the users.
        tag: Bytes,
    }

    /// The proposer reserves an amount for the other side.
    NewLock {
        /// Above every id that the payer has used, even for participant 0, odd for participant 1.
        id: LockId,
        /// Contract that decides.
        condition: Address,
        /// What it is asked about.
        key: B256,
        /// Base units; not zero.
        amount: Amount,
        /// A reveal counts up to and including this second.
        expiry: Timestamp,
        /// What the receiver needs to pass the payment on, or to take it.
        payload: Bytes,
    }

    /// The proposer, who pays the lock, has seen its preimage.
    Settle {
        /// Which lock.
        id: LockId,
        /// SHA-256 of it is the lock's key.
        preimage: B256,
    }

    /// The proposer, who would be paid by the lock, gives it back.
    Cancel {
        /// Which lock.
        id: LockId,
        /// Why.
        reason: Reason,
    }

    /// The proposer, who pays the lock, takes it back.
    Expire {
        /// Which lock.
        id: LockId,
    }

    /// The proposer takes out what is its own.
    Withdraw {
        /// Base units; zero makes a checkpoint on chain and nothing else.
        amount: Amount,
        /// The chain executes it up to and including this second.
        deadline: Timestamp,
    }

    /// An operation that did not make it into a state.
    Refused {
        /// Its place in the refused update.
        index: u16,
        /// Why.
        reason: Reason,
    }
}

impl Operation {
    const fn kind(&self) -> u8 {
        match self {
            Self::Pay(_) => 1,
            Self::Lock(_) => 2,
            Self::Settle(_) => 3,
            Self::Cancel(_) => 4,
            Self::Expire(_) => 5,
            Self::Withdraw(_) => 6,
            Self::Unsupported(unsupported) => unsupported.kind,
        }
    }

    fn body(&self) -> &dyn Encodable {
        match self {
            Self::Pay(body) => body,
            Self::Lock(body) => body,
            Self::Settle(body) => body,
            Self::Cancel(body) => body,
            Self::Expire(body) => body,
            Self::Withdraw(body) => body,
            Self::Unsupported(body) => body,
        }
    }

    /// The lock that the operation takes out of the content.
    pub const fn removes(&self) -> Option<LockId> {
        match self {
            Self::Settle(settle) => Some(settle.id),
            Self::Cancel(cancel) => Some(cancel.id),
            Self::Expire(expire) => Some(expire.id),
            Self::Pay(_) | Self::Lock(_) | Self::Withdraw(_) | Self::Unsupported(_) => None,
        }
    }

    /// Whether the operation may still be proposed after a shutdown: it makes the channel emptier.
    pub const fn drains(&self) -> bool {
        match self {
            Self::Settle(_) | Self::Cancel(_) | Self::Expire(_) => true,
            Self::Pay(_) | Self::Lock(_) | Self::Withdraw(_) | Self::Unsupported(_) => false,
        }
    }
}

impl Encodable for Operation {
    fn encode(&self, out: &mut dyn alloy_rlp::BufMut) {
        let payload_length = self.body().length().saturating_add(self.kind().length());
        Header {
            list: true,
            payload_length,
        }
        .encode(out);
        self.kind().encode(out);
        self.body().encode(out);
    }

    fn length(&self) -> usize {
        let payload = self.body().length().saturating_add(self.kind().length());
        payload.saturating_add(alloy_rlp::length_of_length(payload))
    }
}

// The body is RLP already.
impl Encodable for Unsupported {
    fn encode(&self, out: &mut dyn alloy_rlp::BufMut) {
        out.put_slice(&self.body);
    }

    fn length(&self) -> usize {
        self.body.len()
    }
}

impl Decodable for Operation {
    fn decode(buf: &mut &[u8]) -> alloy_rlp::Result<Self> {
        let mut fields = Header::decode_bytes(buf, true)?;
        Ok(match u8::decode(&mut fields)? {
            1 => Self::Pay(Pay::decode(&mut fields)?),
            2 => Self::Lock(NewLock::decode(&mut fields)?),
            3 => Self::Settle(Settle::decode(&mut fields)?),
            4 => Self::Cancel(Cancel::decode(&mut fields)?),
            5 => Self::Expire(Expire::decode(&mut fields)?),
            6 => Self::Withdraw(Withdraw::decode(&mut fields)?),
            kind => {
                let body = Bytes::copy_from_slice(fields);
                Self::Unsupported(Unsupported { kind, body })
            }
        })
    }
}

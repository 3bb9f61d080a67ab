//! A payment as it is stored.

use crate::types::{Amount, B256, ChannelId, LockId, Timestamp};
use crate::wire::Reason;
use alloy_rlp::{Decodable, RlpDecodable, RlpEncodable};

/// A payment under a hash.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Payment {
    pub(crate) role: Role,
    pub(crate) preimage: Option<B256>,
    pub(crate) progress: Progress,
}

/// What this node is to a payment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// Its own money goes out through `channel`.
    Payer { channel: ChannelId, amount: Amount },
    /// Money comes in; `place` says where once a good lock is final.
    Payee {
        amount: Amount,
        payment_secret: B256,
        expiry: Timestamp,
        place: Option<Place>,
    },
    /// Money passes: in at `incoming`, out through `outgoing`.
    Mediator {
        incoming: Place,
        outgoing: ChannelId,
        new: crate::wire::NewLock,
        fee: Amount,
    },
}

/// A lock of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, RlpEncodable, RlpDecodable)]
pub(crate) struct Place {
    pub(crate) channel: ChannelId,
    pub(crate) lock: LockId,
}

/// How a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Progress {
    /// Undecided.
    Pending,
    /// A mediator has been paid upstream and has not paid downstream yet.
    Claimed,
    /// A mediator has paid downstream, since the reveal is final, and has not been paid upstream yet.
    PaidOn,
    /// Paid.
    Settled,
    /// Given back, or never begun.
    Failed(Reason),
}

/// A stored payment that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a stored payment cannot be read: {0}; expected the record of this version; restore a backup"
)]
pub struct BadPayment(pub alloy_rlp::Error);

/// The layout of the record: fields that a role does not have are zero, options are lists of at most one.
#[derive(RlpEncodable, RlpDecodable)]
struct Image {
    version: u8,
    role: u8,
    channel: ChannelId,
    amount: Amount,
    payment_secret: B256,
    expiry: Timestamp,
    place: Vec<Place>,
    new: Vec<crate::wire::NewLock>,
    preimage: Vec<B256>,
    progress: u8,
    reason: Reason,
}

const VERSION: u8 = 1;

impl Payment {
    pub(crate) const fn new(role: Role, preimage: Option<B256>) -> Self {
        Self {
            role,
            preimage,
            progress: Progress::Pending,
        }
    }

    pub(crate) fn is_pending(&self) -> bool {
        matches!(
            self.progress,
            Progress::Pending | Progress::Claimed | Progress::PaidOn
        )
    }

    /// Whether the payment only passed, and came to nothing: it may be forgotten.
    pub(crate) const fn is_vain(&self) -> bool {
        let passed = matches!(self.role, Role::Mediator { .. });
        passed && matches!(self.progress, Progress::Failed(_))
    }

    /// The lock by which money comes in, if there is one.
    pub(crate) const fn incoming(&self) -> Option<Place> {
        match &self.role {
            Role::Payer { .. } => None,
            Role::Payee { place, .. } => *place,
            Role::Mediator { incoming, .. } => Some(*incoming),
        }
    }

    /// The channel through which money goes out, if it does.
    pub(crate) const fn outgoing(&self) -> Option<ChannelId> {
        match &self.role {
            Role::Payer { channel, .. } => Some(*channel),
            Role::Payee { .. } => None,
            Role::Mediator { outgoing, .. } => Some(*outgoing),
        }
    }

    /// The record's bytes.
    pub(crate) fn image(&self) -> Vec<u8> {
        let (progress, reason) = match self.progress {
            Progress::Pending => (0, Reason::Other),
            Progress::Settled => (1, Reason::Other),
            Progress::Failed(reason) => (2, reason),
            Progress::Claimed => (3, Reason::Other),
            Progress::PaidOn => (4, Reason::Other),
        };
        let mut image = Image {
            version: VERSION,
            role: 0,
            channel: ChannelId(B256::ZERO),
            amount: Amount::ZERO,
            payment_secret: B256::ZERO,
            expiry: Timestamp::new(0),
            place: self.incoming().into_iter().collect(),
            new: Vec::new(),
            preimage: self.preimage.into_iter().collect(),
            progress,
            reason,
        };
        match &self.role {
            Role::Payer { channel, amount } => (image.channel, image.amount) = (*channel, *amount),
            Role::Payee {
                amount,
                payment_secret,
                expiry,
                ..
            } => {
                (image.role, image.amount) = (1, *amount);
                (image.payment_secret, image.expiry) = (*payment_secret, *expiry);
            }
            Role::Mediator {
                outgoing, new, fee, ..
            } => {
                (image.role, image.channel, image.amount) = (2, *outgoing, *fee);
                image.new = vec![new.clone()];
            }
        }
        alloy_rlp::encode(image)
    }

    /// The payment as it was stored.
    ///
    /// # Errors
    /// [`BadPayment`] when the bytes are not what [`Payment::image`] writes.
    pub(crate) fn from_image(mut bytes: &[u8]) -> Result<Self, BadPayment> {
        let image = Image::decode(&mut bytes).map_err(BadPayment)?;
        let bad = BadPayment(alloy_rlp::Error::Custom("a field is out of range"));
        let place = image.place.into_iter().next();
        let role = match (image.version, image.role) {
            (VERSION, 0) => Role::Payer {
                channel: image.channel,
                amount: image.amount,
            },
            (VERSION, 1) => Role::Payee {
                amount: image.amount,
                payment_secret: image.payment_secret,
                expiry: image.expiry,
                place,
            },
            (VERSION, 2) => Role::Mediator {
                incoming: place.ok_or(bad)?,
                outgoing: image.channel,
                new: image.new.into_iter().next().ok_or(bad)?,
                fee: image.amount,
            },
            _ => return Err(bad),
        };
        let progress = match image.progress {
            0 => Progress::Pending,
            1 => Progress::Settled,
            2 => Progress::Failed(image.reason),
            3 => Progress::Claimed,
            4 => Progress::PaidOn,
            _ => return Err(bad),
        };
        Ok(Self {
            role,
            preimage: image.preimage.into_iter().next(),
            progress,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // req: A13, A29
    #[test]
    fn every_role_and_progress_survives_the_store() {
        let place = Place {
            channel: ChannelId(B256::repeat_byte(1)),
            lock: LockId(4),
        };
        let new = crate::wire::NewLock {
            id: LockId(2),
            condition: crate::types::Address::repeat_byte(1),
            key: B256::repeat_byte(4),
            amount: Amount::new(10),
            expiry: Timestamp::new(9),
            payload: alloy_primitives::Bytes::new(),
        };
        let roles = [
            Role::Payer {
                channel: place.channel,
                amount: Amount::new(7),
            },
            Role::Payee {
                amount: Amount::new(7),
                payment_secret: B256::repeat_byte(2),
                expiry: Timestamp::new(9),
                place: Some(place),
            },
            Role::Mediator {
                incoming: place,
                outgoing: ChannelId(B256::repeat_byte(3)),
                new,
                fee: Amount::new(1),
            },
        ];
        let all = [
            Progress::Pending,
            Progress::Settled,
            Progress::Failed(Reason::NoRoute),
        ];
        for (role, progress) in roles.into_iter().zip(all) {
            let payment = Payment {
                progress,
                ..Payment::new(role, Some(B256::repeat_byte(5)))
            };
            assert_eq!(Payment::from_image(&payment.image()), Ok(payment));
        }
    }
}

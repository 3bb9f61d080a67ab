//! Arbitrary values of everything that travels or is stored.

use alloy_primitives::Bytes;
use alloy_rlp::Decodable;
use counterfoil_core::payment::{Contents, Hop, Payload};
use counterfoil_core::state::{Content, Opening, Signature, Withdrawing};
use counterfoil_core::types::{
    Address, Amount, B256, ChannelId, Lock, LockId, Nonce, Pair, Participant, SignedAmount, Terms,
    Timestamp,
};
use counterfoil_core::wire::{
    Cancel, Expire, NewLock, Operation, Pay, Reason, Settle, Unsupported, Withdraw,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// Numbers of this version's operations; any other kind is unsupported.
const KINDS: std::ops::RangeInclusive<u8> = 1..=6;

pub(crate) fn word() -> impl Strategy<Value = B256> + Clone {
    any::<[u8; 32]>().prop_map(B256::from)
}

pub(crate) fn address() -> impl Strategy<Value = Address> + Clone {
    any::<[u8; 20]>().prop_map(Address::from)
}

/// All magnitudes alike, not nearly always the largest.
pub(crate) fn amount() -> impl Strategy<Value = Amount> + Clone {
    (any::<u128>(), 0..128u32).prop_map(|(units, shift)| Amount::new(units >> shift))
}

pub(crate) fn signed_amount() -> impl Strategy<Value = SignedAmount> + Clone {
    (any::<i128>(), 0..128u32).prop_map(|(units, shift)| SignedAmount::new(units >> shift))
}

pub(crate) fn nonce() -> impl Strategy<Value = Nonce> + Clone {
    (0..=Nonce::MAX.number(), 0..40u32)
        .prop_map(|(number, shift)| Nonce::new(number >> shift).unwrap())
}

pub(crate) fn participant() -> impl Strategy<Value = Participant> + Clone {
    prop_oneof![Just(Participant::Zero), Just(Participant::One)]
}

pub(crate) fn channel() -> impl Strategy<Value = ChannelId> + Clone {
    word().prop_map(ChannelId)
}

pub(crate) fn time() -> impl Strategy<Value = Timestamp> + Clone {
    (any::<u64>(), 0..64u32).prop_map(|(seconds, shift)| Timestamp::new(seconds >> shift))
}

pub(crate) fn signature() -> impl Strategy<Value = Signature> + Clone {
    (word(), word()).prop_map(|(r, vs)| Signature::new(r, vs))
}

pub(crate) fn pair<T: std::fmt::Debug>(
    value: impl Strategy<Value = T> + Clone,
) -> impl Strategy<Value = Pair<T>> {
    (value.clone(), value).prop_map(|(zero, one)| Pair::new(zero, one))
}

pub(crate) fn bytes(most: usize) -> impl Strategy<Value = Bytes> + Clone {
    vec(any::<u8>(), 0..=most).prop_map(Bytes::from)
}

pub(crate) fn lock_id() -> impl Strategy<Value = LockId> + Clone {
    (any::<u64>(), 0..64u32).prop_map(|(id, shift)| LockId(id >> shift))
}

pub(crate) fn lock() -> impl Strategy<Value = Lock> + Clone {
    (address(), word(), amount(), participant(), time()).prop_map(
        |(condition, key, amount, payer, expiry)| Lock {
            condition,
            key,
            amount,
            payer,
            expiry,
        },
    )
}

/// Every reason that this version knows.
pub(crate) fn reason() -> impl Strategy<Value = Reason> + Clone {
    (0..20u8).prop_map(|number| {
        Reason::decode(&mut alloy_rlp::encode(number).as_slice()).expect("a number reads as one")
    })
}

pub(crate) fn terms() -> impl Strategy<Value = Terms> {
    let money = (any::<u32>(), amount(), word());
    (pair(address()), pair(address()), address(), money).prop_map(
        |(signers, payouts, token, (finalization_period, reserve, salt))| Terms {
            signers,
            payouts,
            token,
            finalization_period,
            reserve,
            salt,
        },
    )
}

pub(crate) fn content() -> impl Strategy<Value = Content> {
    let leaving =
        (participant(), nonce(), amount(), time()).prop_map(|(by, nonce, amount, deadline)| {
            Withdrawing {
                by,
                nonce,
                amount,
                deadline,
            }
        });
    let locks = btree_map(lock_id(), lock(), 0..6);
    (
        signed_amount(),
        locks,
        pair(any::<u64>()),
        vec(leaving, 0..3),
    )
        .prop_map(|(net, locks, last_lock, withdrawing)| {
            let mut content = Content {
                net,
                last_lock,
                withdrawing,
                ..Content::default()
            };
            content.locks.extend(locks);
            content
        })
}

pub(crate) fn opening() -> impl Strategy<Value = Opening> {
    (word(), signed_amount(), vec(lock(), 0..6)).prop_map(|(blinding, net, locks)| Opening {
        blinding,
        net,
        locks,
    })
}

pub(crate) fn payload() -> impl Strategy<Value = Payload> {
    let hop = (address(), amount()).prop_map(|(peer, amount)| Hop { peer, amount });
    (vec(hop, 0..2), bytes(300)).prop_map(|(next, sealed)| Payload { next, sealed })
}

pub(crate) fn contents() -> impl Strategy<Value = Contents> {
    (amount(), word(), time(), word(), vec(word(), 0..2)).prop_map(
        |(total, key, expiry, payment_secret, preimage)| Contents {
            total,
            key,
            expiry,
            payment_secret,
            preimage,
        },
    )
}

pub(crate) fn operation() -> impl Strategy<Value = Operation> {
    let lock = (lock_id(), address(), word(), amount(), time(), bytes(100));
    let unknown = any::<u8>().prop_filter("of a later version", |kind| !KINDS.contains(kind));
    prop_oneof![
        (amount(), bytes(40)).prop_map(|(amount, tag)| Operation::Pay(Pay { amount, tag })),
        lock.prop_map(|(id, condition, key, amount, expiry, payload)| {
            Operation::Lock(NewLock {
                id,
                condition,
                key,
                amount,
                expiry,
                payload,
            })
        }),
        (lock_id(), word()).prop_map(|(id, preimage)| Operation::Settle(Settle { id, preimage })),
        (lock_id(), reason()).prop_map(|(id, reason)| Operation::Cancel(Cancel { id, reason })),
        lock_id().prop_map(|id| Operation::Expire(Expire { id })),
        (amount(), time())
            .prop_map(|(amount, deadline)| Operation::Withdraw(Withdraw { amount, deadline })),
        (unknown, bytes(60))
            .prop_map(|(kind, body)| Operation::Unsupported(Unsupported { kind, body })),
    ]
}

//! The largest messages fit into a frame.

use alloy_primitives::Bytes;
use alloy_rlp::Encodable;
use counterfoil_core::state::{Content, Signature, Withdrawing};
use counterfoil_core::types::{
    Address, Amount, B256, ChannelId, Lock, LockId, Nonce, Pair, Participant, SignedAmount,
    Timestamp,
};
use counterfoil_core::wire::{
    InbandMessage, MAX_BODY, MAX_INBAND, Message, NewLock, NewestState, Operation, Pay, Reason,
    Refused, Update, decode, encode,
};

/// The protocol's limits; docs/protocol.md names them.
const MOST_OPERATIONS: usize = 512;
const MOST_OPERATION_BYTES: usize = 48 * 1024;
const MOST_LOCKS: u64 = 128;

const LARGE: Amount = Amount::new(u128::MAX);
const LAST: Timestamp = Timestamp::new((1 << 40) - 1);
const WORD: B256 = B256::repeat_byte(0xff);

fn signature() -> Signature {
    Signature::new(WORD, WORD)
}

/// A lock whose encoding has exactly `size` bytes.
fn lock_of_size(size: usize) -> Operation {
    let of = |length: usize| {
        Operation::Lock(NewLock {
            id: LockId(1),
            condition: Address::repeat_byte(0xff),
            key: WORD,
            amount: Amount::new(1),
            expiry: LAST,
            payload: vec![0xff; length].into(),
        })
    };
    let fits = (0..size).map(of).find(|lock| lock.length() == size);
    fits.expect("there is one of this size")
}

fn update(operations: Vec<Operation>) -> Message {
    let refused = (0..MOST_OPERATIONS as u16).map(|index| Refused {
        index: u16::MAX - index,
        reason: Reason::WithdrawalPending,
    });
    Message::Update(Update {
        channel: ChannelId(WORD),
        nonce: Nonce::MAX,
        base: Nonce::MAX,
        answers: Nonce::MAX,
        refused: refused.collect(),
        operations,
        signature: signature(),
    })
}

fn fits(message: &Message) -> usize {
    let frame = encode(message).expect("it fits a frame");
    assert!(frame.len() - 3 <= MAX_BODY);
    assert_eq!(decode(&frame).as_ref(), Ok(&Some(message.clone())));
    frame.len()
}

// req: A52, E4
#[test]
fn the_largest_update_fits_a_frame() {
    let each = MOST_OPERATION_BYTES / MOST_OPERATIONS;
    let operations = vec![lock_of_size(each); MOST_OPERATIONS];
    let bytes: usize = operations.iter().map(Encodable::length).sum();
    assert_eq!(bytes, MOST_OPERATION_BYTES);
    assert_eq!(fits(&update(operations)), 51_843);
}

#[test]
fn the_most_payments_with_the_longest_words_fit_a_frame() {
    let pay = Operation::Pay(Pay {
        amount: LARGE,
        tag: Bytes::from_static(&[0xff; 32]),
    });
    let operations = vec![pay; MOST_OPERATIONS];
    let bytes: usize = operations.iter().map(Encodable::length).sum();
    assert!(
        bytes <= MOST_OPERATION_BYTES,
        "512 payments are never cut by their size"
    );
    fits(&update(operations));
}

// req: GAP-E2
#[test]
fn the_largest_state_fits_a_frame() {
    let mut content = Content {
        net: SignedAmount::new(i128::MIN),
        last_lock: Pair::new(u64::MAX - 1, u64::MAX),
        ..Content::default()
    };
    for number in 0..MOST_LOCKS {
        let lock = Lock {
            condition: Address::repeat_byte(0xff),
            key: WORD,
            amount: LARGE,
            payer: Participant::One,
            expiry: LAST,
        };
        content.locks.insert(LockId(u64::MAX - number), lock);
    }
    content.withdrawing = Participant::BOTH
        .map(|by| Withdrawing {
            by,
            nonce: Nonce::MAX,
            amount: LARGE,
            deadline: LAST,
        })
        .to_vec();
    let newest = NewestState {
        channel: ChannelId(WORD),
        nonce: Nonce::MAX,
        content,
        signatures: Pair::new(signature(), signature()),
    };
    assert_eq!(fits(&Message::NewestState(newest)), 11_937);
}

// req: E5
#[test]
fn the_longest_words_of_the_users_fit_a_frame() {
    let said = InbandMessage {
        channel: ChannelId(WORD),
        bytes: vec![0xff; MAX_INBAND].into(),
    };
    assert_eq!(fits(&Message::InbandMessage(said)), 32_810);
}

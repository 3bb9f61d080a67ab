//! What a message says, field by field, with all values as strings.

use super::super::{decimal, hex};
use alloy_primitives::B256;
use counterfoil_core::state::{Content, Signature, Withdrawing};
use counterfoil_core::types::{Lock, LockId, Pair, Terms};
use counterfoil_core::wire::{Message, Operation, Reason, Refused};
use serde_json::{Value, json};

pub(crate) fn fields(message: &Message) -> Value {
    match message {
        Message::ChannelOpen(m) => json!({
            "chainId": decimal(m.chain_id), "adjudicator": hex(m.adjudicator),
            "temporaryId": hex(m.temporary_id), "token": hex(m.token), "signer": hex(m.signer),
            "payout": hex(m.payout), "initiatorAmount": decimal(m.initiator_amount),
            "responderAmount": decimal(m.responder_amount), "pushAmount": decimal(m.push_amount),
            "reserve": decimal(m.reserve), "finalizationPeriod": decimal(m.finalization_period),
            "salt": hex(m.salt), "seed": hex(m.seed),
        }),
        Message::ChannelAccept(m) => json!({
            "chainId": decimal(m.chain_id), "adjudicator": hex(m.adjudicator),
            "temporaryId": hex(m.temporary_id), "terms": terms(&m.terms),
            "initiatorAmount": decimal(m.initiator_amount),
            "responderAmount": decimal(m.responder_amount), "pushAmount": decimal(m.push_amount),
            "minimumDepth": decimal(m.minimum_depth), "seed": hex(m.seed),
        }),
        Message::ChannelReestablish(m) => json!({
            "channel": hex(m.channel.0), "coSigned": decimal(m.co_signed),
            "commitment": hex(m.commitment), "yours": signature(&m.yours),
            "signed": decimal(m.signed), "signedCommitment": hex(m.signed_commitment),
            "known": decimal(m.known),
        }),
        Message::FundingCreated(m) => json!({
            "temporaryId": hex(m.temporary_id), "channel": hex(m.channel.0),
            "signature": signature(&m.signature),
        }),
        Message::FundingSigned(m) => {
            json!({ "channel": hex(m.channel.0), "signature": signature(&m.signature) })
        }
        Message::FundingLocked(m) => {
            json!({ "channel": hex(m.channel.0), "deposits": two(m.deposits) })
        }
        Message::Update(m) => json!({
            "channel": hex(m.channel.0), "nonce": decimal(m.nonce), "base": decimal(m.base),
            "answers": decimal(m.answers),
            "refused": m.refused.iter().map(refused).collect::<Vec<_>>(),
            "operations": m.operations.iter().map(operation).collect::<Vec<_>>(),
            "signature": signature(&m.signature),
        }),
        Message::UpdateAck(m) => json!({
            "channel": hex(m.channel.0), "nonce": decimal(m.nonce),
            "signature": signature(&m.signature),
        }),
        Message::UpdateError(m) => json!({
            "channel": hex(m.channel.0), "refused": decimal(m.refused), "index": decimal(m.index),
            "reason": reason(m.reason), "nonce": decimal(m.nonce), "base": decimal(m.base),
            "signature": signature(&m.signature),
        }),
        Message::NewestState(m) => json!({
            "channel": hex(m.channel.0), "nonce": decimal(m.nonce), "content": content(&m.content),
            "signatures": [signature(&m.signatures.zero), signature(&m.signatures.one)],
        }),
        Message::WithdrawSigned(m) => json!({
            "channel": hex(m.channel.0), "nonce": decimal(m.nonce),
            "signature": signature(&m.signature),
        }),
        Message::RequestCommit(m) => json!({
            "channel": hex(m.channel.0), "lock": decimal(m.lock.0), "preimage": hex(m.preimage),
        }),
        Message::Shutdown(m) => json!({ "channel": hex(m.channel.0) }),
        Message::ShutdownAck(m) => json!({ "channel": hex(m.channel.0) }),
        Message::ClosingCreated(m) => json!({
            "channel": hex(m.channel.0), "net": decimal(m.net),
            "signature": signature(&m.signature),
        }),
        Message::ClosingSigned(m) => {
            json!({ "channel": hex(m.channel.0), "signature": signature(&m.signature) })
        }
        Message::Ping(m) => json!({ "token": decimal(m.token) }),
        Message::Pong(m) => json!({ "token": decimal(m.token) }),
        Message::InbandMessage(m) => {
            json!({ "channel": hex(m.channel.0), "bytes": hex(&m.bytes) })
        }
        Message::Warning(m) => json!({ "channel": hex(m.channel.0), "text": m.text }),
        Message::Error(m) => json!({ "channel": hex(m.channel.0), "text": m.text }),
    }
}

fn operation(operation: &Operation) -> Value {
    let word = |word: B256| hex(word);
    match operation {
        Operation::Pay(m) => {
            json!({ "kind": "1 pay", "amount": decimal(m.amount), "tag": hex(&m.tag) })
        }
        Operation::Lock(m) => json!({
            "kind": "2 lock", "id": decimal(m.id.0), "condition": hex(m.condition),
            "key": word(m.key), "amount": decimal(m.amount), "expiry": decimal(m.expiry),
            "payload": hex(&m.payload),
        }),
        Operation::Settle(m) => {
            json!({ "kind": "3 settle", "id": decimal(m.id.0), "preimage": word(m.preimage) })
        }
        Operation::Cancel(m) => {
            json!({ "kind": "4 cancel", "id": decimal(m.id.0), "reason": reason(m.reason) })
        }
        Operation::Expire(m) => json!({ "kind": "5 expire", "id": decimal(m.id.0) }),
        Operation::Withdraw(m) => json!({
            "kind": "6 withdraw", "amount": decimal(m.amount), "deadline": decimal(m.deadline),
        }),
        Operation::Unsupported(m) => {
            json!({ "kind": format!("{} unsupported", m.kind), "rest": hex(&m.body) })
        }
    }
}

fn terms(terms: &Terms) -> Value {
    json!({
        "signers": [hex(terms.signers.zero), hex(terms.signers.one)],
        "payouts": [hex(terms.payouts.zero), hex(terms.payouts.one)],
        "token": hex(terms.token),
        "finalizationPeriod": decimal(terms.finalization_period),
        "reserve": decimal(terms.reserve),
        "salt": hex(terms.salt),
    })
}

fn content(content: &Content) -> Value {
    json!({
        "net": decimal(content.net),
        "locks": content.locks.iter().map(lock).collect::<Vec<_>>(),
        "lastLock": two(content.last_lock),
        "withdrawing": content.withdrawing.iter().map(withdrawing).collect::<Vec<_>>(),
    })
}

fn lock((id, lock): (&LockId, &Lock)) -> Value {
    json!({
        "id": decimal(id.0), "condition": hex(lock.condition), "key": hex(lock.key),
        "amount": decimal(lock.amount), "payer": decimal(lock.payer.index()),
        "expiry": decimal(lock.expiry),
    })
}

fn withdrawing(one: &Withdrawing) -> Value {
    json!({
        "by": decimal(one.by.index()), "nonce": decimal(one.nonce),
        "amount": decimal(one.amount), "deadline": decimal(one.deadline),
    })
}

fn refused(refused: &Refused) -> Value {
    json!({ "index": decimal(refused.index), "reason": reason(refused.reason) })
}

/// The number on the wire, and the name.
fn reason(reason: Reason) -> Value {
    let number = alloy_rlp::encode(reason)[0] & 0x7f;
    Value::String(format!("{number} {reason:?}"))
}

fn signature(signature: &Signature) -> Value {
    hex([signature.r().0, signature.vs().0].concat())
}

fn two<T: ToString + Copy>(pair: Pair<T>) -> Value {
    json!([pair.zero.to_string(), pair.one.to_string()])
}

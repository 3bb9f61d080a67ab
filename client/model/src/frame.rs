//! A frame on its way, with what the model wants to know of it.

use counterfoil_core::types::Nonce;
use counterfoil_core::wire::{Message, decode};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The exact bytes that one engine sent to the other.
#[derive(Clone)]
pub(crate) struct Frame {
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) print: u64,
    pub(crate) kind: Kind,
}

/// What a frame is, as far as milestones and faults care.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Update,
    Merge,
    Refusal,
    Acknowledgement,
    Other,
}

impl Frame {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let kind = match decode(&bytes) {
            Ok(Some(Message::Update(update))) if update.answers == Nonce::ZERO => Kind::Update,
            Ok(Some(Message::Update(_))) => Kind::Merge,
            Ok(Some(Message::UpdateError(_))) => Kind::Refusal,
            Ok(Some(Message::UpdateAck(_))) => Kind::Acknowledgement,
            Ok(_) | Err(_) => Kind::Other,
        };
        let print = crate::memo::print(&bytes);
        Self {
            bytes: bytes.into(),
            print,
            kind,
        }
    }
}

impl Hash for Frame {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.print.hash(state);
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match decode(&self.bytes) {
            Ok(Some(Message::Update(m))) => {
                write!(f, "update {} on {}", m.nonce, m.base)?;
                if m.answers != Nonce::ZERO {
                    write!(f, " answering {}", m.answers)?;
                }
                let names = m.operations.iter().map(name).collect::<Vec<_>>();
                write!(f, " [{}]", names.join(", "))?;
                if m.refused.is_empty() {
                    return Ok(());
                }
                write!(f, " refusing {:?}", m.refused)
            }
            Ok(Some(Message::UpdateAck(m))) => write!(f, "update_ack {}", m.nonce),
            Ok(Some(Message::UpdateError(m))) => write!(
                f,
                "update_error {} refusing {} at {} ({:?})",
                m.nonce, m.refused, m.index, m.reason
            ),
            Ok(Some(Message::ChannelReestablish(m))) => {
                write!(f, "channel_reestablish {} signed {}", m.co_signed, m.signed)
            }
            Ok(Some(Message::WithdrawSigned(m))) => write!(f, "withdraw_signed {}", m.nonce),
            Ok(Some(Message::FundingLocked(m))) => {
                let [zero, one] = m.deposits.into_array();
                write!(f, "funding_locked {zero} {one}")
            }
            Ok(Some(Message::Error(m))) => write!(f, "error: {}", m.text),
            Ok(Some(other)) => write!(f, "message {}", other.code()),
            Ok(None) => f.write_str("a message to be ignored"),
            Err(cause) => write!(f, "unreadable: {cause}"),
        }
    }
}

fn name(operation: &counterfoil_core::wire::Operation) -> String {
    use counterfoil_core::wire::Operation;
    match operation {
        Operation::Pay(pay) => format!("pay {}", pay.amount),
        Operation::Lock(lock) => format!("lock {} of {}", lock.id.0, lock.amount),
        Operation::Settle(settle) => format!("settle {}", settle.id.0),
        Operation::Cancel(cancel) => format!("cancel {}", cancel.id.0),
        Operation::Expire(expire) => format!("expire {}", expire.id.0),
        Operation::Withdraw(withdraw) => format!("withdraw {}", withdraw.amount),
        Operation::Unsupported(other) => format!("operation {}", other.kind),
    }
}

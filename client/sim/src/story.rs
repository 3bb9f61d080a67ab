//! What happened in a world, in words.

use crate::world::{START, World};
use counterfoil_core::effect::{Call, Event};
use counterfoil_core::wire::{Message, decode};

/// Longest part of a line that is not ours.
const LONGEST: usize = 140;

/// Lines about a world's life; kept only when somebody wants to read them.
#[derive(Debug, Default)]
pub struct Story(Option<Vec<String>>);

impl Story {
    /// A story that is kept.
    pub const fn kept() -> Self {
        Self(Some(Vec::new()))
    }

    /// Adds a line.
    pub fn add(&mut self, line: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.0 {
            lines.push(line());
        }
    }

    /// Whether lines are kept.
    pub const fn is_kept(&self) -> bool {
        self.0.is_some()
    }

    /// The lines so far.
    pub fn lines(&self) -> &[String] {
        self.0.as_deref().unwrap_or_default()
    }
}

/// What is about to happen, with the time since the first block.
pub(crate) fn at(world: &World, words: &str) -> String {
    let time = world.chain.now() - START;
    format!("t=+{time}s  {words}")
}

/// A frame by its message.
pub(crate) fn frame(bytes: &[u8]) -> String {
    match decode(bytes) {
        Ok(Some(Message::Update(m))) if m.answers.number() > 0 => {
            format!(
                "update {} (base {}, answers {})",
                m.nonce, m.base, m.answers
            )
        }
        Ok(Some(Message::Update(m))) => format!("update {} (base {})", m.nonce, m.base),
        Ok(Some(Message::UpdateAck(m))) => format!("update_ack {}", m.nonce),
        Ok(Some(Message::UpdateError(m))) => {
            format!(
                "update_error {} (refuses {}: {})",
                m.nonce, m.refused, m.reason
            )
        }
        Ok(Some(Message::ChannelReestablish(m))) => {
            format!(
                "channel_reestablish (co-signed {}, signed {})",
                m.co_signed, m.signed
            )
        }
        Ok(Some(Message::NewestState(m))) => format!("newest_state {}", m.nonce),
        Ok(Some(Message::WithdrawSigned(m))) => format!("withdraw_signed {}", m.nonce),
        Ok(Some(Message::Error(m))) => format!("error ({})", m.text),
        Ok(Some(other)) => name(&format!("{other:?}")),
        Ok(None) => "an unknown message".to_owned(),
        Err(error) => format!("no message ({error})"),
    }
}

/// A call by what it does.
pub(crate) fn call(call: &Call) -> String {
    match call {
        Call::Deposit {
            participant,
            amount,
            ..
        } => format!(
            "deposit of {amount} for participant {}",
            participant.index()
        ),
        Call::Close { net, .. } => format!("close at net {net}"),
        Call::Withdraw { nonce, .. } => format!("withdraw {nonce}"),
        Call::Challenge { nonce, .. } => format!("challenge with state {nonce}"),
        Call::Respond { nonce, .. } => format!("response with state {nonce}"),
        Call::Settle { nonce, .. } => format!("settle of state {nonce}"),
        Call::Reveal { .. } => "reveal".to_owned(),
    }
}

/// An event by its words.
pub(crate) fn event(event: &Event) -> String {
    format!("{event:?}").chars().take(LONGEST).collect()
}

fn name(debug: &str) -> String {
    debug.chars().take_while(|letter| *letter != '(').collect()
}

//! What a peer can do wrong in a channel. Each ends the conversation; none can take money.

use crate::state::BadSignature;
use crate::types::Nonce;

/// A message that the protocol does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The nonce is not the one that follows.
    #[error("nonce {received} was proposed; expected {expected:?}")]
    WrongNonce {
        /// What had to come; none when the nonce space is used up.
        expected: Option<Nonce>,
        /// What came.
        received: Nonce,
    },
    /// The proposal does not build on the newest co-signed state.
    #[error("the proposal builds on state {received}; expected {expected}")]
    WrongBase {
        /// The newest co-signed state.
        expected: Nonce,
        /// What the proposal names.
        received: Nonce,
    },
    /// The proposal claims to answer one that is not unanswered.
    #[error("the proposal answers {received}; expected {expected:?}")]
    WrongAnswer {
        /// Our unanswered proposal, if there is one.
        expected: Option<Nonce>,
        /// What the proposal names.
        received: Nonce,
    },
    /// Another proposal with a nonce that was seen before.
    #[error(
        "state {nonce} was proposed a second time with another content; expected it byte for byte or not at all"
    )]
    Equivocation {
        /// The nonce.
        nonce: Nonce,
    },
    /// An answer to something that was not asked.
    #[error("state {received} was answered; expected an answer to {expected:?}")]
    Unasked {
        /// Our unanswered proposal, if there is one.
        expected: Option<Nonce>,
        /// What the answer names.
        received: Nonce,
    },
    /// The merged proposal leaves out or refuses what it cannot.
    #[error(
        "a crossing was merged with operations that do not apply; expected participant 1's operations, less those listed as refused"
    )]
    BadMerge,
    /// The signature is not by the other participant over what was agreed.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// The message does not belong into the channel's phase.
    #[error("message {code} came when it cannot; expected none of it in this phase of the channel")]
    WrongPhase {
        /// The message's code.
        code: u8,
    },
    /// The close names another net payment than the newest co-signed state.
    #[error("the close pays net {received}; expected {expected}, as in the newest co-signed state")]
    WrongNet {
        /// Of the newest co-signed state.
        expected: crate::types::SignedAmount,
        /// What came.
        received: crate::types::SignedAmount,
    },
    /// An update that changes nothing and answers nothing.
    #[error("an update has no operations and answers no crossing; expected at least one operation")]
    Empty,
    /// More operations than an update may have.
    #[error("an update has {received} operations; expected at most {most}")]
    TooManyOperations {
        /// The limit.
        most: usize,
        /// What came.
        received: usize,
    },
}

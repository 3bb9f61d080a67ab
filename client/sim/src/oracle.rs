//! What must hold in every world after every step: one promise, one function.

mod book;
mod custody;
mod disk;
mod end;
mod payout;
mod signatures;
mod wealth;

pub use custody::{claims_are_covered, what_was_paid_in_is_held_or_paid_out};
pub use disk::a_restart_knows_what_was_told;
pub use end::{everything_comes_to_an_end, peace_keeps_a_channel_open};
pub use payout::a_closed_channel_paid_what_the_newest_state_gives;
pub use signatures::Signatures;
pub use wealth::{
    Account, what_was_told_as_received_is_never_lost, whoever_shows_a_secret_is_paid,
};

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{promise}: {what}")]
pub struct Broken {
    /// The promise, in a few words.
    pub promise: &'static str,
    /// How it was broken.
    pub what: String,
}

/// What an oracle says.
pub type Verdict = Result<(), Broken>;

impl Broken {
    /// Breaks `promise` unless it holds.
    ///
    /// # Errors
    /// [`Broken`] when it does not.
    pub(crate) fn unless(
        holds: bool,
        promise: &'static str,
        what: impl FnOnce() -> String,
    ) -> Verdict {
        if holds {
            return Ok(());
        }
        let what = what();
        Err(Self { promise, what })
    }
}

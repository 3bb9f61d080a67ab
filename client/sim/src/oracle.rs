//! What must hold in every world after every step: one promise, one function.

mod signatures;

pub use signatures::Signatures;

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

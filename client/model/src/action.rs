//! Everything that can happen next.

use counterfoil_core::types::{Nonce, Participant};
use std::fmt;

/// One step of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A participant's node does something, whole.
    Does(Participant, Doing),
    /// It does something, its records become durable, and it dies before anything else of it happens.
    Dies(Participant, Doing),
    /// It dies between two turns.
    Crashes(Participant),
    /// The next frame to a participant comes once more later.
    Repeats(Participant),
    /// The next frame to a participant is lost though the link stays up.
    Loses(Participant),
    /// The link is cut; what was on its way is lost.
    Cut,
    /// The link comes back, and both are told.
    Connects,
    /// A block; calls of the participant that is named have to wait.
    Mines(Option<Participant>),
    /// The participant publishes a state that the other has signed, behind the back of its own node.
    Publishes(Participant, Nonce),
}

/// What a node takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doing {
    /// The next command of its script.
    Obeys,
    /// The next frame.
    Hears,
    /// All that is new on the chain.
    Looks,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Does(side, doing) => write!(f, "{} {doing}", side.index()),
            Self::Dies(side, doing) => {
                write!(
                    f,
                    "{} {doing}, stores it, dies and starts again",
                    side.index()
                )
            }
            Self::Crashes(side) => write!(f, "{} dies and starts again", side.index()),
            Self::Repeats(side) => write!(f, "the next frame to {} is doubled", side.index()),
            Self::Loses(side) => write!(f, "the next frame to {} is lost", side.index()),
            Self::Cut => f.write_str("the link is cut"),
            Self::Connects => f.write_str("the link comes back"),
            Self::Mines(None) => f.write_str("a block"),
            Self::Mines(Some(side)) => write!(f, "a block without calls of {}", side.index()),
            Self::Publishes(side, nonce) => write!(f, "{} publishes state {nonce}", side.index()),
        }
    }
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Obeys => "obeys its user",
            Self::Hears => "hears",
            Self::Looks => "looks at the chain",
        })
    }
}

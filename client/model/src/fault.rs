//! Mistakes planted around the core, each to show that one property is really checked.

/// A mistake of a disk, a link or a chain. The core itself is never changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// None: everything around the core does as it promises.
    #[default]
    None,
    /// A disk that loses the last write in a crash, though what depended on it has left.
    LosesTheLastWrite,
    /// A node that starts again from its oldest backup and takes it for whole.
    StartsFromABackup,
    /// A store of participant 1 that keeps the channel and none of its states.
    KeepsNoStates,
    /// A link that drops every acknowledgement and never says so.
    DropsAcknowledgements,
    /// A chain that pays participant 0 one unit less than the state gives it.
    PaysOneUnitLess,
}

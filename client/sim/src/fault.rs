//! Faults of the world that no node can make good: with one of them an oracle must speak.

/// What is wrong with a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Settlements of disputes pay a unit less than they take.
    ChainKeepsAUnit,
    /// Disks lose the contents of states, though they say that they are durable.
    DisksLoseStates,
    /// Disks lose what a node knows of payments, though they say that it is durable.
    DisksLosePayments,
    /// Disks keep the first record of a channel and lose all later ones, though they say that they are durable.
    DisksLoseChannels,
    /// The chain shows nodes a unit more of participant 0's deposit than there is.
    ChainShowsMore,
    /// The chain takes no secrets.
    ChainTakesNoSecrets,
    /// After a restart from an old disk the peers say that nothing is missing.
    PeersLie,
    /// Nobody hears of the chain until the faults stop.
    NobodyWatches,
    /// The chain stays congested when the faults stop.
    ChainStaysStuck,
}

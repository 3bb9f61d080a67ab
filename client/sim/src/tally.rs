//! How often the interesting things have happened.

use std::fmt;

macro_rules! tally {
    ($($(#[$doc:meta])* $field:ident: $words:literal,)*) => {
        /// Counts of everything that makes a walk worth its time.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Tally { $($(#[$doc])* pub $field: u64,)* }

        impl Tally {
            /// Adds the counts of another walk.
            pub fn add(&mut self, other: &Self) {
                $(self.$field += other.$field;)*
            }

            /// Each count with its words.
            pub fn counts(&self) -> Vec<(&'static str, u64)> {
                vec![$(($words, self.$field),)*]
            }
        }
    };
}

tally! {
    /// Walks.
    seeds: "seeds",
    /// Steps that were taken.
    steps: "steps",
    /// Frames that arrived.
    frames: "frames",
    /// Earlier frames that arrived again.
    repeats: "repeated frames",
    /// Frames that arrived with another byte.
    garbled: "garbled frames",
    /// Links that went down, with crashes.
    cuts: "cuts",
    /// Processes that died.
    crashes: "crashes",
    /// Disks that were replaced by old copies.
    old_disks: "old disks",
    /// Blocks.
    blocks: "blocks",
    /// Reorgs.
    reorgs: "reorgs",
    /// Calls that a reorg took back.
    undone: "calls undone by reorgs",
    /// Times in which the chain took no calls.
    congestions: "congestions",
    /// Payments without a condition that their payee was told of.
    received: "payments received",
    /// Payments under a hash that their payee was told of.
    routed: "payments under a hash",
    /// Payments that a mediator was told it has forwarded.
    forwarded: "payments forwarded",
    /// Payments that came back.
    failed: "payments failed",
    /// Deposits on chain.
    deposits: "deposits",
    /// Withdrawals on chain.
    withdrawals: "withdrawals",
    /// Withdrawals that lapsed.
    lapsed: "withdrawals lapsed",
    /// Messages of users that arrived.
    messages: "messages",
    /// Disputes on chain.
    disputes: "disputes",
    /// Old states that were published.
    cheats: "old states published",
    /// Responses that the chain took.
    responses: "responses",
    /// Settlements.
    settlements: "settlements",
    /// Cooperative closes.
    closes: "cooperative closes",
    /// Reveals on chain.
    reveals: "reveals",
    /// Channels that a node knows to have lost states of.
    lost: "channels with lost data",
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (words, count) in self.counts() {
            writeln!(f, "{count:>10} {words}")?;
        }
        Ok(())
    }
}

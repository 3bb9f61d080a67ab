//! News for the user.

use crate::types::ChannelId;

/// Something that the user may want to know. Whatever it says is durable by the time it is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// placeholder
    ChannelOpened {
        /// Which channel.
        channel: ChannelId,
    },
}

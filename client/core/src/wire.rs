//! What travels between two peers: frames of one message each.
//!
//! A frame is a big-endian `u16` length, one code byte and an RLP list. Fields are only ever added at the end of a
//! list, and a reader ignores those it does not know. Unknown odd codes may be ignored, unknown even ones may not.

mod frame;
mod message;
mod operation;
mod reason;

pub use frame::{BadFrame, MAX_BODY, decode, encode};
pub use message::{
    ChannelAccept, ChannelOpen, ChannelReestablish, ClosingCreated, ClosingSigned, ErrorMessage,
    FundingCreated, FundingLocked, FundingSigned, InbandMessage, Message, NewestState, Ping, Pong,
    RequestCommit, Shutdown, ShutdownAck, Update, UpdateAck, UpdateError, Warning, WithdrawSigned,
};
pub use operation::{
    Cancel, Expire, NewLock, Operation, Pay, Refused, Settle, Unsupported, Withdraw,
};
pub use reason::Reason;

/// The most bytes that users may say to each other in one message.
pub const MAX_INBAND: usize = 32 * 1024;

/// Declares a struct whose RLP list may grow at its end: a reader takes the fields it knows and ignores the rest.
macro_rules! growing {
    ($($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$outer])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, alloy_rlp::RlpEncodable)]
        pub struct $name { $($(#[$inner])* pub $field: $type,)* }

        impl alloy_rlp::Decodable for $name {
            fn decode(buf: &mut &[u8]) -> alloy_rlp::Result<Self> {
                let mut fields = alloy_rlp::Header::decode_bytes(buf, true)?;
                Ok(Self { $($field: alloy_rlp::Decodable::decode(&mut fields)?,)* })
            }
        }
    )*};
}
use growing;

//! What a chain reports.

use crate::contracts::Revert;
use counterfoil_core::effect::{Call, ChainEvent};
use counterfoil_core::types::{Address, B256, ChannelId, Timestamp};
use counterfoil_deploy::U256;
use counterfoil_deploy::rpc::RpcError;

/// One piece of news, in the order in which things were learnt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainNews {
    /// The chain shows something that is watched.
    Event(ChainEvent),
    /// The contracts show the effect of a call.
    Done(CallDone),
    /// A call can have no effect any more; nothing more is sent for it.
    Failed(CallFailed),
    /// Whether the endpoint answers.
    Endpoint(EndpointState),
}

/// Whether the endpoint answers; reported when it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointState {
    /// It answers again. All that is watched was read anew.
    Up,
    /// It fails, and is asked again and again. What it cannot tell is not known meanwhile.
    Down(RpcError),
}

/// A call whose effect the contracts show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallDone {
    /// The call.
    pub call: Call,
    /// Our transaction that did it; none when somebody else did it.
    pub mined: Option<Mined>,
    /// Height of the block: the one that holds our transaction, else the one in which the effect was seen.
    pub block: u64,
    /// Time of that block.
    pub timestamp: Timestamp,
}

/// A transaction of ours that was mined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mined {
    /// Its hash.
    pub transaction: B256,
    /// Gas that it used.
    pub gas_used: u64,
    /// Wei that it paid for each unit of gas.
    pub effective_gas_price: U256,
}

/// A call that can have no effect any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFailed {
    /// The call.
    pub call: Call,
    /// Why.
    pub failure: Failure,
}

/// Why a call can have no effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The contract refuses it, as a simulation on the newest block shows.
    #[error("the contract refuses the call: {error}")]
    Reverted {
        /// The contract's error.
        error: Revert,
        /// Our last transaction for the call that was mined and reverted, if any was.
        transaction: Option<B256>,
    },
    /// Its time is over.
    #[error("the call had to be in a block before {before}; the newest block is of {now}")]
    TooLate {
        /// First second that is too late.
        before: Timestamp,
        /// Time of the newest block.
        now: Timestamp,
    },
    /// The channel takes no withdrawal any more.
    #[error(
        "channel {channel} is in dispute or paid out, so nothing is withdrawn from it any more"
    )]
    NotOpen {
        /// Which channel.
        channel: ChannelId,
    },
    /// The account cannot pay.
    #[error(
        "account {account} holds {received} wei, the call needs {expected}; send it native coin, then repeat the call"
    )]
    Unfunded {
        /// The account that pays.
        account: Address,
        /// Wei it needs, gas at the highest price included.
        expected: U256,
        /// Wei it holds.
        received: U256,
    },
    /// The account could not sign.
    #[error("account {account} could not sign the transaction")]
    NotSigned {
        /// The account that pays.
        account: Address,
    },
}

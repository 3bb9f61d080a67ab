//! Calls that failed for want of something that the user can supply, such as coins for gas.
//!
//! What defends our money is asked for again with every block until the account can pay. What spends money is asked for
//! again when the user repeats it.

use counterfoil_chain::{CallFailed, Failure};
use counterfoil_core::effect::Call;
use counterfoil_core::types::{Amount, ChannelId};
use std::collections::BTreeMap;

/// The calls that wait to be repeated.
#[derive(Default)]
pub(crate) struct Repeats {
    unfunded: Vec<Call>,
    deposits: BTreeMap<ChannelId, Call>,
}

/// Whether the user has heard of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Not,
    Before,
}

impl Repeats {
    /// Takes in that a call failed.
    pub(crate) fn failed(&mut self, failed: &CallFailed) -> Heard {
        let CallFailed { call, failure } = failed;
        if let Call::Deposit { terms, .. } = call {
            self.deposits.insert(terms.channel_id(), call.clone());
            return Heard::Not;
        }
        if !matches!(failure, Failure::Unfunded { .. }) {
            self.forget(call);
            return Heard::Not;
        }
        if self.unfunded.contains(call) {
            return Heard::Before;
        }
        self.unfunded.push(call.clone());
        Heard::Not
    }

    /// Takes in that a call was carried out.
    pub(crate) fn done(&mut self, call: &Call) {
        self.forget(call);
        if let Call::Deposit { terms, .. } = call {
            self.deposits.remove(&terms.channel_id());
        }
    }

    /// What to ask for again after a block.
    pub(crate) fn unfunded(&self) -> &[Call] {
        &self.unfunded
    }

    /// The deposit that failed in a channel, if it was one of `amount`.
    pub(crate) fn deposit(&self, channel: ChannelId, amount: Amount) -> Option<&Call> {
        let failed = self.deposits.get(&channel)?;
        matches!(failed, Call::Deposit { amount: same, .. } if *same == amount).then_some(failed)
    }

    fn forget(&mut self, call: &Call) {
        self.unfunded.retain(|other| other != call);
    }
}

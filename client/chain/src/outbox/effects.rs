//! Whether the contracts show what calls are meant to bring about.

use crate::contracts;
use alloy::primitives::U256;
use counterfoil_core::effect::{Call, OnChain, Status};
use counterfoil_core::types::{Address, B256, ChannelId, Timestamp};
use counterfoil_deploy::rpc::{At, Block, Rpc, RpcError};
use std::collections::{BTreeMap, BTreeSet};

/// What the contracts store, at one block, of everything that some calls are about.
#[derive(Debug, Default)]
pub(super) struct Effects {
    channels: BTreeMap<ChannelId, OnChain>,
    reveals: BTreeMap<(Address, B256), Option<Timestamp>>,
}

impl Effects {
    /// Reads it at `head`.
    ///
    /// # Errors
    /// [`RpcError`].
    pub(super) async fn read<'a>(
        rpc: &Rpc,
        court: Address,
        calls: impl Iterator<Item = &'a Call>,
        head: &Block,
    ) -> Result<Self, RpcError> {
        let at = At::Hash(head.hash);
        let mut ids = BTreeSet::new();
        let mut effects = Self::default();
        for call in calls {
            match subject(call) {
                Subject::Channel(id) => {
                    ids.insert(id);
                }
                Subject::Key(condition, key) => {
                    let recorded = match contracts::revealed_at(rpc, condition, key, at).await {
                        // A condition that does not answer must not stop the other calls.
                        Err(RpcError::Malformed { .. } | RpcError::Refused { .. }) => None,
                        other => other?,
                    };
                    effects.reveals.insert((condition, key), recorded);
                }
            }
        }
        let ids: Vec<_> = ids.into_iter().collect();
        let statuses = contracts::statuses(rpc, court, &ids, at).await?;
        effects.channels = ids.into_iter().zip(statuses).collect();
        Ok(effects)
    }

    /// Whether the effect of a call shows.
    pub(super) fn shows(&self, call: &Call) -> bool {
        match subject(call) {
            Subject::Channel(id) => self.channels.get(&id).is_some_and(|now| shows(call, now)),
            Subject::Key(condition, key) => self
                .reveals
                .get(&(condition, key))
                .is_some_and(Option::is_some),
        }
    }

    /// What the adjudicator stores for the channel of a call, if it is about one.
    pub(super) fn channel(&self, call: &Call) -> Option<&OnChain> {
        match subject(call) {
            Subject::Channel(id) => self.channels.get(&id),
            Subject::Key(..) => None,
        }
    }
}

enum Subject {
    Channel(ChannelId),
    Key(Address, B256),
}

fn subject(call: &Call) -> Subject {
    match call {
        Call::Deposit { terms, .. }
        | Call::Close { terms, .. }
        | Call::Withdraw { terms, .. }
        | Call::Challenge { terms, .. }
        | Call::Respond { terms, .. }
        | Call::Settle { terms, .. } => Subject::Channel(terms.channel_id()),
        Call::Reveal {
            condition,
            preimage,
            ..
        } => Subject::Key(*condition, contracts::key_of(preimage)),
    }
}

fn shows(call: &Call, now: &OnChain) -> bool {
    match call {
        Call::Deposit {
            participant,
            amount,
            expected,
            ..
        } => {
            let wanted = expected.plus(*amount);
            wanted.is_ok_and(|wanted| *now.deposits.of(*participant) >= wanted)
        }
        Call::Close { .. } => now.status == Status::Closed,
        Call::Challenge { .. } => now.status != Status::Open,
        Call::Respond { nonce, .. } | Call::Withdraw { nonce, .. } => now.nonce >= *nonce,
        Call::Settle { resolved_locks, .. } => match now.status {
            Status::Closed => true,
            Status::Settling => now.resolved_locks & !*resolved_locks != U256::ZERO,
            Status::Open | Status::Disputed => false,
        },
        Call::Reveal { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterfoil_core::state::{Opening, Signature};
    use counterfoil_core::types::{Amount, Nonce, Pair, Participant, SignedAmount, Terms};

    fn terms() -> Terms {
        Terms {
            signers: Pair::default(),
            payouts: Pair::default(),
            token: Address::ZERO,
            finalization_period: 60,
            reserve: Amount::ZERO,
            salt: B256::ZERO,
        }
    }

    #[test]
    fn a_deposit_shows_once_the_expected_total_is_reached() {
        let call = Call::Deposit {
            terms: terms(),
            participant: Participant::One,
            amount: Amount::new(5),
            expected: SignedAmount::new(-2),
        };
        for (deposit, shown) in [(-2, false), (2, false), (3, true), (4, true)] {
            let mut now = OnChain::default();
            now.deposits.one = SignedAmount::new(deposit);
            assert_eq!(shows(&call, &now), shown, "{deposit}");
        }
    }

    #[test]
    fn a_response_shows_from_its_nonce_on() {
        let call = Call::Respond {
            terms: terms(),
            nonce: Nonce::FIRST,
            commitment: B256::ZERO,
            signatures: Pair::new(Signature::NONE, Signature::NONE),
            before: Timestamp::new(0),
        };
        let mut now = OnChain::default();
        assert!(!shows(&call, &now));
        now.nonce = Nonce::FIRST;
        assert!(shows(&call, &now));
    }

    #[test]
    fn a_settlement_shows_when_it_resolved_more_locks_than_were_known() {
        let call = Call::Settle {
            terms: terms(),
            nonce: Nonce::FIRST,
            opening: Opening::default(),
            resolved_locks: U256::from(0b01),
        };
        let mut now = OnChain {
            status: Status::Settling,
            ..OnChain::default()
        };
        for (resolved, shown) in [(0b00u32, false), (0b01, false), (0b11, true), (0b10, true)] {
            now.resolved_locks = U256::from(resolved);
            assert_eq!(shows(&call, &now), shown, "{resolved:b}");
        }
        now.status = Status::Closed;
        assert!(shows(&call, &now));
    }
}

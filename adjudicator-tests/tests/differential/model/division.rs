//! What a settlement pays: by the core's model of it, and by the simulator's, which was written apart.

use super::{Expected, Model};
use crate::abi::Adjudicator;
use crate::locks::{Registries, ShownOpening};
use alloy_primitives::U256;
use counterfoil_core::effect::{OnChain, Status};
use counterfoil_core::state::{Payouts, settle};
use counterfoil_core::types::{Amount, Nonce, Pair, SignedAmount, Timestamp};
use counterfoil_sim::chain::Division;

/// One call of `settle`.
pub(crate) struct Settlement {
    /// What the channel held before the first call.
    pub(crate) deposits: Pair<SignedAmount>,
    /// What all calls have paid.
    pub(crate) total: Payouts,
    /// What this call pays.
    pub(crate) paid: [U256; 2],
    /// Every lock that has been paid out.
    pub(crate) resolved: U256,
    pub(crate) is_first: bool,
    pub(crate) is_complete: bool,
}

impl Model {
    pub(super) fn divide(
        &self,
        shown: &ShownOpening,
        registries: &Registries,
        time: u64,
    ) -> Settlement {
        let locks = &shown.opening.locks;
        let outcomes: Vec<_> = locks
            .iter()
            .map(|lock| registries.outcome(lock, time))
            .collect();
        let deposits = self
            .settled
            .map_or(self.view.deposits, |(deposits, _)| deposits);
        let total = settle(deposits, &shown.opening, &outcomes);
        let before = match &self.settled {
            Some((_, before)) => before.paid,
            None => Pair::new(U256::ZERO, U256::ZERO),
        };
        let paid = [total.paid.zero - before.zero, total.paid.one - before.one];
        let mut resolved = U256::ZERO;
        for (index, outcome) in outcomes.iter().enumerate() {
            resolved.set_bit(index, outcome.is_some());
        }

        let units: Vec<_> = outcomes
            .iter()
            .map(|outcome| outcome.map(Amount::units))
            .collect();
        let known = self.view.resolved_locks.to::<u128>();
        let apart = if self.settled.is_none() {
            Division::first(self.deposits(), shown.opening.net.units(), locks, &units)
        } else {
            Division::further(self.held() as u128, known, locks, &units)
        };
        assert_eq!(
            apart.paid.map(U256::from),
            paid,
            "both models of the settlement agree"
        );
        assert_eq!(
            U256::from(apart.resolved),
            resolved,
            "both models resolve the same locks"
        );
        Settlement {
            deposits,
            total,
            paid,
            resolved,
            is_first: self.settled.is_none(),
            is_complete: outcomes.iter().all(Option::is_some),
        }
    }

    /// What a payee refuses becomes its credit.
    pub(super) fn pay(&mut self, expected: &mut Expected, amounts: [U256; 2]) {
        for (payee, amount) in self.terms.payouts.into_array().into_iter().zip(amounts) {
            if amount.is_zero() {
                continue;
            }
            let is_refused = self.refusing.contains(&payee);
            let pocket = if is_refused {
                &mut self.credits
            } else {
                &mut self.received
            };
            *pocket.entry(payee).or_default() += amount;
            if is_refused {
                expected.emit(Adjudicator::Credited {
                    token: self.terms.token,
                    payee,
                    amount,
                });
            }
        }
    }

    pub(super) fn take(&mut self, amounts: [u128; 2]) {
        let [zero, one] = self.deposits();
        let left = |deposit, amount| SignedAmount::new(deposit - amount as i128);
        self.view.deposits = Pair::new(left(zero, amounts[0]), left(one, amounts[1]));
    }

    pub(super) fn end(&mut self, time: u64) {
        self.view = OnChain {
            status: Status::Closed,
            nonce: self.view.nonce,
            finalizes_at: Timestamp::new(time),
            ..OnChain::default()
        };
    }

    pub(super) fn stale(&self, nonce: Nonce) -> Adjudicator::StaleNonce {
        Adjudicator::StaleNonce {
            stored: U256::from(self.view.nonce.number()),
            received: U256::from(nonce.number()),
        }
    }
}

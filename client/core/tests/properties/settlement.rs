//! What the contract pays, for every state that anybody could sign and every order in which locks are resolved.

use crate::strategies::{amount, lock, signed_amount};
use alloy_primitives::U256;
use counterfoil_core::state::{Opening, Payouts, settle};
use counterfoil_core::types::{Amount, B256, Pair, Participant, SignedAmount};
use proptest::collection::vec;
use proptest::prelude::*;

/// Deposits of any size that are not less than nothing together, a net payment and locks with their outcomes.
#[derive(Clone, Debug)]
struct Case {
    deposits: Pair<SignedAmount>,
    opening: Opening,
    outcomes: Vec<Amount>,
}

fn case() -> impl Strategy<Value = Case> {
    // Mostly locks that the deposits cover at least in part, else only the first would ever be served.
    let locks = (vec((lock(), amount()), 0..8), 0..100u32);
    (signed_amount(), signed_amount(), signed_amount(), locks)
        .prop_filter(
            "the contract never pays out more than came in",
            |(zero, one, ..)| zero.units().saturating_add(one.units()) >= 0,
        )
        .prop_map(|(zero, one, net, (locks, shift))| {
            let smaller = |amount: Amount| Amount::new(amount.units() >> shift);
            let outcomes = locks.iter().map(|(_, outcome)| smaller(*outcome)).collect();
            let locks = locks.into_iter().map(|(mut lock, _)| {
                lock.amount = smaller(lock.amount);
                lock
            });
            Case {
                deposits: Pair::new(zero, one),
                opening: Opening {
                    blinding: B256::ZERO,
                    net,
                    locks: locks.collect(),
                },
                outcomes,
            }
        })
}

impl Case {
    fn total(&self) -> U256 {
        let Pair { zero, one } = self.deposits;
        let (zero, one) = (zero.units(), one.units());
        U256::from(zero.max(0) as u128) + U256::from(one.max(0) as u128)
            - U256::from(zero.min(0).unsigned_abs())
            - U256::from(one.min(0).unsigned_abs())
    }

    /// What was paid once these locks are resolved.
    fn settled(&self, resolved: &[bool]) -> Payouts {
        let known = self.outcomes.iter().zip(resolved);
        let outcomes: Vec<Option<Amount>> = known
            .map(|(outcome, resolved)| resolved.then_some(*outcome))
            .collect();
        settle(self.deposits, &self.opening, &outcomes)
    }

    fn resolved(&self) -> Vec<bool> {
        vec![true; self.outcomes.len()]
    }
}

fn sum(payouts: &Payouts) -> U256 {
    payouts.paid.zero + payouts.paid.one + payouts.remaining
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    // req: A38
    #[test]
    fn every_settlement_pays_or_keeps_exactly_what_the_channel_holds(case in case(), which in vec(any::<bool>(), 8)) {
        prop_assert_eq!(sum(&case.settled(&which)), case.total());
        let all = case.settled(&case.resolved());
        prop_assert_eq!(all.remaining, U256::ZERO);
    }

    // req: A38, A40
    #[test]
    fn the_order_and_grouping_in_which_locks_are_resolved_change_no_payout(
        case in case(), order in Just((0..8usize).collect::<Vec<_>>()).prop_shuffle(), groups in vec(1..4usize, 8),
    ) {
        let count = case.outcomes.len();
        let mut rest = order.into_iter().filter(|index| *index < count);
        let mut resolved = vec![false; count];
        let mut before = case.settled(&resolved);
        for group in groups {
            for index in rest.by_ref().take(group) {
                resolved[index] = true;
            }
            let after = case.settled(&resolved);
            // Each call pays out the difference, so no total ever falls.
            for side in Participant::BOTH {
                prop_assert!(after.paid.of(side) >= before.paid.of(side));
            }
            prop_assert!(after.remaining <= before.remaining);
            before = after;
        }
        prop_assert_eq!(before, case.settled(&case.resolved()));
    }

    // req: A38
    #[test]
    fn an_unresolved_lock_keeps_its_share_whatever_the_others_do(case in case(), which in vec(any::<bool>(), 8), index: prop::sample::Index) {
        prop_assume!(!case.outcomes.is_empty());
        let index = index.index(case.outcomes.len());
        let share = |others: &[bool]| {
            let (mut without, mut with) = (others.to_vec(), others.to_vec());
            (without[index], with[index]) = (false, true);
            let (without, with) = (case.settled(&without), case.settled(&with));
            let gain = |side| with.paid.of(side) - without.paid.of(side);
            (without.remaining - with.remaining, gain(Participant::Zero), gain(Participant::One))
        };
        let (kept, to_zero, to_one) = share(&which);
        prop_assert_eq!(kept, to_zero + to_one);
        prop_assert!(kept <= U256::from(case.opening.locks[index].amount.units()));
        prop_assert_eq!(share(&[false; 8]), (kept, to_zero, to_one));
        prop_assert_eq!(share(&[true; 8]), (kept, to_zero, to_one));
    }

    // req: A38
    #[test]
    fn a_larger_net_payment_never_pays_its_payer_more(case in case(), more in amount(), which in vec(any::<bool>(), 8)) {
        let Ok(net) = case.opening.net.plus(more) else { return Ok(()) };
        let mut later = case.clone();
        later.opening.net = net;
        let (before, after) = (case.settled(&which), later.settled(&which));
        prop_assert!(after.paid.zero <= before.paid.zero);
        prop_assert!(after.paid.one >= before.paid.one);
        prop_assert_eq!(after.remaining, before.remaining);
    }

    #[test]
    fn a_larger_outcome_never_pays_the_payer_of_the_lock_more(case in case(), index: prop::sample::Index, more in amount()) {
        prop_assume!(!case.outcomes.is_empty());
        let index = index.index(case.outcomes.len());
        let payer = case.opening.locks[index].payer;
        let mut larger = case.clone();
        larger.outcomes[index] = Amount::new(case.outcomes[index].units().saturating_add(more.units()));
        let (before, after) = (case.settled(&case.resolved()), larger.settled(&case.resolved()));
        prop_assert!(after.paid.of(payer) <= before.paid.of(payer));
        prop_assert!(after.paid.of(payer.other()) >= before.paid.of(payer.other()));
    }
}

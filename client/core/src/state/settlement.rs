//! What the contract pays for a state: the client's model of `settle`.

use super::opening::Opening;
use crate::types::{Amount, Lock, Pair, Participant, SignedAmount};
use alloy_primitives::{I256, U256};

/// The result of one call of `settle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payouts {
    /// What each participant is paid.
    pub paid: Pair<U256>,
    /// What stays in the channel for locks that are not resolved.
    pub remaining: U256,
}

/// What the first `settle` pays when the channel holds `deposits` and each lock is worth `outcomes`: the part for its
/// payee, none while unresolved. Never pays more than the channel holds, and never less.
///
/// Locks are served first, in order, each out of what the earlier ones leave; a lock that is not resolved keeps its
/// share, so the order in which locks are resolved changes no payout. The rest is split by balances.
pub fn settle(
    deposits: Pair<SignedAmount>,
    opening: &Opening,
    outcomes: &[Option<Amount>],
) -> Payouts {
    let net = signed(opening.net);
    let (deposit0, deposit1) = (signed(deposits.zero), signed(deposits.one));
    let total = non_negative(deposit0.saturating_add(deposit1));
    let locked = sum(opening.locks.iter());
    let locked0 = sum(opening
        .locks
        .iter()
        .filter(|lock| lock.payer == Participant::Zero));
    let free = total.saturating_sub(locked);

    let balance0 = deposit0
        .saturating_sub(net)
        .saturating_sub(unsigned(locked0));
    let pay0 = non_negative(balance0).min(free);
    let mut paid = Pair::new(pay0, free.saturating_sub(pay0));
    let mut unserved = total.min(locked);
    let mut remaining = U256::ZERO;

    for (index, lock) in opening.locks.iter().enumerate() {
        let share = U256::from(lock.amount.units()).min(unserved);
        unserved = unserved.saturating_sub(share);
        match outcomes.get(index).copied().flatten() {
            None => remaining = remaining.saturating_add(share),
            Some(outcome) => {
                let to_payee = U256::from(outcome.units()).min(share);
                credit(&mut paid, lock.payer.other(), to_payee);
                credit(&mut paid, lock.payer, share.saturating_sub(to_payee));
            }
        }
    }
    Payouts { paid, remaining }
}

fn credit(paid: &mut Pair<U256>, side: Participant, amount: U256) {
    let so_far = paid.of_mut(side);
    *so_far = so_far.saturating_add(amount);
}

fn sum<'a>(locks: impl Iterator<Item = &'a Lock>) -> U256 {
    locks.fold(U256::ZERO, |sum, lock| {
        sum.saturating_add(U256::from(lock.amount.units()))
    })
}

fn signed(amount: SignedAmount) -> I256 {
    I256::try_from(amount.units()).unwrap_or(I256::ZERO)
}

fn unsigned(amount: U256) -> I256 {
    I256::try_from(amount).unwrap_or(I256::MAX)
}

fn non_negative(value: I256) -> U256 {
    if value.is_negative() {
        U256::ZERO
    } else {
        value.into_raw()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Address, B256, Timestamp};
    use proptest::prelude::*;

    fn opening(net: i128, locks: &[(u128, bool)]) -> Opening {
        let locks = locks
            .iter()
            .map(|(amount, zero_pays)| Lock {
                condition: Address::ZERO,
                key: B256::ZERO,
                amount: Amount::new(*amount),
                payer: if *zero_pays {
                    Participant::Zero
                } else {
                    Participant::One
                },
                expiry: Timestamp::new(0),
            })
            .collect();
        Opening {
            blinding: B256::ZERO,
            net: SignedAmount::new(net),
            locks,
        }
    }

    proptest! {
        // req: A38
        #[test]
        fn settlement_pays_exactly_what_the_channel_holds(
            deposit0 in -(1i128 << 90)..1 << 90,
            deposit1 in -(1i128 << 90)..1 << 90,
            net: i128,
            locks in proptest::collection::vec((any::<u128>(), any::<bool>(), any::<Option<u128>>()), 0..8),
        ) {
            prop_assume!(deposit0 + deposit1 >= 0);
            let deposits = Pair::new(SignedAmount::new(deposit0), SignedAmount::new(deposit1));
            let outcomes: Vec<_> = locks.iter().map(|(_, _, outcome)| outcome.map(Amount::new)).collect();
            let locks: Vec<_> = locks.into_iter().map(|(amount, payer, _)| (amount, payer)).collect();
            let payouts = settle(deposits, &opening(net, &locks), &outcomes);
            prop_assert_eq!(
                payouts.paid.zero + payouts.paid.one + payouts.remaining,
                U256::from(deposit0 + deposit1)
            );
        }

        #[test]
        fn an_honest_state_pays_each_side_its_balance_and_each_lock_one_side(
            left in 0u128..1 << 80, deposit1 in 0u128..1 << 80, paid in 0u128..1 << 80, lock in 0u128..1 << 80, won: bool,
        ) {
            let deposit0 = paid + lock + left;
            let deposits = Pair::new(SignedAmount::new(deposit0 as i128), SignedAmount::new(deposit1 as i128));
            let outcome = Some(Amount::new(if won { lock } else { 0 }));
            let payouts = settle(deposits, &opening(paid as i128, &[(lock, true)]), &[outcome]);
            let to_one = if won { lock } else { 0 };
            prop_assert_eq!(payouts.paid.zero, U256::from(deposit0 - paid - to_one));
            prop_assert_eq!(payouts.paid.one, U256::from(deposit1 + paid + to_one));
        }
    }
}

//! Money arithmetic is exact or refused; nothing wraps. Computed again with 256 bits.

use crate::strategies::{amount, content, nonce, participant, signed_amount};
use alloy_primitives::{I256, U256};
use counterfoil_core::types::{Amount, Nonce, Outside, Pair, Participant, SignedAmount};
use proptest::collection::vec;
use proptest::prelude::*;

fn wide(amount: Amount) -> I256 {
    I256::from_raw(U256::from(amount.units()))
}

fn signed(amount: SignedAmount) -> I256 {
    I256::try_from(amount.units()).unwrap()
}

fn as_amount(exact: I256) -> Result<Amount, Outside> {
    u128::try_from(exact).map(Amount::new).map_err(|_| Outside)
}

fn as_signed(exact: I256) -> Result<SignedAmount, Outside> {
    i128::try_from(exact)
        .map(SignedAmount::new)
        .map_err(|_| Outside)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    // req: GAP-E5, GAP-E11
    #[test]
    fn amounts_are_exact_or_refused(a in amount(), b in amount(), parts: u32) {
        prop_assert_eq!(a.plus(b), as_amount(wide(a) + wide(b)));
        prop_assert_eq!(a.minus(b), as_amount(wide(a) - wide(b)));
        prop_assert_eq!(a.saturating_sub(b), a.minus(b).unwrap_or(Amount::ZERO));
        let product = U256::from(a.units()) * U256::from(parts);
        let share = a.parts_per_million(parts);
        if product > U256::from(u128::MAX) {
            prop_assert_eq!(share, Err(Outside));
        } else {
            let up = product.div_ceil(U256::from(1_000_000u32));
            prop_assert_eq!(share.map(|share| U256::from(share.units())), Ok(up));
        }
    }

    #[test]
    fn a_sum_of_many_is_exact_or_refused(amounts in vec(amount(), 0..8)) {
        let exact = amounts.iter().fold(I256::ZERO, |sum, amount| sum + wide(*amount));
        prop_assert_eq!(Amount::sum(amounts), as_amount(exact));
    }

    #[test]
    fn differences_are_exact_or_refused(a in signed_amount(), b in signed_amount(), c in amount()) {
        prop_assert_eq!(a.plus(c), as_signed(signed(a) + wide(c)));
        prop_assert_eq!(a.minus(c), as_signed(signed(a) - wide(c)));
        prop_assert_eq!(a.with(b), as_signed(signed(a) + signed(b)));
        prop_assert_eq!(a.without(b), as_signed(signed(a) - signed(b)));
        prop_assert_eq!(a.amount(), as_amount(signed(a)));
        prop_assert_eq!(a.or_zero(), a.amount().unwrap_or(Amount::ZERO));
        prop_assert_eq!(SignedAmount::try_from(c), as_signed(wide(c)));
    }

    // req: E49
    #[test]
    fn balances_locks_and_withdrawals_are_the_deposits_or_refused(
        content in content(), zero in signed_amount(), one in signed_amount(),
    ) {
        let deposits = Pair::new(zero, one);
        let balances = Participant::BOTH.map(|side| content.balance(side, &deposits));
        if let [Ok(a), Ok(b)] = balances {
            let locked = content.locks.values().map(|lock| wide(lock.amount)).sum::<I256>();
            let leaving = Participant::BOTH
                .iter()
                .filter_map(|side| content.withdrawing(*side))
                .map(|one| wide(one.amount))
                .sum::<I256>();
            prop_assert_eq!(signed(a) + signed(b) + locked + leaving, signed(zero) + signed(one));
        }
    }

    #[test]
    fn a_payment_moves_the_net_by_its_amount_and_back(content in content(), by in participant(), paid in amount()) {
        let Ok(net) = content.net_after(by, paid) else { return Ok(()) };
        let mut after = content.clone();
        after.net = net;
        prop_assert_eq!(after.net_after(by.other(), paid), Ok(content.net));
    }

    // req: E47, E64
    #[test]
    fn the_next_nonce_is_the_smallest_above_of_its_proposers_parity(nonce in nonce(), by in participant()) {
        let smallest = (1..=2)
            .filter_map(|more| Nonce::new(nonce.number() + more))
            .find(|next| next.proposer() == by);
        prop_assert_eq!(nonce.next(by), smallest);
    }
}

//! Payments under a hash, as one node sees them: as payer, payee or mediator.
//!
//! A payment is known by its key. Its record is durable before anything that depends on it leaves, and a key is in use
//! once per node: who would take a key twice could be paid once and pay twice.

mod record;
mod seal;

pub use record::BadPayment;
pub(crate) use record::{Payment, Place, Progress, Role};
pub use seal::{Contents, Hop, Payload, SealingKey, Unreadable, seal};

use crate::channel::Policy;
use crate::types::{Amount, Outside, Timestamp};
use crate::wire::Reason;

/// What a mediator keeps of a payment that passes `amount` on.
///
/// # Errors
/// [`Outside`] when the fee cannot be held.
pub fn fee(policy: &Policy, amount: Amount) -> Result<Amount, Outside> {
    policy
        .fee_base
        .plus(amount.parts_per_million(policy.fee_parts_per_million)?)
}

/// Whether a mediator passes on `onward` of `incoming`, both under locks that expire at `expiry`.
///
/// # Errors
/// Why not.
pub(crate) fn mediates(
    policy: &Policy,
    incoming: Amount,
    onward: Amount,
    expiry: Timestamp,
    now: Timestamp,
) -> Result<(), Reason> {
    if onward.is_zero() {
        return Err(Reason::AmountTooSmall);
    }
    let asked = fee(policy, onward).and_then(|fee| onward.plus(fee));
    if asked.map_err(|Outside| Reason::FeeTooLow)? > incoming {
        return Err(Reason::FeeTooLow);
    }
    if expiry.since(now) < policy.reveal_margin.saturating_add(policy.hop_budget) {
        return Err(Reason::ExpiryTooNear);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // req: A26, GAP-K6
    #[test]
    fn a_mediator_refuses_a_fee_below_its_own_and_takes_one_that_is_equal() {
        let policy = Policy {
            fee_base: Amount::new(5),
            fee_parts_per_million: 1_000,
            reveal_margin: 10,
            hop_budget: 5,
            ..Policy::default()
        };
        let (now, expiry) = (Timestamp::new(100), Timestamp::new(115));
        let offer = |incoming| {
            mediates(
                &policy,
                Amount::new(incoming),
                Amount::new(10_000),
                expiry,
                now,
            )
        };
        assert_eq!(offer(10_014), Err(Reason::FeeTooLow));
        assert_eq!(offer(10_015), Ok(()));
    }

    #[test]
    fn a_mediator_wants_time_for_a_reveal_and_a_hop() {
        let policy = Policy {
            reveal_margin: 10,
            hop_budget: 5,
            ..Policy::default()
        };
        let passes = |expiry| {
            let (amount, now) = (Amount::new(1), Timestamp::new(100));
            mediates(&policy, amount, amount, Timestamp::new(expiry), now)
        };
        assert_eq!(passes(114), Err(Reason::ExpiryTooNear));
        assert_eq!(passes(115), Ok(()));
    }
}

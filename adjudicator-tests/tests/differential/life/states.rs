//! States that are shown to the contract, and what their settlement was like.

use super::Life;
use crate::locks::ShownOpening;
use crate::model::Settlement;
use alloy_primitives::{B256, U256};
use counterfoil_core::effect::Status;
use counterfoil_core::state::Opening;
use counterfoil_core::types::{Amount, Nonce, Participant, SignedAmount};

impl Life {
    /// Mostly one that the contract takes: above the stored one, or, where it may equal it, at least that.
    pub(super) fn nonce(&mut self, is_above: bool) -> Nonce {
        let stored = self.model.view.nonce.number();
        let last = Nonce::MAX.number();
        let least = u64::from(is_above);
        let number = match self.dice.weighted(&[82, 8, 6, 4]) {
            0 => stored + self.dice.within(least..=6),
            1 => stored + least,
            2 => self.dice.within(0..=stored),
            _ => last - self.dice.within(0..=50).min(last - stored.min(last)),
        };
        Nonce::new(number.min(last)).unwrap()
    }

    /// What a state of this nonce says.
    pub(super) fn opening(&mut self, nonce: Nonce) -> ShownOpening {
        if nonce == Nonce::ZERO {
            return ShownOpening::of(Opening::default());
        }
        let around = if self.status() == Status::Disputed {
            self.model.view.finalizes_at.seconds()
        } else {
            self.court.time + u64::from(self.model.terms.finalization_period)
        };
        let deposits = self.model.deposits();
        let shown = ShownOpening::draw(
            &mut self.dice,
            self.kind,
            deposits,
            around,
            &self.registries,
            &mut self.secrets,
        );
        self.tally.count_if(
            shown.opening.locks.len() > 100,
            "openings of more than 100 locks",
        );
        let encoded =
            alloy_primitives::keccak256(alloy_sol_types::SolValue::abi_encode(&shown.abi()));
        assert_eq!(encoded, shown.commitment(), "commitment");
        shown
    }

    /// Rarely not the opening's.
    pub(super) fn commitment(&mut self, nonce: Nonce, shown: &ShownOpening) -> B256 {
        match (nonce == Nonce::ZERO, self.dice.permille(8)) {
            (true, false) | (false, true) => B256::ZERO,
            (true, true) => self.dice.word(),
            (false, false) => shown.commitment(),
        }
    }

    /// What is shown to settle by: the newest opening, and rarely another one.
    pub(super) fn shown(&mut self) -> ShownOpening {
        let newest = self.openings.last().cloned();
        let mut shown = newest.unwrap_or_else(|| ShownOpening::of(Opening::default()));
        if !self.dice.permille(40) {
            return shown;
        }
        let count = shown.opening.locks.len() as u64;
        match self.dice.within(0..=3) {
            0 => self.openings.first().cloned().unwrap_or(shown),
            1 if count > 1 => {
                let last = count as usize - 1;
                shown.opening.locks.swap(0, last);
                shown.payers.swap(0, last);
                shown
            }
            2 if count > 0 => {
                let lock = self.dice.within(0..=count - 1) as usize;
                shown.payers[lock] ^= 1;
                let payer = Participant::BOTH[usize::from(shown.payers[lock].min(1))];
                shown.opening.locks[lock].payer = payer;
                shown
            }
            _ => {
                let net = shown.opening.net.units();
                shown.opening.net = SignedAmount::new(net.wrapping_add(1));
                shown
            }
        }
    }

    /// Counts what makes a settlement worth comparing.
    pub(super) fn classify(&mut self, shown: &ShownOpening, done: &Settlement, known: U256) {
        let tally = &mut self.tally;
        let locks = &shown.opening.locks;
        if !done.is_first {
            tally.count("further settlements");
            tally.count_if(done.is_complete, "further settlements that are the last");
            let jumped = (0..locks.len()).any(|i| {
                done.resolved.bit(i)
                    && !known.bit(i)
                    && done.resolved > known
                    && known.bit_len() > i
            });
            tally.count_if(jumped, "locks paid after a later one");
        }
        for (index, lock) in locks.iter().enumerate() {
            if !done.resolved.bit(index) || known.bit(index) {
                continue;
            }
            tally.count("locks paid");
            tally.count_if(shown.payers[index] > 1, "locks paid of an absurd payer");
            let at = self.registries.revealed.get(&(lock.condition, lock.key));
            let expiry = lock.expiry.seconds();
            let is_point = lock.condition == self.registries.pointlocks;
            match at {
                Some(at) if *at <= expiry => {
                    tally.count(if is_point {
                        "pointlocks won"
                    } else {
                        "hashlocks won"
                    });
                    tally.count_if(*at == expiry, "locks won in their last second");
                }
                Some(_) => tally.count("locks revealed too late"),
                None => tally.count("locks decided without a secret"),
            }
            let outcome = self.registries.outcome(lock, self.court.time).unwrap();
            let is_share = !outcome.is_zero() && outcome < lock.amount;
            tally.count_if(is_share, "locks paid in shares");
        }
        if !done.is_first {
            return;
        }
        tally.count("first settlements");
        tally.count_if(
            !done.is_complete,
            "first settlements that keep something open",
        );
        let sum = |of: Option<u8>| -> U256 {
            let paired = locks.iter().zip(&shown.payers);
            let of = paired.filter(|(_, payer)| of.is_none_or(|of| **payer == of));
            of.map(|(lock, _)| U256::from(lock.amount.units())).sum()
        };
        let [zero, one] = done.deposits.into_array().map(SignedAmount::units);
        let total = U256::from((zero + one) as u128);
        tally.count_if(zero < 0 || one < 0, "settlements of a negative deposit");
        tally.count_if(
            sum(None) > total,
            "settlements of locks beyond the deposits",
        );
        let claim = zero
            .checked_sub(shown.opening.net.units())
            .and_then(|free| {
                let locked = u128::try_from(sum(Some(0))).ok()?;
                free.checked_sub_unsigned(locked)
            });
        let free = total.saturating_sub(sum(None));
        let is_clamped = claim.is_none_or(|claim| claim < 0 || U256::from(claim as u128) > free);
        tally.count_if(is_clamped, "settlements of a net that is clamped");
        let has = |payer| shown.payers.contains(&payer);
        tally.count_if(has(0) && has(1), "settlements of mixed payers");
        tally.count_if(!shown.is_sane(), "settlements with an absurd payer");
        let absurd = locks.iter().any(|lock| self.registries.is_absurd(lock));
        tally.count_if(absurd, "settlements with an absurd condition");
        tally.count_if(locks.is_empty(), "settlements without locks");
        tally.count_if(locks.len() > 100, "settlements of more than 100 locks");
        let is_zero = |lock: &counterfoil_core::types::Lock| lock.amount == Amount::ZERO;
        tally.count_if(
            locks.iter().any(is_zero),
            "settlements with a lock of nothing",
        );
    }
}

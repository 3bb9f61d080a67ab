//! What an offer and its acceptance must say, and what this node asks of them besides.

use super::Engine;
use super::establish::MAX_OFFERS;
use crate::types::{Address, Amount, Pair, Terms};
use crate::wire::{ChannelAccept, ChannelOpen};

/// The most confirmations that a responder may ask for.
const MAX_DEPTH: u32 = 64;

impl Engine {
    /// What holds for every offer, ours too.
    pub(super) fn check_offer(&self, open: &ChannelOpen) -> Result<(), &'static str> {
        let total = open.initiator_amount.plus(open.responder_amount);
        let fits = total.is_ok_and(|total| total.units() < 1 << 91);
        if !fits {
            Err("the deposits are too large; expected less than 2^91 base units together")
        } else if open.push_amount > open.initiator_amount {
            Err("the push amount exceeds the initiator's deposit; expected no more")
        } else if open.initiator_amount.is_zero() && open.responder_amount.is_zero() {
            Err("nobody would deposit anything; expected an amount")
        } else if breaks_reserve(open) {
            Err("the push amount leaves less than the reserve; expected no more than the rest")
        } else if !self
            .policy
            .finalization_period
            .contains(&open.finalization_period)
        {
            Err("the finalization period is outside the bounds of this node")
        } else {
            Ok(())
        }
    }

    pub(super) fn check_incoming(
        &self,
        peer: Address,
        open: &ChannelOpen,
    ) -> Result<(), &'static str> {
        self.check_offer(open)?;
        let ours = terms_of(open, self.address(), self.payout);
        let waiting = self
            .offers
            .values()
            .filter(|offer| offer.peer() == peer)
            .count();
        if open.chain_id != self.domain.chain_id || open.adjudicator != self.domain.adjudicator {
            Err("the chain or its adjudicator is not this node's")
        } else if open.signer != peer {
            Err("the signer is not the peer; expected its own key")
        } else if open.payout == Address::ZERO || open.payout == open.adjudicator {
            Err("the payout address would lose the money; expected the initiator's own")
        } else if !self.policy.reserve.contains(&open.reserve) {
            Err("the reserve is outside the bounds of this node")
        } else if open.push_amount < self.policy.push_minimum {
            Err("the push amount is smaller than this node asks")
        } else if open.initiator_amount < self.policy.initiator_minimum {
            Err("the initiator deposits less than this node asks")
        } else if open.responder_amount > self.policy.deposit_maximum {
            Err("the responder is asked for a larger deposit than this node makes")
        } else if self.channels.contains_key(&ours.channel_id()) {
            Err("the temporary id is in use; expected a fresh one")
        } else if waiting >= MAX_OFFERS {
            Err("too many offers wait for an answer; expected fewer")
        } else {
            Ok(())
        }
    }

    pub(super) fn check_accept(
        &self,
        peer: Address,
        open: &ChannelOpen,
        accept: &ChannelAccept,
    ) -> Result<(), &'static str> {
        let terms = &accept.terms;
        let responder = terms.signers.one;
        let expected = terms_of(open, responder, terms.payouts.one);
        let echoed = accept.chain_id == open.chain_id
            && accept.adjudicator == open.adjudicator
            && accept.initiator_amount == open.initiator_amount
            && accept.responder_amount == open.responder_amount
            && accept.push_amount == open.push_amount
            && *terms == expected;
        if !echoed {
            Err("the accepted terms are not the offered ones; expected them repeated")
        } else if responder != peer || responder == self.address() {
            Err("the responder's signer is not the peer; expected its own key")
        } else if terms.payouts.one == Address::ZERO || terms.payouts.one == open.adjudicator {
            Err("the responder's payout address would lose the money; expected its own")
        } else if accept.minimum_depth > MAX_DEPTH {
            Err("the minimum depth is too large; expected at most 64 blocks")
        } else {
            Ok(())
        }
    }
}

/// Whether the initiator would be below the reserve from the first state on.
fn breaks_reserve(open: &ChannelOpen) -> bool {
    let left = open.initiator_amount.minus(open.push_amount);
    !open.push_amount.is_zero() && left.unwrap_or(Amount::ZERO) < open.reserve
}

/// The terms that follow from an offer and who accepts it.
pub(super) fn terms_of(open: &ChannelOpen, responder: Address, payout: Address) -> Terms {
    Terms {
        signers: Pair::new(open.signer, responder),
        payouts: Pair::new(open.payout, payout),
        token: open.token,
        finalization_period: open.finalization_period,
        reserve: open.reserve,
        salt: open.salt,
    }
}

//! Taking money out while the channel stays open.
//!
//! A withdrawal is an operation of a co-signed state and carries that state's nonce onto the chain, which takes no older
//! state afterwards. So each side signs `Withdraw` only once it holds both signatures on that state: whatever happens to
//! the withdrawal, nobody is left without a state to challenge with.

use super::{Channel, Fault, Output, Phase};
use crate::effect::{Call, Event, OnChain, Status, Watch};
use crate::state::{Signature, SigningKey, Withdrawing, withdraw_digest};
use crate::types::{Amount, B256, Pair, Participant, Timestamp};
use crate::wire::{Message, Operation, Reason, WithdrawSigned};

impl Channel {
    /// Signs what the newest co-signed state lets the other side withdraw.
    pub(super) fn grant(&mut self, key: &SigningKey, out: &mut Output) {
        let theirs = self.local.other();
        for one in &self.signed.content.withdrawing {
            if one.nonce == self.signed.nonce {
                out.watches.push(self.recheck(one));
            }
        }
        let Some(one) = self.signed.content.withdrawing(theirs).copied() else {
            return;
        };
        if *self.grants.of(theirs) == Signature::NONE {
            *self.grants.of_mut(theirs) = key.sign(self.withdraw_digest(&one));
            self.replay_grant(out);
        }
    }

    /// Sends our signature on the other side's withdrawal, if there is one.
    pub(super) fn replay_grant(&self, out: &mut Output) {
        let theirs = self.local.other();
        let signature = *self.grants.of(theirs);
        if let Some(one) = self.signed.content.withdrawing(theirs)
            && signature != Signature::NONE
        {
            let granted = WithdrawSigned {
                channel: self.id,
                nonce: one.nonce,
                signature,
            };
            self.send(&Message::WithdrawSigned(granted), out);
        }
    }

    /// Handles `withdraw_signed`: our withdrawal has both signatures and goes to the chain.
    ///
    /// # Errors
    /// [`Fault`] when no state of ours holds such a withdrawal or it is not signed; the channel is as before.
    pub(crate) fn on_withdraw_signed(
        &mut self,
        granted: &WithdrawSigned,
        key: &SigningKey,
        out: &mut Output,
    ) -> Result<(), Fault> {
        let ours = self.signed.content.withdrawing(self.local).copied();
        let Some(one) = ours.filter(|one| one.nonce == granted.nonce) else {
            // A repeat: it has happened, or lapsed.
            let was_there = granted.nonce <= self.signed.nonce;
            return was_there.then_some(()).ok_or(Fault::Unasked {
                expected: ours.map(|one| one.nonce),
                received: granted.nonce,
            });
        };
        granted
            .signature
            .verify(self.withdraw_digest(&one), self.remote_signer())?;
        if *self.grants.of(self.local) == Signature::NONE {
            *self.grants.of_mut(self.local) = granted.signature;
            self.submit_withdrawal(key, out);
        }
        Ok(())
    }

    /// Asks again for what a restart may have lost.
    pub(super) fn resume_withdrawals(&self, key: &SigningKey, out: &mut Output) {
        if matches!(self.phase, Phase::Disputed | Phase::Closed) {
            return;
        }
        let pending = self.signed.content.withdrawing.iter();
        out.watches.extend(pending.map(|one| self.recheck(one)));
        self.submit_withdrawal(key, out);
    }

    /// The chain shows the channel at its depth in a block of time `as_of`: what has left, or cannot leave any more, is
    /// pending no longer. Says whether anything changed; the deposits are still to be counted.
    pub(super) fn end_withdrawals(
        &mut self,
        as_of: Timestamp,
        status: &OnChain,
        out: &mut Output,
    ) -> bool {
        let before = self.signed.content.withdrawing.clone();
        for one in &before {
            let is_reached = status.nonce >= one.nonce;
            if !is_reached && as_of <= one.deadline {
                continue;
            }
            let is_executed = is_reached && self.has_left(one, &before, status);
            self.release(one.by);
            if one.by == self.local && (is_executed || status.status != Status::Closed) {
                let (channel, amount) = (self.id, one.amount);
                out.events.push(if is_executed {
                    Event::Withdrawn { channel, amount }
                } else {
                    let reason = if is_reached {
                        Reason::WithdrawalPending
                    } else {
                        Reason::ExpiryTooNear
                    };
                    Event::NotWithdrawn {
                        channel,
                        amount,
                        reason,
                    }
                });
            }
        }
        // Whatever the chain may say, the newest state stays.
        let void = status.nonce.min(self.signed.nonce);
        if status.status == Status::Open && void > self.forgotten {
            self.forgotten = void;
            out.forget = Some(void);
        }
        before != self.signed.content.withdrawing
    }

    /// While the channel is not in dispute only a withdrawal raises the nonce on chain. Where another one may have done it, the deposit
    /// tells.
    fn has_left(&self, one: &Withdrawing, pending: &[Withdrawing], status: &OnChain) -> bool {
        let same = pending.iter().filter(|other| other.nonce == one.nonce);
        let is_alone = same.count() == 1;
        let by_consent = match status.status {
            Status::Open => true,
            Status::Closed => self.has_close(),
            Status::Disputed | Status::Settling => false,
        };
        if by_consent && status.nonce == one.nonce && is_alone {
            return true;
        }
        if status.status == Status::Closed {
            return false;
        }
        let left = self.confirmed.of(one.by).minus(one.amount);
        left.is_ok_and(|left| *status.deposits.of(one.by) <= left)
    }

    fn release(&mut self, side: Participant) {
        *self.grants.of_mut(side) = Signature::NONE;
        let ended = self.signed.content.withdrawing(side).copied();
        let ours = self.proposal.iter_mut().flat_map(|ours| {
            let displaced = ours.displaced.as_mut().map(|one| &mut one.content);
            std::iter::once(&mut ours.content).chain(displaced)
        });
        for content in ours.chain(std::iter::once(&mut self.signed.content)) {
            content.withdrawing.retain(|one| Some(*one) != ended);
        }
    }

    /// A deposit is judged by the total that the chain shows, which must not fall meanwhile.
    pub(super) const fn waits_for_deposit(&self, operation: &Operation) -> bool {
        matches!(operation, Operation::Withdraw(_)) && self.depositing.is_some()
    }

    fn submit_withdrawal(&self, key: &SigningKey, out: &mut Output) {
        let theirs = *self.grants.of(self.local);
        if let Some(one) = self.signed.content.withdrawing(self.local)
            && theirs != Signature::NONE
        {
            let ours = key.sign(self.withdraw_digest(one));
            out.calls.push(Call::Withdraw {
                terms: self.terms.clone(),
                nonce: one.nonce,
                amounts: amounts(one),
                deadline: one.deadline,
                signatures: Pair::from_side(self.local, ours, theirs),
            });
        }
    }

    fn recheck(&self, one: &Withdrawing) -> Watch {
        Watch::Recheck {
            channel: self.id,
            after: one.deadline,
        }
    }

    fn withdraw_digest(&self, one: &Withdrawing) -> B256 {
        withdraw_digest(&self.domain, self.id, one.nonce, amounts(one), one.deadline)
    }
}

fn amounts(one: &Withdrawing) -> Pair<Amount> {
    Pair::from_side(one.by, one.amount, Amount::ZERO)
}

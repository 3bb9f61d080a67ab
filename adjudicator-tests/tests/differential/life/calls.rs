//! Every call of the contracts, drawn, sent and compared.

use super::Life;
use crate::abi::{self, Adjudicator, uint40};
use crate::court::{Answer, STRANGER};
use crate::foreign::TOKEN;
use crate::model::Expected;
use alloy_primitives::{Address, B256, I256, U256};
use alloy_sol_types::SolCall;
use counterfoil_core::effect::Call;
use counterfoil_core::state::{close_digest, state_digest, will_digest, withdraw_digest};
use counterfoil_core::types::{Amount, Nonce, Pair, Participant, SignedAmount, Timestamp};

impl Life {
    fn send(&mut self, from: Address, call: &impl SolCall) -> Answer {
        self.court
            .call(from, self.adjudicator, U256::ZERO, call.abi_encode())
    }

    pub(super) fn deposit(&mut self) {
        let by = if self.dice.permille(5) {
            self.dice.within(2..=255) as u8
        } else {
            self.dice.within(0..=1) as u8
        };
        let amount = self.dice.deposit();
        let current = self.model.deposits()[usize::from(by.min(1))];
        let before = match self.dice.weighted(&[90, 5, 5]) {
            0 => current,
            1 => current - self.dice.deposit() as i128 % (1 << 100),
            _ => self.dice.wide() as i128,
        };
        let token = self.model.terms.token;
        let mut value = if token == TOKEN { 0 } else { amount };
        if self.dice.permille(10) {
            value = value.saturating_add(1);
        }
        let value = U256::from(value);
        let call = Adjudicator::depositCall {
            terms: abi::terms(&self.model.terms),
            participant: by,
            amount: U256::from(amount),
            expected: I256::try_from(before).unwrap(),
        };
        let answer = self
            .court
            .call(STRANGER, self.adjudicator, value, call.abi_encode());
        let expected = self
            .model
            .deposit(by, amount, value, before, self.court.time);
        self.tell(|| format!("deposit {amount} of {by}, expecting {before}"));
        if self.check("deposit", &answer, &expected) {
            self.simulate(Call::Deposit {
                terms: self.model.terms.clone(),
                participant: Participant::BOTH[usize::from(by)],
                amount: Amount::new(amount),
                expected: SignedAmount::new(before),
            });
        }
    }

    pub(super) fn withdraw(&mut self) {
        let nonce = self.nonce(true);
        let held = self.model.held() as u128;
        let sum = match self.dice.weighted(&[70, 15, 10, 5]) {
            0 => self.dice.wide() % (held + 1),
            1 => held,
            2 => held + 1,
            _ => self.dice.magnitude() >> 1,
        };
        // One side may take what the other put in.
        let zero = match self.dice.within(0..=3) {
            0 => sum,
            1 => 0,
            _ => self.dice.wide() % (sum + 1),
        };
        let amounts = [zero, sum - zero];
        let deadline = self.court.time + self.dice.within(0..=20) - self.dice.one(&[0, 0, 0, 1]);
        let (sender, id) = (self.sender(), self.model.id);
        let pair = Pair::new(Amount::new(zero), Amount::new(sum - zero));
        let time = Timestamp::new(deadline);
        let digest = withdraw_digest(&self.domain, id, nonce, pair, time);
        let signatures = self.carried(digest, sender);
        let mut expected = Expected::default();
        expected.consent(&self.model.terms, sender, digest, &signatures);
        let call = Adjudicator::withdrawCall {
            terms: abi::terms(&self.model.terms),
            nonce: uint40(nonce.number()),
            amounts,
            deadline: uint40(deadline),
            signatures: abi::signatures(signatures),
        };
        let answer = self.send(sender, &call);
        let now = self.court.time;
        let expected = self.model.withdraw(expected, nonce, amounts, deadline, now);
        self.tell(|| format!("withdraw {amounts:?} at {nonce} until {deadline}"));
        if self.check("withdraw", &answer, &expected) {
            let is_negative = self.model.deposits().iter().any(|deposit| *deposit < 0);
            self.tally
                .count_if(is_negative, "withdrawals that leave a negative deposit");
            let signatures = self.both(digest);
            self.simulate(Call::Withdraw {
                terms: self.model.terms.clone(),
                nonce,
                amounts: pair,
                deadline: time,
                signatures,
            });
        }
    }

    pub(super) fn close(&mut self) {
        let net = self.dice.net(self.model.deposits());
        let sender = self.sender();
        let digest = close_digest(&self.domain, self.model.id, SignedAmount::new(net));
        let signatures = self.carried(digest, sender);
        let mut expected = Expected::default();
        expected.consent(&self.model.terms, sender, digest, &signatures);
        let call = Adjudicator::closeCall {
            terms: abi::terms(&self.model.terms),
            net,
            signatures: abi::signatures(signatures),
        };
        let answer = self.send(sender, &call);
        let was_negative = self.model.deposits().iter().any(|deposit| *deposit < 0);
        let expected = self.model.close(expected, net, self.court.time);
        self.tell(|| format!("close with {net}"));
        if self.check("close", &answer, &expected) {
            self.tally
                .count_if(was_negative, "closes with a negative deposit");
            let signatures = self.both(digest);
            self.simulate(Call::Close {
                terms: self.model.terms.clone(),
                net: SignedAmount::new(net),
                signatures,
            });
        }
    }

    pub(super) fn challenge(&mut self) {
        let nonce = self.nonce(false);
        let shown = self.opening(nonce);
        let commitment = self.commitment(nonce, &shown);
        let (sender, id) = (self.sender(), self.model.id);
        let digest = state_digest(&self.domain, id, nonce, commitment);
        let signatures = self.carried(digest, sender);
        let mut expected = Expected::default();
        if nonce != Nonce::ZERO {
            expected.consent(&self.model.terms, sender, digest, &signatures);
            let missing = Adjudicator::MissingCommitment {
                nonce: U256::from(nonce.number()),
            };
            expected.refuse_if(commitment == B256::ZERO, missing);
        }
        let willing = will_digest(&self.domain, id, nonce, commitment);
        let key = self.dice.one(&[0, 1]);
        let key = self.keys[key].clone();
        let good = key.sign(willing);
        let will = if self.dice.permille(30) {
            self.spoilt(good, &key, willing)
        } else {
            good
        };
        let signer = will.recover(willing);
        let is_shown = [Some(sender), signer]
            .into_iter()
            .flatten()
            .any(|who| self.model.terms.side_of(who).is_some());
        expected.refuse_if(!is_shown, Adjudicator::NotAParticipant { caller: sender });
        let call = Adjudicator::challengeCall {
            terms: abi::terms(&self.model.terms),
            nonce: uint40(nonce.number()),
            commitment,
            signatures: abi::signatures(signatures),
            will: abi::signature(will),
        };
        let answer = self.send(sender, &call);
        let expected = self
            .model
            .challenge(expected, nonce, commitment, self.court.time);
        self.tell(|| format!("challenge with {nonce}: {shown:?}"));
        if self.check("challenge", &answer, &expected) {
            self.tally
                .count_if(nonce == Nonce::ZERO, "disputes of nonce 0");
            self.openings.push(shown);
            let signatures = self.both(digest);
            self.simulate(Call::Challenge {
                terms: self.model.terms.clone(),
                nonce,
                commitment,
                signatures,
                will: good,
            });
        }
    }

    pub(super) fn respond(&mut self) {
        let nonce = self.nonce(true);
        let shown = self.opening(nonce);
        let commitment = self.commitment(nonce, &shown);
        let sender = self.sender();
        let digest = state_digest(&self.domain, self.model.id, nonce, commitment);
        let signatures = self.carried(digest, sender);
        let mut expected = Expected::default();
        expected.consent(&self.model.terms, sender, digest, &signatures);
        let missing = Adjudicator::MissingCommitment {
            nonce: U256::from(nonce.number()),
        };
        expected.refuse_if(commitment == B256::ZERO, missing);
        let call = Adjudicator::respondCall {
            terms: abi::terms(&self.model.terms),
            nonce: uint40(nonce.number()),
            commitment,
            signatures: abi::signatures(signatures),
        };
        let answer = self.send(sender, &call);
        let before = self.model.view.finalizes_at;
        let expected = self
            .model
            .respond(expected, nonce, commitment, self.court.time);
        self.tell(|| format!("respond with {nonce}: {shown:?}"));
        if self.check("respond", &answer, &expected) {
            self.openings.push(shown);
            let signatures = self.both(digest);
            self.simulate(Call::Respond {
                terms: self.model.terms.clone(),
                nonce,
                commitment,
                signatures,
                before,
            });
        }
    }

    pub(super) fn settle(&mut self) {
        let shown = self.shown();
        let sender = self.sender();
        let call = Adjudicator::settleCall {
            terms: abi::terms(&self.model.terms),
            opening: shown.abi(),
        };
        let answer = self.send(sender, &call);
        let (nonce, known) = (self.model.view.nonce, self.model.view.resolved_locks);
        let (expected, done) = self.model.settle(&shown, &self.registries, self.court.time);
        self.tell(|| format!("settle {shown:?}"));
        if self.check("settle", &answer, &expected) {
            let done = done.unwrap();
            self.classify(&shown, &done, known);
            self.simulate(Call::Settle {
                terms: self.model.terms.clone(),
                nonce,
                opening: shown.opening,
                resolved_locks: known,
            });
        }
    }
}

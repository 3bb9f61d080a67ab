//! What is compared after every call.

use super::Life;
use crate::abi::{self, Adjudicator};
use crate::court::{Answer, OTHERS};
use crate::foreign::TOKEN;
use crate::model::Expected;
use alloy_primitives::{Address, LogData, U256};
use counterfoil_core::effect::{Call, OnChain, Status};
use counterfoil_core::types::{Nonce, Pair, SignedAmount, Timestamp};
use counterfoil_sim::chain::Outcome;

impl Life {
    /// Channel id and domain separator.
    pub(super) fn check_hashes(&mut self) {
        let terms = abi::terms(&self.model.terms);
        let id = self.court.ask(&Adjudicator::channelIdCall { terms });
        assert_eq!(id, self.model.id.0, "channel id");
        let separator = self.court.ask(&Adjudicator::domainSeparatorCall {});
        assert_eq!(separator, self.domain.separator(), "domain separator");
    }

    /// Whether the contract did as expected; true when it took the call.
    pub(super) fn check(&mut self, name: &str, answer: &Answer, expected: &Expected) -> bool {
        self.tally.count("calls");
        match &answer.result {
            Ok(_) => {
                let refusals: Vec<_> = expected
                    .refusals
                    .iter()
                    .map(|refusal| words(refusal))
                    .collect();
                assert!(
                    refusals.is_empty(),
                    "{name} went through, expected {refusals:?}"
                );
                let court = self.adjudicator;
                let events: Vec<_> = answer
                    .logs
                    .iter()
                    .filter(|log| log.address == court)
                    .collect();
                let data: Vec<&LogData> = events.iter().map(|log| &log.data).collect();
                assert_eq!(
                    data,
                    expected.events.iter().collect::<Vec<_>>(),
                    "events of {name}"
                );
                self.tally.count(format!("{name}: done"));
            }
            Err(data) => {
                let is_expected = expected
                    .refusals
                    .iter()
                    .any(|refusal| refusal[..] == data[..]);
                let refusals: Vec<_> = expected
                    .refusals
                    .iter()
                    .map(|refusal| words(refusal))
                    .collect();
                let error = words(data);
                assert!(
                    is_expected,
                    "{name} was refused by {error}, expected {refusals:?}"
                );
                let error = error.split(['(', ' ']).next().unwrap_or_default();
                self.tally.count(format!("{name}: {error}"));
            }
        }
        self.tell(|| {
            format!(
                "{name}: {}",
                answer
                    .result
                    .as_ref()
                    .map_or_else(|e| words(e), |_| "done".into())
            )
        });
        self.check_books();
        answer.result.is_ok()
    }

    /// Ledger, what payees have and what is kept for them and for others.
    fn check_books(&mut self) {
        let ids = Adjudicator::statusesCall {
            channelIds: vec![self.model.id.0],
        };
        let [view] = self.court.ask(&ids).try_into().unwrap();
        assert_eq!(on_chain(&view), self.model.view, "ledger");

        let token = self.model.terms.token;
        let mut credits = U256::ZERO;
        let payouts = self.model.terms.payouts.into_array();
        for payee in payouts {
            let received = self.model.received.get(&payee).copied().unwrap_or_default();
            assert_eq!(
                self.court.balance(token, payee),
                received,
                "what {payee} was paid"
            );
        }
        for (payee, expected) in &self.model.credits {
            let payee = *payee;
            let kept = self.court.ask(&Adjudicator::creditsCall { token, payee });
            assert_eq!(kept, *expected, "credit of {payee}");
            credits += kept;
        }
        let kept = U256::from(OTHERS) + U256::from(self.model.held() as u128) + credits;
        assert_eq!(self.court.balance(token, self.adjudicator), kept, "custody");
        let other = if token == TOKEN { Address::ZERO } else { TOKEN };
        let untouched = self.court.balance(other, self.adjudicator);
        assert_eq!(untouched, U256::from(OTHERS), "custody of another currency");
    }

    /// The simulator's contracts do the same with a call that the real ones took.
    pub(super) fn simulate(&mut self, call: Call) {
        let Some(chain) = &mut self.simulated else {
            return;
        };
        chain.submit(call);
        chain.mine(self.court.time - chain.now());
        let outcomes: Vec<_> = chain
            .head()
            .calls
            .iter()
            .map(|(_, outcome)| *outcome)
            .collect();
        assert_eq!(outcomes, [Outcome::Done], "the simulator takes the call");
        assert_eq!(
            chain.view(self.model.id),
            self.model.view,
            "the simulator's ledger"
        );
        let paid = chain.paid(self.model.id);
        let [zero, one] = self.model.terms.payouts.into_array();
        let pockets = [&self.model.received, &self.model.credits];
        let got = |payee| -> U256 { pockets.iter().filter_map(|pocket| pocket.get(&payee)).sum() };
        if zero == one {
            assert_eq!(paid.zero + paid.one, got(one), "the simulator's payouts");
        } else {
            assert_eq!(
                paid,
                Pair::new(got(zero), got(one)),
                "the simulator's payouts"
            );
        }
        self.tally.count("calls that the simulator followed");
    }
}

/// An error of the adjudicator in words.
fn words(data: &[u8]) -> String {
    use alloy_sol_types::SolInterface;
    match Adjudicator::AdjudicatorErrors::abi_decode(data) {
        Ok(error) => {
            let text = format!("{error:?}");
            let inner = text
                .split_once('(')
                .and_then(|(_, inner)| inner.strip_suffix(')'));
            inner.unwrap_or(&text).to_owned()
        }
        Err(_) => format!("unknown {}", alloy_primitives::hex::encode(data)),
    }
}

fn on_chain(view: &Adjudicator::ChannelView) -> OnChain {
    let units = view
        .deposits
        .map(|deposit| SignedAmount::new(i128::try_from(deposit).unwrap()));
    let [zero, one] = units;
    OnChain {
        status: [
            Status::Open,
            Status::Disputed,
            Status::Settling,
            Status::Closed,
        ][usize::from(view.status)],
        deposits: Pair::new(zero, one),
        nonce: Nonce::new(view.nonce.to()).unwrap(),
        finalizes_at: Timestamp::new(view.finalizesAt.into()),
        commitment: view.commitment,
        resolved_locks: view.resolvedLocks,
    }
}

//! Reveals, and what a refused payee claims.

use super::Life;
use super::signing::ORDER;
use crate::abi::{Adjudicator, HashlockRegistry, PointlockRegistry};
use crate::court::STRANGER;
use crate::locks::Secret;
use crate::model::Expected;
use alloy_primitives::{Address, B256, LogData, U256};
use alloy_sol_types::{SolCall, SolError, SolEvent};
use counterfoil_core::effect::Call;
use counterfoil_core::types::Timestamp;

impl Life {
    /// Reveals one secret or several of one registry; the first time of each is kept.
    pub(super) fn reveal(&mut self) {
        if self.secrets.is_empty() {
            return;
        }
        let first = self.dice.one(&self.secrets);
        let registry = first.registry;
        if registry == self.registries.pointlocks && self.dice.permille(50) {
            return self.reveal_no_scalar();
        }
        let others = self
            .secrets
            .iter()
            .filter(|other| other.registry == registry);
        let several = self.dice.percent(20);
        let chosen: Vec<Secret> = if several {
            others.copied().take(30).collect()
        } else {
            vec![first]
        };
        let words: Vec<B256> = chosen.iter().map(|one| one.secret).collect();
        let data = if several {
            HashlockRegistry::revealManyCall { preimages: words }.abi_encode()
        } else {
            HashlockRegistry::revealCall {
                preimage: first.secret,
            }
            .abi_encode()
        };
        let answer = self.court.call(STRANGER, registry, U256::ZERO, data);
        let returned = answer.result.unwrap();
        if !several {
            assert_eq!(returned[..], first.key[..], "key of a secret");
        }

        let mut events = Vec::new();
        for Secret { key, secret, .. } in chosen {
            let is_new = !self.registries.revealed.contains_key(&(registry, key));
            if is_new {
                self.registries
                    .revealed
                    .insert((registry, key), self.court.time);
                events.push(revealed(key, secret));
            }
            let known = self
                .court
                .ask_at(registry, &HashlockRegistry::revealedAtCall { key });
            let expected = self.registries.revealed[&(registry, key)];
            assert_eq!(known, U256::from(expected), "time of the first reveal");
            self.tally.count(if is_new {
                "reveal: done"
            } else {
                "reveal: repeated"
            });
            self.tell(|| format!("reveal {secret} of {key}"));
            if is_new {
                self.simulate(Call::Reveal {
                    condition: registry,
                    preimage: secret,
                    expiry: Timestamp::new(0),
                });
            }
        }
        let logs: Vec<_> = answer.logs.into_iter().map(|log| log.data).collect();
        assert_eq!(logs, events, "events of a reveal");
    }

    /// What is no number between 1 and the order of the curve.
    fn reveal_no_scalar(&mut self) {
        let order = ORDER;
        let beyond = order.saturating_add(U256::from(self.dice.wide()));
        let scalar = B256::from(self.dice.one(&[U256::ZERO, order, beyond, U256::MAX]));
        let data = PointlockRegistry::revealCall { scalar }.abi_encode();
        let answer = self
            .court
            .call(STRANGER, self.registries.pointlocks, U256::ZERO, data);
        let expected = PointlockRegistry::ScalarOutOfRange { scalar, order };
        assert_eq!(
            answer.result.unwrap_err(),
            expected.abi_encode(),
            "{scalar} is no scalar"
        );
        assert!(counterfoil_core::state::SigningKey::from_secret(&scalar).is_none());
        self.tally.count("reveal: ScalarOutOfRange");
    }

    /// Every payee takes what it refused to another address, and nobody takes anything twice.
    pub(super) fn claim(&mut self) {
        for payee in self.model.terms.payouts.into_array() {
            // Seldom in vain.
            if !self.model.credits.contains_key(&payee) && !self.dice.percent(10) {
                continue;
            }
            self.claim_for(payee);
            self.claim_once(payee);
            self.claim_once(payee);
        }
    }

    fn claim_once(&mut self, payee: Address) {
        let token = self.model.terms.token;
        let to = self.dice.address();
        // A part of it now and then; the rest stays.
        let most = if self.dice.percent(30) {
            U256::ONE
        } else {
            U256::MAX
        };
        let data = Adjudicator::claimCall { token, to, most }.abi_encode();
        let answer = self.court.call(payee, self.adjudicator, U256::ZERO, data);
        let mut expected = Expected::default();
        if let Some(credit) = self.model.credits.remove(&payee) {
            let amount = credit.min(most);
            if credit > amount {
                self.model.credits.insert(payee, credit - amount);
            }
            let event = Adjudicator::Claimed {
                token,
                payee,
                to,
                amount,
            };
            expected.events.push(event.encode_log_data());
            assert_eq!(self.court.balance(token, to), amount, "what was claimed");
        } else {
            expected.refuse_if(true, Adjudicator::NothingToClaim { token, payee });
        }
        self.check("claim", &answer, &expected);
    }

    /// Somebody tries to send a payee what it refused, and it refuses again.
    fn claim_for(&mut self, payee: Address) {
        let token = self.model.terms.token;
        let data = Adjudicator::claimForCall {
            token,
            payee,
            most: U256::MAX,
        }
        .abi_encode();
        let answer = self
            .court
            .call(STRANGER, self.adjudicator, U256::ZERO, data);
        let mut expected = Expected::default();
        if let Some(amount) = self.model.credits.get(&payee).copied() {
            let to = payee;
            expected.refuse_if(true, Adjudicator::PayoutFailed { token, to, amount });
        } else {
            expected.refuse_if(true, Adjudicator::NothingToClaim { token, payee });
        }
        self.check("claimFor", &answer, &expected);
    }
}

fn revealed(key: B256, secret: B256) -> LogData {
    HashlockRegistry::Revealed {
        key,
        preimage: secret,
    }
    .encode_log_data()
}

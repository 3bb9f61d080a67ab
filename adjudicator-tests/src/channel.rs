//! A channel whose both keys are at hand.

use counterfoil_chain::Call;
use counterfoil_core::state::{
    Domain, Opening, Signature, SigningKey, close_digest, state_digest, will_digest,
    withdraw_digest,
};
use counterfoil_core::types::{
    Address, Amount, B256, ChannelId, Lock, Nonce, Pair, Participant, SignedAmount, Terms,
    Timestamp,
};
use counterfoil_deploy::devnet::Devnet;
use counterfoil_deploy::{Account, U256};
use eyre::OptionExt;

/// A channel of the native coin between two keys that the test holds.
#[derive(Debug)]
pub struct TestChannel {
    terms: Terms,
    domain: Domain,
    keys: Pair<SigningKey>,
    registry: Address,
    point_registry: Address,
}

impl TestChannel {
    /// A channel on a development chain; each number gives another one. Its finalization period is 60 s, and its payouts
    /// go to accounts that hold nothing else.
    ///
    /// # Errors
    /// When a development key is no key.
    pub fn new(devnet: &Devnet, number: u32) -> eyre::Result<Self> {
        let first = FIRST_KEY.wrapping_add(number.wrapping_mul(4));
        let key = |offset: u32| {
            let secret = Devnet::secret(first.wrapping_add(offset));
            SigningKey::from_secret(&secret).ok_or_eyre("a development key is no key")
        };
        let keys = Pair::new(key(0)?, key(1)?);
        let terms = Terms {
            signers: Pair::new(keys.zero.address(), keys.one.address()),
            payouts: Pair::new(key(2)?.address(), key(3)?.address()),
            token: Address::ZERO,
            finalization_period: 60,
            reserve: Amount::ZERO,
            salt: B256::from(U256::from(number)),
        };
        let addresses = devnet.addresses();
        let domain = Domain::new(devnet.chain_id(), addresses.adjudicator);
        Ok(Self {
            terms,
            domain,
            keys,
            registry: addresses.hashlock_registry,
            point_registry: addresses.pointlock_registry,
        })
    }

    /// Its id.
    pub fn id(&self) -> ChannelId {
        self.terms.channel_id()
    }

    /// Its terms.
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// A side's signer as an account that can pay for calls.
    ///
    /// # Errors
    /// When a development key is no key.
    pub fn account(number: u32) -> eyre::Result<Account> {
        Ok(Account::from_secret(&Devnet::secret(number))?)
    }

    /// A content in which participant 0 has paid `net`.
    pub fn opening(&self, net: i128, locks: Vec<Lock>) -> Opening {
        Opening {
            blinding: B256::repeat_byte(0xb1),
            net: SignedAmount::new(net),
            locks,
        }
    }

    /// A hashlock of this chain's registry.
    pub const fn lock(&self, key: B256, amount: u128, payer: Participant, expiry: u64) -> Lock {
        let (condition, amount) = (self.registry, Amount::new(amount));
        Lock {
            condition,
            key,
            amount,
            payer,
            expiry: Timestamp::new(expiry),
        }
    }

    /// A pointlock of this chain's registry.
    pub const fn pointlock(
        &self,
        key: B256,
        amount: u128,
        payer: Participant,
        expiry: u64,
    ) -> Lock {
        Lock {
            condition: self.point_registry,
            ..self.lock(key, amount, payer, expiry)
        }
    }

    /// Puts `amount` in for `participant`, whose deposit was `expected`.
    pub fn deposit(&self, participant: Participant, amount: u128, expected: i128) -> Call {
        Call::Deposit {
            terms: self.terms.clone(),
            participant,
            amount: Amount::new(amount),
            expected: SignedAmount::new(expected),
        }
    }

    /// Starts a dispute with a state that both signed; nonce 0 takes no opening.
    pub fn challenge(&self, nonce: Nonce, opening: &Opening) -> Call {
        let commitment = commitment(nonce, opening);
        let will = self
            .keys
            .zero
            .sign(will_digest(&self.domain, self.id(), nonce, commitment));
        let signatures = self.state(nonce, commitment);
        Call::Challenge {
            terms: self.terms.clone(),
            nonce,
            commitment,
            signatures,
            will,
        }
    }

    /// Answers with a state that both signed.
    pub fn respond(&self, nonce: Nonce, opening: &Opening, before: Timestamp) -> Call {
        let commitment = commitment(nonce, opening);
        let signatures = self.state(nonce, commitment);
        Call::Respond {
            terms: self.terms.clone(),
            nonce,
            commitment,
            signatures,
            before,
        }
    }

    /// Pays out by a state, when `resolved_locks` are known to be.
    pub fn settle(&self, nonce: Nonce, opening: Opening, resolved_locks: U256) -> Call {
        Call::Settle {
            terms: self.terms.clone(),
            nonce,
            opening,
            resolved_locks,
        }
    }

    /// Pays out with the consent of both.
    pub fn close(&self, net: i128) -> Call {
        let net = SignedAmount::new(net);
        let digest = close_digest(&self.domain, self.id(), net);
        let signatures = Pair::new(self.keys.zero.sign(digest), self.keys.one.sign(digest));
        Call::Close {
            terms: self.terms.clone(),
            net,
            signatures,
        }
    }

    /// Pays `amounts` out and leaves the channel open, with the consent of both.
    pub fn withdraw(&self, nonce: Nonce, amounts: [u128; 2], deadline: Timestamp) -> Call {
        let [zero, one] = amounts.map(Amount::new);
        let amounts = Pair::new(zero, one);
        let digest = withdraw_digest(&self.domain, self.id(), nonce, amounts, deadline);
        let signatures = Pair::new(self.keys.zero.sign(digest), self.keys.one.sign(digest));
        Call::Withdraw {
            terms: self.terms.clone(),
            nonce,
            amounts,
            deadline,
            signatures,
        }
    }

    /// Registers a preimage with this chain's registry.
    pub const fn reveal(&self, preimage: B256, expiry: u64) -> Call {
        Call::Reveal {
            condition: self.registry,
            preimage,
            expiry: Timestamp::new(expiry),
        }
    }

    /// This chain's registry.
    pub const fn registry(&self) -> Address {
        self.registry
    }

    fn state(&self, nonce: Nonce, commitment: B256) -> Pair<Signature> {
        if nonce == Nonce::ZERO {
            return Pair::new(Signature::NONE, Signature::NONE);
        }
        let digest = state_digest(&self.domain, self.id(), nonce, commitment);
        Pair::new(self.keys.zero.sign(digest), self.keys.one.sign(digest))
    }
}

fn commitment(nonce: Nonce, opening: &Opening) -> B256 {
    if nonce == Nonce::ZERO {
        B256::ZERO
    } else {
        opening.commitment()
    }
}

const FIRST_KEY: u32 = 1_000;

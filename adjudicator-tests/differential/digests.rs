//! Writes generated channels with their hashes and signatures, as the client makes them, one JSON object a line: what
//! digests.mjs compares with viem. Arguments: how many, and the seed.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::unwrap_used
)]

use alloy_primitives::{Address, B256};
use counterfoil_core::state::{
    Domain, Opening, Signature, SigningKey, close_digest, state_digest, will_digest,
    withdraw_digest,
};
use counterfoil_core::types::{
    Amount, Lock, Nonce, Pair, Participant, SignedAmount, Terms, Timestamp,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};

struct Dice(ChaCha8Rng);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0.next_u64() % end
    }

    fn word(&mut self) -> B256 {
        let mut word = [0; 32];
        self.0.fill_bytes(&mut word);
        word.into()
    }

    fn address(&mut self) -> Address {
        Address::from_word(self.word())
    }

    /// Any magnitude alike, and the ends of the range.
    fn units(&mut self) -> u128 {
        let wide = u128::from(self.0.next_u64()) << 64 | u128::from(self.0.next_u64());
        match self.below(20) {
            0 => u128::MAX,
            1 => 0,
            _ => wide >> self.below(128),
        }
    }

    /// Any magnitude alike of both signs, and the ends of the range.
    fn difference(&mut self) -> i128 {
        match self.below(20) {
            0 => i128::MAX,
            1 => i128::MIN,
            _ => self.units() as i128,
        }
    }

    fn uint40(&mut self) -> u64 {
        match self.below(20) {
            0 => (1 << 40) - 1,
            _ => (self.0.next_u64() >> 24) >> self.below(40),
        }
    }

    fn lock(&mut self) -> Lock {
        Lock {
            condition: self.address(),
            key: self.word(),
            amount: Amount::new(self.units()),
            payer: if self.below(2) == 0 {
                Participant::Zero
            } else {
                Participant::One
            },
            expiry: Timestamp::new(self.uint40()),
        }
    }
}

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|text| text.parse::<u64>().unwrap());
    let (count, seed) = (arguments.next().unwrap(), arguments.next().unwrap());
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(seed));
    for _ in 0..count {
        println!("{}", case(&mut dice));
    }
}

fn case(dice: &mut Dice) -> Value {
    let keys = [(); 2].map(|()| SigningKey::from_secret(&dice.word()).unwrap());
    let terms = Terms {
        signers: Pair::new(keys[0].address(), keys[1].address()),
        payouts: Pair::new(dice.address(), dice.address()),
        token: if dice.below(2) == 0 {
            Address::ZERO
        } else {
            dice.address()
        },
        finalization_period: dice.0.next_u32() >> dice.below(32),
        reserve: Amount::new(dice.units()),
        salt: dice.word(),
    };
    let locks = match dice.below(40) {
        0 => 128,
        many => many % 9,
    };
    let opening = Opening {
        blinding: dice.word(),
        net: SignedAmount::new(dice.difference()),
        locks: (0..locks).map(|_| dice.lock()).collect(),
    };
    let chain_id = dice.0.next_u64() >> dice.below(64);
    let domain = Domain::new(chain_id, dice.address());
    let (id, nonce) = (terms.channel_id(), Nonce::new(dice.uint40()).unwrap());
    let commitment = opening.commitment();
    let close_net = SignedAmount::new(dice.difference());
    let amounts = Pair::new(Amount::new(dice.units()), Amount::new(dice.units()));
    let deadline = Timestamp::new(dice.uint40());
    let digests = json!({
        "State": state_digest(&domain, id, nonce, commitment),
        "Challenge": will_digest(&domain, id, nonce, commitment),
        "Withdraw": withdraw_digest(&domain, id, nonce, amounts, deadline),
        "Close": close_digest(&domain, id, close_net),
    });
    let digest = state_digest(&domain, id, nonce, commitment);
    let signatures = keys.map(|key| signature(key.sign(digest)));
    json!({
        "chainId": chain_id.to_string(),
        "adjudicator": domain.adjudicator,
        "separator": domain.separator(),
        "terms": {
            "signers": terms.signers.into_array(),
            "payouts": terms.payouts.into_array(),
            "token": terms.token,
            "finalizationPeriod": terms.finalization_period,
            "reserve": terms.reserve.to_string(),
            "app": Address::ZERO,
            "salt": terms.salt,
        },
        "channelId": id.0,
        "opening": {
            "blinding": opening.blinding,
            "net": opening.net.to_string(),
            "locks": opening.locks.iter().map(lock_json).collect::<Vec<_>>(),
            "appState": "0x",
        },
        "commitment": commitment,
        "nonce": nonce.number(),
        "closeNet": close_net.to_string(),
        "withdrawAmounts": amounts.into_array().map(|amount| amount.to_string()),
        "withdrawDeadline": deadline.seconds(),
        "digests": digests,
        "signatures": signatures,
    })
}

fn lock_json(lock: &Lock) -> Value {
    json!({
        "condition": lock.condition,
        "key": lock.key,
        "amount": lock.amount.to_string(),
        "payer": lock.payer.index(),
        "expiry": lock.expiry.seconds(),
    })
}

fn signature(signature: Signature) -> Value {
    json!({ "r": signature.r(), "vs": signature.vs() })
}

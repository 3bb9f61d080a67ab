//! Terms, openings, digests and signatures of varied channels.

use super::{decimal, hex, lock, word};
use counterfoil_core::state::{
    Domain, Opening, SigningKey, close_digest, state_digest, will_digest, withdraw_digest,
};
use counterfoil_core::types::{Address, Amount, Nonce, Pair, SignedAmount, Terms, Timestamp};
use serde_json::{Value, json};

const LAST: u64 = (1 << 40) - 1;

struct Case {
    name: &'static str,
    chain_id: u64,
    token: bool,
    period: u32,
    reserve: u128,
    nonce: u64,
    net: i128,
    locks: &'static [(u8, u128, u64)],
    withdraw: (u128, u128, u64),
}

const PLAIN: Case = Case {
    name: "",
    chain_id: 31337,
    token: false,
    period: 3600,
    reserve: 0,
    nonce: 2,
    net: 0,
    locks: &[],
    withdraw: (0, 0, 0),
};

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { name: "nothing paid, nonce zero", nonce: 0, ..PLAIN },
    Case { name: "push amount", net: 20, ..PLAIN },
    Case { name: "responder's nonce", nonce: 3, net: 200, ..PLAIN },
    Case { name: "responder has paid", nonce: 5, net: -1, ..PLAIN },
    Case { name: "mainnet", chain_id: 1, nonce: 4, net: 1_000_000_000_000_000_000, ..PLAIN },
    Case { name: "largest chain id", chain_id: u64::MAX >> 1, nonce: 6, net: -77, ..PLAIN },
    Case { name: "erc20", token: true, nonce: 8, net: 1_000_000, ..PLAIN },
    Case { name: "erc20 on gnosis with a reserve", chain_id: 100, token: true, reserve: 5_000, nonce: 9, net: 7, ..PLAIN },
    Case { name: "one lock of participant 0", nonce: 10, net: 5, locks: &[(0, 100, 1_900_000_000)], ..PLAIN },
    Case { name: "one lock of participant 1", nonce: 11, net: 5, locks: &[(1, 100, 1_900_000_000)], ..PLAIN },
    Case { name: "two locks, one each", nonce: 12, net: -50, locks: &[(0, 1, 1), (1, 2, 2)], ..PLAIN },
    Case { name: "three locks", chain_id: 10, nonce: 14, net: 3, locks: &[(0, 10, 10), (0, 20, 20), (1, 30, 30)], ..PLAIN },
    Case { name: "five locks", chain_id: 8453, token: true, nonce: 101, net: -12_345,
        locks: &[(0, 1, 5), (1, 2, 4), (0, 3, 3), (1, 4, 2), (0, 5, 1)], ..PLAIN },
    Case { name: "largest lock and expiry", nonce: 16, locks: &[(0, u128::MAX, LAST)], ..PLAIN },
    Case { name: "empty lock", nonce: 18, locks: &[(1, 0, 0)], ..PLAIN },
    Case { name: "largest net", nonce: 20, net: i128::MAX, ..PLAIN },
    Case { name: "smallest net", nonce: 21, net: i128::MIN, ..PLAIN },
    Case { name: "last nonce", nonce: LAST, net: 1, ..PLAIN },
    Case { name: "last even nonce", nonce: LAST - 1, net: -1, ..PLAIN },
    Case { name: "period and reserve at their ends", period: 30 * 24 * 3600, reserve: u128::MAX, nonce: 22, ..PLAIN },
    Case { name: "withdrawal", nonce: 24, net: 9, withdraw: (100, 0, 1_900_000_000), ..PLAIN },
    Case { name: "largest withdrawal", nonce: 26, withdraw: (u128::MAX, u128::MAX, LAST), ..PLAIN },
];

pub(super) fn cases() -> Vec<Value> {
    (0..)
        .zip(CASES)
        .map(|(number, case)| case.json(number))
        .collect()
}

impl Case {
    fn json(&self, number: u64) -> Value {
        let key = |side| SigningKey::from_secret(&word(side, number)).unwrap();
        let keys = [key("signer 0"), key("signer 1")];
        let address = |purpose| Address::from_word(word(purpose, number));
        let terms = Terms {
            signers: Pair::new(keys[0].address(), keys[1].address()),
            payouts: Pair::new(address("payout 0"), address("payout 1")),
            token: if self.token {
                address("token")
            } else {
                Address::ZERO
            },
            finalization_period: self.period,
            reserve: Amount::new(self.reserve),
            salt: word("salt", number),
        };
        let locks = (100 * number..).zip(self.locks);
        let opening = Opening {
            blinding: word("blinding", number),
            net: SignedAmount::new(self.net),
            locks: locks
                .map(|(id, (payer, amount, expiry))| lock(id, *payer, *amount, *expiry))
                .collect(),
        };
        let domain = Domain::new(
            self.chain_id,
            Address::from_word(word("adjudicator", number % 3)),
        );
        let (id, nonce) = (terms.channel_id(), Nonce::new(self.nonce).unwrap());
        let commitment = opening.commitment();
        let state = state_digest(&domain, id, nonce, commitment);
        let (amount0, amount1, deadline) = self.withdraw;
        let amounts = Pair::new(Amount::new(amount0), Amount::new(amount1));
        let withdraw = withdraw_digest(&domain, id, nonce, amounts, Timestamp::new(deadline));
        let signatures = keys.map(|key| key.sign(state));
        json!({
            "name": self.name,
            "chainId": decimal(self.chain_id),
            "adjudicator": hex(domain.adjudicator),
            "encodedTerms": hex(terms.abi_encode()),
            "channelId": hex(id.0),
            "encodedOpening": hex(opening.abi_encode()),
            "commitment": hex(commitment),
            "nonce": decimal(self.nonce),
            "stateDigest": hex(state),
            "challengeDigest": hex(will_digest(&domain, id, nonce, commitment)),
            "closeNet": decimal(self.net),
            "closeDigest": hex(close_digest(&domain, id, SignedAmount::new(self.net))),
            "withdrawAmount0": decimal(amount0),
            "withdrawAmount1": decimal(amount1),
            "withdrawDeadline": decimal(deadline),
            "withdrawDigest": hex(withdraw),
            "signer0": hex(terms.signers.zero),
            "signer1": hex(terms.signers.one),
            "signature0R": hex(signatures[0].r()),
            "signature0Vs": hex(signatures[0].vs()),
            "signature1R": hex(signatures[1].r()),
            "signature1Vs": hex(signatures[1].vs()),
        })
    }
}

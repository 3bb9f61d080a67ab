//! One channel whose sides say what they hold: frames with signatures that verify.

use super::messages::fields;
use super::{committed, decimal, hex, lock, unhex, word};
use counterfoil_core::state::{
    BlindingSeed, Content, Domain, Signature, SigningKey, Withdrawing, state_digest,
    withdraw_digest,
};
use counterfoil_core::types::{
    Address, Amount, B256, ChannelId, LockId, Nonce, Pair, Participant, SignedAmount, Terms,
    Timestamp,
};
use counterfoil_core::wire::{
    ChannelReestablish, Message, NewestState, WithdrawSigned, decode, encode,
};
use serde_json::{Value, json};

/// State 8 is co-signed and holds a lock and a withdrawal of participant 0; participant 0 has proposed state 10.
struct Channel {
    domain: Domain,
    keys: [SigningKey; 2],
    id: ChannelId,
    terms: Terms,
    seed: BlindingSeed,
    newest: Content,
    proposed: Content,
}

const NEWEST: u64 = 8;
const PROPOSED: u64 = 10;
const AMOUNT: u128 = 50;
const DEADLINE: u64 = 1_900_000_000;

fn nonce(number: u64) -> Nonce {
    Nonce::new(number).unwrap()
}

impl Channel {
    fn new() -> Self {
        let secret = |side| SigningKey::from_secret(&word(side, 900)).unwrap();
        let keys = [secret("signer 0"), secret("signer 1")];
        let terms = Terms {
            signers: Pair::new(keys[0].address(), keys[1].address()),
            payouts: Pair::new(
                Address::from_word(word("payout 0", 900)),
                Address::from_word(word("payout 1", 900)),
            ),
            token: Address::ZERO,
            finalization_period: 3600,
            reserve: Amount::new(10),
            salt: word("salt", 900),
        };
        let mut newest = Content {
            net: SignedAmount::new(20),
            last_lock: Pair::new(2, 1),
            ..Content::default()
        };
        newest
            .locks
            .insert(LockId(2), lock(900, 0, 30, 1_900_000_000));
        newest.withdrawing.push(Withdrawing {
            by: Participant::Zero,
            nonce: nonce(NEWEST),
            amount: Amount::new(AMOUNT),
            deadline: Timestamp::new(DEADLINE),
        });
        let proposed = Content {
            net: SignedAmount::new(25),
            ..newest.clone()
        };
        Self {
            domain: Domain::new(31337, Address::from_word(word("adjudicator", 0))),
            id: terms.channel_id(),
            keys,
            terms,
            seed: BlindingSeed::new(Pair::new(word("seed", 900), word("seed", 901))),
            newest,
            proposed,
        }
    }

    fn commitment(&self, number: u64, content: &Content) -> B256 {
        content.opening(&self.seed, nonce(number)).commitment()
    }

    fn digest(&self, number: u64, content: &Content) -> B256 {
        let commitment = self.commitment(number, content);
        state_digest(&self.domain, self.id, nonce(number), commitment)
    }

    fn sign(&self, side: usize, number: u64, content: &Content) -> Signature {
        self.keys[side].sign(self.digest(number, content))
    }

    fn withdrawal(&self) -> B256 {
        let amounts = Pair::new(Amount::new(AMOUNT), Amount::ZERO);
        let deadline = Timestamp::new(DEADLINE);
        withdraw_digest(&self.domain, self.id, nonce(NEWEST), amounts, deadline)
    }

    /// What `side` says first on a new link.
    fn reestablish(&self, side: usize, signed: (u64, &Content)) -> Message {
        Message::ChannelReestablish(ChannelReestablish {
            channel: self.id,
            co_signed: nonce(NEWEST),
            commitment: self.commitment(NEWEST, &self.newest),
            yours: self.sign(1 - side, NEWEST, &self.newest),
            signed: nonce(signed.0),
            signed_commitment: self.commitment(signed.0, signed.1),
            known: nonce(NEWEST),
        })
    }

    fn messages(&self) -> Vec<(&'static str, Message)> {
        vec![
            (
                "participant 0 has a proposal unanswered",
                self.reestablish(0, (PROPOSED, &self.proposed)),
            ),
            (
                "participant 1 has not seen it",
                self.reestablish(1, (NEWEST, &self.newest)),
            ),
            (
                "to who is behind",
                Message::NewestState(NewestState {
                    channel: self.id,
                    nonce: nonce(NEWEST),
                    content: self.newest.clone(),
                    signatures: Pair::new(
                        self.sign(0, NEWEST, &self.newest),
                        self.sign(1, NEWEST, &self.newest),
                    ),
                }),
            ),
            (
                "participant 1 signs the withdrawal of participant 0",
                Message::WithdrawSigned(WithdrawSigned {
                    channel: self.id,
                    nonce: nonce(NEWEST),
                    signature: self.keys[1].sign(self.withdrawal()),
                }),
            ),
        ]
    }
}

pub(super) fn cases() -> Value {
    let channel = Channel::new();
    let messages = channel.messages();
    let messages = messages.iter().map(|(name, message)| {
        json!({
            "name": name,
            "frame": hex(encode(message).unwrap()),
            "fields": fields(message),
        })
    });
    json!({
        "chainId": decimal(channel.domain.chain_id),
        "adjudicator": hex(channel.domain.adjudicator),
        "encodedTerms": hex(channel.terms.abi_encode()),
        "channelId": hex(channel.id.0),
        "secret0": hex(word("signer 0", 900)),
        "secret1": hex(word("signer 1", 900)),
        "seed0": hex(word("seed", 900)),
        "seed1": hex(word("seed", 901)),
        "stateDigest": hex(channel.digest(NEWEST, &channel.newest)),
        "proposedDigest": hex(channel.digest(PROPOSED, &channel.proposed)),
        "withdrawDigest": hex(channel.withdrawal()),
        "messages": messages.collect::<Vec<_>>(),
    })
}

// req: GAP-E2, GAP-S4
#[test]
fn every_signature_of_the_recovery_vectors_is_by_who_has_to_sign() {
    let file = &committed("state.json")["recovery"];
    let digest = |name: &str| B256::from_slice(&unhex(&file[name]));
    let signer = |name: &str| {
        let secret = B256::from_slice(&unhex(&file[name]));
        SigningKey::from_secret(&secret).unwrap().address()
    };
    let (zero, one) = (signer("secret0"), signer("secret1"));
    let state = digest("stateDigest");
    let mut checked = 0;
    for message in file["messages"].as_array().unwrap() {
        match decode(&unhex(&message["frame"])).unwrap().unwrap() {
            Message::ChannelReestablish(held) => {
                // Whoever has a proposal unanswered is participant 0 here.
                let receiver = if held.signed == held.co_signed {
                    zero
                } else {
                    one
                };
                held.yours.verify(state, receiver).unwrap();
                checked += 1;
            }
            Message::NewestState(newest) => {
                newest.signatures.zero.verify(state, zero).unwrap();
                newest.signatures.one.verify(state, one).unwrap();
                checked += 2;
            }
            Message::WithdrawSigned(granted) => {
                let withdrawal = digest("withdrawDigest");
                granted.signature.verify(withdrawal, one).unwrap();
                checked += 1;
            }
            other => panic!("message {} is no part of it", other.code()),
        }
    }
    assert_eq!(checked, 5);
}

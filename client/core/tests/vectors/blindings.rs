//! From the two parts of a seed to the commitment of a state, computed by hand beside the code.

use super::{decimal, hex, lock, word};
use alloy_primitives::keccak256;
use counterfoil_core::state::{BlindingSeed, Content};
use counterfoil_core::types::{B256, LockId, Nonce, Pair, SignedAmount};
use serde_json::{Value, json};

struct Case {
    name: &'static str,
    nonce: u64,
    net: i128,
    /// Lock ids with the number of the lock; the opening has them in ascending order of ids.
    locks: &'static [(u64, u64)],
}

const CASES: &[Case] = &[
    Case {
        name: "first state, nothing paid",
        nonce: 2,
        net: 0,
        locks: &[],
    },
    Case {
        name: "the same content at another nonce",
        nonce: 3,
        net: 0,
        locks: &[],
    },
    Case {
        name: "locks stand in ascending order of their ids",
        nonce: 40,
        net: -7,
        locks: &[(6, 0), (1, 1), (10, 2), (3, 3)],
    },
    Case {
        name: "last nonce",
        nonce: (1 << 40) - 1,
        net: 1,
        locks: &[],
    },
];

pub(super) fn cases() -> Vec<Value> {
    CASES.iter().map(Case::json).collect()
}

impl Case {
    fn json(&self) -> Value {
        let (seed0, seed1) = (word("seed", 0), word("seed", 1));
        let seed = keccak256([seed0.0, seed1.0].concat());
        let number = B256::left_padding_from(&self.nonce.to_be_bytes());
        let blinding = keccak256([seed.0, number.0].concat());

        let opening = self
            .content()
            .opening(&BlindingSeed::new(Pair::new(seed0, seed1)), self.nonce());
        assert_eq!(opening.blinding, blinding, "{}", self.name);
        json!({
            "name": self.name,
            "seed0": hex(seed0),
            "seed1": hex(seed1),
            "seed": hex(seed),
            "nonce": decimal(self.nonce),
            "blinding": hex(blinding),
            "net": decimal(self.net),
            "lockIds": self.content().locks.keys().map(|id| decimal(id.0)).collect::<Vec<_>>(),
            "encodedOpening": hex(opening.abi_encode()),
            "commitment": hex(opening.commitment()),
        })
    }

    fn nonce(&self) -> Nonce {
        Nonce::new(self.nonce).unwrap()
    }

    fn content(&self) -> Content {
        let mut content = Content {
            net: SignedAmount::new(self.net),
            ..Content::default()
        };
        for (id, number) in self.locks {
            let payer = u8::from(id & 1 == 1);
            let lock = lock(*number, payer, 100 + u128::from(*id), 1_900_000_000);
            content.locks.insert(LockId(*id), lock);
        }
        content
    }
}

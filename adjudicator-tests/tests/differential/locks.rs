//! Locks and what decides them: real registries, scripted conditions and absurd ones, and what the client thinks of each.

use crate::abi::{Adjudicator, uint40};
use crate::dice::Dice;
use crate::foreign::{CONDITION, Script, TOKEN};
use alloy_primitives::{Address, B256, Bytes, address, keccak256};
use alloy_sol_types::SolValue;
use counterfoil_core::state::{Opening, SigningKey};
use counterfoil_core::types::{Amount, Lock, Participant, SignedAmount, Timestamp};
use counterfoil_sim::key_of;
use std::collections::BTreeMap;

/// An opening as it is shown to the contract: a payer may be any byte there, whatever the client can say.
#[derive(Clone, Debug)]
pub(crate) struct ShownOpening {
    /// In which everybody who is not participant 0 is participant 1.
    pub(crate) opening: Opening,
    /// The byte of each lock's payer.
    pub(crate) payers: Vec<u8>,
}

/// What the registries know.
pub(crate) struct Registries {
    pub(crate) hashlocks: Address,
    pub(crate) pointlocks: Address,
    /// When the secret of a key was first revealed.
    pub(crate) revealed: BTreeMap<(Address, B256), u64>,
}

/// What opens a lock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Secret {
    pub(crate) registry: Address,
    pub(crate) key: B256,
    pub(crate) secret: B256,
}

/// What locks of a life may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Hashlocks between the two participants: what the simulator's chain can follow, too.
    Plain,
    /// Everything.
    Any,
}

impl ShownOpening {
    /// `opening` with payers that it can say.
    pub(crate) fn of(opening: Opening) -> Self {
        let payers = opening
            .locks
            .iter()
            .map(|lock| lock.payer.index())
            .collect();
        Self { opening, payers }
    }

    /// Whether the client could sign it.
    pub(crate) fn is_sane(&self) -> bool {
        self.payers.iter().all(|payer| *payer <= 1)
    }

    /// By the client's own code wherever that can say it.
    pub(crate) fn commitment(&self) -> B256 {
        if self.is_sane() {
            self.opening.commitment()
        } else {
            keccak256(self.abi().abi_encode())
        }
    }

    pub(crate) fn abi(&self) -> Adjudicator::Opening {
        let locks = self.opening.locks.iter().zip(&self.payers);
        Adjudicator::Opening {
            blinding: self.opening.blinding,
            net: self.opening.net.units(),
            locks: locks
                .map(|(lock, payer)| Adjudicator::Lock {
                    condition: lock.condition,
                    key: lock.key,
                    amount: lock.amount.units(),
                    payer: *payer,
                    expiry: uint40(lock.expiry.seconds()),
                })
                .collect(),
            appState: Bytes::new(),
        }
    }

    /// An opening that says anything a participant could be talked into.
    pub(crate) fn draw(
        dice: &mut Dice,
        kind: Kind,
        deposits: [i128; 2],
        around: u64,
        registries: &Registries,
        secrets: &mut Vec<Secret>,
    ) -> Self {
        let most = if kind == Kind::Plain { 128 } else { 129 };
        let count = match dice.weighted(&[150, 800, 38, 12]) {
            0 => 0,
            1 => dice.within(1..=8),
            2 => dice.within(9..=40),
            _ => dice.within(127..=most),
        };
        let total = (deposits[0] + deposits[1]) as u128;
        let mut drawn = Self {
            opening: Opening {
                blinding: dice.word(),
                net: SignedAmount::new(dice.net(deposits)),
                locks: Vec::new(),
            },
            payers: Vec::new(),
        };
        for _ in 0..count {
            // Of many locks each takes little, else only the first few would ever be served.
            let amount = dice.locked(total / if count > 8 { 50 } else { 1 });
            let payer = match kind {
                Kind::Any if dice.percent(8) => dice.within(2..=255) as u8,
                Kind::Plain | Kind::Any => dice.within(0..=1) as u8,
            };
            let expiry = match dice.weighted(&[94, 3, 3]) {
                0 => around - 60 + dice.within(0..=180),
                1 => 0,
                _ => (1 << 40) - 1,
            };
            let (condition, key) = decider(dice, kind, amount, around, registries, secrets);
            drawn.payers.push(payer);
            drawn.opening.locks.push(Lock {
                condition,
                key,
                amount: Amount::new(amount),
                payer: Participant::BOTH[usize::from(payer.min(1))],
                expiry: Timestamp::new(expiry),
            });
        }
        drawn
    }
}

/// Who decides a lock, and what it is asked.
fn decider(
    dice: &mut Dice,
    kind: Kind,
    amount: u128,
    around: u64,
    registries: &Registries,
    secrets: &mut Vec<Secret>,
) -> (Address, B256) {
    let choice = if kind == Kind::Plain {
        0
    } else {
        dice.weighted(&[40, 20, 28, 12])
    };
    match choice {
        0 | 1 if !secrets.is_empty() && dice.percent(12) => {
            // Two locks with one key.
            let known = dice.one(secrets);
            (known.registry, known.key)
        }
        0 => {
            let secret = dice.word();
            let (registry, key) = (registries.hashlocks, key_of(secret));
            secrets.push(Secret {
                registry,
                key,
                secret,
            });
            (registry, key)
        }
        1 => {
            let secret = dice.word();
            let point = SigningKey::from_secret(&secret).unwrap().address();
            let (registry, key) = (registries.pointlocks, point.into_word());
            secrets.push(Secret {
                registry,
                key,
                secret,
            });
            (registry, key)
        }
        2 => (CONDITION, script(dice, amount, around, false).key()),
        _ if dice.percent(70) => (CONDITION, script(dice, amount, around, true).key()),
        _ => (dice.one(&MUTE), dice.word()),
    }
}

fn script(dice: &mut Dice, amount: u128, around: u64, is_absurd: bool) -> Script {
    let from = match dice.weighted(&[30, 60, 10]) {
        0 => 0,
        1 => around - 60 + dice.within(0..=180),
        _ => u64::MAX,
    };
    let to_payee = match dice.weighted(&[20, 20, 60]) {
        0 => 0,
        1 => amount,
        _ => dice.wide() % amount.saturating_add(1),
    };
    let right = Script {
        from,
        size: 64,
        fails: 0,
        resolved: 1,
        to_payee,
    };
    if !is_absurd {
        return right;
    }
    match dice.within(0..=4) {
        0 => Script { fails: 1, ..right },
        1 => Script {
            size: dice.within(0..=63) as u8,
            ..right
        },
        2 => Script {
            resolved: dice.within(2..=255) as u8,
            ..right
        },
        3 => Script {
            size: dice.within(65..=255) as u8,
            ..right
        },
        _ => Script {
            to_payee: amount.saturating_add(1),
            ..right
        },
    }
}

impl Registries {
    /// What a lock is worth to its payee at a time, none while that is open.
    pub(crate) fn outcome(&self, lock: &Lock, time: u64) -> Option<Amount> {
        if lock.condition == self.hashlocks || lock.condition == self.pointlocks {
            let expiry = lock.expiry.seconds();
            return match self.revealed.get(&(lock.condition, lock.key)) {
                Some(at) if *at <= expiry => Some(lock.amount),
                Some(_) | None => (time > expiry).then_some(Amount::ZERO),
            };
        }
        if lock.condition != CONDITION {
            return None;
        }
        let script = Script::of(lock.key);
        let is_answer = script.fails == 0 && script.size >= 64 && script.resolved == 1;
        let outcome = Amount::new(script.to_payee);
        (is_answer && time >= script.from && outcome <= lock.amount).then_some(outcome)
    }

    /// Whether nobody will ever know what the lock is worth.
    pub(crate) fn is_absurd(&self, lock: &Lock) -> bool {
        self.outcome(lock, u64::MAX).is_none()
    }
}

/// Addresses that answer nothing well formed: none, two precompiles and a token.
const MUTE: [Address; 4] = [
    Address::ZERO,
    address!("0000000000000000000000000000000000000002"),
    address!("0000000000000000000000000000000000000004"),
    TOKEN,
];

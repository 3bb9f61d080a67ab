//! The content of a state, and the commitment that hides it until settlement.

use super::digest::uint40;
use crate::types::{
    Amount, B256, ChannelId, Lock, LockId, Nonce, Outside, Pair, Participant, SignedAmount, Terms,
    Timestamp,
};
use alloy_primitives::{Address, keccak256};
use alloy_rlp::{Decodable, Encodable, RlpDecodable, RlpEncodable};
use alloy_sol_types::SolValue;
use std::collections::BTreeMap;

/// The structs as the contracts define them.
mod sol {
    alloy_sol_types::sol!("../../contracts/types/Channel.sol");
}

/// What two participants have agreed on: the net payment and the locks. Balances follow from it and the deposits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, RlpEncodable, RlpDecodable)]
pub struct Content {
    /// What participant 0 has paid participant 1, less what came back.
    pub net: SignedAmount,
    /// Undecided amounts, in the order in which the contract sees them.
    pub locks: Locks,
    /// The highest lock id that each participant has used as payer; ids are never used again.
    pub last_lock: Pair<u64>,
    /// What may leave the channel, at most one for each participant. No part of the opening: once it has left, the deposit
    /// is lower.
    pub withdrawing: Vec<Withdrawing>,
}

/// A withdrawal that a co-signed state holds and that can still happen; its amount counts as gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, RlpEncodable, RlpDecodable)]
pub struct Withdrawing {
    /// Who takes it.
    pub by: Participant,
    /// The state that brought it; zero until that state has its number.
    pub nonce: Nonce,
    /// Base units.
    pub amount: Amount,
    /// The chain executes it up to and including this second.
    pub deadline: Timestamp,
}

/// A content with the blinding that makes its commitment unguessable: what `settle` takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, RlpEncodable, RlpDecodable)]
pub struct Opening {
    /// Derived from the channel's seed and the nonce.
    pub blinding: B256,
    /// Net payment.
    pub net: SignedAmount,
    /// Undecided amounts.
    pub locks: Vec<Lock>,
}

/// The shared secret of a channel from which every blinding follows, so that none can be withheld or lost apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, RlpEncodable, RlpDecodable)]
pub struct BlindingSeed(B256);

#[derive(RlpEncodable, RlpDecodable)]
struct Entry {
    id: LockId,
    lock: Lock,
}

impl Content {
    /// The opening of the state with this content and nonce.
    pub fn opening(&self, seed: &BlindingSeed, nonce: Nonce) -> Opening {
        Opening {
            blinding: seed.blinding(nonce),
            net: self.net,
            locks: self.locks.values().cloned().collect(),
        }
    }

    /// What is locked from `payer`'s balance.
    ///
    /// # Errors
    /// [`Outside`] when the sum exceeds what an amount can hold.
    pub fn locked(&self, payer: Participant) -> Result<Amount, Outside> {
        Amount::sum(
            self.locks
                .values()
                .filter(|lock| lock.payer == payer)
                .map(|lock| lock.amount),
        )
    }

    /// What `side` owns outright, given the deposits; negative when the content claims more than there is.
    ///
    /// # Errors
    /// [`Outside`] when the numbers cannot be held.
    pub fn balance(
        &self,
        side: Participant,
        deposits: &Pair<SignedAmount>,
    ) -> Result<SignedAmount, Outside> {
        let deposit = *deposits.of(side);
        let after_payments = match side {
            Participant::Zero => deposit.without(self.net)?,
            Participant::One => deposit.with(self.net)?,
        };
        let leaving = self
            .withdrawing(side)
            .map_or(Amount::ZERO, |one| one.amount);
        after_payments.minus(self.locked(side)?)?.minus(leaving)
    }

    /// What `side` may still take out.
    pub fn withdrawing(&self, side: Participant) -> Option<&Withdrawing> {
        self.withdrawing.iter().find(|one| one.by == side)
    }

    /// Gives withdrawals that came with this state its number.
    pub(crate) fn number(&mut self, nonce: Nonce) {
        for one in &mut self.withdrawing {
            if one.nonce == Nonce::ZERO {
                one.nonce = nonce;
            }
        }
    }

    /// `net` after `payer` has paid `amount`.
    ///
    /// # Errors
    /// [`Outside`] when the result cannot be held.
    pub fn net_after(&self, payer: Participant, amount: Amount) -> Result<SignedAmount, Outside> {
        match payer {
            Participant::Zero => self.net.plus(amount),
            Participant::One => self.net.minus(amount),
        }
    }
}

impl Opening {
    /// `keccak256(abi.encode(opening))`.
    pub fn commitment(&self) -> B256 {
        keccak256(self.abi_encode())
    }

    /// `abi.encode(opening)`, as the contract hashes it.
    pub fn abi_encode(&self) -> Vec<u8> {
        self.to_sol().abi_encode()
    }

    fn to_sol(&self) -> sol::Opening {
        sol::Opening {
            blinding: self.blinding,
            net: self.net.units(),
            locks: self
                .locks
                .iter()
                .map(|lock| sol::Lock {
                    condition: lock.condition,
                    key: lock.key,
                    amount: lock.amount.units(),
                    payer: lock.payer.index(),
                    expiry: uint40(lock.expiry.seconds()),
                })
                .collect(),
            appState: alloy_primitives::Bytes::new(),
        }
    }
}

impl BlindingSeed {
    /// The seed to which each participant gave a part, so that neither alone can make it guessable.
    pub fn new(parts: Pair<B256>) -> Self {
        Self(keccak256([parts.zero.0, parts.one.0].concat()))
    }

    fn blinding(&self, nonce: Nonce) -> B256 {
        keccak256(
            [
                self.0.0,
                B256::left_padding_from(&nonce.number().to_be_bytes()).0,
            ]
            .concat(),
        )
    }
}

impl std::fmt::Debug for BlindingSeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BlindingSeed(..)")
    }
}

impl Terms {
    /// The id of the channel with these terms.
    pub fn channel_id(&self) -> ChannelId {
        ChannelId(keccak256(self.abi_encode()))
    }

    /// `abi.encode(terms)`, as the contract hashes it.
    pub fn abi_encode(&self) -> Vec<u8> {
        sol::Terms {
            signers: self.signers.into_array(),
            payouts: self.payouts.into_array(),
            token: self.token,
            finalizationPeriod: self.finalization_period,
            reserve: self.reserve.units(),
            app: Address::ZERO,
            salt: self.salt,
        }
        .abi_encode()
    }
}

/// The locks of a state by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Locks(BTreeMap<LockId, Lock>);

impl std::ops::Deref for Locks {
    type Target = BTreeMap<LockId, Lock>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl std::ops::DerefMut for Locks {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Locks {
    fn entries(&self) -> Vec<Entry> {
        self.0
            .iter()
            .map(|(id, lock)| Entry {
                id: *id,
                lock: lock.clone(),
            })
            .collect()
    }
}

impl Encodable for Locks {
    fn encode(&self, out: &mut dyn alloy_rlp::BufMut) {
        self.entries().encode(out);
    }

    fn length(&self) -> usize {
        self.entries().length()
    }
}

impl Decodable for Locks {
    fn decode(buf: &mut &[u8]) -> alloy_rlp::Result<Self> {
        let entries = Vec::<Entry>::decode(buf)?;
        Ok(Self(
            entries
                .into_iter()
                .map(|entry| (entry.id, entry.lock))
                .collect(),
        ))
    }
}

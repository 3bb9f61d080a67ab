//! What stays the same in every state of a scenario: keys, policies, commands, and the channel's name.

use crate::operations::{MOST, Operation, Set, probe, units};
use crate::scenario::Scenario;
use alloy_primitives::{Bytes, keccak256};
use counterfoil_core::channel::Policy;
use counterfoil_core::effect::{Call, Command};
use counterfoil_core::engine::Config;
use counterfoil_core::payment::{Contents, Payload, SealingKey, seal};
use counterfoil_core::state::{
    BlindingSeed, Domain, Signature, SigningKey, close_digest, state_digest, will_digest,
    withdraw_digest,
};
use counterfoil_core::types::{
    Address, Amount, B256, ChannelId, Nonce, Pair, Participant, Terms, Timestamp,
};
use sha2::{Digest, Sha256};

/// Unix time of the first block.
pub(crate) const START: u64 = 1_800_000_000;
/// Seconds between a challenge and settlement; no explored sequence of blocks is as long.
pub(crate) const PERIOD: u32 = 3600;
/// Seconds after the start at which locks expire.
pub(crate) const EXPIRY: u64 = 2400;
/// Blocks on top of one before it counts as final.
pub(crate) const DEPTH: u32 = 1;

pub(crate) struct Setting {
    pub(crate) domain: Domain,
    pub(crate) keys: Pair<SigningKey>,
    policies: Pair<Policy>,
    /// The operations that participant 1 pays for.
    pub(crate) by_one: Set,
    /// The operations that make locks.
    pub(crate) locked: Set,
    /// The commands of the script.
    pub(crate) commands: Pair<Vec<Command>>,
    /// The payments by which completion sees whether the channel still pays.
    pub(crate) probes: Pair<Command>,
    pub(crate) channel: ChannelId,
    pub(crate) terms: Terms,
    pub(crate) seed: BlindingSeed,
    /// The latest time that anything in the scenario names.
    pub(crate) horizon: u64,
}

impl Setting {
    /// A setting whose channel is not known yet.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let key =
            |secret| SigningKey::from_secret(&B256::repeat_byte(secret)).expect("a small secret");
        let keys = Pair::new(key(1), key(2));
        let domain = Domain::new(31337, Address::repeat_byte(0xad));
        let both = Participant::BOTH.into_iter();
        let deadlines = both.flat_map(|side| scenario.script.of(side).iter().filter_map(deadline));
        Self {
            domain,
            policies: Pair::new(
                policy(scenario.policies.zero),
                policy(scenario.policies.one),
            ),
            by_one: by_one(scenario),
            locked: locked(scenario),
            commands: Pair::default(),
            probes: Pair::new(pay(0, ChannelId(B256::ZERO)), pay(0, ChannelId(B256::ZERO))),
            channel: ChannelId(B256::ZERO),
            terms: no_terms(&keys),
            seed: BlindingSeed::new(Pair::new(B256::ZERO, B256::ZERO)),
            horizon: START + deadlines.fold(EXPIRY, u64::max),
            keys,
        }
    }

    /// The setting once the channel exists.
    pub(crate) fn with_channel(
        mut self,
        scenario: &Scenario,
        terms: Terms,
        seed: BlindingSeed,
    ) -> Self {
        self.channel = terms.channel_id();
        (self.terms, self.seed) = (terms, seed);
        self.commands = Pair::new(
            self.script(Participant::Zero, scenario.script.zero),
            self.script(Participant::One, scenario.script.one),
        );
        let probe = |side| pay(probe(side), self.channel);
        self.probes = Pair::new(probe(Participant::Zero), probe(Participant::One));
        self
    }

    pub(crate) fn config(&self, side: Participant) -> Config {
        Config {
            domain: self.domain,
            key: self.keys.of(side).clone(),
            payout: Address::repeat_byte(0x10 + side.index()),
            policy: self.policies.of(side).clone(),
        }
    }

    pub(crate) fn address(&self, side: Participant) -> Address {
        self.keys.of(side).address()
    }

    /// Whether the contract would accept the call's signatures.
    pub(crate) fn is_signed(&self, call: &Call) -> bool {
        let id = self.channel;
        let both = |digest, signatures: &Pair<Signature>| {
            let is_by = |side| signatures.of(side).recover(digest) == Some(self.address(side));
            Participant::BOTH.into_iter().all(is_by)
        };
        match call {
            Call::Challenge {
                nonce,
                commitment,
                signatures,
                will,
                ..
            } => {
                let digest = will_digest(&self.domain, id, *nonce, *commitment);
                let willing = will
                    .recover(digest)
                    .and_then(|signer| self.terms.side_of(signer));
                let state = state_digest(&self.domain, id, *nonce, *commitment);
                willing.is_some() && (*nonce == Nonce::ZERO || both(state, signatures))
            }
            Call::Respond {
                nonce,
                commitment,
                signatures,
                ..
            } => both(
                state_digest(&self.domain, id, *nonce, *commitment),
                signatures,
            ),
            Call::Withdraw {
                nonce,
                amounts,
                deadline,
                signatures,
                ..
            } => {
                let digest = withdraw_digest(&self.domain, id, *nonce, *amounts, *deadline);
                both(digest, signatures)
            }
            Call::Close {
                net, signatures, ..
            } => both(close_digest(&self.domain, id, *net), signatures),
            Call::Deposit { .. } | Call::Settle { .. } | Call::Reveal { .. } => true,
        }
    }

    pub(crate) fn script(&self, side: Participant, operations: &[Operation]) -> Vec<Command> {
        let commands = operations
            .iter()
            .map(|operation| self.command(side, *operation));
        commands.collect()
    }

    fn command(&self, side: Participant, operation: Operation) -> Command {
        let channel = self.channel;
        match operation {
            Operation::Pay(number) => pay(number, channel),
            Operation::Send(number) => self.send(side, number, vec![preimage(number)]),
            Operation::SendInVain(number) => self.send(side, number, Vec::new()),
            Operation::Deposit(units) => Command::Deposit {
                channel,
                amount: Amount::new(units),
            },
            Operation::Withdraw { units, within } => Command::Withdraw {
                channel,
                amount: Amount::new(units),
                deadline: Timestamp::new(START + within),
            },
            Operation::Close => Command::Close { channel },
            Operation::Challenge => Command::Challenge { channel },
        }
    }

    fn send(&self, side: Participant, number: u8, preimage: Vec<B256>) -> Command {
        let (key, expiry) = (key_of(number), Timestamp::new(START + EXPIRY));
        let contents = Contents {
            total: Amount::new(units(number)),
            key,
            expiry,
            payment_secret: B256::ZERO,
            preimage,
        };
        let recipient = SealingKey::of(self.keys.of(side.other())).public();
        let sealed = seal(&contents, &recipient, key).expect("the key is a sealing key");
        let next = Vec::new();
        Command::Send {
            channel: self.channel,
            key,
            amount: Amount::new(units(number)),
            expiry,
            payload: alloy_rlp::encode(Payload { next, sealed }).into(),
        }
    }
}

/// The registry under which locks are made.
pub(crate) fn registry() -> Address {
    Address::repeat_byte(0x4a)
}

/// The secret of a payment under a hash.
pub(crate) fn preimage(number: u8) -> B256 {
    keccak256([number])
}

/// The hash of a payment under a hash.
pub(crate) fn key_of(number: u8) -> B256 {
    B256::from_slice(Sha256::digest(preimage(number)).as_slice())
}

/// The number of the payment under `key`.
pub(crate) fn number_of(key: B256) -> Option<u8> {
    (0..MOST).find(|number| key_of(*number) == key)
}

fn pay(number: u8, channel: ChannelId) -> Command {
    Command::Pay {
        channel,
        amount: Amount::new(units(number)),
        tag: Bytes::copy_from_slice(&[number]),
    }
}

fn policy(change: fn(&mut Policy)) -> Policy {
    let mut policy = Policy {
        conditions: vec![registry()],
        minimum_depth: DEPTH,
        deposit_maximum: Amount::new(1 << 80),
        finalization_period: 60..=30 * 24 * 3600,
        ..Policy::default()
    };
    change(&mut policy);
    policy
}

fn by_one(scenario: &Scenario) -> Set {
    let ones = operations(scenario).filter(|(side, _)| *side == Participant::One);
    let numbers = ones.filter_map(|(_, operation)| operation.number());
    numbers
        .chain([probe(Participant::One)])
        .fold(0, |set, number| set | 1 << number)
}

fn locked(scenario: &Scenario) -> Set {
    operations(scenario).fold(0, |set, (_, operation)| match operation {
        Operation::Send(number) | Operation::SendInVain(number) => set | 1 << number,
        Operation::Pay(_)
        | Operation::Deposit(_)
        | Operation::Withdraw { .. }
        | Operation::Close
        | Operation::Challenge => set,
    })
}

fn operations(scenario: &Scenario) -> impl Iterator<Item = (Participant, Operation)> {
    let scripted = Participant::BOTH.into_iter().flat_map(|side| {
        let script = scenario.script.of(side).iter();
        script.map(move |operation| (side, *operation))
    });
    scenario.prepared.iter().copied().chain(scripted)
}

fn deadline(operation: &Operation) -> Option<u64> {
    match operation {
        Operation::Withdraw { within, .. } => Some(*within),
        Operation::Pay(_)
        | Operation::Send(_)
        | Operation::SendInVain(_)
        | Operation::Deposit(_)
        | Operation::Close
        | Operation::Challenge => None,
    }
}

fn no_terms(keys: &Pair<SigningKey>) -> Terms {
    Terms {
        signers: Pair::new(keys.zero.address(), keys.one.address()),
        payouts: Pair::new(Address::ZERO, Address::ZERO),
        token: Address::ZERO,
        finalization_period: PERIOD,
        reserve: Amount::ZERO,
        salt: B256::ZERO,
    }
}

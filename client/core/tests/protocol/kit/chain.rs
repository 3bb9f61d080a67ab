//! A model of the chain: deposits, disputes and the hash registry, by the contracts' rules. Block time is an argument.

use alloy_primitives::U256;
use counterfoil_core::effect::{Call, ChainEvent, Depth, OnChain, Status, Watch};
use counterfoil_core::state::{
    Domain, Opening, Payouts, Signature, close_digest, settle, state_digest, will_digest,
};
use counterfoil_core::types::{
    Address, Amount, B256, ChannelId, Nonce, Pair, Participant, SignedAmount, Terms, Timestamp,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Blocks after which nothing is reorged away.
const FINAL_DEPTH: usize = 3;

#[derive(Clone, Default)]
struct Ledger {
    view: OnChain,
    /// What the channel held when it was first settled, and the state's opening.
    settling: Option<(Pair<SignedAmount>, Opening)>,
    paid: Pair<U256>,
    deposited: Pair<u128>,
}

#[derive(Clone)]
struct Block {
    time: u64,
    channels: BTreeMap<ChannelId, OnChain>,
}

struct Follower {
    channels: BTreeMap<ChannelId, (u32, Option<OnChain>, Option<OnChain>)>,
    keys: BTreeMap<(Address, B256, Timestamp), (bool, bool)>,
}

pub(crate) struct Chain {
    domain: Domain,
    blocks: Vec<Block>,
    ledgers: BTreeMap<ChannelId, Ledger>,
    reveals: BTreeMap<B256, (B256, u64)>,
    pending: Vec<Call>,
    followers: BTreeMap<usize, Follower>,
    /// Everything that nodes asked for, in order.
    pub(crate) calls: Vec<Call>,
    /// Calls are left lying while this is set: a censored or congested chain.
    pub(crate) stuck: bool,
}

pub(crate) fn key_of(preimage: B256) -> B256 {
    B256::from_slice(Sha256::digest(preimage).as_slice())
}

impl Chain {
    pub(crate) fn new(domain: Domain, time: u64) -> Self {
        Self {
            domain,
            blocks: vec![Block {
                time,
                channels: BTreeMap::new(),
            }],
            ledgers: BTreeMap::new(),
            reveals: BTreeMap::new(),
            pending: Vec::new(),
            followers: BTreeMap::new(),
            calls: Vec::new(),
            stuck: false,
        }
    }

    pub(crate) fn now(&self) -> u64 {
        self.blocks.last().unwrap().time
    }

    pub(crate) fn view(&self, channel: ChannelId) -> OnChain {
        self.ledgers
            .get(&channel)
            .map(|ledger| ledger.view)
            .unwrap_or_default()
    }

    /// What each participant has been paid by a channel so far.
    pub(crate) fn paid(&self, channel: ChannelId) -> Pair<U256> {
        self.ledgers
            .get(&channel)
            .map(|ledger| ledger.paid)
            .unwrap_or_default()
    }

    /// What a participant has put into a channel so far.
    pub(crate) fn deposited(&self, channel: ChannelId, by: Participant) -> u128 {
        self.ledgers
            .get(&channel)
            .map_or(0, |ledger| *ledger.deposited.of(by))
    }

    pub(crate) fn submit(&mut self, call: Call) {
        self.calls.push(call.clone());
        if !self.pending.contains(&call) {
            self.pending.push(call);
        }
    }

    pub(crate) fn watch(&mut self, node: usize, watch: Watch) {
        let follower = self.followers.entry(node).or_insert_with(|| Follower {
            channels: BTreeMap::new(),
            keys: BTreeMap::new(),
        });
        match watch {
            Watch::Channel {
                channel,
                minimum_depth,
            } => {
                follower
                    .channels
                    .insert(channel, (minimum_depth, None, None));
            }
            Watch::Key {
                condition,
                key,
                expiry,
            } => {
                follower
                    .keys
                    .insert((condition, key, expiry), (false, false));
            }
        }
    }

    /// What a node followed is forgotten with its process.
    pub(crate) fn unfollow(&mut self, node: usize) {
        self.followers.remove(&node);
    }

    pub(crate) fn mine(&mut self, seconds: u64) {
        let time = self.now() + seconds;
        if !self.stuck {
            let pending = std::mem::take(&mut self.pending);
            self.pending = pending
                .into_iter()
                .filter(|call| !self.execute(call, time))
                .collect();
        }
        let channels = self
            .ledgers
            .iter()
            .map(|(id, ledger)| (*id, ledger.view))
            .collect();
        self.blocks.push(Block { time, channels });
    }

    /// What the head shows a node that it has not heard yet.
    pub(crate) fn news(&mut self, node: usize) -> Vec<ChainEvent> {
        let head = self.blocks.len() - 1;
        let finalized = self.blocks[head.saturating_sub(FINAL_DEPTH)].time;
        let mut news = vec![ChainEvent::Block {
            number: head as u64,
            timestamp: Timestamp::new(self.blocks[head].time),
            finalized: Timestamp::new(finalized),
        }];
        let Some(follower) = self.followers.get_mut(&node) else {
            return news;
        };
        for (id, (depth, latest, confirmed)) in &mut follower.channels {
            let at = |block: usize| {
                self.blocks[block]
                    .channels
                    .get(id)
                    .copied()
                    .unwrap_or_default()
            };
            let (now, deep) = (at(head), at(head.saturating_sub(*depth as usize)));
            if latest.replace(now) != Some(now) {
                news.push(ChainEvent::Channel {
                    channel: *id,
                    depth: Depth::Latest,
                    status: now,
                });
            }
            if confirmed.replace(deep) != Some(deep) {
                news.push(ChainEvent::Channel {
                    channel: *id,
                    depth: Depth::Confirmed,
                    status: deep,
                });
            }
        }
        for ((condition, key, expiry), (revealed, expired)) in &mut follower.keys {
            if let Some((preimage, at)) = self.reveals.get(key)
                && !std::mem::replace(revealed, true)
            {
                let at = Timestamp::new(*at);
                news.push(ChainEvent::Revealed {
                    condition: *condition,
                    key: *key,
                    preimage: *preimage,
                    at,
                });
            }
            if finalized > expiry.seconds() && !std::mem::replace(expired, true) {
                let seen = self
                    .reveals
                    .get(key)
                    .map(|(_, at)| *at)
                    .filter(|at| *at <= finalized);
                news.push(ChainEvent::Expired {
                    condition: *condition,
                    key: *key,
                    as_of: Timestamp::new(finalized),
                    revealed_at: seen.map(Timestamp::new),
                });
            }
        }
        news
    }

    /// Whether the call is done, now or before, or can never be.
    fn execute(&mut self, call: &Call, time: u64) -> bool {
        match call {
            Call::Reveal { preimage, .. } => {
                self.reveals
                    .entry(key_of(*preimage))
                    .or_insert((*preimage, time));
                true
            }
            Call::Deposit {
                terms,
                participant,
                amount,
                expected,
            } => {
                let ledger = self.ledgers.entry(terms.channel_id()).or_default();
                let deposit = ledger.view.deposits.of_mut(*participant);
                if ledger.view.status == Status::Open && *deposit < expected.plus(*amount).unwrap()
                {
                    *deposit = deposit.plus(*amount).unwrap();
                    *ledger.deposited.of_mut(*participant) += amount.units();
                }
                true
            }
            Call::Close {
                terms,
                net,
                signatures,
            } => self.close(terms, *net, signatures),
            Call::Challenge {
                terms,
                nonce,
                commitment,
                signatures,
                will,
            } => {
                let id = terms.channel_id();
                let digest = will_digest(&self.domain, id, *nonce, *commitment);
                let signer = will
                    .recover(digest)
                    .and_then(|signer| terms.side_of(signer));
                assert!(signer.is_some(), "a challenge shows a participant's will");
                self.check(terms, *nonce, *commitment, signatures);
                let view = &mut self.ledgers.entry(id).or_default().view;
                if view.status == Status::Open && *nonce >= view.nonce {
                    view.status = Status::Disputed;
                    view.nonce = *nonce;
                    view.commitment = *commitment;
                    view.finalizes_at = Timestamp::new(time + u64::from(terms.finalization_period));
                }
                true
            }
            Call::Respond {
                terms,
                nonce,
                commitment,
                signatures,
                ..
            } => {
                self.check(terms, *nonce, *commitment, signatures);
                let view = &mut self.ledgers.entry(terms.channel_id()).or_default().view;
                let open = view.status == Status::Disputed && time < view.finalizes_at.seconds();
                if open && *nonce > view.nonce {
                    (view.nonce, view.commitment) = (*nonce, *commitment);
                }
                true
            }
            Call::Settle {
                terms,
                nonce,
                opening,
                ..
            } => self.settle(terms, *nonce, opening, time),
        }
    }

    fn check(&self, terms: &Terms, nonce: Nonce, commitment: B256, signatures: &Pair<Signature>) {
        let digest = state_digest(&self.domain, terms.channel_id(), nonce, commitment);
        signatures.zero.verify(digest, terms.signers.zero).unwrap();
        signatures.one.verify(digest, terms.signers.one).unwrap();
    }

    fn close(&mut self, terms: &Terms, net: SignedAmount, signatures: &Pair<Signature>) -> bool {
        let id = terms.channel_id();
        let digest = close_digest(&self.domain, id, net);
        signatures.zero.verify(digest, terms.signers.zero).unwrap();
        signatures.one.verify(digest, terms.signers.one).unwrap();
        let ledger = self.ledgers.entry(id).or_default();
        if ledger.view.status != Status::Open {
            return true;
        }
        let deposits = ledger.view.deposits;
        let left = Pair::new(
            deposits.zero.units() - net.units(),
            deposits.one.units() + net.units(),
        );
        if left.zero < 0 || left.one < 0 {
            return false;
        }
        ledger.paid = Pair::new(U256::from(left.zero as u128), U256::from(left.one as u128));
        ledger.view.status = Status::Closed;
        ledger.view.deposits = Pair::default();
        true
    }

    fn settle(&mut self, terms: &Terms, nonce: Nonce, opening: &Opening, time: u64) -> bool {
        let ledger = self.ledgers.entry(terms.channel_id()).or_default();
        let view = &mut ledger.view;
        match view.status {
            Status::Open | Status::Closed => return true,
            Status::Disputed if time < view.finalizes_at.seconds() => return false,
            Status::Disputed | Status::Settling => {}
        }
        if nonce != view.nonce {
            return true;
        }
        if nonce != Nonce::ZERO {
            assert_eq!(
                opening.commitment(),
                view.commitment,
                "the opening is the state's"
            );
        }
        let (deposits, _) = ledger
            .settling
            .get_or_insert((view.deposits, opening.clone()));
        let mut outcomes = Vec::new();
        for (index, lock) in opening.locks.iter().enumerate() {
            let revealed = self
                .reveals
                .get(&lock.key)
                .filter(|(_, at)| *at <= lock.expiry.seconds());
            let outcome = match revealed {
                Some(_) => Some(lock.amount),
                None => (time > lock.expiry.seconds()).then_some(Amount::ZERO),
            };
            view.resolved_locks.set_bit(index, outcome.is_some());
            outcomes.push(outcome);
        }
        let Payouts { paid, remaining } = settle(*deposits, opening, &outcomes);
        ledger.paid = paid;
        let unresolved = outcomes.contains(&None);
        view.status = if unresolved {
            Status::Settling
        } else {
            Status::Closed
        };
        view.deposits = Pair::default();
        assert!(unresolved || remaining.is_zero());
        true
    }
}

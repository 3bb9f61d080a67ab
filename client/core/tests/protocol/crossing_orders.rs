//! Every order in which two proposals of each side can be made and delivered: an answer never depends on luck.
//!
//! Each link delivers in order; when a node proposes and which link moves next is tried in all ways, and so is the moment at
//! which the link breaks, once, with everything on its way.

use counterfoil_core::channel::{Phase, Policy};
use counterfoil_core::effect::{Command, Effect, Event, Input, RecordId};
use counterfoil_core::engine::Engine;
use counterfoil_core::state::Signature;
use counterfoil_core::types::{Address, B256, ChannelId, Nonce, Timestamp};
use counterfoil_core::wire::{Message, Reason};
use counterfoil_sim::{World, amount, message, pay, policy};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What becomes of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// A payment, which is good.
    Good,
    /// A lock under the other side's minimum, which is refused.
    Refused,
    /// A lock that the other side takes and gives back, since it says nothing that it can read.
    Returned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Wish {
    kind: Kind,
    units: u128,
}

/// What a node was told: of which amount, and what.
type Told = BTreeMap<(u128, &'static str), u32>;

/// Two nodes with what is on its way between them.
#[derive(Clone)]
struct Moment {
    engines: [Engine; 2],
    links: [VecDeque<Vec<u8>>; 2],
    wishes: [VecDeque<Wish>; 2],
    cuts: usize,
    told: [Told; 2],
    signed: [BTreeMap<Nonce, Signature>; 2],
    durable: [BTreeSet<Nonce>; 2],
}

struct Search {
    id: ChannelId,
    peers: [Address; 2],
    expiry: Timestamp,
    keys: BTreeMap<B256, u128>,
    seen: BTreeSet<u64>,
    ends: usize,
    crossings: usize,
    refusals: usize,
}

impl Wish {
    fn new(kind: Kind, node: usize, place: usize) -> Self {
        // Every sum of these is told apart from every other.
        let small = 1 << (2 * node + place);
        let units = match kind {
            Kind::Good => small,
            Kind::Refused => 50 + small,
            Kind::Returned => 150 + small,
        };
        Self { kind, units }
    }
}

impl Search {
    fn begin(wishes: [&[Kind]; 2], cuts: usize) -> (Self, Moment) {
        let strict = Policy {
            lock_minimum: amount(100),
            ..policy()
        };
        let mut world = World::with(vec![strict.clone(), strict]);
        let id = world.open(0, 1, [1000, 1000]);
        let queue = |node: usize| -> VecDeque<Wish> {
            let kinds = wishes[node].iter().enumerate();
            kinds
                .map(|(place, kind)| Wish::new(*kind, node, place))
                .collect()
        };
        let wishes = [queue(0), queue(1)];
        let keys = wishes.iter().flatten();
        let search = Self {
            id,
            peers: [world.address(0), world.address(1)],
            expiry: world.expiry(5000),
            keys: keys.map(|wish| (key(wish.units), wish.units)).collect(),
            seen: BTreeSet::new(),
            ends: 0,
            crossings: 0,
            refusals: 0,
        };
        let moment = Moment {
            engines: [0, 1].map(|node| world.nodes[node].engine.clone()),
            links: Default::default(),
            wishes,
            cuts,
            told: Default::default(),
            signed: Default::default(),
            durable: Default::default(),
        };
        (search, moment)
    }

    fn explore(&mut self, moment: &Moment) {
        if !self.seen.insert(moment.fingerprint()) {
            return;
        }
        let mut is_end = true;
        for node in 0..2 {
            if let Some(wish) = moment.wishes[node].front().copied() {
                let mut next = moment.clone();
                next.wishes[node].pop_front();
                let command = self.command(wish);
                self.turn(&mut next, node, Input::Command(command));
                self.explore(&next);
                is_end = false;
            }
            if let Some(bytes) = moment.links[node].front().cloned() {
                let mut next = moment.clone();
                next.links[node].pop_front();
                let peer = self.peers[node];
                self.turn(&mut next, 1 - node, Input::Frame { peer, bytes });
                self.explore(&next);
                is_end = false;
            }
        }
        let busy = moment.links.iter().any(|link| !link.is_empty());
        if moment.cuts > 0 && busy {
            let mut next = moment.clone();
            next.cuts -= 1;
            next.links = Default::default();
            for node in 0..2 {
                let peer = self.peers[1 - node];
                self.turn(&mut next, node, Input::Connected { peer });
            }
            self.explore(&next);
        }
        if is_end {
            self.ends += 1;
            self.check(moment);
        }
    }

    fn command(&self, wish: Wish) -> Command {
        match wish.kind {
            Kind::Good => pay(self.id, wish.units),
            Kind::Refused | Kind::Returned => Command::Send {
                channel: self.id,
                key: key(wish.units),
                amount: amount(wish.units),
                expiry: self.expiry,
                payload: alloy_primitives::Bytes::new(),
            },
        }
    }

    /// One input and what follows; every signature that leaves is on one state only, a new one, and a stored one.
    fn turn(&mut self, moment: &mut Moment, node: usize, input: Input) {
        moment.engines[node].handle(input).unwrap();
        while let Some(effect) = moment.engines[node].poll_effect() {
            match effect {
                Effect::Persist(record) => {
                    if let RecordId::State(_, nonce) = record.id {
                        moment.durable[node].insert(nonce);
                    }
                }
                Effect::Send { frame, .. } => {
                    self.see(moment, node, &message(&frame));
                    moment.links[node].push_back(frame);
                }
                Effect::Notify(event) => self.hear(&mut moment.told[node], &event),
                _ => {}
            }
        }
    }

    fn see(&mut self, moment: &mut Moment, node: usize, message: &Message) {
        let (nonce, signature) = match message {
            Message::Update(update) => {
                self.crossings += usize::from(update.answers != Nonce::ZERO);
                (update.nonce, update.signature)
            }
            Message::UpdateAck(ack) => (ack.nonce, ack.signature),
            Message::UpdateError(refusal) => {
                self.refusals += 1;
                (refusal.nonce, refusal.signature)
            }
            Message::Error(error) => panic!("{}", error.text),
            _ => return,
        };
        assert!(moment.durable[node].contains(&nonce), "disk before wire");
        let signed = &mut moment.signed[node];
        let newest = signed.keys().next_back().copied();
        match signed.insert(nonce, signature) {
            Some(known) => assert_eq!(known, signature, "two states at nonce {nonce}"),
            None => assert!(newest < Some(nonce), "nonce {nonce} after {newest:?}"),
        }
    }

    fn hear(&self, told: &mut Told, event: &Event) {
        let (units, what) = match event {
            Event::Paid { amount, .. } => (amount.units(), "paid"),
            Event::Received { amount, .. } => (amount.units(), "received"),
            Event::PaymentFailed { key, reason } => {
                let what = match reason {
                    Reason::AmountTooSmall => "refused",
                    Reason::UnknownPayment | Reason::Other => "returned",
                    _ => "failed otherwise",
                };
                (self.keys[key], what)
            }
            Event::StateAdvanced { .. } => return,
            other => panic!("nothing else happens: {other:?}"),
        };
        *told.entry((units, what)).or_default() += 1;
    }

    /// Everything has been said: both agree, and each wish was carried out once or refused once.
    fn check(&self, moment: &Moment) {
        let [zero, one] = [0, 1].map(|node| moment.engines[node].channel(self.id).unwrap());
        assert_eq!(zero.nonce, one.nonce);
        assert_eq!(zero.balances, one.balances);
        assert_eq!((zero.locks, one.locks), (0, 0));
        assert_eq!((zero.phase, one.phase), (Phase::Open, Phase::Open));
        let mut expected: [Told; 2] = Default::default();
        let mut net = 0;
        for units in self.keys.values() {
            let (kind, small) = match units {
                ..50 => (Kind::Good, *units),
                50..150 => (Kind::Refused, units - 50),
                _ => (Kind::Returned, units - 150),
            };
            let by = usize::from(small > 2);
            match kind {
                Kind::Good => {
                    expected[by].insert((*units, "paid"), 1);
                    expected[1 - by].insert((*units, "received"), 1);
                    net += if by == 0 {
                        small as i128
                    } else {
                        -(small as i128)
                    };
                }
                Kind::Refused => {
                    expected[by].insert((*units, "refused"), 1);
                }
                Kind::Returned => {
                    expected[by].insert((*units, "returned"), 1);
                }
            }
        }
        assert_eq!(moment.told, expected);
        assert_eq!(zero.balances.zero.units(), 1000 - net);
    }
}

impl Moment {
    fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.engines.hash(&mut hasher);
        self.links.hash(&mut hasher);
        self.wishes.hash(&mut hasher);
        (self.cuts, &self.told, &self.signed).hash(&mut hasher);
        hasher.finish()
    }
}

fn key(units: u128) -> B256 {
    B256::left_padding_from(&units.to_be_bytes())
}

/// Tries all orders of these wishes; returns the search, for how much there was to see.
fn all_orders(zero: &[Kind], one: &[Kind], cuts: usize) -> Search {
    let (mut search, start) = Search::begin([zero, one], cuts);
    search.explore(&start);
    assert!(search.ends > 0);
    search
}

fn tuples(kinds: &[Kind], of: usize) -> Vec<Vec<Kind>> {
    (0..of).fold(vec![Vec::new()], |tuples, _| {
        let longer = tuples.iter().flat_map(|tuple| {
            kinds
                .iter()
                .map(move |kind| [tuple.as_slice(), &[*kind]].concat())
        });
        longer.collect()
    })
}

// req: E1, E46, E66, E8
#[test]
fn two_proposals_of_each_side_with_any_of_them_refused_end_in_agreement_in_every_order() {
    let (mut crossings, mut refusals) = (0, 0);
    for four in tuples(&[Kind::Good, Kind::Refused], 4) {
        let search = all_orders(&four[..2], &four[2..], 0);
        crossings += search.crossings;
        refusals += search.refusals;
    }
    assert!(crossings > 0 && refusals > 0);
}

// req: E1, E3, E46, E66
#[test]
fn a_link_that_breaks_at_any_moment_loses_and_doubles_nothing() {
    for two in tuples(&[Kind::Good, Kind::Refused, Kind::Returned], 2) {
        all_orders(&two[..1], &two[1..], 1);
    }
    let (good, refused) = (Kind::Good, Kind::Refused);
    for four in [[good; 4], [good, refused, refused, good]] {
        all_orders(&four[..2], &four[2..], 1);
    }
}

// req: K12, K29, K32
#[test]
fn locks_that_are_given_back_cross_everything_in_every_order() {
    for three in tuples(&[Kind::Good, Kind::Refused, Kind::Returned], 3) {
        all_orders(&three[..2], &three[2..], 0);
        all_orders(&three[..1], &three[1..], 0);
    }
}

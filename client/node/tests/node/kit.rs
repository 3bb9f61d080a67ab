//! Nodes on a private chain, with short times and payout accounts of their own.

use counterfoil_chain::{Chain, ChainConfig, ChainNews, Finality};
use counterfoil_core::channel::Policy;
use counterfoil_core::effect::{Call, Event};
use counterfoil_core::types::{Address, Amount, B256, ChannelId};
use counterfoil_deploy::Account;
use counterfoil_deploy::devnet::{AnvilOptions, Devnet};
use counterfoil_node::{Events, Node, NodeBuilder, NodeEvent, Route, Wish};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

/// Seconds between a challenge and settlement.
pub(crate) const PERIOD: u32 = 3600;
/// Seconds before a lock's expiry at which a secret goes onto the chain.
pub(crate) const MARGIN: u64 = 600;
/// Seconds for which the tests lock money.
pub(crate) const LOCK: u64 = 7200;
/// What a mediator keeps.
pub(crate) const FEE: u128 = 1;
/// Blocks on top of a block that make it final.
pub(crate) const DEPTH: u32 = 2;
/// Longer than anything takes that works.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Net {
    pub(crate) devnet: Devnet,
    folder: TempDir,
}

/// A node with its news.
pub(crate) struct Peer {
    pub(crate) node: Node,
    events: Events,
    unread: VecDeque<NodeEvent>,
    number: u32,
}

/// How a node ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Stopped,
    Dropped,
}

impl Net {
    pub(crate) async fn start() -> Self {
        Self {
            devnet: Devnet::start(&AnvilOptions::default()).await.unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn database(&self, number: u32) -> PathBuf {
        self.folder.path().join(format!("{number}.sqlite"))
    }

    pub(crate) fn builder(&self, number: u32) -> NodeBuilder {
        Node::builder()
            .key(Devnet::secret(number))
            .payout(payout(number))
            .store(self.database(number))
            .chain(self.config())
            .policy(policy())
    }

    pub(crate) fn config(&self) -> ChainConfig {
        let devnet = &self.devnet;
        ChainConfig {
            finality: Finality::Depth(u64::from(DEPTH)),
            poll_interval: Duration::from_millis(20),
            ..ChainConfig::new(devnet.url(), devnet.chain_id(), devnet.addresses())
        }
    }

    /// A node whose account has money.
    pub(crate) async fn peer(&self, number: u32) -> Peer {
        self.devnet.funded(number).await.unwrap();
        self.poor_peer(number).await
    }

    /// A node whose account has what it has.
    pub(crate) async fn poor_peer(&self, number: u32) -> Peer {
        Self::begin(self.builder(number), number).await
    }

    pub(crate) async fn begin(builder: NodeBuilder, number: u32) -> Peer {
        let node = builder.start().await.unwrap();
        let events = node.events();
        Peer {
            node,
            events,
            unread: VecDeque::new(),
            number,
        }
    }

    /// Ends a node and starts it again from its file.
    pub(crate) async fn restart(&self, peer: Peer, end: End) -> Peer {
        let number = peer.end(end).await;
        self.poor_peer(number).await
    }

    /// A channel in which `first` deposits `amount`, open on both sides.
    pub(crate) async fn open(
        &self,
        first: &mut Peer,
        second: &mut Peer,
        amount: u128,
    ) -> ChannelId {
        let wish = wish(second.node.address(), amount);
        let id = create(first, second, wish).await;
        self.fund(first, second, id).await;
        id
    }

    /// Waits for the deposit of `first`, makes it final and waits until both sides may pay.
    pub(crate) async fn fund(&self, first: &mut Peer, second: &mut Peer, id: ChannelId) {
        first.done("the deposit", is_deposit).await;
        self.devnet.mine(u64::from(DEPTH)).await.unwrap();
        for peer in [first, second] {
            peer.opened(id).await;
        }
    }

    /// What was paid out to a node.
    pub(crate) async fn paid_to(&self, number: u32) -> u128 {
        let balance = self.devnet.rpc().balance(payout(number)).await.unwrap();
        u128::try_from(balance).unwrap()
    }

    /// Has an account of its own carry out a call, as a cheat would, and waits for it.
    pub(crate) async fn publish(&self, call: Call, number: u32) {
        let account = self.devnet.funded(number).await.unwrap();
        let mut chain = Chain::connect(self.config(), account).await.unwrap();
        chain.submit(call).unwrap();
        let outcome = async {
            loop {
                match chain.next().await.expect("the chain's task runs") {
                    ChainNews::Done(_) => return,
                    ChainNews::Failed(failed) => panic!("not taken: {}", failed.failure),
                    ChainNews::Event(_) | ChainNews::Endpoint(_) => {}
                }
            }
        };
        let done = tokio::time::timeout(PATIENCE, outcome).await;
        done.expect("the call is carried out in time");
    }
}

impl Peer {
    /// Waits for the first news that `pick` takes; all other news are kept for later.
    pub(crate) async fn wait<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(&NodeEvent) -> Option<T>,
    ) -> T {
        for place in 0..self.unread.len() {
            if let Some(found) = pick(&self.unread[place]) {
                self.unread.remove(place);
                return found;
            }
        }
        let (events, unread) = (&mut self.events, &mut self.unread);
        let search = async {
            loop {
                let event = events.next().await?;
                if let Some(found) = pick(&event) {
                    return Some(found);
                }
                unread.push_back(event);
            }
        };
        let found = tokio::time::timeout(PATIENCE, search).await;
        let number = self.number;
        match found {
            Ok(found) => found.unwrap_or_else(|| panic!("{number} stopped before {what}")),
            Err(_) => panic!("{number} waited for {what}; heard {:?}", self.unread),
        }
    }

    pub(crate) async fn core<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(&Event) -> Option<T>,
    ) -> T {
        let pick = |event: &NodeEvent| {
            let NodeEvent::Core(event) = event else {
                return None;
            };
            pick(event)
        };
        self.wait(what, pick).await
    }

    /// Waits until a call was carried out.
    pub(crate) async fn done(&mut self, what: &str, pick: impl Fn(&Call) -> bool) {
        let outcome = |event: &NodeEvent| match event {
            NodeEvent::Done(done) if pick(&done.call) => Some(Ok(())),
            NodeEvent::Failed(failed) if pick(&failed.call) => Some(Err(failed.failure.clone())),
            _ => None,
        };
        let outcome = self.wait(what, outcome).await;
        outcome.unwrap_or_else(|failure| panic!("{what}: {failure}"));
    }

    pub(crate) async fn opened(&mut self, id: ChannelId) {
        self.core("the channel to open", |event| {
            matches!(event, Event::ChannelOpened { channel } if *channel == id).then_some(())
        })
        .await;
    }

    pub(crate) async fn closed(&mut self, id: ChannelId) {
        self.core("the channel to close", |event| {
            matches!(event, Event::ChannelClosed { channel } if *channel == id).then_some(())
        })
        .await;
    }

    /// Waits until a payment to this node is final.
    pub(crate) async fn received(&mut self, id: ChannelId) -> u128 {
        self.core("a payment", |event| match event {
            Event::Received {
                channel, amount, ..
            } if *channel == id => Some(amount.units()),
            _ => None,
        })
        .await
    }

    /// Waits until a payment of this node is final.
    pub(crate) async fn paid(&mut self, id: ChannelId) -> u128 {
        self.core("the end of a payment", |event| match event {
            Event::Paid {
                channel, amount, ..
            } if *channel == id => Some(amount.units()),
            _ => None,
        })
        .await
    }

    /// Pays, and waits until both sides call the payment final.
    pub(crate) async fn pay(&mut self, payee: &mut Self, id: ChannelId, amount: u128) {
        let node = &self.node;
        node.pay(id, Amount::new(amount), vec![]).await.unwrap();
        assert_eq!(payee.received(id).await, amount);
        assert_eq!(self.paid(id).await, amount);
    }

    /// Waits for the receipt of a payment under a hash.
    pub(crate) async fn sent(&mut self, wanted: B256) {
        let outcome = self.core("the receipt", |event| match event {
            Event::PaymentSent { key, .. } if *key == wanted => Some(Ok(())),
            Event::PaymentFailed { key, reason } if *key == wanted => Some(Err(*reason)),
            _ => None,
        });
        outcome.await.unwrap();
    }

    /// Waits until the newest state holds a lock.
    pub(crate) async fn locked(&mut self, id: ChannelId) {
        while self.node.channel(id).await.unwrap().unwrap().locks == 0 {
            self.advanced(id).await;
        }
    }

    /// Waits until both own so much by the newest state.
    pub(crate) async fn balanced(&mut self, id: ChannelId, expected: [i128; 2]) {
        while self.balances(id).await != expected {
            self.advanced(id).await;
        }
    }

    async fn advanced(&mut self, id: ChannelId) {
        self.core("the next state", |event| {
            matches!(event, Event::StateAdvanced { channel, .. } if *channel == id).then_some(())
        })
        .await;
    }

    /// What both own by the newest co-signed state: the initiator and the other.
    pub(crate) async fn balances(&self, id: ChannelId) -> [i128; 2] {
        let channel = self.node.channel(id).await.unwrap().unwrap();
        channel
            .balances
            .into_array()
            .map(|balance| balance.to_string().parse().unwrap())
    }

    /// The call that publishes the newest state.
    pub(crate) async fn export(&self, id: ChannelId) -> Call {
        self.node.export(id).await.unwrap().unwrap()
    }

    /// Ends the node, and waits until its file is closed.
    pub(crate) async fn end(mut self, end: End) -> u32 {
        match end {
            End::Stopped => self.node.stop().await,
            End::Dropped => drop(self.node),
        }
        let ended = async { while self.events.next().await.is_some() {} };
        let ended = tokio::time::timeout(PATIENCE, ended).await;
        ended.expect("a node whose last handle is gone ends");
        self.number
    }
}

/// Offers and joins a channel; both have signed its first state, and nothing is deposited yet.
pub(crate) async fn create(first: &mut Peer, second: &mut Peer, wish: Wish) -> ChannelId {
    let temporary_id = first.node.open(wish).await.unwrap();
    offered(second, temporary_id).await;
    second.node.join(temporary_id).await.unwrap();
    let mut ids = Vec::new();
    for peer in [first, second] {
        ids.push(created(peer, temporary_id).await);
    }
    assert_eq!(ids[0], ids[1], "both name the channel alike");
    ids[0]
}

pub(crate) async fn offered(peer: &mut Peer, wanted: B256) {
    peer.core("the offer", |event| {
        matches!(event, Event::ChannelOffered { offer, .. } if offer.temporary_id == wanted)
            .then_some(())
    })
    .await;
}

pub(crate) async fn created(peer: &mut Peer, wanted: B256) -> ChannelId {
    peer.core("the first signatures", |event| match event {
        Event::ChannelCreated {
            channel,
            temporary_id,
            ..
        } if *temporary_id == wanted => Some(*channel),
        _ => None,
    })
    .await
}

pub(crate) fn wish(peer: Address, amount: u128) -> Wish {
    Wish {
        peer,
        token: Address::ZERO,
        amount: Amount::new(amount),
        remote_amount: Amount::ZERO,
        push_amount: Amount::ZERO,
        reserve: Amount::ZERO,
        finalization_period: PERIOD,
    }
}

pub(crate) fn policy() -> Policy {
    Policy {
        minimum_depth: DEPTH,
        reveal_margin: MARGIN,
        hop_budget: 60,
        fee_base: Amount::new(FEE),
        deposit_maximum: Amount::new(1_000_000),
        ..Policy::default()
    }
}

pub(crate) fn route(channel: ChannelId, fee: u128) -> Route {
    Route {
        channel,
        fee: Amount::new(fee),
        lock_seconds: LOCK,
    }
}

/// Where a node's money goes in the end.
pub(crate) fn payout(number: u32) -> Address {
    let account = Account::from_secret(&Devnet::secret(number + 1000)).unwrap();
    account.address()
}

pub(crate) fn is_deposit(call: &Call) -> bool {
    matches!(call, Call::Deposit { .. })
}

pub(crate) fn is_close(call: &Call) -> bool {
    matches!(call, Call::Close { .. })
}

pub(crate) fn is_challenge(call: &Call) -> bool {
    matches!(call, Call::Challenge { .. })
}

pub(crate) fn is_response(call: &Call) -> bool {
    matches!(call, Call::Respond { .. })
}

pub(crate) fn is_reveal(call: &Call) -> bool {
    matches!(call, Call::Reveal { .. })
}

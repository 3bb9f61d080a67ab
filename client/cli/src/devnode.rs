//! Nodes on a development chain, for the demo and the bench: short times, known keys, and payout accounts apart from the
//! ones that pay for gas, so that every balance can be compared to the last unit.

use crate::demo::{Stage, in_coins, shown};
use counterfoil_chain::{CallDone, ChainConfig, Finality};
use counterfoil_core::channel::Policy;
use counterfoil_core::effect::{Call, Event};
use counterfoil_core::types::{Address, Amount, B256, ChannelId, Terms};
use counterfoil_deploy::devnet::Devnet;
use counterfoil_deploy::{Account, U256};
use counterfoil_node::{Events, Node, NodeEvent, Wish};
use eyre::{Result, ensure, eyre};
use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

/// Seconds between a challenge and settlement.
pub(crate) const FINALIZATION_PERIOD: u32 = 3600;
/// Seconds before a lock's expiry at which a secret goes onto the chain.
pub(crate) const REVEAL_MARGIN: u64 = 600;
/// Blocks on top of a deposit before it counts.
const MINIMUM_DEPTH: u32 = 2;
/// Longer than anything takes that works.
const PATIENCE: Duration = Duration::from_secs(60);

/// A node with a name, its news, and the accounts that its money comes from and goes to.
pub(crate) struct DevNode {
    pub(crate) name: &'static str,
    pub(crate) node: Node,
    pub(crate) events: Events,
    pub(crate) payout: Address,
    pub(crate) account: Account,
    /// News that nobody has waited for yet.
    unread: VecDeque<NodeEvent>,
    /// Calls that the chain has taken and nobody has told of yet.
    pub(crate) done: Vec<CallDone>,
}

impl DevNode {
    /// Starts node number `number` with a fresh database in `folder`.
    pub(crate) async fn start(
        devnet: &Devnet,
        folder: &Path,
        name: &'static str,
        number: u32,
    ) -> Result<Self> {
        let account = devnet.funded(number).await?;
        let payout = Account::from_secret(&Devnet::secret(number.saturating_add(1000)))?.address();
        // An account that exists: a payment to it costs what it costs everybody.
        devnet.fund(payout, 1).await?;
        let node = Node::builder()
            .key(Devnet::secret(number))
            .payout(payout)
            .store(folder.join(format!("{}.sqlite", name.to_lowercase())))
            .chain(chain_config(devnet))
            .account(account.clone())
            .policy(policy())
            .start()
            .await?;
        let events = node.events();
        Ok(Self {
            name,
            node,
            events,
            payout,
            account,
            unread: VecDeque::new(),
            done: Vec::new(),
        })
    }

    /// Waits for the first news that `pick` takes; all other news are kept for later.
    pub(crate) async fn wait<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(&NodeEvent) -> Option<T>,
    ) -> Result<T> {
        for place in 0..self.unread.len() {
            if let Some(found) = self.unread.get(place).and_then(&mut pick) {
                self.unread.remove(place);
                return Ok(found);
            }
        }
        let (unread, done) = (&mut self.unread, &mut self.done);
        let search = async {
            loop {
                let event = self.events.next().await?;
                if let NodeEvent::Done(call) = &event {
                    done.push(call.clone());
                }
                if let Some(found) = pick(&event) {
                    return Some(found);
                }
                unread.push_back(event);
            }
        };
        let found = tokio::time::timeout(PATIENCE, search).await;
        let seconds = PATIENCE.as_secs();
        found
            .map_err(|_| eyre!("{} waited {seconds} s for {what}", self.name))?
            .ok_or_else(|| eyre!("{} stopped while waiting for {what}", self.name))
    }

    /// [`Self::wait`] for news of the core.
    pub(crate) async fn wait_core<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(&Event) -> Option<T>,
    ) -> Result<T> {
        self.wait(what, |event| {
            if let NodeEvent::Core(event) = event {
                pick(event)
            } else {
                None
            }
        })
        .await
    }

    /// What the payout account holds, wei.
    pub(crate) async fn paid_out(&self, devnet: &Devnet) -> Result<U256> {
        Ok(devnet.rpc().balance(self.payout).await?)
    }
}

/// An open channel.
pub(crate) struct Opened {
    pub(crate) id: ChannelId,
    pub(crate) temporary_id: B256,
    pub(crate) terms: Terms,
}

/// Opens a channel in which `first` deposits `amount` and `second` nothing, and waits until both may pay.
pub(crate) async fn open(
    devnet: &Devnet,
    first: &mut DevNode,
    second: &mut DevNode,
    amount: Amount,
) -> Result<Opened> {
    let temporary_id = first.node.open(wish(second.node.address(), amount)).await?;
    let offered = second.wait_core("the offer", |event| match event {
        Event::ChannelOffered { offer, .. } if offer.temporary_id == temporary_id => {
            Some(offer.temporary_id)
        }
        _ => None,
    });
    let offered = offered.await?;
    second.node.join(offered).await?;
    let created = first.wait_core("the first signatures", |event| match event {
        Event::ChannelCreated {
            channel,
            terms,
            temporary_id: named,
            ..
        } if *named == temporary_id => Some((*channel, terms.clone())),
        _ => None,
    });
    let (id, terms) = created.await?;
    mined(first, "the deposit", |call| {
        matches!(call, Call::Deposit { .. })
    })
    .await?;
    devnet.mine(u64::from(MINIMUM_DEPTH)).await?;
    for node in [first, second] {
        let opened = node.wait_core("the channel to open", |event| match event {
            Event::ChannelOpened { channel } if *channel == id => Some(()),
            _ => None,
        });
        opened.await?;
    }
    Ok(Opened {
        id,
        temporary_id,
        terms,
    })
}

/// [`open`], told as part of a story.
pub(crate) async fn open_told(
    stage: &mut Stage,
    first: &mut DevNode,
    second: &mut DevNode,
    amount: Amount,
) -> Result<Opened> {
    let opened = open(&stage.devnet, first, second, amount).await?;
    let (temporary, coins) = (opened.temporary_id, in_coins(amount));
    let (from, to) = (first.name, second.name);
    stage.tell(
        format!("{from} offers {to} a channel; {to} joins by the offer's id {temporary}"),
        &mut [],
    );
    stage.tell(
        format!(
            "{from} deposits {coins}; both count it {MINIMUM_DEPTH} blocks later; channel {}",
            opened.id
        ),
        &mut [first, second],
    );
    stage.report.channel(&opened);
    Ok(opened)
}

/// Pays and waits until the payment is final on both sides. Returns how long that took at the payee.
pub(crate) async fn pay(
    payer: &mut DevNode,
    payee: &mut DevNode,
    id: ChannelId,
    amount: Amount,
) -> Result<Duration> {
    let start = Instant::now();
    payer.node.pay(id, amount, Vec::new()).await?;
    let received = payee.wait_core("the payment", |event| match event {
        Event::Received {
            channel, amount, ..
        } if *channel == id => Some(*amount),
        _ => None,
    });
    let received = received.await?;
    let taken = start.elapsed();
    ensure!(
        received == amount,
        "{} base units arrived; expected {amount}",
        received
    );
    let paid = payer.wait_core("the end of the payment", |event| match event {
        Event::Paid { channel, .. } if *channel == id => Some(()),
        _ => None,
    });
    paid.await?;
    Ok(taken)
}

/// What both sides own by the newest co-signed state, in coins, participant 0 first.
pub(crate) async fn off_chain(node: &DevNode, id: ChannelId) -> Result<String> {
    let channel = node
        .node
        .channel(id)
        .await?
        .ok_or_else(|| eyre!("the channel is gone"))?;
    let [zero, one] = channel
        .balances
        .into_array()
        .map(|balance| shown(balance.or_zero()));
    Ok(format!(
        "off chain {zero} / {one} (nonce {})",
        channel.nonce
    ))
}

/// Waits until a call of the kind that `pick` takes has been carried out.
pub(crate) async fn mined(
    node: &mut DevNode,
    what: &str,
    pick: impl Fn(&Call) -> bool,
) -> Result<()> {
    let outcome = node.wait(what, |event| match event {
        NodeEvent::Done(done) if pick(&done.call) => Some(Ok(())),
        NodeEvent::Failed(failed) if pick(&failed.call) => Some(Err(failed.failure.to_string())),
        _ => None,
    });
    let outcome = outcome.await?;
    outcome.map_err(|failure| eyre!("{} failed: {failure}", what))
}

/// Takes `amount` out of a channel that stays open, and waits until that is final.
pub(crate) async fn withdraw(
    devnet: &Devnet,
    node: &mut DevNode,
    id: ChannelId,
    amount: Amount,
) -> Result<()> {
    node.node.withdraw(id, amount).await?;
    mined(node, "the withdrawal", |call| {
        matches!(call, Call::Withdraw { .. })
    })
    .await?;
    devnet.mine(u64::from(MINIMUM_DEPTH)).await?;
    let outcome = node.wait_core("the end of the withdrawal", |event| match event {
        Event::Withdrawn { channel, .. } if *channel == id => Some(Ok(())),
        Event::NotWithdrawn {
            channel, reason, ..
        } if *channel == id => Some(Err(*reason)),
        _ => None,
    });
    let outcome = outcome.await?;
    outcome.map_err(|reason| eyre!("the withdrawal did not happen: {reason}"))
}

/// Waits until the chain has closed the channel.
pub(crate) async fn closed(node: &mut DevNode, id: ChannelId) -> Result<()> {
    node.wait_core("the end of the channel", |event| match event {
        Event::ChannelClosed { channel } if *channel == id => Some(()),
        _ => None,
    })
    .await
}

pub(crate) fn wish(peer: Address, amount: Amount) -> Wish {
    Wish {
        peer,
        token: Address::ZERO,
        amount,
        remote_amount: Amount::ZERO,
        push_amount: Amount::ZERO,
        reserve: Amount::ZERO,
        finalization_period: FINALIZATION_PERIOD,
    }
}

pub(crate) fn chain_config(devnet: &Devnet) -> ChainConfig {
    let config = ChainConfig::new(devnet.url(), devnet.chain_id(), devnet.addresses());
    ChainConfig {
        finality: Finality::Depth(u64::from(MINIMUM_DEPTH)),
        poll_interval: Duration::from_millis(20),
        ..config
    }
}

fn policy() -> Policy {
    Policy {
        minimum_depth: MINIMUM_DEPTH,
        reveal_margin: REVEAL_MARGIN,
        hop_budget: 60,
        fee_base: Amount::new(1),
        ..Policy::default()
    }
}

//! A running node, as its user holds it.

use crate::builder::NodeBuilder;
use crate::error::NodeError;
use crate::event::Events;
use crate::payment::Contact;
use crate::runtime::Request;
use counterfoil_core::effect::{Call, Command, OpenChannel};
use counterfoil_core::engine::{ChannelSummary, Engine};
use counterfoil_core::types::{Address, Amount, B256, ChannelId, Timestamp};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{mpsc, oneshot};

/// A running node. Cheap to clone. The node stops by [`Node::stop`], which waits for the end, or soon after the last of its
/// handles is dropped; links and subscriptions are no handles.
#[derive(Clone, Debug)]
pub struct Node {
    requests: UnboundedSender<Request>,
    contact: Contact,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// The channel that a user wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Identity of the other side.
    pub peer: Address,
    /// ERC-20, or zero for the native coin.
    pub token: Address,
    /// What this node deposits, base units.
    pub amount: Amount,
    /// What the other side is asked to deposit, base units.
    pub remote_amount: Amount,
    /// What this node gives the other side at once, base units.
    pub push_amount: Amount,
    /// Balance below which nobody pays, base units.
    pub reserve: Amount,
    /// Seconds between a challenge and settlement.
    pub finalization_period: u32,
}

impl Wish {
    /// A channel in the native coin into which only this node puts money: nothing given at once, no reserve, and a
    /// finalization period of a day. Change what should be otherwise.
    pub const fn new(peer: Address, amount: Amount) -> Self {
        Self {
            peer,
            token: Address::ZERO,
            amount,
            remote_amount: Amount::ZERO,
            push_amount: Amount::ZERO,
            reserve: Amount::ZERO,
            finalization_period: 24 * 3600,
        }
    }
}

impl Node {
    /// Sets up a node.
    pub fn builder() -> NodeBuilder {
        NodeBuilder::default()
    }

    pub(crate) fn new(
        requests: UnboundedSender<Request>,
        address: Address,
        sealing_key: [u8; 32],
        thread: JoinHandle<()>,
    ) -> Self {
        let contact = Contact {
            address,
            sealing_key,
        };
        Self {
            requests,
            contact,
            thread: Arc::new(Mutex::new(Some(thread))),
        }
    }

    /// The node's identity: the address of its signing key.
    pub const fn address(&self) -> Address {
        self.contact.address
    }

    /// What payers need to know of this node.
    pub const fn contact(&self) -> Contact {
        self.contact
    }

    /// Subscribes to the news from now on; the first subscription also has those of the start. They wait in memory until they
    /// are read; drop what is not read.
    pub fn events(&self) -> Events {
        let (subscriber, events) = mpsc::unbounded_channel();
        // A node that has stopped has no news, which the closed stream says.
        let _ = self.requests.send(Request::Subscribe(subscriber));
        Events(events)
    }

    /// Offers a channel. Returns the offer's temporary id, by which the other side joins.
    ///
    /// # Errors
    /// [`NodeError`]; nothing was offered.
    pub async fn open(&self, wish: Wish) -> Result<B256, NodeError> {
        let entropy = random()?;
        let open = OpenChannel {
            peer: wish.peer,
            token: wish.token,
            amount: wish.amount,
            remote_amount: wish.remote_amount,
            push_amount: wish.push_amount,
            reserve: wish.reserve,
            finalization_period: wish.finalization_period,
            entropy,
        };
        let temporary_id = open.temporary_id();
        self.command(Command::Open(open)).await?;
        Ok(temporary_id)
    }

    /// Accepts the offer with this temporary id.
    ///
    /// # Errors
    /// [`NodeError`]; nothing was accepted.
    pub async fn join(&self, temporary_id: B256) -> Result<(), NodeError> {
        self.command(Command::Join {
            temporary_id,
            seed: random()?,
        })
        .await
    }

    /// Declines the offer with this temporary id.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn decline(&self, temporary_id: B256) -> Result<(), NodeError> {
        self.command(Command::Decline { temporary_id }).await
    }

    /// Puts more money into a channel. It counts once it is final on both sides. A deposit that failed, the first one too,
    /// is made again by asking for the same amount again.
    ///
    /// # Errors
    /// [`NodeError`]; nothing was sent.
    pub async fn deposit(&self, channel: ChannelId, amount: Amount) -> Result<(), NodeError> {
        self.command(Command::Deposit { channel, amount }).await
    }

    /// Takes money out of a channel that stays open. It is paid to the node's payout address, with the event `Withdrawn` once
    /// that is final. The chain has an hour for it by its own time; [`Node::withdraw_before`] sets another deadline. Until
    /// the withdrawal has happened, or cannot happen any more, the amount cannot be spent.
    ///
    /// An amount of zero is a checkpoint: the chain takes no older state of the channel any more, and the node deletes those.
    ///
    /// # Errors
    /// [`NodeError`]; nothing was withdrawn.
    pub async fn withdraw(&self, channel: ChannelId, amount: Amount) -> Result<(), NodeError> {
        let deadline = self.chain_time().await?.after(WITHDRAWAL_SECONDS);
        self.withdraw_before(channel, amount, deadline).await
    }

    /// [`Node::withdraw`] that the chain executes up to and including the second `deadline`. After it the event
    /// `NotWithdrawn` says that the amount can be spent again; when the conversation ends first, nothing was withdrawn either.
    ///
    /// # Errors
    /// [`NodeError`]; nothing was withdrawn.
    pub async fn withdraw_before(
        &self,
        channel: ChannelId,
        amount: Amount,
        deadline: Timestamp,
    ) -> Result<(), NodeError> {
        self.command(Command::Withdraw {
            channel,
            amount,
            deadline,
        })
        .await
    }

    /// Says something to the other side's user: the event `Message` over there, lost when the other side cannot be reached.
    ///
    /// # Errors
    /// [`NodeError`]; nothing was sent.
    pub async fn message(
        &self,
        channel: ChannelId,
        bytes: impl Into<alloy_primitives::Bytes>,
    ) -> Result<(), NodeError> {
        self.command(Command::Message {
            channel,
            bytes: bytes.into(),
        })
        .await
    }

    /// Asks a peer whether it is there. Returns what the event `Pong` carries if it is.
    ///
    /// # Errors
    /// [`NodeError`]; nothing was sent.
    pub async fn ping(&self, peer: Address) -> Result<u64, NodeError> {
        let mut token = [0; 8];
        getrandom::fill(&mut token).map_err(NodeError::Random)?;
        let token = u64::from_be_bytes(token);
        self.command(Command::Ping { peer, token }).await?;
        Ok(token)
    }

    /// Pays the other side of a channel. The payment is final with the event `Paid`; `tag` is at most 32 bytes of yours.
    ///
    /// Until then nothing is promised: a payment that still waits for the answer to an earlier one when the node ends is not
    /// made, and costs nothing.
    ///
    /// # Errors
    /// [`NodeError`]; nothing was paid.
    pub async fn pay(
        &self,
        channel: ChannelId,
        amount: Amount,
        tag: impl Into<alloy_primitives::Bytes>,
    ) -> Result<(), NodeError> {
        self.command(Command::Pay {
            channel,
            amount,
            tag: tag.into(),
        })
        .await
    }

    /// Pays without waiting for the node to take the payment; the events `Paid` and `NotPaid` say what became of it, but for
    /// one that is refused at once (`PeerRefused`). For senders of many.
    ///
    /// # Errors
    /// [`NodeError::Stopped`].
    pub fn pay_later(
        &self,
        channel: ChannelId,
        amount: Amount,
        tag: impl Into<alloy_primitives::Bytes>,
    ) -> Result<(), NodeError> {
        let pay = Command::Pay {
            channel,
            amount,
            tag: tag.into(),
        };
        let input = counterfoil_core::effect::Input::Command(pay);
        self.requests
            .send(Request::Input(input))
            .map_err(|_| NodeError::Stopped)
    }

    /// Closes a channel with the other side's consent.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn close(&self, channel: ChannelId) -> Result<(), NodeError> {
        self.command(Command::Close { channel }).await
    }

    /// Closes a channel alone: the newest state goes to the chain and pays after the finalization period.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn challenge(&self, channel: ChannelId) -> Result<(), NodeError> {
        self.command(Command::Challenge { channel }).await
    }

    /// One channel.
    ///
    /// # Errors
    /// [`NodeError::Stopped`].
    pub async fn channel(&self, id: ChannelId) -> Result<Option<ChannelSummary>, NodeError> {
        self.read(move |engine| engine.channel(id)).await
    }

    /// All channels.
    ///
    /// # Errors
    /// [`NodeError::Stopped`].
    pub async fn channels(&self) -> Result<Vec<ChannelSummary>, NodeError> {
        self.read(Engine::channels).await
    }

    /// The call that starts a dispute with a channel's newest co-signed state, complete: what a helper needs to act for us.
    ///
    /// # Errors
    /// [`NodeError::Stopped`].
    pub async fn export(&self, id: ChannelId) -> Result<Option<Call>, NodeError> {
        self.read(move |engine| engine.export(id)).await
    }

    /// Time of the newest block that the node has seen. A node that has just started waits for its first.
    ///
    /// # Errors
    /// [`NodeError::Stopped`].
    pub async fn chain_time(&self) -> Result<Timestamp, NodeError> {
        let (answer, answered) = oneshot::channel();
        let sent = self.requests.send(Request::Time(answer));
        sent.map_err(|_| NodeError::Stopped)?;
        answered.await.map_err(|_| NodeError::Stopped)
    }

    /// Ends the node after the turn that it is in; what it has acknowledged is on the disk.
    pub async fn stop(&self) {
        let _ = self.requests.send(Request::Stop);
        self.requests.closed().await;
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        if let Some(thread) = thread {
            // The loop has ended, so this is as short as closing a file.
            let _ = thread.join();
        }
    }

    pub(crate) const fn requests(&self) -> &UnboundedSender<Request> {
        &self.requests
    }

    pub(crate) async fn command(&self, command: Command) -> Result<(), NodeError> {
        let (answer, answered) = oneshot::channel();
        let sent = self.requests.send(Request::Command(command, answer));
        sent.map_err(|_| NodeError::Stopped)?;
        answered.await.map_err(|_| NodeError::Stopped)?
    }

    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, NodeError> {
        let (answer, answered) = oneshot::channel();
        let read = move |engine: &Engine| drop(answer.send(look(engine)));
        let sent = self.requests.send(Request::Read(Box::new(read)));
        sent.map_err(|_| NodeError::Stopped)?;
        answered.await.map_err(|_| NodeError::Stopped)
    }
}

/// Seconds of the chain's time that a withdrawal has unless its user says otherwise.
const WITHDRAWAL_SECONDS: u64 = 3600;

/// 32 bytes from the operating system's generator.
pub(crate) fn random() -> Result<B256, NodeError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(NodeError::Random)?;
    Ok(bytes.into())
}

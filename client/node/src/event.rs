//! News of a node, in order.

use counterfoil_chain::{CallDone, CallFailed, EndpointState};
use counterfoil_core::effect::Event;
use tokio::sync::mpsc;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum NodeEvent {
    /// In a channel or a payment; durable.
    Core(Event),
    /// Nothing is left to do for a call. For a withdrawal, the core's `Withdrawn` says whether the money has left.
    Done(CallDone),
    /// A call can have no effect as things stand. One that defends our money and lacks coins for gas is tried again with
    /// every block; a deposit is made again when the user asks for it again.
    Failed(CallFailed),
    /// The chain's endpoint answers, or does not.
    Endpoint(EndpointState),
    /// An input from a peer, or a payment by `pay_later`, was refused; the text says why.
    PeerRefused(String),
    /// The store failed. Nothing is signed any more; channels are still defended.
    Halted(String),
}

/// A subscription to a node's news.
#[derive(Debug)]
pub struct Events(pub(crate) mpsc::UnboundedReceiver<NodeEvent>);

impl Events {
    /// Waits for the next news; none when the node has stopped.
    pub async fn next(&mut self) -> Option<NodeEvent> {
        self.0.recv().await
    }

    /// Waits for the first news that `pick` takes, and passes over all before it; none when the node has stopped.
    pub async fn find<T>(&mut self, mut pick: impl FnMut(&NodeEvent) -> Option<T>) -> Option<T> {
        loop {
            if let Some(found) = pick(&self.next().await?) {
                return Some(found);
            }
        }
    }

    /// [`Self::find`] among what happened in channels and payments.
    pub async fn find_core<T>(&mut self, mut pick: impl FnMut(&Event) -> Option<T>) -> Option<T> {
        self.find(|news| {
            if let NodeEvent::Core(event) = news {
                pick(event)
            } else {
                None
            }
        })
        .await
    }

    /// The next news that is there already.
    pub fn try_next(&mut self) -> Option<NodeEvent> {
        self.0.try_recv().ok()
    }
}

//! Links between nodes of one process. They carry bytes: what one side encodes, the other decodes.

use crate::node::Node;
use crate::runtime::Request;
use counterfoil_core::effect::Input;
use counterfoil_core::types::Address;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc::WeakUnboundedSender;

/// A link between two nodes. Frames are lost while it is cut. It keeps neither node running.
#[derive(Clone, Debug)]
pub struct Link {
    ends: [Side; 2],
    greeting: Arc<Mutex<()>>,
}

/// One node of a link.
#[derive(Clone, Debug)]
struct Side {
    address: Address,
    // Weak, as in `End`: a node stops with the last of its handles, and a link is none.
    requests: WeakUnboundedSender<Request>,
    /// Whether what this node sends arrives.
    up: Arc<AtomicBool>,
}

/// One node's end of a link: how it reaches the other.
#[derive(Debug)]
pub(crate) struct End {
    from: Address,
    to: WeakUnboundedSender<Request>,
    up: Arc<AtomicBool>,
    /// Held while both nodes are told of the link: each hears of it before the other's first frame.
    greeting: Arc<Mutex<()>>,
}

impl End {
    /// Sends a frame. It is lost when the link is cut or the other node has stopped.
    pub(crate) fn send(&self, bytes: Vec<u8>) {
        let _told = self.greeting.lock();
        if self.up.load(Ordering::Acquire)
            && let Some(to) = self.to.upgrade()
        {
            let _ = to.send(Request::Input(Input::Frame {
                peer: self.from,
                bytes,
            }));
        }
    }
}

/// Links two nodes.
pub fn connect(first: &Node, second: &Node) -> Link {
    let ends = [first, second].map(|node| Side {
        address: node.address(),
        requests: node.requests().downgrade(),
        up: Arc::new(AtomicBool::new(true)),
    });
    let link = Link {
        ends,
        greeting: Arc::default(),
    };
    let [first, second] = &link.ends;
    first.attach(second, &link.greeting);
    second.attach(first, &link.greeting);
    link.greet();
    link
}

impl Link {
    /// Cuts the link: frames are lost from now on.
    pub fn cut(&self) {
        for side in &self.ends {
            side.up.store(false, Ordering::Release);
        }
    }

    /// Loses from now on what this node sends; what is sent to it still arrives.
    pub fn cut_from(&self, sender: Address) {
        for side in self.ends.iter().filter(|side| side.address == sender) {
            side.up.store(false, Ordering::Release);
        }
    }

    /// Mends the link; both sides send again what the other may have missed.
    pub fn mend(&self) {
        for side in &self.ends {
            side.up.store(true, Ordering::Release);
        }
        self.greet();
    }

    fn greet(&self) {
        let _telling = self.greeting.lock();
        let [first, second] = &self.ends;
        first.hear_of(second);
        second.hear_of(first);
    }
}

impl Side {
    fn attach(&self, other: &Self, greeting: &Arc<Mutex<()>>) {
        let end = End {
            from: self.address,
            to: other.requests.clone(),
            up: self.up.clone(),
            greeting: greeting.clone(),
        };
        self.ask(Request::Attach {
            peer: other.address,
            end,
        });
    }

    fn hear_of(&self, other: &Self) {
        self.ask(Request::Input(Input::Connected {
            peer: other.address,
        }));
    }

    fn ask(&self, request: Request) {
        // A node that has stopped needs no link.
        if let Some(requests) = self.requests.upgrade() {
            let _ = requests.send(request);
        }
    }
}

#[cfg(test)]
mod tests;

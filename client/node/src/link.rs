//! Links between nodes of one process. They carry bytes: what one side encodes, the other decodes.

use crate::node::Node;
use crate::runtime::Request;
use counterfoil_core::effect::Input;
use counterfoil_core::types::Address;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc::UnboundedSender;

/// A link between two nodes. Frames are lost while it is cut.
#[derive(Clone, Debug)]
pub struct Link {
    ends: [(Address, UnboundedSender<Request>); 2],
    up: Arc<AtomicBool>,
}

/// One node's end of a link: how it reaches the other.
#[derive(Debug)]
pub(crate) struct End {
    from: Address,
    to: UnboundedSender<Request>,
    up: Arc<AtomicBool>,
}

impl End {
    /// Sends a frame. It is lost when the link is cut or the other node has stopped.
    pub(crate) fn send(&self, bytes: Vec<u8>) {
        if self.up.load(Ordering::Acquire) {
            let _ = self.to.send(Request::Input(Input::Frame {
                peer: self.from,
                bytes,
            }));
        }
    }
}

/// Links two nodes.
pub fn connect(first: &Node, second: &Node) -> Link {
    let up = Arc::new(AtomicBool::new(true));
    let ends = [first, second].map(|node| (node.address(), node.requests().clone()));
    let link = Link { ends, up };
    link.attach();
    link
}

impl Link {
    /// Cuts the link: frames are lost from now on.
    pub fn cut(&self) {
        self.up.store(false, Ordering::Release);
    }

    /// Mends the link; both sides send again what the other may have missed.
    pub fn mend(&self) {
        self.up.store(true, Ordering::Release);
        self.greet();
    }

    fn attach(&self) {
        let [(first, to_first), (second, to_second)] = &self.ends;
        for (own, owner, peer, to) in [
            (first, to_first, second, to_second),
            (second, to_second, first, to_first),
        ] {
            let end = End {
                from: *own,
                to: to.clone(),
                up: self.up.clone(),
            };
            // A node that has stopped needs no link.
            let _ = owner.send(Request::Attach { peer: *peer, end });
        }
        self.greet();
    }

    fn greet(&self) {
        let [(first, to_first), (second, to_second)] = &self.ends;
        let _ = to_first.send(Request::Input(Input::Connected { peer: *second }));
        let _ = to_second.send(Request::Input(Input::Connected { peer: *first }));
    }
}

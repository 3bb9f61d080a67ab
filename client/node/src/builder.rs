//! How a node is set up.

use crate::error::StartError;
use crate::node::Node;
use crate::runtime::{Runtime, Turn};
use counterfoil_chain::{Chain, ChainConfig};
use counterfoil_core::channel::Policy;
use counterfoil_core::effect::{Record, RecordId};
use counterfoil_core::engine::{Config, Engine, History};
use counterfoil_core::state::{Domain, SigningKey};
use counterfoil_core::types::{Address, B256};
use counterfoil_deploy::Account;
use counterfoil_store::{Owner, Store};
use std::path::PathBuf;
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

/// What a node needs; made by [`Node::builder`].
#[derive(Default)]
#[must_use = "nothing happens before `start`"]
pub struct NodeBuilder {
    secret: Option<Zeroizing<[u8; 32]>>,
    payout: Option<Address>,
    store: Option<PathBuf>,
    chain: Option<ChainConfig>,
    account: Option<Account>,
    policy: Policy,
    history: Option<History>,
}

impl NodeBuilder {
    /// The secret of the key that signs states; its address is the node's identity.
    pub fn key(mut self, secret: B256) -> Self {
        self.secret = Some(Zeroizing::new(secret.0));
        self
    }

    /// Where the node's money goes when a channel closes. The node's own address unless set.
    pub fn payout(mut self, address: Address) -> Self {
        self.payout = Some(address);
        self
    }

    /// The database file; made when it is not there.
    pub fn store(mut self, path: impl Into<PathBuf>) -> Self {
        self.store = Some(path.into());
        self
    }

    /// The chain.
    pub fn chain(mut self, config: ChainConfig) -> Self {
        self.chain = Some(config);
        self
    }

    /// The account that deposits and pays for gas. The signing key's own account unless set.
    pub fn account(mut self, account: Account) -> Self {
        self.account = Some(account);
        self
    }

    /// What the node accepts and asks for. [`Policy::default`] unless set; an empty list of conditions is filled with the
    /// chain's hashlock registry.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Says that the database is a backup or comes from a restored machine image, so that this node may have signed states
    /// that it does not hold. Set it for the first start after the restore; the channels remember it.
    ///
    /// Every channel of the database is then in [`Phase::Recovering`](counterfoil_core::channel::Phase) for good: the node
    /// signs no state of it any more, takes over a newer state that its peer shows, answers disputes, and closes it by
    /// [`Node::challenge`]. To sign again could mean two states of one nonce, of which the peer would publish the one that
    /// pays it more. New channels work as ever.
    pub fn restored_from_backup(mut self) -> Self {
        self.history = Some(History::MayBeOld);
        self
    }

    /// Checks the chain, opens the database, and starts the node on a thread of its own.
    ///
    /// # Errors
    /// [`StartError`]; nothing was started or changed.
    pub async fn start(self) -> Result<Node, StartError> {
        let (requests, taken) = mpsc::unbounded_channel();
        let (ready, started) = oneshot::channel();
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            match runtime {
                Err(error) => drop(ready.send(Err(StartError::Thread(error)))),
                Ok(runtime) => {
                    runtime.block_on(async move {
                        match self.prepare(taken).await {
                            Err(error) => drop(ready.send(Err(error))),
                            Ok(node) => {
                                let who = (node.engine.address(), node.engine.sealing_key());
                                if ready.send(Ok(who)).is_ok() {
                                    node.run().await;
                                }
                            }
                        }
                    });
                    // A name that is being looked up for the endpoint must not hold up whoever waits for the end.
                    runtime.shutdown_background();
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("counterfoil-node".into())
            .spawn(work);
        let thread = thread.map_err(StartError::Thread)?;
        let (address, sealing_key) = started.await.map_err(|_| StartError::Died)??;
        Ok(Node::new(requests, address, sealing_key, thread))
    }

    async fn prepare(
        self,
        requests: mpsc::UnboundedReceiver<crate::runtime::Request>,
    ) -> Result<Runtime, StartError> {
        let secret = self.secret.ok_or(StartError::Missing("a signing key"))?;
        let path = self.store.ok_or(StartError::Missing("a database file"))?;
        let chain = self.chain.ok_or(StartError::Missing("a chain"))?;
        let key = SigningKey::from_secret(&B256::from(*secret)).ok_or(StartError::Key)?;
        let account = match self.account {
            Some(account) => account,
            None => Account::from_secret(&B256::from(*secret)).map_err(|_| StartError::Key)?,
        };
        let addresses = chain.addresses;
        let payout = self.payout.unwrap_or(key.address());
        if payout == Address::ZERO || payout == addresses.adjudicator {
            return Err(StartError::Payout(payout));
        }
        let mut policy = self.policy;
        // Its locks would be refused or lost: a point's scalar is no preimage of its key.
        if policy.conditions.contains(&addresses.pointlock_registry) {
            return Err(StartError::Condition(addresses.pointlock_registry));
        }
        if policy.conditions.is_empty() {
            policy.conditions.push(addresses.hashlock_registry);
        }
        let owner = Owner {
            chain_id: chain.chain_id,
            adjudicator: addresses.adjudicator,
            node: key.address(),
        };
        let domain = Domain::new(chain.chain_id, addresses.adjudicator);
        // The chain first: a database that is made for a chain that turns out to be another could not be used afterwards.
        let (chain, news) = Chain::connect(chain, account).await?.split();
        let store = Store::open(&path, owner)?;
        let image = store.load()?;
        let channels = image.channels.into_iter();
        let channels = channels.map(|(id, bytes)| Record {
            id: RecordId::Channel(id),
            bytes,
        });
        let payments = image.payments.into_iter();
        let payments = payments.map(|(id, bytes)| Record {
            id: RecordId::Payment(id),
            bytes,
        });
        let config = Config {
            domain,
            key,
            payout,
            policy,
        };
        let history = self.history.unwrap_or(History::Whole);
        let engine = Engine::restore(config, channels.chain(payments), history)?;
        Ok(Runtime {
            engine,
            store,
            chain,
            news,
            requests,
            turn: Turn::default(),
        })
    }
}

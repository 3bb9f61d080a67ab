//! A connection to a chain whose news a test waits for.

use counterfoil_chain::{
    Account, Call, CallDone, CallFailed, Chain, ChainConfig, ChainEvent, ChainNews, Depth,
    Finality, OnChain, U256, Watch,
};
use counterfoil_core::types::{Address, ChannelId, Timestamp};
use counterfoil_deploy::devnet::Devnet;
use counterfoil_deploy::rpc::At;
use eyre::{OptionExt, WrapErr, bail};
use std::time::Duration;

/// Collects a chain's news and finds things in them.
#[derive(Debug)]
pub struct Observer {
    chain: Chain,
    seen: Vec<ChainNews>,
}

/// Polls every 20 ms, counts a block as final under 4 others, sends again after 3.
pub fn config(devnet: &Devnet) -> ChainConfig {
    let mut config = ChainConfig::new(devnet.url(), devnet.chain_id(), devnet.addresses());
    config.poll_interval = Duration::from_millis(20);
    config.finality = Finality::Depth(4);
    config
}

impl Observer {
    /// Connects with [`config`] and an account that holds 10,000 coins.
    ///
    /// # Errors
    /// When the chain cannot be used.
    pub async fn connect(devnet: &Devnet, account: u32) -> eyre::Result<Self> {
        Self::with(config(devnet), devnet.funded(account).await?).await
    }

    /// Connects.
    ///
    /// # Errors
    /// When the chain cannot be used.
    pub async fn with(config: ChainConfig, account: Account) -> eyre::Result<Self> {
        Ok(Self {
            chain: Chain::connect(config, account).await?,
            seen: Vec::new(),
        })
    }

    /// Has a call carried out.
    ///
    /// # Errors
    /// When the task has ended.
    pub fn submit(&self, call: Call) -> eyre::Result<()> {
        Ok(self.chain.submit(call)?)
    }

    /// Follows a channel.
    ///
    /// # Errors
    /// When the task has ended.
    pub fn watch(&self, channel: ChannelId, minimum_depth: u32) -> eyre::Result<()> {
        Ok(self.chain.watch(Watch::Channel {
            channel,
            minimum_depth,
        })?)
    }

    /// Follows anything.
    ///
    /// # Errors
    /// When the task has ended.
    pub fn follow(&self, watch: Watch) -> eyre::Result<()> {
        Ok(self.chain.watch(watch)?)
    }

    /// See [`counterfoil_chain::ChainHandle::balance`].
    ///
    /// # Errors
    /// When the endpoint does not answer.
    pub async fn balance(&self, token: Address, owner: Address) -> eyre::Result<U256> {
        Ok(self.chain.handle().balance(token, owner).await?)
    }

    /// All news so far, in order.
    pub fn seen(&self) -> &[ChainNews] {
        &self.seen
    }

    /// Waits for the next news in which `find` finds something.
    ///
    /// # Errors
    /// When nothing is found for a minute.
    pub async fn until<T>(
        &mut self,
        mut find: impl FnMut(&ChainNews) -> Option<T>,
    ) -> eyre::Result<T> {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.chain.next()).await;
            let news = next.wrap_err_with(|| format!("after {:?}", self.seen.last()))?;
            let news = news.ok_or_eyre("the chain's task has ended")?;
            let found = find(&news);
            self.seen.push(news);
            if let Some(found) = found {
                return Ok(found);
            }
        }
    }

    /// Has a call carried out and waits for it.
    ///
    /// # Errors
    /// When it fails.
    pub async fn carry_out(&mut self, call: Call) -> eyre::Result<CallDone> {
        self.submit(call.clone())?;
        self.done(&call).await
    }

    /// Waits until a call is done.
    ///
    /// # Errors
    /// When it fails.
    pub async fn done(&mut self, call: &Call) -> eyre::Result<CallDone> {
        match self.outcome(call).await? {
            Ok(done) => Ok(done),
            Err(failed) => bail!("the call failed: {}", failed.failure),
        }
    }

    /// Has a call carried out and waits until it fails.
    ///
    /// # Errors
    /// When it is done.
    pub async fn fail(&mut self, call: Call) -> eyre::Result<CallFailed> {
        self.submit(call.clone())?;
        match self.outcome(&call).await? {
            Ok(done) => bail!("the call is done: {done:?}"),
            Err(failed) => Ok(failed),
        }
    }

    /// Waits until the channel is reported at a depth in a way that `wanted` accepts.
    ///
    /// # Errors
    /// When that does not happen for a minute.
    pub async fn channel(
        &mut self,
        id: ChannelId,
        wanted_depth: Depth,
        wanted: impl Fn(&OnChain) -> bool,
    ) -> eyre::Result<OnChain> {
        self.event(|event| {
            let ChainEvent::Channel {
                channel,
                depth,
                status,
                ..
            } = event
            else {
                return None;
            };
            let meant = *channel == id && *depth == wanted_depth && wanted(status);
            meant.then_some(*status)
        })
        .await
    }

    /// Waits for the next reading of the channel at its depth. Returns the time of the block that was read.
    ///
    /// # Errors
    /// When that does not happen for a minute.
    pub async fn confirmed(&mut self, id: ChannelId) -> eyre::Result<Timestamp> {
        self.event(|event| {
            let ChainEvent::Channel {
                channel,
                depth: Depth::Confirmed,
                as_of,
                ..
            } = event
            else {
                return None;
            };
            (*channel == id).then_some(*as_of)
        })
        .await
    }

    /// Times of the blocks at which the channel was reported at its depth so far.
    pub fn confirmed_so_far(&self, id: ChannelId) -> Vec<Timestamp> {
        let times = self.seen.iter().filter_map(|news| {
            let ChainNews::Event(ChainEvent::Channel {
                channel,
                depth: Depth::Confirmed,
                as_of,
                ..
            }) = news
            else {
                return None;
            };
            (*channel == id).then_some(*as_of)
        });
        times.collect()
    }

    /// Waits for the head of at least this height.
    ///
    /// # Errors
    /// When that does not happen for a minute.
    pub async fn block(&mut self, at_least: u64) -> eyre::Result<()> {
        self.event(|event| {
            let ChainEvent::Block { number, .. } = event else {
                return None;
            };
            (*number >= at_least).then_some(())
        })
        .await
    }

    /// Waits for the next thing that the chain shows in which `find` finds something.
    ///
    /// # Errors
    /// When nothing is found for a minute.
    pub async fn event<T>(
        &mut self,
        mut find: impl FnMut(&ChainEvent) -> Option<T>,
    ) -> eyre::Result<T> {
        self.until(|news| {
            if let ChainNews::Event(event) = news {
                find(event)
            } else {
                None
            }
        })
        .await
    }

    async fn outcome(&mut self, call: &Call) -> eyre::Result<Result<CallDone, CallFailed>> {
        self.until(|news| match news {
            ChainNews::Done(done) if done.call == *call => Some(Ok(done.clone())),
            ChainNews::Failed(failed) if failed.call == *call => Some(Err(failed.clone())),
            ChainNews::Event(_)
            | ChainNews::Done(_)
            | ChainNews::Failed(_)
            | ChainNews::Endpoint(_) => None,
        })
        .await
    }
}

/// Waits until the endpoint counts so many transactions of a development account, mined or not.
///
/// # Errors
/// When that does not happen for a minute.
pub async fn pending(devnet: &Devnet, account: u32, count: u64) -> eyre::Result<()> {
    let address = Account::from_secret(&Devnet::secret(account))?.address();
    let counted = async {
        while devnet.rpc().transaction_count(address, At::Pending).await? < count {
            tokio::task::yield_now().await;
        }
        eyre::Ok(())
    };
    tokio::time::timeout(PATIENCE, counted).await??;
    Ok(())
}

const PATIENCE: Duration = Duration::from_secs(60);

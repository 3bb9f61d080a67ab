//! The task of a connection: takes orders, polls, and backs off while the endpoint fails.

use crate::chain::ChainConfig;
use crate::news::{ChainNews, EndpointState};
use crate::outbox::Outbox;
use crate::watcher::Watcher;
use counterfoil_core::effect::{Call, Watch};
use counterfoil_deploy::Account;
use counterfoil_deploy::rpc::{Rpc, RpcError};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, sleep_until};

/// What a handle asks for.
#[derive(Debug)]
pub(crate) enum Order {
    Submit(Box<Call>),
    Watch(Watch),
}

pub(crate) struct Task {
    rpc: Rpc,
    orders: UnboundedReceiver<Order>,
    news: UnboundedSender<ChainNews>,
    watcher: Watcher,
    outbox: Outbox,
    poll_interval: Duration,
    failures: u32,
}

impl Task {
    pub(crate) fn new(
        rpc: Rpc,
        config: ChainConfig,
        account: Account,
        orders: UnboundedReceiver<Order>,
        news: UnboundedSender<ChainNews>,
    ) -> Self {
        Self {
            watcher: Watcher::new(rpc.clone(), &config, news.clone()),
            outbox: Outbox::new(rpc.clone(), &config, account, news.clone()),
            poll_interval: config.poll_interval,
            failures: 0,
            rpc,
            orders,
            news,
        }
    }

    pub(crate) async fn run(mut self) {
        while self.wait().await {
            match self.step().await {
                Ok(()) => self.succeeded(),
                Err(error) => self.failed(error),
            }
        }
    }

    async fn step(&mut self) -> Result<(), RpcError> {
        let head = self
            .rpc
            .head()
            .await
            .inspect_err(|_| self.watcher.sweep())?;
        // Calls have deadlines: whatever cannot be read, they are carried out.
        let (reorged, watched) = self.watcher.step(head).await;
        let carried_out = self
            .outbox
            .step(&head, self.watcher.finalized(), reorged)
            .await;
        watched.and(carried_out)
    }

    /// Waits until it is time to ask again; false when nobody listens any more.
    async fn wait(&mut self) -> bool {
        let deadline = Instant::now().checked_add(self.pause());
        let deadline = deadline.unwrap_or_else(Instant::now);
        loop {
            tokio::select! {
                biased;
                () = self.news.closed() => return false,
                Some(order) = self.orders.recv() => {
                    self.take(order);
                    while let Ok(order) = self.orders.try_recv() {
                        self.take(order);
                    }
                    // An endpoint that fails is not asked more often because there is more to ask.
                    if self.failures == 0 {
                        return true;
                    }
                }
                () = sleep_until(deadline) => return true,
            }
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Submit(call) => self.outbox.submit(*call),
            Order::Watch(watch) => self.watcher.watch(watch),
        }
    }

    fn succeeded(&mut self) {
        if self.failures >= FAILURES_TO_REPORT {
            self.report(EndpointState::Up);
        }
        self.failures = 0;
    }

    fn failed(&mut self, error: RpcError) {
        tracing::debug!(%error, failures = self.failures, "the chain endpoint failed");
        self.failures = self.failures.saturating_add(1);
        if self.failures == FAILURES_TO_REPORT {
            self.watcher.sweep();
            self.report(EndpointState::Down(error));
        }
    }

    fn report(&self, state: EndpointState) {
        // Without a listener `wait` ends the task.
        let _ = self.news.send(ChainNews::Endpoint(state));
    }

    fn pause(&self) -> Duration {
        let doubled = 2u32.saturating_pow(self.failures.min(10));
        self.poll_interval
            .saturating_mul(doubled)
            .min(LONGEST_PAUSE.max(self.poll_interval))
    }
}

/// One lost answer is no news; so many in a row are.
const FAILURES_TO_REPORT: u32 = 3;

const LONGEST_PAUSE: Duration = Duration::from_secs(10);

//! Carries out calls until the contracts show their effect, whoever's transaction brought it about.
//!
//! A [`Job`] is a call that is not done. A slot is a nonce of the account with the transactions sent under it; once
//! given out, a nonce is used up by one of them, since a gap would stop all later ones. A job has at most one slot
//! at a time, and no job waits for another's answer.

mod effects;
mod lapsing;
mod resending;
mod sending;
mod slot;

use crate::chain::ChainConfig;
use crate::contracts::Revert;
use crate::news::{CallDone, CallFailed, ChainNews, Failure, Mined};
use crate::watcher::Reorged;
use counterfoil_core::effect::Call;
use counterfoil_core::types::{Address, B256, Timestamp};
use counterfoil_deploy::Account;
use counterfoil_deploy::rpc::{At, Block, Receipt, Rpc, RpcError};
use effects::Effects;
use slot::Slot;
use std::collections::BTreeMap;
use tokio::sync::mpsc::UnboundedSender;

pub(crate) struct Outbox {
    rpc: Rpc,
    account: Account,
    chain_id: u64,
    court: Address,
    resubmit_after: u64,
    max_fee_per_gas: u128,
    news: UnboundedSender<ChainNews>,
    jobs: BTreeMap<JobId, Job>,
    slots: BTreeMap<u64, Slot>,
    next_job: u64,
    /// How many transactions of the account have been mined; the lowest nonce that is free.
    used_nonces: u64,
    step: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct JobId(u64);

struct Job {
    call: Call,
    progress: Progress,
    /// Our transaction for the call that was mined without reverting.
    mined: Option<Receipt>,
    /// Our last transaction for the call that reverted.
    reverted: Option<B256>,
    /// The block at which its effect was last looked for.
    looked_at: Option<B256>,
    /// The block on which only time was missing.
    waits_after: Option<B256>,
    /// Whether the newest block leaves a withdrawal no chance; only a reorg can change that.
    hopeless: bool,
    /// The final block that did not speak against a withdrawal.
    still_possible_at: Option<B256>,
    /// Whether a refusal that may pass was told.
    refusal_told: bool,
    failures: u32,
    not_before_step: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// No transaction is on its way.
    Idle,
    /// The slot with this nonce is for it.
    Sent(u64),
    /// Its effect was seen in the block of this height, which may still be reorged away.
    Done(u64),
}

impl Outbox {
    pub(crate) fn new(
        rpc: Rpc,
        config: &ChainConfig,
        account: Account,
        news: UnboundedSender<ChainNews>,
    ) -> Self {
        Self {
            rpc,
            account,
            chain_id: config.chain_id,
            court: config.addresses.adjudicator,
            resubmit_after: config.resubmit_after.max(1),
            max_fee_per_gas: config.max_fee_per_gas,
            news,
            jobs: BTreeMap::new(),
            slots: BTreeMap::new(),
            next_job: 0,
            used_nonces: 0,
            step: 0,
        }
    }

    /// Takes a call on, unless the same one is outstanding.
    pub(crate) fn submit(&mut self, call: Call) {
        let same = self.jobs.iter_mut().find(|(_, job)| job.call == call);
        match same {
            // Whoever asks again after the end wants to hear of it again.
            Some((_, job)) if matches!(job.progress, Progress::Done(_)) => {
                *job = Job::new(call);
            }
            Some(_) => tracing::debug!("a call that is outstanding already was dropped"),
            None => {
                self.jobs.insert(JobId(self.next_job), Job::new(call));
                self.next_job = self.next_job.saturating_add(1);
            }
        }
    }

    /// Does all that can be done at `head`.
    ///
    /// # Errors
    /// [`RpcError`] when the endpoint failed to show what has happened; the next step looks again.
    pub(crate) async fn step(
        &mut self,
        head: &Block,
        finalized: Option<&Block>,
        reorged: Reorged,
    ) -> Result<(), RpcError> {
        self.step = self.step.saturating_add(1);
        self.forget(head);
        if self.jobs.is_empty() && self.slots.is_empty() {
            return Ok(());
        }
        self.collect_receipts(head).await?;
        self.look_for_effects(head, reorged).await?;
        self.give_up_lapsed(finalized).await;
        self.resend_stuck(head).await;
        self.start_idle(head).await;
        Ok(())
    }

    async fn collect_receipts(&mut self, head: &Block) -> Result<(), RpcError> {
        if self.slots.is_empty() {
            return Ok(());
        }
        let used = self
            .rpc
            .transaction_count(self.account.address(), At::Latest)
            .await?;
        self.used_nonces = used;
        let nonces: Vec<u64> = self.slots.range(..used).map(|(nonce, _)| *nonce).collect();
        for nonce in nonces {
            let Some(slot) = self.slots.get(&nonce) else {
                continue;
            };
            let receipt = slot.receipt(&self.rpc).await?;
            // A block newer than the one that storage is read at is looked at in the next step.
            if receipt.is_some_and(|receipt| receipt.block_number > head.number) {
                continue;
            }
            let job = slot.job();
            self.slots.remove(&nonce);
            if let Some((id, purpose)) = job
                && let Some(job) = self.jobs.get_mut(&id)
            {
                job.settle_slot(nonce, purpose, receipt);
            }
        }
        Ok(())
    }

    async fn look_for_effects(&mut self, head: &Block, reorged: Reorged) -> Result<(), RpcError> {
        let again = reorged == Reorged::Yes;
        let pending = self
            .jobs
            .iter()
            .filter(|(_, job)| again || job.awaits_effect(head));
        let calls: Vec<(JobId, &Call)> = pending.map(|(id, job)| (*id, &job.call)).collect();
        if calls.is_empty() {
            return Ok(());
        }
        let calls_only = calls.iter().map(|(_, call)| *call);
        let effects = Effects::read(&self.rpc, self.court, calls_only, head).await?;
        let shown: Vec<(JobId, bool)> = calls
            .iter()
            .map(|(id, call)| (*id, effects.shows(call)))
            .collect();
        for (id, shown) in shown {
            self.take_effect(id, Effect { shown, again }, head).await?;
            self.hold_back(id, &effects, head);
        }
        Ok(())
    }

    async fn take_effect(
        &mut self,
        id: JobId,
        effect: Effect,
        head: &Block,
    ) -> Result<(), RpcError> {
        let Some(job) = self.jobs.get_mut(&id) else {
            return Ok(());
        };
        job.looked_at = Some(head.hash);
        let ours = job.mined.is_some();
        if effect.again
            && let Some(receipt) = job.mined
            && self.rpc.receipt(receipt.transaction_hash).await?.is_none()
        {
            job.mined = None;
        }
        // A transaction of ours that went through is the effect, also where a later one has changed it again.
        let shown = effect.shown || job.mined.is_some();
        if job.is_done() {
            // Somebody else's deposit may have been withdrawn since; to make it again is for the core to decide.
            if !shown && (ours || !matches!(job.call, Call::Deposit { .. })) {
                *job = Job::new(job.call.clone());
            }
            return Ok(());
        }
        if !shown {
            return Ok(());
        }
        let mined = job.mined;
        let block = match mined {
            Some(receipt) if receipt.block_hash != head.hash => self
                .rpc
                .block(At::Hash(receipt.block_hash))
                .await?
                .unwrap_or(*head),
            Some(_) | None => *head,
        };
        if let Some(job) = self.jobs.get_mut(&id) {
            job.progress = Progress::Done(head.number);
            let call = job.call.clone();
            let timestamp = Timestamp::new(block.timestamp);
            let mined = mined.map(Mined::from);
            self.report(ChainNews::Done(CallDone {
                call,
                mined,
                block: block.number,
                timestamp,
            }));
        }
        self.abandon_slots(id);
        Ok(())
    }

    fn fail(&mut self, id: JobId, failure: Failure) {
        if let Some(job) = self.jobs.remove(&id) {
            self.abandon_slots(id);
            self.report(ChainNews::Failed(CallFailed {
                call: job.call,
                failure,
            }));
        }
    }

    fn abandon_slots(&mut self, id: JobId) {
        for slot in self.slots.values_mut() {
            slot.abandon(id);
        }
    }

    // What is deeper than any reorg that the project reckons with needs no second look.
    fn forget(&mut self, head: &Block) {
        self.jobs.retain(|_, job| match job.progress {
            Progress::Done(block) => head.number.saturating_sub(block) <= LINGER,
            Progress::Idle | Progress::Sent(_) => true,
        });
    }

    fn report(&self, news: ChainNews) {
        // Without a listener the task ends by itself.
        let _ = self.news.send(news);
    }
}

impl Job {
    const fn new(call: Call) -> Self {
        Self {
            call,
            progress: Progress::Idle,
            mined: None,
            reverted: None,
            looked_at: None,
            waits_after: None,
            hopeless: false,
            still_possible_at: None,
            refusal_told: false,
            failures: 0,
            not_before_step: 0,
        }
    }

    fn awaits_effect(&self, head: &Block) -> bool {
        !self.is_done() && (self.mined.is_some() || self.looked_at != Some(head.hash))
    }

    const fn is_done(&self) -> bool {
        matches!(self.progress, Progress::Done(_))
    }

    fn settle_slot(&mut self, nonce: u64, purpose: slot::Purpose, receipt: Option<Receipt>) {
        if self.progress == Progress::Sent(nonce) {
            self.progress = Progress::Idle;
        }
        match receipt {
            Some(receipt) if !receipt.succeeded() => self.reverted = Some(receipt.transaction_hash),
            Some(receipt) if purpose == slot::Purpose::Call => self.mined = Some(receipt),
            // An approval is only the way to the call; and a nonce that somebody else used did nothing for it.
            Some(_) | None => {}
        }
    }

    fn back_off(&mut self, step: u64) {
        self.failures = self.failures.saturating_add(1);
        self.not_before_step = step.saturating_add(slot::pause(self.failures));
    }

    fn refused(&self, error: Revert) -> Failure {
        Failure::Reverted {
            error,
            transaction: self.reverted,
        }
    }
}

impl From<Receipt> for Mined {
    fn from(receipt: Receipt) -> Self {
        Self {
            transaction: receipt.transaction_hash,
            gas_used: receipt.gas_used,
            effective_gas_price: receipt.effective_gas_price,
        }
    }
}

#[derive(Clone, Copy)]
struct Effect {
    shown: bool,
    again: bool,
}

/// Blocks for which a call that is done is remembered, in case a reorg undoes it.
const LINGER: u64 = 128;

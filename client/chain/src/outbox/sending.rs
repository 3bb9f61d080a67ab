//! Signing, pricing and sending.
//!
//! A failure here concerns one job or one slot only; it is tried again after a pause that doubles.

use super::slot::{Delivery, Purpose, Slot};
use super::{Job, JobId, Outbox, Progress};
use crate::contracts::{self, Revert};
use crate::news::Failure;
use alloy::primitives::U256;
use counterfoil_core::effect::Call;
use counterfoil_core::types::{Address, Timestamp};
use counterfoil_deploy::Fees;
use counterfoil_deploy::rpc::{At, Block, Request, RpcError};

impl Outbox {
    /// Starts the jobs that have no transaction on its way.
    pub(super) async fn start_idle(&mut self, head: &Block) {
        let idle: Vec<JobId> = self
            .jobs
            .iter()
            .filter(|(_, job)| {
                job.progress == Progress::Idle
                    && job.mined.is_none()
                    && job.not_before_step <= self.step
            })
            .map(|(id, _)| *id)
            .collect();
        for id in idle {
            match self.start(id, head).await {
                Ok(()) => {}
                Err(Setback::Never(failure)) => self.fail_if_current(id, failure, head).await,
                Err(Setback::Later) => self.back_off(id),
                Err(Setback::Rpc(error)) => {
                    tracing::debug!(%error, "a call could not be sent yet");
                    self.back_off(id);
                }
            }
        }
    }

    /// Sends slots again that were not mined in time, with higher fees, and those that may not have been taken.
    pub(super) async fn resend_stuck(&mut self, head: &Block) {
        let nonces: Vec<u64> = self.slots.keys().copied().collect();
        for nonce in nonces {
            if self.job_is_too_late(nonce, head) {
                continue;
            }
            let Some(slot) = self.slots.get(&nonce) else {
                continue;
            };
            let late = head.number.saturating_sub(slot.since) >= self.resubmit_after;
            let result = if late {
                self.raise(nonce, head).await
            } else if slot.delivery == Delivery::Uncertain && slot.not_before_step <= self.step {
                self.deliver(nonce).await
            } else {
                continue;
            };
            if let Err(error) = result {
                tracing::debug!(%error, nonce, "a transaction could not be sent again");
            }
        }
    }

    // A refusal may come from a block that is newer than the one where the effect was looked for, and be due to that very
    // effect: only a refusal without news in between counts.
    async fn fail_if_current(&mut self, id: JobId, failure: Failure, head: &Block) {
        let current = self
            .rpc
            .head()
            .await
            .is_ok_and(|newest| newest.hash == head.hash);
        if current {
            self.fail(id, failure);
        }
    }

    // A call whose time is over is given up even while its transaction waits; the nonce is freed by an empty one.
    fn job_is_too_late(&mut self, nonce: u64, head: &Block) -> bool {
        let job = self.slots.get(&nonce).and_then(Slot::job);
        let Some((id, _)) = job else { return false };
        let failure = self.jobs.get(&id).and_then(|job| too_late(&job.call, head));
        match failure {
            Some(failure) => {
                self.fail(id, failure);
                true
            }
            None => false,
        }
    }

    async fn start(&mut self, id: JobId, head: &Block) -> Result<(), Setback> {
        let Some(job) = self.jobs.get(&id) else {
            return Ok(());
        };
        if let Some(failure) = too_late(&job.call, head) {
            return Err(Setback::Never(failure));
        }
        let (request, purpose) = self.next_request(job).await?;
        let gas_limit = self.gas_limit(job, &request).await?;
        let fees = self.capped(Fees::suggested(&self.rpc).await?);
        let gas_cost = U256::from(gas_limit).saturating_mul(U256::from(fees.max_fee));
        let cost = request.value.saturating_add(gas_cost);
        self.require_balance(cost).await?;
        let nonce = self.next_nonce().await?;
        let slot = Slot::new(id, purpose, request, gas_limit, fees, head.number);
        self.slots.insert(nonce, slot);
        if !self.sign(nonce) {
            self.slots.remove(&nonce);
            return Err(Setback::Never(Failure::NotSigned {
                account: self.account.address(),
            }));
        }
        if let Some(job) = self.jobs.get_mut(&id) {
            job.progress = Progress::Sent(nonce);
            job.failures = 0;
        }
        match self.deliver(nonce).await {
            Ok(()) => Ok(()),
            Err(RpcError::Refused { message, .. }) if is_unaffordable(&message) => {
                self.slots.remove(&nonce);
                let account = self.account.address();
                let received = self.rpc.balance(account).await?;
                Err(Setback::Never(Failure::Unfunded {
                    account,
                    expected: cost,
                    received,
                }))
            }
            // What the endpoint did not confirm may have arrived; the slot stays and is sent again as it is.
            Err(error) => {
                tracing::debug!(%error, nonce, "it is not certain that a transaction was taken");
                Ok(())
            }
        }
    }

    async fn next_request(&self, job: &Job) -> Result<(Request, Purpose), Setback> {
        let from = self.account.address();
        if let Call::Deposit { terms, amount, .. } = &job.call
            && terms.token != Address::ZERO
        {
            let wanted = U256::from(amount.units());
            let allowed = contracts::allowance(&self.rpc, terms.token, from, self.court).await?;
            if allowed < wanted {
                let approval = contracts::approval(terms.token, from, self.court, wanted);
                return Ok((approval, Purpose::Approval));
            }
        }
        Ok((
            contracts::request(&job.call, from, self.court),
            Purpose::Call,
        ))
    }

    /// The estimate and a margin, since what a transaction meets may differ from what the estimate met: payouts and
    /// conditions revert when their stipends are not available.
    async fn gas_limit(&self, job: &Job, request: &Request) -> Result<u64, Setback> {
        let estimate = match self.rpc.estimate_gas(request).await {
            Ok(estimate) => estimate,
            Err(RpcError::Refused { message, data, .. })
                if !data.is_empty() || message.contains("revert") =>
            {
                let error = Revert::new(data, &message);
                return Err(if error.passes_with_time() {
                    Setback::Later
                } else {
                    Setback::Never(job.refused(error))
                });
            }
            Err(error) => {
                self.require_balance(request.value.saturating_add(U256::from(1)))
                    .await?;
                return Err(error.into());
            }
        };
        let margin = (estimate / 4).saturating_add(GAS_MARGIN);
        Ok(estimate.saturating_add(margin).min(MOST_GAS).max(estimate))
    }

    async fn require_balance(&self, expected: U256) -> Result<(), Setback> {
        let account = self.account.address();
        let received = self.rpc.balance(account).await?;
        if received >= expected {
            return Ok(());
        }
        Err(Setback::Never(Failure::Unfunded {
            account,
            expected,
            received,
        }))
    }

    async fn next_nonce(&self) -> Result<u64, RpcError> {
        let pending = self
            .rpc
            .transaction_count(self.account.address(), At::Pending)
            .await?;
        // What was sent may not have arrived, and so not be counted.
        let ours = self
            .slots
            .last_key_value()
            .map_or(0, |(nonce, _)| nonce.saturating_add(1));
        Ok(pending.max(ours))
    }

    async fn raise(&mut self, nonce: u64, head: &Block) -> Result<(), RpcError> {
        let suggested = Fees::suggested(&self.rpc).await?;
        let cap = self.max_fee_per_gas;
        let Some(slot) = self.slots.get_mut(&nonce) else {
            return Ok(());
        };
        slot.since = head.number;
        let raised = slot.fees.raised().max(suggested);
        // Fees that the cap keeps below an eighth more would be refused; the old transaction stays in the race.
        if raised.max_fee <= cap {
            slot.fees = Fees {
                max_fee: raised.max_fee,
                tip: raised.tip.min(raised.max_fee),
            };
            self.sign(nonce);
        }
        self.deliver(nonce).await
    }

    fn sign(&mut self, nonce: u64) -> bool {
        let Some(slot) = self.slots.get_mut(&nonce) else {
            return false;
        };
        let (request, gas, fees) = (&slot.request, slot.gas_limit, slot.fees);
        match self.account.sign(request, self.chain_id, nonce, gas, fees) {
            Some(transaction) => {
                slot.push(transaction);
                slot.delivery = Delivery::Uncertain;
                true
            }
            None => false,
        }
    }

    async fn deliver(&mut self, nonce: u64) -> Result<(), RpcError> {
        let Some(slot) = self.slots.get_mut(&nonce) else {
            return Ok(());
        };
        let Some(transaction) = slot.last() else {
            return Ok(());
        };
        match self.rpc.send(&transaction.bytes).await {
            Ok(_) => {}
            // It has it: geth's and others' words for a transaction that waits or was mined.
            Err(RpcError::Refused { message, .. }) if is_known(&message) => {}
            Err(error) => {
                slot.back_off(self.step);
                return Err(error);
            }
        }
        slot.delivery = Delivery::Taken;
        Ok(())
    }

    fn capped(&self, fees: Fees) -> Fees {
        let max_fee = fees.max_fee.min(self.max_fee_per_gas);
        Fees {
            max_fee,
            tip: fees.tip.min(max_fee),
        }
    }

    fn back_off(&mut self, id: JobId) {
        if let Some(job) = self.jobs.get_mut(&id) {
            job.back_off(self.step);
        }
    }
}

enum Setback {
    Never(Failure),
    Later,
    Rpc(RpcError),
}

impl From<RpcError> for Setback {
    fn from(error: RpcError) -> Self {
        Self::Rpc(error)
    }
}

fn too_late(call: &Call, head: &Block) -> Option<Failure> {
    let now = Timestamp::new(head.timestamp);
    let before = match call {
        Call::Respond { before, .. } => *before,
        Call::Reveal { expiry, .. } => expiry.after(1),
        Call::Deposit { .. }
        | Call::Close { .. }
        | Call::Challenge { .. }
        | Call::Settle { .. } => return None,
    };
    (now >= before).then_some(Failure::TooLate { before, now })
}

fn is_unaffordable(message: &str) -> bool {
    message.to_ascii_lowercase().contains("insufficient funds")
}

fn is_known(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("already known") || message.contains("already imported")
}

const GAS_MARGIN: u64 = 30_000;

/// No transaction may have more (EIP-7825).
const MOST_GAS: u64 = 1 << 24;

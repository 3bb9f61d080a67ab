//! What a call needs before it can be sent: a simulation, gas, fees, money and a nonce.
//!
//! A failure here concerns one job only; it is tried again after a pause that doubles, or on the next block if only time
//! has to pass.

use super::resending::too_late;
use super::slot::{Purpose, Slot};
use super::{Job, JobId, Outbox, Progress};
use crate::contracts::{self, Revert};
use crate::news::Failure;
use alloy::primitives::U256;
use counterfoil_core::effect::Call;
use counterfoil_core::types::Address;
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
                    && job.waits_after != Some(head.hash)
            })
            .map(|(id, _)| *id)
            .collect();
        for id in idle {
            match self.start(id, head).await {
                Ok(()) => {}
                Err(Setback::Never(failure)) => self.fail_if_current(id, failure, head).await,
                Err(Setback::Later(error)) => self.wait_for_block(id, &error, head),
                Err(Setback::Rpc(error)) => {
                    tracing::debug!(%error, "a call could not be sent yet");
                    self.back_off(id);
                }
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

    async fn start(&mut self, id: JobId, head: &Block) -> Result<(), Setback> {
        let Some(job) = self.jobs.get(&id) else {
            return Ok(());
        };
        if let Some(failure) = too_late(&job.call, head) {
            return Err(Setback::Never(failure));
        }
        let (request, purpose) = self.next_request(job).await?;
        let gas_limit = self.gas_limit(job, &request).await?;
        let suggested = Fees::suggested(&self.rpc).await?;
        let mut fees = self.capped(suggested);
        if is_defence(&job.call) {
            let balance = self.rpc.balance(self.account.address()).await?;
            fees = affordable(fees, least(suggested), balance, gas_limit);
        }
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
                return Err(if error.passes_with_time() || outlasts_refusal(&job.call) {
                    Setback::Later(error)
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

    // Below the cap there is room to be raised once, unless that room is needed at once.
    fn capped(&self, fees: Fees) -> Fees {
        let cap = self.max_fee_per_gas;
        let below = (cap.saturating_sub(2) / 9).saturating_mul(8);
        let max_fee = fees.max_fee.min(below.max(least(fees))).min(cap);
        Fees {
            max_fee,
            tip: fees.tip.min(max_fee),
        }
    }

    fn wait_for_block(&mut self, id: JobId, error: &Revert, head: &Block) {
        if let Some(job) = self.jobs.get_mut(&id) {
            if !job.refusal_told && !error.passes_with_time() {
                job.refusal_told = true;
                tracing::warn!(%error, "the contract refuses a call that is tried again with every block");
            }
            job.waits_after = Some(head.hash);
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
    Later(Revert),
    Rpc(RpcError),
}

impl From<RpcError> for Setback {
    fn from(error: RpcError) -> Self {
        Self::Rpc(error)
    }
}

/// Whether a call is tried again after a refusal, which may come from a node that has not seen the newest block, until it
/// can have no effect any more or its effect shows.
const fn outlasts_refusal(call: &Call) -> bool {
    // What a withdrawal takes cannot be spent until its end is certain.
    is_defence(call) || matches!(call, Call::Withdraw { .. })
}

/// Whether money is lost if a call is given up.
const fn is_defence(call: &Call) -> bool {
    match call {
        Call::Challenge { .. }
        | Call::Respond { .. }
        | Call::Settle { .. }
        | Call::Reveal { .. } => true,
        Call::Deposit { .. } | Call::Close { .. } | Call::Withdraw { .. } => false,
    }
}

/// The highest fee that suffices for the next block; what is suggested allows for twice the burnt part.
const fn least(suggested: Fees) -> u128 {
    let burnt = suggested.max_fee.saturating_sub(suggested.tip) / 2;
    burnt.saturating_add(suggested.tip)
}

/// Fees that a balance pays for, as long as they suffice for the next block.
fn affordable(fees: Fees, least: u128, balance: U256, gas_limit: u64) -> Fees {
    let most = balance
        .checked_div(U256::from(gas_limit))
        .and_then(|most| u128::try_from(most).ok())
        .unwrap_or(u128::MAX);
    if most < least {
        return fees;
    }
    let max_fee = fees.max_fee.min(most);
    Fees {
        max_fee,
        tip: fees.tip.min(max_fee),
    }
}

fn is_unaffordable(message: &str) -> bool {
    message.to_ascii_lowercase().contains("insufficient funds")
}

const GAS_MARGIN: u64 = 30_000;

/// No transaction may have more (EIP-7825).
const MOST_GAS: u64 = 1 << 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_lowers_fees_but_not_below_what_the_next_block_takes() {
        let fees = Fees {
            max_fee: 21,
            tip: 1,
        };
        assert_eq!(least(fees), 11);
        for (balance, max_fee) in [(109, 21), (110, 11), (150, 15), (1_000, 21)] {
            let lowered = affordable(fees, least(fees), U256::from(balance), 10);
            assert_eq!(lowered.max_fee, max_fee, "{balance}");
        }
    }
}

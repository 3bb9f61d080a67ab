//! Transactions on their way: sending them again, for more, until their nonces are used up.

use super::Outbox;
use super::slot::{Delivery, Slot};
use crate::news::Failure;
use counterfoil_core::effect::Call;
use counterfoil_core::types::Timestamp;
use counterfoil_deploy::Fees;
use counterfoil_deploy::rpc::{Block, RpcError};

impl Outbox {
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
        self.fill_gap(head).await;
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

    // Transactions of an earlier run may wait below ours for fees that nobody pays. Once ours are late for it, they are
    // replaced by empty ones.
    async fn fill_gap(&mut self, head: &Block) {
        let Some((lowest, slot)) = self.slots.first_key_value() else {
            return;
        };
        let late = head.number.saturating_sub(slot.first_sent) >= self.resubmit_after;
        if !late || self.used_nonces >= *lowest {
            return;
        }
        let (gap, fees) = (self.used_nonces..*lowest, slot.fees);
        for nonce in gap {
            let empty = Slot::empty(self.account.address(), fees, head.number);
            self.slots.insert(nonce, empty);
            self.sign(nonce);
            if let Err(error) = self.deliver(nonce).await {
                tracing::debug!(%error, nonce, "an unknown transaction could not be replaced yet");
            }
        }
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

    pub(super) fn sign(&mut self, nonce: u64) -> bool {
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

    /// Hands the last transaction of a slot to the endpoint.
    ///
    /// # Errors
    /// [`RpcError`]; the transaction may have been taken all the same, and is sent again after a pause.
    pub(super) async fn deliver(&mut self, nonce: u64) -> Result<(), RpcError> {
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
}

/// Why a call can have no effect after `head`, as far as time goes.
pub(super) fn too_late(call: &Call, head: &Block) -> Option<Failure> {
    let now = Timestamp::new(head.timestamp);
    let before = match call {
        Call::Respond { before, .. } => *before,
        Call::Reveal { expiry, .. } => expiry.after(1),
        Call::Deposit { .. }
        | Call::Close { .. }
        // Its own rule: a final block has to be later.
        | Call::Withdraw { .. }
        | Call::Challenge { .. }
        | Call::Settle { .. } => return None,
    };
    (now >= before).then_some(Failure::TooLate { before, now })
}

fn is_known(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("already known") || message.contains("already imported")
}

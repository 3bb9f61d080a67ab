//! A nonce of the account, and the transactions that compete for it.

use super::JobId;
use counterfoil_deploy::rpc::{Receipt, Request, Rpc, RpcError};
use counterfoil_deploy::{Address, Fees, Transaction, U256};

#[derive(Debug)]
pub(super) struct Slot {
    job: Option<(JobId, Purpose)>,
    /// What the next transaction of this slot carries.
    pub(super) request: Request,
    pub(super) gas_limit: u64,
    pub(super) fees: Fees,
    sent: Vec<Transaction>,
    /// Height of the newest block when the first transaction was sent.
    pub(super) first_sent: u64,
    /// Height of the newest block when the last transaction was sent.
    pub(super) since: u64,
    /// Whether the endpoint took the last transaction.
    pub(super) delivery: Delivery,
    failures: u32,
    pub(super) not_before_step: u64,
}

/// What a slot does for its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It carries out the call.
    Call,
    /// It lets the adjudicator pull the tokens that the call deposits.
    Approval,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    Taken,
    Uncertain,
}

impl Slot {
    pub(super) fn new(
        job: JobId,
        purpose: Purpose,
        request: Request,
        gas_limit: u64,
        fees: Fees,
        since: u64,
    ) -> Self {
        Self {
            job: Some((job, purpose)),
            request,
            gas_limit,
            fees,
            sent: Vec::new(),
            first_sent: since,
            since,
            delivery: Delivery::Uncertain,
            failures: 0,
            not_before_step: 0,
        }
    }

    /// A slot that only uses its nonce up, by a transfer of nothing for more than `fees`.
    pub(super) fn empty(account: Address, fees: Fees, since: u64) -> Self {
        let request = Request {
            from: account,
            to: account,
            value: U256::ZERO,
            data: Default::default(),
        };
        Self {
            job: None,
            request,
            gas_limit: TRANSFER_GAS,
            fees: fees.raised(),
            sent: Vec::new(),
            first_sent: since,
            since,
            delivery: Delivery::Uncertain,
            failures: 0,
            not_before_step: 0,
        }
    }

    pub(super) const fn job(&self) -> Option<(JobId, Purpose)> {
        self.job
    }

    pub(super) fn push(&mut self, transaction: Transaction) {
        self.sent.push(transaction);
    }

    pub(super) fn back_off(&mut self, step: u64) {
        self.failures = self.failures.saturating_add(1);
        self.not_before_step = step.saturating_add(pause(self.failures));
    }

    pub(super) fn last(&self) -> Option<&Transaction> {
        self.sent.last()
    }

    /// The receipt of whichever of its transactions was mined; none when another transaction took the nonce.
    ///
    /// # Errors
    /// [`RpcError`].
    pub(super) async fn receipt(&self, rpc: &Rpc) -> Result<Option<Receipt>, RpcError> {
        for transaction in self.sent.iter().rev() {
            if let Some(receipt) = rpc.receipt(transaction.hash).await? {
                return Ok(Some(receipt));
            }
        }
        Ok(None)
    }

    /// Lets the slot be used up by a transfer of nothing, should it be sent again: its job needs it no more, but later
    /// nonces do.
    pub(super) fn abandon(&mut self, id: JobId) {
        if self.job.is_some_and(|(job, _)| job == id) {
            self.job = None;
            self.request.to = self.request.from;
            self.request.value = U256::ZERO;
            self.request.data = Default::default();
            self.gas_limit = TRANSFER_GAS;
        }
    }
}

/// Steps to wait after so many failures in a row.
pub(super) fn pause(failures: u32) -> u64 {
    2u64.saturating_pow(failures.min(4))
}

const TRANSFER_GAS: u64 = 21_000;

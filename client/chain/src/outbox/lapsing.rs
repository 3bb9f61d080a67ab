//! Withdrawals that can have no effect any more.
//!
//! The channel's money waits for the end of a withdrawal, so it is given up only once no reorg can let it happen. While
//! only the newest block speaks against it, nothing is sent for it.

use super::effects::Effects;
use super::{Job, JobId, Outbox, Progress};
use crate::contracts;
use crate::news::Failure;
use counterfoil_core::effect::{Call, OnChain, Status};
use counterfoil_core::types::{ChannelId, Timestamp};
use counterfoil_deploy::rpc::{At, Block, RpcError};

impl Outbox {
    /// Stops sending for a withdrawal that every later block would refuse.
    pub(super) fn hold_back(&mut self, id: JobId, effects: &Effects, head: &Block) {
        let Some(job) = self.jobs.get_mut(&id) else {
            return;
        };
        let Some(withdrawal) = Withdrawal::of(job) else {
            return;
        };
        let now = effects.channel(&job.call);
        job.hopeless = now.is_some_and(|now| withdrawal.is_hopeless(now, head));
        if job.hopeless {
            job.progress = Progress::Idle;
            job.waits_after = Some(head.hash);
            self.abandon_slots(id);
        }
    }

    /// Gives up the withdrawals that a final block speaks against.
    pub(super) async fn give_up_lapsed(&mut self, finalized: Option<&Block>) {
        let Some(finalized) = finalized else { return };
        let undecided = Some(finalized.hash);
        let hopeless = self.jobs.iter();
        let hopeless =
            hopeless.filter(|(_, job)| job.hopeless && job.still_possible_at != undecided);
        let hopeless: Vec<(JobId, Withdrawal)> = hopeless
            .filter_map(|(id, job)| Some((*id, Withdrawal::of(job)?)))
            .collect();
        for (id, withdrawal) in hopeless {
            match self.lapsed(&withdrawal, finalized).await {
                Ok(Some(failure)) => self.fail(id, failure),
                Ok(None) => {
                    if let Some(job) = self.jobs.get_mut(&id) {
                        job.still_possible_at = undecided;
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "what is final of a channel could not be read yet");
                }
            }
        }
    }

    async fn lapsed(
        &self,
        withdrawal: &Withdrawal,
        finalized: &Block,
    ) -> Result<Option<Failure>, RpcError> {
        let now = Timestamp::new(finalized.timestamp);
        let before = withdrawal.deadline.after(1);
        if now >= before {
            return Ok(Some(Failure::TooLate { before, now }));
        }
        let channel = withdrawal.channel;
        let at = At::Hash(finalized.hash);
        let statuses = contracts::statuses(&self.rpc, self.court, &[channel], at).await?;
        let open = statuses.iter().all(|now| now.status == Status::Open);
        Ok((!open).then_some(Failure::NotOpen { channel }))
    }
}

/// What decides on a withdrawal.
struct Withdrawal {
    channel: ChannelId,
    deadline: Timestamp,
}

impl Withdrawal {
    fn of(job: &Job) -> Option<Self> {
        let Call::Withdraw {
            terms, deadline, ..
        } = &job.call
        else {
            return None;
        };
        (!job.is_done()).then(|| Self {
            channel: terms.channel_id(),
            deadline: *deadline,
        })
    }

    // No block is earlier than its parent.
    fn is_hopeless(&self, now: &OnChain, head: &Block) -> bool {
        now.status != Status::Open || Timestamp::new(head.timestamp) > self.deadline
    }
}

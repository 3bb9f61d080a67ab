//! From the first signature to an open channel: deposits are counted when both sides call them final.

use super::{Channel, Fault, Output, Phase, Signed, shutdown};
use crate::effect::{Call, Event, OnChain};
use crate::state::{BlindingSeed, Content, Domain, Opening, Signature, SigningKey};
use crate::types::{Address, Amount, Nonce, Outside, Pair, Participant, SignedAmount, Terms};
use crate::wire::{FundingLocked, FundingSigned, Message, Reason};
use std::collections::VecDeque;

/// The agreement from which a channel begins.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Agreement {
    pub(crate) terms: Terms,
    pub(crate) deposits: Pair<Amount>,
    pub(crate) push: Amount,
    pub(crate) minimum_depth: u32,
    pub(crate) seed: BlindingSeed,
}

/// A deposit of ours that was asked for: `amount` on top of `expected`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, alloy_rlp::RlpEncodable, alloy_rlp::RlpDecodable,
)]
pub(super) struct Depositing {
    expected: SignedAmount,
    amount: Amount,
}

/// The content and opening of the first state, which holds nothing but the push amount.
///
/// # Errors
/// [`Outside`] when the push amount exceeds what a net payment can hold.
pub(crate) fn first_state(
    seed: &BlindingSeed,
    push: Amount,
) -> Result<(Content, Opening), Outside> {
    let content = Content {
        net: SignedAmount::try_from(push)?,
        ..Content::default()
    };
    let opening = content.opening(seed, Nonce::FIRST);
    Ok((content, opening))
}

impl Channel {
    /// The channel as it begins, with the signatures on its first state that are at hand.
    ///
    /// # Errors
    /// [`Outside`] when the push amount exceeds what a net payment can hold.
    pub(crate) fn begin(
        agreement: Agreement,
        domain: Domain,
        peer: Address,
        local: Participant,
        signatures: Pair<Signature>,
    ) -> Result<Self, Outside> {
        let (content, _) = first_state(&agreement.seed, agreement.push)?;
        Ok(Self {
            id: agreement.terms.channel_id(),
            terms: agreement.terms,
            peer,
            local,
            phase: Phase::Created,
            minimum_depth: agreement.minimum_depth,
            ahead: content.clone(),
            signed: Signed {
                nonce: Nonce::FIRST,
                content,
                signatures,
            },
            greeting: Vec::new(),
            domain,
            seed: agreement.seed,
            agreed: agreement.deposits,
            proposal: None,
            known: Nonce::FIRST,
            held: None,
            answered: None,
            depositing: None,
            buried: false,
            confirmed: Pair::default(),
            acknowledged: Pair::default(),
            announced: None,
            shutdown: shutdown::Progress::default(),
            grants: Pair::default(),
            met: true,
            awaits_hello: false,
            has_lost: false,
            forgotten: Nonce::ZERO,
            on_chain: OnChain::default(),
            settling: None,
            queue: VecDeque::new(),
        })
    }

    /// The first state is co-signed: what this side promised goes to the chain.
    pub(crate) fn fund(&mut self, out: &mut Output) {
        self.phase = Phase::Funding;
        self.keep(Nonce::FIRST, &self.signed.content.clone(), out);
        if self.local == Participant::Zero || self.agreed.zero.is_zero() {
            self.deposit_agreed(out);
        }
    }

    /// The responder deposits once the chain shows the initiator's deposit, so that nobody makes it lock up money for a
    /// channel that never comes to life (docs/adr/0010-initiator-deposits-first.md).
    pub(super) fn follow_initiator(&mut self, out: &mut Output) {
        let shown = self.on_chain.deposits.zero;
        let is_there = SignedAmount::try_from(self.agreed.zero).is_ok_and(|agreed| shown >= agreed);
        if self.phase == Phase::Funding && self.local == Participant::One && is_there {
            self.deposit_agreed(out);
        }
    }

    /// Puts in what is missing of the agreed deposit.
    fn deposit_agreed(&mut self, out: &mut Output) {
        let shown = *self.on_chain.deposits.of(self.local);
        let expected = shown.max(*self.confirmed.of(self.local));
        let agreed = *self.agreed.of(self.local);
        let amount = agreed.saturating_sub(expected.or_zero());
        if self.depositing.is_none() && !amount.is_zero() {
            self.depositing = Some(Depositing { expected, amount });
            self.ask_deposit(out);
        }
    }

    /// Handles `funding_signed`, the responder's signature on the first state.
    ///
    /// # Errors
    /// [`Fault`] when the signature is bad or came when it cannot; the channel is as before.
    pub(crate) fn on_funding_signed(
        &mut self,
        signed: &FundingSigned,
        out: &mut Output,
    ) -> Result<(), Fault> {
        if self.local == Participant::One {
            return Err(Fault::WrongPhase { code: 5 });
        }
        if self.phase != Phase::Created {
            // A repeat: money is on its way already.
            return Ok(());
        }
        let digest = self.digest(Nonce::FIRST, &self.signed.content);
        signed.signature.verify(digest, self.remote_signer())?;
        self.signed.signatures.one = signed.signature;
        self.fund(out);
        // On a link that came up before, the responder was told nothing yet, and it may have started again meanwhile.
        if self.awaits_hello {
            self.say_what_is_held(out);
        }
        Ok(())
    }

    /// Handles `funding_locked`: what the other side calls final may be spent from now on.
    ///
    /// # Errors
    /// [`Fault`] when it came before the first state was co-signed; the channel is as before.
    pub(crate) fn on_funding_locked(
        &mut self,
        locked: &FundingLocked,
        out: &mut Output,
    ) -> Result<(), Fault> {
        match self.phase {
            Phase::Created => Err(Fault::WrongPhase { code: 6 }),
            Phase::Funding | Phase::Open | Phase::ShuttingDown => {
                if self.acknowledged != locked.deposits {
                    self.acknowledged = locked.deposits;
                    self.deposits_changed(out);
                }
                Ok(())
            }
            Phase::Closing
            | Phase::Stopped
            | Phase::Disputed
            | Phase::Closed
            | Phase::Recovering => Ok(()),
        }
    }

    /// The chain shows the channel at its depth: these deposits count.
    pub(super) fn count_deposits(&mut self, status: &OnChain, anyway: bool, out: &mut Output) {
        if status.deposits == self.confirmed {
            if anyway {
                self.look_ahead(out);
            }
            return;
        }
        self.confirmed = status.deposits;
        let ours = *self.confirmed.of(self.local);
        self.depositing = self.depositing.filter(|last| !last.is_in(ours));
        self.deposits_changed(out);
    }

    fn deposits_changed(&mut self, out: &mut Output) {
        // A withdrawal may leave less than was agreed at first.
        let complete = self.phase != Phase::Funding || self.is_agreed(&self.confirmed);
        let talking = matches!(
            self.phase,
            Phase::Funding | Phase::Open | Phase::ShuttingDown
        );
        if complete && talking && self.announced != Some(self.confirmed) {
            self.announced = Some(self.confirmed);
            self.send_deposits(self.confirmed, out);
        }
        // The two sides may have counted a different number of top-ups by now; open is open for both all the same.
        let opening = self.announced.is_some() && self.is_agreed(&self.acknowledged);
        if self.phase == Phase::Funding && opening {
            self.phase = Phase::Open;
            out.events.push(Event::ChannelOpened { channel: self.id });
        } else if self.announced == Some(self.confirmed) && self.acknowledged == self.confirmed {
            let (channel, deposits) = (self.id, self.confirmed);
            out.events.push(Event::DepositCounted { channel, deposits });
        }
        self.look_ahead(out);
    }

    fn is_agreed(&self, deposits: &Pair<SignedAmount>) -> bool {
        Participant::BOTH.into_iter().all(|side| {
            let agreed = SignedAmount::try_from(*self.agreed.of(side));
            agreed.is_ok_and(|agreed| *deposits.of(side) >= agreed)
        })
    }

    pub(super) fn send_deposits(&self, deposits: Pair<SignedAmount>, out: &mut Output) {
        self.send(
            &Message::FundingLocked(FundingLocked {
                channel: self.id,
                deposits,
            }),
            out,
        );
    }

    /// Adds to this side's deposit.
    ///
    /// # Errors
    /// [`Reason::DepositNotFinal`] while the chain does not show the deposit before this one: the contract would take the
    /// second for a repetition of the first.
    pub(crate) fn top_up(&mut self, amount: Amount, out: &mut Output) -> Result<(), Reason> {
        let shown = *self.on_chain.deposits.of(self.local);
        let pending = self.depositing.is_some_and(|last| !last.is_in(shown));
        if pending {
            return Err(Reason::DepositNotFinal);
        }
        if self.ahead.withdrawing(self.local).is_some() {
            return Err(Reason::WithdrawalPending);
        }
        let expected = shown.max(*self.confirmed.of(self.local));
        self.depositing = Some(Depositing { expected, amount });
        self.ask_deposit(out);
        Ok(())
    }

    pub(super) fn ask_deposit(&self, out: &mut Output) {
        if let Some(Depositing { expected, amount }) = self.depositing {
            out.calls.push(Call::Deposit {
                terms: self.terms.clone(),
                participant: self.local,
                amount,
                expected,
            });
        }
    }

    /// Our signature on the first state.
    pub(crate) fn sign_first(
        domain: &Domain,
        agreement: &Agreement,
        key: &SigningKey,
    ) -> Result<Signature, Outside> {
        let (_, opening) = first_state(&agreement.seed, agreement.push)?;
        let id = agreement.terms.channel_id();
        Ok(key.sign(crate::state::state_digest(
            domain,
            id,
            Nonce::FIRST,
            opening.commitment(),
        )))
    }
}

impl Depositing {
    /// Whether a deposit of `shown` holds this one.
    fn is_in(&self, shown: SignedAmount) -> bool {
        self.expected
            .plus(self.amount)
            .is_ok_and(|total| shown >= total)
    }
}

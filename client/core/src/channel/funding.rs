//! From the first signature to an open channel: deposits are counted when both sides call them final.

use super::{Channel, Fault, Output, Phase, Signed, shutdown};
use crate::effect::{Call, Depth, Event, OnChain};
use crate::state::{BlindingSeed, Content, Domain, Opening, Signature, SigningKey};
use crate::types::{Address, Amount, Nonce, Outside, Pair, Participant, SignedAmount, Terms};
use crate::wire::{FundingLocked, FundingSigned, Message};
use std::collections::VecDeque;

/// The agreement from which a channel begins.
#[derive(Clone, Debug)]
pub(crate) struct Agreement {
    pub(crate) terms: Terms,
    pub(crate) deposits: Pair<Amount>,
    pub(crate) push: Amount,
    pub(crate) minimum_depth: u32,
    pub(crate) seed: BlindingSeed,
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
            confirmed: Pair::default(),
            acknowledged: Pair::default(),
            announced: None,
            shutdown: shutdown::Progress::default(),
            on_chain: OnChain::default(),
            settling: None,
            queue: VecDeque::new(),
        })
    }

    /// The first state is co-signed: what this side promised goes to the chain.
    pub(crate) fn fund(&mut self, out: &mut Output) {
        self.phase = Phase::Funding;
        self.keep(Nonce::FIRST, &self.signed.content.clone(), out);
        let amount = *self.agreed.of(self.local);
        if !amount.is_zero() {
            out.calls.push(Call::Deposit {
                terms: self.terms.clone(),
                participant: self.local,
                amount,
                expected: SignedAmount::ZERO,
            });
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
            Phase::Closing | Phase::Stopped | Phase::Disputed | Phase::Closed => Ok(()),
        }
    }

    /// The chain shows the channel at a depth; only a confirmed reading counts for deposits.
    pub(super) fn count_deposits(&mut self, depth: Depth, status: &OnChain, out: &mut Output) {
        if depth == Depth::Latest || status.deposits == self.confirmed {
            return;
        }
        self.confirmed = status.deposits;
        self.deposits_changed(out);
    }

    fn deposits_changed(&mut self, out: &mut Output) {
        let complete = Participant::BOTH.into_iter().all(|side| {
            let agreed = SignedAmount::try_from(*self.agreed.of(side));
            agreed.is_ok_and(|agreed| *self.confirmed.of(side) >= agreed)
        });
        let talking = matches!(
            self.phase,
            Phase::Funding | Phase::Open | Phase::ShuttingDown
        );
        if complete && talking && self.announced != Some(self.confirmed) {
            self.announced = Some(self.confirmed);
            self.send_deposits(self.confirmed, out);
        }
        let announced = self.announced == Some(self.confirmed);
        if announced && self.acknowledged == self.confirmed {
            if self.phase == Phase::Funding {
                self.phase = Phase::Open;
                out.events.push(Event::ChannelOpened { channel: self.id });
            } else {
                let (channel, deposits) = (self.id, self.confirmed);
                out.events.push(Event::DepositCounted { channel, deposits });
            }
        }
        self.look_ahead(out);
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
    pub(crate) fn top_up(&self, amount: Amount, out: &mut Output) {
        out.calls.push(Call::Deposit {
            terms: self.terms.clone(),
            participant: self.local,
            amount,
            expected: *self.on_chain.deposits.of(self.local),
        });
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

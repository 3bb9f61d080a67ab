//! A channel as it is stored: all that a restart needs, in one record.

use super::funding::Depositing;
use super::proposal::{Answered, Displaced, Proposal};
use super::{Channel, Final, Phase, Signed, shutdown};
use crate::effect::OnChain;
use crate::state::{BlindingSeed, Content, Domain, Signature};
use crate::types::{Address, Amount, B256, Nonce, Pair, Participant, SignedAmount, Terms};
use crate::wire::{Message, Operation};
use alloy_primitives::Bytes;
use alloy_rlp::{Decodable, RlpDecodable, RlpEncodable};
use std::collections::VecDeque;

/// The layout of the record; RLP has no options, so they are lists of at most one.
#[derive(RlpEncodable, RlpDecodable)]
struct Image {
    version: u8,
    terms: Terms,
    peer: Address,
    local: Participant,
    phase: u8,
    minimum_depth: u32,
    agreed: Pair<Amount>,
    seed: BlindingSeed,
    nonce: Nonce,
    content: Content,
    signatures: Pair<Signature>,
    known: Nonce,
    held: Vec<SeenImage>,
    answered: Vec<AnsweredImage>,
    proposal: Vec<ProposalImage>,
    confirmed: Pair<SignedAmount>,
    acknowledged: Pair<SignedAmount>,
    announced: Vec<Pair<SignedAmount>>,
    shutdown: u8,
    closing: Pair<Signature>,
    greeting: Bytes,
    depositing: Vec<Depositing>,
    buried: u8,
    grants: Pair<Signature>,
    has_lost: u8,
}

#[derive(RlpEncodable, RlpDecodable)]
struct SeenImage {
    nonce: Nonce,
    hash: B256,
}

#[derive(RlpEncodable, RlpDecodable)]
struct AnsweredImage {
    nonce: Nonce,
    hash: B256,
    answer: Bytes,
}

#[derive(RlpEncodable, RlpDecodable)]
struct ProposalImage {
    nonce: Nonce,
    content: Content,
    signature: Signature,
    frame: Bytes,
    /// Operations of the other side that were merged.
    merged: Vec<Operation>,
    displaced: Vec<Displaced>,
}

/// A stored channel that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadImage {
    /// The bytes are no channel.
    #[error(
        "a stored channel cannot be read: {0}; expected the record of this version; restore a backup"
    )]
    Unreadable(alloy_rlp::Error),
    /// The record's fields contradict each other.
    #[error("a stored channel contradicts itself in its {field}; restore a backup")]
    Inconsistent {
        /// Which field.
        field: &'static str,
    },
}

const VERSION: u8 = 2;

impl Channel {
    /// The record's bytes.
    pub(crate) fn image(&self) -> Vec<u8> {
        let local = self.local;
        let proposal = self.proposal.iter().map(|proposal| ProposalImage {
            nonce: proposal.nonce,
            content: proposal.content.clone(),
            signature: proposal.signature,
            frame: Bytes::copy_from_slice(&proposal.frame),
            merged: proposal
                .finals
                .iter()
                .filter(|change| change.proposer != local)
                .map(|change| change.operation.clone())
                .collect(),
            displaced: proposal.displaced.iter().cloned().collect(),
        });
        let answered = self.answered.iter().map(|answered| AnsweredImage {
            nonce: answered.nonce,
            hash: answered.hash,
            answer: Bytes::copy_from_slice(&answered.answer),
        });
        alloy_rlp::encode(Image {
            version: VERSION,
            terms: self.terms.clone(),
            peer: self.peer,
            local,
            phase: phase_number(self.phase),
            minimum_depth: self.minimum_depth,
            agreed: self.agreed,
            seed: self.seed,
            nonce: self.signed.nonce,
            content: self.signed.content.clone(),
            signatures: self.signed.signatures,
            known: self.known,
            held: self
                .held
                .iter()
                .map(|(nonce, hash)| SeenImage {
                    nonce: *nonce,
                    hash: *hash,
                })
                .collect(),
            answered: answered.collect(),
            proposal: proposal.collect(),
            confirmed: self.confirmed,
            acknowledged: self.acknowledged,
            announced: self.announced.into_iter().collect(),
            shutdown: shutdown_number(self.shutdown),
            closing: self.shutdown.signatures,
            greeting: Bytes::copy_from_slice(&self.greeting),
            depositing: self.depositing.into_iter().collect(),
            buried: u8::from(self.buried),
            grants: self.grants,
            has_lost: u8::from(self.has_lost),
        })
    }

    /// The channel as it was stored.
    ///
    /// # Errors
    /// [`BadImage`] when the bytes are not what [`Channel::image`] writes.
    pub(crate) fn from_image(mut bytes: &[u8], domain: Domain) -> Result<Self, BadImage> {
        let image = Image::decode(&mut bytes).map_err(BadImage::Unreadable)?;
        let inconsistent = |field| BadImage::Inconsistent { field };
        if image.version != VERSION {
            return Err(inconsistent("version"));
        }
        let seen = image.held.into_iter().next();
        let answered = image.answered.into_iter().next();
        let mut channel = Self {
            id: image.terms.channel_id(),
            terms: image.terms,
            peer: image.peer,
            local: image.local,
            phase: phase_of(image.phase).ok_or(inconsistent("phase"))?,
            minimum_depth: image.minimum_depth,
            ahead: image.content.clone(),
            signed: Signed {
                nonce: image.nonce,
                content: image.content,
                signatures: image.signatures,
            },
            greeting: image.greeting.to_vec(),
            depositing: image.depositing.into_iter().next(),
            buried: image.buried != 0,
            domain,
            seed: image.seed,
            agreed: image.agreed,
            proposal: None,
            known: image.known,
            held: seen.map(|seen| (seen.nonce, seen.hash)),
            answered: answered.map(|answered| Answered {
                nonce: answered.nonce,
                hash: answered.hash,
                answer: answered.answer.to_vec(),
            }),
            confirmed: image.confirmed,
            acknowledged: image.acknowledged,
            announced: image.announced.into_iter().next(),
            shutdown: shutdown_of(image.shutdown, image.closing),
            grants: image.grants,
            met: false,
            awaits_hello: false,
            has_lost: image.has_lost != 0,
            forgotten: Nonce::ZERO,
            on_chain: OnChain::default(),
            settling: None,
            queue: VecDeque::new(),
        };
        // A peer that has not called its deposits final may not have the channel yet, so it has nothing to say of it; and
        // until it has, nothing is proposed.
        let is_announced = channel.acknowledged != Pair::default();
        channel.met = match channel.phase {
            Phase::Created => true,
            Phase::Funding => !is_announced,
            Phase::Open
            | Phase::ShuttingDown
            | Phase::Closing
            | Phase::Stopped
            | Phase::Disputed
            | Phase::Closed
            | Phase::Recovering => false,
        };
        if let Some(proposal) = image.proposal.into_iter().next() {
            let proposal = channel.revive(proposal).ok_or(inconsistent("proposal"))?;
            channel.ahead = proposal.content.clone();
            channel.proposal = Some(proposal);
        }
        Ok(channel)
    }

    fn revive(&self, image: ProposalImage) -> Option<Proposal> {
        let message = crate::wire::decode(&image.frame).ok()??;
        let operations = if let Message::Update(update) = message {
            update.operations
        } else {
            Vec::new()
        };
        let finals = if matches!(self.phase, Phase::Open | Phase::ShuttingDown) {
            self.derive_again(&image, &operations)?
        } else {
            // It may still be published, but nothing more becomes final here, and the newest state may have passed what it
            // builds on.
            let not_derived = |proposer| {
                move |operation: &Operation| Final {
                    proposer,
                    operation: operation.clone(),
                    removed: None,
                }
            };
            let ours = operations.iter().map(not_derived(self.local));
            ours.chain(image.merged.iter().map(not_derived(self.local.other())))
                .collect()
        };
        Some(Proposal {
            nonce: image.nonce,
            content: image.content,
            signature: image.signature,
            operations,
            finals,
            frame: image.frame.to_vec(),
            displaced: image.displaced.into_iter().next(),
        })
    }

    /// What becomes final with the proposal, if its operations lead to the content that was stored with it.
    fn derive_again(&self, image: &ProposalImage, operations: &[Operation]) -> Option<Vec<Final>> {
        let mut content = self.signed.content.clone();
        let mut finals = Self::finals_of(&mut content, self.local, operations)?;
        finals.extend(Self::finals_of(
            &mut content,
            self.local.other(),
            &image.merged,
        )?);
        content.number(image.nonce);
        (content == image.content).then_some(finals)
    }
}

const PHASES: [Phase; 9] = [
    Phase::Created,
    Phase::Funding,
    Phase::Open,
    Phase::ShuttingDown,
    Phase::Closing,
    Phase::Stopped,
    Phase::Disputed,
    Phase::Closed,
    Phase::Recovering,
];

fn phase_number(phase: Phase) -> u8 {
    let place = PHASES.iter().position(|candidate| *candidate == phase);
    place
        .and_then(|place| u8::try_from(place).ok())
        .unwrap_or(u8::MAX)
}

fn phase_of(number: u8) -> Option<Phase> {
    PHASES.get(usize::from(number)).copied()
}

fn shutdown_number(progress: shutdown::Progress) -> u8 {
    let flags = [
        progress.ours,
        progress.theirs,
        progress.drained_here,
        progress.drained_there,
        progress.wanted,
    ];
    flags
        .into_iter()
        .rev()
        .fold(0, |bits, flag| (bits << 1) | u8::from(flag))
}

fn shutdown_of(bits: u8, signatures: Pair<Signature>) -> shutdown::Progress {
    shutdown::Progress {
        ours: bits & 1 != 0,
        theirs: bits & 2 != 0,
        drained_here: bits & 4 != 0,
        drained_there: bits & 8 != 0,
        wanted: bits & 16 != 0,
        signatures,
    }
}

//! The messages of the protocol; names and codes are those of its sources (E5), ours fill the gaps.

use super::frame::BadFrame;
use super::growing;
use super::operation::{Operation, Refused};
use super::reason::Reason;
use crate::state::{Content, Signature};
use crate::types::{Address, Amount, B256, ChannelId, LockId, Nonce, Pair, SignedAmount, Terms};
use alloy_primitives::Bytes;
use alloy_rlp::{Decodable, Encodable};

growing! {
    /// The initiator offers a channel, with all that the responder needs to decide.
    ChannelOpen {
        /// EIP-155 chain id.
        chain_id: u64,
        /// Contract that would hold the channel.
        adjudicator: Address,
        /// Names the offer until the channel has its id; never used twice between two peers.
        temporary_id: B256,
        /// ERC-20, or zero for the native coin.
        token: Address,
        /// The initiator's signing key.
        signer: Address,
        /// Where the initiator's money goes in the end.
        payout: Address,
        /// What the initiator will deposit.
        initiator_amount: Amount,
        /// What the responder is asked to deposit.
        responder_amount: Amount,
        /// What the initiator gives the responder at once.
        push_amount: Amount,
        /// Balance below which nobody pays.
        reserve: Amount,
        /// Seconds between a challenge and settlement.
        finalization_period: u32,
        /// Makes the channel's id unique.
        salt: B256,
        /// The initiator's part of the blinding seed.
        seed: B256,
    }

    /// The responder agrees; the terms are repeated, and their hash is the channel's id.
    ChannelAccept {
        /// EIP-155 chain id.
        chain_id: u64,
        /// Contract that will hold the channel.
        adjudicator: Address,
        /// Which offer.
        temporary_id: B256,
        /// The whole terms.
        terms: Terms,
        /// As offered.
        initiator_amount: Amount,
        /// As offered.
        responder_amount: Amount,
        /// As offered.
        push_amount: Amount,
        /// Blocks on top of a deposit before it counts.
        minimum_depth: u32,
        /// The responder's part of the blinding seed.
        seed: B256,
    }

    /// The initiator's signature on the first state.
    FundingCreated {
        /// Which offer.
        temporary_id: B256,
        /// The channel that it has become.
        channel: ChannelId,
        /// Over state 2, which holds the push amount.
        signature: Signature,
    }

    /// The responder's signature on the first state; money moves only after it.
    FundingSigned {
        /// Which channel.
        channel: ChannelId,
        /// Over state 2.
        signature: Signature,
    }

    /// What the sender holds of a channel, said first on every new link: before anything else is signed, each side sees
    /// whether the other, or it itself, has lost something.
    ChannelReestablish {
        /// Which channel.
        channel: ChannelId,
        /// The newest state that has both signatures here.
        co_signed: Nonce,
        /// Its commitment.
        commitment: B256,
        /// The receiver's own signature on it, which it cannot deny.
        yours: Signature,
        /// The newest state that the sender has signed.
        signed: Nonce,
        /// Its commitment.
        signed_commitment: B256,
        /// The highest nonce that the receiver has signed, as far as the sender knows, answered or not.
        known: Nonce,
    }

    /// The newest co-signed state, for a peer that has lost it.
    NewestState {
        /// Which channel.
        channel: ChannelId,
        /// Its nonce.
        nonce: Nonce,
        /// What it holds.
        content: Content,
        /// Both, over the state.
        signatures: Pair<Signature>,
    }

    /// The other signature on a withdrawal that a co-signed state holds.
    WithdrawSigned {
        /// Which channel.
        channel: ChannelId,
        /// The state that holds the withdrawal.
        nonce: Nonce,
        /// Over `Withdraw`.
        signature: Signature,
    }

    /// Asks whether the peer is there.
    Ping {
        /// Comes back with the answer.
        token: u64,
    }

    /// The peer is there.
    Pong {
        /// As asked.
        token: u64,
    }

    /// Words of the users, which the protocol does not read.
    InbandMessage {
        /// Which channel.
        channel: ChannelId,
        /// At most [`MAX_INBAND`](super::MAX_INBAND).
        bytes: Bytes,
    }

    /// The deposits that the sender has seen at its minimum depth. The first opens the channel; a later one counts a top-up or
    /// a withdrawal.
    FundingLocked {
        /// Which channel.
        channel: ChannelId,
        /// Final deposits.
        deposits: Pair<SignedAmount>,
    }

    /// A proposal.
    Update {
        /// Which channel.
        channel: ChannelId,
        /// Of the proposer's parity.
        nonce: Nonce,
        /// Newest state that both have signed.
        base: Nonce,
        /// Participant 1's proposal that this one takes in; zero when nothing crossed.
        answers: Nonce,
        /// The operations of that proposal that are left out.
        refused: Vec<Refused>,
        /// The proposer's operations, before those of the proposal that is taken in.
        operations: Vec<Operation>,
        /// The proposer's, over the resulting state.
        signature: Signature,
    }

    /// The other signature on a proposal.
    UpdateAck {
        /// Which channel.
        channel: ChannelId,
        /// Which proposal.
        nonce: Nonce,
        /// The acknowledger's, over the state.
        signature: Signature,
    }

    /// Refuses a proposal, and proposes the newest co-signed content again under a higher nonce.
    UpdateError {
        /// Which channel.
        channel: ChannelId,
        /// The refused proposal.
        refused: Nonce,
        /// The operation at fault.
        index: u16,
        /// What is wrong with it.
        reason: Reason,
        /// Of the refuser's parity.
        nonce: Nonce,
        /// Newest state that both have signed.
        base: Nonce,
        /// The refuser's, over the state that repeats the base's content.
        signature: Signature,
    }

    /// Shows the preimage of a lock to its payer.
    RequestCommit {
        /// Which channel.
        channel: ChannelId,
        /// Which lock.
        lock: LockId,
        /// SHA-256 of it is the lock's key.
        preimage: B256,
    }

    /// The sender proposes nothing new from now on.
    Shutdown {
        /// Which channel.
        channel: ChannelId,
    }

    /// The sender has nothing unanswered, sees no locks, and proposes nothing at all from now on.
    ShutdownAck {
        /// Which channel.
        channel: ChannelId,
    }

    /// Participant 0's signature on the close.
    ClosingCreated {
        /// Which channel.
        channel: ChannelId,
        /// Net payment of the newest state.
        net: SignedAmount,
        /// Over `Close`.
        signature: Signature,
    }

    /// Participant 1's signature on the close.
    ClosingSigned {
        /// Which channel.
        channel: ChannelId,
        /// Over `Close`.
        signature: Signature,
    }

    /// Something that can be repaired.
    Warning {
        /// Which channel, or offer.
        channel: ChannelId,
        /// For people.
        text: String,
    }

    /// The conversation on a channel is over; its newest co-signed state stays good.
    ErrorMessage {
        /// Which channel, or offer.
        channel: ChannelId,
        /// For people.
        text: String,
    }
}

macro_rules! messages {
    ($($(#[$doc:meta])* $variant:ident($body:ident) = $code:literal,)*) => {
        /// One message.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Message { $($(#[$doc])* $variant($body),)* }

        impl Message {
            /// The byte that names the message on the wire.
            pub const fn code(&self) -> u8 {
                match self { $(Self::$variant(_) => $code,)* }
            }

            pub(super) fn encode_body(&self, out: &mut Vec<u8>) {
                match self { $(Self::$variant(body) => body.encode(out),)* }
            }

            pub(super) fn decode_body(code: u8, mut body: &[u8]) -> Result<Option<Self>, BadFrame> {
                let message = match code {
                    $($code => $body::decode(&mut body).map(Self::$variant),)*
                    odd if odd & 1 == 1 => return Ok(None),
                    _ => return Err(BadFrame::UnknownCode { code }),
                };
                let trailing = alloy_rlp::Error::UnexpectedLength;
                match message {
                    Ok(message) if body.is_empty() => Ok(Some(message)),
                    Ok(_) => Err(BadFrame::Body { code, cause: trailing }),
                    Err(cause) => Err(BadFrame::Body { code, cause }),
                }
            }
        }
    };
}

messages! {
    /// An offer.
    ChannelOpen(ChannelOpen) = 1,
    /// Agreement.
    ChannelAccept(ChannelAccept) = 2,
    /// What the sender holds.
    ChannelReestablish(ChannelReestablish) = 3,
    /// First signature.
    FundingCreated(FundingCreated) = 4,
    /// Second signature.
    FundingSigned(FundingSigned) = 5,
    /// Deposits are final.
    FundingLocked(FundingLocked) = 6,
    /// Proposal.
    Update(Update) = 7,
    /// Answer.
    UpdateAck(UpdateAck) = 8,
    /// Refusal.
    UpdateError(UpdateError) = 9,
    /// The newest state, for who has lost it.
    NewestState(NewestState) = 11,
    /// The other signature on a withdrawal.
    WithdrawSigned(WithdrawSigned) = 12,
    /// First signature on a close.
    ClosingCreated(ClosingCreated) = 20,
    /// Second signature on a close.
    ClosingSigned(ClosingSigned) = 22,
    /// A secret for a lock.
    RequestCommit(RequestCommit) = 32,
    /// Are you there?
    Ping(Ping) = 91,
    /// I am.
    Pong(Pong) = 93,
    /// For people.
    Warning(Warning) = 95,
    /// Words of the users.
    InbandMessage(InbandMessage) = 96,
    /// The end of the conversation.
    Error(ErrorMessage) = 97,
    /// Nothing new from now on.
    Shutdown(Shutdown) = 98,
    /// Nothing at all from now on.
    ShutdownAck(ShutdownAck) = 99,
}

//! Arbitrary messages: one strategy for each kind.

use crate::strategies::{
    address, amount, bytes, channel, content, lock_id, nonce, operation, pair, reason, signature,
    signed_amount, terms, word,
};
use counterfoil_core::wire::{
    ChannelAccept, ChannelOpen, ChannelReestablish, ClosingCreated, ClosingSigned, ErrorMessage,
    FundingCreated, FundingLocked, FundingSigned, InbandMessage, Message, NewestState, Ping, Pong,
    Refused, RequestCommit, Shutdown, ShutdownAck, Update, UpdateAck, UpdateError, Warning,
    WithdrawSigned,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// Every message, each as often as any other.
pub(crate) fn message() -> impl Strategy<Value = Message> {
    let groups = [opening_messages(), updating(), holding(), ending(), words()];
    proptest::strategy::Union::new(groups.into_iter().flatten().collect::<Vec<_>>())
}

fn opening_messages() -> Vec<BoxedStrategy<Message>> {
    let amounts = || (amount(), amount(), amount());
    let open = (
        (
            any::<u64>(),
            address(),
            word(),
            address(),
            address(),
            address(),
        ),
        amounts(),
        (amount(), any::<u32>(), word(), word()),
    );
    let accept = (
        any::<u64>(),
        address(),
        word(),
        terms(),
        amounts(),
        any::<u32>(),
        word(),
    );
    vec![
        open.prop_map(
            |(who, amounts, (reserve, finalization_period, salt, seed))| {
                let (chain_id, adjudicator, temporary_id, token, signer, payout) = who;
                let (initiator_amount, responder_amount, push_amount) = amounts;
                Message::ChannelOpen(ChannelOpen {
                    chain_id,
                    adjudicator,
                    temporary_id,
                    token,
                    signer,
                    payout,
                    initiator_amount,
                    responder_amount,
                    push_amount,
                    reserve,
                    finalization_period,
                    salt,
                    seed,
                })
            },
        )
        .boxed(),
        accept
            .prop_map(
                |(chain_id, adjudicator, temporary_id, terms, amounts, minimum_depth, seed)| {
                    let (initiator_amount, responder_amount, push_amount) = amounts;
                    Message::ChannelAccept(ChannelAccept {
                        chain_id,
                        adjudicator,
                        temporary_id,
                        terms,
                        initiator_amount,
                        responder_amount,
                        push_amount,
                        minimum_depth,
                        seed,
                    })
                },
            )
            .boxed(),
        (word(), channel(), signature())
            .prop_map(|(temporary_id, channel, signature)| {
                Message::FundingCreated(FundingCreated {
                    temporary_id,
                    channel,
                    signature,
                })
            })
            .boxed(),
        (channel(), signature())
            .prop_map(|(channel, signature)| {
                Message::FundingSigned(FundingSigned { channel, signature })
            })
            .boxed(),
        (channel(), pair(signed_amount()))
            .prop_map(|(channel, deposits)| {
                Message::FundingLocked(FundingLocked { channel, deposits })
            })
            .boxed(),
    ]
}

pub(crate) fn update() -> impl Strategy<Value = Update> {
    let refused = (any::<u16>(), reason()).prop_map(|(index, reason)| Refused { index, reason });
    let lists = (vec(refused, 0..5), vec(operation(), 0..8));
    (channel(), (nonce(), nonce(), nonce()), lists, signature()).prop_map(
        |(channel, (nonce, base, answers), (refused, operations), signature)| Update {
            channel,
            nonce,
            base,
            answers,
            refused,
            operations,
            signature,
        },
    )
}

fn updating() -> Vec<BoxedStrategy<Message>> {
    let nonces = (nonce(), nonce(), nonce());
    let error = (channel(), nonces, any::<u16>(), reason(), signature()).prop_map(
        |(channel, (refused, nonce, base), index, reason, signature)| {
            Message::UpdateError(UpdateError {
                channel,
                refused,
                index,
                reason,
                nonce,
                base,
                signature,
            })
        },
    );
    let ack = (channel(), nonce(), signature()).prop_map(|(channel, nonce, signature)| {
        Message::UpdateAck(UpdateAck {
            channel,
            nonce,
            signature,
        })
    });
    vec![
        update().prop_map(Message::Update).boxed(),
        error.boxed(),
        ack.boxed(),
    ]
}

fn holding() -> Vec<BoxedStrategy<Message>> {
    let held = (nonce(), word(), signature(), nonce(), word(), nonce());
    let reestablish = (channel(), held).prop_map(
        |(channel, (co_signed, commitment, yours, signed, signed_commitment, known))| {
            Message::ChannelReestablish(ChannelReestablish {
                channel,
                co_signed,
                commitment,
                yours,
                signed,
                signed_commitment,
                known,
            })
        },
    );
    let newest = (channel(), nonce(), content(), pair(signature())).prop_map(
        |(channel, nonce, content, signatures)| {
            Message::NewestState(NewestState {
                channel,
                nonce,
                content,
                signatures,
            })
        },
    );
    let granted = (channel(), nonce(), signature()).prop_map(|(channel, nonce, signature)| {
        Message::WithdrawSigned(WithdrawSigned {
            channel,
            nonce,
            signature,
        })
    });
    vec![reestablish.boxed(), newest.boxed(), granted.boxed()]
}

fn ending() -> Vec<BoxedStrategy<Message>> {
    let created =
        (channel(), signed_amount(), signature()).prop_map(|(channel, net, signature)| {
            Message::ClosingCreated(ClosingCreated {
                channel,
                net,
                signature,
            })
        });
    let signed = (channel(), signature()).prop_map(|(channel, signature)| {
        Message::ClosingSigned(ClosingSigned { channel, signature })
    });
    let commit = (channel(), lock_id(), word()).prop_map(|(channel, lock, preimage)| {
        Message::RequestCommit(RequestCommit {
            channel,
            lock,
            preimage,
        })
    });
    vec![
        created.boxed(),
        signed.boxed(),
        commit.boxed(),
        channel()
            .prop_map(|channel| Message::Shutdown(Shutdown { channel }))
            .boxed(),
        channel()
            .prop_map(|channel| Message::ShutdownAck(ShutdownAck { channel }))
            .boxed(),
    ]
}

fn words() -> Vec<BoxedStrategy<Message>> {
    let text = || ".{0,80}";
    vec![
        any::<u64>()
            .prop_map(|token| Message::Ping(Ping { token }))
            .boxed(),
        any::<u64>()
            .prop_map(|token| Message::Pong(Pong { token }))
            .boxed(),
        (channel(), text())
            .prop_map(|(channel, text)| Message::Warning(Warning { channel, text }))
            .boxed(),
        (channel(), text())
            .prop_map(|(channel, text)| Message::Error(ErrorMessage { channel, text }))
            .boxed(),
        (channel(), bytes(300))
            .prop_map(|(channel, bytes)| Message::InbandMessage(InbandMessage { channel, bytes }))
            .boxed(),
    ]
}

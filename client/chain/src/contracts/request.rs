//! The transactions that carry out calls.

use super::{
    adjudicator, opening_abi, registry, signature_abi, signatures_abi, signed, terms_abi, uint40,
};
use alloy::primitives::U256;
use alloy::sol_types::SolCall;
use counterfoil_core::effect::Call;
use counterfoil_core::state::Signature;
use counterfoil_core::types::Address;
use counterfoil_deploy::rpc::Request;

/// The transaction that carries out a call.
pub(crate) fn request(call: &Call, from: Address, court: Address) -> Request {
    let to = if let Call::Reveal { condition, .. } = call {
        *condition
    } else {
        court
    };
    let value = if let Call::Deposit { terms, amount, .. } = call
        && terms.token == Address::ZERO
    {
        U256::from(amount.units())
    } else {
        U256::ZERO
    };
    Request {
        from,
        to,
        value,
        data: data(call, from).into(),
    }
}

fn data(call: &Call, from: Address) -> Vec<u8> {
    match call {
        Call::Deposit {
            terms,
            participant,
            amount,
            expected,
        } => adjudicator::depositCall {
            terms: terms_abi(terms),
            participant: participant.index(),
            amount: U256::from(amount.units()),
            expected: signed(*expected),
        }
        .abi_encode(),
        Call::Close {
            terms,
            net,
            signatures,
        } => adjudicator::closeCall {
            terms: terms_abi(terms),
            net: net.units(),
            signatures: signatures_abi(signatures, terms, from),
        }
        .abi_encode(),
        Call::Withdraw {
            terms,
            nonce,
            amounts,
            deadline,
            signatures,
        } => adjudicator::withdrawCall {
            terms: terms_abi(terms),
            nonce: uint40(nonce.number()),
            amounts: [amounts.zero.units(), amounts.one.units()],
            deadline: uint40(deadline.seconds()),
            signatures: signatures_abi(signatures, terms, from),
        }
        .abi_encode(),
        Call::Challenge {
            terms,
            nonce,
            commitment,
            signatures,
            will,
        } => adjudicator::challengeCall {
            terms: terms_abi(terms),
            nonce: uint40(nonce.number()),
            commitment: *commitment,
            signatures: signatures_abi(signatures, terms, from),
            will: signature_abi(match terms.side_of(from) {
                Some(_) => &Signature::NONE,
                None => will,
            }),
        }
        .abi_encode(),
        Call::Respond {
            terms,
            nonce,
            commitment,
            signatures,
            before: _,
        } => adjudicator::respondCall {
            terms: terms_abi(terms),
            nonce: uint40(nonce.number()),
            commitment: *commitment,
            signatures: signatures_abi(signatures, terms, from),
        }
        .abi_encode(),
        Call::Settle {
            terms,
            nonce: _,
            opening,
            resolved_locks: _,
        } => adjudicator::settleCall {
            terms: terms_abi(terms),
            opening: opening_abi(opening),
        }
        .abi_encode(),
        Call::Reveal {
            condition: _,
            preimage,
            expiry: _,
        } => registry::revealCall {
            preimage: *preimage,
        }
        .abi_encode(),
    }
}

//! The contracts' ABI, from the committed artifacts, and the client's values in it.

use alloy_primitives::aliases::U40;
use alloy_primitives::{Address, I256};
use counterfoil_core::state::Signature;
use counterfoil_core::types::{SignedAmount, Terms};

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::restriction
)]
mod artifacts {
    pub mod adjudicator {
        alloy_sol_types::sol!(
            #[sol(all_derives)]
            Adjudicator,
            "../deploy/artifacts/Adjudicator.json"
        );
    }
    pub mod hashlocks {
        alloy_sol_types::sol!(
            HashlockRegistry,
            "../deploy/artifacts/HashlockRegistry.json"
        );
    }
    pub mod pointlocks {
        alloy_sol_types::sol!(
            PointlockRegistry,
            "../deploy/artifacts/PointlockRegistry.json"
        );
    }
}

pub(crate) use artifacts::adjudicator::Adjudicator;
pub(crate) use artifacts::hashlocks::HashlockRegistry;
pub(crate) use artifacts::pointlocks::PointlockRegistry;

/// Terms as the contract takes them.
pub(crate) fn terms(terms: &Terms) -> Adjudicator::Terms {
    Adjudicator::Terms {
        signers: terms.signers.into_array(),
        payouts: terms.payouts.into_array(),
        token: terms.token,
        finalizationPeriod: terms.finalization_period,
        reserve: terms.reserve.units(),
        app: Address::ZERO,
        salt: terms.salt,
    }
}

/// Signatures as the contract takes them.
pub(crate) fn signatures(signatures: [Signature; 2]) -> [Adjudicator::Signature; 2] {
    signatures.map(signature)
}

/// A signature as the contract takes it.
pub(crate) fn signature(signature: Signature) -> Adjudicator::Signature {
    Adjudicator::Signature {
        r: signature.r(),
        vs: signature.vs(),
    }
}

/// A difference as the contract takes it.
pub(crate) fn signed(amount: SignedAmount) -> I256 {
    I256::try_from(amount.units()).unwrap()
}

/// The low 40 bits.
pub(crate) fn uint40(number: u64) -> U40 {
    U40::from(number & ((1 << 40) - 1))
}

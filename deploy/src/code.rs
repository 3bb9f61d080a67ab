//! The contracts as they were compiled, and the code that each of them has on a chain.
//!
//! The adjudicator's code holds two values of its deployment, its chain's id and its EIP-712 domain separator. In the
//! artifact their places are zero. Both follow from chain id and address, so the comparison with a chain is exact: a
//! place may hold one of these two words and every other byte has to be equal.

use crate::{Address, B256, U256};
use alloy::primitives::keccak256;
use alloy::sol_types::{Eip712Domain, eip712_domain};

#[allow(missing_docs, clippy::all, clippy::pedantic, clippy::restriction)]
mod artifacts {
    alloy::sol!(Adjudicator, "artifacts/Adjudicator.json");
    alloy::sol!(HashlockRegistry, "artifacts/HashlockRegistry.json");
    alloy::sol!(PointlockRegistry, "artifacts/PointlockRegistry.json");
}

/// Creates the adjudicator.
pub(crate) fn adjudicator_init() -> &'static [u8] {
    &artifacts::Adjudicator::BYTECODE
}

/// Creates the registry of preimages.
pub(crate) fn hashlock_registry_init() -> &'static [u8] {
    &artifacts::HashlockRegistry::BYTECODE
}

/// Creates the registry of scalars.
pub(crate) fn pointlock_registry_init() -> &'static [u8] {
    &artifacts::PointlockRegistry::BYTECODE
}

/// The code that an adjudicator at `address` has, and so `found` when it is one.
pub(crate) fn adjudicator_code(found: &[u8], chain_id: u64, address: Address) -> Vec<u8> {
    let chain = B256::from(U256::from(chain_id));
    let words = [chain, domain(chain_id, address).separator()];
    filled(&artifacts::Adjudicator::DEPLOYED_BYTECODE, found, &words)
}

/// The code of every registry of preimages.
pub(crate) fn hashlock_registry_code() -> &'static [u8] {
    &artifacts::HashlockRegistry::DEPLOYED_BYTECODE
}

/// The code of every registry of scalars.
pub(crate) fn pointlock_registry_code() -> &'static [u8] {
    &artifacts::PointlockRegistry::DEPLOYED_BYTECODE
}

/// The hash by which code is named.
pub(crate) fn hash(code: &[u8]) -> B256 {
    keccak256(code)
}

fn domain(chain_id: u64, adjudicator: Address) -> Eip712Domain {
    eip712_domain! {
        name: "Counterfoil",
        version: "1",
        chain_id: chain_id,
        verifying_contract: adjudicator,
    }
}

/// `artifact` with each 32-byte constant of zeros replaced by what `found` has there, if that is one of `words`, else by
/// the first of them.
fn filled(artifact: &[u8], found: &[u8], words: &[B256; 2]) -> Vec<u8> {
    let mut code = artifact.to_vec();
    let [default, _] = words;
    let mut position = 0usize;
    while let Some(opcode) = code.get(position).copied() {
        let start = position.saturating_add(1);
        position = start.saturating_add(pushed_bytes(opcode));
        if opcode != PUSH32 {
            continue;
        }
        let here = found.get(start..position);
        let Some(place) = code.get_mut(start..position) else {
            break;
        };
        if place.iter().all(|byte| *byte == 0) {
            let word = words
                .iter()
                .find(|word| here == Some(word.as_slice()))
                .unwrap_or(default);
            place.copy_from_slice(word.as_slice());
        }
    }
    code
}

fn pushed_bytes(opcode: u8) -> usize {
    match opcode {
        PUSH1..=PUSH32 => usize::from(opcode.saturating_sub(PUSH1)).saturating_add(1),
        _ => 0,
    }
}

const PUSH1: u8 = 0x60;
const PUSH32: u8 = 0x7f;

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [B256; 2] = [B256::repeat_byte(1), B256::repeat_byte(2)];

    fn with_constant(word: B256) -> Vec<u8> {
        [&[0x5b, PUSH1, PUSH32, PUSH32], word.as_slice(), &[0x00]].concat()
    }

    #[test]
    fn only_the_values_of_the_deployment_may_stand_in_the_places_left_open() {
        let artifact = with_constant(B256::ZERO);
        for word in WORDS {
            assert_eq!(
                filled(&artifact, &with_constant(word), &WORDS),
                with_constant(word)
            );
        }
        let other = with_constant(B256::repeat_byte(3));
        assert_ne!(filled(&artifact, &other, &WORDS), other);
        assert_eq!(filled(&artifact, &[], &WORDS), with_constant(WORDS[0]));
    }

    #[test]
    fn a_byte_elsewhere_is_never_taken_from_the_chain() {
        let artifact = with_constant(B256::ZERO);
        let mut other = with_constant(WORDS[1]);
        other[0] = 0;
        assert_eq!(filled(&artifact, &other, &WORDS), with_constant(WORDS[1]));
    }

    #[test]
    fn the_adjudicator_leaves_places_open_and_the_registries_none() {
        let code = adjudicator_code(&[], 31337, Address::repeat_byte(1));
        assert_ne!(code, artifacts::Adjudicator::DEPLOYED_BYTECODE.to_vec());
        for registry in [hashlock_registry_code(), pointlock_registry_code()] {
            assert_eq!(filled(registry, &[], &WORDS), registry);
        }
    }
}

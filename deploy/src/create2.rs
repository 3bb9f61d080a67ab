//! The addresses of the contracts, and the proxy that creates them there.

use crate::{Address, Addresses, B256, Bytes, code};
use alloy::primitives::{address, b256, bytes};

/// The canonical CREATE2 proxy: called with a salt and init code, it creates the contract.
pub const FACTORY: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");

/// The salt of all deployments of the project.
pub const SALT: B256 = b256!("0000000000000000000000000000000000000000000000000000000000000001");

/// Who sends [`FACTORY_TRANSACTION`].
pub(crate) const FACTORY_DEPLOYER: Address = address!("3fab184622dc19b6109349b94811493bf2a45362");

/// What [`FACTORY_TRANSACTION`] costs at most, wei: 100,000 gas at 100 gwei.
pub(crate) const FACTORY_COST: u128 = 10_000_000_000_000_000;

/// The transaction that creates the proxy on any chain: its signature was chosen, not made, so nobody has the key. It
/// names no chain id, and a chain that insists on one refuses it.
pub(crate) const FACTORY_TRANSACTION: Bytes = bytes!(
    "f8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffff"
    "ffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba0222222222222222222"
    "2222222222222222222222222222222222222222222222a02222222222222222222222222222222222222222222222222222222222222222"
);

/// Where the contracts are, on every chain.
pub fn addresses() -> Addresses {
    Addresses {
        adjudicator: FACTORY.create2_from_code(SALT, code::adjudicator_init()),
        hashlock_registry: FACTORY.create2_from_code(SALT, code::hashlock_registry_init()),
        pointlock_registry: FACTORY.create2_from_code(SALT, code::pointlock_registry_init()),
    }
}

/// What the proxy is called with to create a contract.
pub(crate) fn creation(init: &[u8]) -> Bytes {
    [SALT.as_slice(), init].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::consensus::TxEnvelope;
    use alloy::eips::eip2718::Decodable2718;

    #[test]
    fn the_transaction_creates_the_proxy() {
        let envelope = TxEnvelope::decode_2718(&mut FACTORY_TRANSACTION.as_ref()).unwrap();
        let digest = envelope.signature_hash();
        let signer = envelope.signature().recover_address_from_prehash(&digest);
        assert_eq!(signer.unwrap(), FACTORY_DEPLOYER);
        assert_eq!(FACTORY_DEPLOYER.create(0), FACTORY);
    }

    #[test]
    fn the_contracts_have_different_addresses() {
        let addresses = addresses();
        assert_ne!(addresses.adjudicator, addresses.hashlock_registry);
        assert_ne!(addresses.adjudicator, addresses.pointlock_registry);
        assert_ne!(addresses.hashlock_registry, addresses.pointlock_registry);
    }
}

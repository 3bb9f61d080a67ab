//! Whose records a database holds.

use counterfoil_core::types::Address;

/// Whose records a database holds: one node, on one chain, with one adjudicator.
///
/// Written when the database is made and compared at every start. A node that opened the records of
/// another would sign states at nonces that it knows nothing about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// EIP-155 id of the chain.
    pub chain_id: u64,
    /// Contract that holds the deposits.
    pub adjudicator: Address,
    /// Identity of the node, which signs its states.
    pub node: Address,
}

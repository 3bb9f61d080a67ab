// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title What a lock is worth
/// @notice Called by the adjudicator with STATICCALL and a fixed stipend. A failure, or an answer that is not well formed,
/// counts as unresolved. Clients accept only conditions they know to be immutable.
interface ICondition {
    /// @notice Says how much of a lock goes to its payee. Once resolved, the answer never changes.
    /// @param key What the condition is asked about.
    /// @param amount Amount of the lock in base units.
    /// @param expiry Expiry of the lock, Unix time in seconds.
    /// @return resolved Whether the answer is final.
    /// @return toPayee Part of `amount` that goes to the payee; the rest returns to the payer. Zero while unresolved.
    function payout(bytes32 key, uint256 amount, uint256 expiry)
        external
        view
        returns (bool resolved, uint256 toPayee);
}

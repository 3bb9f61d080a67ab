// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ICondition} from "./ICondition.sol";

/// @title The first time each secret was revealed, and what a lock under its key is worth
/// @notice One record serves every channel of the chain: a lock pays its payee in full if and only if the secret of its key
/// was revealed in a block whose timestamp is at or before the lock's expiry, both Unix time in seconds. Otherwise it
/// returns to its payer in full, from the second after the expiry on. Records are never changed and nobody can take one
/// back; anybody may reveal, and a reveal makes the secret public.
interface IReveals is ICondition {
    /// @notice Block time of the first reveal of the secret of a key.
    /// @param key What locks name: it follows from the secret.
    /// @return timestamp Unix time in seconds; zero if there was no reveal.
    function revealedAt(bytes32 key) external view returns (uint256 timestamp);
}

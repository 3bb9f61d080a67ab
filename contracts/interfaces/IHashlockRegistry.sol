// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ICondition} from "./ICondition.sol";

/// @title The first time each SHA-256 preimage was revealed
/// @notice One record serves every channel of the chain: a lock with key `sha256(preimage)` pays its payee if and only if
/// the preimage was revealed in a block whose timestamp is at or before the lock's expiry.
interface IHashlockRegistry is ICondition {
    /// @notice A preimage was revealed for the first time.
    event Revealed(bytes32 indexed key, bytes32 preimage);

    /// @notice Records the block time of the first reveal; later reveals of the same preimage change nothing.
    /// @return key `sha256(preimage)`.
    function reveal(bytes32 preimage) external returns (bytes32 key);

    /// @notice `reveal` for each preimage in turn.
    function revealMany(bytes32[] calldata preimages) external;

    /// @notice Block time of the first reveal of the preimage of `key`; zero if there was none.
    function revealedAt(bytes32 key) external view returns (uint256);
}

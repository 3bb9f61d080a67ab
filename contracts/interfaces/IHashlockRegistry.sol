// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IReveals} from "./IReveals.sol";

/// @title The first time each SHA-256 preimage was revealed
/// @notice The secret is a preimage of 32 bytes; its key is `sha256(preimage)`, so a payment can share its hash with
/// Lightning and Bitcoin.
interface IHashlockRegistry is IReveals {
    /// @notice A preimage was revealed for the first time.
    /// @param key Its SHA-256.
    /// @param preimage The secret.
    event Revealed(bytes32 indexed key, bytes32 preimage);

    /// @notice Records the block time of the first reveal; later reveals of the same preimage change nothing.
    /// @param preimage The secret.
    /// @return key `sha256(preimage)`.
    function reveal(bytes32 preimage) external returns (bytes32 key);

    /// @notice `reveal` for each preimage in turn.
    /// @param preimages The secrets.
    function revealMany(bytes32[] calldata preimages) external;
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Reveals} from "./Reveals.sol";
import {IHashlockRegistry} from "./interfaces/IHashlockRegistry.sol";

/// @title The first time each SHA-256 preimage was revealed
/// @notice What it promises is said in `IHashlockRegistry` and `IReveals`.
contract HashlockRegistry is Reveals, IHashlockRegistry {
    /// @inheritdoc IHashlockRegistry
    function reveal(bytes32 preimage) external returns (bytes32 key) {
        return _reveal(preimage);
    }

    /// @inheritdoc IHashlockRegistry
    function revealMany(bytes32[] calldata preimages) external {
        for (uint256 i = 0; i < preimages.length; ++i) {
            _reveal(preimages[i]);
        }
    }

    function _reveal(bytes32 preimage) private returns (bytes32 key) {
        key = sha256(abi.encodePacked(preimage));
        if (revealedAt[key] != 0) return key;
        revealedAt[key] = block.timestamp;
        emit Revealed(key, preimage);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {ICondition} from "./interfaces/ICondition.sol";
import {IHashlockRegistry} from "./interfaces/IHashlockRegistry.sol";

/// @title The first time each SHA-256 preimage was revealed
contract HashlockRegistry is IHashlockRegistry {
    /// @inheritdoc IHashlockRegistry
    mapping(bytes32 key => uint256 timestamp) public revealedAt;

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

    /// @inheritdoc ICondition
    /// @dev A reveal counts up to the second `expiry` itself, so a lock returns to its payer only after it.
    function payout(bytes32 key, uint256 amount, uint256 expiry)
        external
        view
        returns (bool resolved, uint256 toPayee)
    {
        uint256 timestamp = revealedAt[key];
        if (timestamp != 0 && timestamp <= expiry) return (true, amount);
        return (block.timestamp > expiry, 0);
    }

    function _reveal(bytes32 preimage) private returns (bytes32 key) {
        key = sha256(abi.encodePacked(preimage));
        if (revealedAt[key] != 0) return key;
        revealedAt[key] = block.timestamp;
        emit Revealed(key, preimage);
    }
}

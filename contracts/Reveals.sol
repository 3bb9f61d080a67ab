// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {ICondition} from "./interfaces/ICondition.sol";
import {IReveals} from "./interfaces/IReveals.sol";

/// @title What the registries share
/// @notice The record, and what a lock is worth by it. They say what a secret is and which key it has, and write the record: the block time, once.
abstract contract Reveals is IReveals {
    /// @inheritdoc IReveals
    mapping(bytes32 key => uint256 timestamp) public revealedAt;

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
}

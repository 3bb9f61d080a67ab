// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Division, Settlement} from "contracts/libraries/Settlement.sol";
import {Opening} from "contracts/types/Channel.sol";

/// @title Makes the pure settlement callable, as a library of calldata is not from a test
contract SettlementHarness {
    function first(
        int256 deposit0,
        int256 deposit1,
        Opening calldata opening,
        uint256[] calldata outcomes
    ) external pure returns (Division memory) {
        return Settlement.first(
            uint256(deposit0 + deposit1), deposit0 - opening.net, opening.locks, outcomes
        );
    }
}

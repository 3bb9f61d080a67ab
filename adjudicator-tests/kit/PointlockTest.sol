// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IPointlockRegistry} from "contracts/interfaces/IPointlockRegistry.sol";
import {Lock} from "contracts/types/Channel.sol";

import {ChannelTest} from "./ChannelTest.sol";

/// @title A channel whose locks may be under points
abstract contract PointlockTest is ChannelTest {
    IPointlockRegistry internal points;

    /// @dev n, written apart from the contract's.
    uint256 internal constant ORDER =
        115792089237316195423570985008687907852837564279074904382605163141518161494337;

    function setUp() public virtual override {
        super.setUp();
        points = IPointlockRegistry(deployCode("PointlockRegistry.sol:PointlockRegistry"));
    }

    /// @dev By the multiplication of the test runner, which knows nothing of the contract's.
    function keyOf(uint256 scalar) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(vm.addr(scalar))));
    }

    function pointlock(uint256 scalar, uint128 amount, uint8 payer, uint40 expiry)
        internal
        view
        returns (Lock memory)
    {
        return Lock(address(points), keyOf(scalar), amount, payer, expiry);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {PointlockTest} from "../kit/PointlockTest.sol";
import {Lock, Opening} from "contracts/types/Channel.sol";

/// @title Gas of whole transactions with pointlocks; the figures are in snapshots/
/// forge-config: default.isolate = true
contract GasPointlockTest is PointlockTest {
    function setUp() public override {
        super.setUp();
        vm.deal(alicePayout, 1 wei);
        vm.deal(bobPayout, 1 wei);
    }

    function test_gas_pointlocks_1() public {
        revealAndSettle(1);
    }

    function test_gas_pointlocks_10() public {
        revealAndSettle(10);
    }

    // Settling a full state has to stay below 5 million, whatever the condition.
    function test_gas_pointlocks_128() public {
        revealAndSettle(128);
        assertLt(vm.lastCallGas().gasTotalUsed, 5_000_000);
    }

    function revealAndSettle(uint256 count) internal {
        fund(1 ether, 1 ether);
        Opening memory opening = paid(0.25 ether);
        opening.locks = new Lock[](count);
        bytes32[] memory scalars = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 scalar = uint256(keccak256(abi.encode("scalar", i))) % ORDER;
            scalars[i] = bytes32(scalar);
            opening.locks[i] = pointlock(scalar, 0.001 ether, 0, START + 2 hours);
        }
        challengeAs(alice, 8, opening);
        string memory locks = string.concat(vm.toString(count), count == 1 ? " lock" : " locks");
        vm.prank(bob);
        if (count == 1) points.reveal(scalars[0]);
        else points.revealMany(scalars);
        vm.snapshotGasLastCall("pointlock", string.concat("reveal, ", locks));
        vm.warp(block.timestamp + PERIOD);
        vm.prank(bob);
        adjudicator.settle(terms, opening);
        vm.snapshotGasLastCall("pointlock", string.concat("settle, ", locks));
    }
}

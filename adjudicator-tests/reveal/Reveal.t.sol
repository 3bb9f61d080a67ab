// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {IHashlockRegistry} from "contracts/interfaces/IHashlockRegistry.sol";

contract RevealTest is ChannelTest {
    bytes32 private constant PREIMAGE = "preimage";
    bytes32 private key = sha256(abi.encodePacked(PREIMAGE));

    // The evidence of a lock is its 32-byte preimage, as ABI bytes32. req: A9, A10, A11
    function test_reveal_recordsTheFirstTime() public {
        vm.expectEmit(address(registry));
        emit IHashlockRegistry.Revealed(key, PREIMAGE);
        assertEq(registry.reveal(PREIMAGE), key);
        vm.warp(START + 5);
        vm.recordLogs();
        assertEq(registry.reveal(PREIMAGE), key);
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(registry.revealedAt(key), START);
    }

    function test_revealMany_revealsEach() public {
        bytes32[] memory preimages = new bytes32[](3);
        (preimages[0], preimages[1], preimages[2]) = ("a", "b", "b");
        registry.revealMany(preimages);
        assertEq(registry.revealedAt(sha256(abi.encodePacked(bytes32("a")))), START);
        assertEq(registry.revealedAt(sha256(abi.encodePacked(bytes32("b")))), START);
        assertEq(registry.revealedAt(sha256(abi.encodePacked(bytes32("c")))), 0);
    }

    // req: A10
    function test_payout_dependsOnTheTimeOfTheReveal() public {
        for (uint40 t = START - 1; t <= START + 1; ++t) {
            uint256 checkpoint = vm.snapshotState();
            vm.warp(t);
            registry.reveal(PREIMAGE);
            assertAnswer(START, true, t <= START ? 9 : 0);
            vm.revertToState(checkpoint);
        }
    }

    // req: A10, GAP-A2
    function test_payout_returnsToThePayer_afterTheExpiry() public {
        vm.warp(START - 1);
        assertAnswer(START, false, 0);
        vm.warp(START);
        assertAnswer(START, false, 0);
        vm.warp(START + 1);
        assertAnswer(START, true, 0);
    }

    function testFuzz_payout_neverChanges_onceResolved(
        uint40[6] memory waits,
        uint8 revealedIn,
        uint40 expiry
    ) public {
        expiry = uint40(bound(expiry, START, START + 6 * 1e6));
        bool before;
        uint256 amountBefore;
        for (uint256 i = 0; i < waits.length; ++i) {
            vm.warp(block.timestamp + waits[i] % 1e6);
            if (i == revealedIn % 8) registry.reveal(PREIMAGE);
            (bool resolved, uint256 toPayee) = registry.payout(key, 9, expiry);
            if (before) {
                assertTrue(resolved);
                assertEq(toPayee, amountBefore);
            }
            (before, amountBefore) = (resolved, toPayee);
        }
    }

    function assertAnswer(uint40 expiry, bool resolved, uint256 toPayee) internal view {
        (bool actual, uint256 amount) = registry.payout(key, 9, expiry);
        assertEq(actual, resolved);
        assertEq(amount, toPayee);
    }
}

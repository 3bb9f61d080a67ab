// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {PointlockTest} from "../kit/PointlockTest.sol";
import {IPointlockRegistry} from "contracts/interfaces/IPointlockRegistry.sol";

contract RevealScalarTest is PointlockTest {
    uint256 private constant SCALAR = 0x5ca1a7;
    bytes32 private key = keyOf(SCALAR);

    // req: GAP-L1
    function test_reveal_recordsTheFirstTime() public {
        vm.expectEmit(address(points));
        emit IPointlockRegistry.Revealed(key, bytes32(SCALAR));
        assertEq(points.reveal(bytes32(SCALAR)), key);
        assertEq(points.revealedAt(key), START);
    }

    function test_reveal_changesNothing_when_itIsALaterOne() public {
        points.reveal(bytes32(SCALAR));
        vm.warp(START + 5);
        vm.recordLogs();
        vm.prank(anyone);
        assertEq(points.reveal(bytes32(SCALAR)), key);
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(points.revealedAt(key), START);
    }

    // Keys that were published long before: those of the secrets 1 and 2, written as a user would find them.
    function test_reveal_givesTheKnownAddress() public {
        address one = 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf;
        address two = 0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF;
        assertEq(points.reveal(bytes32(uint256(1))), bytes32(uint256(uint160(one))));
        assertEq(points.reveal(bytes32(uint256(2))), bytes32(uint256(uint160(two))));
    }

    // req: GAP-L1
    function testFuzz_reveal_givesTheAddressOfThePoint(uint256 scalar) public {
        scalar = bound(scalar, 1, ORDER - 1);
        assertEq(points.reveal(bytes32(scalar)), keyOf(scalar));
        assertEq(points.revealedAt(keyOf(scalar)), START);
    }

    // The points of s and n - s share their x coordinate and differ in y.
    function testFuzz_reveal_tellsAPointFromItsNegative(uint256 scalar) public {
        scalar = bound(scalar, 1, ORDER - 1);
        points.reveal(bytes32(scalar));
        assertEq(points.revealedAt(keyOf(ORDER - scalar)), 0);
    }

    function test_reveal_takesEveryScalarUpToTheOrder() public {
        uint256[3] memory scalars = [1, ORDER - 2, ORDER - 1];
        for (uint256 i = 0; i < scalars.length; ++i) {
            assertEq(points.reveal(bytes32(scalars[i])), keyOf(scalars[i]));
        }
    }

    function test_reveal_revertsWhen_theScalarIsZero() public {
        refuses(0);
    }

    // n + s has the point of s: were it taken, a point would have two scalars.
    function test_reveal_revertsWhen_theScalarIsTheOrderOrMore() public {
        refuses(ORDER);
        refuses(ORDER + 1);
        refuses(type(uint256).max);
    }

    function testFuzz_reveal_revertsWhen_theScalarIsTheOrderOrMore(uint256 scalar) public {
        refuses(bound(scalar, ORDER, type(uint256).max));
    }

    // Whoever lets recovery run out of gas must not get a record, least of all one of the address zero.
    function testFuzz_reveal_isWholeOrNothing_when_gasIsShort(uint256 gasLimit) public {
        gasLimit = bound(gasLimit, 0, 60_000);
        bytes memory call = abi.encodeCall(IPointlockRegistry.reveal, (bytes32(SCALAR)));
        (bool success, bytes memory answer) = address(points).call{gas: gasLimit}(call);
        assertEq(points.revealedAt(0), 0);
        assertEq(points.revealedAt(key), success ? START : 0);
        if (success) assertEq(abi.decode(answer, (bytes32)), key);
    }

    function test_revealMany_revealsEach() public {
        points.revealMany(scalarsWith(7));
        assertEq(points.revealedAt(keyOf(SCALAR)), START);
        assertEq(points.revealedAt(keyOf(7)), START);
        assertEq(points.revealedAt(keyOf(8)), 0);
    }

    function test_revealMany_revealsTheFirst() public {
        points.revealMany(new bytes32[](0));
        bytes32[] memory scalars = new bytes32[](1);
        scalars[0] = bytes32(uint256(7));
        points.revealMany(scalars);
        assertEq(points.revealedAt(keyOf(7)), START);
    }

    function test_revealMany_changesNothing_when_oneIsRefused() public {
        vm.expectRevert(
            abi.encodeWithSelector(IPointlockRegistry.ScalarOutOfRange.selector, 0, ORDER)
        );
        points.revealMany(scalarsWith(0));
        assertEq(points.revealedAt(key), 0);
    }

    function test_payout_dependsOnTheTimeOfTheReveal() public {
        for (uint40 t = START - 1; t <= START + 1; ++t) {
            uint256 checkpoint = vm.snapshotState();
            vm.warp(t);
            points.reveal(bytes32(SCALAR));
            assertAnswer(START, true, t <= START ? 9 : 0);
            vm.warp(START + 1 days);
            assertAnswer(START, true, t <= START ? 9 : 0);
            vm.revertToState(checkpoint);
        }
    }

    function test_payout_returnsToThePayer_afterTheExpiry() public {
        vm.warp(START - 1);
        assertAnswer(START, false, 0);
        vm.warp(START);
        assertAnswer(START, false, 0);
        vm.warp(START + 1);
        assertAnswer(START, true, 0);
    }

    function testFuzz_payout_takesAnyQuestion(bytes32 asked, uint256 amount, uint256 expiry)
        public
    {
        points.reveal(bytes32(SCALAR));
        (bool resolved, uint256 toPayee) = points.payout(asked, amount, expiry);
        assertEq(resolved, START > expiry);
        assertEq(toPayee, 0);
        (resolved, toPayee) = points.payout(key, amount, expiry);
        assertTrue(resolved);
        assertEq(toPayee, START <= expiry ? amount : 0);
    }

    function test_payout_takesTheExtremeExpiries() public {
        assertAnswer(0, true, 0);
        assertAnswer(type(uint256).max, false, 0);
        points.reveal(bytes32(SCALAR));
        assertAnswer(0, true, 0);
        assertAnswer(type(uint256).max, true, 9);
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
            if (i == revealedIn % 8) points.reveal(bytes32(SCALAR));
            (bool resolved, uint256 toPayee) = points.payout(key, 9, expiry);
            if (before) {
                assertTrue(resolved);
                assertEq(toPayee, amountBefore);
            }
            (before, amountBefore) = (resolved, toPayee);
        }
    }

    /// @dev `SCALAR`, `second` and `SCALAR` again.
    function scalarsWith(uint256 second) internal pure returns (bytes32[] memory scalars) {
        scalars = new bytes32[](3);
        (scalars[0], scalars[1], scalars[2]) = (bytes32(SCALAR), bytes32(second), bytes32(SCALAR));
    }

    function refuses(uint256 scalar) internal {
        vm.expectRevert(
            abi.encodeWithSelector(IPointlockRegistry.ScalarOutOfRange.selector, scalar, ORDER)
        );
        points.reveal(bytes32(scalar));
        assertEq(points.revealedAt(0), 0);
    }

    function assertAnswer(uint256 expiry, bool resolved, uint256 toPayee) internal view {
        (bool actual, uint256 amount) = points.payout(key, 9, expiry);
        assertEq(actual, resolved);
        assertEq(amount, toPayee);
    }
}

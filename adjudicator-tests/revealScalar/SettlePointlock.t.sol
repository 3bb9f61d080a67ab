// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {PointlockTest} from "../kit/PointlockTest.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Lock, Opening, Status} from "contracts/types/Channel.sol";

/// @title Channels that are settled by the real registry
contract SettlePointlockTest is PointlockTest {
    uint40 private constant END = START + PERIOD;
    uint256 private constant SCALAR = 0x5ca1a7;

    function setUp() public override {
        super.setUp();
        fund(100, 50);
    }

    // req: GAP-L1
    function test_settle_paysThePayee_when_theScalarIsRevealed() public {
        Opening memory opening = locked(30, pointlock(SCALAR, 20, 0, END + 100));
        dispute(5, opening);
        settle(opening);
        assertPaid(50, 80);
        assertStatus(Status.Settling);
        points.reveal(bytes32(SCALAR));
        settle(opening);
        assertPaid(50, 100);
        assertStatus(Status.Closed);
    }

    function test_settle_paysThePayerBack_onlyAfterTheExpiry() public {
        Opening memory opening = locked(30, pointlock(SCALAR, 20, 1, END + 10));
        dispute(5, opening);
        settle(opening);
        assertPaid(70, 60);
        vm.warp(END + 10);
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.NothingResolved.selector, id));
        settle(opening);
        vm.warp(END + 11);
        settle(opening);
        assertPaid(70, 80);
        assertStatus(Status.Closed);
    }

    function test_settle_paysByTheTimeOfTheReveal() public {
        Opening memory opening = locked(30, pointlock(SCALAR, 20, 0, END));
        challengeAs(alice, 5, opening);
        uint256 checkpoint = vm.snapshotState();
        for (uint40 t = END - 1; t <= END + 1; ++t) {
            vm.warp(t);
            points.reveal(bytes32(SCALAR));
            vm.warp(END + 5);
            settle(opening);
            if (t <= END) assertPaid(50, 100);
            else assertPaid(70, 80);
            vm.revertToState(checkpoint);
        }
    }

    // One scalar, two receipts: each lock is paid, whoever its payer is.
    function test_settle_paysTwoLocksOfOnePoint() public {
        Opening memory opening = paid(0);
        opening.locks = new Lock[](2);
        opening.locks[0] = pointlock(SCALAR, 20, 0, END + 100);
        opening.locks[1] = pointlock(SCALAR, 5, 1, END + 100);
        dispute(5, opening);
        settle(opening);
        assertPaid(80, 45);
        points.reveal(bytes32(SCALAR));
        settle(opening);
        assertPaid(85, 65);
        assertStatus(Status.Closed);
    }

    // A hash and a point, and each revealed where the other belongs, which must pay nothing.
    function test_settle_tellsHashlocksFromPointlocks() public {
        Opening memory opening = paid(0);
        opening.locks = new Lock[](2);
        opening.locks[0] = hashlock(bytes32(SCALAR), 20, 0, END + 100);
        opening.locks[1] = pointlock(SCALAR, 5, 0, END + 100);
        dispute(5, opening);
        settle(opening);
        assertPaid(75, 50);
        registry.reveal(bytes32(SCALAR));
        settle(opening);
        assertPaid(75, 70);
        assertEq(view_().resolvedLocks, 1);
        points.reveal(bytes32(SCALAR));
        settle(opening);
        assertPaid(75, 75);
        assertStatus(Status.Closed);
    }

    function test_settle_paysOnlyTheRevealedOne_when_hashAndPointAreMixed() public {
        Opening memory opening = paid(0);
        opening.locks = new Lock[](2);
        opening.locks[0] = hashlock("p", 20, 0, END + 10);
        opening.locks[1] = pointlock(SCALAR, 5, 1, END + 10);
        dispute(5, opening);
        points.reveal(bytes32(SCALAR));
        settle(opening);
        assertPaid(85, 45);
        vm.warp(END + 11);
        settle(opening);
        assertPaid(105, 45);
        assertStatus(Status.Closed);
    }

    // A key with bytes before the address has no scalar.
    function test_settle_paysThePayerBack_when_theKeyIsNoAddress() public {
        Lock memory lock = pointlock(SCALAR, 20, 0, END + 10);
        lock.key |= bytes32(uint256(1) << 160);
        Opening memory opening = locked(30, lock);
        dispute(5, opening);
        points.reveal(bytes32(SCALAR));
        vm.warp(END + 11);
        settle(opening);
        assertPaid(70, 80);
    }
}

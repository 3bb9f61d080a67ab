// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {AbsurdCondition, GreedyCondition} from "../kit/Conditions.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {CONDITION_GAS} from "contracts/types/Bounds.sol";
import {Lock, Opening, Status} from "contracts/types/Channel.sol";

/// @title Settlement with conditions that are not what they should be
contract SettleConditionTest is ChannelTest {
    address private condition;

    function setUp() public override {
        super.setUp();
        condition = address(new AbsurdCondition());
        fund(100, 50);
    }

    // req: A61, A18
    function test_settle_leavesTheLock_when_theAnswerIsAbsurd() public {
        bytes32[5] memory keys = [bytes32("revert"), "burn", "word 2", "too much", "short"];
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < keys.length; ++i) {
            Opening memory opening = with(condition, keys[i]);
            dispute(5, opening);
            settle(opening);
            assertStatus(Status.Settling);
            assertPaid(80, 50);
            vm.revertToState(checkpoint);
        }
    }

    function test_settle_leavesTheLock_when_theConditionHasNoCode() public {
        Opening memory opening = with(anyone, "x");
        dispute(5, opening);
        settle(opening);
        assertStatus(Status.Settling);
    }

    function test_settle_leavesTheLock_when_theConditionIsAPrecompile() public {
        for (uint160 i = 1; i <= 10; ++i) {
            terms.salt = bytes32(uint256(i));
            useTerms(terms);
            fund(100, 50);
            Opening memory opening = with(address(i), "x");
            dispute(5, opening);
            settle(opening);
            assertStatus(Status.Settling);
        }
    }

    function test_settle_copies64BytesOnly_when_theAnswerIsLong() public {
        Opening memory opening = with(condition, "bomb");
        dispute(5, opening);
        settle(opening);
        assertStatus(Status.Closed);
        assertPaid(100, 50);
    }

    function test_settle_sharesALock_when_theConditionGivesAPart() public {
        Opening memory opening = with(condition, "half");
        dispute(5, opening);
        settle(opening);
        assertPaid(90, 60);
    }

    // Whoever calls must not choose a gas limit at which a condition fails or answers otherwise. req: A18
    function test_settle_revertsWhen_theConditionWouldBeStarved() public {
        GreedyCondition greedy = new GreedyCondition();
        uint256 most = CONDITION_GAS;
        // The most it can want and get: with the whole stipend it gives all, with one gas less nothing.
        for (uint256 given; given == 0; --most) {
            (, given) = greedy.payout{gas: CONDITION_GAS}(bytes32(most), 1, 0);
        }
        vm.deal(alicePayout, 1);
        vm.deal(bobPayout, 1);
        Opening memory opening = locked(0, Lock(address(greedy), bytes32(most), 150, 0, START));
        dispute(5, opening);
        uint256 checkpoint = vm.snapshotState();
        uint256 settled;
        uint256 refused;
        for (uint256 limit = 30_000; limit < 130_000; limit += 100) {
            (bool success, bytes memory reason) = address(adjudicator).call{gas: limit}(
                abi.encodeCall(IAdjudicator.settle, (terms, opening))
            );
            if (success) {
                assertPaid(1, 151);
                ++settled;
            } else if (reason.length != 0) {
                assertEq(bytes4(reason), IAdjudicator.InsufficientGas.selector);
                ++refused;
            }
            vm.revertToState(checkpoint);
        }
        assertGt(settled, 10);
        assertGt(refused, 10);
    }

    // The cap of locks keeps the worst settlement far below the most gas of a transaction. req: A18, A61
    function test_settle_costsLessThan5Million_when_everyConditionBurnsItsGas() public {
        Opening memory opening = paid(0);
        opening.locks = new Lock[](128);
        for (uint256 i = 0; i < 128; ++i) {
            opening.locks[i] = Lock(condition, "burn", 1, 0, START);
        }
        dispute(5, opening);
        bytes memory data = abi.encodeCall(IAdjudicator.settle, (terms, opening));
        uint256 before = gasleft();
        (bool success,) = address(adjudicator).call(data);
        uint256 used = before - gasleft();
        assertTrue(success);
        assertLt(used + 21_000 + 16 * data.length, 5_000_000);
    }

    function with(address target, bytes32 key) internal pure returns (Opening memory) {
        return locked(0, Lock(target, key, 20, 0, START));
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {ScriptedCondition} from "../kit/Conditions.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Lock, Opening, Status} from "contracts/types/Channel.sol";

contract SettleTest is ChannelTest {
    uint40 private constant END = START + PERIOD;
    ScriptedCondition private condition;

    function setUp() public override {
        super.setUp();
        condition = new ScriptedCondition();
        fund(100, 50);
    }

    // req: E54, E55, S6
    function test_settle_paysByTheState() public {
        dispute(5, paid(30));
        vm.expectEmit(address(adjudicator));
        emit IAdjudicator.Settled(id, 70, 80, 0);
        vm.prank(anyone);
        settle(paid(30));
        assertPaid(70, 80);
        assertStatus(Status.Closed);
        assertEq(view_().nonce, 5);
        assertEq(view_().finalizesAt, END);
        assertEq(view_().commitment, 0);
    }

    function test_settle_revertsWhen_thePeriodRuns_andPaysFromItsEnd() public {
        challengeAs(alice, 5, paid(30));
        vm.warp(END - 1);
        refuses(
            paid(30),
            abi.encodeWithSelector(IAdjudicator.FinalizationPeriodRunning.selector, END, END - 1)
        );
        uint256 checkpoint = vm.snapshotState();
        for (uint256 t = END; t <= END + 1; ++t) {
            vm.warp(t);
            settle(paid(30));
            assertPaid(70, 80);
            vm.revertToState(checkpoint);
        }
    }

    function test_settle_revertsWhen_theChannelIsOpen() public {
        refuses(paid(30), abi.encodeWithSelector(IAdjudicator.NotDisputed.selector, id));
    }

    function test_settle_revertsWhen_theChannelIsClosed() public {
        dispute(5, paid(30));
        settle(paid(30));
        refuses(paid(30), abi.encodeWithSelector(IAdjudicator.AlreadyPaidOut.selector, id));
    }

    // req: S25
    function test_settle_revertsWhen_theOpeningIsAnother() public {
        dispute(5, paid(30));
        refuses(
            paid(31),
            abi.encodeWithSelector(
                IAdjudicator.WrongCommitment.selector, commit(paid(30)), commit(paid(31))
            )
        );
        Opening memory opening = paid(30);
        opening.appState = "x";
        refuses(
            opening,
            abi.encodeWithSelector(
                IAdjudicator.WrongCommitment.selector, commit(paid(30)), commit(opening)
            )
        );
    }

    function test_settle_paysTheDepositsBack_when_nothingWasPaid() public {
        dispute(0, paid(0));
        Opening memory nothing;
        refuses(
            paid(1),
            abi.encodeWithSelector(
                IAdjudicator.WrongCommitment.selector, commit(nothing), commit(paid(1))
            )
        );
        settle(nothing);
        assertPaid(100, 50);
    }

    // req: GAP-S7
    function test_settle_countsADepositMadeAfterTheState() public {
        fund(7, 0);
        dispute(5, paid(30));
        settle(paid(30));
        assertPaid(77, 80);
    }

    function test_settle_clampsToWhatTheChannelHolds() public {
        terms.salt = keccak256("rich");
        fund(1000, 1000);
        terms.salt = keccak256("salt");
        uint256 checkpoint = vm.snapshotState();
        int128[4] memory nets = [int128(101), -51, type(int128).max, type(int128).min];
        for (uint256 i = 0; i < nets.length; ++i) {
            dispute(5, paid(nets[i]));
            settle(paid(nets[i]));
            if (nets[i] > 0) assertPaid(0, 150);
            else assertPaid(150, 0);
            vm.revertToState(checkpoint);
        }
    }

    function test_settle_sharesInOrder_when_theLocksExceedTheChannel() public {
        Opening memory opening = scripted(0, 3);
        (opening.locks[0].amount, opening.locks[1].amount, opening.locks[2].amount) = (100, 60, 40);
        condition.set("0", 100);
        condition.set("1", 60);
        condition.set("2", 40);
        dispute(5, opening);
        settle(opening);
        assertPaid(0, 150);
        assertStatus(Status.Closed);
    }

    // req: A10
    function test_settle_waitsForALockThatIsNotResolved() public {
        Opening memory opening = locked(30, hashlock("p", 20, 0, END + 100));
        dispute(5, opening);
        settle(opening);
        assertPaid(50, 80);
        assertStatus(Status.Settling);
        assertEq(view_().deposits[0] + view_().deposits[1], 20);
        assertEq(view_().commitment, commit(opening));
        refuses(opening, abi.encodeWithSelector(IAdjudicator.NothingResolved.selector, id));

        registry.reveal("p");
        settle(opening);
        assertPaid(50, 100);
        assertStatus(Status.Closed);
        assertEq(view_().commitment, 0);
        assertEq(view_().resolvedLocks, 0);
    }

    // req: A10, GAP-A2
    function test_settle_paysByTheTimeOfTheReveal() public {
        Opening memory opening = locked(30, hashlock("p", 20, 0, END));
        challengeAs(alice, 5, opening);
        uint256 checkpoint = vm.snapshotState();
        for (uint40 t = END - 1; t <= END + 1; ++t) {
            vm.warp(t);
            registry.reveal("p");
            vm.warp(END + 5);
            settle(opening);
            if (t <= END) assertPaid(50, 100);
            else assertPaid(70, 80);
            vm.revertToState(checkpoint);
        }
    }

    // req: A10, GAP-A2
    function test_settle_paysBackOnlyAfterTheExpiry() public {
        Opening memory opening = locked(30, hashlock("p", 20, 1, END + 10));
        dispute(5, opening);
        settle(opening);
        assertPaid(70, 60);
        for (uint40 t = END + 9; t <= END + 10; ++t) {
            vm.warp(t);
            refuses(opening, abi.encodeWithSelector(IAdjudicator.NothingResolved.selector, id));
        }
        vm.warp(END + 11);
        settle(opening);
        assertPaid(70, 80);
    }

    function test_settle_paysEachLockOnce_inWhateverOrderTheyResolve() public {
        Opening memory opening = scripted(30, 3);
        opening.locks[1].payer = 1;
        dispute(5, opening);
        settle(opening);
        assertPaid(50, 70);
        condition.set("2", 4);
        settle(opening);
        assertPaid(56, 74);
        assertEq(view_().resolvedLocks, 4);
        assertStatus(Status.Settling);
        condition.set("0", 10);
        settle(opening);
        assertPaid(56, 84);
        assertEq(view_().resolvedLocks, 5);
        refuses(opening, abi.encodeWithSelector(IAdjudicator.NothingResolved.selector, id));
        condition.set("1", 0);
        settle(opening);
        assertPaid(56, 94);
        assertStatus(Status.Closed);
    }

    // Two locks of one hash and amount are two locks.
    function test_settle_paysTwoLocksOfOneHash() public {
        Opening memory opening = paid(0);
        opening.locks = new Lock[](2);
        opening.locks[0] = hashlock("p", 20, 0, END + 100);
        opening.locks[1] = hashlock("p", 20, 0, END + 100);
        dispute(5, opening);
        settle(opening);
        assertPaid(60, 50);
        registry.reveal("p");
        settle(opening);
        assertPaid(60, 90);
    }

    function test_settle_countsAnyOtherPayerAsParticipant1() public {
        Opening memory opening = scripted(0, 1);
        opening.locks[0].payer = 255;
        condition.set("0", 4);
        dispute(5, opening);
        settle(opening);
        assertPaid(104, 46);
    }

    // req: A61
    function test_settle_revertsWhen_thereAreTooManyLocks() public {
        Opening memory opening = scripted(0, 129);
        dispute(5, opening);
        refuses(opening, abi.encodeWithSelector(IAdjudicator.TooManyLocks.selector, 129, 128));
    }

    function test_settle_takes128Locks_overTwoCalls() public {
        fund(1180, 0);
        Opening memory opening = scripted(0, 128);
        for (uint256 i = 0; i < 127; ++i) {
            condition.set(opening.locks[i].key, 10);
        }
        dispute(5, opening);
        settle(opening);
        assertEq(view_().resolvedLocks, (1 << 127) - 1);
        condition.set(opening.locks[127].key, 10);
        settle(opening);
        assertPaid(0, 1330);
        assertStatus(Status.Closed);
    }

    // req: A56
    function test_settle_revertsNothing_when_theTotalIsInLocks() public {
        Opening memory opening = scripted(0, 1);
        opening.locks[0].amount = 150;
        dispute(5, opening);
        settle(opening);
        assertPaid(0, 0);
        assertStatus(Status.Settling);
        refuses(opening, abi.encodeWithSelector(IAdjudicator.NothingResolved.selector, id));
        condition.set("0", 150);
        settle(opening);
        assertPaid(0, 150);
    }

    /// forge-config: default.fuzz.runs = 128
    function testFuzz_settle_paysExactlyWhatTheChannelHolds(
        int128 net,
        uint8[6] memory amounts,
        uint8[6] memory outcomes,
        uint8 payers,
        uint8 order
    ) public {
        Opening memory opening = scripted(net, 6);
        uint256 left = 150;
        for (uint256 i = 0; i < 6; ++i) {
            opening.locks[i].amount = amounts[i];
            opening.locks[i].payer = payers >> i & 1;
        }
        dispute(5, opening);
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < 6; ++i) {
            resolve(opening.locks[i], outcomes[i]);
        }
        settle(opening);
        (uint256 paid0, uint256 paid1) = (alicePayout.balance, bobPayout.balance);
        assertEq(paid0 + paid1, left);
        assertStatus(Status.Closed);

        // One after the other, from any lock on, pays the same.
        vm.revertToState(checkpoint);
        settle(opening);
        for (uint256 i = 0; i < 6; ++i) {
            uint256 at = (order % 6 + i * 5) % 6;
            resolve(opening.locks[at], outcomes[at]);
            settle(opening);
        }
        assertPaid(paid0, paid1);
        assertStatus(Status.Closed);
    }

    function resolve(Lock memory lock, uint256 outcome) internal {
        condition.set(lock.key, outcome % (uint256(lock.amount) + 1));
    }

    /// @dev `count` locks of 10 by participant 0 whose keys are "0", "1" and so on.
    function scripted(int128 net, uint256 count) internal view returns (Opening memory opening) {
        opening = paid(net);
        opening.locks = new Lock[](count);
        for (uint256 i = 0; i < count; ++i) {
            bytes32 key = bytes32(bytes(vm.toString(i)));
            opening.locks[i] = Lock(address(condition), key, 10, 0, END + 100);
        }
    }

    function refuses(Opening memory opening, bytes memory reason) internal {
        vm.expectRevert(reason);
        adjudicator.settle(terms, opening);
    }
}

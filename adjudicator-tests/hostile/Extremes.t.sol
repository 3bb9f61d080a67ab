// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {HostileTest} from "../kit/HostileTest.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Authorization} from "contracts/types/Authorization.sol";
import {
    LATEST_DEPOSIT,
    MAX_DEPOSIT,
    MAX_FINALIZATION_PERIOD,
    MIN_FINALIZATION_PERIOD
} from "contracts/types/Bounds.sol";
import {Lock, Opening, Status, Terms} from "contracts/types/Channel.sol";

/// @title Numbers at their ends
contract ExtremesTest is HostileTest {
    function test_extremePeriods_areRefusedByEveryDeposit() public {
        uint32[5] memory periods = extremePeriods();
        for (uint256 i = 0; i < periods.length; ++i) {
            terms.token = address(0);
            terms.finalizationPeriod = periods[i];
            bytes memory reason = abi.encodeWithSelector(
                IAdjudicator.FinalizationPeriodOutOfBounds.selector,
                periods[i],
                MIN_FINALIZATION_PERIOD,
                MAX_FINALIZATION_PERIOD
            );
            vm.expectRevert(reason);
            adjudicator.deposit{value: 1}(terms, 0, 1, 0);
            terms.token = address(otherToken);
            vm.expectRevert(reason);
            adjudicator.deposit(terms, 0, 1, 0);
            vm.expectRevert(reason);
            adjudicator.depositWithPermit(terms, 0, 1, 0, 0, 0, 0, 0);
            vm.expectRevert(reason);
            adjudicator.depositWithAuthorization(
                terms, 0, 1, 0, Authorization(alice, 0, 0, 0, 0, 0)
            );
        }
        terms.token = address(0);
        assertOthersWhole();
    }

    // A channel that could never be funded may be disputed, withdrawn from and closed by whoever likes to: it is empty.
    function test_extremePeriods_areHarmlessInChannelsThatHoldNothing() public {
        uint32[5] memory periods = extremePeriods();
        for (uint256 i = 0; i < periods.length; ++i) {
            terms.finalizationPeriod = periods[i];
            terms.salt = keccak256("disputed");
            useTerms(terms);
            track();
            disputeAnEmptyChannel(periods[i]);

            terms.salt = keccak256("closed");
            useTerms(terms);
            track();
            uint128[2] memory amounts = [uint128(0), 0];
            adjudicator.withdraw(terms, 1, amounts, START, signWithdraw(1, amounts, START));
            closeAt(0);
            assertStatus(Status.Closed);
        }
        assertReceived(0, 0);
        assertOthersWhole();
    }

    // The last challenges of the 32 bits end exactly at their last second, later ones are refused.
    function test_challenge_nearTheEndOfTime_neverEndsEarly() public {
        useNative();
        uint256 last = type(uint32).max;
        vm.warp(last - PERIOD);
        uint256 checkpoint = vm.snapshotState();
        challengeAs(bob, 1, paid(10));
        assertEq(view_().finalizesAt, last);
        vm.warp(last - 1);
        respondAs(alice, 2, paid(0));
        vm.warp(last);
        settle(paid(0));
        assertReceived(PUT0, PUT1);
        vm.revertToState(checkpoint);

        // With the consent of both it still closes, then and whenever.
        uint256[4] memory late = [last - PERIOD + 1, last, last + 1, 1_800_000_000_000];
        for (uint256 i = 0; i < late.length; ++i) {
            vm.warp(late[i]);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAdjudicator.TimeOutOfBounds.selector, late[i] + PERIOD, last
                )
            );
            this.challengeBy(bob, 1, paid(10));
            closeAt(0);
            assertReceived(PUT0, PUT1);
            assertStatus(Status.Closed);
            assertOthersWhole();
            vm.revertToState(checkpoint);
        }
    }

    // Where a dispute could not end within 32 bits, no money comes in: seconds after 2106, or milliseconds now.
    function test_deposit_afterTheLastSecondForIt_isRefused() public {
        useNative();
        vm.warp(LATEST_DEPOSIT);
        depositFor(0, 1);
        uint256[3] memory late = [LATEST_DEPOSIT + 1, type(uint32).max, 1_800_000_000_000];
        for (uint256 i = 0; i < late.length; ++i) {
            vm.warp(late[i]);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAdjudicator.TimeOutOfBounds.selector, late[i], LATEST_DEPOSIT
                )
            );
            adjudicator.deposit{value: 1}(terms, 0, 1, int256(PUT0) + 1);
        }
        assertOthersWhole();
    }

    function test_extremeNet_isRefusedByClose() public {
        useNative();
        int128[4] memory nets = [
            type(int128).min, type(int128).max, int128(int256(PUT0)) + 1, -int128(int256(PUT1)) - 1
        ];
        for (uint256 i = 0; i < nets.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAdjudicator.NetExceedsDeposits.selector, nets[i], PUT0, PUT1
                )
            );
            this.closeBy(nets[i]);
        }
        assertOthersWhole();
    }

    function test_extremeNet_settlesToAllThereIs() public {
        useNative();
        int128[2] memory nets = [type(int128).min, type(int128).max];
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < 2; ++i) {
            dispute(1, paid(nets[i]));
            settle(paid(nets[i]));
            if (i == 0) assertReceived(PUT0 + PUT1, 0);
            else assertReceived(0, PUT0 + PUT1);
            assertOthersWhole();
            vm.revertToState(checkpoint);
        }
    }

    // At the bounds of deposits, amounts and net at once, with locks that claim 2^128 each.
    function test_extremeNetAndLocks_settleToAllThereIs_atTheBoundsOfDeposits() public {
        useTerms(terms);
        track();
        uint256 most = uint256(MAX_DEPOSIT);
        vm.deal(address(this), 3 * most);
        fund(most, 0);
        uint128[2] memory amounts = [uint128(most), 0];
        adjudicator.withdraw(terms, 1, amounts, START, signWithdraw(1, amounts, START));
        fund(0, most);
        amounts = [uint128(most), 0];
        adjudicator.withdraw(terms, 2, amounts, START, signWithdraw(2, amounts, START));
        assertEq(view_().deposits[0], -MAX_DEPOSIT);
        assertEq(view_().deposits[1], MAX_DEPOSIT);
        fund(9, 0);
        int128[2] memory nets = [type(int128).min, type(int128).max];
        uint256 before = alicePayout.balance;
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < 2; ++i) {
            Opening memory opening = paid(nets[i]);
            opening.locks = new Lock[](3);
            for (uint8 side = 0; side < 3; ++side) {
                opening.locks[side] =
                    hashlock(bytes32(uint256(side)), type(uint128).max, side % 2, START);
            }
            dispute(3, opening);
            settle(opening);
            assertStatus(Status.Closed);
            assertEq(alicePayout.balance - before + bobPayout.balance, 9);
            assertOthersWhole();
            vm.revertToState(checkpoint);
        }
    }

    function test_highestNonce_isTheLast() public {
        useNative();
        uint40 highest = type(uint40).max;
        uint128[2] memory amounts = [uint128(1), 0];
        adjudicator.withdraw(terms, highest, amounts, START, signWithdraw(highest, amounts, START));
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.StaleNonce.selector, highest, highest));
        this.withdrawBy(highest, amounts);
        // The state of that withdrawal can still be challenged with, and nothing can answer it.
        challengeAs(alice, highest, paid(10));
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.StaleNonce.selector, highest, highest));
        this.respondBy(highest, paid(0));
        vm.warp(view_().finalizesAt);
        settle(paid(10));
        assertReceived(PUT0 - 10, PUT1 + 10);
        assertEq(view_().nonce, highest);
        assertOthersWhole();
    }

    // Bits beyond a field's width never make a call mean something else: it reverts, or names another channel.
    function test_dirtyWords_inTermsNeverReachTheChannel() public {
        useNative();
        bytes memory data = abi.encodeCall(IAdjudicator.close, (terms, 0, signClose(0)));
        for (uint256 word = 0; word < 8; ++word) {
            bytes memory dirty = bytes.concat(data);
            dirty[4 + 32 * word] = 0x80;
            (bool success,) = address(adjudicator).call(dirty);
            assertFalse(success);
        }
        assertEq(held(id), PUT0 + PUT1);
        assertOthersWhole();
    }

    // The contract never reads the reserve, so dirty bits there are no error: they are terms of a channel of its own.
    function test_dirtyReserve_isAChannelOfItsOwn() public {
        useNative();
        bytes memory ask = abi.encodeCall(IAdjudicator.channelId, (terms));
        bytes memory put = abi.encodeCall(IAdjudicator.deposit, (terms, 0, 7, 0));
        ask[4 + 32 * 6] = 0x80;
        put[4 + 32 * 6] = 0x80;
        (, bytes memory answer) = address(adjudicator).call(ask);
        bytes32 other = abi.decode(answer, (bytes32));
        assertNotEq(other, id);
        (bool success,) = address(adjudicator).call{value: 7}(put);
        assertTrue(success);
        assertEq(held(other), 7);
        assertEq(held(id), PUT0 + PUT1);
    }

    // An offset beyond the data reads as nothing, which is what an opening without app state has: the same opening.
    function test_dirtyWords_inAnOpening_areRefusedOrMeanTheSame() public {
        useNative();
        Opening memory opening = locked(0, hashlock("p", 10, 1, START));
        dispute(1, opening);
        bytes memory data = abi.encodeCall(IAdjudicator.settle, (terms, opening));
        uint256 checkpoint = vm.snapshotState();
        uint256 refused;
        for (uint256 at = 4 + 288; at < data.length; at += 32) {
            bytes memory dirty = bytes.concat(data);
            dirty[at] ^= 0x80;
            (bool success,) = address(adjudicator).call(dirty);
            if (success) assertReceived(PUT0, PUT1);
            else ++refused;
            vm.revertToState(checkpoint);
        }
        assertGt(refused, 10);
        settle(opening);
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    // No overflow: the end is where the sum says, or there is no challenge.
    function disputeAnEmptyChannel(uint32 period) internal {
        uint256 end = START + uint256(period);
        if (end > type(uint32).max) {
            vm.expectRevert(
                abi.encodeWithSelector(IAdjudicator.TimeOutOfBounds.selector, end, type(uint32).max)
            );
            this.challengeBy(alice, 1, paid(1));
            return;
        }
        uint256 checkpoint = vm.snapshotState();
        challengeAs(alice, 1, paid(1));
        assertEq(view_().finalizesAt, end);
        assertStatus(Status.Disputed);
        vm.warp(end);
        settle(paid(1));
        assertStatus(Status.Closed);
        vm.revertToState(checkpoint);
    }

    function challengeBy(address caller, uint40 nonce, Opening memory opening) external {
        challengeAs(caller, nonce, opening);
    }

    function respondBy(uint40 nonce, Opening memory opening) external {
        respondAs(anyone, nonce, opening);
    }

    function closeBy(int128 net) external {
        closeAt(net);
    }

    function withdrawBy(uint40 nonce, uint128[2] memory amounts) external {
        adjudicator.withdraw(terms, nonce, amounts, START, signWithdraw(nonce, amounts, START));
    }

    function extremePeriods() internal pure returns (uint32[5] memory) {
        return [
            0,
            uint32(MIN_FINALIZATION_PERIOD) - 1,
            uint32(MAX_FINALIZATION_PERIOD) + 1,
            uint32(type(uint32).max - START),
            type(uint32).max
        ];
    }
}

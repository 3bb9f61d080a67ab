// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {FeeToken, GenerousToken, SilentToken} from "../kit/HostileTokens.sol";
import {Token} from "../kit/Token.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {
    MAX_DEPOSIT,
    MAX_FINALIZATION_PERIOD,
    MIN_FINALIZATION_PERIOD
} from "contracts/types/Bounds.sol";
import {Status, Terms} from "contracts/types/Channel.sol";

contract DepositTest is ChannelTest {
    // req: S1, S2, S4
    function test_deposit_creditsTheParticipant() public {
        vm.expectEmit(address(adjudicator));
        emit IAdjudicator.Deposited(id, 1, 5);
        adjudicator.deposit{value: 5}(terms, 1, 5, 0);

        assertEq(view_().deposits[0], 0);
        assertEq(view_().deposits[1], 5);
        assertEq(address(adjudicator).balance, 5);
        assertStatus(Status.Open);
    }

    // req: S5
    function test_deposit_addsAtAnyTime() public {
        fund(3, 0);
        fund(4, 5);
        assertEq(view_().deposits[0], 7);
        assertEq(view_().deposits[1], 5);
    }

    function test_deposit_revertsWhen_aSignerIsZero() public {
        terms.signers[1] = address(0);
        refuses(abi.encodeWithSelector(IAdjudicator.InvalidSigners.selector, alice, address(0)));
        terms.signers = [address(0), bob];
        refuses(abi.encodeWithSelector(IAdjudicator.InvalidSigners.selector, address(0), bob));
    }

    function test_deposit_revertsWhen_theSignersAreEqual() public {
        terms.signers = [alice, alice];
        refuses(abi.encodeWithSelector(IAdjudicator.InvalidSigners.selector, alice, alice));
    }

    function test_deposit_revertsWhen_aPayoutIsZeroOrTheAdjudicator() public {
        for (uint256 i = 0; i < 2; ++i) {
            Terms memory original = terms;
            terms.payouts[i] = address(0);
            refuses(abi.encodeWithSelector(IAdjudicator.InvalidPayout.selector, address(0)));
            terms.payouts[i] = address(adjudicator);
            refuses(abi.encodeWithSelector(IAdjudicator.InvalidPayout.selector, adjudicator));
            terms = original;
        }
    }

    // req: A59
    function test_deposit_revertsWhen_thePeriodIsOutOfBounds() public {
        uint256[2] memory periods = [MIN_FINALIZATION_PERIOD - 1, MAX_FINALIZATION_PERIOD + 1];
        for (uint256 i = 0; i < 2; ++i) {
            terms.finalizationPeriod = uint32(periods[i]);
            refuses(
                abi.encodeWithSelector(
                    IAdjudicator.FinalizationPeriodOutOfBounds.selector,
                    periods[i],
                    MIN_FINALIZATION_PERIOD,
                    MAX_FINALIZATION_PERIOD
                )
            );
        }
    }

    function test_deposit_takesThePeriodsAtTheBounds() public {
        terms.finalizationPeriod = uint32(MIN_FINALIZATION_PERIOD);
        adjudicator.deposit{value: 1}(terms, 0, 1, 0);
        terms.finalizationPeriod = uint32(MAX_FINALIZATION_PERIOD);
        adjudicator.deposit{value: 1}(terms, 0, 1, 0);
    }

    function test_deposit_revertsWhen_theChannelHasAnApp() public {
        terms.app = anyone;
        refuses(abi.encodeWithSelector(IAdjudicator.AppUnsupported.selector, anyone));
    }

    function test_deposit_revertsWhen_theParticipantIsAbove1() public {
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.InvalidParticipant.selector, 2));
        adjudicator.deposit{value: 1}(terms, 2, 1, 0);
    }

    function test_deposit_revertsWhen_theAmountIsZero() public {
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        adjudicator.deposit(terms, 0, 0, 0);
    }

    function test_deposit_revertsWhen_theValueIsNotTheAmount() public {
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.WrongValue.selector, 1, 2));
        adjudicator.deposit{value: 1}(terms, 0, 2, 0);
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.WrongValue.selector, 3, 2));
        adjudicator.deposit{value: 3}(terms, 0, 2, 0);
    }

    function test_deposit_revertsWhen_theBoundIsExceeded() public {
        uint256 maximum = uint256(MAX_DEPOSIT);
        bytes memory tooMuch =
            abi.encodeWithSelector(IAdjudicator.DepositOutOfBounds.selector, maximum + 1, maximum);
        vm.expectRevert(tooMuch);
        adjudicator.deposit{value: maximum + 1}(terms, 0, maximum + 1, 0);

        fund(maximum, 0);
        bytes memory one =
            abi.encodeWithSelector(IAdjudicator.DepositOutOfBounds.selector, 1, maximum);
        vm.expectRevert(one);
        adjudicator.deposit{value: 1}(terms, 0, 1, MAX_DEPOSIT);
        vm.expectRevert(one);
        adjudicator.deposit{value: 1}(terms, 1, 1, 0);
    }

    function test_deposit_takesTheBoundItself() public {
        fund(uint256(MAX_DEPOSIT) - 1, 1);
        assertEq(view_().deposits[0], MAX_DEPOSIT - 1);
        assertEq(view_().deposits[1], 1);
    }

    function test_deposit_revertsWhen_itIsRepeated() public {
        adjudicator.deposit{value: 5}(terms, 0, 5, 0);
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.AlreadyDeposited.selector, 5, 0));
        adjudicator.deposit{value: 5}(terms, 0, 5, 0);
        assertEq(view_().deposits[0], 5);
    }

    function test_deposit_takesIt_when_dustCameBefore() public {
        adjudicator.deposit{value: 4}(terms, 0, 4, 0);
        adjudicator.deposit{value: 5}(terms, 0, 5, 0);
        assertEq(view_().deposits[0], 9);
    }

    // req: GAP-S6
    function test_deposit_revertsWhen_theChannelIsInDispute() public {
        fund(5, 0);
        challengeAs(alice, 0, paid(0));
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.NotOpen.selector, id));
        adjudicator.deposit{value: 1}(terms, 1, 1, 0);
    }

    // req: GAP-S6
    function test_deposit_revertsWhen_theChannelIsClosed() public {
        fund(5, 0);
        adjudicator.close(terms, 0, signClose(0));
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.NotOpen.selector, id));
        adjudicator.deposit{value: 1}(terms, 0, 1, 0);
    }

    function test_deposit_pullsTokens() public {
        Token token = new Token();
        useToken(address(token));
        token.mint(address(this), 10);
        token.approve(address(adjudicator), 10);
        adjudicator.deposit(terms, 0, 7, 0);
        assertEq(view_().deposits[0], 7);
        assertEq(token.balanceOf(address(adjudicator)), 7);
    }

    function test_deposit_revertsWhen_valueComesWithAToken() public {
        useToken(address(new Token()));
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.WrongValue.selector, 1, 0));
        adjudicator.deposit{value: 1}(terms, 0, 1, 0);
    }

    function test_deposit_revertsWhen_theTokenHasNoCode() public {
        useToken(anyone);
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.TokenWithoutCode.selector, anyone));
        adjudicator.deposit(terms, 0, 1, 0);
    }

    function test_deposit_revertsWhen_nothingArrives() public {
        useToken(address(new Token()));
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        adjudicator.deposit(terms, 0, 1, 0);
    }

    function test_deposit_creditsWhatArrived_when_theTokenTakesAFee() public {
        FeeToken token = new FeeToken();
        useToken(address(token));
        token.mint(address(this), 1000);
        token.approve(address(adjudicator), 1000);
        adjudicator.deposit(terms, 0, 200, 0);
        assertEq(view_().deposits[0], 198);
        assertEq(token.balanceOf(address(adjudicator)), 198);

        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.AlreadyDeposited.selector, 198, 0));
        adjudicator.deposit(terms, 0, 200, 0);
    }

    function test_deposit_creditsTheAmount_when_moreArrives() public {
        GenerousToken token = new GenerousToken();
        useToken(address(token));
        token.mint(address(this), 1000);
        token.approve(address(adjudicator), 1000);
        adjudicator.deposit(terms, 0, 100, 0);
        assertEq(view_().deposits[0], 100);
    }

    function test_deposit_takesATokenThatReturnsNothing() public {
        SilentToken token = new SilentToken();
        useToken(address(token));
        token.mint(address(this), 10);
        adjudicator.deposit(terms, 0, 10, 0);
        assertEq(view_().deposits[0], 10);
    }

    function testFuzz_deposit_isRefusedExactlyWhen_itIsRepeated(
        uint64 before,
        uint64 amount,
        int256 expected
    ) public {
        amount = uint64(bound(amount, 1, type(uint64).max));
        expected = bound(expected, -int256(uint256(amount)) - 1, int256(uint256(before)) + 1);
        if (before != 0) fund(before, 0);
        bool repeated = int256(uint256(before)) >= expected + int256(uint256(amount));
        if (repeated) vm.expectPartialRevert(IAdjudicator.AlreadyDeposited.selector);
        adjudicator.deposit{value: amount}(terms, 0, amount, expected);
    }

    function useToken(address token) internal {
        terms.token = token;
        id = adjudicator.channelId(terms);
    }

    function refuses(bytes memory reason) internal {
        vm.expectRevert(reason);
        adjudicator.deposit{value: 1}(terms, 0, 1, 0);
    }
}

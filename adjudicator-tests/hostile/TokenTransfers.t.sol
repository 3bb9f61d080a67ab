// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {HostileTest} from "../kit/HostileTest.sol";
import {BlacklistToken, FeeToken} from "../kit/HostileTokens.sol";
import {ProgrammableToken} from "../kit/ProgrammableToken.sol";
import {Token} from "../kit/Token.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";

/// @title Tokens whose transfers do not do, or do not say, what they should
contract TokenTransfersTest is HostileTest {
    ProgrammableToken private token;

    function setUp() public override {
        super.setUp();
        token = new ProgrammableToken();
    }

    function test_feeOnTransfer_creditsWhatArrived_andThePayeesBearTheFee() public {
        FeeToken fee = new FeeToken();
        useToken(address(fee));
        assertEq(view_().deposits[0], 9_900);
        assertEq(view_().deposits[1], 4_950);
        closeAt(900);
        assertReceived(9_000 - 90, 5_850 - 58);
        assertOthersWhole();
    }

    function test_noReturnValue_isDepositedAndPaid() public {
        token.setIn(ProgrammableToken.Answer.Nothing, 1000, 1000);
        token.setOut(ProgrammableToken.Answer.Nothing, 1000, 1000);
        useToken(address(token));
        closeAt(1);
        assertReceived(PUT0 - 1, PUT1 + 1);
        assertSameTokenPays();
        assertOthersWhole();
    }

    function test_falseOrGarbage_thatMoved_isPaidAndNotCredited() public {
        useToken(address(token));
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < 3; ++i) {
            token.setOut(odd(i), 1000, 1000);
            closeAt(1);
            assertReceived(PUT0 - 1, PUT1 + 1);
            assertCredited(0, 0);
            token.beHonest();
            assertOthersWhole();
            vm.revertToState(checkpoint);
        }
    }

    function test_falseOrGarbage_thatDidNotMove_isCredited_andClaimedLater() public {
        useToken(address(token));
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < 3; ++i) {
            token.setOut(odd(i), 0, 0);
            closeAt(1);
            assertCredited(PUT0 - 1, PUT1 + 1);
            token.beHonest();
            claimAs(alicePayout);
            claimAs(bobPayout);
            assertReceived(PUT0 - 1, PUT1 + 1);
            assertOthersWhole();
            vm.revertToState(checkpoint);
        }
    }

    function test_falseOrGarbage_thatMovedHalf_creditsTheOtherHalf() public {
        useToken(address(token));
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < 3; ++i) {
            token.setOut(odd(i), 500, 500);
            closeAt(0);
            assertReceived(PUT0 / 2, PUT1 / 2);
            assertCredited(PUT0 / 2, PUT1 / 2);
            token.beHonest();
            assertOthersWhole();
            vm.revertToState(checkpoint);
        }
    }

    function test_revertingTransfers_becomeCredits_inEveryCallThatPays() public {
        useToken(address(token));
        token.setOut(ProgrammableToken.Answer.Reverts, 1000, 1000);
        uint128[2] memory amounts = [uint128(100), 50];
        adjudicator.withdraw(terms, 1, amounts, START, signWithdraw(1, amounts, START));
        assertCredited(100, 50);
        dispute(2, paid(0));
        settle(paid(0));
        assertCredited(PUT0, PUT1);
        vm.prank(alicePayout);
        vm.expectPartialRevert(IAdjudicator.PayoutFailed.selector);
        adjudicator.claim(address(token), alicePayout, type(uint256).max);
        token.beHonest();
        claimAs(alicePayout);
        claimAs(bobPayout);
        assertReceived(PUT0, PUT1);
        assertSameTokenPays();
        assertOthersWhole();
    }

    function test_revertingTransferFrom_depositsNothing() public {
        useToken(address(token));
        provide(address(token), 10);
        token.setIn(ProgrammableToken.Answer.Reverts, 1000, 1000);
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        adjudicator.deposit(terms, 0, 10, int256(PUT0));
        assertOthersWhole();
    }

    function test_falseTransferFrom_countsByWhatArrived() public {
        useToken(address(token));
        provide(address(token), 10);
        token.setIn(ProgrammableToken.Answer.False, 0, 0);
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        adjudicator.deposit(terms, 0, 10, int256(PUT0));
        token.setIn(ProgrammableToken.Answer.False, 1000, 1000);
        adjudicator.deposit(terms, 0, 10, int256(PUT0));
        assertEq(view_().deposits[0], int256(PUT0) + 10);
        assertOthersWhole();
    }

    function test_gasBurningTransfers_becomeCredits() public {
        useToken(address(token));
        token.setOut(ProgrammableToken.Answer.BurnsGas, 1000, 1000);
        closeAt(1);
        token.beHonest();
        assertCredited(PUT0 - 1, PUT1 + 1);
        assertOthersWhole();
    }

    function test_blacklistedPayee_isCredited_andTheOtherPaid() public {
        BlacklistToken blacklist = new BlacklistToken();
        useToken(address(blacklist));
        blacklist.setBlocked(bobPayout, true);
        dispute(2, paid(1));
        settle(paid(1));
        assertReceived(PUT0 - 1, 0);
        assertCredited(0, PUT1 + 1);
        vm.prank(bobPayout);
        adjudicator.claim(address(blacklist), anyone, type(uint256).max);
        assertEq(blacklist.balanceOf(anyone), PUT1 + 1);
        assertSameTokenPays();
        assertOthersWhole();
    }

    function test_blacklistedAdjudicator_takesNoDeposits_andStillPays() public {
        BlacklistToken blacklist = new BlacklistToken();
        useToken(address(blacklist));
        blacklist.setBlocked(address(adjudicator), true);
        provide(address(blacklist), 10);
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        adjudicator.deposit(terms, 0, 10, int256(PUT0));
        closeAt(0);
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    // "Success" without a transfer is believed: its channel loses, what is left over is nobody's.
    function test_successWithoutATransfer_costsItsOwnChannelOnly() public {
        useToken(address(token));
        token.setOut(ProgrammableToken.Answer.True, 0, 0);
        closeAt(0);
        assertReceived(0, 0);
        assertCredited(0, 0);
        token.beHonest();
        assertSameTokenPays();
        assertOthersWholeBut(int256(PUT0 + PUT1));
    }

    // What a transfer takes beyond its amount is missing for other channels of that token, and for no one else.
    function test_feeOnTop_costsChannelsOfThatTokenOnly() public {
        useToken(address(token));
        token.setOut(ProgrammableToken.Answer.True, 1000, 1010);
        closeAt(0);
        assertReceived(PUT0, PUT1);
        assertOthersWholeBut(-150);
    }

    function test_disappearedCode_leavesCredits_andTakesNoDeposits() public {
        useToken(address(token));
        bytes memory code = address(token).code;
        vm.etch(address(token), "");
        vm.expectRevert(
            abi.encodeWithSelector(IAdjudicator.TokenWithoutCode.selector, address(token))
        );
        adjudicator.deposit(terms, 0, 10, int256(PUT0));
        closeAt(1);
        assertCredited(PUT0 - 1, PUT1 + 1);
        vm.prank(alicePayout);
        vm.expectPartialRevert(IAdjudicator.PayoutFailed.selector);
        adjudicator.claim(address(token), anyone, type(uint256).max);

        vm.etch(address(token), code);
        claimAs(alicePayout);
        claimAs(bobPayout);
        assertReceived(PUT0 - 1, PUT1 + 1);
        assertOthersWhole();
    }

    function test_oneTokenCannotBeDepositedAsAnother() public {
        useToken(address(new Token()));
        // The depositor has plenty of another token, and of this one nothing.
        otherToken.mint(address(this), 100);
        vm.prank(anyone);
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        adjudicator.deposit(terms, 0, 10, int256(PUT0));
        // Tokens or coins that just lie there belong to no channel, so no deposit can turn them into one's own.
        Token(terms.token).mint(address(adjudicator), 100);
        vm.prank(anyone);
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        adjudicator.deposit(terms, 0, 10, int256(PUT0));
        assertOthersWholeBut(100);
    }

    function test_oneTokenCannotBePaidAsAnother() public {
        useToken(address(new Token()));
        address[2] memory wanted = [address(0), address(otherToken)];
        for (uint256 i = 0; i < 2; ++i) {
            terms.token = wanted[i];
            useTerms(terms);
            assertEq(held(id), 0);
            challengeAs(alice, 1, paid(-1000));
            vm.warp(view_().finalizesAt);
            settle(paid(-1000));
            assertReceived(0, 0);
        }
        assertOthersWhole();
    }

    function claimAs(address payee) internal {
        vm.prank(payee);
        adjudicator.claim(terms.token, payee, type(uint256).max);
    }

    function odd(uint256 which) internal pure returns (ProgrammableToken.Answer) {
        if (which == 0) return ProgrammableToken.Answer.False;
        if (which == 1) return ProgrammableToken.Answer.Seven;
        return ProgrammableToken.Answer.Short;
    }
}

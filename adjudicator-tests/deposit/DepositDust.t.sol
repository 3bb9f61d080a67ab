// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {HostileTest} from "../kit/HostileTest.sol";
import {Token} from "../kit/Token.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";

/// @title Deposits of others that come before one's own
contract DepositDustTest is HostileTest {
    int256 private seen;

    function setUp() public override {
        super.setUp();
        useNative();
        seen = int256(PUT0);
        vm.deal(anyone, 1e6);
    }

    function test_deposit_isTaken_when_oneWeiCameBefore() public {
        donate(1);
        deposit(100);
        assertEq(view_().deposits[0], seen + 101);
        assertOthersWhole();
    }

    function test_deposit_isTaken_when_oneWeiLessThanItsAmountCameBefore() public {
        donate(99);
        deposit(100);
        assertEq(view_().deposits[0], seen + 199);
        assertOthersWhole();
    }

    // Whoever blocks a deposit has paid as much to the depositor, which then is where it wanted to be.
    function test_deposit_revertsWhen_itsAmountCameBefore_whichIsTheDepositors() public {
        donate(100);
        vm.expectRevert(
            abi.encodeWithSelector(IAdjudicator.AlreadyDeposited.selector, seen + 100, seen)
        );
        deposit(100);
        assertEq(view_().deposits[0], seen + 100);
        closeAt(0);
        assertReceived(PUT0 + 100, PUT1);
        assertOthersWhole();
    }

    function test_deposit_isTaken_when_muchDustCameBefore_asLongAsItIsLess() public {
        for (uint256 i = 0; i < 99; ++i) {
            donate(1);
        }
        uint256 checkpoint = vm.snapshotState();
        deposit(100);
        assertEq(view_().deposits[0], seen + 199);
        vm.revertToState(checkpoint);
        donate(1);
        vm.expectPartialRevert(IAdjudicator.AlreadyDeposited.selector);
        deposit(100);
        assertOthersWhole();
    }

    function test_deposit_doesNotNotice_dustForTheOtherParticipant() public {
        vm.prank(anyone);
        adjudicator.deposit{value: 5000}(terms, 1, 5000, int256(PUT1));
        deposit(100);
        assertEq(view_().deposits[0], seen + 100);
        assertOthersWhole();
    }

    // Who was paid off chain and withdrew has a negative deposit, and expects it.
    function test_deposit_takesANegativeExpectation() public {
        seen = -300;
        uint128[2] memory amounts = [uint128(PUT0 + 300), 0];
        adjudicator.withdraw(terms, 1, amounts, START, signWithdraw(1, amounts, START));
        assertEq(view_().deposits[0], -300);
        uint256 checkpoint = vm.snapshotState();
        deposit(100);
        assertEq(view_().deposits[0], -200);
        vm.expectPartialRevert(IAdjudicator.AlreadyDeposited.selector);
        deposit(100);
        vm.revertToState(checkpoint);

        donate(99);
        deposit(100);
        assertEq(view_().deposits[0], -101);
        vm.revertToState(checkpoint);

        donate(100);
        vm.expectPartialRevert(IAdjudicator.AlreadyDeposited.selector);
        deposit(100);
        assertOthersWhole();
    }

    function test_deposit_takesTheEndsOfTheExpectation() public {
        seen = type(int256).max;
        deposit(1);
        seen = type(int256).min;
        vm.expectPartialRevert(IAdjudicator.AlreadyDeposited.selector);
        deposit(1);
        assertOthersWhole();
    }

    function test_depositOfATokenWithDust_isJudgedTheSame() public {
        Token token = new Token();
        useToken(address(token));
        token.mint(anyone, 100);
        vm.prank(anyone);
        token.approve(address(adjudicator), 100);
        provide(address(token), 200);
        vm.prank(anyone);
        adjudicator.deposit(terms, 0, 99, seen);
        adjudicator.deposit(terms, 0, 100, seen);
        assertEq(view_().deposits[0], seen + 199);
        vm.expectPartialRevert(IAdjudicator.AlreadyDeposited.selector);
        adjudicator.deposit(terms, 0, 100, seen);
        assertOthersWhole();
    }

    function donate(uint256 amount) internal {
        int256 current = view_().deposits[0];
        vm.prank(anyone);
        adjudicator.deposit{value: amount}(terms, 0, amount, current);
    }

    /// @dev What the participant sent when it saw `seen`.
    function deposit(uint256 amount) internal {
        adjudicator.deposit{value: amount}(terms, 0, amount, seen);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {HookedAccount} from "../kit/CallbackTokens.sol";
import {HostileTest} from "../kit/HostileTest.sol";
import {BlacklistToken} from "../kit/HostileTokens.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";

/// @title Credits that somebody else sends on
contract ClaimForTest is HostileTest {
    HookedAccount private payee;

    function setUp() public override {
        super.setUp();
        payee = new HookedAccount();
        payee.setRefuses(true);
        terms.payouts[0] = address(payee);
        useNative();
        closeAt(0);
        assertCredited(PUT0, 0);
    }

    function test_claimFor_paysThePayeeOnce_whoeverCalls() public {
        payee.setRefuses(false);
        vm.expectEmit(address(adjudicator));
        emit IAdjudicator.Claimed(address(0), address(payee), address(payee), PUT0);
        vm.prank(anyone);
        assertEq(adjudicator.claimFor(address(0), address(payee), type(uint256).max), PUT0);
        assertReceived(PUT0, PUT1);
        assertEq(anyone.balance, 0);
        assertCredited(0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IAdjudicator.NothingToClaim.selector, address(0), address(payee))
        );
        adjudicator.claimFor(address(0), address(payee), type(uint256).max);
        assertOthersWhole();
    }

    function test_claimFor_keepsTheCredit_when_thePayeeRefusesAgain() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IAdjudicator.PayoutFailed.selector, address(0), address(payee), PUT0
            )
        );
        adjudicator.claimFor(address(0), address(payee), type(uint256).max);
        assertCredited(PUT0, 0);
        assertOthersWhole();
    }

    function test_claimFor_revertsWhen_thereIsNoCredit() public {
        vm.expectRevert(
            abi.encodeWithSelector(IAdjudicator.NothingToClaim.selector, address(0), anyone)
        );
        vm.prank(address(payee));
        adjudicator.claimFor(address(0), anyone, type(uint256).max);
        assertOthersWhole();
    }

    function test_claimFor_revertsWhen_thePayeeIsZeroOrTheAdjudicator() public {
        address[2] memory payees = [address(0), address(adjudicator)];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAdjudicator.InvalidPayout.selector, payees[i]));
            adjudicator.claimFor(address(0), payees[i], type(uint256).max);
        }
        assertOthersWhole();
    }

    // While a payee is refused there is nothing to take away from it, and afterwards it needs nobody.
    function test_claimFor_sendsTokensOn_when_thePayeeIsOffTheBlacklist() public {
        BlacklistToken token = new BlacklistToken();
        terms.payouts = [alicePayout, bobPayout];
        useToken(address(token));
        token.setBlocked(alicePayout, true);
        closeAt(0);
        assertCredited(PUT0, 0);
        vm.expectPartialRevert(IAdjudicator.PayoutFailed.selector);
        adjudicator.claimFor(address(token), alicePayout, type(uint256).max);
        token.setBlocked(alicePayout, false);
        vm.prank(anyone);
        adjudicator.claimFor(address(token), alicePayout, type(uint256).max);
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }
}

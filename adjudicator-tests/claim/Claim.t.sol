// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {
    BombingPayee,
    BurningPayee,
    BusyPayee,
    GreedyPayee,
    ReentrantPayee,
    RevertingPayee
} from "../kit/HostilePayees.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {NATIVE_PAYOUT_GAS} from "contracts/types/Bounds.sol";
import {Opening, Signature, Status} from "contracts/types/Channel.sol";

/// @title Claims, and payouts of the native coin that become credits
contract ClaimTest is ChannelTest {
    RevertingPayee private shut;

    function setUp() public override {
        super.setUp();
        shut = new RevertingPayee();
    }

    function test_claim_paysOnce() public {
        credit();
        shut.setOpen(true);
        vm.expectEmit(address(adjudicator));
        emit IAdjudicator.Claimed(address(0), address(shut), anyone, 70);
        shut.claim(adjudicator, address(0), anyone);
        assertEq(anyone.balance, 70);
        assertEq(adjudicator.credits(address(0), address(shut)), 0);
        vm.expectRevert(
            abi.encodeWithSelector(IAdjudicator.NothingToClaim.selector, address(0), shut)
        );
        shut.claim(adjudicator, address(0), anyone);
    }

    function test_claim_revertsWhen_thereIsNoCredit() public {
        credit();
        vm.expectRevert(
            abi.encodeWithSelector(IAdjudicator.NothingToClaim.selector, address(0), anyone)
        );
        vm.prank(anyone);
        adjudicator.claim(address(0), anyone, type(uint256).max);
    }

    function test_claim_revertsWhen_toIsZeroOrTheAdjudicator() public {
        credit();
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.InvalidPayout.selector, address(0)));
        shut.claim(adjudicator, address(0), address(0));
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.InvalidPayout.selector, adjudicator));
        shut.claim(adjudicator, address(0), address(adjudicator));
    }

    function test_claim_keepsTheCredit_when_theTransferFails() public {
        credit();
        vm.expectRevert(
            abi.encodeWithSelector(IAdjudicator.PayoutFailed.selector, address(0), shut, 70)
        );
        shut.claim(adjudicator, address(0), address(shut));
        assertEq(adjudicator.credits(address(0), address(shut)), 70);
    }

    function test_payout_becomesACredit_when_thePayeeFails() public {
        address[3] memory payees =
            [address(shut), address(new BurningPayee()), address(new BombingPayee())];
        for (uint256 i = 0; i < payees.length; ++i) {
            usePayee(payees[i]);
            uint256 before = bobPayout.balance;
            Signature[2] memory signatures = signClose(30);
            vm.expectEmit(address(adjudicator));
            emit IAdjudicator.Credited(address(0), payees[i], 70);
            uint256 gasBefore = gasleft();
            adjudicator.close(terms, 30, signatures);
            assertLt(gasBefore - gasleft(), 250_000);
            assertEq(adjudicator.credits(address(0), payees[i]), 70);
            assertEq(bobPayout.balance - before, 80);
            assertStatus(Status.Closed);
        }
    }

    function test_payout_reachesASmartAccount() public {
        address payee = address(new BusyPayee());
        usePayee(payee);
        adjudicator.close(terms, 30, signClose(30));
        assertEq(payee.balance, 70);
    }

    function test_payout_refusesAPayeeThatCallsBack() public {
        ReentrantPayee payee = new ReentrantPayee();
        usePayee(address(payee));
        challengeAs(alice, 5, paid(30));
        vm.warp(view_().finalizesAt);
        payee.arm(address(adjudicator), abi.encodeCall(IAdjudicator.settle, (terms, paid(30))));
        settle(paid(30));
        assertFalse(payee.succeeded());
        assertEq(payee.reason(), ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        assertEq(address(payee).balance, 70);
        assertEq(bobPayout.balance, 80);
    }

    // Nobody else is paid, so nothing after it asks for gas. Whoever settles must not choose a gas limit at which a good payee fails.
    function test_payout_revertsWhen_thePayeeWouldBeStarved() public {
        // The most it can want and get: its gas and the stipend that comes with value.
        uint256 most = NATIVE_PAYOUT_GAS + 2300;
        address payee;
        for (bool paid_; !paid_; --most) {
            payee = address(new GreedyPayee(most));
            (paid_,) = payee.call{value: 1, gas: NATIVE_PAYOUT_GAS}("");
        }
        usePayee(payee);
        dispute(5, paid(-50));
        uint256 checkpoint = vm.snapshotState();
        uint256 settled;
        uint256 refused;
        for (uint256 limit = 30_000; limit < 200_000; limit += 100) {
            (bool success, bytes memory reason) = address(adjudicator).call{gas: limit}(
                abi.encodeCall(IAdjudicator.settle, (terms, paid(-50)))
            );
            if (success) {
                assertEq(payee.balance, 151);
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

    function test_payout_addsUpCredits() public {
        credit();
        usePayee(address(shut));
        terms.salt = keccak256("second");
        useTerms(terms);
        fund(100, 50);
        adjudicator.close(terms, 0, signClose(0));
        assertEq(adjudicator.credits(address(0), address(shut)), 170);
    }

    /// @dev Leaves 70 credited to `shut`.
    function credit() internal {
        usePayee(address(shut));
        adjudicator.close(terms, 30, signClose(30));
        assertEq(adjudicator.credits(address(0), address(shut)), 70);
    }

    function usePayee(address payee) internal {
        terms.payouts[0] = payee;
        useTerms(terms);
        if (view_().status == Status.Open && view_().deposits[0] == 0) fund(100, 50);
    }
}

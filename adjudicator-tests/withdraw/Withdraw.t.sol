// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {MAX_DEPOSIT} from "contracts/types/Bounds.sol";
import {Signature, Status} from "contracts/types/Channel.sol";

contract WithdrawTest is ChannelTest {
    uint40 private constant DEADLINE = START + 1 hours;

    function setUp() public override {
        super.setUp();
        fund(100, 50);
    }

    function test_withdraw_paysAndKeepsTheChannelOpen() public {
        Signature[2] memory signatures = signWithdraw(7, [uint128(30), 20], DEADLINE);
        vm.expectEmit(address(adjudicator));
        emit IAdjudicator.Withdrawn(id, 7, 30, 20);
        vm.prank(anyone);
        adjudicator.withdraw(terms, 7, [uint128(30), 20], DEADLINE, signatures);
        assertPaid(30, 20);
        assertStatus(Status.Open);
        assertEq(view_().deposits[0], 70);
        assertEq(view_().deposits[1], 30);
        assertEq(view_().nonce, 7);
    }

    function test_withdraw_paysAtTheDeadlineAndBefore() public {
        vm.warp(DEADLINE - 1);
        withdraw(7, 1, 0);
        vm.warp(DEADLINE);
        withdraw(8, 1, 0);
        assertPaid(2, 0);
    }

    function test_withdraw_revertsWhen_theDeadlineIsOver() public {
        vm.warp(DEADLINE + 1);
        refuses(
            7,
            1,
            0,
            abi.encodeWithSelector(IAdjudicator.DeadlineOver.selector, DEADLINE, DEADLINE + 1)
        );
    }

    // req: S32
    function test_withdraw_revertsWhen_nonceIsStale() public {
        withdraw(7, 1, 0);
        refuses(7, 1, 0, abi.encodeWithSelector(IAdjudicator.StaleNonce.selector, 7, 7));
        refuses(6, 1, 0, abi.encodeWithSelector(IAdjudicator.StaleNonce.selector, 7, 6));
    }

    function test_withdraw_revertsWhen_nonceIsZero() public {
        refuses(0, 1, 0, abi.encodeWithSelector(IAdjudicator.StaleNonce.selector, 0, 0));
    }

    function test_withdraw_revertsWhen_theSumExceedsTheChannel() public {
        bytes4 selector = IAdjudicator.AmountExceedsBalance.selector;
        refuses(7, 100, 51, abi.encodeWithSelector(selector, 150, 151));
        refuses(7, 151, 0, abi.encodeWithSelector(selector, 150, 151));
        uint128 most = type(uint128).max;
        refuses(7, most, most, abi.encodeWithSelector(selector, 150, 2 * uint256(most)));
    }

    function test_withdraw_paysAllThereIs() public {
        withdraw(7, 0, 150);
        assertPaid(0, 150);
        assertEq(view_().deposits[0], 100);
        assertEq(view_().deposits[1], -100);
        assertStatus(Status.Open);
    }

    function test_withdraw_keepsTheLedgerWhole_when_aDepositFallsToItsBound() public {
        fund(uint256(MAX_DEPOSIT) - 150, 0);
        withdraw(1, uint128(uint256(MAX_DEPOSIT)) - 50, 50);
        fund(0, uint256(MAX_DEPOSIT));
        withdraw(2, uint128(uint256(MAX_DEPOSIT)), 0);
        assertEq(view_().deposits[0], -MAX_DEPOSIT);
        assertEq(view_().deposits[1], MAX_DEPOSIT);
        assertStatus(Status.Open);
    }

    function test_withdraw_storesTheNonce_when_bothAmountsAreZero() public {
        withdraw(7, 0, 0);
        assertEq(view_().nonce, 7);
        assertPaid(0, 0);
    }

    function test_withdraw_revertsWhen_aSignatureIsMissing() public {
        Signature[2] memory signatures = signWithdraw(7, [uint128(1), 0], DEADLINE);
        signatures[1] = none();
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.WrongSigner.selector, bob, address(0)));
        adjudicator.withdraw(terms, 7, [uint128(1), 0], DEADLINE, signatures);
    }

    function test_withdraw_revertsWhen_theChannelIsInDispute() public {
        challengeAs(alice, 0, paid(0));
        refuses(7, 1, 0, abi.encodeWithSelector(IAdjudicator.NotOpen.selector, id));
    }

    function test_withdraw_revertsWhen_theChannelIsClosed() public {
        adjudicator.close(terms, 0, signClose(0));
        refuses(7, 1, 0, abi.encodeWithSelector(IAdjudicator.NotOpen.selector, id));
    }

    // req: S32
    function test_withdraw_voidsOlderStates() public {
        withdraw(7, 1, 0);
        Signature[2] memory signatures = signState(6, keccak256("c"));
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.StaleNonce.selector, 7, 6));
        adjudicator.challenge(terms, 6, keccak256("c"), signatures, none());
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.StaleNonce.selector, 7, 0));
        adjudicator.challenge(terms, 0, 0, signatures, none());
    }

    function test_withdraw_leavesTheStateOfItsNonceToChallengeWith() public {
        withdraw(7, 60, 0);
        dispute(7, paid(10));
        settle(paid(10));
        assertPaid(60 + 30, 60);
    }

    function withdraw(uint40 nonce, uint128 amount0, uint128 amount1) internal {
        uint128[2] memory amounts = [amount0, amount1];
        Signature[2] memory signatures = signWithdraw(nonce, amounts, DEADLINE);
        adjudicator.withdraw(terms, nonce, amounts, DEADLINE, signatures);
    }

    function refuses(uint40 nonce, uint128 amount0, uint128 amount1, bytes memory reason) internal {
        uint128[2] memory amounts = [amount0, amount1];
        Signature[2] memory signatures = signWithdraw(nonce, amounts, DEADLINE);
        vm.expectRevert(reason);
        adjudicator.withdraw(terms, nonce, amounts, DEADLINE, signatures);
    }
}

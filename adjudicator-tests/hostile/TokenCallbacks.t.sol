// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {CallbackToken, HookToken, HookedAccount} from "../kit/CallbackTokens.sol";
import {Digests} from "../kit/Digests.sol";
import {HostileTest} from "../kit/HostileTest.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Authorization} from "contracts/types/Authorization.sol";
import {Opening, Status} from "contracts/types/Channel.sol";

/// @title Tokens, and holders of tokens, that call back into every entry that moves money
contract TokenCallbacksTest is HostileTest {
    CallbackToken private token;

    function setUp() public override {
        super.setUp();
        token = new CallbackToken();
    }

    function test_callback_isRefusedByEveryEntry_duringADeposit() public {
        arm(CallbackToken.Where.InTransfers);
        adjudicator.deposit(terms, 0, 10, int256(PUT0));
        assertRefusedEverywhere(address(token));
        assertEq(view_().deposits[0], int256(PUT0) + 10);
        assertOthersWhole();
    }

    function test_callback_isRefusedByEveryEntry_duringAPermit() public {
        arm(CallbackToken.Where.InPermits);
        adjudicator.depositWithPermit(terms, 0, 10, int256(PUT0), 0, 0, 0, 0);
        assertRefusedEverywhere(address(token));
        assertEq(view_().deposits[0], int256(PUT0) + 10);
        assertOthersWhole();
    }

    function test_callback_isRefusedByEveryEntry_duringAnAuthorization() public {
        arm(CallbackToken.Where.InAuthorizations);
        authorize(10);
        assertRefusedEverywhere(address(token));
        assertEq(view_().deposits[0], int256(PUT0) + 10);
        assertOthersWhole();
    }

    function test_callback_isRefusedByEveryEntry_duringAWithdrawal() public {
        arm(CallbackToken.Where.InTransfers);
        uint128[2] memory amounts = [uint128(100), 50];
        adjudicator.withdraw(terms, 1, amounts, START, signWithdraw(1, amounts, START));
        assertRefusedEverywhere(address(token));
        assertReceived(100, 50);
        assertOthersWhole();
    }

    function test_callback_isRefusedByEveryEntry_duringAClose() public {
        arm(CallbackToken.Where.InTransfers);
        closeAt(0);
        assertRefusedEverywhere(address(token));
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    function test_callback_isRefusedByEveryEntry_duringASettlement() public {
        useToken(address(token));
        dispute(3, paid(5));
        token.arm(address(adjudicator), entries());
        token.callBack(CallbackToken.Where.InTransfers);
        settle(paid(5));
        assertRefusedEverywhere(address(token));
        assertReceived(PUT0 - 5, PUT1 + 5);
        assertOthersWhole();
    }

    function test_callback_isRefusedByEveryEntry_duringAClaim() public {
        HookToken hooks = new HookToken();
        HookedAccount payee = new HookedAccount();
        hooks.hook(address(payee));
        terms.payouts[0] = address(payee);
        useToken(address(hooks));
        payee.setRefuses(true);
        closeAt(0);
        assertCredited(PUT0, 0);
        HookedAccount receiver = new HookedAccount();
        hooks.hook(address(receiver));
        receiver.arm(address(adjudicator), entries());
        payee.execute(
            address(adjudicator),
            abi.encodeCall(
                IAdjudicator.claim, (address(hooks), address(receiver), type(uint256).max)
            )
        );
        assertRefusedEverywhere(address(receiver));
        assertEq(hooks.balanceOf(address(receiver)), PUT0);
        assertCredited(0, 0);
        assertOthersWhole();
    }

    // A sender that is asked first, before the token has moved, gains nothing by it.
    function test_hookOfTheSender_isRefusedByEveryEntry_duringADeposit() public {
        HookToken hooks = new HookToken();
        useToken(address(hooks));
        HookedAccount sender = new HookedAccount();
        hooks.hook(address(sender));
        hooks.mint(address(sender), 10);
        sender.execute(address(hooks), abi.encodeCall(IERC20.approve, (address(adjudicator), 10)));
        sender.arm(address(adjudicator), entries());
        sender.execute(
            address(adjudicator), abi.encodeCall(IAdjudicator.deposit, (terms, 0, 10, int256(PUT0)))
        );
        assertRefusedEverywhere(address(sender));
        assertEq(view_().deposits[0], int256(PUT0) + 10);
        assertOthersWhole();
    }

    function test_hookOfThePayee_isRefusedByEveryEntry_whileItIsPaid() public {
        (HookToken hooks, HookedAccount payee) = hookedPayee();
        payee.arm(address(adjudicator), entries());
        closeAt(0);
        assertRefusedEverywhere(address(payee));
        assertEq(hooks.balanceOf(address(payee)), PUT0);
        assertOthersWhole();
    }

    function test_hookOfThePayee_thatRefusesOrBurnsGas_leavesACredit() public {
        (HookToken hooks, HookedAccount payee) = hookedPayee();
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < 2; ++i) {
            if (i == 0) payee.setRefuses(true);
            else payee.setBurnsGas();
            closeAt(0);
            assertCredited(PUT0, 0);
            assertEq(hooks.balanceOf(bobPayout), PUT1);
            assertOthersWhole();
            vm.revertToState(checkpoint);
        }
    }

    // What the payee sends back is a gift: it was paid all the same.
    function test_hookOfThePayee_thatSendsTheTokensBack_isPaid() public {
        (HookToken hooks, HookedAccount payee) = hookedPayee();
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(IERC20.transfer, (address(adjudicator), PUT0));
        payee.arm(address(hooks), calls);
        closeAt(0);
        assertEq(payee.succeeded(), 1);
        assertCredited(0, 0);
        assertReceived(0, PUT1);
        assertOthersWholeBut(int256(PUT0));
    }

    // Challenges are not guarded: by then all of the withdrawal but its payouts is done.
    function test_hookOfAPayee_mayChallengeDuringAWithdrawal() public {
        HookToken hooks = new HookToken();
        HookedAccount payee = new HookedAccount();
        hooks.hook(address(payee));
        terms.payouts[0] = address(payee);
        useToken(address(hooks));
        Opening memory opening = paid(1000);
        bytes32 digest = Digests.challenge(domain(), id, 4, commit(opening));
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(
            IAdjudicator.challenge,
            (terms, 4, commit(opening), signState(4, commit(opening)), sign(aliceKey, digest))
        );
        payee.arm(address(adjudicator), calls);
        uint128[2] memory amounts = [uint128(100), 50];
        adjudicator.withdraw(terms, 4, amounts, START, signWithdraw(4, amounts, START));
        assertEq(payee.succeeded(), 1);
        assertStatus(Status.Disputed);
        assertEq(held(id), PUT0 + PUT1 - 150);
        vm.warp(view_().finalizesAt);
        settle(opening);
        assertReceived(PUT0 - 1000, PUT1 + 1000);
        assertOthersWhole();
    }

    // A deposit into a channel that its sender's hook puts into dispute is undone as a whole.
    function test_hookOfTheSender_thatChallenges_undoesTheDeposit() public {
        HookToken hooks = new HookToken();
        HookedAccount sender = new HookedAccount();
        terms.signers[0] = address(sender);
        useToken(address(hooks));
        hooks.hook(address(sender));
        hooks.mint(address(sender), 10);
        sender.execute(address(hooks), abi.encodeCall(IERC20.approve, (address(adjudicator), 10)));
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(IAdjudicator.challenge, (terms, 0, 0, noneOfBoth(), none()));
        sender.arm(address(adjudicator), calls);
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.NotOpen.selector, id));
        sender.execute(
            address(adjudicator), abi.encodeCall(IAdjudicator.deposit, (terms, 0, 10, int256(PUT0)))
        );
        assertEq(hooks.balanceOf(address(sender)), 10);
        assertStatus(Status.Open);
        assertOthersWhole();
    }

    // Anyone may settle, also from inside a transfer of a token that is locked meanwhile: paid later, not lost.
    function test_lockedToken_turnsPayoutsIntoCredits_thatAnyoneCanSendOn() public {
        HookToken hooks = new HookToken();
        useToken(address(hooks));
        hooks.guard();
        dispute(2, paid(0));
        HookedAccount attacker = new HookedAccount();
        hooks.hook(address(attacker));
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(IAdjudicator.settle, (terms, paid(0)));
        attacker.arm(address(adjudicator), calls);
        hooks.transfer(address(attacker), 0);
        assertEq(attacker.succeeded(), 1);
        assertCredited(PUT0, PUT1);
        // For payees that cannot call, anyone can.
        vm.startPrank(anyone);
        adjudicator.claimFor(address(hooks), alicePayout, type(uint256).max);
        adjudicator.claimFor(address(hooks), bobPayout, type(uint256).max);
        vm.stopPrank();
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    function test_permitThatReverts_orDoesNothing_leavesTheAllowanceToDecide() public {
        useToken(address(token));
        provide(address(token), 20);
        adjudicator.depositWithPermit(terms, 0, 10, int256(PUT0), 0, 0, 0, 0);
        token.setPermitReverts();
        adjudicator.depositWithPermit(terms, 0, 10, int256(PUT0) + 10, 0, 0, 0, 0);
        assertEq(view_().deposits[0], int256(PUT0) + 20);
        token.approve(address(adjudicator), 0);
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        adjudicator.depositWithPermit(terms, 0, 10, int256(PUT0) + 20, 0, 0, 0, 0);
        assertOthersWhole();
    }

    function test_authorizationThatMovesLess_moreOrNothing_isCreditedWhatArrived() public {
        useToken(address(token));
        provide(address(token), 1000);
        token.setArrives(900);
        authorize(100);
        assertEq(view_().deposits[0], int256(PUT0) + 90);
        token.setArrives(1500);
        terms.salt = keccak256("more");
        useTerms(terms);
        track();
        adjudicator.depositWithAuthorization(
            terms, 0, 100, 0, Authorization(address(this), 0, type(uint256).max, 0, 0, 0)
        );
        assertEq(view_().deposits[0], 100);
        token.setArrives(0);
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        authorize(100);
        assertOthersWholeBut(50);
    }

    // Inside

    /// @dev Armed last, as minting is a transfer too.
    function arm(CallbackToken.Where where) internal {
        useToken(address(token));
        provide(address(token), 10);
        token.callBack(where);
        token.arm(address(adjudicator), entries());
    }

    function authorize(uint256 amount) internal {
        adjudicator.depositWithAuthorization(
            terms,
            0,
            amount,
            int256(PUT0),
            Authorization(address(this), 0, type(uint256).max, 0, 0, 0)
        );
    }

    function hookedPayee() internal returns (HookToken hooks, HookedAccount payee) {
        hooks = new HookToken();
        payee = new HookedAccount();
        hooks.hook(address(payee));
        terms.payouts[0] = address(payee);
        useToken(address(hooks));
    }

    /// @dev Each entry that moves money, with arguments that are good for the channel under test or a claim.
    function entries() internal view returns (bytes[] memory calls) {
        calls = new bytes[](8);
        uint128[2] memory amounts = [uint128(10), 0];
        calls[0] = abi.encodeCall(IAdjudicator.deposit, (terms, 1, 1, int256(PUT1)));
        calls[1] =
            abi.encodeCall(IAdjudicator.depositWithPermit, (terms, 1, 1, int256(PUT1), 0, 0, 0, 0));
        calls[2] = abi.encodeCall(
            IAdjudicator.depositWithAuthorization,
            (terms, 1, 1, int256(PUT1), Authorization(address(this), 0, type(uint256).max, 0, 0, 0))
        );
        calls[3] = abi.encodeCall(
            IAdjudicator.withdraw, (terms, 9, amounts, START, signWithdraw(9, amounts, START))
        );
        calls[4] = abi.encodeCall(IAdjudicator.close, (terms, 5, signClose(5)));
        calls[5] = abi.encodeCall(IAdjudicator.settle, (terms, paid(5)));
        calls[6] = abi.encodeCall(IAdjudicator.claim, (terms.token, anyone, type(uint256).max));
        calls[7] = abi.encodeCall(IAdjudicator.claimFor, (terms.token, anyone, type(uint256).max));
    }

    function assertRefusedEverywhere(address caller) internal view {
        HookedAccount armed = HookedAccount(payable(caller));
        assertEq(armed.made(), 8);
        assertEq(armed.succeeded(), 0);
        for (uint256 i = 0; i < 8; ++i) {
            assertEq(
                armed.reasons(i), ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector
            );
        }
    }
}

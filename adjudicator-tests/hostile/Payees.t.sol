// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {HookedAccount} from "../kit/CallbackTokens.sol";
import {
    BombingPayee,
    BurningPayee,
    BusyPayee,
    RevertingPayee,
    ThankfulPayee
} from "../kit/HostilePayees.sol";
import {HostileTest} from "../kit/HostileTest.sol";
import {Token} from "../kit/Token.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Opening, Status, Terms} from "contracts/types/Channel.sol";

/// @title Payees that do not want to be paid, or want more than that
contract PayeesTest is HostileTest {
    // What a failing payee costs at most: its gas twice over is never needed, and what it answers is not copied.
    uint256 private constant MOST_GAS = 2 * 52_300 + 2 * 60_000 + 60_000;

    function test_failingPayee_isCredited_andTheOtherPaid_inEveryCallThatPays() public {
        address[3] memory payees = [
            address(new RevertingPayee()), address(new BurningPayee()), address(new BombingPayee())
        ];
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < payees.length; ++i) {
            for (uint256 side = 0; side < 2; ++side) {
                terms.payouts[side] = payees[i];
                useNative();
                uint128[2] memory amounts = [uint128(100), 50];
                adjudicator.withdraw(terms, 1, amounts, START, signWithdraw(1, amounts, START));
                dispute(2, paid(0));
                uint256 before = gasleft();
                settle(paid(0));
                assertLt(before - gasleft(), MOST_GAS);
                assertEq(credited(payees[i]), side == 0 ? PUT0 : PUT1);
                assertEq(terms.payouts[1 - side].balance, side == 0 ? PUT1 : PUT0);
                assertStatus(Status.Closed);
                assertOthersWhole();
                vm.revertToState(checkpoint);
                terms.payouts = [alicePayout, bobPayout];
            }
        }
    }

    function test_bothPayeesFailing_areBothCredited() public {
        terms.payouts = [address(new BurningPayee()), address(new BombingPayee())];
        useNative();
        closeAt(1);
        assertCredited(PUT0 - 1, PUT1 + 1);
        assertOthersWhole();
    }

    function test_payeeThatAnswersWith64KiB_isPaid_andNothingIsCopied() public {
        terms.payouts[0] = address(new BusyPayee());
        useNative();
        uint256 checkpoint = vm.snapshotState();
        uint256 before = gasleft();
        closeAt(0);
        uint256 usual = before - gasleft();
        vm.revertToState(checkpoint);
        terms.payouts[0] = address(new ThankfulPayee());
        useNative();
        before = gasleft();
        closeAt(0);
        assertLt(before - gasleft(), usual);
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    function test_theAdjudicatorAsPayee_isRefusedByDeposits_andHarmlessUnfunded() public {
        terms.payouts = [address(adjudicator), bobPayout];
        useTerms(terms);
        track();
        vm.expectRevert(
            abi.encodeWithSelector(IAdjudicator.InvalidPayout.selector, address(adjudicator))
        );
        adjudicator.deposit{value: 1}(terms, 0, 1, 0);
        challengeAs(alice, 1, paid(-1));
        vm.warp(view_().finalizesAt);
        settle(paid(-1));
        assertStatus(Status.Closed);
        assertCredited(0, 0);
        assertOthersWhole();
    }

    function test_equalPayouts_arePaidAndCreditedTheSum() public {
        RevertingPayee shut = new RevertingPayee();
        terms.payouts = [address(shut), address(shut)];
        useNative();
        closeAt(17);
        assertEq(credited(address(shut)), PUT0 + PUT1);
        assertOthersWhole();
    }

    function test_equalPayouts_ofATokenAreBothSent() public {
        terms.payouts = [anyone, anyone];
        useToken(address(new Token()));
        closeAt(17);
        assertEq(Token(terms.token).balanceOf(anyone), PUT0 + PUT1);
        assertOthersWhole();
    }

    function test_tokenContractAsPayee_getsItsOwnTokens() public {
        Token token = new Token();
        terms.payouts[0] = address(token);
        useToken(address(token));
        closeAt(0);
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    function test_tokenContractAsPayeeOfCoins_isCredited() public {
        terms.payouts[0] = address(otherToken);
        useNative();
        closeAt(0);
        assertCredited(PUT0, 0);
        assertOthersWhole();
    }

    // It takes no coins and can never claim: whoever names it has given the money away, and nobody else's.
    function test_registryAsPayee_isCredited_andTheOtherPaid() public {
        terms.payouts[0] = address(registry);
        useNative();
        closeAt(0);
        assertCredited(PUT0, 0);
        assertEq(bobPayout.balance, PUT1);
        assertOthersWhole();
    }

    function test_conditionAndAdjudicatorAsToken_takeNoDeposit() public {
        address[2] memory tokens = [address(registry), address(adjudicator)];
        for (uint256 i = 0; i < 2; ++i) {
            terms.token = tokens[i];
            vm.expectRevert();
            adjudicator.deposit(terms, 0, 1, 0);
        }
        terms.token = address(0);
        assertOthersWhole();
    }

    function test_payeeDestroyedDuringTheDispute_isPaid() public {
        RevertingPayee payee = new RevertingPayee();
        terms.payouts[0] = address(payee);
        useNative();
        challengeAs(alice, 1, paid(0));
        vm.etch(address(payee), "");
        vm.warp(view_().finalizesAt);
        settle(paid(0));
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    function test_payeeCreatedDuringTheDispute_isTreatedAsItIsThen() public {
        bytes memory code = address(new RevertingPayee()).code;
        useNative();
        challengeAs(alice, 1, paid(0));
        vm.etch(alicePayout, code);
        vm.warp(view_().finalizesAt);
        settle(paid(0));
        assertReceived(0, PUT1);
        assertCredited(PUT0, 0);
        RevertingPayee(payable(alicePayout)).setOpen(true);
        RevertingPayee(payable(alicePayout)).claim(adjudicator, address(0), alicePayout);
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    function test_payeeCalledBack_isRefusedByEveryEntryThatMovesMoney() public {
        useNative();
        uint128[2] memory amounts = [uint128(10), 0];
        // One at a time: a payout leaves no gas for all of them.
        bytes[6] memory calls = [
            abi.encodeCall(IAdjudicator.deposit, (terms, 1, 1, int256(PUT1))),
            abi.encodeCall(IAdjudicator.claimFor, (address(0), anyone, type(uint256).max)),
            abi.encodeCall(
                IAdjudicator.withdraw, (terms, 9, amounts, START, signWithdraw(9, amounts, START))
            ),
            abi.encodeCall(IAdjudicator.close, (terms, 5, signClose(5))),
            abi.encodeCall(IAdjudicator.settle, (terms, paid(5))),
            abi.encodeCall(IAdjudicator.claim, (address(0), anyone, type(uint256).max))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            address data = address(uint160(0xda7a00 + i));
            vm.etch(data, calls[i]);
            CompactReentrant reentrant = new CompactReentrant(address(adjudicator), data);
            terms.payouts[0] = address(reentrant);
            terms.salt = bytes32(i);
            useNative();
            closeAt(0);
            assertEq(address(reentrant).balance, PUT0);
        }
        assertOthersWhole();
    }

    // While a claim is paid, with all the gas there is.
    function test_claimReentered_isRefused() public {
        HookedAccount payee = new HookedAccount();
        payee.setRefuses(true);
        terms.payouts[0] = address(payee);
        useNative();
        closeAt(0);
        HookedAccount receiver = new HookedAccount();
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(IAdjudicator.claim, (address(0), anyone, type(uint256).max));
        receiver.arm(address(adjudicator), calls);
        payee.execute(
            address(adjudicator),
            abi.encodeCall(IAdjudicator.claim, (address(0), address(receiver), type(uint256).max))
        );
        assertEq(
            receiver.reasons(0), ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector
        );
        assertEq(address(receiver).balance, PUT0);
        assertCredited(0, 0);
        assertOthersWhole();
    }
}

/// @title Makes one call when it is paid, and refuses the coins unless the guard refused the call
/// @dev Its call lies in the code of another account, because storage would cost more gas than a payee gets.
contract CompactReentrant {
    address private immutable _target;
    address private immutable _data;

    constructor(address target, address data) {
        (_target, _data) = (target, data);
    }

    receive() external payable {
        (bool success, bytes memory answer) = _target.call(_data.code);
        require(!success);
        require(bytes4(answer) == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
    }
}

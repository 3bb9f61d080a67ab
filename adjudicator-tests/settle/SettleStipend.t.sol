// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {ScriptedCondition} from "../kit/Conditions.sol";
import {Token} from "../kit/Token.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {CONDITION_GAS, NATIVE_PAYOUT_GAS, TOKEN_PAYOUT_GAS} from "contracts/types/Bounds.sol";
import {Lock, Opening} from "contracts/types/Channel.sol";

/// @title What each call of foreign code asks to be left, to the unit
contract SettleStipendTest is ChannelTest {
    uint256 private constant CALL_COST = 10_000;
    uint256 private constant VALUE_CALL_COST = 45_000;

    // req: A18
    function test_settle_asksForTheWholeStipend_ofACondition() public {
        ScriptedCondition script = new ScriptedCondition();
        script.set("key", 100);
        fund(100, 0);
        Opening memory opening = locked(0, Lock(address(script), "key", 100, 1, START));
        dispute(5, opening);
        assertAsksFor(opening, CONDITION_GAS + CONDITION_GAS / 63 + 1 + CALL_COST);
    }

    function test_settle_asksForTheWholeStipend_ofAPayee() public {
        fund(100, 0);
        dispute(5, paid(0));
        assertAsksFor(paid(0), NATIVE_PAYOUT_GAS + NATIVE_PAYOUT_GAS / 63 + 1 + VALUE_CALL_COST);
    }

    function test_settle_asksForTheWholeStipend_ofAToken() public {
        Token token = new Token();
        token.mint(address(this), 100);
        token.approve(address(adjudicator), 100);
        terms.token = address(token);
        useTerms(terms);
        adjudicator.deposit(terms, 0, 100, 0);
        dispute(5, paid(0));
        uint256 expected = TOKEN_PAYOUT_GAS + TOKEN_PAYOUT_GAS / 63 + 1 + CALL_COST;
        uint256 limit = assertAsksFor(paid(0), expected);
        // Enough for the question about the balance, which costs some: the transfer asks again.
        (, uint256 required) = refusal(limit, paid(0));
        assertEq(required, expected, "the transfer");
    }

    /// @dev Refused with one unit less than `expected`, not refused there with just so much.
    function assertAsksFor(Opening memory opening, uint256 expected)
        internal
        returns (uint256 limit)
    {
        limit = 20_000;
        uint256 available;
        uint256 required;
        while (required == 0) {
            limit += 2_000;
            (available, required) = refusal(limit, opening);
        }
        assertEq(required, expected, "required");
        limit += required - available;
        (available, required) = refusal(limit - 1, opening);
        assertEq(required, expected, "refused with one less");
        assertEq(available, required - 1, "one less");
        (available,) = refusal(limit, opening);
        assertNotEq(available, expected, "refused with enough");
    }

    /// @dev What `InsufficientGas` says; zero if it is not what happens.
    function refusal(uint256 limit, Opening memory opening)
        internal
        returns (uint256 available, uint256 required)
    {
        uint256 checkpoint = vm.snapshotState();
        (bool success, bytes memory reason) = address(adjudicator).call{gas: limit}(
            abi.encodeCall(IAdjudicator.settle, (terms, opening))
        );
        vm.revertToState(checkpoint);
        if (success || reason.length != 68) return (0, 0);
        if (bytes4(reason) != IAdjudicator.InsufficientGas.selector) return (0, 0);
        assembly {
            available := mload(add(reason, 36))
            required := mload(add(reason, 68))
        }
    }
}

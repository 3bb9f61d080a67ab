// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {ScriptedCondition} from "../kit/Conditions.sol";
import {SettlementHarness} from "./SettlementHarness.sol";
import {Division} from "contracts/libraries/Settlement.sol";
import {ChannelView, Opening} from "contracts/types/Channel.sol";

/// @title The Rust model divides a channel's money as the contract does
/// @dev vectors/settlement.json is written by the client. Without it there is nothing to compare.
contract SettlementVectorsTest is ChannelTest {
    struct Case {
        string name;
        int256 deposit0;
        int256 deposit1;
        Opening opening;
        uint256[] outcomes;
        uint256 paid0;
        uint256 paid1;
        uint256 remaining;
    }

    string private constant FILE = "adjudicator-tests/vectors/settlement.json";
    bytes32 private constant UNRESOLVED = keccak256("unresolved");

    // req: A12
    function test_differential_settlementsAreThoseOfTheModel() public {
        string memory json = vm.readFile(FILE);
        SettlementHarness harness = new SettlementHarness();
        uint256 count;
        for (; vm.keyExistsJson(json, path(count)); ++count) {
            Case memory expected = read(json, path(count));
            Division memory division = harness.first(
                expected.deposit0, expected.deposit1, expected.opening, expected.outcomes
            );
            assertEq(division.paid0, expected.paid0, string.concat(expected.name, ": paid0"));
            assertEq(division.paid1, expected.paid1, string.concat(expected.name, ": paid1"));
            uint256 held = uint256(expected.deposit0 + expected.deposit1);
            uint256 remaining = held - division.paid0 - division.paid1;
            assertEq(remaining, expected.remaining, string.concat(expected.name, ": remaining"));
            if (isPossibleOnChain(expected)) settleOnChain(expected, count);
        }
        assertGt(count, 0, "no cases");
    }

    /// @dev Deposits alone cannot make one negative, and the contract takes an outcome above the lock for no answer.
    function isPossibleOnChain(Case memory expected) internal pure returns (bool) {
        if (expected.deposit0 < 0 || expected.deposit1 < 0) return false;
        for (uint256 i = 0; i < expected.outcomes.length; ++i) {
            uint256 outcome = expected.outcomes[i];
            bool unresolved = outcome == type(uint256).max;
            if (!unresolved && outcome > expected.opening.locks[i].amount) return false;
        }
        return true;
    }

    /// @dev Every lock asks a scripted condition instead of its own, by its index.
    function settleOnChain(Case memory expected, uint256 index) internal {
        ScriptedCondition condition = new ScriptedCondition();
        for (uint256 i = 0; i < expected.outcomes.length; ++i) {
            expected.opening.locks[i].condition = address(condition);
            expected.opening.locks[i].key = bytes32(i);
            if (expected.outcomes[i] == type(uint256).max) continue;
            condition.set(bytes32(i), expected.outcomes[i]);
        }
        terms.salt = bytes32(index);
        terms.payouts = [
            makeAddr(string.concat("0 ", expected.name)),
            makeAddr(string.concat("1 ", expected.name))
        ];
        useTerms(terms);
        vm.deal(address(this), 1e30);
        fund(uint256(expected.deposit0), uint256(expected.deposit1));
        dispute(1, expected.opening);
        settle(expected.opening);
        assertEq(
            terms.payouts[0].balance, expected.paid0, string.concat(expected.name, ": on chain")
        );
        assertEq(
            terms.payouts[1].balance, expected.paid1, string.concat(expected.name, ": on chain")
        );
        ChannelView memory left = view_();
        assertEq(uint256(left.deposits[0] + left.deposits[1]), expected.remaining, expected.name);
    }

    function read(string memory json, string memory at) internal pure returns (Case memory c) {
        c.name = text(json, at, ".name");
        c.deposit0 = vm.parseInt(text(json, at, ".deposit0"));
        c.deposit1 = vm.parseInt(text(json, at, ".deposit1"));
        c.opening = abi.decode(vm.parseBytes(text(json, at, ".encodedOpening")), (Opening));
        string[] memory outcomes = vm.parseJsonStringArray(json, string.concat(at, ".outcomes"));
        require(outcomes.length == c.opening.locks.length, "one outcome a lock");
        c.outcomes = new uint256[](outcomes.length);
        for (uint256 i = 0; i < outcomes.length; ++i) {
            bool unresolved = keccak256(bytes(outcomes[i])) == UNRESOLVED;
            c.outcomes[i] = unresolved ? type(uint256).max : vm.parseUint(outcomes[i]);
        }
        c.paid0 = vm.parseUint(text(json, at, ".paid0"));
        c.paid1 = vm.parseUint(text(json, at, ".paid1"));
        c.remaining = vm.parseUint(text(json, at, ".remaining"));
    }

    function text(string memory json, string memory at, string memory key)
        internal
        pure
        returns (string memory)
    {
        return vm.parseJsonString(json, string.concat(at, key));
    }

    function path(uint256 index) internal pure returns (string memory) {
        return string.concat(".cases[", vm.toString(index), "]");
    }
}

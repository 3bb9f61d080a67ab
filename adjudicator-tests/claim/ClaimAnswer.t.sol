// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {Status} from "contracts/types/Channel.sol";

/// @title Takes deposits honestly, and answers transfers as it is told without moving anything
contract LyingToken {
    bytes private _answer;
    bool private _fails;
    mapping(address => uint256) public balanceOf;

    function answer(bytes calldata answer_, bool fails) external {
        (_answer, _fails) = (answer_, fails);
    }

    function transferFrom(address, address to, uint256 amount) external returns (bool) {
        balanceOf[to] += amount;
        return true;
    }

    function transfer(address, uint256) external view {
        bytes memory data = _answer;
        bool fails = _fails;
        assembly {
            if fails { revert(add(data, 32), mload(data)) }
            return(add(data, 32), mload(data))
        }
    }
}

/// @title Moves nothing, says so, and fails or answers too little when asked for a balance before its transfer, or after it
contract BlindToken {
    bytes private _word;
    bool private _blindBefore;
    bool private _blindAfter;
    bool private _sent;
    bool public armed;
    mapping(address => uint256) private _balances;

    function blind(bool before, bool afterwards, bytes calldata word) external {
        (_blindBefore, _blindAfter, _word, armed) = (before, afterwards, word, true);
    }

    function balanceOf(address account) external view returns (uint256) {
        if (armed && (_sent ? _blindAfter : _blindBefore)) {
            bytes memory word = _word;
            assembly {
                if lt(mload(word), 32) { return(add(word, 32), mload(word)) }
                revert(add(word, 32), mload(word))
            }
        }
        return _balances[account];
    }

    function transferFrom(address, address to, uint256 amount) external returns (bool) {
        _balances[to] += amount;
        return true;
    }

    function transfer(address, uint256) external returns (bool) {
        _sent = true;
        return false;
    }
}

/// @title What a token answers to a payout, and what of it is believed
contract ClaimAnswerTest is ChannelTest {
    LyingToken private token;

    function setUp() public override {
        super.setUp();
        token = new LyingToken();
        terms.token = address(token);
        useTerms(terms);
        adjudicator.deposit(terms, 0, 100, 0);
        adjudicator.deposit(terms, 1, 50, 0);
    }

    function test_payout_believesAToken_thatAnswersTrue() public {
        assertCredited(abi.encode(true), false, 0);
        assertCredited(bytes.concat(abi.encode(true), "more"), false, 0);
    }

    function test_payout_believesAToken_thatAnswersNothing() public {
        assertCredited("", false, 0);
    }

    function test_payout_credits_when_theAnswerIsNotAWholeTrue() public {
        assertCredited(abi.encode(false), false, 70);
        assertCredited(abi.encode(uint256(2)), false, 70);
        assertCredited(abi.encodePacked(uint248(1)), false, 70);
        assertCredited(hex"01", false, 70);
    }

    function test_payout_credits_when_aTransferFails_whateverItAnswers() public {
        assertCredited(abi.encode(true), true, 70);
        assertCredited("", true, 70);
    }

    // What a failed question leaves behind is no balance, or a transfer that moved nothing would look like one that did.
    function test_payout_credits_when_theTokenIsBlind_beforeOrAfter() public {
        assertBlindCredited(true, false, abi.encode(type(uint256).max));
        assertBlindCredited(false, true, abi.encode(uint256(0)));
        assertBlindCredited(true, true, abi.encode(type(uint256).max));
        assertBlindCredited(true, false, abi.encodePacked(type(uint248).max));
        assertBlindCredited(false, true, abi.encodePacked(uint248(0)));
    }

    function test_payout_saysNothingOfCredits_when_itSucceeds() public {
        vm.recordLogs();
        adjudicator.close(terms, 30, signClose(30));
        assertEq(vm.getRecordedLogs().length, 1);
    }

    function assertBlindCredited(bool before, bool afterwards, bytes memory word) internal {
        BlindToken blind = new BlindToken();
        terms.token = address(blind);
        useTerms(terms);
        adjudicator.deposit(terms, 0, 100, 0);
        blind.blind(before, afterwards, word);
        adjudicator.close(terms, 30, signClose(30));
        assertEq(adjudicator.credits(address(blind), alicePayout), 70);
        assertEq(adjudicator.credits(address(blind), bobPayout), 30);
    }

    function assertCredited(bytes memory answer, bool fails, uint256 credited) internal {
        uint256 checkpoint = vm.snapshotState();
        token.answer(answer, fails);
        adjudicator.close(terms, 30, signClose(30));
        assertStatus(Status.Closed);
        assertEq(adjudicator.credits(address(token), alicePayout), credited);
        vm.revertToState(checkpoint);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ICondition} from "contracts/interfaces/ICondition.sol";
import {Lock, Opening, Signature, Terms} from "contracts/types/Channel.sol";

import {SVM} from "./Svm.sol";
import {SymbolicTest} from "./SymbolicTest.sol";

enum Kind {
    Deposit,
    Close,
    Withdraw,
    Challenge,
    Respond,
    Settle,
    Claim,
    ClaimFor
}

/// @notice One call of the adjudicator with the arguments of whichever it is.
struct Call {
    Kind kind;
    address caller;
    uint256 time;
    uint40 nonce;
    bytes32 commitment;
    Signature[2] signatures;
    Signature will;
    uint128[2] amounts;
    uint40 deadline;
    int128 net;
    uint8 participant;
    uint256 amount;
    uint256 value;
    int256 expected;
    bytes32 blinding;
    Lock lock;
    bool locked;
}

/// @notice Answers anything, something else every time.
contract AnyCondition {
    function payout(bytes32, uint256, uint256)
        external
        pure
        returns (uint256 resolved, uint256 toPayee)
    {
        return (SVM.createUint256("resolved"), SVM.createUint256("toPayee"));
    }
}

/// @title Whatever anybody may call
/// @dev Bounded: native coin; an opening has at most one lock; credits are claimed to an address without code or for
/// participant 0; `depositWithPermit` and `depositWithAuthorization` are left
/// out, as they are deposits of tokens.
abstract contract AnyCall is SymbolicTest {
    AnyCondition internal condition;

    function setUp() public virtual override {
        super.setUp();
        condition = new AnyCondition();
        // More than any channel holds: a payout does not fail for want of money.
        vm.deal(address(adjudicator), 2 ** 120);
    }

    /// @dev A call that reverts changes nothing, so its path ends here.
    function make(Terms memory terms, Call memory call) internal {
        vm.warp(call.time);
        if (call.kind == Kind.Deposit) {
            vm.deal(call.caller, call.value);
            vm.prank(call.caller);
            adjudicator.deposit{value: call.value}(
                terms, call.participant, call.amount, call.expected
            );
            return;
        }
        vm.prank(call.caller);
        if (call.kind == Kind.Close) {
            adjudicator.close(terms, call.net, call.signatures);
        } else if (call.kind == Kind.Withdraw) {
            adjudicator.withdraw(terms, call.nonce, call.amounts, call.deadline, call.signatures);
        } else if (call.kind == Kind.Challenge) {
            adjudicator.challenge(terms, call.nonce, call.commitment, call.signatures, call.will);
        } else if (call.kind == Kind.Respond) {
            adjudicator.respond(terms, call.nonce, call.commitment, call.signatures);
        } else if (call.kind == Kind.Settle) {
            adjudicator.settle(terms, openingOf(call));
        } else if (call.kind == Kind.Claim) {
            adjudicator.claim(terms.token, address(0xCAFE), call.amount);
        } else {
            adjudicator.claimFor(terms.token, terms.payouts[0], call.amount);
        }
    }

    /// @dev `make` as a call of its own, for `try`.
    function makeCall(Terms memory terms, Call memory call) external {
        make(terms, call);
    }

    function openingOf(Call memory call) internal view returns (Opening memory opening) {
        opening.blinding = call.blinding;
        opening.net = call.net;
        if (!call.locked) return opening;
        opening.locks = new Lock[](1);
        opening.locks[0] = call.lock;
        opening.locks[0].condition = address(condition);
    }
}

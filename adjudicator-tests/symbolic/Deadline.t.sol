// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Opening, Signature, Terms} from "contracts/types/Channel.sol";
import {Ledger} from "contracts/types/Ledger.sol";

import {AnyCall, Call, Kind} from "./AnyCall.sol";

/// @title The deadline of a dispute is set once, and divides responses from settlements
/// @dev Symbolic: the stored state, the terms, every argument, the caller and the time.
contract DeadlineProof is AnyCall {
    uint256 internal constant SETTLING = 1 << 255;

    /// @notice Only an open channel is challenged, and the deadline is the time and the period agreed on.
    function check_challenge_setsDeadlineOnce(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures,
        Signature calldata will,
        address caller,
        uint256 time
    ) external {
        vm.warp(time);
        bytes32 id = idOf(terms);
        bool open = ledgerOf(id).isOpen();
        vm.prank(caller);
        adjudicator.challenge(terms, nonce, commitment, signatures, will);
        assert(open);
        assert(ledgerOf(id).finalizesAt() == time + terms.finalizationPeriod);
    }

    /// @notice A response leaves the deadline and the deposits as they were.
    function check_respond_keepsDeadline(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures,
        address caller,
        uint256 time
    ) external {
        vm.warp(time);
        Ledger before = ledgerOf(idOf(terms));
        vm.prank(caller);
        adjudicator.respond(terms, nonce, commitment, signatures);
        Ledger afterwards = ledgerOf(idOf(terms));
        assert(afterwards.finalizesAt() == before.finalizesAt());
        assert(afterwards.deposit0() == before.deposit0());
        assert(afterwards.deposit1() == before.deposit1());
    }

    /// @notice A settlement leaves the deadline as it was, and ends the channel when no lock is left open.
    /// @dev Bounded as `AnyCall` says, and to two fixed payees. The bitmap is one that a settlement of this opening can have
    /// left: the lock, if there is one, still open.
    function check_settle_keepsDeadlineOrEnds(Terms memory terms, Call memory call) external {
        payNativeToTwo(terms);
        vm.assume(call.kind == Kind.Settle);
        bytes32 id = idOf(terms);
        Ledger before = ledgerOf(id);
        vm.assume(resolvedOf(id) == 0 || resolvedOf(id) == SETTLING);
        make(terms, call);
        Ledger afterwards = ledgerOf(id);
        assert(afterwards.finalizesAt() == before.finalizesAt());
        if (call.locked && !afterwards.isClosed()) assert(resolvedOf(id) == SETTLING);
        else assert(afterwards.isClosed());
    }

    /// @notice A channel in dispute, its deadline over or not, takes no deposit, no withdrawal and no second challenge.
    function check_disputed_refusesCallsOfOpenChannels(Terms memory terms, Call memory call)
        external
    {
        terms.token = address(0);
        Ledger ledger = ledgerOf(idOf(terms));
        vm.assume(!ledger.isOpen() && !ledger.isClosed());
        Kind kind = call.kind;
        vm.assume(kind == Kind.Deposit || kind == Kind.Withdraw || kind == Kind.Challenge);
        try this.makeCall(terms, call) {
            assert(false);
        } catch {}
    }

    /// @notice Nothing is settled but a dispute whose deadline has come.
    /// @dev Bounded to openings of at most one lock.
    function check_settle_notBeforeDeadline(Terms calldata terms, Call memory call) external {
        Ledger before = ledgerOf(idOf(terms));
        vm.assume(before.isOpen() || before.isClosed() || call.time < before.finalizesAt());
        Opening memory opening = openingOf(call);
        vm.warp(call.time);
        vm.prank(call.caller);
        try adjudicator.settle(terms, opening) {
            assert(false);
        } catch {}
    }

    /// @notice Nothing is answered but a dispute whose deadline has not come.
    function check_respond_notFromDeadlineOn(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures,
        address caller,
        uint256 time
    ) external {
        Ledger before = ledgerOf(idOf(terms));
        vm.assume(before.isOpen() || before.isClosed() || time >= before.finalizesAt());
        vm.warp(time);
        vm.prank(caller);
        try adjudicator.respond(terms, nonce, commitment, signatures) {
            assert(false);
        } catch {}
    }
}

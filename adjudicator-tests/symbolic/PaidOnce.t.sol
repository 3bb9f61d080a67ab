// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Terms} from "contracts/types/Channel.sol";
import {Ledger} from "contracts/types/Ledger.sol";

import {AnyCall, Call, Kind} from "./AnyCall.sol";

/// @title What is paid is never paid again
/// @dev That a settlement without open locks ends the channel is `check_settle_keepsDeadlineOrEnds`.
/// @dev Symbolic: the stored state, the terms, every argument, the caller and the time.
/// Bounded: as `AnyCall` says, and to two fixed payees.
contract PaidOnceProof is AnyCall {
    /// @notice A close ends the channel: nothing of it is left to be paid.
    function check_close_isFinal(Terms memory terms, Call memory call) external {
        payNativeToTwo(terms);
        vm.assume(call.kind == Kind.Close && call.time != 0);
        bytes32 id = idOf(terms);
        make(terms, call);
        assert(ledgerOf(id).isClosed() && !ledgerOf(id).isOpen());
    }

    /// @notice A channel that has ended takes no call any more, so it pays nothing again.
    function check_closed_refusesEveryCall(Terms memory terms, Call memory call) external {
        payNativeToTwo(terms);
        Ledger ledger = ledgerOf(idOf(terms));
        vm.assume(ledger.isClosed() && !ledger.isOpen() && call.kind < Kind.Claim);
        try this.makeCall(terms, call) {
            assert(false);
        } catch {}
    }
}

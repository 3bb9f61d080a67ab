// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {MAX_DEPOSIT} from "contracts/types/Bounds.sol";
import {Terms} from "contracts/types/Channel.sol";
import {Ledger} from "contracts/types/Ledger.sol";

import {AnyCall, Call, Kind} from "./AnyCall.sol";

/// @title A settlement brings the payees what the opening says
/// @dev Symbolic: the stored state, the terms, the opening, the caller and the time. Bounded: native coin, two fixed payees
/// that take it, an opening without locks (`SettlementProof` has those), deposits as the contract keeps them.
contract PayoutProof is AnyCall {
    /// @notice Participant 0 gets its deposit less the net, at least nothing and at most all, participant 1 the rest.
    // req: S4
    function check_settle_paysByTheOpening(Terms memory terms, Call memory call) external {
        payNativeToTwo(terms);
        (address payee0, address payee1) = (terms.payouts[0], terms.payouts[1]);
        call.kind = Kind.Settle;
        call.locked = false;
        Ledger ledger = ledgerOf(idOf(terms));
        int256 total = ledger.total();
        vm.assume(total >= 0);
        vm.assume(total <= MAX_DEPOSIT);
        int256 balance0 = ledger.deposit0() - call.net;
        vm.deal(payee0, 0);
        vm.deal(payee1, 0);
        make(terms, call);
        if (balance0 <= 0) {
            assert(payee0.balance == 0);
            assert(payee1.balance == uint256(total));
        } else if (balance0 >= total) {
            assert(payee0.balance == uint256(total));
            assert(payee1.balance == 0);
        } else {
            assert(payee0.balance == uint256(balance0));
            assert(payee1.balance == uint256(total - balance0));
        }
    }
}

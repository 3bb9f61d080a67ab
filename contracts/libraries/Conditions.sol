// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {ICondition} from "../interfaces/ICondition.sol";
import {CONDITION_GAS} from "../types/Bounds.sol";
import {Lock} from "../types/Channel.sol";
import {BoundedCall} from "./BoundedCall.sol";
import {Settlement} from "./Settlement.sol";

/// @title Asking conditions what locks are worth
/// @notice A condition is foreign code with a fixed stipend: it can neither be starved nor spend more.
library Conditions {
    /// @notice Asks the condition of each lock that is not yet in the bitmap `resolved`.
    /// @param locks All locks of the state.
    /// @param resolved Bit i is set when lock i has been paid out before.
    /// @return outcomes For each lock the amount for its payee, or `Settlement.UNRESOLVED`.
    function outcomesOf(Lock[] calldata locks, uint256 resolved)
        internal
        view
        returns (uint256[] memory outcomes)
    {
        outcomes = new uint256[](locks.length);
        for (uint256 i = 0; i < locks.length; ++i) {
            outcomes[i] = resolved >> i & 1 == 1 ? Settlement.UNRESOLVED : _ask(locks[i]);
        }
    }

    /// @dev A condition is foreign code: a failure or an absurd answer is never "back to the payer".
    function _ask(Lock calldata lock) private view returns (uint256 outcome) {
        (bool success, uint256 size, uint256 resolved, uint256 toPayee) = BoundedCall.query(
            lock.condition,
            abi.encodeCall(ICondition.payout, (lock.key, lock.amount, lock.expiry)),
            CONDITION_GAS
        );
        if (!success || size < 64 || resolved != 1 || toPayee > lock.amount) {
            return Settlement.UNRESOLVED;
        }
        return toPayee;
    }
}

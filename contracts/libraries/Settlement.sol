// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Lock} from "../types/Channel.sol";

/// @notice What one settlement takes out of a channel.
/// @param paid0 What participant 0 is paid.
/// @param paid1 What participant 1 is paid.
/// @param resolved Bit i is set when lock i has been paid out, by this settlement or one before.
struct Division {
    uint256 paid0;
    uint256 paid1;
    uint256 resolved;
}

/// @title How a channel's money is divided by a state
/// @notice Pure. Whatever the state claims, exactly what the channel holds is paid or kept for locks: nothing is created,
/// nothing stays behind. The order in which locks resolve changes nothing.
/// @dev Unchecked: `total` is below 2^92, shares and payments are parts of it, and 128 amounts of 128 bits add up to 135.
library Settlement {
    /// @dev Outcome of a lock whose condition has not decided.
    uint256 internal constant UNRESOLVED = type(uint256).max;

    /// @notice Divides the free money by `net` and keeps each lock's share; then pays the locks that are resolved.
    /// @param total What the channel holds.
    /// @param balance0 What participant 0 put in, less what it took out and what it has paid; may be negative.
    /// @param locks All locks of the state.
    /// @param outcomes For each lock the amount for its payee, or `UNRESOLVED`.
    /// @return division What to pay now.
    function first(uint256 total, int256 balance0, Lock[] calldata locks, uint256[] memory outcomes)
        internal
        pure
        returns (Division memory division)
    {
        unchecked {
            (uint256 locked, uint256 lockedBy0) = _locked(locks);
            if (locked > total) locked = total;
            uint256 free = total - locked;
            int256 free0 = balance0 - int256(lockedBy0);
            if (free0 > 0) division.paid0 = uint256(free0) < free ? uint256(free0) : free;
            division.paid1 = free - division.paid0;
            _payLocks(division, locked, locks, outcomes);
        }
    }

    /// @notice Pays locks that have been resolved since.
    /// @param total What the channel still holds: the shares of the locks that `resolved` does not contain.
    /// @param resolved Bit i is set when lock i has been paid out before.
    /// @param locks All locks of the state.
    /// @param outcomes For each lock the amount for its payee, or `UNRESOLVED`.
    /// @return division What to pay now.
    function further(
        uint256 total,
        uint256 resolved,
        Lock[] calldata locks,
        uint256[] memory outcomes
    ) internal pure returns (Division memory division) {
        division.resolved = resolved;
        _payLocks(division, total, locks, outcomes);
    }

    /// @notice Whether all locks have been paid out.
    /// @param resolved Bit i is set when lock i has been.
    /// @param count How many locks the state has, at most 255.
    /// @return complete Whether none is left.
    function isComplete(uint256 resolved, uint256 count) internal pure returns (bool complete) {
        return resolved == (1 << count) - 1;
    }

    /// @dev Shares are given in the order of the locks, each its amount while the money lasts, whether its lock is resolved
    /// or not. So the share of a lock never depends on which others were resolved before it.
    function _payLocks(
        Division memory division,
        uint256 remaining,
        Lock[] calldata locks,
        uint256[] memory outcomes
    ) private pure {
        unchecked {
            for (uint256 i = 0; i < locks.length; ++i) {
                if (division.resolved >> i & 1 == 1) continue;
                Lock calldata lock = locks[i];
                uint256 share = lock.amount;
                if (share > remaining) share = remaining;
                remaining -= share;
                uint256 toPayee = outcomes[i];
                if (toPayee == UNRESOLVED) continue;
                if (toPayee > share) toPayee = share;
                division.resolved |= 1 << i;
                // A co-signed payer above 1 must not freeze the channel: whatever is not participant 0 is participant 1.
                if (lock.payer == 0) {
                    division.paid0 += share - toPayee;
                    division.paid1 += toPayee;
                } else {
                    division.paid0 += toPayee;
                    division.paid1 += share - toPayee;
                }
            }
        }
    }

    function _locked(Lock[] calldata locks)
        private
        pure
        returns (uint256 locked, uint256 lockedBy0)
    {
        unchecked {
            for (uint256 i = 0; i < locks.length; ++i) {
                uint256 amount = locks[i].amount;
                locked += amount;
                if (locks[i].payer == 0) lockedBy0 += amount;
            }
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Lock} from "../types/Channel.sol";

/// @notice What one settlement takes out of a channel.
/// @param paid What each participant is paid.
/// @param resolved Bit i is set when lock i has been paid out, by this settlement or one before.
struct Division {
    uint256[2] paid;
    uint256 resolved;
}

/// @title How a channel's money is divided by a state
/// @notice Pure. Whatever the state claims, exactly what the channel holds is paid or kept for locks: nothing is created,
/// nothing stays behind. The order in which locks resolve changes nothing.
library Settlement {
    /// @dev Outcome of a lock whose condition has not decided.
    uint256 internal constant UNRESOLVED = type(uint256).max;

    /// @notice Divides the free money by `net` and keeps each lock's share; then pays the locks that are resolved.
    /// @param deposits Each one may be negative, their sum may not.
    /// @param outcomes For each lock the amount for its payee, or `UNRESOLVED`.
    function first(
        int256[2] memory deposits,
        int256 net,
        Lock[] calldata locks,
        uint256[] memory outcomes
    ) internal pure returns (Division memory division) {
        uint256 total = _total(deposits);
        (uint256 locked, uint256 lockedBy0) = _locked(locks);
        if (locked > total) locked = total;
        uint256 free = total - locked;

        int256 balance0 = deposits[0] - net - int256(lockedBy0);
        uint256 pay0 = balance0 < 0 ? 0 : uint256(balance0);
        if (pay0 > free) pay0 = free;
        division.paid[0] = pay0;
        division.paid[1] = free - pay0;
        _payLocks(division, locked, locks, outcomes);
    }

    /// @notice Pays locks that have been resolved since; what is left of the deposits is the shares of the locks that
    /// `resolved` does not contain.
    function further(
        int256[2] memory deposits,
        uint256 resolved,
        Lock[] calldata locks,
        uint256[] memory outcomes
    ) internal pure returns (Division memory division) {
        division.resolved = resolved;
        _payLocks(division, _total(deposits), locks, outcomes);
    }

    /// @notice Whether all of `count` locks are in the bitmap `resolved`.
    function isComplete(uint256 resolved, uint256 count) internal pure returns (bool) {
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
        uint256 before = division.resolved;
        for (uint256 i = 0; i < locks.length; ++i) {
            if (before >> i & 1 == 1) continue;
            Lock calldata lock = locks[i];
            uint256 share = lock.amount < remaining ? lock.amount : remaining;
            remaining -= share;
            uint256 toPayee = outcomes[i];
            if (toPayee == UNRESOLVED) continue;
            if (toPayee > share) toPayee = share;
            division.resolved |= 1 << i;
            // A co-signed payer above 1 must not freeze the channel: whatever is not participant 0 is participant 1.
            (uint256 payer, uint256 payee) = lock.payer == 0 ? (0, 1) : (1, 0);
            division.paid[payee] += toPayee;
            division.paid[payer] += share - toPayee;
        }
    }

    function _locked(Lock[] calldata locks)
        private
        pure
        returns (uint256 locked, uint256 lockedBy0)
    {
        for (uint256 i = 0; i < locks.length; ++i) {
            uint256 amount = locks[i].amount;
            locked += amount;
            if (locks[i].payer == 0) lockedBy0 += amount;
        }
    }

    function _total(int256[2] memory deposits) private pure returns (uint256) {
        return uint256(deposits[0] + deposits[1]);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Division, Settlement} from "contracts/libraries/Settlement.sol";
import {Lock} from "contracts/types/Channel.sol";
import {Test} from "forge-std/Test.sol";

/// @notice The library takes locks from calldata only.
contract SettlementCalls {
    function first(uint256 total, int256 balance0, Lock[] calldata locks, uint256[] memory outcomes)
        external
        pure
        returns (Division memory)
    {
        return Settlement.first(total, balance0, locks, outcomes);
    }

    function further(
        uint256 total,
        uint256 resolved,
        Lock[] calldata locks,
        uint256[] memory outcomes
    ) external pure returns (Division memory) {
        return Settlement.further(total, resolved, locks, outcomes);
    }
}

/// @title How the money of a channel is divided, for all values at once
/// @dev Symbolic: what the channel holds, what participant 0's side is worth, the lock's amount of 128 bits, its payer of 8
/// bits and its outcome of 256 bits, unresolved among them. Bounded: the channel holds less than 2^92, as the ledger can,
/// and `balance0` is within what a deposit of 92 bits and a net of 128 bits give.
/// Halmos's usual solver leaves queries open after a minute that this one decides in a second.
/// @custom:halmos --solver z3
contract SettlementProof is Test {
    uint256 internal constant UNRESOLVED = Settlement.UNRESOLVED;

    SettlementCalls internal settlement;

    function setUp() external {
        settlement = new SettlementCalls();
    }

    /// @notice What is paid and what is kept for an unresolved lock is what the channel holds, to the unit. One lock.
    // req: S4
    function check_settlementConserves(
        uint256 total,
        int256 balance0,
        Lock memory lock,
        uint256 outcome
    ) external view {
        assumePossible(total, balance0);
        Division memory division = first(total, balance0, lock, outcome);
        uint256 kept = outcome == UNRESOLVED ? least(lock.amount, total) : 0;
        // Checked sums of parts that are no more than the whole: nothing has wrapped around.
        assert(division.paid0 <= total && division.paid1 <= total);
        assert(division.paid0 + division.paid1 + kept == total);
        assert(division.resolved == (outcome == UNRESOLVED ? 0 : 1));
    }

    /// @notice With enough money on both sides everybody is paid by the opening, to the unit: participant 0 its balance
    /// (deposit less net), participant 1 the rest (deposit plus net), each less what it locked; the lock as it was decided.
    /// @dev `free0` and `free1` are the balances less what each locked.
    function check_settlementFollowsTheOpening(
        uint96 free0,
        uint96 free1,
        Lock memory lock,
        uint256 outcome
    ) external view {
        uint256 amount = lock.amount;
        uint256 total = uint256(free0) + free1 + amount;
        vm.assume(total < 2 ** 92);
        bool by0 = lock.payer == 0;
        int256 balance0 = int256(by0 ? free0 + amount : free0);
        Division memory division = first(total, balance0, lock, outcome);
        uint256 toPayee = outcome == UNRESOLVED ? 0 : least(outcome, amount);
        uint256 toPayer = outcome == UNRESOLVED ? 0 : amount - toPayee;
        assert(division.paid0 == free0 + (by0 ? toPayer : toPayee));
        assert(division.paid1 == free1 + (by0 ? toPayee : toPayer));
    }

    /// @notice Who claims more than the channel has left besides the locks gets all of that and no more, and who owes
    /// gets none of it: a state that both signed pays something whatever it claims.
    function check_settlementClampsToWhatIsThere(uint256 total, int256 balance0, Lock memory lock)
        external
        view
    {
        assumePossible(total, balance0);
        Division memory division = first(total, balance0, lock, UNRESOLVED);
        uint256 free = total - least(lock.amount, total);
        int256 side0 = balance0;
        if (lock.payer == 0) side0 -= int256(uint256(lock.amount));
        if (side0 <= 0) {
            assert(division.paid0 == 0);
            assert(division.paid1 == free);
        } else if (side0 >= int256(free)) {
            assert(division.paid0 == free);
            assert(division.paid1 == 0);
        } else {
            assert(division.paid0 == uint256(side0));
            assert(division.paid1 == free - uint256(side0));
        }
    }

    /// @notice A lock decided as a registry decides, for all or nothing, pays its whole share to exactly one side: the payee
    /// for its amount, the payer for zero. The other side gets what it would have got without the decision.
    // req: S4
    function check_lockPaysOneSide(uint256 total, int256 balance0, Lock memory lock, bool won)
        external
        view
    {
        assumePossible(total, balance0);
        Division memory open = first(total, balance0, lock, UNRESOLVED);
        Division memory decided = first(total, balance0, lock, won ? lock.amount : 0);
        uint256 share = least(lock.amount, total);
        // A payer above 1 counts as participant 1.
        bool to0 = won ? lock.payer != 0 : lock.payer == 0;
        if (to0) {
            assert(decided.paid0 == open.paid0 + share);
            assert(decided.paid1 == open.paid1);
        } else {
            assert(decided.paid0 == open.paid0);
            assert(decided.paid1 == open.paid1 + share);
        }
    }

    /// @notice A later settlement pays at most what is still held, all of the lock's share when it is decided, nothing of a
    /// lock that was paid before, and forgets no lock that was.
    /// @dev Symbolic: the bitmap of all 256 bits too.
    function check_furtherSettlementConserves(
        uint256 total,
        uint256 resolved,
        Lock memory lock,
        uint256 outcome
    ) external view {
        vm.assume(total < 2 ** 92);
        Division memory division =
            settlement.further(total, resolved, arrayOf(lock), arrayOf(outcome));
        if (resolved & 1 == 1 || outcome == UNRESOLVED) {
            assert(division.paid0 == 0);
            assert(division.paid1 == 0);
            assert(division.resolved == resolved);
        } else {
            assert(division.paid0 <= total && division.paid1 <= total);
            assert(division.paid0 + division.paid1 == least(lock.amount, total));
            assert(division.resolved == resolved | 1);
        }
    }

    /// @notice A lock that resolves later pays each side what it would have paid at once, and nothing stays behind.
    function check_settlementInStepsPaysTheSame(
        uint256 total,
        int256 balance0,
        Lock memory lock,
        uint256 outcome
    ) external view {
        assumePossible(total, balance0);
        vm.assume(outcome != UNRESOLVED);
        Division memory once = first(total, balance0, lock, outcome);
        Division memory one = first(total, balance0, lock, UNRESOLVED);
        uint256 left = total - one.paid0 - one.paid1;
        Division memory two =
            settlement.further(left, one.resolved, arrayOf(lock), arrayOf(outcome));
        assert(one.paid0 + two.paid0 == once.paid0);
        assert(one.paid1 + two.paid1 == once.paid1);
        assert(left == two.paid0 + two.paid1);
        assert(one.resolved == 0);
        assert(two.resolved == 1);
    }

    function first(uint256 total, int256 balance0, Lock memory lock, uint256 outcome)
        private
        view
        returns (Division memory)
    {
        return settlement.first(total, balance0, arrayOf(lock), arrayOf(outcome));
    }

    function assumePossible(uint256 total, int256 balance0) private pure {
        vm.assume(total < 2 ** 92);
        vm.assume(balance0 > -(2 ** 128));
        vm.assume(balance0 < 2 ** 128);
    }

    function least(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    function arrayOf(Lock memory lock) private pure returns (Lock[] memory locks) {
        locks = new Lock[](1);
        locks[0] = lock;
    }

    function arrayOf(uint256 outcome) private pure returns (uint256[] memory outcomes) {
        outcomes = new uint256[](1);
        outcomes[0] = outcome;
    }
}

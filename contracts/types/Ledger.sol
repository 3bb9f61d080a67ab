// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @notice All that is stored of a channel while nothing is wrong, in one slot. From the lowest bit:
/// `int92 deposit0, int92 deposit1, uint40 nonce, uint32 finalizesAt`.
/// @dev A deposit is within `-MAX_DEPOSIT` and `MAX_DEPOSIT`: deposits enforce the upper bound, for each and for the sum, and as
/// the sum never becomes negative, the lower one follows. The one value of 92 bits left over marks a closed channel.
type Ledger is uint256;

using {
    deposit0,
    deposit1,
    deposit,
    total,
    nonce,
    finalizesAt,
    isOpen,
    isClosed,
    withDeposit,
    withDeposits,
    withState,
    closed
} for Ledger global;

/// @notice The slots of one channel.
/// @param ledger All there is while nothing is wrong.
/// @param commitment Commitment of the state under dispute; written in disputes only.
/// @param resolved Bitmap of the locks paid out, and a mark that there was one; written by partial settlements only.
struct Channel {
    Ledger ledger;
    bytes32 commitment;
    uint256 resolved;
}

/// @dev Bit of `Channel.resolved` that marks a channel as Settling, also while none of its locks is resolved.
uint256 constant SETTLING = 1 << 255;

/// @dev Bits above a deposit of 92 bits in a word.
uint256 constant DEPOSIT_SHIFT = 164;
uint256 constant DEPOSIT_MASK = 2 ** 92 - 1;
/// @dev Both deposits.
uint256 constant DEPOSITS_MASK = 2 ** 184 - 1;
/// @dev The deposit0 of a closed channel, as stored: the smallest value of 92 signed bits.
uint256 constant CLOSED_MARK = 2 ** 91;

/// @dev Both deposits have to be within `-MAX_DEPOSIT` and `MAX_DEPOSIT`.
function packLedger(int256 deposit0_, int256 deposit1_, uint40 nonce_, uint32 finalizesAt_)
    pure
    returns (Ledger)
{
    return Ledger.wrap(
        (uint256(deposit0_) & DEPOSIT_MASK) | ((uint256(deposit1_) & DEPOSIT_MASK) << 92)
            | (uint256(nonce_) << 184) | (uint256(finalizesAt_) << 224)
    );
}

/// @dev What participant 0 put in less what it took out. Without meaning once closed.
function deposit0(Ledger self) pure returns (int256) {
    return int256(Ledger.unwrap(self) << DEPOSIT_SHIFT) >> DEPOSIT_SHIFT;
}

/// @dev What participant 1 put in less what it took out. Zero once closed.
function deposit1(Ledger self) pure returns (int256) {
    return int256(Ledger.unwrap(self) << 72) >> DEPOSIT_SHIFT;
}

/// @dev The deposit of `participant`, 0 or 1.
function deposit(Ledger self, uint256 participant) pure returns (int256) {
    unchecked {
        return int256(Ledger.unwrap(self) << (DEPOSIT_SHIFT - 92 * participant)) >> DEPOSIT_SHIFT;
    }
}

/// @dev What the channel holds; never negative. Without meaning once closed.
function total(Ledger self) pure returns (int256) {
    unchecked {
        return deposit0(self) + deposit1(self);
    }
}

/// @dev Nonce of the newest state or withdrawal accepted.
function nonce(Ledger self) pure returns (uint40) {
    return uint40(Ledger.unwrap(self) >> 184);
}

/// @dev First second of settlement, or the time of the cooperative close; zero while open.
function finalizesAt(Ledger self) pure returns (uint32) {
    return uint32(Ledger.unwrap(self) >> 224);
}

/// @dev Not in dispute and not closed: both of these set `finalizesAt`.
function isOpen(Ledger self) pure returns (bool) {
    return Ledger.unwrap(self) >> 224 == 0;
}

function isClosed(Ledger self) pure returns (bool) {
    return Ledger.unwrap(self) & DEPOSIT_MASK == CLOSED_MARK;
}

/// @dev The ledger with another deposit of `participant`, 0 or 1, within `-MAX_DEPOSIT` and `MAX_DEPOSIT`.
function withDeposit(Ledger self, uint256 participant, int256 deposit_) pure returns (Ledger) {
    unchecked {
        uint256 shift = 92 * participant;
        uint256 others = Ledger.unwrap(self) & ~(DEPOSIT_MASK << shift);
        return Ledger.wrap(others | (uint256(deposit_) & DEPOSIT_MASK) << shift);
    }
}

/// @dev The ledger with other deposits, each within `-MAX_DEPOSIT` and `MAX_DEPOSIT`.
function withDeposits(Ledger self, int256 deposit0_, int256 deposit1_) pure returns (Ledger) {
    uint256 state = Ledger.unwrap(self) & ~DEPOSITS_MASK;
    return Ledger.wrap(
        state | (uint256(deposit0_) & DEPOSIT_MASK) | ((uint256(deposit1_) & DEPOSIT_MASK) << 92)
    );
}

/// @dev The ledger with another nonce and `finalizesAt`.
function withState(Ledger self, uint40 nonce_, uint32 finalizesAt_) pure returns (Ledger) {
    uint256 deposits = Ledger.unwrap(self) & DEPOSITS_MASK;
    return Ledger.wrap(deposits | (uint256(nonce_) << 184) | (uint256(finalizesAt_) << 224));
}

/// @dev The ledger without deposits and with the closed mark; the final nonce stays.
function closed(Ledger self, uint32 finalizesAt_) pure returns (Ledger) {
    return Ledger.wrap(CLOSED_MARK | (uint256(nonce(self)) << 184) | (uint256(finalizesAt_) << 224));
}

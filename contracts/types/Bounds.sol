// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @dev Shortest finalization period the contract takes, in seconds. Small, so that development chains work; clients
/// impose a longer one of their own.
uint256 constant MIN_FINALIZATION_PERIOD = 60;

/// @dev Longest finalization period, in seconds: what a silent peer can cost at most.
uint256 constant MAX_FINALIZATION_PERIOD = 30 days;

/// @dev Most locks of one state; settling so many costs about 5 million gas at most with an honest token, and less than 8 million
/// whatever token and conditions do.
uint256 constant MAX_LOCKS = 128;

/// @dev Gas a condition gets for its answer, always all of it.
uint256 constant CONDITION_GAS = 30_000;

/// @dev Gas the payee of native coin gets, besides the stipend of 2,300.
uint256 constant NATIVE_PAYOUT_GAS = 50_000;

/// @dev Gas a token gets for a transfer, and for each question about a balance.
uint256 constant TOKEN_PAYOUT_GAS = 300_000;

/// @dev Largest deposit, and largest sum of both, in base units. The smallest deposit is its negative.
int256 constant MAX_DEPOSIT = 2 ** 91 - 1;

/// @dev Last second, Unix time, in which a deposit is taken: a dispute begun now has to end within 32 bits, in 2106.
uint256 constant LATEST_DEPOSIT = type(uint32).max - MAX_FINALIZATION_PERIOD;

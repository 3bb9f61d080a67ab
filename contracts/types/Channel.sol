// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @notice Where a channel stands.
/// Open: not in dispute, fundable. Disputed: a finalization period runs, or has ended unsettled.
/// Settling: paid but for locks that are not resolved yet. Closed: for ever.
enum Status {
    Open,
    Disputed,
    Settling,
    Closed
}

/// @notice What two participants agree on once. Never stored: every call re-supplies it and its hash is the channel id.
/// @param signers The keys that sign states; participant 0 opened the channel. Distinct and not zero.
/// @param payouts Where each participant's money goes. Not zero, not the adjudicator.
/// @param token The ERC-20 held by the channel; zero for the native coin.
/// @param finalizationPeriod Seconds between a challenge and the first moment of settlement.
/// @param reserve Balance in base units below which clients do not let a participant fall; not enforced on chain.
/// @param app Contract with the rules of an app channel; zero, as this adjudicator takes payment channels only.
/// @param salt Makes channels of the same two participants distinct.
struct Terms {
    address[2] signers;
    address[2] payouts;
    address token;
    uint32 finalizationPeriod;
    uint128 reserve;
    address app;
    bytes32 salt;
}

/// @notice An amount whose owner a condition decides.
/// @param condition Contract that says what the lock is worth (`ICondition`).
/// @param key What the condition is asked about: a SHA-256 hash, the address of a point.
/// @param amount Base units of the channel's token.
/// @param payer Participant (0 or 1; any other counts as 1) that gets the amount back if the condition does not give it to the
/// other.
/// @param expiry Unix time in seconds; its meaning is the condition's.
struct Lock {
    address condition;
    bytes32 key;
    uint128 amount;
    uint8 payer;
    uint40 expiry;
}

/// @notice The content of a signed state; on chain only its hash, the commitment `keccak256(abi.encode(opening))`, is seen before
/// settlement.
/// @param blinding Keeps the content from being guessed from the commitment.
/// @param net What participant 0 has paid participant 1 so far, less what came back. Base units.
/// @param locks Amounts still undecided, at most `MAX_LOCKS`.
/// @param appState State of an app channel; empty.
struct Opening {
    bytes32 blinding;
    int128 net;
    Lock[] locks;
    bytes appState;
}

/// @notice A 64-byte compact ECDSA signature (EIP-2098), low s. All zero where the caller itself is the signer.
struct Signature {
    bytes32 r;
    bytes32 vs;
}

/// @notice One channel as stored, for sweeps.
/// @param status Where the channel stands.
/// @param deposits What each participant put in less what it took out; zero once closed.
/// @param nonce Nonce of the newest state or withdrawal the contract has accepted.
/// @param finalizesAt First second of settlement, or the time of a cooperative close (`Closed` tells which); zero while open.
/// @param commitment Commitment of the state under dispute; zero for nonce 0 and outside disputes.
/// @param resolvedLocks Bit i is set when lock i has been paid out.
struct ChannelView {
    Status status;
    int256[2] deposits;
    uint40 nonce;
    uint32 finalizesAt;
    bytes32 commitment;
    uint256 resolvedLocks;
}

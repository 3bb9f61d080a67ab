// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @notice What an ERC-3009 authorization holds besides receiver, value and nonce, which a deposit implies.
/// @param from Who signed it and pays.
/// @param validAfter Unix time in seconds; not valid at it or before.
/// @param validBefore Unix time in seconds; not valid at it or after.
/// @param v Of the signature.
/// @param r Of the signature.
/// @param s Of the signature.
struct Authorization {
    address from;
    uint256 validAfter;
    uint256 validBefore;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

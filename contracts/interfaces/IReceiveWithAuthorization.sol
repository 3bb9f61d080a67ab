// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title The part of ERC-3009 that deposits use
/// @notice A token that moves by a signature of its holder, which only the receiver can submit.
interface IReceiveWithAuthorization {
    /// @notice Moves `value` from `from` to the caller, which has to be `to`, by `from`'s signature; each nonce once.
    /// @param from Who pays and signed.
    /// @param to Who gets it: the caller.
    /// @param value Base units.
    /// @param validAfter Unix time in seconds; not valid at it or before.
    /// @param validBefore Unix time in seconds; not valid at it or after.
    /// @param nonce Chosen by `from`, used once.
    /// @param v Of the signature.
    /// @param r Of the signature.
    /// @param s Of the signature.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;
}

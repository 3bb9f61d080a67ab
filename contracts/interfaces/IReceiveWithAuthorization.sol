// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title The part of ERC-3009 that deposits use
interface IReceiveWithAuthorization {
    /// @notice Moves `value` from `from` to the caller, which has to be `to`, by `from`'s signature; each nonce once.
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

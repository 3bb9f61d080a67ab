// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IAdjudicator} from "../interfaces/IAdjudicator.sol";

/// @title Calls of foreign code
/// @notice With a limit they cannot be starved: the gas is there, or nothing happens. At most 64 bytes of an answer are copied, into scratch memory, so that a long one costs its sender only.
library BoundedCall {
    /// @dev Gas limit that hands on all there is.
    uint256 internal constant ALL_GAS = type(uint256).max;
    /// @dev What a call costs at most besides the gas it hands on: a cold account of 2,600, another one that it delegates to
    /// (EIP-7702), the slack of this check, and room for higher prices.
    uint256 internal constant CALL_COST = 10_000;
    /// @dev The same with value, to an account that does not exist yet: 2,600 + 9,000 + 25,000, slack and room.
    uint256 internal constant VALUE_CALL_COST = 45_000;

    /// @notice Sends `value` with no data and copies nothing of the answer.
    /// @param target Who gets it.
    /// @param value Amount in base units.
    /// @param gasLimit Gas handed on, besides the stipend of 2,300; the call reverts when there is less.
    /// @return unpaid Zero, or `value` if the transfer failed.
    function transfer(address target, uint256 value, uint256 gasLimit)
        internal
        returns (uint256 unpaid)
    {
        requireGas(gasLimit, VALUE_CALL_COST);
        assembly ("memory-safe") {
            if iszero(call(gasLimit, target, value, 0, 0, 0, 0)) { unpaid := value }
        }
    }

    /// @notice `transfer` with all the gas there is.
    /// @param target Who gets it.
    /// @param value Amount in base units.
    /// @param least Gas handed on at least; the call reverts when there is less.
    /// @return unpaid Zero, or `value` if the transfer failed.
    function transferAll(address target, uint256 value, uint256 least)
        internal
        returns (uint256 unpaid)
    {
        requireGas(least, VALUE_CALL_COST);
        assembly ("memory-safe") {
            if iszero(call(gas(), target, value, 0, 0, 0, 0)) { unpaid := value }
        }
    }

    /// @notice Calls `target`, which may change what it likes.
    /// @param target The contract to call.
    /// @param data Selector and arguments.
    /// @param gasLimit Gas handed on; the call reverts when there is less.
    /// @return success Whether the call did not revert.
    /// @return size Length of the answer in bytes.
    /// @return word First 32 bytes of the answer; read it only if `size` is 32 or more.
    function invoke(address target, bytes memory data, uint256 gasLimit)
        internal
        returns (bool success, uint256 size, uint256 word)
    {
        requireGas(gasLimit, CALL_COST);
        assembly ("memory-safe") {
            success := call(gasLimit, target, 0, add(data, 32), mload(data), 0, 32)
            size := returndatasize()
            word := mload(0)
        }
    }

    /// @notice Asks `target`, which can change nothing.
    /// @param target The contract to ask.
    /// @param data Selector and arguments.
    /// @param gasLimit Gas handed on; the call reverts when there is less.
    /// @return success Whether the call did not revert.
    /// @return size Length of the answer in bytes.
    /// @return word0 First 32 bytes of the answer; read it only if `size` is 32 or more.
    /// @return word1 The next 32 bytes; read it only if `size` is 64 or more.
    function query(address target, bytes memory data, uint256 gasLimit)
        internal
        view
        returns (bool success, uint256 size, uint256 word0, uint256 word1)
    {
        requireGas(gasLimit, CALL_COST);
        assembly ("memory-safe") {
            success := staticcall(gasLimit, target, add(data, 32), mload(data), 0, 64)
            size := returndatasize()
            word0 := mload(0)
            word1 := mload(32)
        }
    }

    /// @notice Reverts unless a call that costs `cost` itself can hand on all of `gasLimit`.
    /// @dev A caller hands on at most 63/64 of what it has, silently less than asked for: without this check whoever
    /// calls the adjudicator could choose a gas limit at which a payout or a condition fails.
    /// @param gasLimit Gas to hand on; `ALL_GAS` asks for nothing.
    /// @param cost Gas that the call itself costs.
    function requireGas(uint256 gasLimit, uint256 cost) internal view {
        if (gasLimit == ALL_GAS) return;
        uint256 required = gasLimit + gasLimit / 63 + 1 + cost;
        uint256 available = gasleft();
        if (available < required) revert IAdjudicator.InsufficientGas(available, required);
    }
}

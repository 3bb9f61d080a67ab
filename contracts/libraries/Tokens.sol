// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {TOKEN_PAYOUT_GAS} from "../types/Bounds.sol";
import {BoundedCall} from "./BoundedCall.sol";

/// @title Moving ERC-20 tokens whatever they answer
/// @notice Balances count, answers only where they report success.
library Tokens {
    /// @notice Sends `amount` of `token` to `to`.
    /// @dev A token that reports success (true, or nothing at all) is believed, one that reverts has moved nothing. Any other
    /// answer proves neither, so the balance decides.
    /// @param token The ERC-20.
    /// @param to Who gets it.
    /// @param amount Base units.
    /// @param gasLimit Gas the token gets for the transfer; the call reverts when there is less. `ALL_GAS` is at least that of a
    /// payout.
    /// @return unpaid What of `amount` did not leave this contract.
    function send(address token, address to, uint256 amount, uint256 gasLimit)
        internal
        returns (uint256 unpaid)
    {
        if (token.code.length == 0) return amount;
        (bool knownBefore, uint256 before) = _balance(token);
        // Whoever calls `claimFor` chooses the gas, but no less than a payout hands on.
        if (gasLimit == BoundedCall.ALL_GAS) {
            BoundedCall.requireGas(TOKEN_PAYOUT_GAS, BoundedCall.CALL_COST);
        }
        (bool success, uint256 size, uint256 answer) =
            BoundedCall.invoke(token, abi.encodeCall(IERC20.transfer, (to, amount)), gasLimit);
        if (!success) return amount;
        if (size == 0 || (size >= 32 && answer == 1)) return 0;

        (bool knownAfter, uint256 afterwards) = _balance(token);
        if (!knownBefore || !knownAfter || afterwards >= before) return amount;
        uint256 moved = before - afterwards;
        return moved < amount ? amount - moved : 0;
    }

    /// @notice Pulls `amount` of `token` from `from`.
    /// @dev Only what arrives counts; neither a failure nor the answer is looked at.
    /// @param token The ERC-20.
    /// @param from Who pays, by an allowance for this contract.
    /// @param amount Base units.
    /// @return received What arrived; of more than `amount`, `amount`.
    function pull(address token, address from, uint256 amount) internal returns (uint256 received) {
        return receiveBy(
            token, amount, abi.encodeCall(IERC20.transferFrom, (from, address(this), amount))
        );
    }

    /// @notice Calls `token` with `data`, which should move `amount` to this contract.
    /// @param token The ERC-20.
    /// @param amount Base units.
    /// @param data Selector and arguments of the call that moves them.
    /// @return received What arrived; of more than `amount`, `amount`.
    function receiveBy(address token, uint256 amount, bytes memory data)
        internal
        returns (uint256 received)
    {
        uint256 before = IERC20(token).balanceOf(address(this));
        BoundedCall.invoke(token, data, BoundedCall.ALL_GAS);
        uint256 afterwards = IERC20(token).balanceOf(address(this));
        if (afterwards <= before) return 0;
        received = afterwards - before;
        if (received > amount) return amount;
    }

    function _balance(address token) private view returns (bool known, uint256 balance) {
        (bool success, uint256 size, uint256 answer,) = BoundedCall.query(
            token, abi.encodeCall(IERC20.balanceOf, (address(this))), TOKEN_PAYOUT_GAS
        );
        return (success && size >= 32, answer);
    }
}

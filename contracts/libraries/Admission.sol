// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IAdjudicator} from "../interfaces/IAdjudicator.sol";
import {
    LATEST_DEPOSIT,
    MAX_DEPOSIT,
    MAX_FINALIZATION_PERIOD,
    MIN_FINALIZATION_PERIOD
} from "../types/Bounds.sol";
import {Terms} from "../types/Channel.sol";

/// @title What a deposit refuses
/// @notice Terms that could harm their depositor. Checked at deposits only: a channel of other terms never holds money, so
/// nothing that is done to it matters.
library Admission {
    /// @notice Reverts unless a deposit may be made.
    /// @param terms Of the channel.
    /// @param participant Whose deposit it is.
    /// @param amount What is to be deposited, in base units.
    function requireFundable(Terms calldata terms, uint8 participant, uint256 amount)
        internal
        view
    {
        _requireSigners(terms.signers[0], terms.signers[1]);
        requirePayout(terms.payouts[0]);
        requirePayout(terms.payouts[1]);
        _requirePeriod(terms.finalizationPeriod);
        // Where no dispute could begin any more no money comes in: from 2106 on, or on a chain that counts milliseconds.
        if (block.timestamp > LATEST_DEPOSIT) {
            revert IAdjudicator.TimeOutOfBounds(block.timestamp, LATEST_DEPOSIT);
        }
        if (terms.app != address(0)) revert IAdjudicator.AppUnsupported(terms.app);
        if (participant > 1) revert IAdjudicator.InvalidParticipant(participant);
        if (amount > uint256(MAX_DEPOSIT)) {
            revert IAdjudicator.DepositOutOfBounds(amount, uint256(MAX_DEPOSIT));
        }
    }

    /// @notice Reverts unless `payout` can be paid: money sent to the adjudicator would be nobody's.
    /// @param payout Who is to be paid.
    function requirePayout(address payout) internal view {
        if (payout == address(this)) revert IAdjudicator.InvalidPayout(payout);
        if (payout == address(0)) revert IAdjudicator.InvalidPayout(payout);
    }

    /// @notice Reverts if `token` is no contract: a call to it would succeed and move nothing.
    /// @param token The ERC-20.
    function requireCode(address token) internal view {
        if (token.code.length == 0) revert IAdjudicator.TokenWithoutCode(token);
    }

    function _requireSigners(address signer0, address signer1) private pure {
        if (signer0 == signer1) revert IAdjudicator.InvalidSigners(signer0, signer1);
        if (signer0 == address(0)) revert IAdjudicator.InvalidSigners(signer0, signer1);
        if (signer1 == address(0)) revert IAdjudicator.InvalidSigners(signer0, signer1);
    }

    function _requirePeriod(uint256 period) private pure {
        if (period < MIN_FINALIZATION_PERIOD) _refusePeriod(period);
        if (period > MAX_FINALIZATION_PERIOD) _refusePeriod(period);
    }

    function _refusePeriod(uint256 period) private pure {
        revert IAdjudicator.FinalizationPeriodOutOfBounds(
            period, MIN_FINALIZATION_PERIOD, MAX_FINALIZATION_PERIOD
        );
    }
}

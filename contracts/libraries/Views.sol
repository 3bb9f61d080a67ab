// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {ChannelView, Status} from "../types/Channel.sol";
import {Channel, Ledger, SETTLING} from "../types/Ledger.sol";

/// @title What a sweep sees of a channel
/// @notice Turns what is stored into what clients read.
library Views {
    /// @notice Reads all slots of a channel.
    /// @param channel Where it is stored.
    /// @return seen What they say.
    function read(Channel storage channel) internal view returns (ChannelView memory seen) {
        Ledger ledger = channel.ledger;
        uint256 resolved = channel.resolved;
        bool closed = ledger.isClosed();
        Status status = closed
            ? Status.Closed
            : ledger.isOpen() ? Status.Open : resolved == 0 ? Status.Disputed : Status.Settling;
        return ChannelView({
            status: status,
            deposits: [closed ? int256(0) : ledger.deposit0(), ledger.deposit1()],
            nonce: ledger.nonce(),
            finalizesAt: ledger.finalizesAt(),
            commitment: channel.commitment,
            resolvedLocks: resolved & ~SETTLING
        });
    }
}

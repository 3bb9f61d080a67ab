// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Lock, Opening} from "contracts/types/Channel.sol";

/// @title What a state gives, written a second time
/// @dev From the specification alone; shares nothing with contracts/libraries/Settlement.sol.
library Reference {
    /// @notice What each participant owns for certain. Negative where a state promises more than there is.
    function certain(int256[2] memory deposits, Opening memory opening)
        internal
        pure
        returns (int256[2] memory owns)
    {
        owns = [deposits[0] - opening.net, deposits[1] + opening.net];
        for (uint256 i = 0; i < opening.locks.length; ++i) {
            owns[payer(opening.locks[i])] -= int256(uint256(opening.locks[i].amount));
        }
    }

    /// @notice The same of a channel whose signers promised each other anything: locks come first, in their order, then
    /// participant 0, and participant 1 has the rest.
    function certainOf(uint256 holds, int256[2] memory deposits, Opening memory opening)
        internal
        pure
        returns (uint256[2] memory paid)
    {
        int256 wants = certain(deposits, opening)[0];
        uint256[] memory kept = shares(holds, opening.locks);
        for (uint256 i = 0; i < kept.length; ++i) {
            holds -= kept[i];
        }
        if (wants < 0) paid[0] = 0;
        else if (uint256(wants) > holds) paid[0] = holds;
        else paid[0] = uint256(wants);
        paid[1] = holds - paid[0];
    }

    /// @notice What is there for each lock.
    function shares(uint256 holds, Lock[] memory locks)
        internal
        pure
        returns (uint256[] memory kept)
    {
        kept = new uint256[](locks.length);
        for (uint256 i = 0; i < locks.length; ++i) {
            kept[i] = holds < locks[i].amount ? holds : locks[i].amount;
            holds -= kept[i];
        }
    }

    function payer(Lock memory lock) internal pure returns (uint256) {
        return lock.payer == 0 ? 0 : 1;
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ICondition} from "contracts/interfaces/ICondition.sol";

/// @title A condition that answers what a test has written down for the key
contract ScriptedCondition is ICondition {
    struct Answer {
        bool resolved;
        uint256 toPayee;
    }

    mapping(bytes32 => Answer) public answers;

    function set(bytes32 key, uint256 toPayee) external {
        answers[key] = Answer(true, toPayee);
    }

    function payout(bytes32 key, uint256, uint256) external view returns (bool, uint256) {
        return (answers[key].resolved, answers[key].toPayee);
    }
}

/// @title A condition that misbehaves in the way its key names
contract AbsurdCondition {
    function payout(bytes32 key, uint256 amount, uint256) external view returns (uint256, uint256) {
        if (key == "revert") revert("no");
        if (key == "burn") while (true) {}
        if (key == "word 2") return (2, amount);
        if (key == "too much") return (1, amount + 1);
        if (key == "short") {
            assembly {
                mstore(0, 1)
                return(0, 63)
            }
        }
        if (key == "bomb") {
            assembly {
                mstore(0, 1)
                return(0, 40000)
            }
        }
        return (1, amount / 2);
    }
}

/// @title A condition that answers otherwise with less gas than its key says
contract GreedyCondition is ICondition {
    function payout(bytes32 key, uint256 amount, uint256) external view returns (bool, uint256) {
        return (true, gasleft() < uint256(key) ? 0 : amount);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ICondition} from "contracts/interfaces/ICondition.sol";

/// @title A payee that takes coins or not, as it is told
contract FicklePayee {
    enum Mode {
        Takes,
        Refuses,
        Burns,
        Bombs,
        Reenters
    }

    Mode public mode;
    bool public succeeded;
    bytes4 public reason;
    address private _target;
    bytes private _data;

    function turn(Mode mode_) external {
        mode = mode_;
    }

    /// @dev What it calls when it is paid in the mode `Reenters`.
    function arm(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    receive() external payable {
        if (mode == Mode.Refuses) revert("shut");
        if (mode == Mode.Burns) while (true) {}
        if (mode == Mode.Bombs) {
            assembly {
                revert(0, 100000)
            }
        }
        if (mode == Mode.Reenters) {
            bytes memory answer;
            (succeeded, answer) = _target.call(_data);
            reason = bytes4(answer);
        }
    }
}

/// @title A condition that gives the payee as many 256ths as was decided, once
contract ShareCondition is ICondition {
    mapping(bytes32 key => uint256) public decided;

    function decide(bytes32 key, uint8 part) external {
        if (decided[key] == 0) decided[key] = uint256(part) + 1;
    }

    function payout(bytes32 key, uint256 amount, uint256) external view returns (bool, uint256) {
        uint256 part = decided[key];
        return part == 0 ? (false, uint256(0)) : (true, amount * (part - 1) / 255);
    }
}

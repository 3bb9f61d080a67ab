// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";

/// @title Refuses coins until it is told otherwise
contract RevertingPayee {
    bool public open;

    function setOpen(bool open_) external {
        open = open_;
    }

    function claim(IAdjudicator adjudicator, address token, address to) external {
        adjudicator.claim(token, to, type(uint256).max);
    }

    receive() external payable {
        require(open, "shut");
    }
}

/// @title Burns all gas it gets
contract BurningPayee {
    receive() external payable {
        while (true) {}
    }
}

/// @title Answers with as much as its gas pays for
contract BombingPayee {
    receive() external payable {
        assembly {
            revert(0, 100000)
        }
    }
}

/// @title Uses the gas of a plain smart account
contract BusyPayee {
    uint256 private _count;

    receive() external payable {
        _count = _count + 1;
    }
}

/// @title Calls the adjudicator while it is paid
contract ReentrantPayee {
    address private _target;
    bytes private _data;
    bool public succeeded;
    bytes4 public reason;

    function arm(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    receive() external payable {
        bytes memory answer;
        (succeeded, answer) = _target.call(_data);
        reason = bytes4(answer);
    }
}

/// @title Refuses coins that come with less gas than it wants, and wastes none
contract GreedyPayee {
    uint256 private immutable _wanted;

    constructor(uint256 wanted) {
        _wanted = wanted;
    }

    receive() external payable {
        require(gasleft() >= _wanted);
    }
}

/// @title Takes the coins and answers with 64 KiB
contract ThankfulPayee {
    receive() external payable {
        assembly {
            return(0, 65536)
        }
    }
}

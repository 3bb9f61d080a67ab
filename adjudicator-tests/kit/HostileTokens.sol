// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Token} from "./Token.sol";

/// @title Takes 1% of every transfer
contract FeeToken is Token {
    function _update(address from, address to, uint256 value) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : value / 100;
        super._update(from, to, value - fee);
        if (fee != 0) super._update(from, address(0), fee);
    }
}

/// @title Gives the receiver more than was sent
contract GenerousToken is Token {
    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0)) super._update(address(0), to, value);
    }
}

/// @title Refuses payees on a list
contract BlacklistToken is Token {
    mapping(address => bool) public blocked;

    function setBlocked(address account, bool value) external {
        blocked[account] = value;
    }

    function _update(address from, address to, uint256 value) internal override {
        require(!blocked[to], "blocked");
        super._update(from, to, value);
    }
}

/// @title Calls back into the adjudicator while it moves
contract ReentrantToken is Token {
    address private _target;
    bytes private _data;
    bool public succeeded;

    function arm(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (_target == address(0)) return;
        address target = _target;
        _target = address(0);
        (succeeded,) = target.call(_data);
    }
}

/// @title Answers whatever it is told, moving or not
contract OddToken {
    enum Mode {
        Honest,
        FalseAndMoves,
        FalseAndStays,
        HalfAndFalse,
        Garbage,
        Bomb,
        BurnsGas,
        BlindAndFalse
    }

    mapping(address => uint256) private _balances;
    Mode public mode;

    function setMode(Mode mode_) external {
        mode = mode_;
    }

    function mint(address to, uint256 amount) external {
        _balances[to] += amount;
    }

    function balanceOf(address account) external view returns (uint256) {
        if (mode == Mode.BlindAndFalse) revert("blind");
        return _balances[account];
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _move(from, to, amount);
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        if (mode == Mode.FalseAndStays || mode == Mode.BlindAndFalse) return false;
        if (mode == Mode.BurnsGas) while (true) {}
        if (mode == Mode.Bomb) {
            assembly {
                revert(0, 1000000)
            }
        }
        _move(msg.sender, to, mode == Mode.HalfAndFalse ? amount / 2 : amount);
        if (mode == Mode.Garbage) {
            assembly {
                mstore(0, 7)
                return(0, 32)
            }
        }
        return mode == Mode.Honest;
    }

    function _move(address from, address to, uint256 amount) private {
        _balances[from] -= amount;
        _balances[to] += amount;
    }
}

/// @title Returns nothing from its transfers, as USDT does
contract SilentToken {
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        _move(from, to, amount);
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

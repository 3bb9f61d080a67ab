// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Token} from "./Token.sol";
import {ICondition} from "contracts/interfaces/ICondition.sol";

/// @title Uses up gas by the number
abstract contract Spender {
    function _spend(uint256 amount) internal view {
        uint256 start = gasleft();
        while (start - gasleft() < amount) {}
    }
}

/// @title A condition that uses as much gas as its key says and gives half to the payee
contract CostlyCondition is ICondition, Spender {
    function payout(bytes32 key, uint256 amount, uint256) external view returns (bool, uint256) {
        _spend(uint256(key));
        return (true, amount / 2);
    }
}

/// @title Takes coins after it has used up as much gas as it was made for
contract CostlyPayee is Spender {
    uint256 private immutable _amount;

    constructor(uint256 amount) {
        _amount = amount;
    }

    receive() external payable {
        _spend(_amount);
    }
}

/// @title Uses up gas whenever it moves, and if told so answers false afterwards
contract CostlyToken is Token, Spender {
    uint256 private _amount;
    bool private _false;
    bool private _blind;

    function setCost(uint256 amount) external {
        _amount = amount;
    }

    function setFalse() external {
        _false = true;
    }

    /// @dev Whether `balanceOf` burns all the gas it gets.
    function setBlind(bool blind) external {
        _blind = blind;
    }

    function balanceOf(address account) public view override returns (uint256) {
        if (_blind) {
            assembly {
                invalid()
            }
        }
        return super.balanceOf(account);
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        _spend(_amount);
        return super.transfer(to, value) && !_false;
    }
}

/// @title A condition that answers only if it gets as much gas as its key says, and else wastes none
contract ThriftyCondition is ICondition {
    bool private _shut;

    /// @dev Whether it does not answer at all.
    function setShut(bool shut) external {
        _shut = shut;
    }

    function payout(bytes32 key, uint256 amount, uint256) external view returns (bool, uint256) {
        if (gasleft() < uint256(key) || _shut) return (false, 0);
        return (true, amount);
    }
}

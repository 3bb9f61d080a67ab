// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Token} from "./Token.sol";
import {IReceiveWithAuthorization} from "contracts/interfaces/IReceiveWithAuthorization.sol";

/// @title Makes the calls it was armed with, once, and remembers how each ended
abstract contract Armed {
    address private _target;
    bytes[] private _calls;
    uint256 public made;
    uint256 public succeeded;
    bytes4[] public reasons;

    function arm(address target, bytes[] calldata calls) external {
        _target = target;
        delete _calls;
        delete reasons;
        for (uint256 i = 0; i < calls.length; ++i) {
            _calls.push(calls[i]);
        }
        (made, succeeded) = (0, 0);
    }

    function _fire() internal {
        bytes[] memory calls = _calls;
        delete _calls;
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool success, bytes memory answer) = _target.call(calls[i]);
            ++made;
            if (success) ++succeeded;
            reasons.push(bytes4(answer));
        }
    }
}

/// @title Calls back from wherever it is called: transfers, permits, authorizations
contract CallbackToken is Token, Armed, IReceiveWithAuthorization {
    enum Where {
        Nowhere,
        InTransfers,
        InPermits,
        InAuthorizations
    }

    Where private _where;
    bool private _permitReverts;
    uint256 private _arrives = 1000;

    function callBack(Where where) external {
        _where = where;
    }

    function setPermitReverts() external {
        _permitReverts = true;
    }

    /// @dev What an authorization moves, in thousandths of what was asked for.
    function setArrives(uint256 thousandths) external {
        _arrives = thousandths;
    }

    /// @dev Gives no allowance.
    function permit(address, address, uint256, uint256, uint8, bytes32, bytes32) public override {
        require(!_permitReverts, "no permits");
        if (_where == Where.InPermits) _fire();
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256,
        uint256,
        bytes32,
        uint8,
        bytes32,
        bytes32
    ) external {
        if (_arrives != 0) _transfer(from, to, value * _arrives / 1000);
        if (_where == Where.InAuthorizations) _fire();
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (_where == Where.InTransfers) _fire();
    }
}

/// @title Who is told of transfers by a token with hooks
interface IHooks {
    function tokensToSend() external;
    function tokensReceived() external;
}

/// @title Tells sender and receiver of every transfer, as ERC-777 does
contract HookToken is Token {
    mapping(address => bool) private _hooked;
    bool private _guarded;
    bool private _entered;

    function hook(address account) external {
        _hooked[account] = true;
    }

    /// @dev From now on no transfer starts during another one.
    function guard() external {
        _guarded = true;
    }

    function _update(address from, address to, uint256 value) internal override {
        require(!_guarded || !_entered, "entered");
        _entered = true;
        if (_hooked[from]) IHooks(from).tokensToSend();
        super._update(from, to, value);
        if (_hooked[to]) IHooks(to).tokensReceived();
        _entered = false;
    }
}

/// @title A depositor, signer or payee that acts when it is told of a transfer
contract HookedAccount is IHooks, Armed {
    bool public refuses;
    bool public burnsGas;

    function setRefuses(bool refuses_) external {
        refuses = refuses_;
    }

    function setBurnsGas() external {
        burnsGas = true;
    }

    function execute(address target, bytes calldata data) external {
        (bool success, bytes memory answer) = target.call(data);
        if (success) return;
        assembly {
            revert(add(answer, 32), mload(answer))
        }
    }

    function tokensToSend() external {
        _act();
    }

    function tokensReceived() external {
        _act();
    }

    receive() external payable {
        _act();
    }

    function _act() private {
        require(!refuses, "refused");
        if (burnsGas) {
            assembly {
                invalid()
            }
        }
        _fire();
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {GasSweep} from "../kit/GasSweep.sol";
import {Token} from "../kit/Token.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";

/// @title Takes money, and books it if the gas allows
contract BookingPayee {
    uint256 public booked;
    uint256 private immutable _needed;
    bool private _refuses = true;

    constructor(uint256 needed) {
        _needed = needed;
    }

    function accept() external {
        _refuses = false;
    }

    function take(uint256 amount) public {
        require(!_refuses, "shut");
        try this.book(amount) {} catch {}
    }

    function book(uint256 amount) external {
        require(gasleft() >= _needed, "starved");
        booked += amount;
    }

    receive() external payable {
        take(msg.value);
    }
}

/// @title Asks much gas for a balance, and tells the receiver of a transfer
contract DearToken is Token {
    function balanceOf(address account) public view override returns (uint256) {
        uint256 start = gasleft();
        while (start - gasleft() < 120_000) {}
        return super.balanceOf(account);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        super.transfer(to, amount);
        if (to.code.length != 0) BookingPayee(payable(to)).take(amount);
        return true;
    }
}

/// @title Whoever sends a credit on chooses the gas, but no less than a payout has
/// @dev At risk: what a vault knows of its own. It took the money with 212,588 gas for the token where a payout has 300,000.
contract ClaimForGasTest is GasSweep {
    BookingPayee private payee;

    function test_claimFor_letsThePayeeBook_withEveryGasLimit() public {
        payee = new BookingPayee(40_000);
        terms.payouts[0] = address(payee);
        useNative();
        closeAt(0);
        payee.accept();
        sweep(
            anyone,
            abi.encodeCall(IAdjudicator.claimFor, (address(0), address(payee), type(uint256).max))
        );
        adjudicator.claimFor(address(0), address(payee), type(uint256).max);
        assertEq(payee.booked(), PUT0);
    }

    function test_claimFor_letsThePayeeBook_withEveryGasLimit_when_theTokenIsDear() public {
        payee = new BookingPayee(230_000);
        terms.payouts[0] = address(payee);
        DearToken token = new DearToken();
        useToken(address(token));
        closeAt(0);
        payee.accept();
        sweep(
            anyone,
            abi.encodeCall(
                IAdjudicator.claimFor, (address(token), address(payee), type(uint256).max)
            )
        );
        adjudicator.claimFor(address(token), address(payee), type(uint256).max);
        assertEq(payee.booked(), PUT0);
    }

    function outcome() internal view override returns (bytes32) {
        return keccak256(abi.encode(super.outcome(), payee.booked()));
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {HostileTest} from "../kit/HostileTest.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Terms} from "contracts/types/Channel.sol";
import {Vm} from "forge-std/Vm.sol";

/// @title The native coin under the names of an ERC-20, as some chains have it, with hooks and without reverts
/// @dev Chains move the coin inside; here a cheat code does.
contract DualCoin {
    Vm private constant _VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function balanceOf(address account) external view returns (uint256) {
        return account.balance;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        if (from.code.length != 0) DualHolder(payable(from)).moving();
        return _move(from, to, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        if (to.code.length != 0) DualHolder(payable(to)).moving();
        // Neither true nor nothing, so the balance decides.
        return false;
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        if (from.balance < amount) return false;
        _VM.deal(from, from.balance - amount);
        _VM.deal(to, to.balance + amount);
        return true;
    }
}

/// @title Deposits all its coins while they are being moved
contract DualHolder {
    address private immutable _adjudicator;
    bytes private _data;
    bool private _armed;

    constructor(address adjudicator) {
        _adjudicator = adjudicator;
    }

    /// @dev The deposit to be made from inside, of `value`.
    function arm(bytes calldata data) external {
        (_data, _armed) = (data, true);
    }

    function pull(bytes calldata data) external {
        (bool success,) = _adjudicator.call(data);
        success;
    }

    function moving() external {
        if (!_armed) return;
        _armed = false;
        (bool success,) = _adjudicator.call{value: address(this).balance}(_data);
        success;
    }

    receive() external payable {}
}

/// @title One coin with two names is never counted twice
contract DualCoinTest is HostileTest {
    DualCoin private coin;
    DualHolder private holder;
    Terms private native;

    function setUp() public override {
        super.setUp();
        coin = new DualCoin();
        holder = new DualHolder(address(adjudicator));
        terms.payouts = [address(holder), bobPayout];
        native = terms;
        native.salt = keccak256("native");
        useTerms(native);
        track();
        terms.salt = keccak256("dual");
        terms.token = address(coin);
        useTerms(terms);
        track();
    }

    function test_nativeDeposit_insideAPullOfTheSameCoin_isNotCountedTwice() public {
        vm.deal(address(holder), 100);
        holder.arm(abi.encodeCall(IAdjudicator.deposit, (native, 0, 100, 0)));
        holder.pull(abi.encodeCall(IAdjudicator.deposit, (terms, 0, 100, 0)));
        assertCovered();
    }

    function test_nativeDeposit_insideAPayoutOfTheSameCoin_isNotCountedTwice() public {
        vm.deal(address(holder), 100);
        holder.pull(abi.encodeCall(IAdjudicator.deposit, (terms, 0, 100, 0)));
        assertEq(held(id), 100);
        holder.arm(abi.encodeCall(IAdjudicator.deposit, (native, 0, 100, 0)));
        closeAt(0);
        assertCovered();
    }

    function assertCovered() internal view {
        uint256 all = owed(address(0)) + owed(address(coin));
        assertGe(address(adjudicator).balance, all, "owed more than there is");
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {HostileTest} from "../kit/HostileTest.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Status} from "contracts/types/Channel.sol";

/// @title Sends what it has to an address that did not ask for it
contract Bomb {
    constructor(address payable target) payable {
        selfdestruct(target);
    }
}

/// @title Coins that nobody deposited
contract EtherTest is HostileTest {
    function test_plainTransfers_areRefused() public {
        useNative();
        (bool success,) = address(adjudicator).call{value: 1}("");
        assertFalse(success);
        (success,) = address(adjudicator).call{value: 1}(hex"12345678");
        assertFalse(success);
        assertOthersWhole();
    }

    function test_forcedEther_changesNothingThatChannelsHold() public {
        useNative();
        bytes32 before = keccak256(abi.encode(view_()));
        new Bomb{value: 1 ether}(payable(address(adjudicator)));
        forced = 1 ether;
        assertEq(address(adjudicator).balance, owed(address(0)) + 1 ether);
        assertEq(keccak256(abi.encode(view_())), before);
        closeAt(0);
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    function test_coinbaseRewards_changeNothingThatChannelsHold() public {
        useNative();
        // A reward is a plain addition to a balance, without a call.
        vm.coinbase(address(adjudicator));
        vm.deal(address(adjudicator), address(adjudicator).balance + 2 ether);
        forced = 2 ether;
        dispute(1, paid(0));
        settle(paid(0));
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    // An opening that claims forced coins gets none of them, nor those of others.
    function test_forcedEther_cannotBeSettledAway() public {
        useNative();
        new Bomb{value: 1 ether}(payable(address(adjudicator)));
        forced = 1 ether;
        dispute(1, paid(type(int128).max));
        settle(paid(type(int128).max));
        assertReceived(0, PUT0 + PUT1);
        assertOthersWhole();
    }

    function test_fundedAddress_beforeTheDeployment_changesNothing() public {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        vm.deal(next, 3 ether);
        adjudicator = IAdjudicator(deployCode("Adjudicator.sol:Adjudicator"));
        assertEq(address(adjudicator), next);
        assertEq(next.balance, 3 ether);
        useTerms(terms);
        fund(PUT0, PUT1);
        closeAt(1);
        assertReceived(PUT0 - 1, PUT1 + 1);
        assertStatus(Status.Closed);
        assertEq(next.balance, 3 ether);
    }
}

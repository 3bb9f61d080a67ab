// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {ScriptedCondition} from "../kit/Conditions.sol";
import {Lock, Opening, Status} from "contracts/types/Channel.sol";

/// @title The single unit at the edge of every share
contract SettleShareTest is ChannelTest {
    ScriptedCondition private script;

    function setUp() public override {
        super.setUp();
        script = new ScriptedCondition();
        fund(100, 50);
    }

    function test_settle_paysTheLastUnit() public {
        uint256 checkpoint = vm.snapshotState();
        int128[6] memory nets = [int128(99), 100, 101, -49, -50, -51];
        uint256[6] memory paid0 = [uint256(1), 0, 0, 149, 150, 150];
        for (uint256 i = 0; i < nets.length; ++i) {
            dispute(5, paid(nets[i]));
            settle(paid(nets[i]));
            assertPaid(paid0[i], 150 - paid0[i]);
            assertStatus(Status.Closed);
            vm.revertToState(checkpoint);
        }
    }

    function test_settle_givesALockTheLastUnit() public {
        uint256 checkpoint = vm.snapshotState();
        uint128[3] memory amounts = [uint128(149), 150, 151];
        for (uint256 i = 0; i < amounts.length; ++i) {
            for (uint8 payer = 0; payer < 2; ++payer) {
                Opening memory opening =
                    locked(0, Lock(address(script), "key", amounts[i], payer, START));
                script.set("key", amounts[i]);
                dispute(5, opening);
                settle(opening);
                uint256 toPayee = amounts[i] > 150 ? 150 : amounts[i];
                // Of the one unit left free, all belongs to the participant that did not lock.
                if (payer == 0) assertPaid(0, 150);
                else assertPaid(toPayee + (150 - toPayee), 0);
                vm.revertToState(checkpoint);
            }
        }
    }

    function test_settle_asksNoLockAgain_onceItIsPaid() public {
        Opening memory opening = paid(0);
        opening.locks = new Lock[](3);
        for (uint256 i = 0; i < 3; ++i) {
            opening.locks[i] = Lock(address(script), bytes32(i), 10, 0, START);
        }
        script.set(bytes32(uint256(1)), 10);
        dispute(5, opening);
        settle(opening);
        script.set(bytes32(uint256(0)), 10);
        vm.expectCall(address(script), asked(0), 1);
        vm.expectCall(address(script), asked(1), 0);
        vm.expectCall(address(script), asked(2), 1);
        settle(opening);
        assertPaid(70, 70);
    }

    function asked(uint256 key) internal pure returns (bytes memory) {
        return abi.encodeCall(ScriptedCondition.payout, (bytes32(key), 10, START));
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {ChannelView, Opening, Status, Terms} from "contracts/types/Channel.sol";

contract StatusesTest is ChannelTest {
    function test_statuses_readsAnUnknownChannelAsOpen() public view {
        ChannelView memory unknown = viewOf(keccak256("unknown"));
        assertEq(keccak256(abi.encode(unknown)), keccak256(new bytes(7 * 32)));
    }

    function test_statuses_answersInOrder() public {
        bytes32[] memory ids = new bytes32[](5);
        for (uint256 i = 0; i < 5; ++i) {
            terms.salt = bytes32(i);
            id = ids[i] = adjudicator.channelId(terms);
            fund(10 + i, 20);
            Opening memory opening = locked(1, hashlock("p", 2, 0, START + 2 * PERIOD));
            if (i == 1 || i == 2) challengeAs(bob, 9, opening);
            if (i == 3) adjudicator.close(terms, 0, signClose(0));
            if (i != 2) continue;
            vm.warp(START + PERIOD);
            settle(opening);
        }
        ChannelView[] memory views = adjudicator.statuses(ids);
        Status[5] memory expected =
            [Status.Open, Status.Disputed, Status.Settling, Status.Closed, Status.Open];
        for (uint256 i = 0; i < 5; ++i) {
            assertEq(uint8(views[i].status), uint8(expected[i]));
            int256 deposit0 = i == 3 ? int256(0) : i == 2 ? int256(3) : int256(10 + i);
            assertEq(views[i].deposits[0], deposit0);
        }
        assertEq(views[1].nonce, 9);
        assertEq(views[1].finalizesAt, START + PERIOD);
        assertEq(views[2].resolvedLocks, 0);
        assertEq(views[2].deposits[1], -1);
        assertEq(views[3].deposits[1], 0);
    }

    // req: S2, GAP-S4, GAP-S6
    function test_channelId_dependsOnEveryField() public view {
        Terms memory original = terms;
        assertEq(adjudicator.channelId(original), keccak256(abi.encode(original)));
        bytes memory encoded = abi.encode(original);
        for (uint256 i = 0; i < 9; ++i) {
            bytes memory changed = bytes.concat(encoded);
            changed[i * 32 + 31] = bytes1(uint8(changed[i * 32 + 31]) ^ 1);
            bytes32 other = adjudicator.channelId(abi.decode(changed, (Terms)));
            assertEq(other, keccak256(changed));
            assertNotEq(other, id);
        }
    }

    function testFuzz_channelId_isTheHashOfTheTerms(Terms memory any) public view {
        assertEq(adjudicator.channelId(any), keccak256(abi.encode(any)));
    }
}

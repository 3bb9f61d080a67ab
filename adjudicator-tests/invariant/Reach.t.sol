// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Handler} from "./Handler.sol";
import {Test} from "forge-std/Test.sol";
import {console2} from "forge-std/console2.sol";

/// @title The campaigns reach what they are for, and are as large as is claimed
contract ReachTest is Test {
    uint256 private constant LIVES = 12;
    uint256 private constant STEPS = 550;
    uint256 private constant WORLDS = 2;

    mapping(bytes32 label => uint256) private reached;

    // Every call and every branch of interest, so that the rules say something. `-vv` prints the table.
    function test_campaign_reachesEveryBranch() public {
        uint256 random = 7;
        bytes32[67] memory names = labels();
        for (uint256 life = 0; life < LIVES; ++life) {
            // One test makes more calls than the gas of a test pays for.
            vm.resetGasMetering();
            Handler handler = new Handler(life % WORLDS);
            for (uint256 i = 0; i < STEPS; ++i) {
                random = uint256(keccak256(abi.encode(random)));
                call(handler, random);
            }
            handler.windUp();
            for (uint256 i = 0; i < names.length; ++i) {
                reached[names[i]] += handler.counted(names[i]);
            }
        }
        for (uint256 i = 0; i < names.length; ++i) {
            console2.log(reached[names[i]], text(names[i]));
        }
        for (uint256 i = 0; i < names.length; ++i) {
            assertGt(reached[names[i]], 0, text(names[i]));
        }
    }

    function call(Handler handler, uint256 random) internal {
        bytes4[12] memory all = [
            Handler.deposit.selector,
            Handler.agree.selector,
            Handler.withdraw.selector,
            Handler.close.selector,
            Handler.challenge.selector,
            Handler.respond.selector,
            Handler.settle.selector,
            Handler.claim.selector,
            Handler.reveal.selector,
            Handler.wait.selector,
            Handler.turn.selector,
            Handler.attack.selector
        ];
        bytes memory data = abi.encodeWithSelector(all[random % all.length], random >> 8);
        (bool success,) = address(handler).call(data);
        assertTrue(success);
    }

    function text(bytes32 label) internal pure returns (string memory) {
        uint256 length;
        while (length < 32 && label[length] != 0) ++length;
        bytes memory letters = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            letters[i] = label[i];
        }
        return string(letters);
    }

    function labels() internal pure returns (bytes32[67] memory) {
        return [
            bytes32("a deposit becomes negative"),
            "a payee turns",
            "a payout becomes a credit",
            "a pending state appears",
            "a token blocks a payee",
            "a token is armed",
            "a token turns",
            "agree on a pending state",
            "agree",
            "an honest answer",
            "another channel",
            "challenge below a withdrawal",
            "challenge by a stranger",
            "challenge by will",
            "challenge twice",
            "challenge with an old state",
            "challenge",
            "claim another token",
            "claim nothing",
            "claim that fails",
            "claim to a closed door",
            "claim what another has",
            "claim",
            "close for more than there is",
            "close in a dispute",
            "close what is paid out",
            "close",
            "decide",
            "deposit as much as fits",
            "deposit in a dispute",
            "deposit twice",
            "deposit with a failing permit",
            "deposit",
            "dust before a deposit",
            "forge a close",
            "forge a state",
            "forge a withdrawal",
            "money is forced in",
            "propose",
            "respond in the last second",
            "respond too late",
            "respond with an old state",
            "respond",
            "reveal a scalar",
            "a credit is sent on",
            "reveal again",
            "reveal",
            "rob a grave",
            "settle again what is closed",
            "settle again",
            "settle completely",
            "settle in the first second",
            "settle too early",
            "settle with another opening",
            "settle without news",
            "settle",
            "sign a close",
            "sign a withdrawal",
            "starve a payout",
            "time passes",
            "withdraw in a dispute",
            "withdraw in the last second",
            "withdraw more than there is",
            "withdraw too late",
            "withdraw twice",
            "withdraw",
            "wrong terms"
        ];
    }
}

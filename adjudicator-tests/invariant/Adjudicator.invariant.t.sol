// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Handler} from "./Handler.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {ChannelView, Status, Terms} from "contracts/types/Channel.sol";
import {Test} from "forge-std/Test.sol";

contract AdjudicatorInvariants is Test {
    Handler private handler;
    IAdjudicator private adjudicator;
    uint256 private channels;
    mapping(string call => uint256) private reached;

    function setUp() public {
        handler = new Handler();
        handler.setUp();
        adjudicator = handler.adjudicator_();
        channels = handler.CHANNELS();
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), selectors()));
    }

    // For every token: what the contract has is what its channels and credits add up to. req: S4
    function invariant_01_custodyCoversBalances() public view {
        address[3] memory tokens =
            [address(0), address(handler.firstToken()), address(handler.secondToken())];
        for (uint256 t = 0; t < tokens.length; ++t) {
            uint256 owed;
            for (uint256 i = 0; i < channels; ++i) {
                if (handler.termsOf(i).token == tokens[t]) owed += held(i) + credited(i);
            }
            assertEq(balanceOf(tokens[t], address(adjudicator)), owed);
        }
    }

    // req: GAP-S1
    function invariant_02_deadlineIsSetOnce() public view {
        for (uint256 i = 0; i < channels; ++i) {
            assertEq(viewOf(i).finalizesAt, handler.ghostOf(i).finalizesAt);
        }
    }

    // req: S32
    function invariant_03_nonceNeverFalls() public view {
        for (uint256 i = 0; i < channels; ++i) {
            assertEq(viewOf(i).nonce, handler.ghostOf(i).nonce);
        }
    }

    function invariant_04_channelsCloseOnce() public view {
        for (uint256 i = 0; i < channels; ++i) {
            bool closed = viewOf(i).status == Status.Closed;
            assertEq(handler.ghostOf(i).timesClosed, closed ? 1 : 0);
            if (closed) assertEq(held(i), 0);
        }
    }

    // What was put into a channel is in it, or with its own payees.
    function invariant_05_channelsAreIsolated() public view {
        for (uint256 i = 0; i < channels; ++i) {
            Terms memory terms = handler.termsOf(i);
            uint256 left = balanceOf(terms.token, terms.payouts[0])
                + balanceOf(terms.token, terms.payouts[1]) + handler.ghostOf(i).taken;
            assertEq(handler.ghostOf(i).put, held(i) + credited(i) + left);
        }
    }

    function invariant_06_holdingsAreNeverNegative() public view {
        for (uint256 i = 0; i < channels; ++i) {
            ChannelView memory channel = viewOf(i);
            assertGe(channel.deposits[0] + channel.deposits[1], 0);
            bool disputed = channel.status == Status.Disputed || channel.status == Status.Settling;
            if (!disputed) assertEq(channel.commitment, 0);
            if (channel.status != Status.Settling) assertEq(channel.resolvedLocks, 0);
        }
    }

    // The handler reaches every call, so that the invariants above say something.
    function test_handler_reachesEveryCall() public {
        uint256 random = 7;
        for (uint256 lives = 0; lives < 8; ++lives) {
            handler = new Handler();
            handler.setUp();
            for (uint256 i = 0; i < 250; ++i) {
                random = uint256(keccak256(abi.encode(random)));
                callHandler(random);
            }
            for (uint256 i = 0; i < names().length; ++i) {
                reached[names()[i]] += handler.calls(names()[i]);
            }
        }
        for (uint256 i = 0; i < names().length; ++i) {
            assertGt(reached[names()[i]], 0, names()[i]);
        }
    }

    function callHandler(uint256 random) internal {
        uint256 which = random % 12;
        uint256 channel = random >> 8;
        uint8 small = uint8(random >> 16);
        uint256 amount = random >> 32;
        if (which == 0) handler.withdraw(channel, amount, amount >> 64, small);
        else if (which == 1) handler.challenge(channel, small, small >> 4);
        else if (which == 2) handler.respond(channel, small);
        else if (which == 3) handler.settle(channel);
        else if (which == 4) handler.close(channel, int256(amount));
        else if (which == 5) handler.claim(channel, small);
        else if (which == 6) handler.reveal(amount);
        else if (which == 7) handler.wait(uint32(amount));
        else if (which == 8) handler.turn(channel, small, amount % 3 != 0);
        else if (which == 9) handler.attack(channel, small);
        else handler.deposit(channel, small, amount);
    }

    function names() internal pure returns (string[14] memory) {
        return [
            "deposit",
            "withdraw",
            "challenge",
            "respond",
            "settle",
            "settle partly",
            "settle again",
            "close",
            "claim",
            "reveal",
            "wait",
            "turn",
            "attack",
            "attack on a closed channel"
        ];
    }

    function selectors() internal pure returns (bytes4[] memory all) {
        all = new bytes4[](12);
        all[0] = Handler.deposit.selector;
        all[1] = Handler.withdraw.selector;
        all[2] = Handler.challenge.selector;
        all[3] = Handler.respond.selector;
        all[4] = bytes4(keccak256("settle(uint256)"));
        all[5] = Handler.close.selector;
        all[6] = Handler.claim.selector;
        all[7] = Handler.reveal.selector;
        all[8] = Handler.wait.selector;
        all[9] = Handler.turn.selector;
        all[10] = Handler.attack.selector;
        all[11] = all[0];
    }

    function viewOf(uint256 channel) internal view returns (ChannelView memory) {
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = adjudicator.channelId(handler.termsOf(channel));
        return adjudicator.statuses(ids)[0];
    }

    function held(uint256 channel) internal view returns (uint256) {
        ChannelView memory viewed = viewOf(channel);
        return uint256(viewed.deposits[0] + viewed.deposits[1]);
    }

    function credited(uint256 channel) internal view returns (uint256) {
        Terms memory terms = handler.termsOf(channel);
        return adjudicator.credits(terms.token, terms.payouts[0])
            + adjudicator.credits(terms.token, terms.payouts[1]);
    }

    function balanceOf(address token, address account) internal view returns (uint256) {
        return token == address(0) ? account.balance : IERC20(token).balanceOf(account);
    }
}

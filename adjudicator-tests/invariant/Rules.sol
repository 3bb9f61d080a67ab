// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Frauds} from "./Frauds.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ChannelView, Status} from "contracts/types/Channel.sol";

/// @title What holds after every call; looked at after every eighth
/// @dev Each rule names itself in its messages, as one campaign checks all of them.
abstract contract Rules is Frauds {
    function checkRules() public view {
        ChannelView[] memory seen = adjudicator.statuses(ids());
        rule_01_custodyEqualsHoldingsAndCredits(seen);
        for (uint256 i = 0; i < SLOTS; ++i) {
            rule_02_deadlineIsSetOnce(slots[i], seen[i]);
            rule_03_nonceNeverFalls(slots[i], seen[i]);
            rule_04_channelsCloseOnce(slots[i], seen[i]);
            rule_05_channelsAreIsolated(slots[i], seen[i]);
            rule_06_holdingsAreNeverNegative(slots[i], seen[i]);
            rule_07_payoutsAreThoseOfTheNewestState(i);
            rule_08_creditsAreWhatFailedToBePaid(i);
            rule_09_resolvedLocksStayResolved(slots[i], seen[i]);
        }
        rule_10_tokensAreIsolated();
        rule_11_theDeadStayDead();
    }

    function ids() internal view returns (bytes32[] memory all) {
        all = new bytes32[](SLOTS);
        for (uint256 i = 0; i < SLOTS; ++i) {
            all[i] = slots[i].id;
        }
    }

    // For every token: what the contract has is what its channels and credits add up to, and what was forced in.
    function rule_01_custodyEqualsHoldingsAndCredits(ChannelView[] memory seen) internal view {
        for (uint256 a = 0; a < ASSETS; ++a) {
            uint256 owed = forced[a];
            for (uint256 i = a; i < SLOTS; i += ASSETS) {
                owed += uint256(seen[i].deposits[0] + seen[i].deposits[1]);
                owed += creditOf(i, 0) + creditOf(i, 1);
            }
            same(balanceOf(a, address(adjudicator)), owed, "01 custody");
        }
    }

    function rule_02_deadlineIsSetOnce(Slot storage s, ChannelView memory seen) internal view {
        same(seen.finalizesAt, s.finalizesAt, "02 deadline");
    }

    function rule_03_nonceNeverFalls(Slot storage s, ChannelView memory seen) internal view {
        same(seen.nonce, s.nonce, "03 nonce");
        same(uint256(seen.commitment), uint256(s.commitment), "03 commitment");
    }

    function rule_04_channelsCloseOnce(Slot storage s, ChannelView memory seen) internal view {
        same(uint8(seen.status), uint8(s.phase), "04 status");
    }

    function rule_05_channelsAreIsolated(Slot storage s, ChannelView memory seen) internal view {
        same(uint256(seen.deposits[0]), uint256(s.deposits[0]), "05 deposit 0");
        same(uint256(seen.deposits[1]), uint256(s.deposits[1]), "05 deposit 1");
        int256 holds = seen.deposits[0] + seen.deposits[1];
        same(s.put, uint256(holds) + s.left, "05 what was put in is there or was paid");
    }

    function rule_06_holdingsAreNeverNegative(Slot storage s, ChannelView memory seen)
        internal
        view
    {
        if (seen.deposits[0] + seen.deposits[1] < 0) broken("06 holdings");
        bool atRest = s.phase == Status.Open || s.phase == Status.Closed;
        if (atRest) same(uint256(seen.commitment), 0, "06 commitment at rest");
    }

    // What a payee got, to the last unit, is what the reference gives: its newest state, where the participant is honest.
    function rule_07_payoutsAreThoseOfTheNewestState(uint256 i) internal view {
        Purse storage purse = purses[i];
        for (uint256 p = 0; p < 2; ++p) {
            address payee = slots[i].terms.payouts[p];
            same(balanceOf(i % ASSETS, payee), purse.received[p], "07 payout");
            uint256 claimed = balanceOf(i % ASSETS, refuge(slots[i], p));
            same(claimed, purse.claimed[p], "07 claimed");
        }
    }

    function rule_08_creditsAreWhatFailedToBePaid(uint256 i) internal view {
        same(creditOf(i, 0), purses[i].credit[0], "08 credit 0");
        same(creditOf(i, 1), purses[i].credit[1], "08 credit 1");
    }

    // A lock that was paid is never paid again; that each is paid to one side, and wholly, is in rules 05 and 07.
    function rule_09_resolvedLocksStayResolved(Slot storage s, ChannelView memory seen)
        internal
        view
    {
        same(seen.resolvedLocks, s.resolved, "09 resolved locks");
    }

    // Nobody was ever paid in a token of another channel. One slot at a time.
    function rule_10_tokensAreIsolated() internal view {
        uint256 i = block.timestamp % SLOTS;
        for (uint256 a = 0; a < ASSETS; ++a) {
            if (a == i % ASSETS) continue;
            for (uint256 p = 0; p < 2; ++p) {
                same(balanceOf(a, slots[i].terms.payouts[p]), 0, "10 another token");
            }
        }
    }

    function rule_11_theDeadStayDead() internal view {
        if (graves.length == 0) return;
        Grave storage grave = graves[block.timestamp % graves.length];
        bytes32[] memory one = new bytes32[](1);
        one[0] = adjudicator.channelId(grave.terms);
        ChannelView memory seen = adjudicator.statuses(one)[0];
        same(uint8(seen.status), uint8(Status.Closed), "11 status");
        same(seen.nonce, grave.nonce, "11 nonce");
        same(seen.finalizesAt, grave.finalizesAt, "11 time of the end");
    }

    /// @dev A cheatcode for each of these would take most of the time.
    function same(uint256 seen, uint256 expected, string memory rule) private pure {
        if (seen != expected) assertEq(seen, expected, rule);
    }

    function creditOf(uint256 i, uint256 p) internal view returns (uint256) {
        return adjudicator.credits(assets[i % ASSETS], slots[i].terms.payouts[p]);
    }

    function balanceOf(uint256 asset, address account) internal view returns (uint256) {
        return asset == 0 ? account.balance : IERC20(assets[asset]).balanceOf(account);
    }
}

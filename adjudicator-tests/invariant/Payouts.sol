// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {BlacklistToken, OddToken} from "../kit/HostileTokens.sol";
import {FicklePayee} from "./Adversaries.sol";
import {Reference} from "./Reference.sol";
import {World} from "./World.sol";
import {Lock, Opening, Status} from "contracts/types/Channel.sol";

/// @title What each call has to pay, and to whom, by the reference
abstract contract Payouts is World {
    uint256 internal constant UNDECIDED = type(uint256).max;

    /// @dev What the payee of `lock` gets of `kept`, or `UNDECIDED`; from what was revealed and decided, not by asking.
    function outcome(Lock memory lock, uint256 kept) internal view returns (uint256 toPayee) {
        if (lock.condition == address(registry) || lock.condition == address(points)) {
            uint256 at = revealedAt[lock.key];
            if (at != 0 && at <= lock.expiry) toPayee = lock.amount;
            else if (block.timestamp <= lock.expiry) return UNDECIDED;
        } else if (lock.condition == address(share)) {
            uint256 part = share.decided(lock.key);
            if (part == 0) return UNDECIDED;
            toPayee = uint256(lock.amount) * (part - 1) / 255;
        } else {
            if (lock.key != 0) return UNDECIDED;
            toPayee = lock.amount / 2;
        }
        if (toPayee > kept) toPayee = kept;
    }

    function hasNews(Slot storage s) internal view returns (bool) {
        if (s.phase != Status.Settling) return false;
        Lock[] memory locks = openingAt(s, s.nonce).locks;
        for (uint256 i = 0; i < locks.length; ++i) {
            if (s.resolved >> i & 1 == 0 && outcome(locks[i], 0) != UNDECIDED) return true;
        }
        return false;
    }

    function canSettle(Slot storage s) internal view returns (bool) {
        return isDue(s) || hasNews(s);
    }

    /// @dev What a settlement pays now. An honest participant is owed exactly its newest state, without any clamp.
    function settlement(Slot storage s)
        internal
        view
        returns (uint256[2] memory paid, uint256 resolved, uint256[] memory kept)
    {
        Opening memory opening = openingAt(s, s.nonce);
        (resolved, kept) = (s.resolved, s.shares);
        if (!s.begun) {
            uint256 holds = uint256(s.deposits[0] + s.deposits[1]);
            kept = Reference.shares(holds, opening.locks);
            paid = s.honest ? owned(s, opening) : Reference.certainOf(holds, s.deposits, opening);
        }
        for (uint256 i = 0; i < opening.locks.length; ++i) {
            if (resolved >> i & 1 == 1) continue;
            uint256 toPayee = outcome(opening.locks[i], kept[i]);
            if (toPayee == UNDECIDED) continue;
            resolved |= 1 << i;
            uint256 payer = Reference.payer(opening.locks[i]);
            paid[payer] += kept[i] - toPayee;
            paid[1 - payer] += toPayee;
        }
    }

    function owned(Slot storage s, Opening memory opening)
        internal
        view
        returns (uint256[2] memory)
    {
        assertEq(s.nonce, s.newest, "an honest participant settles by its newest state");
        int256[2] memory owns = Reference.certain(s.deposits, opening);
        assertGe(owns[0], 0, "an honest state is covered");
        assertGe(owns[1], 0, "an honest state is covered");
        return [uint256(owns[0]), uint256(owns[1])];
    }

    /// @dev Writes down that both are paid, by what their payees and the token are like at this moment.
    function pay(Slot storage s, uint256[2] memory amounts) internal {
        Purse storage purse = purses[slotOf(s)];
        s.left += amounts[0] + amounts[1];
        for (uint256 i = 0; i < 2; ++i) {
            if (amounts[i] == 0) continue;
            uint256 sent = delivered(s, i, amounts[i]);
            purse.received[i] += afterFee(s.asset, sent);
            purse.credit[i] += amounts[i] - sent;
            if (sent != amounts[i]) hit("a payout becomes a credit");
        }
    }

    /// @dev What of a payout leaves the contract.
    function delivered(Slot storage s, uint256 i, uint256 amount) internal view returns (uint256) {
        if (s.asset == 0) {
            FicklePayee.Mode mode = FicklePayee(payable(s.terms.payouts[i])).mode();
            bool takes = mode == FicklePayee.Mode.Takes || mode == FicklePayee.Mode.Reenters;
            return takes ? amount : 0;
        }
        if (s.asset == 3) {
            return BlacklistToken(assets[3]).blocked(s.terms.payouts[i]) ? 0 : amount;
        }
        return s.asset == 5 ? oddlySent(amount) : amount;
    }

    function oddlySent(uint256 amount) internal view returns (uint256) {
        OddToken.Mode mode = OddToken(assets[5]).mode();
        if (mode == OddToken.Mode.FalseAndStays || mode == OddToken.Mode.Bomb) return 0;
        return mode == OddToken.Mode.HalfAndFalse ? amount / 2 : amount;
    }

    /// @dev What of `sent` arrives.
    function afterFee(uint256 asset, uint256 sent) internal pure returns (uint256) {
        return asset == 4 ? sent - sent / 100 : sent;
    }
}

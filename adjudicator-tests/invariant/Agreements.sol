// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Payouts} from "./Payouts.sol";
import {Reference} from "./Reference.sol";
import {Lock, Opening, Status} from "contracts/types/Channel.sol";

/// @title What participants sign for each other, without any transaction
/// @dev An honest participant signs only what deposits cover, one state at a time, and nothing after a close. Two
/// dishonest ones sign anything.
abstract contract Agreements is Payouts {
    function canAgree(Slot storage s) internal view returns (bool) {
        if (s.closing) return false;
        // An update may cross with a challenge; the honest one then answers with it, so there has to be time for that.
        return s.phase == Status.Open || (inTime(s) && block.timestamp + 1 < s.finalizesAt);
    }

    /// @dev Both sign a state: the pending one, if the honest participant waits for an answer. Every third new one is
    /// answered late or never, so that only the dishonest participant holds both signatures.
    function signState(uint256 seed) internal {
        (bool found, Slot storage s) = pick(seed, canAgree);
        if (!found) return;
        if (s.pending != 0) {
            (s.newest, s.pending) = (s.pending, 0);
            hit("agree on a pending state");
            return;
        }
        uint40 nonce = s.newest + 1 + uint40(draw(seed) % 3);
        openings[s.id][nonce] = abi.encode(s.honest ? fair(s, seed) : unfair(s, seed));
        s.nonces.push(nonce);
        bool withhold = s.honest && (s.who[0] > 1 || s.who[1] > 1) && chance(seed + 1, 3);
        if (withhold) s.pending = nonce;
        else s.newest = nonce;
        hit(withhold ? bytes32("propose") : bytes32("agree"));
    }

    /// @dev What a withdrawal that is signed may still take.
    function reserved(Slot storage s) internal view returns (int256[2] memory) {
        if (!canWithdraw(s)) return [int256(0), 0];
        uint128[2] memory amounts = s.withdrawal.amounts;
        return [int256(uint256(amounts[0])), int256(uint256(amounts[1]))];
    }

    function canWithdraw(Slot storage s) internal view returns (bool) {
        return s.phase == Status.Open && s.withdrawal.nonce > s.nonce
            && block.timestamp <= s.withdrawal.deadline;
    }

    function free(Slot storage s) internal view returns (int256[2] memory) {
        int256[2] memory kept = reserved(s);
        return [s.deposits[0] - kept[0], s.deposits[1] - kept[1]];
    }

    function fair(Slot storage s, uint256 seed) internal view returns (Opening memory opening) {
        int256[2] memory room = free(s);
        opening.blinding = bytes32(seed = draw(seed));
        opening.net = int128(within(int256(seed >> 16), -room[1], room[0]));
        (room[0], room[1]) = (room[0] - opening.net, room[1] + opening.net);
        opening.locks = new Lock[](seed % 5);
        for (uint256 i = 0; i < opening.locks.length; ++i) {
            uint8 payer = uint8((seed = draw(seed)) % 2);
            uint256 amount = within(seed >> 8, 0, uint256(room[payer]));
            room[payer] -= int256(amount);
            opening.locks[i] = lockOf(seed, uint128(amount), payer);
        }
    }

    function unfair(Slot storage s, uint256 seed) internal view returns (Opening memory opening) {
        int256 total = s.deposits[0] + s.deposits[1] + 1;
        opening.blinding = bytes32(seed = draw(seed));
        opening.net = int128(within(int256(seed), -2 * total, 2 * total));
        if (seed % 32 == 0) opening.net = type(int128).min;
        if (seed % 32 == 1) opening.net = type(int128).max;
        opening.locks = new Lock[](seed >> 8 & 3);
        for (uint256 i = 0; i < opening.locks.length; ++i) {
            seed = draw(seed);
            uint256 most = seed % 8 == 0 ? type(uint128).max : uint256(total);
            uint128 amount = uint128(within(seed >> 8, 0, most));
            opening.locks[i] = lockOf(seed, amount, uint8(seed >> 4) % 3);
            if (seed % 16 == 1) {
                opening.locks[i].condition = address(absurd);
                opening.locks[i].key = seed & 32 == 0 ? bytes32(0) : bytes32("word 2");
            }
        }
    }

    function lockOf(uint256 seed, uint128 amount, uint8 payer) internal view returns (Lock memory) {
        uint256 index = keyIndex() + (seed >> 136) % 3;
        uint256 kind = seed >> 128 & 3;
        bytes32 key = bytes32(index);
        if (kind == 0) key = bytes32(uint256(uint160(vm.addr(index))));
        else if (kind != 1) key = sha256(abi.encode(index));
        return Lock({
            condition: kind == 0 ? address(points) : kind == 1 ? address(share) : address(registry),
            key: key,
            amount: amount,
            payer: payer,
            expiry: uint40(block.timestamp + (seed >> 144) % 1 days)
        });
    }

    /// @dev Keys are shared by the channels of the same hours, as by the hops of a route.
    function keyIndex() internal view returns (uint256) {
        return 3 * (block.timestamp / 4 hours);
    }

    function canSignWithdrawal(Slot storage s) internal view returns (bool) {
        return s.phase == Status.Open && s.newest > s.nonce && s.pending == 0 && !s.closing
            && !canWithdraw(s);
    }

    function signWithdrawal(uint256 seed) internal returns (bool) {
        (bool found, Slot storage s) = pick(seed, canSignWithdrawal);
        if (!found) return false;
        uint256[2] memory most;
        if (s.honest) {
            int256[2] memory owns = Reference.certain(s.deposits, openingAt(s, s.newest));
            most = [uint256(owns[0]), uint256(owns[1])];
        } else {
            most[0] = within(draw(seed), 0, uint256(s.deposits[0] + s.deposits[1]));
            most[1] = uint256(s.deposits[0] + s.deposits[1]) - most[0];
        }
        seed = draw(seed + 2);
        s.withdrawal = Withdrawal({
            nonce: s.newest,
            amounts: [uint128(within(seed, 0, most[0])), uint128(within(seed >> 64, 0, most[1]))],
            deadline: uint40(block.timestamp + (seed >> 128) % 2 hours)
        });
        hit("sign a withdrawal");
        return true;
    }

    /// @dev Dishonest ones sign for all there is now, which a withdrawal might take first.
    function canSignClose(Slot storage s) internal view returns (bool) {
        bool unpaid = s.phase == Status.Open || s.phase == Status.Disputed;
        if (!unpaid || s.pending != 0 || s.closing || s.put == 0) return false;
        return s.honest ? openingAt(s, s.newest).locks.length == 0 : !canWithdraw(s);
    }

    function signClose(uint256 seed) internal returns (bool) {
        (bool found, Slot storage s) = pick(seed, canSignClose);
        if (!found) return false;
        s.closing = true;
        s.closeNet = openingAt(s, s.newest).net;
        if (!s.honest) s.closeNet = int128(within(int256(seed), -s.deposits[1], s.deposits[0]));
        hit("sign a close");
        return true;
    }
}

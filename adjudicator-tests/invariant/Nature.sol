// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Digests} from "../kit/Digests.sol";
import {BlacklistToken, OddToken, ReentrantToken, SilentToken} from "../kit/HostileTokens.sol";
import {FicklePayee} from "./Adversaries.sol";
import {Moves} from "./Moves.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Lock, Status} from "contracts/types/Channel.sol";

/// @title What happens around the channels: time, secrets, tokens and payees that turn
abstract contract Nature is Moves {
    // Time

    /// @dev Some seconds or days, or right to a boundary: the second before, itself, the one after.
    function passTime(uint256 seed) internal {
        uint256 until =
            block.timestamp + within(draw(seed), 1, seed & 1 == 0 ? 10 minutes : 6 hours);
        if (seed & 30 == 0) until += 2 days;
        if (seed & 6 == 2) {
            (bool found, Slot storage s) = pick(seed >> 8, inTime);
            if (found) until = s.finalizesAt - 1 + (seed >> 16) % 3;
        } else if (seed & 6 == 4) {
            (bool found, Slot storage s) = pick(seed >> 8, isSettling);
            Lock[] memory locks = openingAt(s, s.nonce).locks;
            if (found) until = locks[(seed >> 16) % locks.length].expiry + (seed >> 24) % 2;
        } else if (seed & 6 == 6) {
            (bool found, Slot storage s) = pick(seed >> 8, canWithdraw);
            if (found) until = s.withdrawal.deadline + (seed >> 16) % 2;
        }
        if (until > block.timestamp) goTo(until, seed);
        hit("time passes");
    }

    function isSettling(Slot storage s) internal view returns (bool) {
        return s.phase == Status.Settling;
    }

    /// @dev Before a period is over, each honest participant answers once with its newest state: at any moment, most often
    /// in the very last second.
    function goTo(uint256 until, uint256 seed) internal {
        while (true) {
            uint256 next = SLOTS;
            for (uint256 i = 0; i < SLOTS; ++i) {
                if (!hasToAnswer(slots[i]) || slots[i].finalizesAt > until) continue;
                if (next == SLOTS || slots[i].finalizesAt < slots[next].finalizesAt) next = i;
            }
            if (next == SLOTS) break;
            Slot storage s = slots[next];
            seed = draw(seed);
            uint256 latest = s.finalizesAt - 1;
            vm.warp(seed & 3 == 0 ? within(seed, block.timestamp, latest) : latest);
            respondWith(s, s.newest, seed & 4 == 0 ? CROWD : honestOf(s));
            hit("an honest answer");
        }
        vm.warp(until);
    }

    function hasToAnswer(Slot storage s) internal view returns (bool) {
        return s.honest && inTime(s) && s.nonce < s.newest;
    }

    function honestOf(Slot storage s) internal view returns (address) {
        return actors[s.who[0] < 2 ? s.who[0] : s.who[1]];
    }

    // Secrets

    /// @dev A key of a lock that is about to be settled, or one of these hours.
    function revealSome(uint256 seed) internal {
        uint256 index = keyIndex() + draw(seed) % 6;
        if (index >= 3 && seed & 1 == 0) index -= 3;
        if (seed & 2 == 0) {
            share.decide(bytes32(index), uint8(seed >> 8 & 1 == 0 ? 255 : seed >> 16));
            hit("decide");
            return;
        }
        if (seed & 8 == 0) {
            bytes32 point = points.reveal(bytes32(index));
            if (revealedAt[point] == 0) revealedAt[point] = block.timestamp;
            hit("reveal a scalar");
            return;
        }
        bytes32[] memory preimages = new bytes32[](1);
        preimages[0] = bytes32(index);
        if (seed & 4 == 0) registry.reveal(preimages[0]);
        else registry.revealMany(preimages);
        bytes32 key = sha256(abi.encode(index));
        if (revealedAt[key] == 0) revealedAt[key] = block.timestamp;
        else hit("reveal again");
        hit("reveal");
    }

    // Turning

    function turnSomebody(uint256 seed) internal {
        Slot storage s = slots[seed % 3 == 0 ? (seed >> 8) % 2 * ASSETS : (seed >> 8) % SLOTS];
        seed = draw(seed);
        uint256 i = seed & 1;
        if (s.asset == 0) {
            FicklePayee payee = FicklePayee(payable(s.terms.payouts[i]));
            bool honest = s.who[i] < 2;
            uint256 mode = (seed >> 8) % 8;
            // The wallet of an honest one may be shut for a while, and never does more.
            if (honest) mode %= 2;
            payee.turn(FicklePayee.Mode(mode > 4 ? 0 : mode));
            bytes memory claim =
                abi.encodeCall(IAdjudicator.claim, (s.terms.token, CROWD, type(uint256).max));
            if (!honest) payee.arm(address(adjudicator), claim);
            hit("a payee turns");
        } else if (s.asset == 3) {
            BlacklistToken(assets[3]).setBlocked(s.terms.payouts[i], seed & 6 == 0);
            hit("a token blocks a payee");
        } else if (s.asset == 5) {
            uint256 mode = (seed >> 8) % 10;
            if (mode == uint256(OddToken.Mode.BurnsGas) || mode > 5) mode = 0;
            OddToken(assets[5]).setMode(OddToken.Mode(mode));
            hit("a token turns");
        } else {
            armToken(seed);
        }
    }

    /// @dev The token will call what would succeed at any other time: a settlement that is due, a close that is signed.
    function armToken(uint256 seed) private {
        bytes memory data;
        (bool found, Slot storage s) = pick(seed, canSettle);
        if (found) {
            data = abi.encodeCall(IAdjudicator.settle, (s.terms, openingAt(s, s.nonce)));
        } else {
            (found, s) = pick(seed, canClose);
            if (!found) return;
            bytes32 digest = Digests.close(domain, s.id, s.closeNet);
            data = abi.encodeCall(
                IAdjudicator.close, (s.terms, s.closeNet, consent(s, CROWD, digest))
            );
        }
        ReentrantToken(assets[1]).arm(address(adjudicator), data);
        hit("a token is armed");
    }

    /// @dev Money that nobody deposited belongs to nobody and disturbs nothing.
    function force(uint256 seed) internal {
        uint256 asset = seed % ASSETS;
        uint256 amount = within(draw(seed), 1, 1e20);
        forced[asset] += amount;
        if (asset == 0) destroyInto(address(adjudicator), amount);
        if (asset == 1) ReentrantToken(assets[1]).arm(address(0), "");
        if (asset != 0) SilentToken(assets[asset]).mint(address(adjudicator), amount);
        hit("money is forced in");
    }

    /// @dev A contract that destroys itself while it is made: its coins cannot be refused. In bytes, as solc warns of it.
    function destroyInto(address to, uint256 amount) private {
        bytes memory code = abi.encodePacked(hex"73", to, hex"ff");
        assembly ("memory-safe") {
            pop(create(amount, add(code, 32), mload(code)))
        }
    }

    function lifeGoesOn(uint256 seed) internal returns (bool) {
        (bool found, Slot storage s) = pick(seed, isClosed);
        if (found) begin(s);
        return found;
    }

    function isClosed(Slot storage s) internal view returns (bool) {
        return s.phase == Status.Closed;
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Digests} from "../kit/Digests.sol";
import {OddToken, ReentrantToken} from "../kit/HostileTokens.sol";
import {Token} from "../kit/Token.sol";
import {FicklePayee} from "./Adversaries.sol";
import {Agreements} from "./Agreements.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Signature, Status} from "contracts/types/Channel.sol";

/// @title Calls that have to succeed, whoever makes them
abstract contract Moves is Agreements {
    int256 private constant MAX_DEPOSIT = 2 ** 91 - 1;

    // Deposits

    function canDeposit(Slot storage s) internal view returns (bool) {
        return s.phase == Status.Open && s.deposits[0] + s.deposits[1] < 2 ** 90;
    }

    /// @dev Before some of them Mal puts dust in, which must not block them.
    function makeDeposit(uint256 seed) internal returns (bool) {
        (bool found, Slot storage s) = pick(seed, canDeposit);
        if (!found) return false;
        seed = draw(seed);
        uint256 participant = seed & 1;
        int256 expected = s.deposits[participant];
        uint256 amount = within(seed >> 8, 2, 1e24);
        if (!s.honest && seed & 14 == 0) {
            amount = uint256(MAX_DEPOSIT - s.deposits[0] - s.deposits[1]);
            if (int256(amount) + expected > MAX_DEPOSIT) return false;
            hit("deposit as much as fits");
        } else if (int256(amount) + expected >= MAX_DEPOSIT) {
            // One side may hold nearly all that fits while the other is negative.
            return false;
        }
        address payer = actors[seed & 64 == 0 ? s.who[participant] : seed >> 2 & 3];
        if (s.honest && seed & 12 == 0) {
            put(s, actors[2], participant, 1, expected);
            hit("dust before a deposit");
        }
        put(s, payer, participant, amount, expected);
        hit("deposit");
        return true;
    }

    function put(Slot storage s, address payer, uint256 to, uint256 amount, int256 expected)
        internal
    {
        vm.prank(payer);
        if (s.asset == 1 && amount & 3 == 0) {
            // Somebody has spent the permit before, or it never was one.
            adjudicator.depositWithPermit(s.terms, uint8(to), amount, expected, 0, 0, 0, 0);
            hit("deposit with a failing permit");
        } else {
            uint256 value = s.asset == 0 ? amount : 0;
            adjudicator.deposit{value: value}(s.terms, uint8(to), amount, expected);
        }
        uint256 arrived = afterFee(s.asset, amount);
        s.deposits[to] += int256(arrived);
        s.put += arrived;
        checkReentry(s);
    }

    // Disputes

    /// @dev Mal and Mel publish any state they know, however old; honest ones their newest.
    function makeChallenge(uint256 seed) internal returns (bool) {
        (bool found, Slot storage s) = pick(seed, isOpen);
        if (!found) return false;
        uint256 by = (seed = draw(seed)) & 1;
        uint40 nonce = s.newest;
        if (s.who[by] > 1) {
            nonce = knows(s, seed >> 8);
            if (nonce < s.nonce) nonce = s.newest;
        }
        // As a participant, by a participant's will, or by that of either through the other.
        address caller = seed & 6 == 0 ? CROWD : actors[s.who[by]];
        bytes32 commitment = commitmentAt(s, nonce);
        Signature memory will;
        if (caller == CROWD) {
            will = sign(s.who[by], Digests.challenge(domain, s.id, nonce, commitment));
            hit("challenge by will");
        }
        Signature[2] memory signatures = stateSignatures(s, caller, nonce);
        vm.prank(caller);
        adjudicator.challenge(s.terms, nonce, commitment, signatures, will);
        s.phase = Status.Disputed;
        s.finalizesAt = uint32(block.timestamp + s.terms.finalizationPeriod);
        publish(s, nonce, commitment);
        if (nonce < s.newest) hit("challenge with an old state");
        hit("challenge");
        return true;
    }

    function publish(Slot storage s, uint40 nonce, bytes32 commitment) private {
        if (nonce < s.nonce) broken("nonces never fall");
        (s.nonce, s.commitment) = (nonce, commitment);
        // An own proposal that the other has signed after all is accepted: its content was proposed.
        if (nonce == s.pending && nonce != 0) {
            (s.newest, s.pending) = (nonce, 0);
            hit("a pending state appears");
        }
    }

    /// @dev Any state between the published and the newest known, by anyone.
    function makeResponse(uint256 seed) internal returns (bool) {
        (bool found, Slot storage s) = pick(seed, inTime);
        if (!found) return false;
        seed = draw(seed);
        uint40 nonce = knows(s, seed);
        if (nonce <= s.nonce) nonce = s.nonces.length == 0 ? 0 : s.nonces[s.nonces.length - 1];
        if (nonce <= s.nonce) return false;
        respondWith(s, nonce, someone(s, seed >> 64));
        return true;
    }

    function respondWith(Slot storage s, uint40 nonce, address caller) internal {
        Signature[2] memory signatures = stateSignatures(s, caller, nonce);
        bytes32 commitment = commitmentAt(s, nonce);
        vm.prank(caller);
        adjudicator.respond(s.terms, nonce, commitment, signatures);
        publish(s, nonce, commitment);
        if (block.timestamp + 1 == s.finalizesAt) hit("respond in the last second");
        hit("respond");
    }

    function makeSettlement(uint256 seed) internal returns (bool) {
        (bool found, Slot storage s) = pick(seed, canSettle);
        if (found) settleNow(s);
        return found;
    }

    function settleNow(Slot storage s) internal {
        (uint256[2] memory paid, uint256 resolved, uint256[] memory kept) = settlement(s);
        uint256 expected = 2 ** kept.length - 1;
        bool again = s.begun;
        if (block.timestamp == s.finalizesAt) hit("settle in the first second");
        vm.prank(CROWD);
        adjudicator.settle(s.terms, openingAt(s, s.nonce));
        (s.begun, s.resolved, s.shares) = (true, resolved, kept);
        pay(s, paid);
        hit(again ? bytes32("settle again") : bytes32("settle"));
        if (resolved == expected) {
            bury(s, s.finalizesAt);
            hit("settle completely");
        } else {
            s.phase = Status.Settling;
            s.deposits[0] -= int256(paid[0]);
            s.deposits[1] -= int256(paid[1]);
        }
        checkReentry(s);
    }

    function bury(Slot storage s, uint32 finalizesAt) private {
        (s.phase, s.finalizesAt, s.commitment, s.resolved) = (Status.Closed, finalizesAt, 0, 0);
        s.deposits = [int256(0), 0];
        assertEq(s.put, s.left, "a closed channel has paid all it held");
        graves.push(Grave(s.terms, s.nonce, finalizesAt));
    }

    // Consent

    function makeWithdrawal(uint256 seed) internal returns (bool) {
        (bool found, Slot storage s) = pick(seed, canWithdraw);
        if (!found) return signWithdrawal(seed);
        Withdrawal memory w = s.withdrawal;
        address caller = someone(s, draw(seed));
        bytes32 digest = Digests.withdraw(domain, s.id, w.nonce, w.amounts, w.deadline);
        Signature[2] memory signatures = consent(s, caller, digest);
        vm.prank(caller);
        adjudicator.withdraw(s.terms, w.nonce, w.amounts, w.deadline, signatures);
        s.nonce = w.nonce;
        s.deposits[0] -= int256(uint256(w.amounts[0]));
        s.deposits[1] -= int256(uint256(w.amounts[1]));
        pay(s, [uint256(w.amounts[0]), w.amounts[1]]);
        checkReentry(s);
        if (s.deposits[0] < 0 || s.deposits[1] < 0) hit("a deposit becomes negative");
        if (w.deadline == block.timestamp) hit("withdraw in the last second");
        hit("withdraw");
        return true;
    }

    function canClose(Slot storage s) internal view returns (bool) {
        return s.closing && (s.phase == Status.Open || s.phase == Status.Disputed);
    }

    function makeClose(uint256 seed) internal returns (bool) {
        (bool found, Slot storage s) = pick(seed, canClose);
        if (!found) return signClose(seed);
        uint256[2] memory paid =
            [uint256(s.deposits[0] - s.closeNet), uint256(s.deposits[1] + s.closeNet)];
        address caller = someone(s, draw(seed));
        Signature[2] memory signatures = consent(s, caller, Digests.close(domain, s.id, s.closeNet));
        vm.prank(caller);
        adjudicator.close(s.terms, s.closeNet, signatures);
        if (s.phase == Status.Disputed) hit("close in a dispute");
        pay(s, paid);
        bury(s, uint32(block.timestamp));
        checkReentry(s);
        hit("close");
        return true;
    }

    // Credits

    function hasCredit(Slot storage s) internal view returns (bool) {
        Purse storage purse = purses[slotOf(s)];
        return purse.credit[0] + purse.credit[1] != 0;
    }

    function makeClaim(uint256 seed) internal returns (bool) {
        (bool found, Slot storage s) = pick(seed, hasCredit);
        if (!found) return false;
        for (uint256 i = 0; i < 2; ++i) {
            if (draw(seed) & 1 == 0 && sendOn(s, i)) continue;
            fetch(s, i);
        }
        return true;
    }

    /// @dev Fetched to another place, or back to a payee that takes it by now; refused as a whole while the token refuses.
    function fetch(Slot storage s, uint256 i) internal {
        Purse storage purse = purses[slotOf(s)];
        uint256 amount = purse.credit[i];
        if (amount == 0) return;
        uint256 sent = s.asset == 5 ? oddlySent(amount) : amount;
        address to = refuge(s, i);
        if (sent != amount) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAdjudicator.PayoutFailed.selector, s.terms.token, to, amount - sent
                )
            );
        }
        vm.prank(s.terms.payouts[i]);
        adjudicator.claim(s.terms.token, to, type(uint256).max);
        if (sent != amount) {
            hit("claim that fails");
            return;
        }
        purse.credit[i] = 0;
        purse.claimed[i] += afterFee(s.asset, amount);
        hit("claim");
    }

    /// @dev Anyone sends a credit on to its payee, if that takes it by now.
    function sendOn(Slot storage s, uint256 i) internal returns (bool) {
        Purse storage purse = purses[slotOf(s)];
        uint256 amount = purse.credit[i];
        if (amount == 0 || delivered(s, i, amount) != amount) return false;
        vm.prank(CROWD);
        adjudicator.claimFor(s.terms.token, s.terms.payouts[i], type(uint256).max);
        purse.credit[i] = 0;
        purse.received[i] += afterFee(s.asset, amount);
        hit("a credit is sent on");
        return true;
    }

    function refuge(Slot storage s, uint256 i) internal view returns (address) {
        return address(uint160(s.terms.payouts[i]) ^ 1);
    }

    // Reentry

    /// @dev Whoever is called in the middle of a call cannot make another that moves money.
    function checkReentry(Slot storage s) internal view {
        if (s.asset == 1) {
            if (ReentrantToken(assets[1]).succeeded()) broken("a token reentered");
            return;
        }
        if (s.asset != 0) return;
        for (uint256 i = 0; i < 2; ++i) {
            FicklePayee payee = FicklePayee(payable(s.terms.payouts[i]));
            if (payee.succeeded()) broken("a payee reentered");
            bytes4 reason = payee.reason();
            bytes4 expected = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
            if (reason != 0 && reason != expected) broken("a payee was stopped by something else");
        }
    }
}

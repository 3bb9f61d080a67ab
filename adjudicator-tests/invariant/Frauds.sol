// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Digests} from "../kit/Digests.sol";
import {Attacks} from "./Attacks.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Signature, Status, Terms} from "contracts/types/Channel.sol";

/// @title Attacks on consent and on money: closes, withdrawals, deposits, claims
abstract contract Frauds is Attacks {
    // Consent

    function closeInVain(Slot storage s, uint256 seed) internal {
        int128 net = int128(within(int256(draw(seed)), -1e24, 1e24));
        bytes32 digest = Digests.close(domain, s.id, net);
        address caller = CROWD;
        Signature[2] memory signatures;
        bytes memory expected;
        if (s.phase == Status.Settling || s.phase == Status.Closed) {
            signatures = consent(s, caller, digest);
            expected = abi.encodeWithSelector(IAdjudicator.AlreadyPaidOut.selector, s.id);
            hit("close what is paid out");
        } else if (!s.honest && seed & 1 == 0) {
            net = s.deposits[1] > s.deposits[0] ? type(int128).max : type(int128).min;
            signatures = consent(s, caller, Digests.close(domain, s.id, net));
            expected = abi.encodeWithSelector(
                IAdjudicator.NetExceedsDeposits.selector, net, s.deposits[0], s.deposits[1]
            );
            hit("close for more than there is");
        } else {
            // The other signature, where there is one, is over the net that was agreed.
            bytes32 agreed = Digests.close(domain, s.id, s.closing ? s.closeNet : net + 1);
            if (agreed == digest) return;
            (caller, signatures, expected) = forge(s, digest, agreed, seed >> 1);
            hit("forge a close");
        }
        fails(caller, abi.encodeCall(IAdjudicator.close, (s.terms, net, signatures)), expected);
    }

    function withdrawInVain(Slot storage s, uint256 seed) internal {
        if (seed >> 64 & 1 == 0) (, s) = pick(seed >> 72, canWithdraw);
        Withdrawal memory w = s.withdrawal;
        uint256 total = uint256(s.deposits[0] + s.deposits[1]);
        address caller = CROWD;
        Signature[2] memory signatures;
        bytes memory expected;
        bool forged;
        if (w.nonce == 0 || seed & 3 == 0) {
            w = Withdrawal(s.nonce + 1, [uint128(total), 1], uint40(block.timestamp));
        }
        bytes32 digest = Digests.withdraw(domain, s.id, w.nonce, w.amounts, w.deadline);
        if (s.phase != Status.Open) {
            expected = notOpen(s.id);
            hit("withdraw in a dispute");
        } else if (block.timestamp > w.deadline) {
            bytes4 over = IAdjudicator.DeadlineOver.selector;
            expected = two(over, w.deadline, block.timestamp);
            hit("withdraw too late");
        } else if (w.nonce <= s.nonce) {
            expected = two(IAdjudicator.StaleNonce.selector, s.nonce, w.nonce);
            hit("withdraw twice");
        } else if (uint256(w.amounts[0]) + w.amounts[1] > total) {
            bytes4 exceeds = IAdjudicator.AmountExceedsBalance.selector;
            expected = two(exceeds, total, uint256(w.amounts[0]) + w.amounts[1]);
            hit("withdraw more than there is");
        } else {
            // What was signed, but with one word changed.
            uint256 changed = seed >> 8 & 1;
            (w.amounts[changed], w.amounts[1 - changed]) = (uint128(total), 0);
            bytes32 another = digest;
            digest = Digests.withdraw(domain, s.id, w.nonce, w.amounts, w.deadline);
            if (another == digest) return;
            (caller, signatures, expected) = forge(s, digest, another, seed >> 16);
            forged = true;
            hit("forge a withdrawal");
        }
        if (!forged) signatures = consent(s, caller, digest);
        bytes memory data = abi.encodeCall(
            IAdjudicator.withdraw, (s.terms, w.nonce, w.amounts, w.deadline, signatures)
        );
        fails(caller, data, expected);
    }

    // Money

    function depositInVain(Slot storage s, uint256 seed) internal {
        uint256 value = s.asset == 0 ? 100 : 0;
        (Terms memory terms, uint8 participant, uint256 amount, int256 expected) =
            (s.terms, uint8(seed & 1), 100, s.deposits[seed & 1]);
        bytes memory error;
        uint256 kind = (seed >> 8) % 8;
        if (kind == 0) {
            participant += 2;
            bytes4 invalid = IAdjudicator.InvalidParticipant.selector;
            error = abi.encodeWithSelector(invalid, participant);
        } else if (kind == 1) {
            uint256 other = value + 1;
            error = two(IAdjudicator.WrongValue.selector, other, value);
            value = other;
        } else if (kind == 2) {
            amount = 2 ** 91;
            bytes4 bounds = IAdjudicator.DepositOutOfBounds.selector;
            error = two(bounds, amount, 2 ** 91 - 1);
        } else if (kind == 3) {
            terms.token = address(0xdead);
            value = 0;
            error = abi.encodeWithSelector(IAdjudicator.TokenWithoutCode.selector, terms.token);
        } else if (kind == 4) {
            terms.payouts[1] = address(adjudicator);
            bytes4 invalid = IAdjudicator.InvalidPayout.selector;
            error = abi.encodeWithSelector(invalid, terms.payouts[1]);
        } else if (kind == 5) {
            (amount, value) = (0, 0);
            error = abi.encodeWithSelector(IAdjudicator.NothingDeposited.selector);
        } else if (s.phase != Status.Open) {
            error = notOpen(s.id);
            hit("deposit in a dispute");
        } else {
            // The same transaction a second time, as a reorganisation or a retry would bring it.
            uint256 arrives = afterFee(s.asset, amount);
            expected -= int256(arrives);
            bytes4 already = IAdjudicator.AlreadyDeposited.selector;
            error = abi.encodeWithSelector(already, s.deposits[participant], expected);
            hit("deposit twice");
        }
        bytes memory data =
            abi.encodeCall(IAdjudicator.deposit, (terms, participant, amount, expected));
        fails(actors[2], value, data, error);
    }

    function claimInVain(uint256 seed) internal {
        (, Slot storage s) = pick(seed >> 16, hasCredit);
        if (seed & 32 == 0) s = slots[(seed >> 16) % SLOTS];
        address token = s.terms.token;
        address caller = s.terms.payouts[seed & 1];
        address to = refuge(s, seed & 1);
        bytes memory expected =
            abi.encodeWithSelector(IAdjudicator.NothingToClaim.selector, token, caller);
        uint256 credit = purses[slotOf(s)].credit[seed & 1];
        if (credit == 0) {
            hit("claim nothing");
        } else if (seed & 6 == 0) {
            to = seed & 8 == 0 ? address(0) : address(adjudicator);
            expected = abi.encodeWithSelector(IAdjudicator.InvalidPayout.selector, to);
        } else if (seed & 2 == 2 && s.asset == 0) {
            // The pen has code that takes no coins.
            to = address(pen);
            bytes4 failed = IAdjudicator.PayoutFailed.selector;
            expected = abi.encodeWithSelector(failed, token, to, credit);
            hit("claim to a closed door");
        } else if (seed & 6 == 4) {
            token = assets[(s.asset + 1 + (seed >> 8) % (ASSETS - 1)) % ASSETS];
            bytes4 nothing = IAdjudicator.NothingToClaim.selector;
            expected = abi.encodeWithSelector(nothing, token, caller);
            hit("claim another token");
        } else {
            caller = CROWD;
            bytes4 nothing = IAdjudicator.NothingToClaim.selector;
            expected = abi.encodeWithSelector(nothing, token, caller);
            hit("claim what another has");
        }
        fails(caller, abi.encodeCall(IAdjudicator.claim, (token, to, type(uint256).max)), expected);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Digests} from "../kit/Digests.sol";
import {Nature} from "./Nature.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Opening, Signature, Status, Terms} from "contracts/types/Channel.sol";

/// @title Calls that have to fail, each with its exact error
abstract contract Attacks is Nature {
    /// @dev Makes the call and compares the whole error.
    function fails(address caller, uint256 value, bytes memory data, bytes memory expected)
        internal
    {
        vm.prank(caller);
        (bool success, bytes memory answer) = address(adjudicator).call{value: value}(data);
        if (success) broken("an attack succeeded");
        if (keccak256(answer) != keccak256(expected)) assertEq(answer, expected, "wrong error");
    }

    function fails(address caller, bytes memory data, bytes memory expected) internal {
        fails(caller, 0, data, expected);
    }

    function notOpen(bytes32 id) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAdjudicator.NotOpen.selector, id);
    }

    function two(bytes4 selector, uint256 a, uint256 b) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b);
    }

    // States

    /// @dev Every older state, again and again; at any time.
    function respondInVain(Slot storage s, uint256 seed) internal {
        uint40 nonce = knows(s, seed);
        if (inTime(s) && nonce > s.nonce) nonce = s.nonce;
        address caller = someone(s, seed >> 64);
        bytes memory data = abi.encodeCall(
            IAdjudicator.respond,
            (s.terms, nonce, commitmentAt(s, nonce), stateSignatures(s, caller, nonce))
        );
        bytes memory expected;
        if (s.phase == Status.Open || s.phase == Status.Closed) {
            expected = abi.encodeWithSelector(IAdjudicator.NotDisputed.selector, s.id);
        } else if (!inTime(s)) {
            bytes4 over = IAdjudicator.FinalizationPeriodOver.selector;
            expected = two(over, s.finalizesAt, block.timestamp);
            hit("respond too late");
        } else {
            expected = two(IAdjudicator.StaleNonce.selector, s.nonce, nonce);
            hit("respond with an old state");
        }
        fails(caller, data, expected);
    }

    function challengeInVain(Slot storage s, uint256 seed) internal {
        uint40 nonce = knows(s, seed);
        bytes32 commitment = commitmentAt(s, nonce);
        address caller = s.terms.signers[seed >> 64 & 1];
        bytes memory expected;
        if (s.phase != Status.Open) {
            expected = notOpen(s.id);
            hit("challenge twice");
        } else if (nonce < s.nonce) {
            expected = two(IAdjudicator.StaleNonce.selector, s.nonce, nonce);
            hit("challenge below a withdrawal");
        } else if (nonce == 0) {
            commitment = bytes32(seed | 1);
            expected = two(IAdjudicator.WrongCommitment.selector, 0, seed | 1);
        } else {
            commitment = 0;
            expected = abi.encodeWithSelector(IAdjudicator.MissingCommitment.selector, nonce);
        }
        Signature memory will;
        Signature[2] memory signatures = stateSignatures(s, caller, nonce);
        bytes memory data =
            abi.encodeCall(IAdjudicator.challenge, (s.terms, nonce, commitment, signatures, will));
        fails(caller, data, expected);
    }

    /// @dev A stranger, with a state that both have signed, but nobody's will to challenge with this one.
    function challengeAsStranger(Slot storage s, uint256 seed) internal {
        if (s.phase != Status.Open) return challengeInVain(s, seed);
        bytes32 commitment = commitmentAt(s, s.newest);
        uint40 another = s.newest + (s.newest < s.nonce ? 0 : 1);
        bytes32 digest = Digests.challenge(domain, s.id, another, commitment);
        Signature[2] memory signatures = stateSignatures(s, CROWD, s.newest);
        bytes memory data = abi.encodeCall(
            IAdjudicator.challenge,
            (s.terms, s.newest, commitment, signatures, sign(s.who[seed & 1], digest))
        );
        fails(CROWD, data, abi.encodeWithSelector(IAdjudicator.NotAParticipant.selector, CROWD));
        hit("challenge by a stranger");
    }

    function isDisputable(Slot storage s) internal view returns (bool) {
        return s.phase == Status.Open || inTime(s);
    }

    /// @dev A made-up state above all others: one entry is no signature of its signer over it, but nothing, the attacker's
    /// own, or one over a state of another channel.
    function forgeState(uint256 seed) internal {
        (bool found, Slot storage s) = pick(seed, isDisputable);
        if (!found) return;
        Slot storage other = slots[(seed >> 8) % SLOTS];
        uint40 nonce = other.newest > s.newest ? other.newest : s.newest + 1;
        if (nonce <= s.nonce) nonce = s.nonce + 1;
        bytes32 commitment =
            other.newest == 0 ? bytes32(seed | 1) : commitmentAt(other, other.newest);
        bytes32 digest = Digests.state(domain, s.id, nonce, commitment);
        (address caller, Signature[2] memory signatures, bytes memory expected) =
            forge(s, digest, stateDigest(other, other.newest), seed >> 16);
        bytes memory data;
        if (s.phase == Status.Open) {
            Signature memory will;
            data = abi.encodeCall(
                IAdjudicator.challenge, (s.terms, nonce, commitment, signatures, will)
            );
        } else {
            data = abi.encodeCall(IAdjudicator.respond, (s.terms, nonce, commitment, signatures));
        }
        fails(caller, data, expected);
        hit("forge a state");
    }

    /// @dev Signatures of which the victim's, that of an honest participant if there is one, is wrong.
    function forge(Slot storage s, bytes32 digest, bytes32 another, uint256 seed)
        internal
        view
        returns (address caller, Signature[2] memory signatures, bytes memory expected)
    {
        uint256 victim = s.who[0] < 2 ? 0 : 1;
        caller = seed & 1 == 0 ? CROWD : s.terms.signers[1 - victim];
        signatures = consent(s, caller, digest);
        if (seed & 6 == 0) delete signatures[victim];
        else if (seed & 6 == 2) signatures[victim] = sign(s.who[1 - victim], digest);
        else signatures[victim] = sign(s.who[victim], another);
        address signer = s.terms.signers[victim];
        expected = abi.encodeWithSelector(
            IAdjudicator.WrongSigner.selector, signer, recover(digest, signatures[victim])
        );
    }

    function recover(bytes32 digest, Signature memory signature) internal pure returns (address) {
        uint256 vs = uint256(signature.vs);
        bytes32 s = bytes32(vs << 1 >> 1);
        return ecrecover(digest, uint8(27 + (vs >> 255)), signature.r, s);
    }

    // Settlement

    function settleInVain(Slot storage s, uint256 seed) internal {
        Opening memory opening = openingAt(s, s.nonce);
        bytes memory expected;
        if (s.phase == Status.Closed) {
            expected = abi.encodeWithSelector(IAdjudicator.AlreadyPaidOut.selector, s.id);
            hit("settle again what is closed");
        } else if (s.phase == Status.Open) {
            expected = abi.encodeWithSelector(IAdjudicator.NotDisputed.selector, s.id);
        } else if (inTime(s)) {
            bytes4 running = IAdjudicator.FinalizationPeriodRunning.selector;
            expected = two(running, s.finalizesAt, block.timestamp);
            hit("settle too early");
        } else if (s.phase == Status.Settling && seed & 1 == 0 && !hasNews(s)) {
            expected = abi.encodeWithSelector(IAdjudicator.NothingResolved.selector, s.id);
            hit("settle without news");
        } else {
            bytes32 stored = s.nonce == 0 ? keccak256(abi.encode(opening)) : s.commitment;
            uint40 nonce = knows(s, seed);
            if (nonce != s.nonce) opening = openingAt(s, nonce);
            else opening.net = opening.net == 0 ? int128(1) : int128(0);
            bytes32 received = keccak256(abi.encode(opening));
            expected =
                abi.encodeWithSelector(IAdjudicator.WrongCommitment.selector, stored, received);
            hit("settle with another opening");
        }
        fails(CROWD, abi.encodeCall(IAdjudicator.settle, (s.terms, opening)), expected);
    }

    /// @dev With less gas than a payout needs nothing may happen at all.
    function starve(uint256 seed) internal {
        (bool found, Slot storage s) = pick(seed, canSettle);
        if (!found) return;
        (uint256[2] memory paid,,) = settlement(s);
        if (paid[0] + paid[1] == 0) return;
        bytes memory data = abi.encodeCall(IAdjudicator.settle, (s.terms, openingAt(s, s.nonce)));
        uint256 limit = s.asset == 0 ? 70_000 : 280_000;
        uint256 gasLimit = within(draw(seed), limit / 2, limit);
        (bool success, bytes memory answer) = address(adjudicator).call{gas: gasLimit}(data);
        assertFalse(success, "a starved settlement succeeded");
        if (answer.length != 0) {
            assertEq(bytes4(answer), IAdjudicator.InsufficientGas.selector);
            hit("starve a payout");
        }
    }

    /// @dev All that can be tried with terms of which one word differs: it is another channel, without any money.
    function mistakeTerms(Slot storage s, uint256 seed) internal {
        Terms memory wrong = s.terms;
        if (seed % 4 == 0) wrong.salt = bytes32(s.lives + 1);
        else if (seed % 4 == 1) wrong.payouts[1] = CROWD;
        else if (seed % 4 == 2) wrong.token = assets[(s.asset + 1) % ASSETS];
        else wrong.finalizationPeriod -= 1;
        bytes32 id = adjudicator.channelId(wrong);
        bytes memory data = abi.encodeCall(IAdjudicator.settle, (wrong, openingAt(s, s.nonce)));
        fails(CROWD, data, abi.encodeWithSelector(IAdjudicator.NotDisputed.selector, id));
        bytes32 digest = Digests.close(domain, s.id, 0);
        Signature[2] memory signatures = consent(s, CROWD, digest);
        address recovered = recover(Digests.close(domain, id, 0), signatures[0]);
        bytes memory expected =
            abi.encodeWithSelector(IAdjudicator.WrongSigner.selector, wrong.signers[0], recovered);
        fails(CROWD, abi.encodeCall(IAdjudicator.close, (wrong, 0, signatures)), expected);
        hit("wrong terms");
    }

    /// @dev Nothing wakes a closed channel, whatever its participants have signed.
    function robGrave(uint256 seed) internal {
        if (graves.length == 0) return;
        Grave storage grave = graves[seed % graves.length];
        Terms memory terms = grave.terms;
        bytes32 id = adjudicator.channelId(terms);
        Signature[2] memory signatures;
        Signature memory will;
        bytes memory paidOut = abi.encodeWithSelector(IAdjudicator.AlreadyPaidOut.selector, id);
        Opening memory opening;
        uint40 nonce = grave.nonce + 1;
        address signer = terms.signers[seed >> 8 & 1];
        seed = (seed >> 16) % 6;
        bytes memory data;
        bytes memory expected = seed < 3 ? notOpen(id) : paidOut;
        if (seed == 0) {
            data = abi.encodeCall(IAdjudicator.deposit, (terms, 0, 1, 0));
        } else if (seed == 1) {
            data = abi.encodeCall(
                IAdjudicator.challenge, (terms, nonce, bytes32(uint256(1)), signatures, will)
            );
        } else if (seed == 2) {
            uint128[2] memory amounts;
            data = abi.encodeCall(
                IAdjudicator.withdraw, (terms, nonce, amounts, uint40(block.timestamp), signatures)
            );
        } else if (seed == 3) {
            data = abi.encodeCall(IAdjudicator.close, (terms, 0, signatures));
        } else if (seed == 4) {
            data = abi.encodeCall(IAdjudicator.settle, (terms, opening));
        } else {
            data = abi.encodeCall(
                IAdjudicator.respond, (terms, nonce, bytes32(uint256(1)), signatures)
            );
            expected = abi.encodeWithSelector(IAdjudicator.NotDisputed.selector, id);
        }
        fails(signer, seed == 0 && terms.token == address(0) ? 1 : 0, data, expected);
        hit("rob a grave");
    }
}

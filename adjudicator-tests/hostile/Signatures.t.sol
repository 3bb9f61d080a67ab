// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Digests} from "../kit/Digests.sol";
import {HostileTest} from "../kit/HostileTest.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Signature, Status} from "contracts/types/Channel.sol";

/// @title Every kind of signature against every call that takes one
contract SignaturesTest is HostileTest {
    enum Use {
        State,
        Respond,
        Will,
        Withdraw,
        Close
    }

    uint40 private constant NONCE = 5;
    uint256 private constant USES = 5;
    bytes32 private commitment;

    function setUp() public override {
        super.setUp();
        useNative();
        commitment = commit(paid(0));
    }

    // Without it the refusals below would say nothing.
    function test_eachUse_takesTheSignaturesMadeForIt() public {
        uint256 checkpoint = vm.snapshotState();
        for (uint256 use = 0; use < USES; ++use) {
            (bool success,) = attempt(Use(use), good(Use(use)));
            assertTrue(success);
            vm.revertToState(checkpoint);
        }
        assertOthersWhole();
    }

    // req: GAP-S3
    function test_eachUse_refusesEveryOtherType() public {
        uint256 refused;
        for (uint256 use = 0; use < USES; ++use) {
            for (uint256 other = 0; other < USES; ++other) {
                if (typeOf(Use(use)) == typeOf(Use(other))) continue;
                assertRefused(Use(use), both(digestAs(Use(other), Use(use), domain(), id)));
                ++refused;
            }
        }
        assertEq(refused, 5 * 5 - 5 - 2);
        assertOthersWhole();
    }

    // req: GAP-S4
    function test_eachUse_refusesAnotherChain() public {
        bytes32 other = Digests.separator(block.chainid + 1, address(adjudicator));
        refuseDomain(other);
    }

    // req: GAP-S4
    function test_eachUse_refusesAnotherContract() public {
        refuseDomain(Digests.separator(block.chainid, address(registry)));
    }

    // Equal signers, equal everything but the salt. req: GAP-S4
    function test_eachUse_refusesAnotherChannelOfTheSameSigners() public {
        Signature[2][] memory made = new Signature[2][](USES);
        for (uint256 use = 0; use < USES; ++use) {
            made[use] = good(Use(use));
        }
        terms.salt = keccak256("another");
        useNative();
        for (uint256 use = 0; use < USES; ++use) {
            assertRefused(Use(use), made[use]);
        }
        assertOthersWhole();
    }

    function test_eachUse_refusesSwappedSides() public {
        for (uint256 use = 0; use < USES; ++use) {
            if (Use(use) == Use.Will) continue;
            Signature[2] memory made = good(Use(use));
            assertRefused(Use(use), [made[1], made[0]]);
        }
        assertOthersWhole();
    }

    function test_eachUse_refusesOneSignerForBoth() public {
        for (uint256 use = 0; use < USES; ++use) {
            if (Use(use) == Use.Will) continue;
            Signature[2] memory made = good(Use(use));
            assertRefused(Use(use), [made[0], made[0]]);
            assertRefused(Use(use), [made[1], made[1]]);
        }
        assertOthersWhole();
    }

    // Neither does a participant that calls for itself count as the other.
    function test_eachUse_refusesACallerWithItsOwnSignatureForBoth() public {
        for (uint256 use = 0; use < USES; ++use) {
            if (Use(use) == Use.Will) continue;
            Signature[2] memory made = good(Use(use));
            assertRefusedFrom(alice, Use(use), [made[0], made[0]]);
            assertRefusedFrom(bob, Use(use), [made[1], made[1]]);
        }
        assertOthersWhole();
    }

    function test_eachUse_refusesHighS() public {
        for (uint256 use = 0; use < USES; ++use) {
            for (uint256 side = 0; side < 2; ++side) {
                uint256 key = side == 0 ? aliceKey : bobKey;
                (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digestOf(Use(use), domain(), id));
                uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
                uint256 high = order - uint256(s);
                Signature[2] memory made = good(Use(use));
                // With the parity that makes the high s valid elsewhere, and with the other.
                made[side] = Signature(r, bytes32(high | uint256(28 - v) << 255));
                assertRefused(Use(use), alone(Use(use), made, side));
                made[side] = Signature(r, bytes32(high | uint256(v - 27) << 255));
                assertRefused(Use(use), alone(Use(use), made, side));
            }
        }
        assertOthersWhole();
    }

    function test_eachUse_refusesAFlippedParity() public {
        for (uint256 use = 0; use < USES; ++use) {
            for (uint256 side = 0; side < 2; ++side) {
                Signature[2] memory made = good(Use(use));
                made[side].vs = bytes32(uint256(made[side].vs) ^ (1 << 255));
                assertRefused(Use(use), alone(Use(use), made, side));
            }
        }
        assertOthersWhole();
    }

    function test_eachUse_refusesMalformedWords() public {
        bytes32 full = bytes32(type(uint256).max);
        for (uint256 use = 0; use < USES; ++use) {
            assertRefused(Use(use), noneOfBoth());
            Signature memory huge = Signature(full, full);
            assertRefused(Use(use), [huge, huge]);
            Signature[2] memory made = good(Use(use));
            (made[0].r, made[1].r) = (0, 0);
            assertRefused(Use(use), made);
        }
        assertOthersWhole();
    }

    function test_eachUse_refusesStrangers() public {
        for (uint256 use = 0; use < USES; ++use) {
            bytes32 digest = digestOf(Use(use), domain(), id);
            assertRefused(Use(use), [sign(carolKey, digest), sign(daveKey, digest)]);
        }
        assertOthersWhole();
    }

    // Also where zero itself is named as a signer; such a channel cannot be funded.
    function test_eachUse_refusesToRecoverTheZeroSigner() public {
        terms.signers = [address(0), bob];
        useTerms(terms);
        track();
        for (uint256 use = 0; use < USES; ++use) {
            // It holds nothing, so a withdrawal is refused before anybody looks at signatures.
            if (Use(use) == Use.Withdraw) continue;
            Signature[2] memory made = good(Use(use));
            made[0] = none();
            assertRefused(Use(use), alone(Use(use), made, 0));
            made[0] = Signature(bytes32(uint256(1)), bytes32(type(uint256).max >> 1));
            assertRefused(Use(use), alone(Use(use), made, 0));
        }
        assertOthersWhole();
    }

    function test_allSignatures_areWorthNothingAfterTheClose() public {
        Signature[2][] memory made = new Signature[2][](USES);
        for (uint256 use = 0; use < USES; ++use) {
            made[use] = good(Use(use));
        }
        closeAt(0);
        for (uint256 use = 0; use < USES; ++use) {
            if (Use(use) == Use.Respond) continue;
            (bool success,) = attempt(Use(use), made[use]);
            assertFalse(success);
        }
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    function test_aWithdrawal_isPaidOnce() public {
        Signature[2] memory made = good(Use.Withdraw);
        (bool success,) = attempt(Use.Withdraw, made);
        assertTrue(success);
        bytes4 reason;
        (success, reason) = attempt(Use.Withdraw, made);
        assertFalse(success);
        assertEq(reason, IAdjudicator.StaleNonce.selector);
        assertReceived(10, 0);
        assertOthersWhole();
    }

    // Inside

    function refuseDomain(bytes32 other) internal {
        for (uint256 use = 0; use < USES; ++use) {
            assertRefused(Use(use), both(digestOf(Use(use), other, id)));
        }
        assertOthersWhole();
    }

    function assertRefused(Use use, Signature[2] memory made) internal {
        assertRefusedFrom(anyone, use, made);
    }

    function assertRefusedFrom(address caller, Use use, Signature[2] memory made) internal {
        uint256 checkpoint = vm.snapshotState();
        (bool success, bytes4 reason) = attemptFrom(caller, use, made);
        assertFalse(success);
        bytes4 expected = use == Use.Will
            ? IAdjudicator.NotAParticipant.selector
            : IAdjudicator.WrongSigner.selector;
        assertEq(reason, expected);
        assertEq(held(id) == 0 || held(id) == PUT0 + PUT1, true);
        vm.revertToState(checkpoint);
    }

    function attempt(Use use, Signature[2] memory made) internal returns (bool, bytes4) {
        return attemptFrom(anyone, use, made);
    }

    function attemptFrom(address caller, Use use, Signature[2] memory made)
        internal
        returns (bool success, bytes4 reason)
    {
        if (use == Use.Respond) {
            vm.prank(bob);
            adjudicator.challenge(terms, 0, 0, noneOfBoth(), none());
        }
        bytes memory data = callOf(use, made);
        vm.prank(caller);
        bytes memory answer;
        (success, answer) = address(adjudicator).call(data);
        reason = bytes4(answer);
    }

    function callOf(Use use, Signature[2] memory made) internal view returns (bytes memory) {
        if (use == Use.Respond) {
            return abi.encodeCall(IAdjudicator.respond, (terms, NONCE, commitment, made));
        }
        if (use == Use.Withdraw) {
            return
                abi.encodeCall(IAdjudicator.withdraw, (terms, NONCE, [uint128(10), 0], START, made));
        }
        if (use == Use.Close) return abi.encodeCall(IAdjudicator.close, (terms, int128(5), made));
        if (use == Use.Will) {
            // Nonce 0 needs no state signatures, so nothing but the will is judged.
            return abi.encodeCall(IAdjudicator.challenge, (terms, 0, 0, noneOfBoth(), made[0]));
        }
        Signature memory will = sign(bobKey, Digests.challenge(domain(), id, NONCE, commitment));
        return abi.encodeCall(IAdjudicator.challenge, (terms, NONCE, commitment, made, will));
    }

    function good(Use use) internal view returns (Signature[2] memory) {
        return both(digestOf(use, domain(), id));
    }

    /// @dev Of a will only the first entry is read.
    function alone(Use use, Signature[2] memory made, uint256 side)
        internal
        pure
        returns (Signature[2] memory)
    {
        return use == Use.Will ? [made[side], made[side]] : made;
    }

    function typeOf(Use use) internal pure returns (Use) {
        return use == Use.Respond ? Use.State : use;
    }

    function digestOf(Use use, bytes32 domain_, bytes32 channel) internal view returns (bytes32) {
        return digestAs(use, use, domain_, channel);
    }

    /// @dev The fields of one use, as far as the type of another has them: nothing but the type is wrong.
    function digestAs(Use kind, Use use, bytes32 domain_, bytes32 channel)
        internal
        view
        returns (bytes32)
    {
        uint40 nonce = use == Use.Will ? 0 : NONCE;
        bytes32 content = use == Use.Will ? bytes32(0) : commitment;
        if (kind == Use.Will) return Digests.challenge(domain_, channel, nonce, content);
        if (kind == Use.Withdraw) {
            return Digests.withdraw(domain_, channel, nonce, [uint128(10), 0], START);
        }
        if (kind == Use.Close) return Digests.close(domain_, channel, 5);
        return Digests.state(domain_, channel, nonce, content);
    }
}

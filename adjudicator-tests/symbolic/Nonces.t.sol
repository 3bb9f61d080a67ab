// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Signature, Terms} from "contracts/types/Channel.sol";

import {SymbolicTest} from "./SymbolicTest.sol";

/// @title A newer state replaces an older one, never the other way round
/// @dev Symbolic: the stored state, the terms, every argument, the caller and the time. Bounded: withdrawals are of native
/// coin to two fixed payees.
contract NoncesProof is SymbolicTest {
    /// @notice What `respond` accepts is above what was stored, and is stored.
    function check_respond_raisesNonce(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures,
        address caller,
        uint256 time
    ) external {
        vm.warp(time);
        uint40 before = ledgerOf(idOf(terms)).nonce();
        vm.prank(caller);
        adjudicator.respond(terms, nonce, commitment, signatures);
        uint40 stored = ledgerOf(idOf(terms)).nonce();
        assert(stored > before && stored == nonce);
    }

    /// @notice What `withdraw` accepts is above what was stored, and is stored.
    function check_withdraw_raisesNonce(
        Terms memory terms,
        uint40 nonce,
        uint128[2] calldata amounts,
        uint40 deadline,
        Signature[2] calldata signatures,
        address caller,
        uint256 time
    ) external {
        payNativeToTwo(terms);
        vm.warp(time);
        uint40 before = ledgerOf(idOf(terms)).nonce();
        vm.prank(caller);
        adjudicator.withdraw(terms, nonce, amounts, deadline, signatures);
        uint40 stored = ledgerOf(idOf(terms)).nonce();
        assert(stored > before && stored == nonce);
    }

    /// @notice What `challenge` accepts is not below what was stored, and is stored.
    function check_challenge_neverLowersNonce(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures,
        Signature calldata will,
        address caller,
        uint256 time
    ) external {
        vm.warp(time);
        uint40 before = ledgerOf(idOf(terms)).nonce();
        vm.prank(caller);
        adjudicator.challenge(terms, nonce, commitment, signatures, will);
        uint40 stored = ledgerOf(idOf(terms)).nonce();
        assert(stored >= before && stored == nonce);
    }

    /// @notice `respond` refuses the nonce that is stored, whoever has signed what.
    function check_respond_refusesEqualNonce(
        Terms calldata terms,
        bytes32 commitment,
        Signature[2] calldata signatures,
        address caller,
        uint256 time
    ) external {
        vm.warp(time);
        uint40 nonce = ledgerOf(idOf(terms)).nonce();
        vm.prank(caller);
        try adjudicator.respond(terms, nonce, commitment, signatures) {
            assert(false);
        } catch {}
    }

    /// @notice `withdraw` refuses the nonce that is stored, whoever has signed what.
    function check_withdraw_refusesEqualNonce(
        Terms memory terms,
        uint128[2] calldata amounts,
        uint40 deadline,
        Signature[2] calldata signatures,
        address caller,
        uint256 time
    ) external {
        payNativeToTwo(terms);
        vm.warp(time);
        uint40 nonce = ledgerOf(idOf(terms)).nonce();
        vm.prank(caller);
        try adjudicator.withdraw(terms, nonce, amounts, deadline, signatures) {
            assert(false);
        } catch {}
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {Digests} from "../kit/Digests.sol";
import {MAX_LOCKS} from "contracts/types/Bounds.sol";
import {Lock, Opening, Signature} from "contracts/types/Channel.sol";

/// @title Gas of whole transactions: 21,000, calldata and execution, less refunds
/// @dev Run with `isolate`, so that each call is a transaction of its own. The figures are in snapshots/, one file per `asset`; a
/// change of one fails the test. Payees, and the adjudicator's own balance of a token, exist before.
abstract contract GasTest is ChannelTest {
    string internal asset;
    uint256 internal path;

    function depositBy(address depositor, uint8 participant) internal virtual;

    function record(string memory name) internal {
        path += vm.snapshotGasLastCall(asset, name);
    }

    function add() internal {
        path += vm.lastCallGas().gasTotalUsed;
    }

    function recordPath(string memory name) internal {
        vm.snapshotValue(asset, string.concat("path ", name), path);
    }

    // One call each

    function test_gas_close() public {
        deposits();
        Signature[2] memory signatures = signClose(0.25 ether);
        signatures[0] = none();
        vm.prank(alice);
        adjudicator.close(terms, 0.25 ether, signatures);
        record("close");
        recordPath("deposits, close");
    }

    function test_gas_closeByAnyone() public {
        deposits();
        Signature[2] memory signatures = signClose(0.25 ether);
        vm.prank(anyone);
        adjudicator.close(terms, 0.25 ether, signatures);
        record("close by anyone");
    }

    function test_gas_withdraw() public {
        deposits();
        withdrawBy(alice, 7, [uint128(0.5 ether), 0]);
        record("withdraw by one");
    }

    function test_gas_withdrawByBoth() public {
        deposits();
        withdrawBy(alice, 7, [uint128(0.5 ether), 0.5 ether]);
        record("withdraw by both");
    }

    function test_gas_challengeByAnyone() public {
        deposits();
        bytes32 commitment = commit(paid(0.25 ether));
        Signature[2] memory signatures = signState(7, commitment);
        Signature memory will = sign(aliceKey, Digests.challenge(domain(), id, 7, commitment));
        vm.prank(anyone);
        adjudicator.challenge(terms, 7, commitment, signatures, will);
        record("challenge by anyone");
    }

    function test_gas_respondByAnyone() public {
        deposits();
        challengeBy(alice, 7, paid(0.25 ether));
        respondAs(anyone, 8, paid(0.5 ether));
        record("respond by watchtower");
    }

    function test_gas_settleInTwoCalls() public {
        deposits();
        (Opening memory opening, bytes32[] memory preimages) = openingWith(10);
        challengeBy(alice, 7, opening);
        bytes32[] memory half = new bytes32[](5);
        for (uint256 i = 0; i < 5; ++i) {
            half[i] = preimages[i];
        }
        registry.revealMany(half);
        for (uint256 i = 5; i < 10; ++i) {
            opening.locks[i].expiry += 2 * uint40(PERIOD);
        }
        bytes32 commitment = commit(opening);
        Signature[2] memory signatures = signState(8, commitment);
        adjudicator.respond(terms, 8, commitment, signatures);
        vm.warp(block.timestamp + PERIOD);
        vm.prank(bob);
        adjudicator.settle(terms, opening);
        record("settle, 5 of 10 locks");
        registry.revealMany(preimages);
        vm.prank(bob);
        adjudicator.settle(terms, opening);
        record("settle, the other 5 of 10 locks");
    }

    // Whole disputes

    function test_gas_locks_000() public {
        disputeWith(0);
    }

    function test_gas_locks_001() public {
        disputeWith(1);
    }

    function test_gas_locks_010() public {
        disputeWith(10);
    }

    function test_gas_locks_cap() public {
        disputeWith(MAX_LOCKS);
    }

    /// @dev Challenge by an older state, response by the newest, one reveal of all preimages, settlement by the payee of every
    /// lock. The path without locks counts the deposits, as one whole life; those with locks do not.
    function disputeWith(uint256 count) internal {
        deposits();
        if (count != 0) path = 0;
        (Opening memory opening, bytes32[] memory preimages) = openingWith(count);
        challengeBy(alice, 7, paid(0.25 ether));
        if (count == 0) record("challenge");
        else add();
        respondBy(bob, 8, opening);
        if (count == 0) record("respond");
        else add();
        if (count == 1) registry.reveal(preimages[0]);
        else if (count != 0) registry.revealMany(preimages);
        if (count != 0) add();
        vm.warp(block.timestamp + PERIOD);
        vm.prank(bob);
        adjudicator.settle(terms, opening);
        record(named("settle", count));
        recordPath(
            count == 0
                ? "deposits, challenge, respond, settle"
                : named("challenge, respond, reveal, settle", count)
        );
    }

    function deposits() internal {
        depositBy(alice, 0);
        record("deposit first");
        depositBy(bob, 1);
        record("deposit second");
    }

    function openingWith(uint256 count)
        internal
        view
        returns (Opening memory opening, bytes32[] memory preimages)
    {
        opening = paid(0.5 ether);
        opening.locks = new Lock[](count);
        preimages = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            preimages[i] = keccak256(abi.encode("preimage", i));
            opening.locks[i] = hashlock(preimages[i], 0.001 ether, 0, START + 2 hours);
        }
    }

    function withdrawBy(address caller, uint40 nonce, uint128[2] memory amounts) internal {
        Signature[2] memory signatures = signWithdraw(nonce, amounts, START + 1 hours);
        signatures[0] = none();
        vm.prank(caller);
        adjudicator.withdraw(terms, nonce, amounts, START + 1 hours, signatures);
    }

    function challengeBy(address caller, uint40 nonce, Opening memory opening) internal {
        bytes32 commitment = commit(opening);
        Signature[2] memory signatures = signState(nonce, commitment);
        signatures[0] = none();
        vm.prank(caller);
        adjudicator.challenge(terms, nonce, commitment, signatures, none());
    }

    function respondBy(address caller, uint40 nonce, Opening memory opening) internal {
        bytes32 commitment = commit(opening);
        Signature[2] memory signatures = signState(nonce, commitment);
        signatures[1] = none();
        vm.prank(caller);
        adjudicator.respond(terms, nonce, commitment, signatures);
    }

    function named(string memory call, uint256 count) internal pure returns (string memory) {
        if (count == 0) return call;
        string memory plural = count == 1 ? " lock" : " locks";
        return string.concat(call, ", ", vm.toString(count), plural);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Signature, Terms} from "contracts/types/Channel.sol";
import {Ledger} from "contracts/types/Ledger.sol";

import {SymbolicTest} from "./SymbolicTest.sol";

contract NoncesProof is SymbolicTest {
    function check_respond_raisesNonce(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures,
        address caller,
        uint32 time
    ) external {
        vm.warp(time);
        bytes32 id = keccak256(abi.encode(terms));
        Ledger before = ledgerOf(id);
        vm.prank(caller);
        adjudicator.respond(terms, nonce, commitment, signatures);
        assert(ledgerOf(id).nonce() > before.nonce());
        assert(ledgerOf(id).nonce() == nonce);
    }
}

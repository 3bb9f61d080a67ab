// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {TypedData} from "contracts/libraries/TypedData.sol";
import {MAX_FINALIZATION_PERIOD} from "contracts/types/Bounds.sol";
import {Opening, Signature, Status, Terms} from "contracts/types/Channel.sol";
import {Test} from "forge-std/Test.sol";

/// @title Hashes and signatures of the Rust client are those of the contract
/// @dev vectors/state.json is written by the client. Without it there is nothing to compare.
contract StateVectorsTest is Test {
    string private constant FILE = "adjudicator-tests/vectors/state.json";
    string private json;
    string private at;

    // req: A58, GAP-S4
    function test_differential_statesAreThoseOfTheClient() public {
        json = vm.readFile(FILE);
        uint256 count;
        for (; vm.keyExistsJson(json, path(count)); ++count) {
            at = path(count);
            compare();
        }
        assertGt(count, 0, "no cases");
    }

    function compare() internal {
        vm.chainId(number("chainId"));
        IAdjudicator adjudicator = IAdjudicator(vm.parseAddress(text("adjudicator")));
        deployCodeTo("Adjudicator.sol:Adjudicator", address(adjudicator));
        Terms memory terms = abi.decode(vm.parseBytes(text("encodedTerms")), (Terms));
        bytes32 id = adjudicator.channelId(terms);
        assertEq(id, word("channelId"), name("channelId"));
        assertEq(abi.encode(terms), vm.parseBytes(text("encodedTerms")), name("encodedTerms"));
        Opening memory opening = abi.decode(vm.parseBytes(text("encodedOpening")), (Opening));
        bytes32 commitment = keccak256(abi.encode(opening));
        assertEq(commitment, word("commitment"), name("commitment"));

        compareDigests(adjudicator.domainSeparator(), id, commitment);
        assertEq(terms.signers[0], vm.parseAddress(text("signer0")), name("signer0"));
        assertEq(terms.signers[1], vm.parseAddress(text("signer1")), name("signer1"));
        compareSignatures(adjudicator, terms, commitment);
    }

    function compareDigests(bytes32 domain, bytes32 id, bytes32 commitment) internal view {
        uint40 nonce = uint40(number("nonce"));
        bytes32 state = toDigest(domain, TypedData.state(id, nonce, commitment));
        assertEq(state, word("stateDigest"), name("stateDigest"));
        bytes32 challenge = toDigest(domain, TypedData.challenge(id, nonce, commitment));
        assertEq(challenge, word("challengeDigest"), name("challengeDigest"));
        int128 net = int128(vm.parseInt(text("closeNet")));
        bytes32 close = toDigest(domain, TypedData.close(id, net));
        assertEq(close, word("closeDigest"), name("closeDigest"));
        bytes32 withdraw = toDigest(
            domain,
            TypedData.withdraw(
                id,
                nonce,
                uint128(number("withdrawAmount0")),
                uint128(number("withdrawAmount1")),
                uint40(number("withdrawDeadline"))
            )
        );
        assertEq(withdraw, word("withdrawDigest"), name("withdrawDigest"));
    }

    /// @dev The contract itself takes the client's signatures, by a challenge with the second one left out.
    function compareSignatures(IAdjudicator adjudicator, Terms memory terms, bytes32 commitment)
        internal
    {
        Signature[2] memory signatures;
        signatures[0] = Signature(word("signature0R"), word("signature0Vs"));
        signatures[1] = Signature(word("signature1R"), word("signature1Vs"));
        for (uint256 i = 0; i < 2; ++i) {
            (address signer,,) =
                ECDSA.tryRecover(word("stateDigest"), signatures[i].r, signatures[i].vs);
            assertEq(signer, terms.signers[i], name("signature"));
        }
        uint40 nonce = uint40(number("nonce"));
        // Extreme terms are there for their hashes; no deposit would take such a period.
        if (nonce == 0 || terms.finalizationPeriod > MAX_FINALIZATION_PERIOD) return;
        vm.prank(terms.signers[1]);
        adjudicator.challenge(terms, nonce, commitment, signatures, Signature(0, 0));
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = adjudicator.channelId(terms);
        assertEq(uint8(adjudicator.statuses(ids)[0].status), uint8(Status.Disputed), name("status"));
    }

    function toDigest(bytes32 domain, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function path(uint256 index) internal pure returns (string memory) {
        return string.concat(".cases[", vm.toString(index), "]");
    }

    function text(string memory key) internal view returns (string memory) {
        return vm.parseJsonString(json, string.concat(at, ".", key));
    }

    function word(string memory key) internal view returns (bytes32) {
        return vm.parseBytes32(text(key));
    }

    function number(string memory key) internal view returns (uint256) {
        return vm.parseUint(text(key));
    }

    function name(string memory key) internal view returns (string memory) {
        return string.concat(text("name"), ": ", key);
    }
}

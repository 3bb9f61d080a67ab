// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Signature, Terms} from "contracts/types/Channel.sol";

import {Digests} from "../kit/Digests.sol";
import {SymbolicTest} from "./SymbolicTest.sol";

/// @title Nothing is accepted without the consent of both signers
/// @dev Digests are computed a second time, from the specification. `ecrecover` is an uninterpreted function: the proofs
/// hold whatever it answers, so they say which digest and which signature it was asked about. Symbolic: the stored state, the
/// terms, every argument, the caller, the time and the chain id. Bounded: calls that pay do it in native coin to two fixed
/// payees; a challenge of nonce 0 needs no signature and is left to `check_challenge_needsWill`.
contract ConsentProof is SymbolicTest {
    uint256 internal constant HALF_ORDER =
        0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    uint256 internal deploymentChain;

    function setUp() public override {
        super.setUp();
        deploymentChain = block.chainid;
    }

    function check_challenge_needsBothSigners(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures,
        Signature calldata will,
        address caller,
        uint64 chain
    ) external {
        vm.chainId(chain);
        vm.prank(caller);
        adjudicator.challenge(terms, nonce, commitment, signatures, will);
        if (nonce == 0) return;
        bytes32 digest = Digests.state(domain(), idOf(terms), nonce, commitment);
        assertConsent(terms, caller, digest, signatures);
    }

    /// @notice A dispute is started by a signer or with a signer's `Challenge` of this very state.
    function check_challenge_needsWill(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures,
        Signature calldata will,
        address caller,
        uint64 chain
    ) external {
        vm.chainId(chain);
        vm.prank(caller);
        adjudicator.challenge(terms, nonce, commitment, signatures, will);
        if (caller == terms.signers[0] || caller == terms.signers[1]) return;
        bytes32 digest = Digests.challenge(domain(), idOf(terms), nonce, commitment);
        address willing = recover(digest, will);
        assert(willing != address(0));
        assert(willing == terms.signers[0] || willing == terms.signers[1]);
    }

    function check_respond_needsBothSigners(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures,
        address caller,
        uint64 chain
    ) external {
        vm.chainId(chain);
        vm.prank(caller);
        adjudicator.respond(terms, nonce, commitment, signatures);
        bytes32 digest = Digests.state(domain(), idOf(terms), nonce, commitment);
        assertConsent(terms, caller, digest, signatures);
    }

    function check_withdraw_needsBothSigners(
        Terms memory terms,
        uint40 nonce,
        uint128[2] calldata amounts,
        uint40 deadline,
        Signature[2] calldata signatures,
        address caller,
        uint64 chain
    ) external {
        payNativeToTwo(terms);
        vm.chainId(chain);
        vm.prank(caller);
        adjudicator.withdraw(terms, nonce, amounts, deadline, signatures);
        bytes32 digest = Digests.withdraw(domain(), idOf(terms), nonce, amounts, deadline);
        assertConsent(terms, caller, digest, signatures);
    }

    function check_close_needsBothSigners(
        Terms memory terms,
        int128 net,
        Signature[2] calldata signatures,
        address caller,
        uint64 chain
    ) external {
        payNativeToTwo(terms);
        vm.chainId(chain);
        vm.prank(caller);
        adjudicator.close(terms, net, signatures);
        assertConsent(terms, caller, Digests.close(domain(), idOf(terms), net), signatures);
    }

    /// @dev Of each signer that is not the caller there is a well formed signature over `digest`.
    function assertConsent(
        Terms memory terms,
        address caller,
        bytes32 digest,
        Signature[2] calldata signatures
    ) private pure {
        for (uint256 i = 0; i < 2; ++i) {
            if (caller == terms.signers[i]) continue;
            address signer = recover(digest, signatures[i]);
            assert(signer != address(0));
            assert(signer == terms.signers[i]);
        }
    }

    function recover(bytes32 digest, Signature calldata signature) private pure returns (address) {
        uint256 s = uint256(signature.vs) & (2 ** 255 - 1);
        assert(s <= HALF_ORDER);
        uint8 v = uint8(uint256(signature.vs) >> 255) + 27;
        return ecrecover(digest, v, signature.r, bytes32(s));
    }

    /// @dev A hash of symbols is to halmos another one than that of the same values: the chain of deployment, whose separator is
    /// computed of values, has to be told apart.
    function domain() private view returns (bytes32) {
        uint256 chain = block.chainid == deploymentChain ? deploymentChain : block.chainid;
        return Digests.separator(chain, address(adjudicator));
    }
}

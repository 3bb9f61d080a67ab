// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {IHashlockRegistry} from "contracts/interfaces/IHashlockRegistry.sol";
import {ChannelView, Lock, Opening, Signature, Status, Terms} from "contracts/types/Channel.sol";
import {Test} from "forge-std/Test.sol";

import {Digests} from "./Digests.sol";

/// @title One channel between Alice (participant 0) and Bob (participant 1), and what tests do with it
/// @dev Both have a hot signer key and a cold payout address of their own, so that a mix-up of the two shows.
abstract contract ChannelTest is Test {
    IAdjudicator internal adjudicator;
    IHashlockRegistry internal registry;

    address internal alice;
    address internal bob;
    uint256 internal aliceKey;
    uint256 internal bobKey;
    address internal alicePayout = makeAddr("alice's payout");
    address internal bobPayout = makeAddr("bob's payout");
    address internal anyone = makeAddr("anyone");

    Terms internal terms;
    bytes32 internal id;

    uint32 internal constant PERIOD = 1 days;
    uint40 internal constant START = 1_800_000_000;

    function setUp() public virtual {
        vm.warp(START);
        (alice, aliceKey) = makeAddrAndKey("alice");
        (bob, bobKey) = makeAddrAndKey("bob");
        adjudicator = IAdjudicator(deployCode("Adjudicator.sol:Adjudicator"));
        registry = IHashlockRegistry(deployCode("HashlockRegistry.sol:HashlockRegistry"));
        terms.signers = [alice, bob];
        terms.payouts = [alicePayout, bobPayout];
        terms.finalizationPeriod = PERIOD;
        terms.salt = keccak256("salt");
        id = adjudicator.channelId(terms);
        vm.deal(address(this), 1e30);
    }

    // Channel

    function fund(uint256 amount0, uint256 amount1) internal {
        if (amount0 != 0) depositFor(0, amount0);
        if (amount1 != 0) depositFor(1, amount1);
    }

    function depositFor(uint8 participant, uint256 amount) internal {
        int256 current = view_().deposits[participant];
        adjudicator.deposit{value: amount}(terms, participant, amount, current);
    }

    /// @dev Changes to `terms` take effect with this.
    function useTerms(Terms memory changed) internal {
        terms = changed;
        id = adjudicator.channelId(changed);
    }

    function view_() internal view returns (ChannelView memory) {
        return viewOf(id);
    }

    function viewOf(bytes32 channelId) internal view returns (ChannelView memory) {
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = channelId;
        return adjudicator.statuses(ids)[0];
    }

    function assertStatus(Status expected) internal view {
        assertEq(uint8(view_().status), uint8(expected), "status");
    }

    function assertPaid(uint256 amount0, uint256 amount1) internal view {
        assertEq(alicePayout.balance, amount0, "paid to participant 0");
        assertEq(bobPayout.balance, amount1, "paid to participant 1");
    }

    // States

    function paid(int128 net) internal pure returns (Opening memory opening) {
        opening.blinding = keccak256(abi.encode("blinding", net));
        opening.net = net;
    }

    function locked(int128 net, Lock memory lock) internal pure returns (Opening memory opening) {
        opening = paid(net);
        opening.locks = new Lock[](1);
        opening.locks[0] = lock;
    }

    function commit(Opening memory opening) internal pure returns (bytes32) {
        return keccak256(abi.encode(opening));
    }

    function hashlock(bytes32 preimage, uint128 amount, uint8 payer, uint40 expiry)
        internal
        view
        returns (Lock memory)
    {
        bytes32 key = sha256(abi.encodePacked(preimage));
        return Lock(address(registry), key, amount, payer, expiry);
    }

    // Signatures

    function domain() internal view returns (bytes32) {
        return Digests.separator(block.chainid, address(adjudicator));
    }

    function sign(uint256 key, bytes32 digest) internal pure returns (Signature memory signature) {
        (signature.r, signature.vs) = vm.signCompact(key, digest);
    }

    function both(bytes32 digest) internal view returns (Signature[2] memory) {
        return [sign(aliceKey, digest), sign(bobKey, digest)];
    }

    function signState(uint40 nonce, bytes32 commitment)
        internal
        view
        returns (Signature[2] memory)
    {
        return both(Digests.state(domain(), id, nonce, commitment));
    }

    function signClose(int128 net) internal view returns (Signature[2] memory) {
        return both(Digests.close(domain(), id, net));
    }

    function signWithdraw(uint40 nonce, uint128[2] memory amounts, uint40 deadline)
        internal
        view
        returns (Signature[2] memory)
    {
        return both(Digests.withdraw(domain(), id, nonce, amounts, deadline));
    }

    function none() internal pure returns (Signature memory signature) {}

    function noneOfBoth() internal pure returns (Signature[2] memory signatures) {}

    // Calls

    function challengeAs(address caller, uint40 nonce, Opening memory opening) internal {
        bytes32 commitment = nonce == 0 ? bytes32(0) : commit(opening);
        Signature[2] memory signatures = signState(nonce, commitment);
        vm.prank(caller);
        adjudicator.challenge(terms, nonce, commitment, signatures, none());
    }

    function respondAs(address caller, uint40 nonce, Opening memory opening) internal {
        bytes32 commitment = commit(opening);
        Signature[2] memory signatures = signState(nonce, commitment);
        vm.prank(caller);
        adjudicator.respond(terms, nonce, commitment, signatures);
    }

    /// @dev Challenge by Alice and the end of the finalization period.
    function dispute(uint40 nonce, Opening memory opening) internal {
        challengeAs(alice, nonce, opening);
        vm.warp(view_().finalizesAt);
    }

    function settle(Opening memory opening) internal {
        adjudicator.settle(terms, opening);
    }

    receive() external payable {}
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {AbsurdCondition} from "../kit/Conditions.sol";
import {Digests} from "../kit/Digests.sol";
import {
    BlacklistToken,
    FeeToken,
    OddToken,
    ReentrantToken,
    SilentToken
} from "../kit/HostileTokens.sol";
import {Token} from "../kit/Token.sol";
import {FicklePayee, ShareCondition} from "./Adversaries.sol";
import {Pen} from "./Pen.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {IHashlockRegistry} from "contracts/interfaces/IHashlockRegistry.sol";
import {IPointlockRegistry} from "contracts/interfaces/IPointlockRegistry.sol";
import {Opening, Signature, Status, Terms} from "contracts/types/Channel.sol";
import {Test} from "forge-std/Test.sol";

/// @title Twelve channels over the native coin and five tokens, and all that is known of them without asking the contract
/// @dev Ada and Ben are honest, Mal and Mel are not. A channel has payees of its own, so that what left it can be counted from
/// balances alone; when it has closed, another takes its slot. `variant` makes two worlds differ.
abstract contract World is Test {
    struct Withdrawal {
        uint40 nonce;
        uint128[2] amounts;
        uint40 deadline;
    }

    /// @dev A channel: what it is, what the chain should hold of it, what its participants have signed.
    struct Slot {
        Terms terms;
        bytes32 id;
        uint8 asset;
        uint8[2] who;
        bool honest;
        Status phase;
        int256[2] deposits;
        uint40 nonce;
        uint32 finalizesAt;
        bytes32 commitment;
        uint256 resolved;
        bool begun;
        uint256[] shares;
        uint40[] nonces;
        uint40 newest;
        uint40 pending;
        bool closing;
        int128 closeNet;
        Withdrawal withdrawal;
        uint256 put;
        uint256 left;
        uint256 lives;
    }

    /// @dev What the two payees of a slot should have, over all its channels.
    struct Purse {
        uint256[2] received;
        uint256[2] credit;
        uint256[2] claimed;
    }

    struct Grave {
        Terms terms;
        uint40 nonce;
        uint32 finalizesAt;
    }

    uint256 public constant SLOTS = 12;
    uint256 public constant ASSETS = 6;
    uint40 internal constant START = 1_800_000_000;
    address internal constant CROWD = address(0xc20d);

    uint256 internal immutable variant;
    IAdjudicator public immutable adjudicator;
    IHashlockRegistry internal immutable registry;
    IPointlockRegistry internal immutable points;
    ShareCondition internal immutable share;
    AbsurdCondition internal immutable absurd;
    Pen internal immutable pen;
    bytes32 internal immutable domain;

    address[ASSETS] internal assets;
    address[4] internal actors;
    uint256[4] internal keys;
    Slot[SLOTS] internal slots;
    Purse[SLOTS] internal purses;
    Grave[] internal graves;
    uint256[ASSETS] internal forced;
    mapping(bytes32 id => mapping(uint40 nonce => bytes)) internal openings;
    mapping(bytes32 key => uint256) internal revealedAt;
    mapping(bytes32 label => uint256) public counted;

    constructor(uint256 variant_) {
        vm.warp(START);
        variant = variant_;
        adjudicator = IAdjudicator(deployCode("Adjudicator.sol:Adjudicator"));
        registry = IHashlockRegistry(deployCode("HashlockRegistry.sol:HashlockRegistry"));
        points = IPointlockRegistry(deployCode("PointlockRegistry.sol:PointlockRegistry"));
        share = new ShareCondition();
        absurd = new AbsurdCondition();
        pen = new Pen();
        domain = Digests.separator(block.chainid, address(adjudicator));
        (actors[0], keys[0]) = makeAddrAndKey("ada");
        (actors[1], keys[1]) = makeAddrAndKey("ben");
        (actors[2], keys[2]) = makeAddrAndKey("mal");
        (actors[3], keys[3]) = makeAddrAndKey("mel");
        assets[1] = address(new ReentrantToken());
        assets[2] = address(new SilentToken());
        assets[3] = address(new BlacklistToken());
        assets[4] = address(new FeeToken());
        assets[5] = address(new OddToken());
        vm.deal(address(this), 1e40);
        for (uint256 i = 0; i < 4; ++i) {
            equip(actors[i]);
        }
        for (uint256 i = 0; i < SLOTS; ++i) {
            settleDown(i);
        }
    }

    function equip(address actor) private {
        vm.deal(actor, 1e40);
        for (uint256 a = 1; a < ASSETS; ++a) {
            Token(assets[a]).mint(actor, 1e40);
            if (a == 2 || a == 5) continue;
            vm.prank(actor);
            Token(assets[a]).approve(address(adjudicator), type(uint256).max);
        }
    }

    /// @dev Pairs turn with the variant, so that each asset meets other pairs in the other world.
    function settleDown(uint256 index) private {
        Slot storage s = slots[index];
        s.asset = uint8(index % ASSETS);
        uint8[24] memory pairs =
            [0, 2, 2, 1, 0, 1, 0, 2, 2, 1, 2, 0, 1, 2, 0, 2, 3, 2, 1, 0, 2, 3, 3, 0];
        uint256 pair = (index + 5 * variant) % 12;
        s.who = [pairs[2 * pair], pairs[2 * pair + 1]];
        s.honest = s.who[0] < 2 || s.who[1] < 2;
        s.terms.token = assets[s.asset];
        s.terms.signers = [actors[s.who[0]], actors[s.who[1]]];
        for (uint256 i = 0; i < 2; ++i) {
            address payee = makeAddr(string.concat("payee ", vm.toString(2 * index + i)));
            s.terms.payouts[i] = s.asset == 0 ? address(new FicklePayee()) : payee;
        }
        s.terms.finalizationPeriod = uint32(1 hours * (1 + index * 5 % 12));
        begin(s);
    }

    /// @dev A new channel in a slot, which differs from the one before by its salt only.
    function begin(Slot storage s) internal {
        s.terms.salt = bytes32(++s.lives);
        s.id = adjudicator.channelId(s.terms);
        s.phase = Status.Open;
        (s.deposits, s.put, s.left, s.resolved) = ([int256(0), 0], 0, 0, 0);
        (s.nonce, s.newest, s.pending, s.finalizesAt) = (0, 0, 0, 0);
        (s.commitment, s.begun, s.closing, s.closeNet) = (0, false, false, 0);
        delete s.nonces;
        delete s.shares;
        delete s.withdrawal;
    }

    // Chance

    function draw(uint256 seed) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed)));
    }

    function chance(uint256 seed, uint256 oneIn) internal pure returns (bool) {
        return draw(seed) % oneIn == 0;
    }

    /// @dev Each end of the range comes once in sixteen times. `bound` of forge-std writes a log, which takes longer than all else.
    function within(uint256 seed, uint256 from, uint256 to) internal pure returns (uint256) {
        if (seed & 15 == 0) return from;
        if (seed & 15 == 1) return to;
        return from + draw(seed) % (to - from + 1);
    }

    function within(int256 seed, int256 from, int256 to) internal pure returns (int256) {
        return from + int256(within(uint256(seed), 0, uint256(to - from)));
    }

    /// @dev The first slot after a random one that suits.
    function pick(uint256 seed, function(Slot storage) view returns (bool) suits)
        internal
        view
        returns (bool found, Slot storage s)
    {
        uint256 first = seed % SLOTS;
        s = slots[first];
        for (uint256 i = 0; i < SLOTS; ++i) {
            s = slots[(first + i) % SLOTS];
            if (suits(s)) return (true, s);
        }
    }

    function slotOf(Slot storage s) internal view returns (uint256 index) {
        while (slots[index].id != s.id) ++index;
    }

    /// @dev Asked for only when a condition has failed: a cheatcode for each check would take most of the time.
    function broken(string memory rule) internal pure {
        assertTrue(false, rule);
    }

    function hit(bytes32 label) internal {
        ++counted[label];
    }

    // Time

    function inTime(Slot storage s) internal view returns (bool) {
        return s.phase == Status.Disputed && block.timestamp < s.finalizesAt;
    }

    function isDue(Slot storage s) internal view returns (bool) {
        return s.phase == Status.Disputed && block.timestamp >= s.finalizesAt;
    }

    function isOpen(Slot storage s) internal view returns (bool) {
        return s.phase == Status.Open;
    }

    // States

    function openingAt(Slot storage s, uint40 nonce)
        internal
        view
        returns (Opening memory opening)
    {
        bytes memory encoded = openings[s.id][nonce];
        if (encoded.length != 0) opening = abi.decode(encoded, (Opening));
    }

    /// @dev `abi.encode(opening)` is what is hashed and what is kept.
    function commitmentAt(Slot storage s, uint40 nonce) internal view returns (bytes32) {
        return nonce == 0 ? bytes32(0) : keccak256(openings[s.id][nonce]);
    }

    function knows(Slot storage s, uint256 seed) internal view returns (uint40 nonce) {
        uint256 which = seed % (s.nonces.length + 1);
        return which == 0 ? 0 : s.nonces[which - 1];
    }

    // Signatures

    function sign(uint256 who, bytes32 digest) internal view returns (Signature memory) {
        return pen.sign(keys[who], digest);
    }

    /// @dev Of the signer that calls for itself something else is shown, which must not be read.
    function consent(Slot storage s, address caller, bytes32 digest)
        internal
        view
        returns (Signature[2] memory signatures)
    {
        for (uint256 i = 0; i < 2; ++i) {
            signatures[i] =
                caller == s.terms.signers[i] ? Signature(digest, digest) : sign(s.who[i], digest);
        }
    }

    function stateDigest(Slot storage s, uint40 nonce) internal view returns (bytes32) {
        return Digests.state(domain, s.id, nonce, commitmentAt(s, nonce));
    }

    function stateSignatures(Slot storage s, address caller, uint40 nonce)
        internal
        view
        returns (Signature[2] memory signatures)
    {
        if (nonce != 0) return consent(s, caller, stateDigest(s, nonce));
    }

    /// @dev A participant or a stranger.
    function someone(Slot storage s, uint256 seed) internal view returns (address) {
        return seed % 3 == 2 ? CROWD : s.terms.signers[seed % 3];
    }
}

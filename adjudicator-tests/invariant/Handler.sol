// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {Digests} from "../kit/Digests.sol";
import {RevertingPayee} from "../kit/HostilePayees.sol";
import {BlacklistToken} from "../kit/HostileTokens.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {ChannelView, Lock, Opening, Signature, Status, Terms} from "contracts/types/Channel.sol";

/// @title Random lives of several channels over several tokens
/// @dev Every call is one that has to succeed, or returns before it is made; `attack` makes those that have to fail. Each
/// channel has payees of its own, so that what left it can be counted from balances alone.
contract Handler is ChannelTest {
    /// @dev What the handler knows of a channel without asking the adjudicator.
    struct Ghost {
        uint256 put;
        uint256 taken;
        uint40 nonce;
        uint32 finalizesAt;
        uint256 timesClosed;
    }

    uint256 public constant CHANNELS = 5;
    Terms[] private channels;
    Ghost[] private ghosts;
    RevertingPayee public shut;
    BlacklistToken public firstToken;
    BlacklistToken public secondToken;
    mapping(string call => uint256) public calls;

    function setUp() public override {
        super.setUp();
        shut = new RevertingPayee();
        firstToken = newToken();
        secondToken = newToken();
        address[CHANNELS] memory tokens = [
            address(0), address(0), address(firstToken), address(firstToken), address(secondToken)
        ];
        for (uint256 i = 0; i < CHANNELS; ++i) {
            Terms memory made = terms;
            made.token = tokens[i];
            made.payouts = [makeAddr(named("payee 0 of", i)), makeAddr(named("payee 1 of", i))];
            if (i == 1) made.payouts[0] = address(shut);
            made.finalizationPeriod = uint32(1 hours * (i + 1));
            channels.push(made);
            ghosts.push();
        }
    }

    // Calls that succeed

    function deposit(uint256 channel, uint8 participant, uint256 amount) external {
        use(channel);
        if (view_().status != Status.Open) return;
        participant %= 2;
        amount = bound(amount, 1, 1e24);
        int256 current = view_().deposits[participant];
        uint256 value = terms.token == address(0) ? amount : 0;
        if (value == 0) BlacklistToken(terms.token).mint(address(this), amount);
        adjudicator.deposit{value: value}(terms, participant, amount, current);
        ghosts[channel % CHANNELS].put += amount;
        ++calls["deposit"];
    }

    function withdraw(uint256 channel, uint256 amount0, uint256 amount1, uint8 step) external {
        use(channel);
        ChannelView memory before = view_();
        if (before.status != Status.Open) return;
        uint256 total = uint256(before.deposits[0] + before.deposits[1]);
        amount0 = bound(amount0, 0, total);
        amount1 = bound(amount1, 0, total - amount0);
        uint40 nonce = before.nonce + 1 + step % 3;
        uint128[2] memory amounts = [uint128(amount0), uint128(amount1)];
        uint40 deadline = uint40(block.timestamp);
        Signature[2] memory signatures = signWithdraw(nonce, amounts, deadline);
        adjudicator.withdraw(terms, nonce, amounts, deadline, signatures);
        ghosts[channel % CHANNELS].nonce = nonce;
        ++calls["withdraw"];
    }

    function challenge(uint256 channel, uint8 step, uint8 who) external {
        use(channel);
        ChannelView memory before = view_();
        if (before.status != Status.Open || block.timestamp % 3 == 0) return;
        uint40 nonce = before.nonce + step % 3;
        bytes32 commitment = nonce == 0 ? bytes32(0) : commit(openingOf(nonce));
        Signature[2] memory signatures = signState(nonce, commitment);
        bytes32 digest = Digests.challenge(domain(), id, nonce, commitment);
        Signature memory will = sign(who % 2 == 0 ? aliceKey : bobKey, digest);
        vm.prank(who % 3 == 0 ? anyone : who % 3 == 1 ? alice : bob);
        adjudicator.challenge(terms, nonce, commitment, signatures, will);
        ghosts[channel % CHANNELS].nonce = nonce;
        ghosts[channel % CHANNELS].finalizesAt = uint32(block.timestamp + terms.finalizationPeriod);
        ++calls["challenge"];
    }

    function respond(uint256 channel, uint8 step) external {
        use(channel);
        ChannelView memory before = view_();
        if (before.status != Status.Disputed || block.timestamp >= before.finalizesAt) return;
        uint40 nonce = before.nonce + 1 + step % 3;
        respondAs(step % 2 == 0 ? anyone : alice, nonce, openingOf(nonce));
        ghosts[channel % CHANNELS].nonce = nonce;
        ++calls["respond"];
    }

    function settle(uint256 channel) external {
        use(channel);
        ChannelView memory before = view_();
        if (before.finalizesAt == 0 || block.timestamp < before.finalizesAt) return;
        if (before.status == Status.Closed) return;
        Opening memory opening = openingOf(before.nonce);
        if (before.status == Status.Settling && !somethingResolved(opening, before.resolvedLocks)) {
            return;
        }
        settle(opening);
        noteClosed(channel);
        ++calls[before.status == Status.Settling ? "settle again" : "settle"];
        if (view_().status == Status.Settling) ++calls["settle partly"];
    }

    function close(uint256 channel, int256 net) external {
        use(channel);
        ChannelView memory before = view_();
        if (before.status != Status.Open && before.status != Status.Disputed) return;
        // A channel that closes at once has no further life, so most of them are left alone.
        if (uint256(keccak256(abi.encode(net))) % 4 != 0) return;
        net = bound(net, -before.deposits[1], before.deposits[0]);
        adjudicator.close(terms, int128(net), signClose(int128(net)));
        ghosts[channel % CHANNELS].finalizesAt = uint32(block.timestamp);
        noteClosed(channel);
        ++calls["close"];
    }

    function claim(uint256 channel, uint8 participant) external {
        use(channel);
        participant %= 2;
        address payee = terms.payouts[participant];
        uint256 amount = adjudicator.credits(terms.token, payee);
        if (amount == 0) return;
        vm.prank(payee);
        adjudicator.claim(terms.token, address(0xc1a1));
        ghosts[channel % CHANNELS].taken += amount;
        ++calls["claim"];
    }

    function reveal(uint256 which) external {
        registry.reveal(preimageOf(which));
        ++calls["reveal"];
    }

    function wait(uint32 time) external {
        vm.warp(block.timestamp + bound(time, 1, 2 hours));
        ++calls["wait"];
    }

    function turn(uint256 channel, uint8 participant, bool refusing) external {
        use(channel);
        if (terms.token == address(0)) shut.setOpen(!refusing);
        else BlacklistToken(terms.token).setBlocked(terms.payouts[participant % 2], refusing);
        ++calls["turn"];
    }

    // Calls that fail

    function attack(uint256 channel, uint8 step) external {
        use(channel);
        ChannelView memory before = view_();
        uint40 stale = before.nonce - uint40(step % (uint256(before.nonce) + 1));
        bytes32 commitment = commit(openingOf(stale));
        Signature[2] memory signatures = signState(stale, commitment);
        try adjudicator.respond(terms, stale, commitment, signatures) {
            fail();
        } catch {}
        if (before.status == Status.Open) return;
        vm.prank(alice);
        try adjudicator.challenge(terms, before.nonce + 1, commitment, signatures, none()) {
            fail();
        } catch {}
        ++calls["attack"];
        if (before.status != Status.Closed) return;
        try adjudicator.settle(terms, openingOf(before.nonce)) {
            fail();
        } catch {}
        Signature[2] memory consent = signClose(0);
        try adjudicator.close(terms, 0, consent) {
            fail();
        } catch {}
        ++calls["attack on a closed channel"];
    }

    // What invariants ask

    function adjudicator_() external view returns (IAdjudicator) {
        return adjudicator;
    }

    function termsOf(uint256 channel) external view returns (Terms memory) {
        return channels[channel];
    }

    function ghostOf(uint256 channel) external view returns (Ghost memory) {
        return ghosts[channel];
    }

    // Inside

    function use(uint256 channel) internal {
        useTerms(channels[channel % CHANNELS]);
    }

    function noteClosed(uint256 channel) internal {
        if (view_().status == Status.Closed) ++ghosts[channel % CHANNELS].timesClosed;
    }

    /// @dev The one state of this channel at `nonce`: whoever asks gets the same.
    function openingOf(uint40 nonce) internal view returns (Opening memory opening) {
        if (nonce == 0) return opening;
        uint256 random = uint256(keccak256(abi.encode(id, nonce)));
        opening.blinding = bytes32(random);
        opening.net = int128(int256(random % 2e24) - 1e24);
        opening.locks = new Lock[](random / 7 % 4);
        for (uint256 i = 0; i < opening.locks.length; ++i) {
            random = uint256(keccak256(abi.encode(random)));
            opening.locks[i] = hashlock(
                preimageOf(random),
                uint128(random >> 100) % 1e23,
                uint8(random >> 8) % 2,
                START + uint40(random >> 16) % 2 days
            );
        }
    }

    function somethingResolved(Opening memory opening, uint256 resolvedBefore)
        internal
        view
        returns (bool)
    {
        for (uint256 i = 0; i < opening.locks.length; ++i) {
            Lock memory lock = opening.locks[i];
            (bool resolved,) = registry.payout(lock.key, lock.amount, lock.expiry);
            if (resolved && resolvedBefore >> i & 1 == 0) return true;
        }
        return false;
    }

    function preimageOf(uint256 which) internal pure returns (bytes32) {
        return bytes32(which % 5 + 1);
    }

    function newToken() internal returns (BlacklistToken token) {
        token = new BlacklistToken();
        token.approve(address(adjudicator), type(uint256).max);
    }

    function named(string memory text, uint256 index) internal pure returns (string memory) {
        return string.concat(text, " ", vm.toString(index));
    }
}

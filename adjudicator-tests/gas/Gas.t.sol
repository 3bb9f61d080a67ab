// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {Digests} from "../kit/Digests.sol";
import {Token} from "../kit/Token.sol";
import {Lock, Opening, Signature} from "contracts/types/Channel.sol";

/// @title Gas of whole transactions: 21,000, calldata and execution, less refunds
/// @dev `isolate` runs each call as a transaction of its own. The figures are in snapshots/; a change of one fails the test.
/// forge-config: default.isolate = true
contract GasTest is ChannelTest {
    uint256 internal path;

    function setUp() public override {
        super.setUp();
        vm.deal(alice, 100 ether);
        vm.deal(bob, 100 ether);
        vm.deal(alicePayout, 1 wei);
        vm.deal(bobPayout, 1 wei);
    }

    function snapshot(string memory name) internal {
        path += vm.snapshotGasLastCall("native", name);
    }

    function deposits() internal {
        vm.prank(alice);
        adjudicator.deposit{value: 1 ether}(terms, 0, 1 ether, 0);
        snapshot("deposit first");
        vm.prank(bob);
        adjudicator.deposit{value: 1 ether}(terms, 1, 1 ether, 0);
        snapshot("deposit second");
    }

    function test_gas_close() public {
        deposits();
        Signature[2] memory signatures = signClose(0.25 ether);
        signatures[0] = none();
        vm.prank(alice);
        adjudicator.close(terms, 0.25 ether, signatures);
        snapshot("close");
        vm.snapshotValue("native", "path happy", path);
    }

    function test_gas_withdraw() public {
        fund(1 ether, 1 ether);
        Signature[2] memory signatures = signWithdraw(7, [uint128(0.5 ether), 0], START + 1 hours);
        signatures[0] = none();
        vm.prank(alice);
        adjudicator.withdraw(terms, 7, [uint128(0.5 ether), 0], START + 1 hours, signatures);
        snapshot("withdraw by one");
    }

    function test_gas_disputed() public {
        deposits();
        challengeBy(alice, 7, paid(0.25 ether));
        snapshot("challenge");
        respondBy(bob, 8, paid(0.5 ether));
        snapshot("respond");
        vm.warp(block.timestamp + PERIOD);
        vm.prank(bob);
        adjudicator.settle(terms, paid(0.5 ether));
        snapshot("settle");
        vm.snapshotValue("native", "path disputed", path);
    }

    function test_gas_respondByAnyone() public {
        fund(1 ether, 1 ether);
        challengeBy(alice, 7, paid(0.25 ether));
        respondAs(anyone, 8, paid(0.5 ether));
        snapshot("respond by watchtower");
    }

    function test_gas_locks_1() public {
        settleLocks(1);
        vm.snapshotValue("native", "path disputed, 1 lock", path);
    }

    function test_gas_locks_2() public {
        settleLocks(2);
    }

    function test_gas_locks_10() public {
        settleLocks(10);
        vm.snapshotValue("native", "path disputed, 10 locks", path);
    }

    function test_gas_locks_128() public {
        settleLocks(128);
    }

    function test_gas_token() public {
        Token token = new Token();
        token.mint(alice, 10 ether);
        token.mint(bob, 10 ether);
        token.mint(alicePayout, 1);
        token.mint(bobPayout, 1);
        token.mint(address(adjudicator), 1);
        vm.prank(alice);
        token.approve(address(adjudicator), type(uint256).max);
        vm.prank(bob);
        token.approve(address(adjudicator), type(uint256).max);
        terms.token = address(token);
        id = adjudicator.channelId(terms);

        vm.prank(alice);
        adjudicator.deposit(terms, 0, 1 ether, 0);
        path = vm.snapshotGasLastCall("token", "deposit first");
        vm.prank(bob);
        adjudicator.deposit(terms, 1, 1 ether, 0);
        path += vm.snapshotGasLastCall("token", "deposit second");
        uint256 checkpoint = vm.snapshotState();

        Signature[2] memory signatures = signClose(0.25 ether);
        signatures[0] = none();
        vm.prank(alice);
        adjudicator.close(terms, 0.25 ether, signatures);
        vm.snapshotValue("token", "path happy", path + vm.snapshotGasLastCall("token", "close"));

        vm.revertToState(checkpoint);
        challengeBy(alice, 7, paid(0.25 ether));
        path += vm.snapshotGasLastCall("token", "challenge");
        respondBy(bob, 8, paid(0.5 ether));
        path += vm.snapshotGasLastCall("token", "respond");
        vm.warp(block.timestamp + PERIOD);
        vm.prank(bob);
        adjudicator.settle(terms, paid(0.5 ether));
        path += vm.snapshotGasLastCall("token", "settle");
        vm.snapshotValue("token", "path disputed", path);
    }

    /// @dev Challenge, response, one reveal of all preimages and settlement by the payee of every lock.
    function settleLocks(uint256 count) internal {
        fund(1 ether, 1 ether);
        Opening memory opening = paid(0.25 ether);
        opening.locks = new Lock[](count);
        bytes32[] memory preimages = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            preimages[i] = keccak256(abi.encode("preimage", i));
            opening.locks[i] = hashlock(preimages[i], 0.001 ether, 0, START + 2 hours);
        }
        challengeBy(alice, 7, paid(0.25 ether));
        path += vm.lastCallGas().gasTotalUsed;
        respondBy(bob, 8, opening);
        path += vm.lastCallGas().gasTotalUsed;
        vm.prank(bob);
        if (count == 1) registry.reveal(preimages[0]);
        else registry.revealMany(preimages);
        snapshot(named("reveal", count));
        vm.warp(block.timestamp + PERIOD);
        vm.prank(bob);
        adjudicator.settle(terms, opening);
        snapshot(named("settle", count));
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
        string memory plural = count == 1 ? " lock" : " locks";
        return string.concat(call, ", ", vm.toString(count), plural);
    }
}

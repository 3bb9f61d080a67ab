// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {HookedAccount} from "../kit/CallbackTokens.sol";
import {Digests} from "../kit/Digests.sol";
import {BurningPayee, BusyPayee, RevertingPayee} from "../kit/HostilePayees.sol";
import {HostileTest} from "../kit/HostileTest.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Opening, Signature, Status} from "contracts/types/Channel.sol";

/// @title Accounts with code that their owner may change at any time (EIP-7702)
/// forge-config: default.evm_version = "prague"
contract DelegationTest is HostileTest {
    /// @dev What EIP-7702 writes as the code of an account.
    function delegate(address account, address code) internal {
        if (code == address(0)) vm.etch(account, "");
        else vm.etch(account, abi.encodePacked(hex"ef0100", code));
    }

    function test_delegatedPayee_isPaidAsAContractIs() public {
        delegate(alicePayout, address(new BusyPayee()));
        useNative();
        closeAt(0);
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    function test_delegatedPayeeThatFails_isCredited() public {
        address[2] memory codes = [address(new RevertingPayee()), address(new BurningPayee())];
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < 2; ++i) {
            delegate(alicePayout, codes[i]);
            useNative();
            closeAt(0);
            assertCredited(PUT0, 0);
            assertReceived(0, PUT1);
            assertOthersWhole();
            vm.revertToState(checkpoint);
        }
    }

    function test_payeeThatChangesItsCodeDuringTheDispute_isTreatedAsItIsThen() public {
        useNative();
        challengeAs(alice, 1, paid(0));
        delegate(alicePayout, address(new RevertingPayee()));
        vm.warp(view_().finalizesAt);
        settle(paid(0));
        assertCredited(PUT0, 0);
        assertReceived(0, PUT1);
        // It takes its delegation back and fetches the credit as a plain account.
        delegate(alicePayout, address(0));
        vm.prank(alicePayout);
        adjudicator.claim(address(0), alicePayout, type(uint256).max);
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    function test_payeeThatDropsItsCodeDuringTheDispute_isPaid() public {
        delegate(alicePayout, address(new RevertingPayee()));
        useNative();
        challengeAs(alice, 1, paid(0));
        delegate(alicePayout, address(0));
        vm.warp(view_().finalizesAt);
        settle(paid(0));
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    // Whoever can make a signer's code call signs for it: a stranger here, with nothing of Alice's but her delegation.
    function test_delegatedSigner_countsAsCallingForItself() public {
        delegate(alice, address(new HookedAccount()));
        useNative();
        Opening memory opening = paid(int128(int256(PUT0)));
        Signature[2] memory signatures = signState(7, commit(opening));
        signatures[0] = none();
        bytes memory data =
            abi.encodeCall(IAdjudicator.challenge, (terms, 7, commit(opening), signatures, none()));
        vm.prank(anyone);
        HookedAccount(payable(alice)).execute(address(adjudicator), data);
        assertStatus(Status.Disputed);
        assertEq(view_().nonce, 7);
        assertOthersWhole();
    }

    function test_delegatedSigner_stillNeedsTheOther() public {
        delegate(alice, address(new HookedAccount()));
        useNative();
        Signature[2] memory signatures = signClose(-1);
        signatures[1] = none();
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.WrongSigner.selector, bob, address(0)));
        HookedAccount(payable(alice))
            .execute(
                address(adjudicator),
                abi.encodeCall(IAdjudicator.close, (terms, int128(-1), signatures))
            );
        assertEq(held(id), PUT0 + PUT1);
        assertOthersWhole();
    }

    // Code does not take away what the key signed: states are plain ECDSA whatever the account has become.
    function test_delegatedSigner_staysBoundByItsSignatures() public {
        useNative();
        Signature[2] memory signatures = signClose(3);
        delegate(alice, address(new RevertingPayee()));
        delegate(bob, address(new RevertingPayee()));
        adjudicator.close(terms, 3, signatures);
        assertReceived(PUT0 - 3, PUT1 + 3);
        assertOthersWhole();
    }

    // An account that runs the adjudicator's own code is not the adjudicator.
    function test_payeeDelegatedToTheAdjudicator_isCredited() public {
        delegate(alicePayout, address(adjudicator));
        useNative();
        closeAt(0);
        assertCredited(PUT0, 0);
        assertEq(alicePayout.balance, 0);
        assertOthersWhole();
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {Digests} from "../kit/Digests.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Signature, Status} from "contracts/types/Channel.sol";

contract CloseTest is ChannelTest {
    function setUp() public override {
        super.setUp();
        fund(100, 50);
    }

    // req: E54, E55, GAP-S2
    function test_close_paysBothAtOnce() public {
        Signature[2] memory signatures = signClose(30);
        vm.expectEmit(address(adjudicator));
        emit IAdjudicator.Closed(id, 70, 80);
        vm.prank(anyone);
        adjudicator.close(terms, 30, signatures);

        assertPaid(70, 80);
        assertStatus(Status.Closed);
        assertEq(view_().finalizesAt, START);
        assertEq(view_().deposits[0], 0);
        assertEq(view_().deposits[1], 0);
    }

    function test_close_needsOnlyTheOthersSignature_when_aSignerCalls() public {
        Signature[2] memory signatures = signClose(-50);
        signatures[0] = none();
        vm.prank(alice);
        adjudicator.close(terms, -50, signatures);
        assertPaid(150, 0);
    }

    function test_close_revertsWhen_aSignatureIsMissing() public {
        for (uint256 i = 0; i < 2; ++i) {
            Signature[2] memory signatures = signClose(30);
            signatures[i] = none();
            address signer = terms.signers[i];
            refuses(
                30,
                signatures,
                abi.encodeWithSelector(IAdjudicator.WrongSigner.selector, signer, address(0))
            );
        }
    }

    function test_close_revertsWhen_theSignaturesAreSwapped() public {
        Signature[2] memory signatures = signClose(30);
        (signatures[0], signatures[1]) = (signatures[1], signatures[0]);
        refuses(
            30, signatures, abi.encodeWithSelector(IAdjudicator.WrongSigner.selector, alice, bob)
        );
    }

    function test_close_revertsWhen_sIsHigh() public {
        Signature[2] memory signatures = signClose(30);
        bytes32 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        uint256 s = uint256(signatures[0].vs) & (type(uint256).max >> 1);
        uint256 parity = uint256(signatures[0].vs) >> 255;
        uint256 high = uint256(order) - s;
        // The high s of any signature takes the top bit, so it cannot even be written with a parity of its own.
        signatures[0].vs = bytes32(high | (1 - parity) << 255);
        refuses(30, signatures, "");
    }

    function test_close_revertsWhen_theDomainIsAnother() public {
        bytes32 chain = Digests.separator(block.chainid + 1, address(adjudicator));
        refuses(30, both(Digests.close(chain, id, 30)), "");
        bytes32 deployment = Digests.separator(block.chainid, anyone);
        refuses(30, both(Digests.close(deployment, id, 30)), "");
    }

    function test_close_revertsWhen_theChannelIsAnother() public {
        refuses(30, both(Digests.close(domain(), keccak256("another"), 30)), "");
    }

    function test_close_takesTheChainsNewId_afterAFork() public {
        Signature[2] memory old = signClose(30);
        vm.chainId(block.chainid + 1);
        assertEq(adjudicator.domainSeparator(), domain());
        refuses(30, old, "");
        adjudicator.close(terms, 30, signClose(30));
    }

    function test_close_revertsWhen_theNetExceedsADeposit() public {
        bytes4 selector = IAdjudicator.NetExceedsDeposits.selector;
        refuses(101, signClose(101), abi.encodeWithSelector(selector, 101, 100, 50));
        refuses(-51, signClose(-51), abi.encodeWithSelector(selector, -51, 100, 50));
        int128 least = type(int128).min;
        refuses(least, signClose(least), abi.encodeWithSelector(selector, least, 100, 50));
    }

    function test_close_paysAWholeDeposit() public {
        adjudicator.close(terms, 100, signClose(100));
        assertPaid(0, 150);
    }

    function test_close_endsADispute() public {
        challengeAs(alice, 3, paid(10));
        adjudicator.close(terms, 30, signClose(30));
        assertPaid(70, 80);
        assertStatus(Status.Closed);
        assertEq(view_().commitment, 0);
        assertEq(view_().nonce, 3);
        assertEq(view_().finalizesAt, START);
    }

    function test_close_endsADispute_after_finalizesAt() public {
        dispute(3, paid(10));
        adjudicator.close(terms, 30, signClose(30));
        assertPaid(70, 80);
        assertEq(view_().finalizesAt, block.timestamp);
    }

    function test_close_revertsWhen_theChannelIsSettling() public {
        dispute(3, locked(10, hashlock("p", 20, 0, START + 2 days)));
        settle(locked(10, hashlock("p", 20, 0, START + 2 days)));
        assertStatus(Status.Settling);
        refuses(0, signClose(0), abi.encodeWithSelector(IAdjudicator.AlreadyPaidOut.selector, id));
    }

    function test_close_revertsWhen_theChannelIsClosed() public {
        adjudicator.close(terms, 30, signClose(30));
        refuses(30, signClose(30), abi.encodeWithSelector(IAdjudicator.AlreadyPaidOut.selector, id));
    }

    function test_close_paysByANegativeDeposit() public {
        uint128[2] memory amounts = [uint128(0), 90];
        adjudicator.withdraw(terms, 5, amounts, START, signWithdraw(5, amounts, START));
        assertEq(view_().deposits[1], -40);
        adjudicator.close(terms, 60, signClose(60));
        assertPaid(40, 110);
    }

    function test_close_paysTwice_when_bothPayoutsAreOne() public {
        terms.payouts = [alicePayout, alicePayout];
        id = adjudicator.channelId(terms);
        fund(100, 50);
        adjudicator.close(terms, 30, signClose(30));
        assertPaid(150, 0);
    }

    function refuses(int128 net, Signature[2] memory signatures, bytes memory reason) internal {
        if (reason.length == 0) vm.expectPartialRevert(IAdjudicator.WrongSigner.selector);
        else vm.expectRevert(reason);
        adjudicator.close(terms, net, signatures);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Signature, Status} from "contracts/types/Channel.sol";

contract RespondTest is ChannelTest {
    uint40 private constant END = START + PERIOD;

    function setUp() public override {
        super.setUp();
        fund(400, 0);
    }

    // The dispute of the Sparky proof of concept with its own numbers. req: S3, S26, S28, S29, S30, S31
    function test_respond_paysTheNewestState_when_aliceClaimsAnOlderOne() public {
        challengeAs(alice, 2, paid(100));
        vm.warp(END - 1);
        respondAs(anyone, 3, paid(400));
        vm.warp(END);
        settle(paid(400));
        assertPaid(0, 400);
    }

    // The first application's walk through expiry: 100 in, 20 paid, 100 blocks, 80 and 20 out. req: S20, S21, S22, S23
    function test_respond_leaves80And20_when_bobUploadsTheLatestStateBeforeTheEnd() public {
        terms.salt = keccak256("walk");
        useTerms(terms);
        fund(100, 0);
        challengeAs(alice, 0, paid(0));
        vm.roll(block.number + 100);
        vm.warp(END - 1);
        respondAs(bob, 1, paid(20));
        vm.roll(block.number + 100);
        vm.warp(END);
        settle(paid(20));
        assertPaid(80, 20);
    }

    // req: S30, A59, GAP-S1
    function test_respond_replacesTheStateAndKeepsTheDeadline() public {
        challengeAs(alice, 2, paid(100));
        vm.warp(START + 1 hours);
        Signature[2] memory signatures = signState(3, commit(paid(400)));
        vm.expectEmit(address(adjudicator));
        emit IAdjudicator.Responded(id, 3);
        vm.prank(anyone);
        adjudicator.respond(terms, 3, commit(paid(400)), signatures);
        assertStatus(Status.Disputed);
        assertEq(view_().nonce, 3);
        assertEq(view_().commitment, commit(paid(400)));
        assertEq(view_().finalizesAt, END);
    }

    function test_respond_takesTheLastSecond() public {
        challengeAs(alice, 2, paid(100));
        vm.warp(END - 1);
        respondAs(bob, 3, paid(400));
        assertEq(view_().nonce, 3);
    }

    function test_respond_revertsWhen_thePeriodIsOver() public {
        challengeAs(alice, 2, paid(100));
        for (uint256 t = END; t <= END + 1; ++t) {
            vm.warp(t);
            refuses(
                3,
                paidCommitment(),
                abi.encodeWithSelector(IAdjudicator.FinalizationPeriodOver.selector, END, t)
            );
        }
    }

    // req: S32
    function test_respond_revertsWhen_nonceIsStale() public {
        challengeAs(alice, 2, paid(100));
        respondAs(bob, 7, paid(400));
        for (uint40 nonce = 0; nonce <= 7; ++nonce) {
            refuses(
                nonce,
                paidCommitment(),
                abi.encodeWithSelector(IAdjudicator.StaleNonce.selector, 7, nonce)
            );
        }
        respondAs(bob, 8, paid(400));
    }

    function test_respond_takesTheHighestNonce_andThenNone() public {
        challengeAs(alice, 0, paid(0));
        respondAs(bob, type(uint40).max, paid(400));
        assertEq(view_().nonce, type(uint40).max);
        refuses(
            type(uint40).max,
            paidCommitment(),
            abi.encodeWithSelector(
                IAdjudicator.StaleNonce.selector, type(uint40).max, type(uint40).max
            )
        );
    }

    function test_respond_revertsWhen_theCommitmentIsMissing() public {
        challengeAs(alice, 2, paid(100));
        refuses(3, 0, abi.encodeWithSelector(IAdjudicator.MissingCommitment.selector, 3));
    }

    function test_respond_revertsWhen_theChannelIsOpen() public {
        refuses(3, paidCommitment(), abi.encodeWithSelector(IAdjudicator.NotDisputed.selector, id));
    }

    function test_respond_revertsWhen_theChannelIsClosed() public {
        adjudicator.close(terms, 0, signClose(0));
        refuses(3, paidCommitment(), abi.encodeWithSelector(IAdjudicator.NotDisputed.selector, id));
    }

    function test_respond_revertsWhen_aSignatureIsMissing() public {
        challengeAs(alice, 2, paid(100));
        bytes32 commitment = paidCommitment();
        for (uint256 i = 0; i < 2; ++i) {
            Signature[2] memory signatures = signState(3, commitment);
            signatures[i] = none();
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAdjudicator.WrongSigner.selector, terms.signers[i], address(0)
                )
            );
            vm.prank(anyone);
            adjudicator.respond(terms, 3, commitment, signatures);
            vm.prank(terms.signers[i]);
            uint256 checkpoint = vm.snapshotState();
            adjudicator.respond(terms, 3, commitment, signatures);
            vm.revertToState(checkpoint);
        }
    }

    function testFuzz_respond_neverMovesTheDeadlineNorLowersTheNonce(
        uint40[8] memory nonces,
        uint24[8] memory waits
    ) public {
        challengeAs(alice, 2, paid(100));
        for (uint256 i = 0; i < nonces.length; ++i) {
            vm.warp(block.timestamp + waits[i] / 400);
            uint40 before = view_().nonce;
            Signature[2] memory signatures = signState(nonces[i], paidCommitment());
            if (block.timestamp >= END) {
                vm.expectPartialRevert(IAdjudicator.FinalizationPeriodOver.selector);
            } else if (nonces[i] <= before) {
                vm.expectPartialRevert(IAdjudicator.StaleNonce.selector);
            }
            adjudicator.respond(terms, nonces[i], paidCommitment(), signatures);
            assertEq(view_().finalizesAt, END);
            assertGe(view_().nonce, before);
        }
    }

    function paidCommitment() internal pure returns (bytes32) {
        return commit(paid(400));
    }

    function refuses(uint40 nonce, bytes32 commitment, bytes memory reason) internal {
        Signature[2] memory signatures = signState(nonce, commitment);
        vm.expectRevert(reason);
        adjudicator.respond(terms, nonce, commitment, signatures);
    }
}

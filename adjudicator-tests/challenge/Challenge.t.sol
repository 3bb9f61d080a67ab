// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {Digests} from "../kit/Digests.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Opening, Signature, Status} from "contracts/types/Channel.sol";

contract ChallengeTest is ChannelTest {
    bytes32 private commitment;

    function setUp() public override {
        super.setUp();
        fund(100, 50);
        commitment = commit(paid(30));
    }

    // req: S6, A58
    function test_challenge_startsTheFinalizationPeriod() public {
        Signature[2] memory signatures = signState(5, commitment);
        vm.expectEmit(address(adjudicator));
        emit IAdjudicator.Challenged(id, 5, uint32(START) + PERIOD);
        vm.prank(alice);
        adjudicator.challenge(terms, 5, commitment, signatures, none());

        assertStatus(Status.Disputed);
        assertEq(view_().nonce, 5);
        assertEq(view_().finalizesAt, START + PERIOD);
        assertEq(view_().commitment, commitment);
        assertEq(view_().deposits[0], 100);
        assertEq(view_().deposits[1], 50);
    }

    // req: S27
    function test_challenge_needsOnlyTheOthersSignature_when_aSignerCalls() public {
        Signature[2] memory signatures = signState(5, commitment);
        signatures[1] = none();
        vm.prank(bob);
        adjudicator.challenge(terms, 5, commitment, signatures, none());
        assertStatus(Status.Disputed);
    }

    // req: GAP-S3
    function test_challenge_revertsWhen_aSignatureIsMissing() public {
        for (uint256 i = 0; i < 2; ++i) {
            Signature[2] memory signatures = signState(5, commitment);
            signatures[i] = none();
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAdjudicator.WrongSigner.selector, terms.signers[i], address(0)
                )
            );
            vm.prank(terms.signers[1 - i]);
            adjudicator.challenge(terms, 5, commitment, signatures, none());
        }
    }

    function test_challenge_takesNonceZeroWithoutSignatures() public {
        vm.prank(bob);
        adjudicator.challenge(terms, 0, 0, noneOfBoth(), none());
        assertStatus(Status.Disputed);
        assertEq(view_().commitment, 0);
    }

    function test_challenge_revertsWhen_nonceZeroHasACommitment() public {
        vm.prank(bob);
        vm.expectRevert(
            abi.encodeWithSelector(IAdjudicator.WrongCommitment.selector, 0, commitment)
        );
        adjudicator.challenge(terms, 0, commitment, noneOfBoth(), none());
    }

    function test_challenge_revertsWhen_theCommitmentIsMissing() public {
        Signature[2] memory signatures = signState(5, 0);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.MissingCommitment.selector, 5));
        adjudicator.challenge(terms, 5, 0, signatures, none());
    }

    function test_challenge_takesTheStoredNonce_butNoneBelow() public {
        adjudicator.withdraw(
            terms, 5, [uint128(1), 0], START, signWithdraw(5, [uint128(1), 0], START)
        );
        Signature[2] memory signatures = signState(4, commitment);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.StaleNonce.selector, 5, 4));
        adjudicator.challenge(terms, 4, commitment, signatures, none());
        challengeAs(alice, 5, paid(30));
        assertStatus(Status.Disputed);
    }

    function test_challenge_carriesTheWillOfEitherSigner() public {
        bytes32 will = Digests.challenge(domain(), id, 5, commitment);
        uint256 checkpoint = vm.snapshotState();
        challengeWith(sign(aliceKey, will));
        vm.revertToState(checkpoint);
        challengeWith(sign(bobKey, will));
        assertStatus(Status.Disputed);
    }

    function test_challenge_revertsWhen_thereIsNoWill() public {
        (, uint256 stranger) = makeAddrAndKey("stranger");
        Signature[5] memory wills = [
            none(),
            sign(stranger, Digests.challenge(domain(), id, 5, commitment)),
            sign(aliceKey, Digests.challenge(domain(), id, 4, commitment)),
            sign(aliceKey, Digests.challenge(domain(), id, 5, bytes32("another"))),
            sign(aliceKey, Digests.state(domain(), id, 5, commitment))
        ];
        for (uint256 i = 0; i < wills.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAdjudicator.NotAParticipant.selector, anyone));
            this.challengeWith(wills[i]);
        }
    }

    // req: GAP-S1
    function test_challenge_revertsWhen_theChannelIsInDispute() public {
        challengeAs(alice, 5, paid(30));
        Signature[2] memory signatures = signState(6, commitment);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.NotOpen.selector, id));
        adjudicator.challenge(terms, 6, commitment, signatures, none());
    }

    function test_challenge_revertsWhen_theChannelIsClosed() public {
        adjudicator.close(terms, 0, signClose(0));
        Signature[2] memory signatures = signState(6, commitment);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.NotOpen.selector, id));
        adjudicator.challenge(terms, 6, commitment, signatures, none());
    }

    // req: GAP-S4
    function test_challenge_revertsWhen_theStateIsOfAnotherDomain() public {
        bytes32 other = Digests.separator(block.chainid, anyone);
        Signature[2] memory signatures = both(Digests.state(other, id, 5, commitment));
        vm.prank(bob);
        vm.expectPartialRevert(IAdjudicator.WrongSigner.selector);
        adjudicator.challenge(terms, 5, commitment, signatures, none());
    }

    function test_challenge_takesAChannelThatWasNeverFunded() public {
        terms.salt = keccak256("unfunded");
        id = adjudicator.channelId(terms);
        dispute(0, paid(0));
        Opening memory nothing;
        settle(nothing);
        assertStatus(Status.Closed);
        assertPaid(0, 0);
    }

    // A recovered address of zero must not pass for a signer of zero.
    function test_challenge_revertsWhen_aSignerIsZeroAndTheSignatureIsMalformed() public {
        terms.signers[1] = address(0);
        id = adjudicator.channelId(terms);
        vm.prank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(IAdjudicator.WrongSigner.selector, address(0), address(0))
        );
        adjudicator.challenge(terms, 5, commitment, noneOfBoth(), none());
        vm.prank(anyone);
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.NotAParticipant.selector, anyone));
        adjudicator.challenge(terms, 0, 0, noneOfBoth(), none());
    }

    function challengeWith(Signature memory will) public {
        Signature[2] memory signatures = signState(5, commitment);
        vm.prank(anyone);
        adjudicator.challenge(terms, 5, commitment, signatures, will);
    }

    function test_challenge_storesTheCommitment_ofTheFirstState() public {
        challengeAs(alice, 1, paid(30));
        assertEq(view_().commitment, commit(paid(30)));
    }
}

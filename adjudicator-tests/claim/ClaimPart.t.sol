// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {HostileTest} from "../kit/HostileTest.sol";
import {Token} from "../kit/Token.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Opening, Terms} from "contracts/types/Channel.sol";

/// @title Moves at most `CAP` in one transfer, and can be paused
contract CappedToken is Token {
    uint256 public constant CAP = 12_000;
    bool private _paused;

    function setPaused(bool paused) external {
        _paused = paused;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        require(!_paused && amount <= CAP, "limit");
        return super.transfer(to, amount);
    }
}

/// @title Credits that are too large for one transfer
/// @dev At risk: the whole credit, for ever. A stranger could add to it until no transfer of the sum could succeed.
contract ClaimPartTest is HostileTest {
    CappedToken private token;

    function setUp() public override {
        super.setUp();
        token = new CappedToken();
        useToken(address(token));
    }

    function test_claim_paysInParts_when_aStrangerMadeTheCreditTooLarge() public {
        Terms memory theirs = terms;
        theirs.signers = [makeAddr("griefer"), makeAddr("accomplice")];
        theirs.payouts = [alicePayout, alicePayout];
        provide(address(token), 2_001);
        adjudicator.deposit(theirs, 0, 2_001, 0);
        token.setPaused(true);
        closeAt(0);
        vm.prank(theirs.signers[0]);
        adjudicator.challenge(theirs, 0, 0, noneOfBoth(), none());
        vm.warp(block.timestamp + PERIOD);
        Opening memory nothing;
        adjudicator.settle(theirs, nothing);
        token.setPaused(false);
        assertEq(credited(alicePayout), PUT0 + 2_001);

        vm.startPrank(alicePayout);
        vm.expectPartialRevert(IAdjudicator.PayoutFailed.selector);
        adjudicator.claim(address(token), alicePayout, type(uint256).max);
        assertEq(adjudicator.claim(address(token), alicePayout, PUT0), PUT0);
        assertEq(adjudicator.claim(address(token), alicePayout, PUT0), 2_001);
        vm.stopPrank();
        assertEq(token.balanceOf(alicePayout), PUT0 + 2_001);
        assertEq(credited(alicePayout), 0);
    }

    function test_claimFor_paysInParts_when_aSettlementExceedsTheCap() public {
        dispute(1, paid(-int128(int256(PUT1))));
        settle(paid(-int128(int256(PUT1))));
        assertCredited(PUT0 + PUT1, 0);
        assertEq(adjudicator.claimFor(address(token), alicePayout, 12_000), 12_000);
        assertCredited(PUT0 + PUT1 - 12_000, 0);
        assertEq(adjudicator.claimFor(address(token), alicePayout, 12_000), PUT0 + PUT1 - 12_000);
        assertReceived(PUT0 + PUT1, 0);
        assertOthersWhole();
    }

    function test_claim_revertsWhen_nothingIsAskedFor() public {
        token.setPaused(true);
        closeAt(0);
        bytes memory error = abi.encodeWithSelector(
            IAdjudicator.NothingToClaim.selector, address(token), alicePayout
        );
        vm.expectRevert(error);
        vm.prank(alicePayout);
        adjudicator.claim(address(token), alicePayout, 0);
        vm.expectRevert(error);
        adjudicator.claimFor(address(token), alicePayout, 0);
    }
}

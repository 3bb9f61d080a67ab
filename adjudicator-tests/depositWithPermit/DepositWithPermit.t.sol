// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {Token} from "../kit/Token.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";

contract DepositWithPermitTest is ChannelTest {
    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    Token private token;

    function setUp() public override {
        super.setUp();
        token = new Token();
        token.mint(alice, 100);
        terms.token = address(token);
        id = adjudicator.channelId(terms);
    }

    function test_depositWithPermit_needsNoApproval() public {
        (uint8 v, bytes32 r, bytes32 s) = permit(30);
        vm.prank(alice);
        adjudicator.depositWithPermit(terms, 0, 30, 0, START, v, r, s);
        assertEq(view_().deposits[0], 30);
    }

    function test_depositWithPermit_deposits_when_aFrontRunnerSpentThePermit() public {
        (uint8 v, bytes32 r, bytes32 s) = permit(30);
        vm.prank(anyone);
        token.permit(alice, address(adjudicator), 30, START, v, r, s);
        vm.prank(alice);
        adjudicator.depositWithPermit(terms, 0, 30, 0, START, v, r, s);
        assertEq(view_().deposits[0], 30);
    }

    function test_depositWithPermit_revertsWhen_thePermitIsBad() public {
        (uint8 v, bytes32 r, bytes32 s) = permit(29);
        vm.prank(alice);
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        adjudicator.depositWithPermit(terms, 0, 30, 0, START, v, r, s);
    }

    function test_depositWithPermit_revertsWhen_theChannelHoldsTheNativeCoin() public {
        terms.token = address(0);
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.TokenWithoutCode.selector, address(0)));
        adjudicator.depositWithPermit(terms, 0, 30, 0, START, 0, 0, 0);
    }

    function permit(uint256 amount) internal view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 hash = keccak256(
            abi.encode(PERMIT_TYPEHASH, alice, address(adjudicator), amount, 0, uint256(START))
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), hash));
        return vm.sign(aliceKey, digest);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {Token} from "../kit/Token.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {IReceiveWithAuthorization} from "contracts/interfaces/IReceiveWithAuthorization.sol";
import {Authorization} from "contracts/types/Authorization.sol";

/// @title Checks all that ERC-3009 asks for, over a hash of its own
contract AuthorizedToken is Token, IReceiveWithAuthorization {
    mapping(bytes32 => bool) private _used;

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        require(to == msg.sender && !_used[nonce], "refused");
        require(block.timestamp > validAfter && block.timestamp < validBefore, "time");
        // Everything up to the nonce.
        require(ecrecover(keccak256(msg.data[4:196]), v, r, s) == from, "sig");
        _used[nonce] = true;
        _transfer(from, to, value);
    }
}

contract DepositWithAuthorizationTest is ChannelTest {
    AuthorizedToken private token;
    uint8 private v;
    bytes32 private r;
    bytes32 private s;

    function setUp() public override {
        super.setUp();
        token = new AuthorizedToken();
        token.mint(alice, 100);
        terms.token = address(token);
        id = adjudicator.channelId(terms);
        bytes32 nonce = keccak256(abi.encode(id, uint8(0), int256(0)));
        bytes memory signed =
            abi.encode(alice, address(adjudicator), uint256(30), START - 1, START + 2, nonce);
        (v, r, s) = vm.sign(aliceKey, keccak256(signed));
    }

    function test_depositWithAuthorization_takesTheMoneyOfTheSigner() public {
        submit(0, 0);
        assertEq(view_().deposits[0], 30);
        assertEq(token.balanceOf(alice), 70);
    }

    function test_depositWithAuthorization_revertsWhen_beforeOrAfterItsTime() public {
        vm.warp(START - 1);
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        submit(0, 0);
        vm.warp(START + 2);
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        submit(0, 0);
        vm.warp(START + 1);
        submit(0, 0);
        assertEq(view_().deposits[0], 30);
    }

    function test_depositWithAuthorization_revertsWhen_turnedToTheOtherParticipant() public {
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        submit(1, 0);
    }

    function test_depositWithAuthorization_revertsWhen_turnedToAnotherChannel() public {
        terms.salt = keccak256("another");
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        submit(0, 0);
    }

    function test_depositWithAuthorization_revertsWhen_expectedIsChanged() public {
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        submit(0, 1);
    }

    function test_depositWithAuthorization_revertsWhen_submittedTwice() public {
        submit(0, 0);
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        submit(0, 0);
    }

    function test_depositWithAuthorization_revertsWhen_theTokenHasNoSuchFunction() public {
        Token plain = new Token();
        plain.mint(alice, 100);
        terms.token = address(plain);
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        submit(0, 0);
    }

    function test_depositWithAuthorization_revertsWhen_theChannelHoldsTheNativeCoin() public {
        terms.token = address(0);
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.TokenWithoutCode.selector, address(0)));
        submit(0, 0);
    }

    function submit(uint8 participant, int256 expected) internal {
        vm.prank(anyone);
        adjudicator.depositWithAuthorization(
            terms, participant, 30, expected, Authorization(alice, START - 1, START + 2, v, r, s)
        );
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {Token} from "../kit/Token.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {IReceiveWithAuthorization} from "contracts/interfaces/IReceiveWithAuthorization.sol";
import {Authorization} from "contracts/types/Authorization.sol";

/// @title Checks all that ERC-3009 asks for but the time, over a hash of its own
contract AuthorizedToken is Token, IReceiveWithAuthorization {
    mapping(bytes32 => bool) private _used;

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256,
        uint256,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        require(to == msg.sender && !_used[nonce], "refused");
        require(ecrecover(keccak256(abi.encode(from, to, value, nonce)), v, r, s) == from, "sig");
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
        bytes32 hash = keccak256(abi.encode(alice, address(adjudicator), uint256(30), nonce));
        (v, r, s) = vm.sign(aliceKey, hash);
    }

    function test_depositWithAuthorization_takesTheMoneyOfTheSigner() public {
        submit(0, 0);
        assertEq(view_().deposits[0], 30);
        assertEq(token.balanceOf(alice), 70);
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
            terms, participant, 30, expected, Authorization(alice, 0, type(uint256).max, v, r, s)
        );
    }
}

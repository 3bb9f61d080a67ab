// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {AuthorizedToken} from "../depositWithAuthorization/DepositWithAuthorization.t.sol";
import {GasTest} from "./GasTest.sol";
import {Authorization} from "contracts/types/Authorization.sol";

/// @dev The token is OpenZeppelin's with allowances that never run out.
/// forge-config: default.isolate = true
contract TokenGasTest is GasTest {
    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    uint256 private constant END = START + 1;
    AuthorizedToken private token;

    function setUp() public override {
        super.setUp();
        asset = "token";
        token = new AuthorizedToken();
        address[6] memory holders =
            [alice, bob, alicePayout, bobPayout, address(adjudicator), address(this)];
        for (uint256 i = 0; i < holders.length; ++i) {
            token.mint(holders[i], 10 ether);
            vm.prank(holders[i]);
            token.approve(address(adjudicator), type(uint256).max);
        }
        terms.token = address(token);
        useTerms(terms);
    }

    function depositBy(address depositor, uint8 participant) internal override {
        vm.prank(depositor);
        adjudicator.deposit(terms, participant, 1 ether, 0);
    }

    // What the token alone asks for: nobody can move it for less.
    function test_gas_theTokenAlone() public {
        vm.prank(alice);
        token.approve(address(this), type(uint256).max);
        token.transferFrom(alice, address(adjudicator), 1 ether);
        record("transferFrom, the token alone");
        vm.prank(address(adjudicator));
        token.transfer(bobPayout, 1 ether);
        record("transfer, the token alone");
    }

    function test_gas_depositWithPermit() public {
        vm.prank(alice);
        token.approve(address(adjudicator), 0);
        bytes32 permit =
            keccak256(abi.encode(PERMIT_TYPEHASH, alice, address(adjudicator), 1 ether, 0, START));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), permit));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(aliceKey, digest);
        vm.prank(alice);
        adjudicator.depositWithPermit(terms, 0, 1 ether, 0, START, v, r, s);
        record("deposit first with permit");
    }

    function test_gas_depositWithAuthorization() public {
        bytes32 nonce = keccak256(abi.encode(id, uint8(0), int256(0)));
        bytes32 hash = keccak256(
            abi.encode(alice, address(adjudicator), uint256(1 ether), uint256(0), END, nonce)
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(aliceKey, hash);
        vm.prank(anyone);
        adjudicator.depositWithAuthorization(
            terms, 0, 1 ether, 0, Authorization(alice, 0, END, v, r, s)
        );
        record("deposit first with authorization");
    }
}

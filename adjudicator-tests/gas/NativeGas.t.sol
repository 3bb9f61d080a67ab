// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {RevertingPayee} from "../kit/HostilePayees.sol";
import {GasTest} from "./GasTest.sol";
import {Signature} from "contracts/types/Channel.sol";

/// forge-config: default.isolate = true
contract NativeGasTest is GasTest {
    function setUp() public override {
        super.setUp();
        asset = "native";
        vm.deal(alice, 100 ether);
        vm.deal(bob, 100 ether);
        vm.deal(alicePayout, 1 wei);
        vm.deal(bobPayout, 1 wei);
    }

    function depositBy(address depositor, uint8 participant) internal override {
        vm.prank(depositor);
        adjudicator.deposit{value: 1 ether}(terms, participant, 1 ether, 0);
    }

    function test_gas_claim() public {
        RevertingPayee payee = new RevertingPayee();
        terms.payouts[0] = address(payee);
        useTerms(terms);
        deposits();
        Signature[2] memory signatures = signClose(0.25 ether);
        signatures[0] = none();
        vm.prank(alice);
        adjudicator.close(terms, 0.25 ether, signatures);
        record("close, one payout refused");
        payee.setOpen(true);
        vm.prank(anyone);
        adjudicator.claimFor(address(0), address(payee), type(uint256).max);
        record("claim for");
    }
}

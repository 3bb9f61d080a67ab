// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Signature, Terms} from "contracts/types/Channel.sol";
import {Ledger} from "contracts/types/Ledger.sol";
import {Test} from "forge-std/Test.sol";

import {SVM} from "./Svm.sol";

abstract contract SymbolicTest is Test {
    IAdjudicator internal adjudicator;

    function setUp() public virtual {
        adjudicator = IAdjudicator(deployCode("Adjudicator.sol:Adjudicator"));
        SVM.enableSymbolicStorage(address(adjudicator));
    }

    function slotOf(bytes32 id) internal pure returns (bytes32) {
        return keccak256(abi.encode(id, uint256(0)));
    }

    function ledgerOf(bytes32 id) internal view returns (Ledger) {
        return Ledger.wrap(uint256(vm.load(address(adjudicator), slotOf(id))));
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Terms} from "contracts/types/Channel.sol";
import {Ledger} from "contracts/types/Ledger.sol";
import {Test} from "forge-std/Test.sol";

import {SVM} from "./Svm.sol";

/// @title The adjudicator in any state
/// @dev Every slot of its storage starts as a symbol: what is proved holds from whatever history. An argument of a `check_`
/// function is a symbol too, over the full range of its type.
abstract contract SymbolicTest is Test {
    IAdjudicator internal adjudicator;

    function setUp() public virtual {
        adjudicator = IAdjudicator(deployCode("Adjudicator.sol:Adjudicator"));
        SVM.enableSymbolicStorage(address(adjudicator));
    }

    /// @dev The channel id, hashed apart from the contract's own way.
    function idOf(Terms memory terms) internal pure returns (bytes32) {
        return keccak256(abi.encode(terms));
    }

    /// @dev The three slots of a channel start here; `_channels` is the first variable of the contract.
    function slotOf(bytes32 id) internal pure returns (bytes32) {
        return keccak256(abi.encode(id, uint256(0)));
    }

    function ledgerOf(bytes32 id) internal view returns (Ledger) {
        return Ledger.wrap(uint256(vm.load(address(adjudicator), slotOf(id))));
    }

    function commitmentOf(bytes32 id) internal view returns (bytes32) {
        return vm.load(address(adjudicator), bytes32(uint256(slotOf(id)) + 1));
    }

    function resolvedOf(bytes32 id) internal view returns (uint256) {
        return uint256(vm.load(address(adjudicator), bytes32(uint256(slotOf(id)) + 2)));
    }

    /// @dev Bounds a property to native coin and two payees without code, where neither is what it is about.
    function payNativeToTwo(Terms memory terms) internal pure {
        terms.token = address(0);
        terms.payouts = [address(0xA11CE), address(0xB0B)];
    }
}

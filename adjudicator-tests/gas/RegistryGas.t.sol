// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IHashlockRegistry} from "contracts/interfaces/IHashlockRegistry.sol";
import {IPointlockRegistry} from "contracts/interfaces/IPointlockRegistry.sol";
import {MAX_LOCKS} from "contracts/types/Bounds.sol";
import {Test} from "forge-std/Test.sol";

/// @title Gas of reveals, as whole transactions
/// forge-config: default.isolate = true
contract RegistryGasTest is Test {
    IHashlockRegistry private hashes;
    IPointlockRegistry private points;

    function setUp() public {
        hashes = IHashlockRegistry(deployCode("HashlockRegistry.sol:HashlockRegistry"));
        points = IPointlockRegistry(deployCode("PointlockRegistry.sol:PointlockRegistry"));
    }

    function test_gas_reveal() public {
        hashes.reveal(secrets(1)[0]);
        vm.snapshotGasLastCall("registry", "preimage");
        points.reveal(secrets(1)[0]);
        vm.snapshotGasLastCall("registry", "scalar");
    }

    function test_gas_revealMany() public {
        uint256[2] memory counts = [uint256(10), MAX_LOCKS];
        for (uint256 i = 0; i < counts.length; ++i) {
            uint256 fresh = vm.snapshotState();
            string memory count = vm.toString(counts[i]);
            hashes.revealMany(secrets(counts[i]));
            vm.snapshotGasLastCall("registry", string.concat(count, " preimages"));
            points.revealMany(secrets(counts[i]));
            vm.snapshotGasLastCall("registry", string.concat(count, " scalars"));
            vm.revertToState(fresh);
        }
    }

    function secrets(uint256 count) private pure returns (bytes32[] memory all) {
        all = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            all[i] = keccak256(abi.encode("secret", i));
        }
    }
}

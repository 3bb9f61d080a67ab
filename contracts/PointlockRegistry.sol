// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Reveals} from "./Reveals.sol";
import {IPointlockRegistry} from "./interfaces/IPointlockRegistry.sol";

/// @title The first time the scalar of each point was revealed
/// @notice What it promises is said in `IPointlockRegistry` and `IReveals`.
contract PointlockRegistry is Reveals, IPointlockRegistry {
    /// @dev n, the order of secp256k1.
    uint256 private constant ORDER =
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    /// @dev G.x, less than n. G.y is even.
    uint256 private constant GENERATOR_X =
        0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798;

    /// @inheritdoc IPointlockRegistry
    function reveal(bytes32 scalar) external returns (bytes32 key) {
        return _reveal(scalar);
    }

    /// @inheritdoc IPointlockRegistry
    function revealMany(bytes32[] calldata scalars) external {
        for (uint256 i = 0; i < scalars.length; ++i) {
            _reveal(scalars[i]);
        }
    }

    function _reveal(bytes32 scalar) private returns (bytes32 key) {
        key = _key(scalar);
        if (revealedAt[key] != 0) return key;
        revealedAt[key] = block.timestamp;
        emit Revealed(key, scalar);
    }

    /// @dev Recovery answers the address of r^-1 (s' R - z G). With z = 0, r = G.x, hence R = G for v = 27, the even G.y, and
    /// s' = s G.x mod n, that is s G. It answers zero for s' = 0 only, which no scalar from 1 to n - 1 gives: n is prime.
    function _key(bytes32 scalar) private pure returns (bytes32) {
        uint256 s = uint256(scalar);
        if (s == 0 || s >= ORDER) revert ScalarOutOfRange(scalar, ORDER);
        bytes32 multiple = bytes32(mulmod(s, GENERATOR_X, ORDER));
        return bytes32(uint256(uint160(ecrecover(0, 27, bytes32(GENERATOR_X), multiple))));
    }
}

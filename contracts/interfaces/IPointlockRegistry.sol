// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IReveals} from "./IReveals.sol";

/// @title The first time the scalar of each point was revealed
/// @notice The secret is a scalar s of secp256k1, 0 < s < n with n the order of the curve, as 32 bytes, most significant
/// first. Its key is the address of the point s G as Ethereum derives it from a public key (the last 20 bytes of the
/// Keccak-256 of the point's coordinates), after 12 zero bytes. A key with other bytes there has no scalar: a lock under
/// it returns to its payer.
///
/// Assumptions on who locks money:
/// - Whoever knows the scalar can reveal it, so a point is fit for a lock only if nobody but the payee, or those it chose,
///   knows its scalar. The address of an account in use is a valid key whose scalar is that account's secret key.
/// - A key is 20 bytes of a hash. Who is to be bound by a scalar that nobody else could have given must check the point
///   itself; the registry takes any scalar with that address.
interface IPointlockRegistry is IReveals {
    /// @notice A scalar was revealed for the first time.
    /// @param key The address of its point.
    /// @param scalar The secret.
    event Revealed(bytes32 indexed key, bytes32 scalar);

    /// @notice A scalar was not from 1 to `order` - 1, so it is not the one scalar of its point, or its point has no address.
    error ScalarOutOfRange(bytes32 scalar, uint256 order);

    /// @notice Records the block time of the first reveal; later reveals of the same scalar change nothing. Reverts with
    /// `ScalarOutOfRange`.
    /// @param scalar The secret.
    /// @return key The address of the scalar's point, after 12 zero bytes.
    function reveal(bytes32 scalar) external returns (bytes32 key);

    /// @notice `reveal` for each scalar in turn; reverts as a whole if one of them is refused.
    /// @param scalars The secrets.
    function revealMany(bytes32[] calldata scalars) external;
}

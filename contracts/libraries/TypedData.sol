// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @title The hashes of the signed types, EIP-712
/// @notice Each function returns the struct hash of one type; `Domain` turns it into a digest.
library TypedData {
    bytes32 internal constant STATE_TYPEHASH =
        keccak256("State(bytes32 channelId,uint40 nonce,bytes32 commitment)");
    bytes32 internal constant CHALLENGE_TYPEHASH =
        keccak256("Challenge(bytes32 channelId,uint40 nonce,bytes32 commitment)");
    bytes32 internal constant WITHDRAW_TYPEHASH = keccak256(
        "Withdraw(bytes32 channelId,uint40 nonce,uint128 amount0,uint128 amount1,uint40 deadline)"
    );
    bytes32 internal constant CLOSE_TYPEHASH = keccak256("Close(bytes32 channelId,int128 net)");

    /// @notice Hash of a `State`.
    /// @param channelId The channel.
    /// @param nonce Of the state.
    /// @param commitment Hash of the state's opening.
    /// @return structHash Of EIP-712.
    function state(bytes32 channelId, uint40 nonce, bytes32 commitment)
        internal
        pure
        returns (bytes32 structHash)
    {
        return keccak256(abi.encode(STATE_TYPEHASH, channelId, nonce, commitment));
    }

    /// @notice Hash of a `Challenge`, a participant's will that a dispute begins.
    /// @param channelId The channel.
    /// @param nonce Of the state.
    /// @param commitment Hash of the state's opening.
    /// @return structHash Of EIP-712.
    function challenge(bytes32 channelId, uint40 nonce, bytes32 commitment)
        internal
        pure
        returns (bytes32 structHash)
    {
        return keccak256(abi.encode(CHALLENGE_TYPEHASH, channelId, nonce, commitment));
    }

    /// @notice Hash of a `Withdraw`.
    /// @param channelId The channel.
    /// @param nonce Of the state.
    /// @param amount0 Taken out of deposit 0.
    /// @param amount1 Taken out of deposit 1.
    /// @param deadline Last second of execution.
    /// @return structHash Of EIP-712.
    function withdraw(
        bytes32 channelId,
        uint40 nonce,
        uint128 amount0,
        uint128 amount1,
        uint40 deadline
    ) internal pure returns (bytes32 structHash) {
        return keccak256(
            abi.encode(WITHDRAW_TYPEHASH, channelId, nonce, amount0, amount1, deadline)
        );
    }

    /// @notice Hash of a `Close`.
    /// @param channelId The channel.
    /// @param net What participant 0 has paid participant 1.
    /// @return structHash Of EIP-712.
    function close(bytes32 channelId, int128 net) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(CLOSE_TYPEHASH, channelId, net));
    }
}

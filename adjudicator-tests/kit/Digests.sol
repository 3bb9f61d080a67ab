// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title EIP-712 digests written out a second time, from the specification
/// @dev Shares nothing with contracts/libraries/TypedData.sol, so that a slip in one shows.
library Digests {
    function separator(uint256 chainId, address adjudicator) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256(bytes("Counterfoil")),
                keccak256(bytes("1")),
                chainId,
                adjudicator
            )
        );
    }

    function state(bytes32 domain, bytes32 channelId, uint40 nonce, bytes32 commitment)
        internal
        pure
        returns (bytes32)
    {
        bytes32 typeHash = keccak256("State(bytes32 channelId,uint40 nonce,bytes32 commitment)");
        return digest(domain, abi.encode(typeHash, channelId, uint256(nonce), commitment));
    }

    function challenge(bytes32 domain, bytes32 channelId, uint40 nonce, bytes32 commitment)
        internal
        pure
        returns (bytes32)
    {
        bytes32 typeHash = keccak256("Challenge(bytes32 channelId,uint40 nonce,bytes32 commitment)");
        return digest(domain, abi.encode(typeHash, channelId, uint256(nonce), commitment));
    }

    function withdraw(
        bytes32 domain,
        bytes32 channelId,
        uint40 nonce,
        uint128[2] memory amounts,
        uint40 deadline
    ) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "Withdraw(bytes32 channelId,uint40 nonce,uint128 amount0,uint128 amount1,uint40 deadline)"
        );
        return digest(domain, abi.encode(typeHash, channelId, nonce, amounts, deadline));
    }

    function close(bytes32 domain, bytes32 channelId, int128 net) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256("Close(bytes32 channelId,int128 net)");
        return digest(domain, abi.encode(typeHash, channelId, net));
    }

    function digest(bytes32 domain, bytes memory encodedStruct) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domain, keccak256(encodedStruct)));
    }
}

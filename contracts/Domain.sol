// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title The EIP-712 domain
/// @notice A signature counts on one chain and for one deployment.
abstract contract Domain {
    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    uint256 private immutable _deploymentChainId = block.chainid;
    bytes32 private immutable _deploymentSeparator = _separator();

    // A fork of the chain that takes another chain id must not take the signatures of the first.
    function _domainSeparator() internal view returns (bytes32) {
        return block.chainid == _deploymentChainId ? _deploymentSeparator : _separator();
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(_domainSeparator(), structHash);
    }

    function _separator() private view returns (bytes32) {
        return keccak256(
            abi.encode(
                DOMAIN_TYPEHASH,
                keccak256("Counterfoil"),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
    }
}

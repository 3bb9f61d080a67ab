// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {IAdjudicator} from "../interfaces/IAdjudicator.sol";
import {Signature} from "../types/Channel.sol";

/// @title Who consents
/// @notice Plain ECDSA, low s, 64 bytes. Whoever calls for itself needs no signature of its own.
library Signatures {
    /// @notice Reverts unless both signers consent to `digest`.
    /// @param signers Of the channel.
    /// @param digest What is consented to.
    /// @param signatures One of each, in the same order; that of the caller is not read.
    function requireBoth(
        address[2] calldata signers,
        bytes32 digest,
        Signature[2] calldata signatures
    ) internal view {
        _require(signers[0], digest, signatures[0]);
        _require(signers[1], digest, signatures[1]);
    }

    /// @notice Reverts unless one of the signers signed `digest`.
    /// @param signers Of the channel.
    /// @param digest The `Challenge`.
    /// @param signature Of either.
    function requireWill(address[2] calldata signers, bytes32 digest, Signature calldata signature)
        internal
        view
    {
        address recovered = recover(digest, signature);
        if (recovered == address(0) || !isSigner(signers, recovered)) {
            revert IAdjudicator.NotAParticipant(msg.sender);
        }
    }

    /// @notice Says who signed `digest`.
    /// @param digest What was signed.
    /// @param signature Compact, with a low s.
    /// @return recovered The signer; zero when the signature is not well formed.
    function recover(bytes32 digest, Signature calldata signature)
        internal
        pure
        returns (address recovered)
    {
        (recovered,,) = ECDSA.tryRecover(digest, signature.r, signature.vs);
    }

    /// @notice Whether an account is one of the signers.
    /// @param signers Of the channel.
    /// @param account Who it may be.
    /// @return found Whether it is.
    function isSigner(address[2] calldata signers, address account)
        internal
        pure
        returns (bool found)
    {
        return account == signers[0] || account == signers[1];
    }

    function _require(address signer, bytes32 digest, Signature calldata signature) private view {
        if (msg.sender == signer) return;
        address recovered = recover(digest, signature);
        if (recovered == address(0) || recovered != signer) {
            revert IAdjudicator.WrongSigner(signer, recovered);
        }
    }
}

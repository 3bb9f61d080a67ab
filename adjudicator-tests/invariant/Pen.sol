// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Signature} from "contracts/types/Channel.sol";
import {Vm} from "forge-std/Vm.sol";

/// @title Real ECDSA signatures at the price of two multiplications
/// @dev All use one and the same ephemeral key, which would give the signer's key away and costs nothing here: `vm.sign`
/// takes 160 us, more than most of the calls it would be for.
contract Pen {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant EPHEMERAL = uint256(keccak256("ephemeral"));

    uint256 private immutable _r;
    uint256 private immutable _inverse;
    uint256 private immutable _parity;

    constructor() {
        uint256 ephemeral = EPHEMERAL % N;
        Vm.Wallet memory point = VM.createWallet(ephemeral);
        _r = point.publicKeyX % N;
        _parity = point.publicKeyY & 1;
        _inverse = Math.invModPrime(ephemeral, N);
    }

    function sign(uint256 key, bytes32 digest) external view returns (Signature memory) {
        uint256 s = mulmod(_inverse, addmod(uint256(digest), mulmod(_r, key, N), N), N);
        uint256 parity = _parity;
        if (s > N / 2) (s, parity) = (N - s, 1 - parity);
        return Signature(bytes32(_r), bytes32(parity << 255 | s));
    }
}

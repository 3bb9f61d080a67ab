// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title The symbolic machine's own cheat codes, as far as the properties use them
interface Svm {
    function enableSymbolicStorage(address account) external;
    function createUint256(string memory name) external pure returns (uint256);
    function createUint(uint256 bits, string memory name) external pure returns (uint256);
    function createInt256(string memory name) external pure returns (int256);
    function createBytes32(string memory name) external pure returns (bytes32);
    function createAddress(string memory name) external pure returns (address);
    function createBool(string memory name) external pure returns (bool);
}

/// @dev Where halmos answers: the last 20 bytes of `keccak256("svm cheat code")`.
Svm constant SVM = Svm(0xF3993A62377BCd56AE39D773740A5390411E8BC9);

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Single pieces behind the names of an ERC-20, as the first of them had
contract NonFungibleToken {
    mapping(uint256 piece => address) public ownerOf;
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 piece) external {
        ownerOf[piece] = to;
        ++balanceOf[to];
    }

    function transferFrom(address from, address to, uint256 piece) external {
        _move(from, to, piece);
    }

    function transfer(address to, uint256 piece) external {
        _move(msg.sender, to, piece);
    }

    function _move(address from, address to, uint256 piece) private {
        require(ownerOf[piece] == from, "not its owner");
        ownerOf[piece] = to;
        --balanceOf[from];
        ++balanceOf[to];
    }
}

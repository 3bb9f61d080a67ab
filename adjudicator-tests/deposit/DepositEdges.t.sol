// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {LATEST_DEPOSIT} from "contracts/types/Bounds.sol";

/// @title Takes from its receiver what it should bring
contract ShrinkingToken {
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transferFrom(address, address to, uint256 amount) external returns (bool) {
        balanceOf[to] -= amount;
        return true;
    }
}

/// @title The last second of deposits, and deposits that take
contract DepositEdgesTest is ChannelTest {
    function test_deposit_takesTheLastSecond_andNoneAfter() public {
        vm.warp(LATEST_DEPOSIT);
        fund(1, 0);
        vm.warp(LATEST_DEPOSIT + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAdjudicator.TimeOutOfBounds.selector, LATEST_DEPOSIT + 1, LATEST_DEPOSIT
            )
        );
        adjudicator.deposit{value: 1}(terms, 0, 1, 1);
    }

    // A dispute must end within 32 bits, or its end would be in the past.
    function test_challenge_endsAtTheLastSecondOf32Bits_andNotLater() public {
        fund(100, 50);
        uint256 last = type(uint32).max;
        vm.warp(last - PERIOD + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IAdjudicator.TimeOutOfBounds.selector, last + 1, last)
        );
        vm.prank(alice);
        adjudicator.challenge(terms, 0, 0, noneOfBoth(), none());

        vm.warp(last - PERIOD);
        vm.prank(alice);
        adjudicator.challenge(terms, 0, 0, noneOfBoth(), none());
        assertEq(view_().finalizesAt, last);
    }

    function test_deposit_revertsWhen_theTokenTakesInstead() public {
        ShrinkingToken token = new ShrinkingToken();
        token.mint(address(adjudicator), 100);
        terms.token = address(token);
        useTerms(terms);
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        adjudicator.deposit(terms, 0, 10, 0);
    }
}

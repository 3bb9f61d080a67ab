// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {HostileTest} from "./HostileTest.sol";

/// @title One call with every gas limit
/// @dev Whoever calls chooses the gas. The call may fail for lack of it, but whenever it succeeds, all is as with full gas.
abstract contract GasSweep is HostileTest {
    uint256 private constant LEAST = 20_000;
    uint256 private constant MOST = 5_000_000;
    address internal receiver = makeAddr("receiver");

    /// @dev From 5M down to 20k in strides, then up to the first success in small steps, and one by one around it.
    function sweep(address caller, bytes memory data) internal {
        uint256 checkpoint = vm.snapshotState();
        vm.prank(caller);
        (bool success,) = address(adjudicator).call(data);
        assertTrue(success, "full gas");
        bytes32 expected = outcome();
        vm.revertToState(checkpoint);

        uint256 first = MOST;
        for (uint256 limit = MOST; limit >= LEAST; limit -= limit / 10) {
            if (pays(caller, data, limit, expected)) first = limit;
        }
        assertLt(first, MOST, "never enough");
        uint256 step = first / 200 + 1;
        uint256 limit_ = LEAST;
        while (!pays(caller, data, limit_, expected)) {
            limit_ += step;
        }
        assertGt(limit_, LEAST, "never too little");
        uint256 least = limit_ - step;
        uint256 most = limit_;
        while (most - least > 1) {
            uint256 middle = (least + most) / 2;
            if (pays(caller, data, middle, expected)) most = middle;
            else least = middle;
        }
        for (uint256 limit = most - 25; limit < most + 25; ++limit) {
            assertEq(pays(caller, data, limit, expected), limit >= most, "once enough, always");
        }
        for (uint256 limit = most; limit < 2 * most; limit += 8 * step) {
            assertTrue(pays(caller, data, limit, expected), "once enough, always");
        }
    }

    /// @dev Whether the call succeeds; then it has to leave what full gas leaves, and otherwise nothing.
    function pays(address caller, bytes memory data, uint256 limit, bytes32 expected)
        internal
        returns (bool success)
    {
        // One test makes more calls than the gas of a test pays for.
        vm.resetGasMetering();
        uint256 checkpoint = vm.snapshotState();
        vm.prank(caller);
        (success,) = address(adjudicator).call{gas: limit}(data);
        if (success) assertEq(outcome(), expected, vm.toString(limit));
        vm.revertToStateAndDelete(checkpoint);
    }

    /// @dev All that a call can change for the two participants.
    function outcome() internal view virtual returns (bytes32) {
        return keccak256(
            abi.encode(
                view_(),
                credited(terms.payouts[0]),
                credited(terms.payouts[1]),
                balanceOf(terms.token, terms.payouts[0]),
                balanceOf(terms.token, terms.payouts[1]),
                balanceOf(terms.token, receiver)
            )
        );
    }
}

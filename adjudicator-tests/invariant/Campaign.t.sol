// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Handler} from "./Handler.sol";
import {Test} from "forge-std/Test.sol";

/// @title A campaign of random calls against one world
/// @dev One `invariant_` checks all rules: forge would run a campaign for each, with the same calls.
abstract contract Campaign is Test {
    Handler internal handler;

    function world() internal pure virtual returns (uint256);

    function setUp() public {
        handler = new Handler(world());
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), selectors()));
    }

    function afterInvariant() public {
        handler.windUp();
    }

    function selectors() internal pure returns (bytes4[] memory all) {
        all = new bytes4[](14);
        all[0] = Handler.deposit.selector;
        all[1] = Handler.agree.selector;
        all[2] = Handler.withdraw.selector;
        all[3] = Handler.close.selector;
        all[4] = Handler.challenge.selector;
        all[5] = Handler.respond.selector;
        all[6] = Handler.settle.selector;
        all[7] = Handler.claim.selector;
        all[8] = Handler.reveal.selector;
        all[9] = Handler.wait.selector;
        all[10] = Handler.turn.selector;
        all[11] = Handler.attack.selector;
        // Twice, as channels live on these.
        all[12] = Handler.deposit.selector;
        all[13] = Handler.agree.selector;
    }
}

contract FirstWorldInvariants is Campaign {
    function world() internal pure override returns (uint256) {
        return 0;
    }

    // req: S4, S32, GAP-S1
    function invariant_rulesHoldInTheFirstWorld() public view {
        handler.checkRules();
    }
}

contract SecondWorldInvariants is Campaign {
    function world() internal pure override returns (uint256) {
        return 1;
    }

    // req: S4, S32, GAP-S1
    function invariant_rulesHoldInTheSecondWorld() public view {
        handler.checkRules();
    }
}

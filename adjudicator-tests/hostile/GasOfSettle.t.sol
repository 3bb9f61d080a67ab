// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {CostlyCondition, CostlyPayee, CostlyToken, ThriftyCondition} from "../kit/Costly.sol";
import {GasSweep} from "../kit/GasSweep.sol";
import {BombingPayee, BurningPayee} from "../kit/HostilePayees.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {CONDITION_GAS, NATIVE_PAYOUT_GAS, TOKEN_PAYOUT_GAS} from "contracts/types/Bounds.sol";
import {Lock, Opening, Status} from "contracts/types/Channel.sol";

/// @title Settlements whose caller chooses the gas
/// @dev `isolate` runs each call as a transaction of its own, so nothing is warm that would not be.
/// forge-config: default.isolate = true
contract GasOfSettleTest is GasSweep {
    CostlyCondition private condition;
    /// @dev The most a condition can use and still answer.
    uint256 private affordable;

    function setUp() public override {
        super.setUp();
        condition = new CostlyCondition();
        affordable = CONDITION_GAS;
        while (!answers(affordable)) {
            --affordable;
        }
        assertGt(affordable, CONDITION_GAS - 1000);
    }

    // All money is in the lock: no payout but the lock's asks for gas after it.
    function test_settle_paysTheSameWithEveryGasLimit_when_oneConditionUsesAllItsGas() public {
        useNative();
        sweepSettle(costly(affordable, 1, PUT0 + PUT1));
        assertOthersWhole();
    }

    function test_settle_paysTheSameWithEveryGasLimit_when_threeConditionsUseAllTheirGas() public {
        useNative();
        sweepSettle(costly(affordable, 3, 5_000));
        assertOthersWhole();
    }

    function test_settle_leavesTheLockWithEveryGasLimit_when_theConditionWantsMore() public {
        useNative();
        Opening memory opening = costly(affordable + 1, 1, PUT0 + PUT1);
        sweepSettle(opening);
        settle(opening);
        assertStatus(Status.Settling);
        assertReceived(0, 0);
        assertOthersWhole();
    }

    function test_settle_paysTheSameWithEveryGasLimit_when_oneOfThreeConditionsWantsMore() public {
        useNative();
        Opening memory opening = costly(affordable, 3, 2_000);
        opening.locks[1].key = bytes32(affordable + 1);
        sweepSettle(opening);
        settle(opening);
        assertEq(view_().resolvedLocks, 5);
        assertOthersWhole();
    }

    // The rest comes later, with other locks already resolved.
    function test_laterSettle_paysTheSameWithEveryGasLimit() public {
        useNative();
        Opening memory opening = costly(affordable, 3, 2_000);
        opening.locks[1] = hashlock("p", 2_000, 1, START + 2 * PERIOD);
        dispute(3, opening);
        settle(opening);
        registry.reveal("p");
        sweep(anyone, abi.encodeCall(IAdjudicator.settle, (terms, opening)));
        assertOthersWhole();
    }

    function test_settle_paysTheSameWithEveryGasLimit_when_thePayeesAreCostly() public {
        address[4] memory payees = [
            address(new CostlyPayee(NATIVE_PAYOUT_GAS + 2_300 - 300)),
            address(new CostlyPayee(NATIVE_PAYOUT_GAS + 2_300)),
            address(new BurningPayee()),
            address(new BombingPayee())
        ];
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < payees.length; ++i) {
            terms.payouts[i % 2] = payees[i];
            useNative();
            sweepSettle(costly(affordable, 1, 2_000));
            settle(costly(affordable, 1, 2_000));
            assertEq(payees[i].balance != 0, i == 0);
            assertOthersWhole();
            vm.revertToState(checkpoint);
            terms.payouts = [alicePayout, bobPayout];
        }
    }

    function test_settle_paysTheSameWithEveryGasLimit_when_theTokenIsCostly() public {
        uint256[2] memory costs = [TOKEN_PAYOUT_GAS - 60_000, TOKEN_PAYOUT_GAS];
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < 4; ++i) {
            CostlyToken token = new CostlyToken();
            useToken(address(token));
            token.setCost(costs[i % 2]);
            if (i > 1) token.setFalse();
            sweepSettle(costly(affordable, 1, 2_000));
            settle(costly(affordable, 1, 2_000));
            assertEq(credited(alicePayout) == 0, i % 2 == 0);
            assertOthersWhole();
            vm.revertToState(checkpoint);
        }
    }

    // What is left after a starved condition would do to leave its lock: nothing is paid, and little is written.
    function test_laterSettle_paysTheSameWithEveryGasLimit_when_aConditionWastesNothing() public {
        useNative();
        ThriftyCondition thrifty = new ThriftyCondition();
        Opening memory opening = paid(0);
        opening.locks = new Lock[](2);
        bytes32 wanted = bytes32(CONDITION_GAS - 400);
        opening.locks[0] = Lock(address(thrifty), wanted, uint128(PUT0 + PUT1), 0, START);
        opening.locks[1] = hashlock("p", 0, 1, START + 2 * PERIOD);
        thrifty.setShut(true);
        dispute(3, opening);
        settle(opening);
        assertEq(view_().resolvedLocks, 0);
        thrifty.setShut(false);
        registry.reveal("p");
        sweep(anyone, abi.encodeCall(IAdjudicator.settle, (terms, opening)));
        settle(opening);
        assertReceived(0, PUT0 + PUT1);
        assertOthersWhole();
    }

    // A call to an account that delegates to another one costs for both (EIP-7702); the condition must not pay for it.
    /// forge-config: default.evm_version = "prague"
    function test_settle_paysTheSameWithEveryGasLimit_when_theConditionIsDelegated() public {
        address delegated = makeAddr("delegated");
        vm.etch(delegated, abi.encodePacked(hex"ef0100", new ThriftyCondition()));
        condition = CostlyCondition(delegated);
        useNative();
        Opening memory opening = costly(CONDITION_GAS - 400, 1, PUT0 + PUT1);
        sweepSettle(opening);
        settle(opening);
        assertStatus(Status.Closed);
        assertOthersWhole();
    }

    // All conditions burn their gas, and so do both payouts: three questions each, of which the transfer answers false.
    // Half of what a transaction may have (EIP-7825) is enough, so no token and no condition can lock a channel.
    function test_settle_costsLessThan8Million_when_conditionsAndTokenBurnTheirGas() public {
        CostlyToken token = new CostlyToken();
        useToken(address(token));
        Opening memory opening = costly(CONDITION_GAS, 128, 1);
        dispute(3, opening);
        token.setCost(TOKEN_PAYOUT_GAS - 60_000);
        token.setFalse();
        token.setBlind(true);
        bytes memory data = abi.encodeCall(IAdjudicator.settle, (terms, opening));
        uint256 before = gasleft();
        (bool success,) = address(adjudicator).call(data);
        uint256 used = before - gasleft();
        assertTrue(success);
        assertStatus(Status.Settling);
        assertGt(credited(alicePayout), 0);
        assertGt(credited(bobPayout), 0);
        // The call is a transaction here, so its 21,000 and its data are in it.
        assertLt(used, 8_000_000);
        assertGt(used, 5_000_000);
        // Moved, denied and unreadable: credited once more, at the cost of that token's channels.
        token.setBlind(false);
        assertOthersWholeBut(-int256(credited(alicePayout) + credited(bobPayout)));
    }

    function sweepSettle(Opening memory opening) internal {
        dispute(3, opening);
        sweep(anyone, abi.encodeCall(IAdjudicator.settle, (terms, opening)));
    }

    /// @dev Locks by both in turn, each of `amount` and a condition that uses `cost`.
    function costly(uint256 cost, uint256 count, uint256 amount)
        internal
        view
        returns (Opening memory opening)
    {
        opening = paid(1);
        opening.locks = new Lock[](count);
        for (uint256 i = 0; i < count; ++i) {
            opening.locks[i] =
                Lock(address(condition), bytes32(cost), uint128(amount), uint8(i % 2), START);
        }
    }

    function answers(uint256 cost) internal view returns (bool success) {
        (success,) = address(condition).staticcall{gas: CONDITION_GAS}(
            abi.encodeCall(CostlyCondition.payout, (bytes32(cost), 2, 0))
        );
    }
}

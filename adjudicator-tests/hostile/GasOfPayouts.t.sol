// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {HookedAccount} from "../kit/CallbackTokens.sol";
import {CostlyPayee, CostlyToken} from "../kit/Costly.sol";
import {GasSweep} from "../kit/GasSweep.sol";
import {BombingPayee, BurningPayee, GreedyPayee, RevertingPayee} from "../kit/HostilePayees.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {NATIVE_PAYOUT_GAS, TOKEN_PAYOUT_GAS} from "contracts/types/Bounds.sol";

/// @title Closes, withdrawals and claims whose caller chooses the gas
/// forge-config: default.isolate = true
contract GasOfPayoutsTest is GasSweep {
    function test_closeAndWithdraw_payTheSameWithEveryGasLimit_toCostlyPayees() public {
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
            sweep(anyone, close(0));
            sweep(anyone, withdrawal(200, 100));
            closeAt(0);
            assertEq(payees[i].balance != 0, i == 0);
            assertOthersWhole();
            vm.revertToState(checkpoint);
            terms.payouts = [alicePayout, bobPayout];
        }
    }

    // With one payee only, nothing after its transfer asks for gas; it refuses without wasting any, so a credit could be written.
    function test_closeAndWithdraw_payTheSameWithEveryGasLimit_toOneGreedyPayee() public {
        terms.payouts[0] = address(new GreedyPayee(NATIVE_PAYOUT_GAS + 2_300 - 300));
        useNative();
        sweep(anyone, close(-int128(int256(PUT1))));
        sweep(anyone, withdrawal(200, 0));
        closeAt(-int128(int256(PUT1)));
        assertReceived(PUT0 + PUT1, 0);
        assertOthersWhole();
    }

    function test_closeAndWithdraw_payTheSameWithEveryGasLimit_inACostlyToken() public {
        uint256[2] memory costs = [TOKEN_PAYOUT_GAS - 60_000, TOKEN_PAYOUT_GAS];
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < 4; ++i) {
            CostlyToken token = new CostlyToken();
            useToken(address(token));
            token.setCost(costs[i % 2]);
            if (i > 1) token.setFalse();
            sweep(anyone, close(int128(int256(PUT0))));
            sweep(anyone, withdrawal(0, 100));
            closeAt(0);
            assertEq(credited(alicePayout) == 0, i % 2 == 0);
            assertOthersWhole();
            vm.revertToState(checkpoint);
        }
    }

    function test_claim_paysTheSameWithEveryGasLimit_toCostlyReceivers() public {
        terms.payouts[0] = address(new RevertingPayee());
        useNative();
        closeAt(0);
        receiver = address(new CostlyPayee(100_000));
        sweep(terms.payouts[0], claim());
        receiver = makeAddr("plain");
        sweep(terms.payouts[0], claim());
        assertOthersWhole();
    }

    // A claim hands on all the gas there is, so what costs too much for a payout can still be claimed.
    function test_claim_paysTheSameWithEveryGasLimit_inACostlyToken() public {
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < 2; ++i) {
            CostlyToken token = new CostlyToken();
            useToken(address(token));
            token.setCost(TOKEN_PAYOUT_GAS);
            if (i == 1) token.setFalse();
            closeAt(0);
            assertCredited(PUT0, PUT1);
            sweep(alicePayout, claim());
            sweep(bobPayout, claim());
            assertOthersWhole();
            vm.revertToState(checkpoint);
        }
    }

    // Anyone may send a credit on, and chooses the gas.
    function test_claimFor_paysTheSameWithEveryGasLimit() public {
        HookedAccount payee = new HookedAccount();
        payee.setRefuses(true);
        terms.payouts[0] = address(payee);
        useNative();
        closeAt(0);
        payee.setRefuses(false);
        sweep(
            anyone,
            abi.encodeCall(IAdjudicator.claimFor, (address(0), address(payee), type(uint256).max))
        );
        adjudicator.claimFor(address(0), address(payee), type(uint256).max);
        assertReceived(PUT0, PUT1);
        assertOthersWhole();
    }

    function close(int128 net) internal view returns (bytes memory) {
        return abi.encodeCall(IAdjudicator.close, (terms, net, signClose(net)));
    }

    function withdrawal(uint128 amount0, uint128 amount1) internal view returns (bytes memory) {
        uint128[2] memory amounts = [amount0, amount1];
        return abi.encodeCall(
            IAdjudicator.withdraw, (terms, 4, amounts, START, signWithdraw(4, amounts, START))
        );
    }

    function claim() internal view returns (bytes memory) {
        return abi.encodeCall(IAdjudicator.claim, (terms.token, receiver, type(uint256).max));
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {MAX_DEPOSIT} from "contracts/types/Bounds.sol";
import {Ledger, packLedger} from "contracts/types/Ledger.sol";
import {Test} from "forge-std/Test.sol";

contract LedgerTest is Test {
    function testFuzz_ledger_unpacksWhatWasPacked(
        int256 deposit0,
        int256 deposit1,
        uint40 nonce,
        uint32 finalizesAt
    ) public pure {
        deposit0 = bound(deposit0, -MAX_DEPOSIT, MAX_DEPOSIT);
        deposit1 = bound(deposit1, -MAX_DEPOSIT, MAX_DEPOSIT);
        Ledger ledger = packLedger(deposit0, deposit1, nonce, finalizesAt);
        assertHolds(ledger, deposit0, deposit1, nonce, finalizesAt);
        assertFalse(ledger.isClosed());
    }

    function testFuzz_ledger_changesOneThingAtATime(
        int256[4] memory deposits,
        uint40[2] memory nonces,
        uint32[2] memory times
    ) public pure {
        for (uint256 i = 0; i < 4; ++i) {
            deposits[i] = bound(deposits[i], -MAX_DEPOSIT, MAX_DEPOSIT);
        }
        Ledger ledger = packLedger(deposits[0], deposits[1], nonces[0], times[0]);
        Ledger changed = ledger.withDeposit(0, deposits[2]);
        assertHolds(changed, deposits[2], deposits[1], nonces[0], times[0]);
        changed = ledger.withDeposit(1, deposits[3]);
        assertHolds(changed, deposits[0], deposits[3], nonces[0], times[0]);
        changed = ledger.withDeposits(deposits[2], deposits[3]);
        assertHolds(changed, deposits[2], deposits[3], nonces[0], times[0]);
        changed = ledger.withState(nonces[1], times[1]);
        assertHolds(changed, deposits[0], deposits[1], nonces[1], times[1]);
        changed = ledger.closed(times[1]);
        assertTrue(changed.isClosed());
        assertEq(changed.deposit1(), 0);
        assertEq(changed.nonce(), nonces[0]);
        assertEq(changed.finalizesAt(), times[1]);
    }

    function test_ledger_ofZeroIsOpenAndEmpty() public pure {
        assertHolds(Ledger.wrap(0), 0, 0, 0, 0);
        assertFalse(Ledger.wrap(0).isClosed());
    }

    function test_ledger_hasTheLayoutThatClientsRead() public pure {
        uint256 word = Ledger.unwrap(packLedger(-1, 2, 3, 4));
        assertEq(word, (2 ** 92 - 1) | 2 << 92 | 3 << 184 | 4 << 224);
        assertEq(Ledger.unwrap(packLedger(0, 0, 3, 0).closed(4)), 2 ** 91 | 3 << 184 | 4 << 224);
    }

    function assertHolds(
        Ledger ledger,
        int256 deposit0,
        int256 deposit1,
        uint40 nonce,
        uint32 finalizesAt
    ) internal pure {
        assertEq(ledger.deposit0(), deposit0);
        assertEq(ledger.deposit1(), deposit1);
        assertEq(ledger.deposit(0), deposit0);
        assertEq(ledger.deposit(1), deposit1);
        assertEq(ledger.total(), deposit0 + deposit1);
        assertEq(ledger.nonce(), nonce);
        assertEq(ledger.finalizesAt(), finalizesAt);
        assertEq(ledger.isOpen(), finalizesAt == 0);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {SettlementHarness} from "./SettlementHarness.sol";
import {Division} from "contracts/libraries/Settlement.sol";
import {MAX_DEPOSIT} from "contracts/types/Bounds.sol";
import {Lock, Opening} from "contracts/types/Channel.sol";
import {Test} from "forge-std/Test.sol";

/// @title The pure settlement against the rules as they are written, in checked arithmetic
contract ConservationTest is Test {
    SettlementHarness private harness = new SettlementHarness();

    function testFuzz_settlement_paysAndKeepsExactlyWhatThereIs(
        int256 deposit0,
        int256 deposit1,
        int128 net,
        Lock[] memory locks,
        uint256 seed
    ) public view {
        deposit0 = bound(deposit0, -MAX_DEPOSIT, MAX_DEPOSIT);
        deposit1 = bound(
            deposit1,
            -deposit0 < -MAX_DEPOSIT ? -MAX_DEPOSIT : -deposit0,
            deposit0 < 0 ? MAX_DEPOSIT : MAX_DEPOSIT - deposit0
        );
        Opening memory opening;
        opening.net = net;
        opening.locks = locks;
        uint256[] memory outcomes = new uint256[](locks.length);
        for (uint256 i = 0; i < locks.length; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            if (random % 2 == 0) locks[i].amount = uint128(random) % 2 ** 60;
            outcomes[i] = random % 3 == 0 ? type(uint256).max : bound(random, 0, locks[i].amount);
        }
        Division memory division = harness.first(deposit0, deposit1, opening, outcomes);
        (uint256 paid0, uint256 paid1) = specified(deposit0, deposit1, opening, outcomes);
        assertEq(division.paid0, paid0);
        assertEq(division.paid1, paid1);
    }

    /// @dev design/contracts.md and the rules of `settle`, line by line.
    function specified(
        int256 deposit0,
        int256 deposit1,
        Opening memory opening,
        uint256[] memory outcomes
    ) internal pure returns (uint256 paid0, uint256 paid1) {
        uint256 total = uint256(deposit0 + deposit1);
        uint256 sum;
        int256 lockedBy0;
        for (uint256 i = 0; i < opening.locks.length; ++i) {
            sum += opening.locks[i].amount;
            if (opening.locks[i].payer == 0) lockedBy0 += int256(uint256(opening.locks[i].amount));
        }
        uint256 remains = sum < total ? sum : total;
        int256 free = int256(total - remains);
        int256 base0 = deposit0 - opening.net - lockedBy0;
        paid0 = uint256(base0 < 0 ? int256(0) : base0 > free ? free : base0);
        paid1 = uint256(free) - paid0;
        uint256 kept;
        for (uint256 i = 0; i < opening.locks.length; ++i) {
            uint256 share = opening.locks[i].amount;
            if (share > remains) share = remains;
            remains -= share;
            if (outcomes[i] == type(uint256).max) {
                kept += share;
                continue;
            }
            uint256 toPayee = outcomes[i] < share ? outcomes[i] : share;
            bool by0 = opening.locks[i].payer == 0;
            paid0 += by0 ? share - toPayee : toPayee;
            paid1 += by0 ? toPayee : share - toPayee;
        }
        assertEq(paid0 + paid1 + kept, total, "conserved");
    }
}

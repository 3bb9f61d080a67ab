// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {BlacklistToken, OddToken} from "../kit/HostileTokens.sol";
import {FicklePayee} from "./Adversaries.sol";
import {Rules} from "./Rules.sol";
import {World} from "./World.sol";
import {Lock, Status} from "contracts/types/Channel.sol";

/// @title The calls of a campaign
/// @dev Each does something: where a call has no channel that suits, an attack takes its place. Whatever a call does follows
/// from its seed, the world's variant and the number of calls before it.
contract Handler is Rules {
    uint256 private steps;

    constructor(uint256 variant_) World(variant_) {}

    function deposit(uint256 seed) external {
        seed = next(seed);
        if (seed % 2 == 0 && lifeGoesOn(seed)) hit("another channel");
        if (!makeDeposit(seed)) attackWith(seed);
    }

    function agree(uint256 seed) external {
        seed = next(seed);
        signStates(seed);
        attackWith(seed);
    }

    function withdraw(uint256 seed) external {
        seed = next(seed);
        if (!makeWithdrawal(seed)) attackWith(seed);
    }

    function close(uint256 seed) external {
        seed = next(seed);
        if (seed % 2 != 0 || !makeClose(seed)) attackWith(seed);
    }

    function challenge(uint256 seed) external {
        seed = next(seed);
        if (seed % 4 == 0 && makeChallenge(seed)) return;
        signState(seed);
        attackWith(seed);
    }

    function respond(uint256 seed) external {
        seed = next(seed);
        if (!makeResponse(seed)) attackWith(seed);
    }

    function settle(uint256 seed) external {
        seed = next(seed);
        if (seed % 4 == 0) starve(seed);
        if (!makeSettlement(seed)) attackWith(seed);
    }

    function claim(uint256 seed) external {
        seed = next(seed);
        if (seed % 3 != 0 || !makeClaim(seed)) attackWith(seed);
    }

    function reveal(uint256 seed) external {
        seed = next(seed);
        revealSome(seed);
        makeSettlement(seed);
    }

    function wait(uint256 seed) external {
        seed = next(seed);
        passTime(seed);
        attackWith(seed);
    }

    function turn(uint256 seed) external {
        seed = next(seed);
        turnSomebody(seed);
        if (seed % 8 == 0) force(seed);
        attackWith(seed);
    }

    function attack(uint256 seed) external {
        attackWith(next(seed));
    }

    function next(uint256 seed) private returns (uint256) {
        return uint256(keccak256(abi.encode(seed, variant, ++steps)));
    }

    function signStates(uint256 seed) private {
        for (uint256 i = 0; i < 3; ++i) {
            signState(seed + i);
        }
    }

    function attackWith(uint256 seed) private {
        seed = draw(seed + 3);
        Slot storage s = slots[seed % SLOTS];
        uint256 kind = (seed >> 8) % 11;
        seed >>= 16;
        if (kind == 0) respondInVain(s, seed);
        else if (kind == 1) challengeInVain(s, seed);
        else if (kind == 2) challengeAsStranger(s, seed);
        else if (kind == 3) forgeState(seed);
        else if (kind == 4) settleInVain(s, seed);
        else if (kind == 5) mistakeTerms(s, seed);
        else if (kind == 6) robGrave(seed);
        else if (kind == 7) closeInVain(s, seed);
        else if (kind == 8) withdrawInVain(s, seed);
        else if (kind == 9) depositInVain(s, seed);
        else claimInVain(seed);
    }

    /// @dev The end of all lives: each channel is disputed, answered, settled and emptied, though Mal and Mel do what they can.
    function windUp() external {
        OddToken(assets[5]).setMode(OddToken.Mode.Honest);
        for (uint256 i = 0; i < SLOTS; ++i) {
            if (slots[i].phase == Status.Open) makeChallenge(i);
        }
        goTo(block.timestamp + 1 days, 0);
        settleAll();
        goTo(block.timestamp + 2 days, 0);
        for (uint256 i = 0; i < SLOTS; ++i) {
            if (slots[i].phase != Status.Settling) continue;
            Lock[] memory locks = openingAt(slots[i], slots[i].nonce).locks;
            for (uint256 l = 0; l < locks.length; ++l) {
                if (locks[l].condition == address(share)) share.decide(locks[l].key, uint8(l));
            }
        }
        settleAll();
        checkRules();
        for (uint256 i = 0; i < SLOTS; ++i) {
            fetch(slots[i], 0);
            fetch(slots[i], 1);
            if (slots[i].honest) {
                assertEq(uint8(slots[i].phase), uint8(Status.Closed), "12 an honest channel ends");
            }
            assertEq(creditOf(i, 0) + creditOf(i, 1), 0, "12 every credit can be fetched");
        }
        rule_12_nothingStaysBehind();
        checkRules();
    }

    function settleAll() private {
        for (uint256 i = 0; i < SLOTS; ++i) {
            if (canSettle(slots[i])) settleNow(slots[i]);
        }
    }

    // But what was forced in, and what two dishonest ones have locked for ever by a condition that never answers.
    function rule_12_nothingStaysBehind() private view {
        for (uint256 a = 0; a < ASSETS; ++a) {
            uint256 stuck = forced[a];
            for (uint256 i = a; i < SLOTS; i += ASSETS) {
                if (!slots[i].honest) {
                    stuck += uint256(slots[i].deposits[0] + slots[i].deposits[1]);
                }
            }
            assertEq(balanceOf(a, address(adjudicator)), stuck, "12 custody at the end");
        }
    }
}

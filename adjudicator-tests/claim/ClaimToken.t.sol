// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "../kit/ChannelTest.sol";
import {
    BlacklistToken,
    FeeToken,
    OddToken,
    ReentrantToken,
    SilentToken
} from "../kit/HostileTokens.sol";
import {Token} from "../kit/Token.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {Signature, Status} from "contracts/types/Channel.sol";

/// @title Payouts of tokens that do not behave
contract ClaimTokenTest is ChannelTest {
    function test_payout_sendsTokens() public {
        Token token = new Token();
        useToken(address(token));
        closeAt30();
        assertEq(token.balanceOf(alicePayout), 70);
        assertEq(token.balanceOf(bobPayout), 80);
    }

    function test_payout_credits_when_aPayeeIsBlacklisted() public {
        BlacklistToken token = new BlacklistToken();
        useToken(address(token));
        token.setBlocked(alicePayout, true);
        closeAt30();
        assertEq(adjudicator.credits(address(token), alicePayout), 70);
        assertEq(token.balanceOf(bobPayout), 80);

        vm.prank(alicePayout);
        adjudicator.claim(address(token), anyone, type(uint256).max);
        assertEq(token.balanceOf(anyone), 70);
    }

    // A token like USDT can be deposited and paid out.
    function test_payout_sendsATokenThatReturnsNothing() public {
        SilentToken token = new SilentToken();
        useToken(address(token));
        closeAt30();
        assertEq(token.balanceOf(alicePayout), 70);
        assertEq(token.balanceOf(bobPayout), 80);
    }

    function test_payout_creditsWhatDidNotMove() public {
        OddToken token = new OddToken();
        useToken(address(token));
        OddToken.Mode[7] memory modes = [
            OddToken.Mode.FalseAndMoves,
            OddToken.Mode.Garbage,
            OddToken.Mode.HalfAndFalse,
            OddToken.Mode.FalseAndStays,
            OddToken.Mode.Bomb,
            OddToken.Mode.BurnsGas,
            OddToken.Mode.BlindAndFalse
        ];
        uint256[7] memory credited = [uint256(0), 0, 35, 70, 70, 70, 70];
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < modes.length; ++i) {
            token.setMode(modes[i]);
            closeAt30();
            assertEq(adjudicator.credits(address(token), alicePayout), credited[i]);
            token.setMode(OddToken.Mode.Honest);
            assertEq(token.balanceOf(alicePayout), 70 - credited[i]);
            vm.revertToState(checkpoint);
        }
    }

    function test_payout_credits_when_theTokenLostItsCode() public {
        Token token = new Token();
        useToken(address(token));
        vm.etch(address(token), "");
        closeAt30();
        assertEq(adjudicator.credits(address(token), alicePayout), 70);
        assertEq(adjudicator.credits(address(token), bobPayout), 80);
    }

    function test_payout_debitsExactly_when_theTokenTakesAFee() public {
        FeeToken token = new FeeToken();
        token.mint(address(this), 20_000);
        token.approve(address(adjudicator), 20_000);
        terms.token = address(token);
        id = adjudicator.channelId(terms);
        adjudicator.deposit(terms, 0, 10_000, 0);
        adjudicator.close(terms, 900, signClose(900));
        assertEq(token.balanceOf(address(adjudicator)), 0);
        assertEq(token.balanceOf(alicePayout), 8_910);
        assertEq(token.balanceOf(bobPayout), 891);
    }

    // During a pull the ledger is not read yet, so a nested call can neither double nor undo anything.
    function test_deposit_refusesATokenThatCallsBack() public {
        ReentrantToken token = new ReentrantToken();
        useToken(address(token));
        token.mint(address(this), 20);
        token.arm(
            address(adjudicator), abi.encodeCall(IAdjudicator.close, (terms, 30, signClose(30)))
        );
        token.approve(address(adjudicator), type(uint256).max);
        adjudicator.deposit(terms, 0, 10, 100);
        assertFalse(token.succeeded());
        assertEq(view_().deposits[0], 110);
    }

    function test_deposit_keepsADisputeThatATokenOpensMeanwhile() public {
        ReentrantToken token = new ReentrantToken();
        terms.signers[1] = address(token);
        useToken(address(token));
        token.mint(address(this), 10);
        token.approve(address(adjudicator), 10);
        token.arm(
            address(adjudicator),
            abi.encodeCall(IAdjudicator.challenge, (terms, 0, 0, noneOfBoth(), none()))
        );
        vm.expectRevert(abi.encodeWithSelector(IAdjudicator.NotOpen.selector, id));
        adjudicator.deposit(terms, 0, 10, 100);
    }

    function test_payout_refusesATokenThatCallsBack() public {
        ReentrantToken token = new ReentrantToken();
        useToken(address(token));
        token.arm(
            address(adjudicator), abi.encodeCall(IAdjudicator.close, (terms, 30, signClose(30)))
        );
        closeAt30();
        assertFalse(token.succeeded());
        assertEq(token.balanceOf(alicePayout), 70);
        assertEq(token.balanceOf(address(adjudicator)), 0);
    }

    function test_claim_keepsTheCredit_when_theTokenMovesHalf() public {
        OddToken token = new OddToken();
        useToken(address(token));
        token.setMode(OddToken.Mode.FalseAndStays);
        closeAt30();
        token.setMode(OddToken.Mode.HalfAndFalse);
        vm.prank(alicePayout);
        vm.expectRevert(
            abi.encodeWithSelector(IAdjudicator.PayoutFailed.selector, token, anyone, 35)
        );
        adjudicator.claim(address(token), anyone, type(uint256).max);
        assertEq(adjudicator.credits(address(token), alicePayout), 70);
    }

    // One token cannot be withdrawn as another: the terms name the token and are hashed into the id.
    function test_close_paysNothing_when_theTermsNameAnotherToken() public {
        useToken(address(new Token()));
        terms.token = address(0);
        id = adjudicator.channelId(terms);
        Signature[2] memory signatures = signClose(30);
        vm.expectPartialRevert(IAdjudicator.NetExceedsDeposits.selector);
        adjudicator.close(terms, 30, signatures);
    }

    function closeAt30() internal {
        adjudicator.close(terms, 30, signClose(30));
        assertStatus(Status.Closed);
    }

    /// @dev The channel holds 100 and 50 of `token`, a token that mints.
    function useToken(address token) internal {
        terms.token = token;
        id = adjudicator.channelId(terms);
        Token(token).mint(address(this), 150);
        // Some of these tokens know no allowances.
        (bool known,) = token.call(abi.encodeCall(IERC20.approve, (address(adjudicator), 150)));
        known;
        adjudicator.deposit(terms, 0, 100, 0);
        adjudicator.deposit(terms, 1, 50, 0);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {HostileTest} from "../kit/HostileTest.sol";
import {NonFungibleToken} from "../kit/NonFungibleToken.sol";
import {ProgrammableToken} from "../kit/ProgrammableToken.sol";
import {IAdjudicator} from "contracts/interfaces/IAdjudicator.sol";
import {MAX_DEPOSIT} from "contracts/types/Bounds.sol";
import {Status, Terms} from "contracts/types/Channel.sol";

/// @title Tokens whose balances change by themselves, lie, or answer with 64 KiB
contract TokenBalancesTest is HostileTest {
    ProgrammableToken private token;

    function setUp() public override {
        super.setUp();
        token = new ProgrammableToken();
    }

    // 16,000 were there, 1,600 are left. Payouts are made in the order of the calls, participant 0 first, each in full while
    // there is enough and otherwise credited in full: no shares, no scaling. Credits are first come, first served.
    function test_rebaseTo10Percent_paysInFullWhileItLasts_andCreditsTheRest() public {
        useToken(address(token));
        token.rebase(1, 10);
        assertEq(token.balanceOf(address(adjudicator)), 1_600);
        closeAt(9_000);
        // Participant 0 got all of its 1,000; participant 1, behind it, nothing of its 14,000.
        assertReceived(1_000, 0);
        assertCredited(0, 14_000);
        vm.prank(bobPayout);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAdjudicator.PayoutFailed.selector, address(token), bobPayout, 14_000
            )
        );
        adjudicator.claim(address(token), bobPayout, type(uint256).max);
        // The other channel of that token is short: 600 of it are there, 1,000 were put in, and 14,000 are credited before it.
        assertEq(token.balanceOf(address(adjudicator)), 600);
        assertOthersWholeBut(600 - 14_000 - int256(OTHER_PUT0 + OTHER_PUT1));
    }

    function test_rebaseTo10Percent_leavesTheOtherChannelWhatIsThere() public {
        useToken(address(token));
        token.rebase(1, 10);
        closeAt(9_000);
        // It asks for 600 and 400: the first fits, the second becomes a credit.
        leaveOther();
        assertEq(token.balanceOf(others[2].terms.payouts[0]), OTHER_PUT0);
        assertEq(adjudicator.credits(address(token), others[2].terms.payouts[1]), OTHER_PUT1);
        assertEq(token.balanceOf(address(adjudicator)), 0);
    }

    // Who deposits after the loss pays for it: older credits are served from whatever is there.
    function test_rebaseTo10Percent_letsOldCreditsTakeLaterDeposits() public {
        useToken(address(token));
        token.rebase(1, 10);
        closeAt(9_000);
        terms.salt = keccak256("later");
        useTerms(terms);
        track();
        provide(address(token), 13_400);
        adjudicator.deposit(terms, 0, 13_400, 0);
        vm.prank(bobPayout);
        adjudicator.claim(address(token), bobPayout, type(uint256).max);
        assertEq(token.balanceOf(bobPayout), 14_000);
        closeAt(0);
        assertCredited(13_400, 0);
        assertOthersWholeBut(-13_400 - int256(OTHER_PUT0 + OTHER_PUT1));
    }

    function test_rebaseUp_paysWhatWasPutIn_andTheRestIsNobodys() public {
        useToken(address(token));
        token.rebase(2, 1);
        closeAt(0);
        assertReceived(PUT0, PUT1);
        // Neither is it somebody's who deposits without having anything.
        vm.prank(anyone);
        vm.expectRevert();
        adjudicator.deposit(terms, 0, 10, 0);
        assertSameTokenPays();
        assertOthersWholeBut(int256(PUT0 + PUT1 + OTHER_PUT0 + OTHER_PUT1));
    }

    // Balances that are rounded shares, as stETH has them: a transfer may move a unit less than asked for, never more, so
    // whatever is owed is there, and the last to leave is paid as well.
    /// forge-config: default.fuzz.runs = 128
    function testFuzz_roundedShares_coverWhatIsOwed(uint64 rate, uint64[3] memory puts, uint64 out)
        public
    {
        useToken(address(token));
        token.rebase(1e9 + uint256(rate), 1e9);
        int256 start = surplus(address(token));
        terms.salt = keccak256("rounded");
        useTerms(terms);
        track();
        provide(address(token), 1e24);
        int256 seen = 0;
        for (uint256 i = 0; i < 3; ++i) {
            uint256 put = 1000 * uint256(rate) + 1e12 + puts[i] % 1e15;
            adjudicator.deposit(terms, 0, put, seen);
            seen = view_().deposits[0];
            assertGe(surplus(address(token)), start);
        }
        uint128[2] memory amounts = [uint128(out % uint256(seen)), 0];
        adjudicator.withdraw(terms, 1, amounts, START, signWithdraw(1, amounts, START));
        assertGe(surplus(address(token)), start);
        closeAt(int128(view_().deposits[0]) / 7);
        assertCredited(0, 0);
        assertGe(surplus(address(token)), start);
        assertOthersWholeBut(surplus(address(token)));
    }

    // A token that says that everything arrived owes it to its own channels only.
    function test_lieAboutADeposit_isCreditedInItsOwnTokenOnly() public {
        useToken(address(token));
        token.setIn(ProgrammableToken.Answer.True, 0, 0);
        token.lie(address(adjudicator), uint256(MAX_DEPOSIT));
        terms.salt = keccak256("liar");
        useTerms(terms);
        track();
        uint256 claimed = uint256(MAX_DEPOSIT) - PUT0 - PUT1 - OTHER_PUT0 - OTHER_PUT1;
        lieAndDeposit(claimed);
        token.beHonest();
        closeAt(0);
        // More than there is does not move, so nothing is taken from the other channels at once.
        assertReceived(0, 0);
        assertCredited(claimed, 0);
        assertOthersWholeBut(-int256(claimed));
    }

    // What is believed at a payout with an odd answer harms its own token only, in both directions.
    function test_lieAboutAPayout_isCreditedInItsOwnTokenOnly() public {
        useToken(address(token));
        uint256 checkpoint = vm.snapshotState();
        uint256[3] memory claims = [uint256(0), 1e30, type(uint256).max];
        for (uint256 i = 0; i < claims.length; ++i) {
            token.setOut(ProgrammableToken.Answer.False, 1000, 1000);
            token.lie(address(adjudicator), claims[i]);
            closeAt(0);
            token.beHonest();
            assertReceived(PUT0, PUT1);
            // "Nothing is left" reads as paid, "more than before" as not paid.
            assertLe(credited(alicePayout), PUT0);
            assertLe(credited(bobPayout), PUT1);
            if (i == 0) assertEq(credited(alicePayout), 0);
            else assertCredited(PUT0, PUT1);
            assertOthersWholeBut(-int256(credited(alicePayout)) - int256(credited(bobPayout)));
            vm.revertToState(checkpoint);
        }
    }

    function test_unreadableBalance_creditsAnUnclearPayout_andTakesNoDeposit() public {
        useToken(address(token));
        ProgrammableToken.Answer[4] memory answers = [
            ProgrammableToken.Answer.Reverts,
            ProgrammableToken.Answer.Short,
            ProgrammableToken.Answer.RevertingBomb,
            ProgrammableToken.Answer.BurnsGas
        ];
        provide(address(token), 10);
        uint256 checkpoint = vm.snapshotState();
        for (uint256 i = 0; i < answers.length; ++i) {
            token.setCounting(answers[i]);
            (bool deposited,) = address(adjudicator).call{gas: 1_000_000}(
                abi.encodeCall(IAdjudicator.deposit, (terms, 0, 10, int256(PUT0)))
            );
            assertFalse(deposited);
            token.setOut(ProgrammableToken.Answer.False, 0, 0);
            closeAt(0);
            token.beHonest();
            assertCredited(PUT0, PUT1);
            assertOthersWhole();
            vm.revertToState(checkpoint);
        }
    }

    // Two transfers with 64 KiB of answer each. To copy one would cost 20,000 gas more, so none is copied.
    function test_bombOnTransfer_isNotCopied() public {
        useToken(address(token));
        (uint256 honest,) = gasOfClose();
        token.setOut(ProgrammableToken.Answer.Bomb, 1000, 1000);
        (uint256 bomb, uint256 credits_) = gasOfClose();
        assertLt(bomb, honest + 2 * 15_000);
        assertEq(credits_, 0);
        // Credits cost 2 * 25,000 beyond that.
        token.setOut(ProgrammableToken.Answer.RevertingBomb, 1000, 1000);
        (bomb, credits_) = gasOfClose();
        assertLt(bomb, honest + 2 * 15_000 + 2 * 25_000);
        assertEq(credits_, PUT0 + PUT1);
        token.beHonest();
        assertOthersWhole();
    }

    function test_bombOnBalanceOf_isNotCopied() public {
        useToken(address(token));
        (uint256 honest,) = gasOfClose();
        token.setCounting(ProgrammableToken.Answer.Bomb);
        (uint256 bomb, uint256 credits_) = gasOfClose();
        assertEq(credits_, 0);
        assertLt(bomb, honest + 2 * 15_000);

        provide(address(token), 20);
        uint256 before = gasleft();
        adjudicator.deposit(terms, 0, 10, int256(PUT0));
        uint256 used = before - gasleft();
        token.beHonest();
        before = gasleft();
        adjudicator.deposit(terms, 1, 10, int256(PUT1));
        assertLt(used, before - gasleft() + 2 * 15_000);
        assertOthersWhole();
    }

    function test_bombOnTransferFrom_isNotCopied() public {
        useToken(address(token));
        provide(address(token), 20);
        uint256 before = gasleft();
        adjudicator.deposit(terms, 1, 10, int256(PUT1));
        uint256 honest = before - gasleft();
        token.setIn(ProgrammableToken.Answer.Bomb, 1000, 1000);
        before = gasleft();
        adjudicator.deposit(terms, 0, 10, int256(PUT0));
        assertLt(before - gasleft(), honest + 15_000);
        token.setIn(ProgrammableToken.Answer.RevertingBomb, 1000, 1000);
        vm.expectRevert(IAdjudicator.NothingDeposited.selector);
        adjudicator.deposit(terms, 0, 10, int256(PUT0) + 10);
        assertOthersWhole();
    }

    // An ERC-721 answers to the same names. One piece counts as one unit, whatever its number, and what leaves is piece 1.
    function test_nonFungible_countsAsOneUnit_andHarmsItsOwnChannelsOnly() public {
        NonFungibleToken pieces = new NonFungibleToken();
        terms.token = address(pieces);
        useTerms(terms);
        track();
        pieces.mint(address(this), 1);
        pieces.mint(address(this), 77);
        adjudicator.deposit(terms, 0, 77, 0);
        assertEq(view_().deposits[0], 1);
        closeAt(0);
        assertCredited(1, 0);
        assertEq(pieces.ownerOf(77), address(adjudicator));
        // Piece 1, deposited by the next, goes to whoever has a credit of one.
        terms.salt = keccak256("the next");
        useTerms(terms);
        track();
        adjudicator.deposit(terms, 1, 1, 0);
        vm.prank(alicePayout);
        adjudicator.claim(address(pieces), alicePayout, type(uint256).max);
        assertEq(pieces.ownerOf(1), alicePayout);
        assertOthersWhole();
    }

    function lieAndDeposit(uint256 amount) internal {
        adjudicator.deposit(terms, 0, amount, 0);
        assertEq(view_().deposits[0], int256(amount));
    }

    function leaveOther() internal {
        Terms memory theirs = others[2].terms;
        adjudicator.close(theirs, 0, signTheirs(others[2].id));
    }

    function gasOfClose() internal returns (uint256 used, uint256 credits_) {
        uint256 checkpoint = vm.snapshotState();
        bytes memory data = abi.encodeCall(IAdjudicator.close, (terms, 0, signClose(0)));
        uint256 before = gasleft();
        (bool success,) = address(adjudicator).call(data);
        used = before - gasleft();
        assertTrue(success);
        assertStatus(Status.Closed);
        credits_ = credited(alicePayout) + credited(bobPayout);
        vm.revertToState(checkpoint);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Terms} from "contracts/types/Channel.sol";

import {AnyCall, Call, Kind} from "./AnyCall.sol";
import {SVM} from "./Svm.sol";

/// @title A call on one channel touches no other
/// @notice The ledger, the commitment and the bitmap of every other channel stay as they were.
/// @dev Symbolic: the stored state of all channels, every argument, the caller and the time, the id of the other channel.
/// Bounded: as `AnyCall` says, and two fixed payees without code.
contract ChannelsIsolatedProof is AnyCall {
    function check_deposit_leavesOtherChannels(Terms memory terms, Call memory call, bytes32 other)
        external
    {
        makeOne(Kind.Deposit, terms, call, other);
    }

    function check_close_leavesOtherChannels(Terms memory terms, Call memory call, bytes32 other)
        external
    {
        makeOne(Kind.Close, terms, call, other);
    }

    function check_withdraw_leavesOtherChannels(Terms memory terms, Call memory call, bytes32 other)
        external
    {
        makeOne(Kind.Withdraw, terms, call, other);
    }

    function check_challenge_leavesOtherChannels(
        Terms memory terms,
        Call memory call,
        bytes32 other
    ) external {
        makeOne(Kind.Challenge, terms, call, other);
    }

    function check_respond_leavesOtherChannels(Terms memory terms, Call memory call, bytes32 other)
        external
    {
        makeOne(Kind.Respond, terms, call, other);
    }

    function check_settle_leavesOtherChannels(Terms memory terms, Call memory call, bytes32 other)
        external
    {
        call.locked = false;
        makeOne(Kind.Settle, terms, call, other);
    }

    function makeOne(Kind kind, Terms memory terms, Call memory call, bytes32 other) private {
        call.kind = kind;
        payNativeToTwo(terms);
        vm.assume(other != idOf(terms));
        bytes32 ledger = vm.load(address(adjudicator), slotOf(other));
        bytes32 commitment = commitmentOf(other);
        uint256 resolved = resolvedOf(other);
        make(terms, call);
        assert(vm.load(address(adjudicator), slotOf(other)) == ledger);
        assert(commitmentOf(other) == commitment);
        assert(resolvedOf(other) == resolved);
    }
}

/// @notice Takes or refuses a transfer, as it likes each time.
contract AnyTransferToken {
    function transfer(address, uint256) external pure returns (bool) {
        require(!SVM.createBool("refuses"));
        return true;
    }

    function balanceOf(address) external pure returns (uint256) {
        return SVM.createUint256("balance");
    }
}

/// @notice Counts what it is asked to do.
contract WatchedToken {
    uint256 public calls;

    fallback() external {
        ++calls;
    }
}

/// @title A payout of a token's channel touches no other token and no native coin
/// @notice Neither the adjudicator's native coin, nor the credit of anybody in any other token, nor another token changes.
/// @dev Symbolic: the stored state, all credits, every argument, the caller and the time, and whether the token refuses a
/// transfer. Bounded: two fixed payees, openings without locks.
contract TokensIsolatedProof is AnyCall {
    address internal token;
    WatchedToken internal watched;

    function setUp() public override {
        super.setUp();
        token = address(new AnyTransferToken());
        watched = new WatchedToken();
    }

    function check_close_leavesOtherTokens(
        Terms memory terms,
        Call memory call,
        address other,
        address payee
    ) external {
        makeOne(Kind.Close, terms, call, other, payee);
    }

    function check_withdraw_leavesOtherTokens(
        Terms memory terms,
        Call memory call,
        address other,
        address payee
    ) external {
        makeOne(Kind.Withdraw, terms, call, other, payee);
    }

    function check_settle_leavesOtherTokens(
        Terms memory terms,
        Call memory call,
        address other,
        address payee
    ) external {
        call.locked = false;
        makeOne(Kind.Settle, terms, call, other, payee);
    }

    function makeOne(Kind kind, Terms memory terms, Call memory call, address other, address payee)
        private
    {
        call.kind = kind;
        terms.token = token;
        terms.payouts = [address(0xA11CE), address(0xB0B)];
        vm.assume(other != token);
        uint256 credit = adjudicator.credits(other, payee);
        uint256 coin = address(adjudicator).balance;
        make(terms, call);
        assert(adjudicator.credits(other, payee) == credit);
        assert(address(adjudicator).balance == coin);
        assert(watched.calls() == 0);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {MAX_DEPOSIT} from "contracts/types/Bounds.sol";
import {Terms} from "contracts/types/Channel.sol";
import {CLOSED_MARK, DEPOSIT_MASK, Ledger} from "contracts/types/Ledger.sol";

import {AnyCall, Call, Kind} from "./AnyCall.sol";

/// @notice Refuses every payment, so that it becomes a credit.
contract RefusingPayee {}

/// @dev Sums without branches and checks: every branch here would double the paths of a proof. No sum comes near 256 bits.
abstract contract Custody is AnyCall {
    /// @dev What the adjudicator holds at first. All of it that is owed to nobody tracked is owed to others, so a fixed
    /// figure is as good as any other that covers what is owed.
    uint256 internal constant BALANCE = 2 ** 120;

    address internal taking = address(0xA11CE);
    address internal refusing;

    function setUp() public virtual override {
        super.setUp();
        refusing = address(new RefusingPayee());
    }

    function useFixedPayees(Terms memory terms) internal view {
        terms.token = address(0);
        terms.payouts = [taking, refusing];
    }

    /// @dev Excluding them costs a line each, a conjunction would branch.
    function requireStranger(Terms memory terms, address caller) internal view {
        vm.assume(caller != terms.signers[0]);
        vm.assume(caller != terms.signers[1]);
        vm.assume(caller != taking);
        vm.assume(caller != address(adjudicator));
    }

    function held(bytes32 id) internal view returns (uint256 amount) {
        Ledger ledger = ledgerOf(id);
        uint256 total = uint256(ledger.total());
        assembly {
            amount := mul(iszero(eq(and(ledger, DEPOSIT_MASK), CLOSED_MARK)), total)
        }
    }

    /// @dev Closed for good, or holding something between zero and the bound.
    function isSound(bytes32 id) internal view returns (bool sound) {
        Ledger ledger = ledgerOf(id);
        uint256 total = uint256(ledger.total());
        uint256 maximum = uint256(MAX_DEPOSIT);
        assembly {
            let closed := eq(and(ledger, DEPOSIT_MASK), CLOSED_MARK)
            let dated := iszero(iszero(shr(224, ledger)))
            sound := or(and(closed, dated), and(iszero(closed), iszero(gt(total, maximum))))
        }
    }

    function credited(address payee) internal view returns (uint256) {
        return adjudicator.credits(address(0), payee);
    }
}

/// @title Custody covers what is owed, by induction
/// @notice From any stored state a call changes the balance by exactly what it changes of what is owed, and no slot of
/// another channel. So no three such calls, and no number of them, in whatever order, make a balance that covers what is owed
/// fall short.
/// @dev Symbolic: the stored state of the channel and of every other, all credits, every argument and the time. Bounded: as
/// `AnyCall` says; participant 0's payee takes its money, participant 1's refuses it; openings have no lock; the caller is
/// no signer and not participant 0's payee.
contract CustodyProof is Custody {
    function check_deposit_keepsCustody(Terms memory terms, Call memory call, bytes32 other)
        external
    {
        makeOne(Kind.Deposit, terms, call, other);
    }

    function check_close_keepsCustody(Terms memory terms, Call memory call, bytes32 other)
        external
    {
        makeOne(Kind.Close, terms, call, other);
    }

    function check_withdraw_keepsCustody(Terms memory terms, Call memory call, bytes32 other)
        external
    {
        makeOne(Kind.Withdraw, terms, call, other);
    }

    function check_dispute_keepsCustody(Terms memory terms, Call memory call, bytes32 other)
        external
    {
        makeOne(call.locked ? Kind.Challenge : Kind.Respond, terms, call, other);
    }

    function check_settle_keepsCustody(Terms memory terms, Call memory call, bytes32 other)
        external
    {
        call.locked = false;
        makeOne(Kind.Settle, terms, call, other);
    }

    function check_claim_keepsCustody(Terms memory terms, Call memory call, bytes32 other)
        external
    {
        makeOne(call.locked ? Kind.Claim : Kind.ClaimFor, terms, call, other);
    }

    function makeOne(Kind kind, Terms memory terms, Call memory call, bytes32 other) private {
        call.kind = kind;
        useFixedPayees(terms);
        requireStranger(terms, call.caller);
        vm.assume(call.caller != refusing);
        vm.assume(call.time != 0);
        bytes32 id = idOf(terms);
        vm.assume(id != other);
        vm.assume(isSound(id));
        requireCreditsBelow(2 ** 120, call.caller);
        bytes32[3] memory elsewhere = slotsOf(other);
        uint256 before = owed(id, call.caller);
        vm.deal(address(adjudicator), BALANCE);
        make(terms, call);
        assert(isSound(id));
        bytes32[3] memory there = slotsOf(other);
        assert(there[0] == elsewhere[0]);
        assert(there[1] == elsewhere[1]);
        assert(there[2] == elsewhere[2]);
        unchecked {
            assert(address(adjudicator).balance - BALANCE == owed(id, call.caller) - before);
        }
        // So the sums compared are no remainders: nothing that was paid or credited has wrapped around.
        uint256 all = credited(taking) | credited(refusing) | credited(call.caller);
        assert(all < 2 ** 121);
        assert(address(adjudicator).balance < 2 ** 121);
    }

    function requireCreditsBelow(uint256 bound, address caller) private view {
        vm.assume(credited(taking) < bound);
        vm.assume(credited(refusing) < bound);
        vm.assume(credited(caller) < bound);
    }

    /// @dev Ledger, commitment and bitmap.
    function slotsOf(bytes32 id) private view returns (bytes32[3] memory slots) {
        uint256 first = uint256(slotOf(id));
        for (uint256 i = 0; i < 3; ++i) {
            slots[i] = vm.load(address(adjudicator), bytes32(first + i));
        }
    }

    function owed(bytes32 id, address caller) private view returns (uint256) {
        unchecked {
            return held(id) + credited(taking) + credited(refusing) + credited(caller);
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Ledger, packLedger} from "contracts/types/Ledger.sol";

/// @title The one slot of a channel gives back what was put into it
/// @notice Bounds: deposits are within `-MAX_DEPOSIT` and `MAX_DEPOSIT`, as the contract keeps them; all else is full range.
contract LedgerProof {
    struct Content {
        int256 deposit0;
        int256 deposit1;
        uint40 nonce;
        uint32 finalizesAt;
    }

    /// @notice Packing loses nothing, and an unclosed ledger never looks closed.
    function check_ledgerKeepsItsContent(Content memory content) external pure {
        if (!_isPossible(content)) return;
        _requireContent(_pack(content), content);
    }

    /// @notice Each change of a ledger changes what it names and nothing else.
    function check_ledgerChangesOnlyWhatIsNamed(
        Content memory content,
        Content memory next,
        bool participant
    ) external pure {
        if (!_isPossible(content) || !_isPossible(next)) return;
        Ledger ledger = _pack(content);

        Content memory expected = _copy(content);
        if (participant) expected.deposit1 = next.deposit1;
        else expected.deposit0 = next.deposit1;
        _requireContent(ledger.withDeposit(participant ? 1 : 0, next.deposit1), expected);

        expected = _copy(content);
        (expected.deposit0, expected.deposit1) = (next.deposit0, next.deposit1);
        _requireContent(ledger.withDeposits(next.deposit0, next.deposit1), expected);

        expected = _copy(content);
        (expected.nonce, expected.finalizesAt) = (next.nonce, next.finalizesAt);
        _requireContent(ledger.withState(next.nonce, next.finalizesAt), expected);

        Ledger closed = ledger.closed(next.finalizesAt);
        assert(closed.isClosed());
        assert(closed.nonce() == content.nonce && closed.finalizesAt() == next.finalizesAt);
        assert(closed.deposit1() == 0);
    }

    function _pack(Content memory content) private pure returns (Ledger) {
        return packLedger(content.deposit0, content.deposit1, content.nonce, content.finalizesAt);
    }

    function _requireContent(Ledger ledger, Content memory content) private pure {
        assert(ledger.deposit0() == content.deposit0 && ledger.deposit1() == content.deposit1);
        assert(ledger.deposit(0) == content.deposit0 && ledger.deposit(1) == content.deposit1);
        assert(ledger.total() == content.deposit0 + content.deposit1);
        assert(ledger.nonce() == content.nonce && ledger.finalizesAt() == content.finalizesAt);
        assert(ledger.isOpen() == (content.finalizesAt == 0));
        assert(!ledger.isClosed());
    }

    function _isPossible(Content memory content) private pure returns (bool) {
        return _isDeposit(content.deposit0) && _isDeposit(content.deposit1);
    }

    function _isDeposit(int256 deposit) private pure returns (bool) {
        return deposit > -(2 ** 91) && deposit < 2 ** 91;
    }

    function _copy(Content memory content) private pure returns (Content memory) {
        return Content(content.deposit0, content.deposit1, content.nonce, content.finalizesAt);
    }
}

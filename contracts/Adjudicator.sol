// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Domain} from "./Domain.sol";
import {IAdjudicator} from "./interfaces/IAdjudicator.sol";
import {IReceiveWithAuthorization} from "./interfaces/IReceiveWithAuthorization.sol";
import {BoundedCall} from "./libraries/BoundedCall.sol";
import {Conditions} from "./libraries/Conditions.sol";
import {Division, Settlement} from "./libraries/Settlement.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Tokens} from "./libraries/Tokens.sol";
import {TypedData} from "./libraries/TypedData.sol";
import {
    MAX_DEPOSIT,
    MAX_FINALIZATION_PERIOD,
    MAX_LOCKS,
    MIN_FINALIZATION_PERIOD,
    NATIVE_PAYOUT_GAS,
    TOKEN_PAYOUT_GAS
} from "./types/Bounds.sol";
import {ChannelView, Opening, Signature, Status, Terms} from "./types/Channel.sol";
import {Ledger} from "./types/Ledger.sol";

/// @title The court of all channels of a chain
contract Adjudicator is IAdjudicator, Domain, ReentrancyGuardTransient {
    /// @dev Bit of `_resolved` that marks a channel as Settling, also while none of its locks is resolved.
    uint256 private constant SETTLING = 1 << 255;

    mapping(bytes32 channelId => Ledger) private _ledgers;
    mapping(bytes32 channelId => bytes32 commitment) private _commitments;
    mapping(bytes32 channelId => uint256 bitmap) private _resolved;

    /// @inheritdoc IAdjudicator
    mapping(address token => mapping(address payee => uint256 amount)) public credits;

    /// @inheritdoc IAdjudicator
    function deposit(Terms calldata terms, uint8 participant, uint256 amount, int256 expected)
        external
        payable
        nonReentrant
    {
        bytes32 id = _requireFundable(terms, participant, amount);
        uint256 received = amount;
        if (terms.token == address(0)) {
            if (msg.value != amount) revert WrongValue(msg.value, amount);
        } else {
            if (msg.value != 0) revert WrongValue(msg.value, 0);
            _requireCode(terms.token);
            received = Tokens.pull(terms.token, msg.sender, amount);
        }
        _credit(id, participant, received, expected);
    }

    /// @inheritdoc IAdjudicator
    function depositWithPermit(
        Terms calldata terms,
        uint8 participant,
        uint256 amount,
        int256 expected,
        uint256 permitDeadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        bytes32 id = _requireFundable(terms, participant, amount);
        _requireCode(terms.token);
        BoundedCall.call(
            terms.token,
            abi.encodeCall(
                IERC20Permit.permit, (msg.sender, address(this), amount, permitDeadline, v, r, s)
            ),
            BoundedCall.ALL_GAS
        );
        _credit(id, participant, Tokens.pull(terms.token, msg.sender, amount), expected);
    }

    /// @inheritdoc IAdjudicator
    function depositWithAuthorization(
        Terms calldata terms,
        uint8 participant,
        uint256 amount,
        int256 expected,
        address from,
        uint256 validAfter,
        uint256 validBefore,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        bytes32 id = _requireFundable(terms, participant, amount);
        _requireCode(terms.token);
        bytes memory authorization = abi.encodeCall(
            IReceiveWithAuthorization.receiveWithAuthorization,
            (
                from,
                address(this),
                amount,
                validAfter,
                validBefore,
                keccak256(abi.encode(id, participant, expected)),
                v,
                r,
                s
            )
        );
        _credit(id, participant, Tokens.receiveBy(terms.token, amount, authorization), expected);
    }

    /// @inheritdoc IAdjudicator
    function close(Terms calldata terms, int128 net, Signature[2] calldata signatures)
        external
        nonReentrant
    {
        bytes32 id = channelId(terms);
        Ledger ledger = _ledgers[id];
        if (ledger.isClosed() || _isSettling(id, ledger)) revert AlreadyPaidOut(id);
        Signatures.requireBoth(terms.signers, _digest(TypedData.close(id, net)), signatures);

        // Refused, not clamped: to wait for a deposit is better than a wrong payout.
        int256 balance0 = ledger.deposit0() - net;
        int256 balance1 = ledger.deposit1() + net;
        if (balance0 < 0 || balance1 < 0) {
            revert NetExceedsDeposits(net, ledger.deposit0(), ledger.deposit1());
        }

        if (!ledger.isOpen()) delete _commitments[id];
        _ledgers[id] = ledger.closed(uint32(block.timestamp));
        emit Closed(id, uint256(balance0), uint256(balance1));
        _pay(terms, uint256(balance0), uint256(balance1));
    }

    /// @inheritdoc IAdjudicator
    function withdraw(
        Terms calldata terms,
        uint40 nonce,
        uint128[2] calldata amounts,
        uint40 deadline,
        Signature[2] calldata signatures
    ) external nonReentrant {
        bytes32 id = channelId(terms);
        Ledger ledger = _ledgers[id];
        if (!ledger.isOpen()) revert NotOpen(id);
        if (block.timestamp > deadline) revert DeadlineOver(deadline, block.timestamp);
        if (nonce <= ledger.nonce()) revert StaleNonce(ledger.nonce(), nonce);
        (uint256 amount0, uint256 amount1) = (amounts[0], amounts[1]);
        int256 total = ledger.deposit0() + ledger.deposit1();
        if (int256(amount0 + amount1) > total) {
            revert AmountExceedsBalance(total, amount0 + amount1);
        }
        Signatures.requireBoth(
            terms.signers,
            _digest(TypedData.withdraw(id, nonce, amounts[0], amounts[1], deadline)),
            signatures
        );

        // A deposit that becomes negative stays within its 92 bits: the other one, at most MAX_DEPOSIT, outweighs it.
        _ledgers[id] = ledger.withState(nonce, 0)
            .withDeposits(ledger.deposit0() - int256(amount0), ledger.deposit1() - int256(amount1));
        emit Withdrawn(id, nonce, amount0, amount1);
        _pay(terms, amount0, amount1);
    }

    /// @inheritdoc IAdjudicator
    function challenge(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures,
        Signature calldata will
    ) external {
        bytes32 id = channelId(terms);
        Ledger ledger = _ledgers[id];
        if (!ledger.isOpen()) revert NotOpen(id);
        if (nonce < ledger.nonce()) revert StaleNonce(ledger.nonce(), nonce);
        if (nonce == 0) {
            if (commitment != 0) revert WrongCommitment(0, commitment);
        } else {
            _requireState(terms, id, nonce, commitment, signatures);
        }
        if (!Signatures.isSigner(terms.signers, msg.sender)) {
            bytes32 digest = _digest(TypedData.challenge(id, nonce, commitment));
            Signatures.requireEither(terms.signers, digest, will);
        }

        uint32 finalizesAt = uint32(block.timestamp) + terms.finalizationPeriod;
        _ledgers[id] = ledger.withState(nonce, finalizesAt);
        if (nonce != 0) _commitments[id] = commitment;
        emit Challenged(id, nonce, finalizesAt);
    }

    /// @inheritdoc IAdjudicator
    function respond(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures
    ) external {
        bytes32 id = channelId(terms);
        Ledger ledger = _ledgers[id];
        if (ledger.isOpen() || ledger.isClosed()) revert NotDisputed(id);
        // The second `finalizesAt` itself is already too late, so a payout can follow at once.
        if (block.timestamp >= ledger.finalizesAt()) {
            revert FinalizationPeriodOver(ledger.finalizesAt(), block.timestamp);
        }
        if (nonce <= ledger.nonce()) revert StaleNonce(ledger.nonce(), nonce);
        _requireState(terms, id, nonce, commitment, signatures);

        _ledgers[id] = ledger.withState(nonce, ledger.finalizesAt());
        _commitments[id] = commitment;
        emit Responded(id, nonce);
    }

    /// @inheritdoc IAdjudicator
    function settle(Terms calldata terms, Opening calldata opening) external nonReentrant {
        bytes32 id = channelId(terms);
        Ledger ledger = _ledgers[id];
        if (ledger.isClosed()) revert AlreadyPaidOut(id);
        if (ledger.isOpen()) revert NotDisputed(id);
        if (block.timestamp < ledger.finalizesAt()) {
            revert FinalizationPeriodRunning(ledger.finalizesAt(), block.timestamp);
        }
        bytes32 stored = _requireOpening(id, opening);
        uint256 count = opening.locks.length;
        if (count > MAX_LOCKS) revert TooManyLocks(count, MAX_LOCKS);

        // A state without locks is paid in one call, so it never is half paid.
        uint256 before = count == 0 ? 0 : _resolved[id];
        Division memory division = _divide(ledger, before, opening);
        if (Settlement.isComplete(division.resolved, count)) {
            _ledgers[id] = ledger.closed(ledger.finalizesAt());
            if (stored != 0) delete _commitments[id];
            if (before != 0) delete _resolved[id];
        } else {
            if (division.resolved | SETTLING == before) revert NothingResolved(id);
            _ledgers[id] = ledger.withDeposits(
                ledger.deposit0() - int256(division.paid[0]),
                ledger.deposit1() - int256(division.paid[1])
            );
            _resolved[id] = division.resolved | SETTLING;
        }
        emit Settled(id, division.paid[0], division.paid[1], division.resolved);
        _pay(terms, division.paid[0], division.paid[1]);
    }

    /// @inheritdoc IAdjudicator
    function claim(address token, address to) external nonReentrant returns (uint256 amount) {
        if (to == address(0) || to == address(this)) revert InvalidPayout(to);
        amount = credits[token][msg.sender];
        if (amount == 0) revert NothingToClaim(token, msg.sender);
        delete credits[token][msg.sender];
        emit Claimed(token, msg.sender, to, amount);
        uint256 unpaid = _send(token, to, amount, BoundedCall.ALL_GAS, BoundedCall.ALL_GAS);
        if (unpaid != 0) revert PayoutFailed(token, to, unpaid);
    }

    /// @inheritdoc IAdjudicator
    function statuses(bytes32[] calldata channelIds)
        external
        view
        returns (ChannelView[] memory views)
    {
        views = new ChannelView[](channelIds.length);
        for (uint256 i = 0; i < channelIds.length; ++i) {
            views[i] = _view(channelIds[i]);
        }
    }

    /// @inheritdoc IAdjudicator
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparator();
    }

    /// @inheritdoc IAdjudicator
    function channelId(Terms calldata terms) public pure returns (bytes32) {
        return keccak256(abi.encode(terms));
    }

    /// @dev Adds to a deposit what has arrived. Reads the ledger only here, after any call of the token, so that nothing the
    /// token did in between is overwritten.
    function _credit(bytes32 id, uint8 participant, uint256 received, int256 expected) private {
        if (received == 0) revert NothingDeposited();
        Ledger ledger = _ledgers[id];
        if (!ledger.isOpen()) revert NotOpen(id);
        int256 added = int256(received);
        (int256 deposit0, int256 deposit1) = (ledger.deposit0(), ledger.deposit1());
        int256 current = participant == 0 ? deposit0 : deposit1;
        if (current - added >= expected) revert AlreadyDeposited(current, expected);
        if (current + added > MAX_DEPOSIT || deposit0 + deposit1 + added > MAX_DEPOSIT) {
            revert DepositOutOfBounds(received, uint256(MAX_DEPOSIT));
        }

        if (participant == 0) deposit0 += added;
        else deposit1 += added;
        _ledgers[id] = ledger.withDeposits(deposit0, deposit1);
        emit Deposited(id, participant, received);
    }

    /// @dev Pays both participants. A payout that fails becomes a credit, so neither can block the other.
    function _pay(Terms calldata terms, uint256 amount0, uint256 amount1) private {
        _payOrCredit(terms.token, terms.payouts[0], amount0);
        _payOrCredit(terms.token, terms.payouts[1], amount1);
    }

    function _payOrCredit(address token, address payee, uint256 amount) private {
        if (amount == 0) return;
        uint256 unpaid = _send(token, payee, amount, NATIVE_PAYOUT_GAS, TOKEN_PAYOUT_GAS);
        if (unpaid == 0) return;
        credits[token][payee] += unpaid;
        emit Credited(token, payee, unpaid);
    }

    function _send(address token, address to, uint256 amount, uint256 nativeGas, uint256 tokenGas)
        private
        returns (uint256 unpaid)
    {
        if (token != address(0)) return Tokens.send(token, to, amount, tokenGas);
        return BoundedCall.transfer(to, amount, nativeGas) ? 0 : amount;
    }

    function _requireFundable(Terms calldata terms, uint8 participant, uint256 amount)
        private
        view
        returns (bytes32)
    {
        (address signer0, address signer1) = (terms.signers[0], terms.signers[1]);
        if (signer0 == address(0) || signer1 == address(0) || signer0 == signer1) {
            revert InvalidSigners(signer0, signer1);
        }
        _requirePayout(terms.payouts[0]);
        _requirePayout(terms.payouts[1]);
        uint256 period = terms.finalizationPeriod;
        if (period < MIN_FINALIZATION_PERIOD || period > MAX_FINALIZATION_PERIOD) {
            revert FinalizationPeriodOutOfBounds(
                period, MIN_FINALIZATION_PERIOD, MAX_FINALIZATION_PERIOD
            );
        }
        if (terms.app != address(0)) revert AppUnsupported(terms.app);
        if (participant > 1) revert InvalidParticipant(participant);
        if (amount > uint256(MAX_DEPOSIT)) revert DepositOutOfBounds(amount, uint256(MAX_DEPOSIT));
        return channelId(terms);
    }

    function _requirePayout(address payout) private view {
        if (payout == address(0) || payout == address(this)) revert InvalidPayout(payout);
    }

    function _requireCode(address token) private view {
        if (token.code.length == 0) revert TokenWithoutCode(token);
    }

    function _requireState(
        Terms calldata terms,
        bytes32 id,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures
    ) private view {
        if (commitment == 0) revert MissingCommitment(nonce);
        bytes32 digest = _digest(TypedData.state(id, nonce, commitment));
        Signatures.requireBoth(terms.signers, digest, signatures);
    }

    /// @dev Nothing paid, nonce 0, stores no commitment; its opening is all zero.
    function _requireOpening(bytes32 id, Opening calldata opening)
        private
        view
        returns (bytes32 stored)
    {
        stored = _commitments[id];
        bytes32 expected = stored;
        if (stored == 0) {
            Opening memory nothing;
            expected = keccak256(abi.encode(nothing));
        }
        bytes32 received = keccak256(abi.encode(opening));
        if (received != expected) revert WrongCommitment(expected, received);
    }

    function _divide(Ledger ledger, uint256 before, Opening calldata opening)
        private
        view
        returns (Division memory)
    {
        int256[2] memory deposits = [ledger.deposit0(), ledger.deposit1()];
        uint256 resolved = before & ~SETTLING;
        uint256[] memory outcomes = Conditions.outcomesOf(opening.locks, resolved);
        return before == 0
            ? Settlement.first(deposits, opening.net, opening.locks, outcomes)
            : Settlement.further(deposits, resolved, opening.locks, outcomes);
    }

    /// @dev Only a dispute whose period is over can be half paid, so before that nothing is read.
    function _isSettling(bytes32 id, Ledger ledger) private view returns (bool) {
        if (ledger.isOpen() || block.timestamp < ledger.finalizesAt()) return false;
        return _resolved[id] != 0;
    }

    function _view(bytes32 id) private view returns (ChannelView memory) {
        Ledger ledger = _ledgers[id];
        uint256 resolved = _resolved[id];
        bool closed = ledger.isClosed();
        Status status = closed
            ? Status.Closed
            : ledger.isOpen() ? Status.Open : resolved == 0 ? Status.Disputed : Status.Settling;
        return ChannelView({
            status: status,
            deposits: [closed ? int256(0) : ledger.deposit0(), ledger.deposit1()],
            nonce: ledger.nonce(),
            finalizesAt: ledger.finalizesAt(),
            commitment: _commitments[id],
            resolvedLocks: resolved & ~SETTLING
        });
    }
}

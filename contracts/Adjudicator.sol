// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Domain} from "./Domain.sol";
import {IAdjudicator} from "./interfaces/IAdjudicator.sol";
import {IReceiveWithAuthorization} from "./interfaces/IReceiveWithAuthorization.sol";
import {Admission} from "./libraries/Admission.sol";
import {BoundedCall} from "./libraries/BoundedCall.sol";
import {Conditions} from "./libraries/Conditions.sol";
import {Division, Settlement} from "./libraries/Settlement.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Tokens} from "./libraries/Tokens.sol";
import {TypedData} from "./libraries/TypedData.sol";
import {Views} from "./libraries/Views.sol";
import {Authorization} from "./types/Authorization.sol";
import {MAX_DEPOSIT, MAX_LOCKS, NATIVE_PAYOUT_GAS, TOKEN_PAYOUT_GAS} from "./types/Bounds.sol";
import {ChannelView, Opening, Signature, Terms} from "./types/Channel.sol";
import {Channel, Ledger, SETTLING, packLedger} from "./types/Ledger.sol";

/// @title The court of all channels of a chain
/// @notice What each call promises is said in `IAdjudicator`; here is how it is kept.
contract Adjudicator is IAdjudicator, Domain, ReentrancyGuardTransient {
    /// @dev Bytes of `abi.encode(terms)`: nine words.
    uint256 private constant TERMS_SIZE = 288;

    mapping(bytes32 channelId => Channel) private _channels;

    /// @inheritdoc IAdjudicator
    mapping(address token => mapping(address payee => uint256 amount)) public credits;

    /// @inheritdoc IAdjudicator
    function deposit(Terms calldata terms, uint8 participant, uint256 amount, int256 expected)
        external
        payable
    {
        Admission.requireFundable(terms, participant, amount);
        uint256 received = amount;
        if (terms.token == address(0)) {
            // On some chains the native coin is an ERC-20 too, whose balance is measured while the guard is up.
            if (_reentrancyGuardEntered()) revert ReentrancyGuardReentrantCall();
            if (msg.value != amount) revert WrongValue(msg.value, amount);
        } else {
            if (msg.value != 0) revert WrongValue(msg.value, 0);
            received = _pull(terms.token, amount);
        }
        _credit(channelId(terms), participant, received, expected);
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
        Admission.requireFundable(terms, participant, amount);
        bytes32 id = channelId(terms);
        Admission.requireCode(terms.token);
        BoundedCall.invoke(
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
        Authorization calldata authorization
    ) external nonReentrant {
        Admission.requireFundable(terms, participant, amount);
        bytes32 id = channelId(terms);
        Admission.requireCode(terms.token);
        bytes memory data = abi.encodeCall(
            IReceiveWithAuthorization.receiveWithAuthorization,
            (
                authorization.from,
                address(this),
                amount,
                authorization.validAfter,
                authorization.validBefore,
                keccak256(abi.encode(id, participant, expected)),
                authorization.v,
                authorization.r,
                authorization.s
            )
        );
        _credit(id, participant, Tokens.receiveBy(terms.token, amount, data), expected);
    }

    /// @inheritdoc IAdjudicator
    function close(Terms calldata terms, int128 net, Signature[2] calldata signatures)
        external
        nonReentrant
    {
        bytes32 id = channelId(terms);
        Channel storage channel = _channels[id];
        Ledger ledger = channel.ledger;
        if (!ledger.isOpen()) {
            if (ledger.isClosed() || channel.resolved != 0) revert AlreadyPaidOut(id);
            delete channel.commitment;
        }
        Signatures.requireBoth(terms.signers, _digest(TypedData.close(id, net)), signatures);

        int256 balance0;
        int256 balance1;
        // A deposit has 92 bits and the net 128, so no sum overflows.
        unchecked {
            balance0 = ledger.deposit0() - net;
            balance1 = ledger.deposit1() + net;
        }
        // Refused, not clamped: to wait for a deposit is better than a wrong payout.
        if (balance0 < 0 || balance1 < 0) {
            revert NetExceedsDeposits(net, ledger.deposit0(), ledger.deposit1());
        }

        // From 2106 on the last second that fits: nothing but zero would mean an open channel.
        uint256 latest = type(uint32).max;
        channel.ledger = ledger.closed(uint32(block.timestamp < latest ? block.timestamp : latest));
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
        Channel storage channel = _channels[id];
        Ledger ledger = channel.ledger;
        if (!ledger.isOpen()) revert NotOpen(id);
        if (block.timestamp > deadline) revert DeadlineOver(deadline, block.timestamp);
        if (nonce <= ledger.nonce()) revert StaleNonce(ledger.nonce(), nonce);
        (uint256 amount0, uint256 amount1) = (amounts[0], amounts[1]);
        int256 total = ledger.total();
        if (int256(amount0 + amount1) > total) {
            revert AmountExceedsBalance(total, amount0 + amount1);
        }
        Signatures.requireBoth(
            terms.signers,
            _digest(TypedData.withdraw(id, nonce, amounts[0], amounts[1], deadline)),
            signatures
        );

        // A deposit that becomes negative stays within its 92 bits: the other one, at most MAX_DEPOSIT, outweighs it.
        channel.ledger = packLedger(
            ledger.deposit0() - int256(amount0), ledger.deposit1() - int256(amount1), nonce, 0
        );
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
        Channel storage channel = _channels[id];
        Ledger ledger = channel.ledger;
        if (!ledger.isOpen()) revert NotOpen(id);
        if (nonce < ledger.nonce()) revert StaleNonce(ledger.nonce(), nonce);
        if (nonce == 0) {
            if (commitment != 0) revert WrongCommitment(0, commitment);
        } else {
            _requireState(terms, id, nonce, commitment, signatures);
        }
        if (!Signatures.isSigner(terms.signers, msg.sender)) {
            bytes32 digest = _digest(TypedData.challenge(id, nonce, commitment));
            Signatures.requireWill(terms.signers, digest, will);
        }

        uint256 finalizesAt = block.timestamp + terms.finalizationPeriod;
        // Cut to its 32 bits it would lie in the past, and nobody could respond.
        if (finalizesAt > type(uint32).max) revert TimeOutOfBounds(finalizesAt, type(uint32).max);
        channel.ledger = ledger.withState(nonce, uint32(finalizesAt));
        if (nonce != 0) channel.commitment = commitment;
        emit Challenged(id, nonce, uint32(finalizesAt));
    }

    /// @inheritdoc IAdjudicator
    function respond(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures
    ) external {
        bytes32 id = channelId(terms);
        Channel storage channel = _channels[id];
        Ledger ledger = channel.ledger;
        if (ledger.isOpen() || ledger.isClosed()) revert NotDisputed(id);
        // The second `finalizesAt` itself is already too late, so a payout can follow at once.
        if (block.timestamp >= ledger.finalizesAt()) {
            revert FinalizationPeriodOver(ledger.finalizesAt(), block.timestamp);
        }
        if (nonce <= ledger.nonce()) revert StaleNonce(ledger.nonce(), nonce);
        _requireState(terms, id, nonce, commitment, signatures);

        channel.ledger = ledger.withState(nonce, ledger.finalizesAt());
        channel.commitment = commitment;
        emit Responded(id, nonce);
    }

    /// @inheritdoc IAdjudicator
    function settle(Terms calldata terms, Opening calldata opening) external nonReentrant {
        bytes32 id = channelId(terms);
        Channel storage channel = _channels[id];
        Ledger ledger = channel.ledger;
        if (ledger.isClosed()) revert AlreadyPaidOut(id);
        if (ledger.isOpen()) revert NotDisputed(id);
        if (block.timestamp < ledger.finalizesAt()) {
            revert FinalizationPeriodRunning(ledger.finalizesAt(), block.timestamp);
        }
        bytes32 stored = _requireOpening(channel, opening);
        uint256 count = opening.locks.length;
        if (count > MAX_LOCKS) revert TooManyLocks(count, MAX_LOCKS);

        // A state without locks is paid in one call, so it never is half paid.
        uint256 before = count == 0 ? 0 : channel.resolved;
        Division memory division = _divide(ledger, before, opening);
        if (Settlement.isComplete(division.resolved, count)) {
            channel.ledger = ledger.closed(ledger.finalizesAt());
            if (stored != 0) delete channel.commitment;
            if (before != 0) delete channel.resolved;
        } else {
            if (division.resolved | SETTLING == before) revert NothingResolved(id);
            channel.ledger = ledger.withDeposits(
                ledger.deposit0() - int256(division.paid0),
                ledger.deposit1() - int256(division.paid1)
            );
            channel.resolved = division.resolved | SETTLING;
        }
        emit Settled(id, division.paid0, division.paid1, division.resolved);
        _pay(terms, division.paid0, division.paid1);
    }

    /// @inheritdoc IAdjudicator
    function claim(address token, address to, uint256 most) external returns (uint256 amount) {
        return _claim(token, msg.sender, to, most);
    }

    /// @inheritdoc IAdjudicator
    function claimFor(address token, address payee, uint256 most)
        external
        returns (uint256 amount)
    {
        return _claim(token, payee, payee, most);
    }

    /// @inheritdoc IAdjudicator
    function statuses(bytes32[] calldata channelIds)
        external
        view
        returns (ChannelView[] memory views)
    {
        views = new ChannelView[](channelIds.length);
        for (uint256 i = 0; i < channelIds.length; ++i) {
            views[i] = Views.read(_channels[channelIds[i]]);
        }
    }

    /// @inheritdoc IAdjudicator
    function domainSeparator() external view returns (bytes32 separator) {
        return _domainSeparator();
    }

    /// @inheritdoc IAdjudicator
    function channelId(Terms calldata terms) public pure returns (bytes32 id) {
        // In calldata the static tuple already is `abi.encode(terms)`: copying it saves 700 gas over encoding it again. Dirty
        // bits make another id: that of a channel of its own.
        assembly ("memory-safe") {
            let encoded := mload(0x40)
            calldatacopy(encoded, terms, TERMS_SIZE)
            id := keccak256(encoded, TERMS_SIZE)
        }
    }

    /// @dev Guarded here and not at `deposit`: a deposit of native coin calls nobody, so it only looks at the guard.
    function _pull(address token, uint256 amount) private nonReentrant returns (uint256 received) {
        Admission.requireCode(token);
        return Tokens.pull(token, msg.sender, amount);
    }

    /// @dev Adds to a deposit what has arrived. Reads the ledger only here, after any call of the token, so that nothing the
    /// token did in between is overwritten.
    function _credit(bytes32 id, uint8 participant, uint256 received, int256 expected) private {
        if (received == 0) revert NothingDeposited();
        Channel storage channel = _channels[id];
        Ledger ledger = channel.ledger;
        if (!ledger.isOpen()) revert NotOpen(id);
        // A deposit is within 92 bits, and `received`, at most the amount asked for, is no more: no sum overflows.
        unchecked {
            int256 added = int256(received);
            int256 current = ledger.deposit(participant);
            if (current - added >= expected) revert AlreadyDeposited(current, expected);
            if (current + added > MAX_DEPOSIT || ledger.total() + added > MAX_DEPOSIT) {
                revert DepositOutOfBounds(received, uint256(MAX_DEPOSIT));
            }
            channel.ledger = ledger.withDeposit(participant, current + added);
        }
        emit Deposited(id, participant, received);
    }

    function _claim(address token, address payee, address to, uint256 most)
        private
        nonReentrant
        returns (uint256 amount)
    {
        Admission.requirePayout(to);
        uint256 credit = credits[token][payee];
        // In parts if need be: strangers can add to a credit, and some tokens limit what one transfer moves.
        amount = credit < most ? credit : most;
        if (amount == 0) revert NothingToClaim(token, payee);
        credits[token][payee] = credit - amount;
        emit Claimed(token, payee, to, amount);
        uint256 unpaid = token == address(0)
            ? BoundedCall.transferAll(to, amount, NATIVE_PAYOUT_GAS)
            : Tokens.send(token, to, amount, BoundedCall.ALL_GAS);
        if (unpaid != 0) revert PayoutFailed(token, to, unpaid);
    }

    /// @dev Pays both participants. A payout that fails becomes a credit, so neither can block the other.
    function _pay(Terms calldata terms, uint256 amount0, uint256 amount1) private {
        _payOrCredit(terms.token, terms.payouts[0], amount0);
        _payOrCredit(terms.token, terms.payouts[1], amount1);
    }

    function _payOrCredit(address token, address payee, uint256 amount) private {
        if (amount == 0) return;
        uint256 unpaid = token == address(0)
            ? BoundedCall.transfer(payee, amount, NATIVE_PAYOUT_GAS)
            : Tokens.send(token, payee, amount, TOKEN_PAYOUT_GAS);
        if (unpaid == 0) return;
        // Only the outcome of the transfer says what to credit; `claim` is closed by the guard meanwhile.
        // solhint-disable-next-line reentrancy
        credits[token][payee] += unpaid;
        emit Credited(token, payee, unpaid);
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
    function _requireOpening(Channel storage channel, Opening calldata opening)
        private
        view
        returns (bytes32 stored)
    {
        stored = channel.commitment;
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
        uint256 total = uint256(ledger.total());
        uint256 resolved = before & ~SETTLING;
        uint256[] memory outcomes = Conditions.outcomesOf(opening.locks, resolved);
        return before == 0
            ? Settlement.first(total, ledger.deposit0() - opening.net, opening.locks, outcomes)
            : Settlement.further(total, resolved, opening.locks, outcomes);
    }
}

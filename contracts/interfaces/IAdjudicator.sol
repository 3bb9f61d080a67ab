// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelView, Opening, Signature, Terms} from "../types/Channel.sol";

/// @title The court of all channels of a chain
/// @notice Whoever holds the newest co-signed state, and gets one transaction included within the finalization period, is
/// paid by that state. No owner, no proxy, no pause: only the two signers of a channel can move its money.
///
/// Signed types, domain `EIP712Domain(name "Counterfoil", version "1", chainId, verifyingContract)`:
/// - `State(bytes32 channelId,uint40 nonce,bytes32 commitment)`
/// - `Challenge(bytes32 channelId,uint40 nonce,bytes32 commitment)`
/// - `Withdraw(bytes32 channelId,uint40 nonce,uint128 amount0,uint128 amount1,uint40 deadline)`
/// - `Close(bytes32 channelId,int128 net)`
///
/// A participant that calls for itself counts as a signer: its entry in `signatures` is not read.
///
/// Assumptions. Tokens: a transfer out debits exactly its amount; a token that breaks this harms its own channels only.
/// Clocks: `block.timestamp` in seconds. Participants: at least one honest watcher gets one transaction included within
/// the finalization period.
interface IAdjudicator {
    event Deposited(bytes32 indexed channelId, uint8 participant, uint256 amount);
    event Withdrawn(bytes32 indexed channelId, uint40 nonce, uint256 amount0, uint256 amount1);
    event Challenged(bytes32 indexed channelId, uint40 nonce, uint32 finalizesAt);
    event Responded(bytes32 indexed channelId, uint40 nonce);
    /// @notice Money left the channel by `settle`; `status` is Settling while locks remain, else Closed.
    event Settled(
        bytes32 indexed channelId, uint256 amount0, uint256 amount1, uint256 resolvedLocks
    );
    event Closed(bytes32 indexed channelId, uint256 amount0, uint256 amount1);
    /// @notice A payout failed and can be fetched with `claim`.
    event Credited(address indexed token, address indexed payee, uint256 amount);
    event Claimed(address indexed token, address indexed payee, address to, uint256 amount);

    // deposit
    error InvalidSigners(address signer0, address signer1);
    error InvalidPayout(address payout);
    error FinalizationPeriodOutOfBounds(uint256 period, uint256 minimum, uint256 maximum);
    error AppUnsupported(address app);
    error InvalidParticipant(uint256 participant);
    error NothingDeposited();
    error WrongValue(uint256 sent, uint256 expected);
    error AlreadyDeposited(int256 deposit, int256 expected);
    error DepositOutOfBounds(uint256 amount, uint256 maximum);
    error TokenWithoutCode(address token);
    error TimeOutOfBounds(uint256 timestamp, uint256 latest);
    // phases
    error NotOpen(bytes32 channelId);
    error NotDisputed(bytes32 channelId);
    error AlreadyPaidOut(bytes32 channelId);
    error FinalizationPeriodOver(uint256 finalizesAt, uint256 timestamp);
    error FinalizationPeriodRunning(uint256 finalizesAt, uint256 timestamp);
    error DeadlineOver(uint256 deadline, uint256 timestamp);
    // states
    error StaleNonce(uint256 stored, uint256 received);
    error MissingCommitment(uint256 nonce);
    error WrongCommitment(bytes32 expected, bytes32 received);
    error WrongSigner(address expected, address recovered);
    error NotAParticipant(address caller);
    error AmountExceedsBalance(int256 available, uint256 requested);
    error NetExceedsDeposits(int256 net, int256 deposit0, int256 deposit1);
    error TooManyLocks(uint256 count, uint256 maximum);
    error NothingResolved(bytes32 channelId);
    error InsufficientGas(uint256 available, uint256 required);
    // claim
    error NothingToClaim(address token, address payee);
    error PayoutFailed(address token, address to, uint256 amount);

    /// @notice Adds to `participant`'s deposit. Anyone may pay.
    /// @dev A native deposit takes `msg.value == amount`; an ERC-20 one takes no value and is credited by balance difference.
    /// @param expected The participant's deposit as the caller knows it. A repeated transaction is caught by it: the call
    /// reverts only when the deposit already is `expected` and what arrives now, or more, so that dust cannot block it.
    function deposit(Terms calldata terms, uint8 participant, uint256 amount, int256 expected)
        external
        payable;

    /// @notice `deposit` of an ERC-20 after spending an ERC-2612 permit of the caller for this contract; a permit that
    /// fails (spent by a front-runner) is ignored, the allowance decides.
    function depositWithPermit(
        Terms calldata terms,
        uint8 participant,
        uint256 amount,
        int256 expected,
        uint256 permitDeadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice `deposit` of an ERC-20 by an ERC-3009 `receiveWithAuthorization` signed by `from`. Anyone may submit it.
    /// @dev The authorization's nonce has to be `keccak256(abi.encode(channelId, participant, expected))`, so that whoever
    /// submits it cannot turn the money to another channel or participant.
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
    ) external;

    /// @notice Pays both participants by `net` at once, with the consent of both; also during a dispute.
    function close(Terms calldata terms, int128 net, Signature[2] calldata signatures) external;

    /// @notice Pays out of both deposits with the consent of both; the channel stays open and states below `nonce` are void.
    /// @param nonce Nonce of a co-signed state; above the stored one.
    /// @param deadline Last second in which the withdrawal may be executed.
    function withdraw(
        Terms calldata terms,
        uint40 nonce,
        uint128[2] calldata amounts,
        uint40 deadline,
        Signature[2] calldata signatures
    ) external;

    /// @notice Starts the finalization period, once, with a state at or above the stored nonce.
    /// @dev Nonce 0 (nothing paid) takes a zero commitment and no signatures; any other needs both and a commitment.
    /// @param will One signer's `Challenge` signature; not read when the caller is a signer.
    function challenge(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures,
        Signature calldata will
    ) external;

    /// @notice Replaces the state under dispute by one of strictly higher nonce, while `block.timestamp < finalizesAt`.
    /// Anyone may call. Never moves the deadline.
    function respond(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures
    ) external;

    /// @notice Pays all that is certain, from `block.timestamp >= finalizesAt`. Anyone may call, again and again until the
    /// last lock is resolved; a call that resolves nothing reverts.
    /// @param opening Content of the state under dispute; all zero for nonce 0.
    function settle(Terms calldata terms, Opening calldata opening) external;

    /// @notice Sends what failed payouts credited to the caller to `to`.
    function claim(address token, address to) external returns (uint256 amount);

    /// @notice Sends what failed payouts credited to `payee` to `payee` itself. Anyone may call, so that a payee that cannot
    /// call `claim` is paid all the same once it can receive.
    function claimFor(address token, address payee) external returns (uint256 amount);

    /// @notice Many channels at one block. A channel that was never funded reads as Open with zeros.
    function statuses(bytes32[] calldata channelIds) external view returns (ChannelView[] memory);

    /// @notice What failed payouts credited to `payee`.
    function credits(address token, address payee) external view returns (uint256);

    /// @notice EIP-712 domain separator of this contract on this chain.
    function domainSeparator() external view returns (bytes32);

    /// @notice `keccak256(abi.encode(terms))`.
    function channelId(Terms calldata terms) external pure returns (bytes32);
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Authorization} from "../types/Authorization.sol";
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
/// `commitment` is `keccak256(abi.encode(opening))`. A `Close` has neither nonce nor deadline: anyone can execute it, whatever
/// was signed or deposited since, until the channel is closed or a settlement has paid a part. Sign one once, and nothing after
/// it. A `Challenge` never expires either: whoever carries it may begin the dispute with that state as long as it is not outdated.
///
/// Bounds: finalization periods of 60 seconds to 30 days; deposits, and the sum of both, of at most 2^91 - 1; 128 locks in a
/// state. A payee of native coin gets 50,000 gas and the stipend of 2,300, a token 300,000 for a transfer, a condition 30,000 for
/// its answer: always all of it, or the call reverts with `InsufficientGas`.
///
/// Signers are keys, not contracts (no ERC-1271); payouts may be contracts. Signatures are plain ECDSA in the compact form of
/// EIP-2098, with a low s. A participant that calls for itself counts as a
/// signer: its entry in `signatures` is not read. A signer whose account delegates to code (EIP-7702) hands that right to
/// whoever can make the code call.
///
/// Amounts are base units of the channel's token, times are Unix seconds, and `block.timestamp` is the only clock.
///
/// Assumptions:
/// - Tokens: a transfer out debits this contract by exactly its amount, and this contract's balance falls by nothing else. A
///   token that breaks this harms its own channels only.
/// - Clocks: `block.timestamp` counts seconds and is below 2^32 (2106). A challenge that would end later reverts, deposits stop
///   one longest finalization period before, and a cooperative close works for ever.
/// - Participants: at least one honest watcher gets one transaction included within the finalization period.
/// - Conditions: what they answer never changes once resolved. A condition that breaks this harms the channels that lock money
///   under it, and only those.
interface IAdjudicator {
    /// @notice Money came into a channel.
    /// @param channelId The channel.
    /// @param participant Whose deposit grew, 0 or 1.
    /// @param amount By how much: what arrived, at most what was asked for.
    event Deposited(bytes32 indexed channelId, uint8 participant, uint256 amount);

    /// @notice Money left a channel that stays open, with the consent of both.
    /// @param channelId The channel.
    /// @param nonce The channel's nonce from now on; states below it are void.
    /// @param amount0 Taken out of participant 0's deposit, and paid or credited to it.
    /// @param amount1 The same for participant 1.
    event Withdrawn(bytes32 indexed channelId, uint40 nonce, uint256 amount0, uint256 amount1);

    /// @notice A finalization period began.
    /// @param channelId The channel.
    /// @param nonce Nonce of the state under dispute; only higher ones can replace it.
    /// @param finalizesAt First second in which nobody can respond and anyone can settle.
    event Challenged(bytes32 indexed channelId, uint40 nonce, uint32 finalizesAt);

    /// @notice A newer state replaced the one under dispute; the deadline stayed.
    /// @param channelId The channel.
    /// @param nonce Nonce of the newer state.
    event Responded(bytes32 indexed channelId, uint40 nonce);

    /// @notice Money left a channel by `settle`. The channel is closed once all locks of the state are resolved; `statuses` says so,
    /// there is no `Closed` then.
    /// @param channelId The channel.
    /// @param amount0 What this call paid or credited to participant 0.
    /// @param amount1 The same for participant 1.
    /// @param resolvedLocks Bit i is set when lock i has been paid out, by this call or one before.
    event Settled(
        bytes32 indexed channelId, uint256 amount0, uint256 amount1, uint256 resolvedLocks
    );

    /// @notice A channel was closed with the consent of both. One that `settle` closes emits no `Closed`.
    /// @param channelId The channel.
    /// @param amount0 What was paid or credited to participant 0.
    /// @param amount1 The same for participant 1.
    event Closed(bytes32 indexed channelId, uint256 amount0, uint256 amount1);

    /// @notice A payout failed and waits for `claim` or `claimFor`.
    /// @param token The ERC-20, or zero for the native coin.
    /// @param payee Whose payout it was.
    /// @param amount What could not be paid.
    event Credited(address indexed token, address indexed payee, uint256 amount);

    /// @notice A credit, or a part of it, was paid.
    /// @param token The ERC-20, or zero for the native coin.
    /// @param payee Whose credit it was.
    /// @param to Who got the money.
    /// @param amount What was paid of it.
    event Claimed(address indexed token, address indexed payee, address to, uint256 amount);

    // Deposits

    /// @notice The signers have to be two accounts that are not zero.
    error InvalidSigners(address signer0, address signer1);

    /// @notice Money goes neither to zero nor to this contract.
    error InvalidPayout(address payout);

    /// @notice The finalization period has to lie within the bounds, in seconds.
    error FinalizationPeriodOutOfBounds(uint256 period, uint256 minimum, uint256 maximum);

    /// @notice This adjudicator takes payment channels only, whose `app` is zero.
    error AppUnsupported(address app);

    /// @notice A channel has participants 0 and 1.
    error InvalidParticipant(uint256 participant);

    /// @notice Nothing arrived, or nothing was to.
    error NothingDeposited();

    /// @notice A native deposit brings exactly its amount along, one of an ERC-20 brings no value.
    error WrongValue(uint256 sent, uint256 expected);

    /// @notice The deposit already was what this one was to make it, so this one is a repetition.
    error AlreadyDeposited(int256 deposit, int256 expected);

    /// @notice A deposit, and the sum of both, is at most `maximum`.
    error DepositOutOfBounds(uint256 amount, uint256 maximum);

    /// @notice The token is no contract.
    error TokenWithoutCode(address token);

    // Phases

    /// @notice The channel is in dispute, settling or closed.
    error NotOpen(bytes32 channelId);

    /// @notice The channel is open or closed.
    error NotDisputed(bytes32 channelId);

    /// @notice The channel is closed, or a settlement has paid a part of it.
    error AlreadyPaidOut(bytes32 channelId);

    /// @notice Too late to respond: that was possible before `finalizesAt`.
    error FinalizationPeriodOver(uint256 finalizesAt, uint256 timestamp);

    /// @notice Too early to settle: that is possible from `finalizesAt` on.
    error FinalizationPeriodRunning(uint256 finalizesAt, uint256 timestamp);

    /// @notice Too late to withdraw: that was possible up to `deadline`.
    error DeadlineOver(uint256 deadline, uint256 timestamp);

    /// @notice A time that has to be at most `latest` is later: no dispute could end within 32 bits.
    error TimeOutOfBounds(uint256 timestamp, uint256 latest);

    // States

    /// @notice The nonce has to be above `stored`; for a challenge, at least `stored`.
    error StaleNonce(uint256 stored, uint256 received);

    /// @notice A state of a nonce other than 0 has a commitment that is not zero.
    error MissingCommitment(uint256 nonce);

    /// @notice The opening, or the commitment of nonce 0, is not the one under dispute.
    error WrongCommitment(bytes32 expected, bytes32 received);

    /// @notice The signature is not that of this signer; `recovered` is zero when it is malformed.
    error WrongSigner(address expected, address recovered);

    /// @notice The caller is no signer and carries no signer's `Challenge`.
    error NotAParticipant(address caller);

    /// @notice A withdrawal takes at most what the channel holds.
    error AmountExceedsBalance(int256 available, uint256 requested);

    /// @notice The net would leave a participant with less than nothing. A close waits for the deposit that is missing.
    error NetExceedsDeposits(int256 net, int256 deposit0, int256 deposit1);

    /// @notice A state has at most `maximum` locks.
    error TooManyLocks(uint256 count, uint256 maximum);

    /// @notice No further lock is resolved yet.
    error NothingResolved(bytes32 channelId);

    /// @notice The transaction needs a higher gas limit: what is left would starve a payee, a token or a condition.
    error InsufficientGas(uint256 available, uint256 required);

    // Claims

    /// @notice Nothing is credited to this payee, or nothing was asked for.
    error NothingToClaim(address token, address payee);

    /// @notice The transfer failed again; the credit stays.
    error PayoutFailed(address token, address to, uint256 amount);

    /// @notice Adds to a participant's deposit. Anyone may pay, at any time before a dispute.
    /// @dev A native deposit takes `msg.value == amount`; an ERC-20 one takes no value, spends the caller's allowance and counts
    /// what arrives, at most `amount`. Reverts with an error from `InvalidSigners` to
    /// `TokenWithoutCode`, with `TimeOutOfBounds` or with `NotOpen`.
    /// @param terms The channel's terms. Refused are those that could harm the depositor.
    /// @param participant Whose deposit grows, 0 or 1.
    /// @param amount What to deposit.
    /// @param expected The participant's deposit as the caller knows it. A repeated transaction is caught by it: the call
    /// reverts only when the deposit already is `expected` and what arrives now, or more, so that dust cannot block it.
    /// A withdrawal in between lowers the deposit, and a repetition after it is not caught. The highest value there is asks
    /// for no check.
    function deposit(Terms calldata terms, uint8 participant, uint256 amount, int256 expected)
        external
        payable;

    /// @notice `deposit` of an ERC-20 after spending an ERC-2612 permit of the caller for this contract.
    /// @dev A permit that fails (spent by a front-runner) is ignored, the allowance decides.
    /// @param terms As for `deposit`.
    /// @param participant As for `deposit`.
    /// @param amount As for `deposit`, and the value of the permit.
    /// @param expected As for `deposit`.
    /// @param permitDeadline Last second of the permit.
    /// @param v Of the permit's signature.
    /// @param r Of the permit's signature.
    /// @param s Of the permit's signature.
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

    /// @notice `deposit` of an ERC-20 by an ERC-3009 `receiveWithAuthorization` signed by whoever pays. Anyone may submit it.
    /// @dev The authorization's nonce has to be `keccak256(abi.encode(channelId, participant, expected))`, so that whoever
    /// submits it cannot turn the money to another channel or participant. For holders with a key: the form of the token's
    /// function that takes `bytes`, for contract wallets, is not called.
    /// @param terms As for `deposit`.
    /// @param participant As for `deposit`.
    /// @param amount As for `deposit`, and the value of the authorization.
    /// @param expected As for `deposit`.
    /// @param authorization Who pays, when it is valid, and the signature.
    function depositWithAuthorization(
        Terms calldata terms,
        uint8 participant,
        uint256 amount,
        int256 expected,
        Authorization calldata authorization
    ) external;

    /// @notice Pays both participants by `net` at once and for ever, with the consent of both; also during a dispute, until a
    /// settlement has paid a part.
    /// @param terms The channel's terms.
    /// @param net What participant 0 has paid participant 1, less what came back: participant 0 gets `deposit0 - net`, the other
    /// `deposit1 + net`. Neither may be negative (`NetExceedsDeposits`): a close waits for the deposit that is missing.
    /// @param signatures Over `Close`, of both (`WrongSigner`).
    function close(Terms calldata terms, int128 net, Signature[2] calldata signatures) external;

    /// @notice Pays out of both deposits with the consent of both; the channel stays open and states below `nonce` are void.
    /// Both amounts may be zero: a checkpoint.
    /// @dev Reverts with `NotOpen`, `DeadlineOver`, `StaleNonce`, `AmountExceedsBalance` or `WrongSigner`. A deposit may become
    /// negative, the sum of both may not: balances follow from deposits and the net of a state.
    /// @param terms The channel's terms.
    /// @param nonce Nonce of a co-signed state; above the stored one. That there is such a state is for the signers to see to:
    /// without it, or a higher one, nobody can begin a dispute any more.
    /// @param amounts What to take out of each participant's deposit, together at most what the channel holds.
    /// @param deadline Last second in which the withdrawal may be executed.
    /// @param signatures Over `Withdraw`, of both.
    function withdraw(
        Terms calldata terms,
        uint40 nonce,
        uint128[2] calldata amounts,
        uint40 deadline,
        Signature[2] calldata signatures
    ) external;

    /// @notice Starts the finalization period, once, with a state at or above the stored nonce. Anyone may call who shows a
    /// participant's will: a signer, or a carrier of a signer's `Challenge`.
    /// @dev Reverts with `NotOpen`, `StaleNonce`, `WrongCommitment`, `MissingCommitment`, `WrongSigner`, `NotAParticipant` or
    /// `TimeOutOfBounds`.
    /// @param terms The channel's terms.
    /// @param nonce Nonce of the state. Nonce 0 means that nothing was paid and needs no signatures.
    /// @param commitment Hash of the state's opening; zero for nonce 0.
    /// @param signatures Over `State`, of both; not read for nonce 0.
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
    /// @dev Reverts with `NotDisputed`, `FinalizationPeriodOver`, `StaleNonce`, `MissingCommitment` or `WrongSigner`.
    /// @param terms The channel's terms.
    /// @param nonce Nonce of the newer state.
    /// @param commitment Hash of its opening.
    /// @param signatures Over `State`, of both.
    function respond(
        Terms calldata terms,
        uint40 nonce,
        bytes32 commitment,
        Signature[2] calldata signatures
    ) external;

    /// @notice Pays all that is certain, from `block.timestamp >= finalizesAt`. Anyone may call, again and again until the
    /// last lock is resolved; a call that resolves nothing reverts.
    /// @dev A state may promise more than the channel holds. Locks come first, in their order, each its amount while the money
    /// lasts. Of the rest participant 0 gets `deposit0 - net` less the locks that it pays, at least nothing and at most all of it,
    /// and participant 1 what is left. A resolved lock gives its payee at most its share, and the remainder of the share to its
    /// payer. A payout that fails becomes a credit, so no payee can keep the other from its money. Reverts with
    /// `AlreadyPaidOut`, `NotDisputed`, `FinalizationPeriodRunning`, `WrongCommitment`, `TooManyLocks`, `NothingResolved` or
    /// `InsufficientGas`.
    /// @param terms The channel's terms.
    /// @param opening Content of the state under dispute; all zero for nonce 0.
    function settle(Terms calldata terms, Opening calldata opening) external;

    /// @notice Sends what failed payouts credited to the caller to `to`.
    /// @dev Reverts with `InvalidPayout`, `NothingToClaim`, `PayoutFailed` or `InsufficientGas`; the credit stays then.
    /// @param token The ERC-20, or zero for the native coin.
    /// @param to Who gets the money; neither zero nor this contract.
    /// @param most What to send at most; less than the credit where a token limits its transfers.
    /// @return amount What was sent: the credit, at most `most`. The rest stays.
    function claim(address token, address to, uint256 most) external returns (uint256 amount);

    /// @notice Sends what failed payouts credited to `payee` to `payee` itself. Anyone may call, so that a payee that cannot
    /// call `claim` is paid all the same once it can receive.
    /// @param token The ERC-20, or zero for the native coin.
    /// @param payee Whose credit it is, and who gets the money.
    /// @param most As for `claim`.
    /// @return amount As for `claim`.
    function claimFor(address token, address payee, uint256 most) external returns (uint256 amount);

    /// @notice Many channels at one block. A channel that was never funded reads as Open with zeros.
    /// @param channelIds The channels to read.
    /// @return views One for each, in the same order.
    function statuses(bytes32[] calldata channelIds)
        external
        view
        returns (ChannelView[] memory views);

    /// @notice What failed payouts credited to a payee.
    /// @param token The ERC-20, or zero for the native coin.
    /// @param payee Whose credit it is.
    /// @return amount What is owed: `claim` sends it, or a part of it.
    function credits(address token, address payee) external view returns (uint256 amount);

    /// @notice EIP-712 domain separator of this contract on this chain; another one after a fork that changes the chain id.
    /// @return separator Its hash.
    function domainSeparator() external view returns (bytes32 separator);

    /// @notice The channel's id: `keccak256(abi.encode(terms))`.
    /// @param terms The channel's terms.
    /// @return id Its hash.
    function channelId(Terms calldata terms) external pure returns (bytes32 id);
}

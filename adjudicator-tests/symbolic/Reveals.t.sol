// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ICondition} from "contracts/interfaces/ICondition.sol";
import {Test} from "forge-std/Test.sol";

import {SVM} from "./Svm.sol";

interface IRegistry is ICondition {
    function reveal(bytes32 secret) external returns (bytes32);
    function revealMany(bytes32[] calldata secrets) external;
    function revealedAt(bytes32 key) external view returns (uint256);
}

/// @dev A registry in any state, a question that is asked twice, and whatever is revealed in between.
abstract contract RevealsProof is Test {
    IRegistry internal registry;

    struct Question {
        bytes32 key;
        uint256 amount;
        uint256 expiry;
    }

    function _requireFirstRevealWins(bytes32 key, bytes32[] memory secrets, uint256 time) internal {
        uint256 before = registry.revealedAt(key);
        vm.assume(before != 0);
        vm.warp(time);
        if (secrets.length == 1) registry.reveal(secrets[0]);
        else registry.revealMany(secrets);
        assert(registry.revealedAt(key) == before);
    }

    function _requireFinalPayout(Question memory question, bytes32 secret, uint256[3] memory times)
        internal
    {
        vm.assume(times[0] <= times[1]);
        vm.assume(times[1] <= times[2]);
        vm.warp(times[0]);
        (bool resolved, uint256 toPayee) = _payout(question);
        vm.assume(resolved);
        vm.warp(times[1]);
        registry.reveal(secret);
        vm.warp(times[2]);
        (bool still, uint256 same) = _payout(question);
        assert(still);
        assert(same == toPayee);
    }

    function _requireAllOrNothing(Question memory question, uint256 time) internal {
        vm.warp(time);
        (bool resolved, uint256 toPayee) = _payout(question);
        if (resolved) assert(toPayee == 0 || toPayee == question.amount);
        else assert(toPayee == 0);
    }

    function _payout(Question memory question) private view returns (bool, uint256) {
        return registry.payout(question.key, question.amount, question.expiry);
    }
}

/// @title What a hash lock is worth
/// @notice Bounds: `revealMany` with two preimages, and one reveal between the two questions, so any number of them by repetition.
/// SHA-256 is any function. Records, times, amounts and expiries are any of 256 bits; time does not run backwards.
contract HashlockProof is RevealsProof {
    function setUp() external {
        registry = IRegistry(deployCode("HashlockRegistry.sol:HashlockRegistry"));
        SVM.enableSymbolicStorage(address(registry));
    }

    /// @notice A recorded time never changes, whatever is revealed again.
    function check_hashlockFirstRevealWins(bytes32 key, bytes32 secret, uint256 time) external {
        bytes32[] memory secrets = new bytes32[](1);
        secrets[0] = secret;
        _requireFirstRevealWins(key, secrets, time);
    }

    /// @notice The same for two at once.
    function check_hashlockFirstOfManyWins(bytes32 key, bytes32[2] memory both, uint256 time)
        external
    {
        bytes32[] memory secrets = new bytes32[](2);
        (secrets[0], secrets[1]) = (both[0], both[1]);
        _requireFirstRevealWins(key, secrets, time);
    }

    /// @notice What a lock is worth never changes once it is resolved, whatever is revealed later.
    function check_hashlockPayoutIsFinal(
        Question memory question,
        bytes32 secret,
        uint256[3] memory times
    ) external {
        _requireFinalPayout(question, secret, times);
    }

    /// @notice The payee gets all or nothing, and nothing while the lock is unresolved.
    function check_hashlockPaysOneSide(Question memory question, uint256 time) external {
        _requireAllOrNothing(question, time);
    }
}

/// @title What a point lock is worth
/// @notice Bounds: those of a hash lock, with one reveal a call and with the curve as any function.
contract PointlockProof is RevealsProof {
    function setUp() external {
        registry = IRegistry(deployCode("PointlockRegistry.sol:PointlockRegistry"));
        SVM.enableSymbolicStorage(address(registry));
    }

    /// @notice A recorded time never changes, whatever is revealed again.
    function check_pointlockFirstRevealWins(bytes32 key, bytes32 secret, uint256 time) external {
        bytes32[] memory secrets = new bytes32[](1);
        secrets[0] = secret;
        _requireFirstRevealWins(key, secrets, time);
    }

    /// @notice What a lock is worth never changes once it is resolved, whatever is revealed later.
    function check_pointlockPayoutIsFinal(
        Question memory question,
        bytes32 secret,
        uint256[3] memory times
    ) external {
        _requireFinalPayout(question, secret, times);
    }

    /// @notice The payee gets all or nothing, and nothing while the lock is unresolved.
    function check_pointlockPaysOneSide(Question memory question, uint256 time) external {
        _requireAllOrNothing(question, time);
    }
}

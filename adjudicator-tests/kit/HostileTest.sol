// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ChannelTest} from "./ChannelTest.sol";
import {Digests} from "./Digests.sol";
import {RevertingPayee} from "./HostilePayees.sol";
import {BlacklistToken} from "./HostileTokens.sol";
import {Token} from "./Token.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Signature, Terms} from "contracts/types/Channel.sol";

/// @title A channel under attack, and others that must not notice
/// @dev Carol and Dave have a channel of the native coin, one of another token and, after `useToken`, one of the token
/// under test; two payees are owed credits. `assertOthersWhole` compares all of it with what it was before.
abstract contract HostileTest is ChannelTest {
    struct Bystander {
        Terms terms;
        bytes32 id;
        bytes32 seen;
    }

    uint256 internal constant PUT0 = 10_000;
    uint256 internal constant PUT1 = 5_000;
    uint256 internal constant OTHER_PUT0 = 600;
    uint256 internal constant OTHER_PUT1 = 400;
    uint256 internal constant OTHER_CREDIT = 7;

    BlacklistToken internal otherToken;
    Bystander[] internal others;
    /// @dev Ether that somebody forced upon the adjudicator.
    uint256 internal forced;
    uint256 internal carolKey;
    uint256 internal daveKey;
    RevertingPayee private _shut;
    address private _blocked = makeAddr("blocked");
    mapping(bytes32 channelId => address) private _tokenOf;
    bytes32[] private _channels;
    address[] private _payees;

    function setUp() public virtual override {
        super.setUp();
        (, carolKey) = makeAddrAndKey("carol");
        (, daveKey) = makeAddrAndKey("dave");
        otherToken = new BlacklistToken();
        otherToken.mint(address(this), 1e6);
        otherToken.approve(address(adjudicator), type(uint256).max);
        _shut = new RevertingPayee();
        otherToken.setBlocked(_blocked, true);
        _leaveCredit(address(0), address(_shut));
        _leaveCredit(address(otherToken), _blocked);
        otherToken.setBlocked(_blocked, false);
        _shut.setOpen(true);
        addOther(address(0));
        addOther(address(otherToken));
    }

    // Before

    /// @dev The channel under test holds `PUT0` and `PUT1` of the native coin.
    function useNative() internal {
        id = adjudicator.channelId(terms);
        track();
        fund(PUT0, PUT1);
    }

    /// @dev The channel under test holds `PUT0` and `PUT1`, less what the token takes; a channel of others has some too.
    function useToken(address token) internal {
        terms.token = token;
        id = adjudicator.channelId(terms);
        track();
        provide(token, PUT0 + PUT1 + OTHER_PUT0 + OTHER_PUT1);
        addOther(token);
        adjudicator.deposit(terms, 0, PUT0, 0);
        adjudicator.deposit(terms, 1, PUT1, 0);
    }

    function provide(address token, uint256 amount) internal {
        Token(token).mint(address(this), amount);
        // Some of these tokens know no allowances.
        (bool known,) =
            token.call(abi.encodeCall(IERC20.approve, (address(adjudicator), type(uint256).max)));
        known;
    }

    /// @dev The channel and its payees count when custody is compared.
    function track() internal {
        bool known;
        for (uint256 i = 0; i < _channels.length; ++i) {
            known = known || _channels[i] == id;
        }
        if (!known) _channels.push(id);
        _tokenOf[id] = terms.token;
        trackPayee(terms.payouts[0]);
        trackPayee(terms.payouts[1]);
    }

    function trackPayee(address payee) internal {
        for (uint256 i = 0; i < _payees.length; ++i) {
            if (_payees[i] == payee) return;
        }
        _payees.push(payee);
    }

    function addOther(address token) internal {
        Terms memory theirs = _theirs(token, "bystander");
        theirs.payouts = [_payeeOf(token, 0), _payeeOf(token, 1)];
        _put(theirs, 0, OTHER_PUT0);
        _put(theirs, 1, OTHER_PUT1);
        bytes32 otherId = adjudicator.channelId(theirs);
        others.push(Bystander(theirs, otherId, _seen(otherId)));
    }

    // After

    /// @dev Also lets the others leave, so it comes last.
    function assertOthersWhole() internal {
        assertOthersWholeBut(0);
    }

    /// @param sameToken What the adjudicator has of the token under test beyond what it owes in it.
    function assertOthersWholeBut(int256 sameToken) internal {
        for (uint256 i = 0; i < others.length; ++i) {
            assertEq(_seen(others[i].id), others[i].seen, "another channel");
        }
        assertEq(surplus(address(0)), int256(forced), "native coin");
        assertEq(surplus(address(otherToken)), 0, "another token");
        if (terms.token.code.length != 0) assertEq(surplus(terms.token), sameToken, "its token");
        _leave(others[0]);
        _leave(others[1]);
        _shut.claim(adjudicator, address(0), makeAddr("claimed coins"));
        assertEq(makeAddr("claimed coins").balance, OTHER_CREDIT, "credit");
        vm.prank(_blocked);
        adjudicator.claim(address(otherToken), makeAddr("claimed tokens"), type(uint256).max);
        assertEq(otherToken.balanceOf(makeAddr("claimed tokens")), OTHER_CREDIT, "credit");
    }

    /// @dev For tokens that still pay: the other channel of the token under test closes with all it had.
    function assertSameTokenPays() internal {
        _leave(others[2]);
        others.pop();
    }

    function surplus(address token) internal view returns (int256) {
        return int256(balanceOf(token, address(adjudicator))) - int256(owed(token));
    }

    /// @dev What channels hold of `token` and what is credited.
    function owed(address token) internal view returns (uint256 sum) {
        for (uint256 i = 0; i < others.length; ++i) {
            if (others[i].terms.token == token) sum += held(others[i].id);
        }
        for (uint256 i = 0; i < _channels.length; ++i) {
            if (_tokenOf[_channels[i]] == token) sum += held(_channels[i]);
        }
        for (uint256 i = 0; i < _payees.length; ++i) {
            sum += adjudicator.credits(token, _payees[i]);
        }
        if (token == address(0)) sum += adjudicator.credits(token, address(_shut));
        else sum += adjudicator.credits(token, _blocked);
    }

    function held(bytes32 channelId) internal view returns (uint256) {
        return uint256(viewOf(channelId).deposits[0] + viewOf(channelId).deposits[1]);
    }

    function balanceOf(address token, address account) internal view returns (uint256) {
        return token == address(0) ? account.balance : IERC20(token).balanceOf(account);
    }

    function credited(address payee) internal view returns (uint256) {
        return adjudicator.credits(terms.token, payee);
    }

    function assertCredited(uint256 amount0, uint256 amount1) internal view {
        assertEq(credited(terms.payouts[0]), amount0, "credited to participant 0");
        assertEq(credited(terms.payouts[1]), amount1, "credited to participant 1");
    }

    /// @dev What arrived at the payees, in whatever the channel holds.
    function assertReceived(uint256 amount0, uint256 amount1) internal view {
        assertEq(balanceOf(terms.token, terms.payouts[0]), amount0, "received by participant 0");
        assertEq(balanceOf(terms.token, terms.payouts[1]), amount1, "received by participant 1");
    }

    function closeAt(int128 net) internal {
        adjudicator.close(terms, net, signClose(net));
    }

    // Inside

    function _leave(Bystander memory other) private {
        address token = other.terms.token;
        uint256 before0 = balanceOf(token, other.terms.payouts[0]);
        uint256 before1 = balanceOf(token, other.terms.payouts[1]);
        uint256 put0 = uint256(viewOf(other.id).deposits[0]);
        uint256 put1 = uint256(viewOf(other.id).deposits[1]);
        adjudicator.close(other.terms, 0, signTheirs(other.id));
        assertEq(balanceOf(token, other.terms.payouts[0]) - before0, put0, "another's payout");
        assertEq(balanceOf(token, other.terms.payouts[1]) - before1, put1, "another's payout");
    }

    function _leaveCredit(address token, address payee) private {
        Terms memory theirs = _theirs(token, "credit");
        theirs.payouts = [payee, payee];
        _put(theirs, 0, OTHER_CREDIT);
        adjudicator.close(theirs, 0, signTheirs(adjudicator.channelId(theirs)));
    }

    function _put(Terms memory theirs, uint8 participant, uint256 amount) private {
        uint256 value = theirs.token == address(0) ? amount : 0;
        adjudicator.deposit{value: value}(theirs, participant, amount, 0);
    }

    function _theirs(address token, string memory salt) private returns (Terms memory theirs) {
        theirs.signers = [makeAddr("carol"), makeAddr("dave")];
        theirs.token = token;
        theirs.finalizationPeriod = PERIOD;
        theirs.salt = keccak256(bytes(salt));
    }

    function _payeeOf(address token, uint256 participant) private returns (address) {
        return makeAddr(string.concat(vm.toString(token), vm.toString(participant)));
    }

    function signTheirs(bytes32 channelId) internal view returns (Signature[2] memory) {
        bytes32 digest = Digests.close(domain(), channelId, 0);
        return [sign(carolKey, digest), sign(daveKey, digest)];
    }

    function _seen(bytes32 channelId) private view returns (bytes32) {
        return keccak256(abi.encode(viewOf(channelId)));
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title A token that moves, answers and counts as it is told
/// @dev Knows no allowances: whoever asks may move anything.
contract ProgrammableToken {
    enum Answer {
        True,
        Nothing,
        False,
        Seven,
        Short,
        Bomb,
        RevertingBomb,
        Reverts,
        BurnsGas
    }

    struct Behaviour {
        Answer answer;
        // What arrives and what is taken, in thousandths of what was asked for.
        uint256 arrives;
        uint256 taken;
    }

    Behaviour private _in = Behaviour(Answer.True, 1000, 1000);
    Behaviour private _out = Behaviour(Answer.True, 1000, 1000);
    Answer private _counting;
    uint256 private _claimed;
    address private _liedAbout;
    bool private _lying;
    // A balance is shares * multiplier / divisor.
    uint256 private _multiplier = 1;
    uint256 private _divisor = 1;
    mapping(address => uint256) private _shares;

    /// @dev How `transferFrom` behaves.
    function setIn(Answer answer, uint256 arrives, uint256 taken) external {
        _in = Behaviour(answer, arrives, taken);
    }

    /// @dev How `transfer` behaves.
    function setOut(Answer answer, uint256 arrives, uint256 taken) external {
        _out = Behaviour(answer, arrives, taken);
    }

    /// @dev How `balanceOf` answers.
    function setCounting(Answer answer) external {
        _counting = answer;
    }

    /// @dev `balanceOf(account)` says `amount` once something has moved again.
    function lie(address account, uint256 amount) external {
        (_liedAbout, _claimed, _lying) = (account, amount, false);
    }

    function beHonest() external {
        _in = Behaviour(Answer.True, 1000, 1000);
        _out = Behaviour(Answer.True, 1000, 1000);
        (_counting, _liedAbout, _claimed) = (Answer.True, address(0), 0);
    }

    /// @dev All balances change at once.
    function rebase(uint256 multiplier, uint256 divisor) external {
        (_multiplier, _divisor) = (multiplier, divisor);
    }

    function mint(address to, uint256 amount) external {
        _shares[to] += amount * _divisor / _multiplier;
    }

    function balanceOf(address account) external view returns (uint256) {
        uint256 balance = _shares[account] * _multiplier / _divisor;
        if (account == _liedAbout && _lying) balance = _claimed;
        _say(_counting, balance);
        return balance;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _move(from, to, amount, _in);
        _say(_in.answer, 1);
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount, _out);
        _say(_out.answer, 1);
        return true;
    }

    function _move(address from, address to, uint256 amount, Behaviour memory how) private {
        _lying = true;
        _shares[from] -= amount * how.taken / 1000 * _divisor / _multiplier;
        _shares[to] += amount * how.arrives / 1000 * _divisor / _multiplier;
    }

    function _say(Answer answer, uint256 word) private pure {
        if (answer == Answer.True) return;
        uint256 size = 32;
        if (answer == Answer.Nothing) size = 0;
        if (answer == Answer.False) word = 0;
        if (answer == Answer.Seven) word = 7;
        if (answer == Answer.Short) size = 31;
        if (answer == Answer.Bomb || answer == Answer.RevertingBomb) size = 65536;
        bool reverts = answer == Answer.RevertingBomb || answer == Answer.Reverts;
        bool burns = answer == Answer.BurnsGas;
        assembly {
            if burns { invalid() }
            mstore(0, word)
            if reverts { revert(0, size) }
            return(0, size)
        }
    }
}

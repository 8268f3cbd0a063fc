// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title One vote for each member organisation of a federation.
/// @notice Not transferable and not for sale: governance admits and removes members, and stake buys no
/// votes. Votes count from admission, by themselves; a member may delegate its vote.
contract MembershipToken is Votes, AccessManaged {
    mapping(address account => bool) private _members;

    event MemberAdmitted(address indexed account);
    event MemberRemoved(address indexed account);

    error ZeroAddress();
    error AlreadyMember(address account);
    error NotMember(address account);

    /// @param authority_ whoever may admit and remove: the federation's ConsortiumAccess
    constructor(address authority_, address[] memory founders)
        AccessManaged(authority_)
        EIP712("fedstake membership", "1")
    {
        for (uint256 i = 0; i < founders.length; ++i) {
            _admit(founders[i]);
        }
    }

    /// @notice Role admin, that is the timelock.
    function admit(address account) external restricted {
        _admit(account);
    }

    /// @notice Role admin, that is the timelock.
    function remove(address account) external restricted {
        require(_members[account], NotMember(account));
        _members[account] = false;
        _transferVotingUnits(account, address(0), 1);
        emit MemberRemoved(account);
    }

    function isMember(address account) external view returns (bool) {
        return _members[account];
    }

    /// @notice Number of members.
    function memberCount() external view returns (uint256) {
        return _getTotalSupply();
    }

    function _admit(address account) private {
        require(account != address(0), ZeroAddress());
        require(!_members[account], AlreadyMember(account));
        _members[account] = true;
        _transferVotingUnits(address(0), account, 1);
        if (delegates(account) == address(0)) _delegate(account, account);
        emit MemberAdmitted(account);
    }

    function _getVotingUnits(address account) internal view override returns (uint256) {
        return _members[account] ? 1 : 0;
    }
}

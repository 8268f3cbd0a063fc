// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Bonds that could not be paid out when they were due.
/// @notice A receiver that the token refuses must not keep anyone from closing a dispute or a demand:
/// what it is owed waits here.
interface ICredits {
    event Credited(address indexed account, uint128 amount);
    event CreditPaid(address indexed account, uint128 amount);

    error NothingCredited(address account);

    /// @notice Pays `account` what it is owed. Anyone.
    function withdrawBond(address account) external;

    /// @notice What `account` is owed.
    function creditOf(address account) external view returns (uint128);
}

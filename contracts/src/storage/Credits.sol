// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ICredits} from "../interfaces/ICredits.sol";

/// @title See {ICredits}.
abstract contract Credits is ICredits, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:fedstake.Credits
    struct CreditStore {
        mapping(address account => uint128) owed;
    }

    // keccak256(abi.encode(uint256(keccak256("fedstake.Credits")) - 1)) & ~0xff
    bytes32 private constant PLACE =
        0x35e116e1cdce74cfe92ad7895da2ee174c40bc3a890475ddb193eade7835c000;

    /// @inheritdoc ICredits
    function withdrawBond(address account) external nonReentrant {
        CreditStore storage s = _credits();
        uint128 amount = s.owed[account];
        require(amount != 0, NothingCredited(account));
        s.owed[account] = 0;
        emit CreditPaid(account, amount);
        _bondToken().safeTransfer(account, amount);
    }

    /// @inheritdoc ICredits
    function creditOf(address account) external view returns (uint128) {
        return _credits().owed[account];
    }

    /// @dev Sends what is owed, or notes it where the token refuses.
    function _pay(address account, uint128 amount) internal {
        if (amount == 0 || _bondToken().trySafeTransfer(account, amount)) return;
        _credits().owed[account] += amount;
        emit Credited(account, amount);
    }

    /// @dev The token of the bonds.
    function _bondToken() internal view virtual returns (IERC20);

    function _credits() private pure returns (CreditStore storage store) {
        bytes32 place = PLACE;
        assembly {
            store.slot := place
        }
    }
}

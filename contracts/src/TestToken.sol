// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title TestToken
/// @notice Plain ERC-20 for demos and tests. Its deployer mints at will: worth nothing elsewhere.
contract TestToken is ERC20 {
    /// @notice Only the deployer mints.
    error NotMinter(address caller);

    address public immutable minter;

    constructor() ERC20("fedstake test token", "FST") {
        minter = msg.sender;
    }

    function mint(address to, uint256 amount) external {
        require(msg.sender == minter, NotMinter(msg.sender));
        _mint(to, amount);
    }
}

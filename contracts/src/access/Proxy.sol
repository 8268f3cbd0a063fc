// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";

/// @title The proxy in front of every upgradeable contract of a federation.
/// @dev OpenZeppelin's, under a name of its own so that its creation code is exported with the rest.
contract Proxy is ERC1967Proxy {
    /// @param implementation behind the proxy
    /// @param initialization call of `initialize`, in the same transaction: nobody can come first
    constructor(address implementation, bytes memory initialization)
        ERC1967Proxy(implementation, initialization)
    {}
}

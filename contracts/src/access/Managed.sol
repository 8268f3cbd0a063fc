// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AccessManagedUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts-upgradeable/proxy/utils/UUPSUpgradeable.sol";

/// @title Base of every contract of a federation: behind an ERC-1967 proxy, replaced by role UPGRADER.
/// @dev State lives in one ERC-7201 namespace for each contract, so bases never shift it.
abstract contract Managed is UUPSUpgradeable, AccessManagedUpgradeable {
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    // Without reinitialize nothing can run twice; see the rehearsal in test/Upgrades.t.sol.
    function _authorizeUpgrade(address) internal override restricted {}
}

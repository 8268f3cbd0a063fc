// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

import {IConviction} from "../interfaces/IConviction.sol";
import {ILeafDemands} from "../interfaces/ILeafDemands.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IRoundDisputes} from "../interfaces/IRoundDisputes.sol";
import {IRoundManager} from "../interfaces/IRoundManager.sol";
import {ISlashCourt} from "../interfaces/ISlashCourt.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";
import {Roles} from "./Roles.sol";

/// @title Who may do what in one federation.
/// @notice An OpenZeppelin AccessManager that knows the roles. `wire` sets them up in one call; after
/// that the deployer's admin role goes to the timelock (`handOver`).
contract ConsortiumAccess is AccessManager {
    struct Contracts {
        address stakeVault;
        address roundManager;
        address faultProver;
        address resultProver;
        address settlementProver;
        address slashCourt;
        address roundDisputes;
        address modelRegistry;
        address leafDemands;
    }

    struct Holders {
        address council; // COUNCIL, VOIDER
        address governor; // GOVERNOR: the last instance of appeals
        address upgrader; // UPGRADER and PARAMETERS: the timelock
        uint32 upgradeDelay; // seconds between schedule and execution, on top of a timelock's own
        uint32 parameterDelay;
    }

    Contracts private _contracts;
    uint32 private _adminDelay;

    error ZeroHolder();

    constructor(address admin) AccessManager(admin) {}

    /// @notice Sets every function's role and gives the roles out. Admin only.
    function wire(Contracts calldata parts, Holders calldata who) external onlyAuthorized {
        require(
            who.council != address(0) && who.governor != address(0) && who.upgrader != address(0),
            ZeroHolder()
        );
        _contracts = parts;
        _adminDelay = who.upgradeDelay > who.parameterDelay ? who.upgradeDelay : who.parameterDelay;
        _setUpgrades(parts);
        _setVault(parts.stakeVault);
        _setRounds(parts);
        _setTargetFunctionRole(
            parts.slashCourt, ISlashCourt.ruleByGovernor.selector, Roles.GOVERNOR
        );
        _setTargetFunctionRole(
            parts.slashCourt, ISlashCourt.setAppealBond.selector, Roles.PARAMETERS
        );
        _setTargetFunctionRole(
            parts.modelRegistry, IModelRegistry.setPublisher.selector, Roles.PARAMETERS
        );
        _addProver(parts.faultProver);
        _addProver(parts.resultProver);
        _addProver(parts.settlementProver);
        _addDemands(parts.leafDemands);
        _grantRole(Roles.VOIDER, parts.roundDisputes, 0, 0);
        _grantRole(Roles.VOIDER, who.council, 0, 0);
        _grantRole(Roles.DISPUTES, parts.roundDisputes, 0, 0);
        _grantRole(Roles.COURT, parts.slashCourt, 0, 0);
        _grantRole(Roles.COUNCIL, who.council, 0, 0);
        _grantRole(Roles.GOVERNOR, who.governor, 0, 0);
        _grantRole(Roles.UPGRADER, who.upgrader, 0, who.upgradeDelay);
        _grantRole(Roles.PARAMETERS, who.upgrader, 0, who.parameterDelay);
        // The council may cancel whatever waits.
        for (uint64 role = Roles.UPGRADER; role <= Roles.GOVERNOR; ++role) {
            _setRoleGuardian(role, Roles.COUNCIL);
        }
    }

    /// @notice The contracts of the federation: whoever knows one finds all, by its `authority`.
    function contracts() external view returns (Contracts memory) {
        return _contracts;
    }

    /// @notice The RoundManager of {contracts}, for one load instead of all.
    function roundManager() external view returns (address) {
        return _contracts.roundManager;
    }

    /// @notice Gives the admin role to `admin` and takes it from the caller, who holds it. What the new
    /// admin does waits as long as an upgrade: else it could give itself roles without their delays.
    function handOver(address admin) external onlyAuthorized {
        require(admin != address(0), ZeroHolder());
        address from = _msgSender();
        // Through `execute` the caller is this contract, and the old admin would stay.
        (bool held,) = hasRole(ADMIN_ROLE, from);
        require(held, AccessManagerUnauthorizedAccount(from, ADMIN_ROLE));
        _grantRole(ADMIN_ROLE, admin, 0, _adminDelay);
        if (admin != from) _revokeRole(ADMIN_ROLE, from);
    }

    function _setUpgrades(Contracts calldata parts) private {
        bytes4 upgrade = UUPSUpgradeable.upgradeToAndCall.selector;
        _setTargetFunctionRole(parts.stakeVault, upgrade, Roles.UPGRADER);
        _setTargetFunctionRole(parts.roundManager, upgrade, Roles.UPGRADER);
        _setTargetFunctionRole(parts.faultProver, upgrade, Roles.UPGRADER);
        _setTargetFunctionRole(parts.resultProver, upgrade, Roles.UPGRADER);
        _setTargetFunctionRole(parts.settlementProver, upgrade, Roles.UPGRADER);
        _setTargetFunctionRole(parts.slashCourt, upgrade, Roles.UPGRADER);
        _setTargetFunctionRole(parts.roundDisputes, upgrade, Roles.UPGRADER);
        _setTargetFunctionRole(parts.modelRegistry, upgrade, Roles.UPGRADER);
        _setTargetFunctionRole(parts.leafDemands, upgrade, Roles.UPGRADER);
    }

    function _addProver(address prover) private {
        _setTargetFunctionRole(prover, IConviction.setShares.selector, Roles.PARAMETERS);
        _grantRole(Roles.PROVER, prover, 0, 0);
        _grantRole(Roles.VOIDER, prover, 0, 0);
    }

    /// @dev A demand that nobody answers is a fault like a proven one.
    function _addDemands(address demands) private {
        _setTargetFunctionRole(demands, ILeafDemands.setTerms.selector, Roles.PARAMETERS);
        _grantRole(Roles.PROVER, demands, 0, 0);
        _grantRole(Roles.VOIDER, demands, 0, 0);
        _grantRole(Roles.DISPUTES, demands, 0, 0);
    }

    function _setVault(address vault) private {
        _setTargetFunctionRole(vault, IStakeVault.proposeSlash.selector, Roles.COURT);
        _setTargetFunctionRole(vault, IStakeVault.postponeSlash.selector, Roles.COURT);
        _setTargetFunctionRole(vault, IStakeVault.dropSlash.selector, Roles.COURT);
        _setTargetFunctionRole(vault, IStakeVault.slashMany.selector, Roles.PROVER);
        _setTargetFunctionRole(vault, IStakeVault.vetoSlash.selector, Roles.COUNCIL);
        _setTargetFunctionRole(vault, IStakeVault.unjail.selector, Roles.COUNCIL);
        _setTargetFunctionRole(vault, IStakeVault.setWindows.selector, Roles.PARAMETERS);
    }

    function _setRounds(Contracts calldata parts) private {
        address manager = parts.roundManager;
        _setTargetFunctionRole(manager, IRoundManager.voidRound.selector, Roles.VOIDER);
        _setTargetFunctionRole(manager, IRoundManager.convictRound.selector, Roles.PROVER);
        _setTargetFunctionRole(manager, IRoundManager.pause.selector, Roles.COUNCIL);
        _setTargetFunctionRole(manager, IRoundManager.unpause.selector, Roles.COUNCIL);
        _setTargetFunctionRole(manager, IRoundManager.openEpoch.selector, Roles.PARAMETERS);
        _setTargetFunctionRole(manager, IRoundManager.holdRound.selector, Roles.DISPUTES);
        _setTargetFunctionRole(manager, IRoundManager.releaseRound.selector, Roles.DISPUTES);
        _setTargetFunctionRole(manager, IRoundManager.demandRound.selector, Roles.DISPUTES);
        _setTargetFunctionRole(manager, IRoundManager.settleDemand.selector, Roles.DISPUTES);
        _setTargetFunctionRole(manager, IRoundManager.extendWindow.selector, Roles.COUNCIL);
        address disputes = parts.roundDisputes;
        _setTargetFunctionRole(disputes, IRoundDisputes.resolve.selector, Roles.GOVERNOR);
        _setTargetFunctionRole(disputes, IRoundDisputes.setBond.selector, Roles.PARAMETERS);
    }
}

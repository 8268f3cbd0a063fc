// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {StakeVault} from "../../src/StakeVault.sol";
import {ConsortiumAccess} from "../../src/access/ConsortiumAccess.sol";
import {Roles} from "../../src/access/Roles.sol";
import {Fixture} from "../support/Fixture.sol";

/// @notice A federation that no vote governs: an account is admin, and the manager's delays hold.
contract AdminsTest is Fixture {
    uint32 private constant UPGRADE_DELAY = 7 days;

    function setUp() public override {
        super.setUp();
        access.wire(
            contracts_(),
            ConsortiumAccess.Holders(council, governor, governor, UPGRADE_DELAY, 2 days)
        );
        access.handOver(governor);
    }

    /// @dev An admin without a delay would make a friend an upgrader without one.
    function test_attack_theAdminDoesNotEscapeTheDelaysOfItsRoles() public {
        bytes memory grant = abi.encodeCall(access.grantRole, (Roles.UPGRADER, stranger, 0));
        vm.startPrank(governor);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        access.grantRole(Roles.UPGRADER, stranger, 0);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        access.wire(contracts_(), ConsortiumAccess.Holders(council, governor, stranger, 0, 0));
        access.schedule(address(access), grant, 0);
        skip(UPGRADE_DELAY - 1);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotReady.selector);
        access.grantRole(Roles.UPGRADER, stranger, 0);
        vm.stopPrank();
        address code = address(new StakeVault());
        vm.expectRevert(unauthorized(stranger));
        vm.prank(stranger);
        vault.upgradeToAndCall(code, "");
        skip(1);
        vm.prank(governor);
        access.grantRole(Roles.UPGRADER, stranger, 0);
        vm.prank(stranger);
        vault.upgradeToAndCall(code, "");
    }

    /// @dev The old admin goes, whichever way the call comes.
    function test_handOver_leavesNoOldAdminBehind() public {
        bytes memory call = abi.encodeCall(access.handOver, (stranger));
        vm.startPrank(governor);
        access.schedule(address(access), call, 0);
        skip(UPGRADE_DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessManager.AccessManagerUnauthorizedAccount.selector, address(access), 0
            )
        );
        access.execute(address(access), call);
        access.handOver(stranger);
        vm.stopPrank();
        (bool held,) = access.hasRole(0, governor);
        vm.assertFalse(held);
        uint32 delay;
        (held, delay) = access.hasRole(0, stranger);
        vm.assertTrue(held);
        vm.assertEq(delay, UPGRADE_DELAY);
    }
}

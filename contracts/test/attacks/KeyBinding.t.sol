// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {ResultProofs} from "../provers/ResultProofs.sol";

/// @notice A key that answers with a stake of its own cannot leave it behind.
contract KeyBindingTest is ResultProofs {
    /// @dev The coordinator staked with its key, lies, and binds the key to an empty account.
    function test_attack_lateBindingMovesNoKeyAwayFromItsStake() public {
        stakeAs(coordinator, 1_000 ether);
        World memory w = _lie(keccak256("slash"));
        commit(w.c);
        address empty = actor("empty");
        _bindFails(coordinator, "coordinator", empty, 1_000 ether, 0);
        vm.prank(coordinator);
        vault.requestExit(1_000 ether);
        _bindFails(coordinator, "coordinator", empty, 1_000 ether, 0);
        _convicts(_aggregateProof(w, 0));
        vm.assertEq(vault.ownerOfSigner(coordinator), address(0));
        (uint128 exit,) = vault.exitOf(coordinator);
        vm.assertEq(exit, 500 ether);
        vm.assertEq(vault.bountyOf(stranger), 125 ether);
    }

    function test_setSigner_bindsAKeyWithStakeToItself() public {
        stakeAs(coordinator, 1_000 ether);
        bytes memory proof = possession(vault, "coordinator", coordinator);
        vm.prank(coordinator);
        vault.setSigner(coordinator, proof);
        vm.assertEq(vault.ownerOfSigner(coordinator), coordinator);
        stakeAs(coordinator, 1 ether);
    }

    function test_setSigner_failsForAKeyWithAnOpenCase() public {
        stakeAs(stranger, 3);
        vm.prank(address(court));
        vault.proposeSlash(stranger, 100, 2, "case");
        vm.prank(stranger);
        vault.requestExit(3);
        vm.prank(address(prover));
        vault.slashMany(one(stranger), one(10_000), address(0), 5);
        _bindFails(stranger, "stranger", site, 0, 1);
        vm.prank(council);
        vault.vetoSlash("case");
        bytes memory proof = possession(vault, "stranger", site);
        vm.prank(site);
        vault.setSigner(stranger, proof);
    }

    function test_stake_failsForSomebodyElsesSigner() public {
        enrolSite(1 ether);
        token.mint(siteSigner, 1 ether);
        vm.startPrank(siteSigner);
        token.approve(address(vault), 1 ether);
        bytes memory reason =
            abi.encodeWithSelector(IStakeVault.BoundSigner.selector, siteSigner, site);
        vm.expectRevert(reason);
        vault.stake(1 ether);
        vm.stopPrank();
    }

    /// @dev One wei for a fresh key would keep its site from binding it.
    function test_attack_giftsToAKeyDoNotKeepItFromBeingBound() public {
        token.mint(stranger, 2);
        vm.startPrank(stranger);
        token.approve(address(vault), 2);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.UnknownAccount.selector, siteSigner));
        vault.stakeFor(siteSigner, 1);
        vm.stopPrank();
        enrolSite(1 ether);
        vm.prank(stranger);
        vault.stakeFor(site, 1);
        vm.assertEq(vault.stakeOf(site), 1 ether + 1);
    }

    function _bindFails(
        address key,
        string memory name,
        address owner,
        uint256 bonded,
        uint16 openCases
    ) private {
        bytes memory proof = possession(vault, name, owner);
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.SignerHasStake.selector, key, bonded, openCases)
        );
        vm.prank(owner);
        vault.setSigner(key, proof);
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import {StakeVault} from "../src/StakeVault.sol";
import {TestToken} from "../src/TestToken.sol";
import {ConsortiumAccess} from "../src/access/ConsortiumAccess.sol";
import {IStakeVault} from "../src/interfaces/IStakeVault.sol";
import {VaultFixture} from "./support/VaultFixture.sol";

/// @notice Attested slashes, proven faults, bounties and the slash pool.
contract StakeSlashesTest is VaultFixture {
    // attested slashes

    function test_proposeSlash_failsForStranger() public {
        _stake(alice, 1 ether);
        vm.expectRevert(unauthorized(prover));
        vm.prank(prover);
        vault.proposeSlash(alice, 100, 2, CASE);
    }

    function test_proposeSlash_failsOnBadBps() public {
        _stake(alice, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.BadBps.selector, 0, 2_000));
        _propose(alice, 0, CASE);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.BadBps.selector, 2_001, 2_000));
        _propose(alice, 2_001, CASE);
    }

    function test_proposeSlash_failsForUsedCase() public {
        _stake(alice, 1 ether);
        _propose(alice, 100, CASE);
        vm.prank(council);
        vault.vetoSlash(CASE);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.CaseExists.selector, CASE));
        _propose(alice, 100, CASE);
    }

    function test_proposeSlash_failsWithNothingAtStake() public {
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NothingAtStake.selector, alice));
        _propose(alice, 100, CASE);
    }

    function test_proposeSlash_failsPastTheCapOfTheWindow() public {
        _stake(alice, 1 ether);
        _propose(alice, 1_500, "a");
        skip(89 days);
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.CapExceeded.selector, alice, 2_001, 2_000)
        );
        _propose(alice, 501, "b");
        _propose(alice, 500, "c");
    }

    /// @dev A window counted from its first case would allow 40 % in a few days around its end.
    function test_proposeSlash_keepsTheCapInEveryWindow() public {
        _stake(alice, 1 ether);
        _propose(alice, 100, "a");
        skip(89 days);
        _propose(alice, 1_900, "b");
        skip(2 days);
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.CapExceeded.selector, alice, 2_100, 2_000)
        );
        _propose(alice, 100, "c");
        skip(88 days);
        _propose(alice, 2_000, "d");
        vm.assertEq(vault.accountOf(alice).attestedBps, 2_000);
    }

    function test_vetoSlash_givesItsShareOfTheCapBack() public {
        _stake(alice, 1 ether);
        _propose(alice, 2_000, "a");
        vm.prank(council);
        vault.vetoSlash("a");
        _propose(alice, 2_000, "b");
        vm.assertEq(vault.accountOf(alice).openCases, 1);
    }

    function test_vetoSlash_ofOldCaseLeavesTheNewWindowAlone() public {
        _stake(alice, 1 ether);
        _propose(alice, 2_000, "old");
        skip(90 days);
        _propose(alice, 1_500, "new");
        vm.prank(council);
        vault.vetoSlash("old");
        vm.assertEq(vault.accountOf(alice).attestedBps, 1_500);
    }

    function test_vetoSlash_failsForStranger() public {
        _stake(alice, 1 ether);
        _propose(alice, 100, CASE);
        vm.expectRevert(unauthorized(alice));
        vm.prank(alice);
        vault.vetoSlash(CASE);
    }

    function test_executeSlash_failsBeforeTheDelay(uint40 early) public {
        early = uint40(bound(early, 1, SLASH_DELAY));
        _stake(alice, 1 ether);
        _propose(alice, 100, CASE);
        uint40 executeAfter = uint40(vm.getBlockTimestamp()) + SLASH_DELAY;
        skip(SLASH_DELAY - early);
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.CaseNotReady.selector, CASE, executeAfter)
        );
        vault.executeSlash(CASE);
    }

    function test_executeSlash_takesTheShareAndThaws() public {
        _stake(alice, 10 ether);
        _propose(alice, 200, CASE);
        skip(SLASH_DELAY);
        vm.expectEmit();
        emit IStakeVault.SlashExecuted(CASE, alice, 0.2 ether);
        vm.prank(bob);
        vault.executeSlash(CASE);
        vm.assertEq(vault.stakeOf(alice), 9.8 ether);
        vm.assertEq(vault.slashPoolBalance(), 0.2 ether);
        vm.assertEq(vault.accountOf(alice).openCases, 0);
        vm.assertFalse(vault.isJailed(alice));
    }

    function test_executeSlash_failsAfterVeto() public {
        _stake(alice, 10 ether);
        _propose(alice, 200, CASE);
        vm.prank(council);
        vault.vetoSlash(CASE);
        skip(SLASH_DELAY);
        _expectNotPending(IStakeVault.CaseState.Vetoed);
        vault.executeSlash(CASE);
        vm.assertEq(vault.stakeOf(alice), 10 ether);
    }

    function test_executeSlash_failsTwice() public {
        _stake(alice, 10 ether);
        _propose(alice, 200, CASE);
        skip(SLASH_DELAY);
        vault.executeSlash(CASE);
        _expectNotPending(IStakeVault.CaseState.Executed);
        vault.executeSlash(CASE);
        _expectNotPending(IStakeVault.CaseState.Executed);
        vm.prank(council);
        vault.vetoSlash(CASE);
    }

    function test_executeSlash_failsForUnknownCase() public {
        _expectNotPending(IStakeVault.CaseState.None);
        vault.executeSlash(CASE);
    }

    function test_attack_withdrawBeforeSlash_executeReachesTheExit() public {
        _stake(alice, 10 ether);
        vm.prank(alice);
        vault.requestExit(10 ether);
        _propose(alice, 1_000, CASE);
        skip(UNBONDING);
        vault.executeSlash(CASE);
        vm.prank(alice);
        vault.withdraw();
        vm.assertEq(token.balanceOf(alice), 9 ether);
    }

    function test_executeSlash_roundsUpAndTakesStakeFirst(
        uint128 staked,
        uint128 leaving,
        uint16 bps
    ) public {
        staked = uint128(bound(staked, 1, type(uint96).max));
        leaving = uint128(bound(leaving, 0, staked));
        bps = uint16(bound(bps, 1, 2_000));
        _stake(alice, staked);
        if (leaving != 0) {
            vm.prank(alice);
            vault.requestExit(leaving);
        }
        _propose(alice, bps, CASE);
        skip(SLASH_DELAY);
        vault.executeSlash(CASE);
        uint256 expected = (uint256(staked) * bps + 9_999) / 10_000;
        uint256 active = staked - leaving;
        vm.assertEq(vault.slashPoolBalance(), expected);
        vm.assertEq(vault.stakeOf(alice), active > expected ? active - expected : 0);
        (uint128 exit,) = vault.exitOf(alice);
        vm.assertEq(uint256(exit) + vault.stakeOf(alice), staked - expected);
    }

    // proven faults

    function test_slashMany_paysAQuarterAndJails() public {
        _stake(alice, 100 ether);
        vm.prank(prover);
        vault.slashMany(one(alice), one(uint16(1_000)), bob, 1);
        vm.assertEq(vault.stakeOf(alice), 90 ether);
        vm.assertEq(vault.bountyOf(bob), 2.5 ether);
        vm.assertEq(vault.slashPoolBalance(), 7.5 ether);
        vm.assertTrue(vault.isJailed(alice));
        vault.payBounty(bob);
        vm.assertEq(token.balanceOf(bob), 2.5 ether);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NothingToWithdraw.selector, bob));
        vault.payBounty(bob);
    }

    function test_slashMany_jailsOnlyForEquivocation() public {
        _stake(alice, 100 ether);
        vm.prank(prover);
        vault.slashMany(one(alice), one(uint16(1_000)), bob, 2);
        vm.assertFalse(vault.isJailed(alice));
    }

    function test_slashMany_paysNoBountyToTheAccusedOrItsKeys() public {
        address former = actor("former key");
        address current = actor("current key");
        _bind("former key", alice);
        _bind("current key", alice);
        _stake(alice, 100 ether);
        address[3] memory selves = [alice, former, current];
        for (uint256 i = 0; i < selves.length; ++i) {
            vm.prank(prover);
            vault.slashMany(one(alice), one(uint16(1_000)), selves[i], 1);
            vm.assertEq(vault.bountyOf(selves[i]), 0);
        }
        vm.assertEq(vault.slashPoolBalance(), 100 ether - vault.stakeOf(alice));
    }

    function test_slashMany_splitsEveryWei(uint128 staked, uint16 bps) public {
        staked = uint128(bound(staked, 1, type(uint96).max));
        bps = uint16(bound(bps, 1, 10_000));
        _stake(alice, staked);
        vm.prank(prover);
        vault.slashMany(one(alice), one(uint16(bps)), bob, 1);
        uint256 slashed = staked - vault.stakeOf(alice);
        vm.assertEq(vault.bountyOf(bob), slashed / 4);
        vm.assertEq(slashed, uint256(vault.bountyOf(bob)) + vault.slashPoolBalance());
    }

    function test_slashMany_failsForStranger() public {
        vm.expectRevert(unauthorized(court));
        vm.prank(court);
        vault.slashMany(one(alice), one(uint16(1_000)), bob, 1);
    }

    function test_slashMany_failsOnBadBps() public {
        vm.startPrank(prover);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.BadBps.selector, 0, 10_000));
        vault.slashMany(one(alice), one(uint16(0)), bob, 1);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.BadBps.selector, 10_001, 10_000));
        vault.slashMany(one(alice), one(uint16(10_001)), bob, 1);
        vm.stopPrank();
    }

    function test_unjail_byTheCouncilOnly() public {
        vm.prank(prover);
        vault.slashMany(one(alice), one(uint16(1_000)), bob, 1);
        vm.expectRevert(unauthorized(alice));
        vm.prank(alice);
        vault.unjail(alice);
        vm.startPrank(council);
        vault.unjail(alice);
        vm.assertFalse(vault.isJailed(alice));
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotJailed.selector, alice));
        vault.unjail(alice);
        vm.stopPrank();
    }

    function test_sweepSlashPool_sendsEverythingOnce() public {
        _stake(alice, 100 ether);
        vm.prank(prover);
        vault.slashMany(one(alice), one(uint16(1_000)), alice, 1);
        vault.sweepSlashPool();
        vm.assertEq(token.balanceOf(pool), 10 ether);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NothingToWithdraw.selector, pool));
        vault.sweepSlashPool();
    }
}

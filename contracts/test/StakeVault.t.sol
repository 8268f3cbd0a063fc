// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {StakeVault} from "../src/StakeVault.sol";
import {TestToken} from "../src/TestToken.sol";
import {IStakeVault} from "../src/interfaces/IStakeVault.sol";
import {TestBase} from "./support/Vm.sol";

/// @notice Stakes, keys and exits; the test holds the roles itself.
contract StakeVaultTest is TestBase {
    uint40 private constant UNBONDING = 14 days;
    uint40 private constant SLASH_DELAY = 7 days;
    bytes32 private constant CASE = keccak256("case");

    address private immutable court = actor("court");
    address private immutable prover = actor("prover");
    address private immutable council = actor("council");
    address private immutable pool = actor("pool");
    address private immutable alice = actor("alice");
    address private immutable bob = actor("bob");

    TestToken private token;
    StakeVault private vault;

    function setUp() public {
        vm.warp(1_800_000_000);
        token = new TestToken();
        vault = new StakeVault(token, pool, UNBONDING, SLASH_DELAY);
        vault.setRoles(court, prover, council);
    }

    // constructor and setRoles

    function test_constructor_failsOnZeroAddress() public {
        vm.expectRevert(IStakeVault.ZeroAddress.selector);
        new StakeVault(IERC20(address(0)), pool, UNBONDING, SLASH_DELAY);
        vm.expectRevert(IStakeVault.ZeroAddress.selector);
        new StakeVault(token, address(0), UNBONDING, SLASH_DELAY);
    }

    function test_setRoles_failsTheSecondTime() public {
        vm.expectRevert(IStakeVault.RolesAlreadySet.selector);
        vault.setRoles(alice, alice, alice);
        (address setCourt, address setProver, address setCouncil) = vault.roles();
        vm.assertEq(setCourt, court);
        vm.assertEq(setProver, prover);
        vm.assertEq(setCouncil, council);
    }

    function test_setRoles_failsForStranger() public {
        StakeVault fresh = new StakeVault(token, pool, UNBONDING, SLASH_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotAuthorized.selector, alice));
        vm.prank(alice);
        fresh.setRoles(alice, alice, alice);
    }

    function test_setRoles_failsOnZeroAddress() public {
        StakeVault fresh = new StakeVault(token, pool, UNBONDING, SLASH_DELAY);
        vm.expectRevert(IStakeVault.ZeroAddress.selector);
        fresh.setRoles(court, prover, address(0));
        vm.expectRevert(IStakeVault.ZeroAddress.selector);
        fresh.setRoles(court, address(0), council);
        vm.expectRevert(IStakeVault.ZeroAddress.selector);
        fresh.setRoles(address(0), prover, council);
    }

    // setSigner

    function test_setSigner_bindsTheKeyForEver() public {
        address first = actor("first key");
        address second = actor("second key");
        vm.prank(alice);
        vault.setSigner(first);
        vm.expectEmit();
        emit IStakeVault.SignerSet(alice, second, first);
        vm.prank(alice);
        vault.setSigner(second);
        vm.assertEq(vault.signerOf(alice), second);
        vm.assertEq(vault.ownerOfSigner(second), alice);
        vm.assertEq(vault.ownerOfSigner(first), alice);
    }

    function test_setSigner_failsIfTakenByAnother() public {
        address key = actor("key");
        vm.prank(alice);
        vault.setSigner(key);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.SignerTaken.selector, key, alice));
        vm.prank(bob);
        vault.setSigner(key);
    }

    function test_setSigner_failsForFormerKey() public {
        address key = actor("key");
        vm.startPrank(alice);
        vault.setSigner(key);
        vault.setSigner(actor("new key"));
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.SignerTaken.selector, key, alice));
        vault.setSigner(key);
        vm.stopPrank();
    }

    function test_setSigner_failsOnZeroAddress() public {
        vm.expectRevert(IStakeVault.ZeroAddress.selector);
        vault.setSigner(address(0));
    }

    // stake

    function test_stake_creditsTheCaller() public {
        _give(alice, 10 ether);
        vm.expectEmit();
        emit IStakeVault.Staked(alice, alice, 10 ether, 10 ether);
        vm.prank(alice);
        vault.stake(10 ether);
        vm.assertEq(vault.stakeOf(alice), 10 ether);
        vm.assertEq(vault.totalBonded(), 10 ether);
        vm.assertEq(token.balanceOf(address(vault)), 10 ether);
    }

    function test_stake_creditsTheCaller(uint128 first, uint128 second) public {
        first = uint128(bound(first, 1, type(uint128).max / 2));
        second = uint128(bound(second, 1, type(uint128).max / 2));
        _stake(alice, first);
        _stake(alice, second);
        vm.assertEq(vault.stakeOf(alice), uint256(first) + second);
        vm.assertEq(vault.totalBonded(), token.balanceOf(address(vault)));
    }

    function test_stakeFor_creditsTheAccountAndTakesFromTheCaller() public {
        _give(bob, 7 ether);
        vm.prank(bob);
        vault.stakeFor(alice, 7 ether);
        vm.assertEq(vault.stakeOf(alice), 7 ether);
        vm.assertEq(vault.stakeOf(bob), 0);
    }

    function test_stakeFor_failsOnZeroAddress() public {
        vm.expectRevert(IStakeVault.ZeroAddress.selector);
        vault.stakeFor(address(0), 1);
    }

    function test_stake_failsOnZero() public {
        vm.expectRevert(IStakeVault.ZeroAmount.selector);
        vault.stake(0);
    }

    // requestExit and withdraw

    function test_requestExit_movesStakeAndStartsTheDelay() public {
        _stake(alice, 10 ether);
        vm.prank(alice);
        vault.requestExit(4 ether);
        (uint128 amount, uint40 readyAt) = vault.exitOf(alice);
        vm.assertEq(amount, 4 ether);
        vm.assertEq(readyAt, vm.getBlockTimestamp() + UNBONDING);
        vm.assertEq(vault.stakeOf(alice), 6 ether);
        vm.assertEq(vault.totalBonded(), 10 ether);
    }

    function test_requestExit_restartsTheDelayOfTheWholeExit() public {
        _stake(alice, 10 ether);
        vm.prank(alice);
        vault.requestExit(4 ether);
        skip(UNBONDING - 1);
        vm.prank(alice);
        vault.requestExit(1 ether);
        skip(2);
        uint40 readyAt = uint40(vm.getBlockTimestamp()) + UNBONDING - 2;
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.ExitNotReady.selector, alice, readyAt));
        vm.prank(alice);
        vault.withdraw();
    }

    function test_requestExit_failsAboveStake() public {
        _stake(alice, 10 ether);
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakeVault.InsufficientStake.selector, alice, 10 ether + 1, 10 ether
            )
        );
        vm.prank(alice);
        vault.requestExit(10 ether + 1);
    }

    function test_requestExit_failsOnZero() public {
        vm.expectRevert(IStakeVault.ZeroAmount.selector);
        vault.requestExit(0);
    }

    function test_withdraw_paysAfterTheDelay() public {
        _stake(alice, 10 ether);
        vm.prank(alice);
        vault.requestExit(10 ether);
        skip(UNBONDING);
        vm.prank(alice);
        vault.withdraw();
        vm.assertEq(token.balanceOf(alice), 10 ether);
        vm.assertEq(vault.totalBonded(), 0);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NothingToWithdraw.selector, alice));
        vm.prank(alice);
        vault.withdraw();
    }

    function test_withdraw_failsBeforeTheDelay(uint40 early) public {
        early = uint40(bound(early, 1, UNBONDING));
        _stake(alice, 1 ether);
        vm.prank(alice);
        vault.requestExit(1 ether);
        uint40 readyAt = uint40(vm.getBlockTimestamp()) + UNBONDING;
        skip(UNBONDING - early);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.ExitNotReady.selector, alice, readyAt));
        vm.prank(alice);
        vault.withdraw();
    }

    function test_withdraw_failsWhileACaseIsPending() public {
        _stake(alice, 10 ether);
        vm.prank(alice);
        vault.requestExit(10 ether);
        skip(UNBONDING);
        _propose(alice, 100, CASE);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.WithdrawalsFrozen.selector, alice, 1));
        vm.prank(alice);
        vault.withdraw();
        vm.prank(council);
        vault.vetoSlash(CASE);
        vm.prank(alice);
        vault.withdraw();
        vm.assertEq(token.balanceOf(alice), 10 ether);
    }

    // attested slashes

    function test_proposeSlash_failsForStranger() public {
        _stake(alice, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotAuthorized.selector, prover));
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
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotAuthorized.selector, alice));
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

    function test_executeSlash_reachesAnExitRequestedBefore() public {
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
        staked = uint128(bound(staked, 1, type(uint128).max));
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

    function test_slashNow_paysAQuarterAndJails() public {
        _stake(alice, 100 ether);
        vm.prank(prover);
        vault.slashNow(alice, 1_000, bob, 1);
        vm.assertEq(vault.stakeOf(alice), 90 ether);
        vm.assertEq(vault.bountyOf(bob), 2.5 ether);
        vm.assertEq(vault.slashPoolBalance(), 7.5 ether);
        vm.assertTrue(vault.isJailed(alice));
        vault.payBounty(bob);
        vm.assertEq(token.balanceOf(bob), 2.5 ether);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NothingToWithdraw.selector, bob));
        vault.payBounty(bob);
    }

    function test_slashNow_jailsOnlyForEquivocation() public {
        _stake(alice, 100 ether);
        vm.prank(prover);
        vault.slashNow(alice, 1_000, bob, 2);
        vm.assertFalse(vault.isJailed(alice));
    }

    function test_slashNow_paysNoBountyToTheAccusedOrItsKeys() public {
        address former = actor("former key");
        address current = actor("current key");
        vm.startPrank(alice);
        vault.setSigner(former);
        vault.setSigner(current);
        vm.stopPrank();
        _stake(alice, 100 ether);
        address[3] memory selves = [alice, former, current];
        for (uint256 i = 0; i < selves.length; ++i) {
            vm.prank(prover);
            vault.slashNow(alice, 1_000, selves[i], 1);
            vm.assertEq(vault.bountyOf(selves[i]), 0);
        }
        vm.assertEq(vault.slashPoolBalance(), 100 ether - vault.stakeOf(alice));
    }

    function test_slashNow_splitsEveryWei(uint128 staked, uint16 bps) public {
        staked = uint128(bound(staked, 1, type(uint128).max));
        bps = uint16(bound(bps, 1, 10_000));
        _stake(alice, staked);
        vm.prank(prover);
        vault.slashNow(alice, bps, bob, 1);
        uint256 slashed = staked - vault.stakeOf(alice);
        vm.assertEq(vault.bountyOf(bob), slashed / 4);
        vm.assertEq(slashed, uint256(vault.bountyOf(bob)) + vault.slashPoolBalance());
    }

    function test_slashNow_failsForStranger() public {
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotAuthorized.selector, court));
        vm.prank(court);
        vault.slashNow(alice, 1_000, bob, 1);
    }

    function test_slashNow_failsOnBadBps() public {
        vm.startPrank(prover);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.BadBps.selector, 0, 10_000));
        vault.slashNow(alice, 0, bob, 1);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.BadBps.selector, 10_001, 10_000));
        vault.slashNow(alice, 10_001, bob, 1);
        vm.stopPrank();
    }

    function test_unjail_byTheCouncilOnly() public {
        vm.prank(prover);
        vault.slashNow(alice, 1_000, bob, 1);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotAuthorized.selector, alice));
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
        vault.slashNow(alice, 1_000, alice, 1);
        vault.sweepSlashPool();
        vm.assertEq(token.balanceOf(pool), 10 ether);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NothingToWithdraw.selector, pool));
        vault.sweepSlashPool();
    }

    function _give(address owner, uint128 amount) private {
        token.mint(owner, amount);
        vm.prank(owner);
        token.approve(address(vault), amount);
    }

    function _stake(address owner, uint128 amount) private {
        _give(owner, amount);
        vm.prank(owner);
        vault.stake(amount);
    }

    function _propose(address account, uint16 bps, bytes32 caseId) private {
        vm.prank(court);
        vault.proposeSlash(account, bps, 2, caseId);
    }

    function _expectNotPending(IStakeVault.CaseState state) private {
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.CaseNotPending.selector, CASE, state));
    }
}

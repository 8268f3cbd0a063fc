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

/// @notice Windows, keys, stakes and exits; the test holds the roles itself.
contract StakeVaultTest is VaultFixture {
    // initialize and windows

    function test_initialize_failsOnZeroAddress() public {
        address implementation = address(new StakeVault());
        IERC20 none = IERC20(address(0));
        vm.expectRevert(IStakeVault.ZeroAddress.selector);
        proxy(
            implementation,
            abi.encodeCall(StakeVault.initialize, (none, pool, address(access), defaultWindows()))
        );
        vm.expectRevert(IStakeVault.ZeroAddress.selector);
        proxy(
            implementation,
            abi.encodeCall(
                StakeVault.initialize, (token, address(0), address(access), defaultWindows())
            )
        );
        vm.expectRevert(IStakeVault.ZeroAddress.selector);
        proxy(
            implementation,
            abi.encodeCall(StakeVault.initialize, (token, pool, address(0), defaultWindows()))
        );
    }

    function test_initialize_failsOnTheImplementationAndTheSecondTime() public {
        StakeVault bare = new StakeVault();
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        bare.initialize(token, pool, address(access), defaultWindows());
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        vault.initialize(token, pool, address(access), defaultWindows());
    }

    /// @dev What was at stake in a round must still be there when its faults come out.
    function test_setWindows_failsWhereStakeCouldLeaveInTime() public {
        IStakeVault.Windows memory w = defaultWindows();
        w.resolution = 14 days;
        _windowsFail(w, "challenge + resolution", 15 days);
        w = defaultWindows();
        w.slashDelay = 15 days;
        _windowsFail(w, "slashDelay", 15 days);
        w = defaultWindows();
        w.evidenceAge = 12 days;
        _windowsFail(w, "challenge + evidenceAge", 1 days + 12 days + 1.2 days);
    }

    function test_setWindows_neverShrinksWhatRoundsRelyOn() public {
        IStakeVault.Windows memory w = defaultWindows();
        w.unbonding = 14 days - 1;
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakeVault.WindowShrinks.selector, "unbonding", 14 days - 1, 14 days
            )
        );
        vm.prank(parameters);
        vault.setWindows(w);
        w = defaultWindows();
        w.challenge = 1 days - 1;
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakeVault.WindowShrinks.selector, "challenge", 1 days - 1, 1 days
            )
        );
        vm.prank(parameters);
        vault.setWindows(w);
    }

    function test_setWindows_byRoleOnly() public {
        IStakeVault.Windows memory w = defaultWindows();
        w.unbonding = 20 days;
        vm.expectRevert(unauthorized(alice));
        vm.prank(alice);
        vault.setWindows(w);
        vm.prank(parameters);
        vault.setWindows(w);
        vm.assertEq(vault.unbondingDelay(), 20 days);
        vm.assertEq(vault.windows().evidenceAge, EVIDENCE_AGE);
        vm.assertEq(vault.slashDelay(), SLASH_DELAY);
    }

    // setSigner

    function test_setSigner_bindsTheKeyForEver() public {
        address first = actor("first key");
        address second = actor("second key");
        _bind("first key", alice);
        bytes memory proof = possession(vault, "second key", alice);
        vm.expectEmit();
        emit IStakeVault.SignerSet(alice, second, first);
        vm.prank(alice);
        vault.setSigner(second, proof);
        vm.assertEq(vault.signerOf(alice), second);
        vm.assertEq(vault.ownerOfSigner(second), alice);
        vm.assertEq(vault.ownerOfSigner(first), alice);
    }

    function test_setSigner_failsIfTakenByAnother() public {
        address key = actor("key");
        _bind("key", alice);
        bytes memory proof = possession(vault, "key", bob);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.SignerTaken.selector, key, alice));
        vm.prank(bob);
        vault.setSigner(key, proof);
    }

    function test_setSigner_failsForFormerKey() public {
        address key = actor("key");
        _bind("key", alice);
        _bind("new key", alice);
        bytes memory proof = possession(vault, "key", alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.SignerTaken.selector, key, alice));
        vm.prank(alice);
        vault.setSigner(key, proof);
    }

    function test_setSigner_failsOnZeroAddress() public {
        vm.expectRevert(IStakeVault.ZeroAddress.selector);
        vault.setSigner(address(0), "");
    }

    /// @dev Key squatting: an auditor's key is public, and whoever binds it first keeps it for ever.
    function test_attack_nobodyTakesAKeyThatItHasOnlySeen() public {
        address key = actor("key");
        bytes memory stolen = possession(vault, "key", alice);
        vm.expectPartialRevert(IStakeVault.NotSignedBySigner.selector);
        vm.prank(bob);
        vault.setSigner(key, stolen);
        bytes memory own = possession(vault, "bob's key", bob);
        vm.expectPartialRevert(IStakeVault.NotSignedBySigner.selector);
        vm.prank(bob);
        vault.setSigner(key, own);
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.NotSignedBySigner.selector, key, address(0))
        );
        vm.prank(bob);
        vault.setSigner(key, "");
        vm.prank(alice);
        vault.setSigner(key, stolen);
        vm.assertEq(vault.ownerOfSigner(key), alice);
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
        first = uint128(bound(first, 1, type(uint96).max / 2));
        second = uint128(bound(second, 1, type(uint96).max / 2));
        _stake(alice, first);
        _stake(alice, second);
        vm.assertEq(vault.stakeOf(alice), uint256(first) + second);
        vm.assertEq(vault.totalBonded(), token.balanceOf(address(vault)));
    }

    function test_stakeFor_creditsTheAccountAndTakesFromTheCaller() public {
        _bind("alice's key", alice);
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

    /// @dev Freeze griefing: M auditors that accuse again and again hold back what they may take, at
    /// most a fifth, and never the rest.
    function test_attack_casesHoldBackOnlyWhatTheyMayTake() public {
        _stake(alice, 10 ether);
        vm.prank(alice);
        vault.requestExit(10 ether);
        skip(UNBONDING);
        _propose(alice, 1_500, "a");
        _propose(alice, 500, "b");
        vm.assertEq(vault.accountOf(alice).held, 2 ether);
        vm.prank(alice);
        vault.withdraw();
        vm.assertEq(token.balanceOf(alice), 8 ether);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.WithdrawalsFrozen.selector, alice, 2));
        vm.prank(alice);
        vault.withdraw();
        skip(SLASH_DELAY);
        vault.executeSlash("a");
        vm.prank(council);
        vault.vetoSlash("b");
        vm.prank(alice);
        vault.withdraw();
        vm.assertEq(token.balanceOf(alice), 8.5 ether);
        vm.assertEq(vault.accountOf(alice).held, 0);
        vm.assertEq(vault.totalBonded(), 0);
    }

    /// @dev Withdrawing while a case is open does not make its slash smaller, topping up not larger.
    function test_executeSlash_takesWhatWasAtStakeWhenAccused() public {
        _stake(alice, 10 ether);
        _propose(alice, 1_000, CASE);
        _stake(alice, 90 ether);
        skip(SLASH_DELAY);
        vault.executeSlash(CASE);
        vm.assertEq(vault.slashPoolBalance(), 1 ether);
    }

    function test_withdraw_staysWholeWhereTheStakeCoversTheCase() public {
        _stake(alice, 10 ether);
        vm.prank(alice);
        vault.requestExit(5 ether);
        skip(UNBONDING);
        _propose(alice, 1_000, CASE);
        vm.prank(alice);
        vault.withdraw();
        vm.assertEq(token.balanceOf(alice), 5 ether);
    }

    function test_withdraw_failsWhileCasesMayTakeAllOfIt() public {
        _stake(alice, 10 ether);
        vm.prank(alice);
        vault.requestExit(10 ether);
        skip(UNBONDING);
        _propose(alice, 100, CASE);
        vm.prank(prover);
        vault.slashMany(one(alice), one(uint16(9_950)), bob, 2);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.WithdrawalsFrozen.selector, alice, 1));
        vm.prank(alice);
        vault.withdraw();
        vm.prank(council);
        vault.vetoSlash(CASE);
        vm.prank(alice);
        vault.withdraw();
        vm.assertEq(token.balanceOf(alice), 0.05 ether);
    }
}

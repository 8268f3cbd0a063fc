// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {Fixture} from "../support/Fixture.sol";

/// @notice Who commits or signs a round keeps what is at stake in the vault until the round is final.
contract ExitsOfPartiesTest is Fixture {
    uint128 private constant ALL = 100 ether;

    /// @dev An exit that is due and left in place would make the next lie free.
    function test_attack_aCoordinatorWithAnExitThatIsDueCannotLieAndLeave() public {
        _ripen(coordinator);
        commitUpTo(1);
        _refuses(coordinator, 1);
        skip(WINDOW);
        _withdraws(coordinator);
    }

    function test_attack_aSignerWithAnExitThatIsDueCannotLieAndLeave() public {
        address auditor = vm.addr(auditorKeys[2]);
        _ripen(auditor);
        commitUpTo(1);
        _refuses(auditor, 1);
        skip(WINDOW);
        _withdraws(auditor);
    }

    /// @dev The stake is with the owner account, the signature is by its key.
    function test_withdraw_knowsTheKeysOfAnAccount() public {
        bytes memory proof = possession(vault, "coordinator", site);
        vm.prank(site);
        vault.setSigner(coordinator, proof);
        _ripen(site);
        commitUpTo(1);
        _refuses(site, 1);
    }

    /// @dev A later round does not hide an earlier one, and the newest open one is named.
    function test_withdraw_looksAtEveryRoundThatIsOpen() public {
        address auditor = vm.addr(auditorKeys[2]);
        _ripen(auditor);
        commitUpTo(1);
        for (uint64 round = 2; round <= 5; ++round) {
            bytes memory signed =
                signatures(manager.commitmentDigest(commitmentOf(round)), hex"000103");
            vm.prank(coordinator);
            manager.commitRound(commitmentOf(round), signed);
        }
        _refuses(auditor, 1);
        _refuses(vm.addr(auditorKeys[0]), 5);
    }

    function test_withdraw_waitsForADisputedRound() public {
        _ripen(coordinator);
        commitUpTo(1);
        token.mint(stranger, DISPUTE_BOND);
        vm.startPrank(stranger);
        token.approve(address(disputes), DISPUTE_BOND);
        disputes.challenge(commitmentOf(1), "evidence", DISPUTE_BOND);
        vm.stopPrank();
        skip(WINDOW);
        _refuses(coordinator, 1);
    }

    /// @dev Sites, and auditors that did not sign, come and go as they like.
    function test_withdraw_leavesOthersAlone() public {
        _ripen(site);
        address idle = vm.addr(auditorKeys[1]); // quorum() signs with 0, 2 and 4
        _ripen(idle);
        commitUpTo(1);
        _withdraws(site);
        _withdraws(idle);
    }

    function test_withdraw_isPossibleWithAFullRingOfFinalRounds() public {
        _ripen(coordinator);
        commitUpTo(62);
        skip(WINDOW);
        commitUpTo(63);
        _refuses(coordinator, 63);
        skip(WINDOW);
        _withdraws(coordinator);
    }

    function _ripen(address account) private {
        stakeAs(account, ALL);
        vm.prank(account);
        vault.requestExit(ALL);
        skip(UNBONDING);
    }

    function _refuses(address account, uint64 round) private {
        if (vault.accountOf(account).exit == 0) _ripenAgain(account);
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.AnswersForRound.selector, account, round)
        );
        vm.prank(account);
        vault.withdraw();
    }

    /// @dev Without letting time pass: the windows stay open.
    function _ripenAgain(address account) private {
        stakeAs(account, ALL);
        IStakeVault.Windows memory w = vault.windows();
        uint256 now_ = vm.getBlockTimestamp();
        vm.warp(now_ - w.unbonding);
        vm.prank(account);
        vault.requestExit(ALL);
        vm.warp(now_);
    }

    function _withdraws(address account) private {
        uint256 before = token.balanceOf(account);
        vm.prank(account);
        vault.withdraw();
        vm.assertEq(token.balanceOf(account) - before, ALL);
    }
}

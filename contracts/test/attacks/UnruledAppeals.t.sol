// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {ISlashCourt} from "../../src/interfaces/ISlashCourt.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {AttestedFault} from "../../src/libraries/Statements.sol";
import {Fixture} from "../support/Fixture.sol";

/// @notice What a governor that never rules leaves behind, and windows that are none.
contract UnruledAppealsTest is Fixture {
    bytes32 private _case;
    bytes32 private _evidence;

    function setUp() public override {
        super.setUp();
        enrolSite(100 ether);
        commitUpTo(1);
        _evidence = manager.hashCommitment(commitmentOf(1));
        AttestedFault memory fault =
            AttestedFault(FEDERATION, 1, site, 2, 200, _evidence, type(uint64).max);
        _case = court.accuse(fault, quorum(court.faultDigest(fault)));
        token.mint(site, 100 ether);
        vm.startPrank(site);
        token.approve(address(court), 100 ether);
        court.appeal(_case);
        vm.stopPrank();
    }

    /// @dev A panel has confirmed. Whoever escalates counts on a governor that has better to do.
    function test_attack_escalatingToASilentGovernorSavesNobody() public {
        _escalate();
        skip(2 * APPEAL);
        vm.expectPartialRevert(ISlashCourt.DeadlineNotPassed.selector);
        court.lapse(_case);
        skip(1);
        vm.prank(stranger);
        court.lapse(_case);
        vm.assertTrue(court.trialOf(_case).stage == ISlashCourt.Stage.Closed);
        vm.assertEq(court.trialOf(_case).bond, 0);
        vm.assertEq(token.balanceOf(site), 100 ether - 3 * APPEAL_BOND);
        vm.assertEq(token.balanceOf(slashPool), 3 * APPEAL_BOND);
        vm.assertEq(vault.caseOf(_case).executeAfter, vm.getBlockTimestamp());
        vault.executeSlash(_case);
        vm.assertEq(vault.stakeOf(site), 98 ether);
    }

    function test_lapse_ofAFirstAppealAcquits() public {
        skip(SLASH_DELAY + APPEAL + 1);
        court.lapse(_case);
        vm.assertEq(token.balanceOf(site), 100 ether);
        vm.assertTrue(vault.caseOf(_case).state == IStakeVault.CaseState.Dropped);
    }

    /// @dev A confirmed case still dies with its round, until it is executed.
    function test_dropVoided_endsAConfirmedCaseThatWasNotExecuted() public {
        vm.prank(governor);
        court.ruleByGovernor(_case, true);
        voidByCouncil(commitmentOf(1));
        court.dropVoided(1, site, 2, _evidence);
        vm.assertTrue(vault.caseOf(_case).state == IStakeVault.CaseState.Dropped);
        vm.expectRevert(abi.encodeWithSelector(ISlashCourt.NoOpenCase.selector, _case));
        court.dropVoided(1, site, 2, _evidence);
        vm.assertEq(vault.stakeOf(site), 100 ether);
    }

    /// @dev Rounds would be final when they are committed: no proof could come in time.
    function test_attack_anEpochWithoutAChallengeWindow() public {
        IRoundManager.Epoch memory terms = manager.epochOf(0);
        terms.challengeWindow = 0;
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.ZeroField.selector, "challengeWindow"));
        vm.prank(timelock);
        manager.openEpoch(terms);
    }

    function _escalate() private {
        bytes memory signed = signatures(court.rulingDigest(_case, true), hex"0103");
        court.ruleByPanel(_case, true, signed);
        vm.prank(site);
        court.escalate(_case);
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)

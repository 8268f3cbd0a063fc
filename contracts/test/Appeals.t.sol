// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRoundManager} from "../src/interfaces/IRoundManager.sol";
import {ISlashCourt} from "../src/interfaces/ISlashCourt.sol";
import {IStakeVault} from "../src/interfaces/IStakeVault.sol";
import {AuditorQuorum} from "../src/libraries/AuditorQuorum.sol";
import {AttestedFault, RoundCommitment} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";

/// @notice What happens between an accusation and a slash: appeal, panel, governor, lapse, veto.
contract AppealsTest is Fixture {
    bytes32 private caseId;

    function setUp() public override {
        super.setUp();
        enrolSite(100 ether);
        commitUpTo(1);
        AttestedFault memory fault = _fault();
        caseId = court.accuse(fault, quorum(court.faultDigest(fault))); // auditors 0, 2 and 4
        token.mint(site, 100 ether);
        vm.prank(site);
        token.approve(address(court), 100 ether);
    }

    function test_appeal_takesTheBondAndHoldsTheSlash() public {
        uint40 deadline = uint40(vm.getBlockTimestamp()) + SLASH_DELAY + APPEAL;
        vm.expectEmit();
        emit ISlashCourt.Appealed(caseId, APPEAL_BOND, deadline);
        _appeal();
        vm.assertEq(token.balanceOf(address(court)), APPEAL_BOND);
        vm.assertTrue(court.trialOf(caseId).stage == ISlashCourt.Stage.Appealed);
        skip(SLASH_DELAY + APPEAL);
        vm.expectPartialRevert(IStakeVault.CaseNotReady.selector);
        vault.executeSlash(caseId);
    }

    function test_appeal_byTheAccusedOnceAndInTime() public {
        vm.expectRevert(abi.encodeWithSelector(ISlashCourt.NotTheAccused.selector, stranger, site));
        vm.prank(stranger);
        court.appeal(caseId);
        skip(SLASH_DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISlashCourt.AppealTooLate.selector, caseId, vm.getBlockTimestamp()
            )
        );
        _appeal();
        vm.warp(vm.getBlockTimestamp() - 1);
        _appeal();
        vm.expectRevert(_wrongStage(ISlashCourt.Stage.Appealed));
        _appeal();
    }

    function test_ruleByPanel_acquitsAndReturnsTheBond() public {
        _appeal();
        _rulePanel(false, hex"0103");
        vm.assertEq(token.balanceOf(site), 100 ether);
        vm.assertTrue(vault.caseOf(caseId).state == IStakeVault.CaseState.Dropped);
        vm.assertEq(vault.accountOf(site).held, 0);
        vm.assertEq(vault.accountOf(site).attestedBps, 0);
        vm.expectPartialRevert(IStakeVault.CaseNotPending.selector);
        vault.executeSlash(caseId);
    }

    function test_ruleByPanel_confirmsAndForfeitsTheBond() public {
        _appeal();
        _rulePanel(true, hex"0103");
        vm.assertEq(token.balanceOf(slashPool), APPEAL_BOND);
        skip(APPEAL);
        vault.executeSlash(caseId);
        vm.assertEq(vault.stakeOf(site), 98 ether);
    }

    /// @dev Judges are not the accusers: more than half of the others must sign.
    function test_ruleByPanel_isDisjointFromTheAccusers() public {
        _appeal();
        bytes32 digest = court.rulingDigest(caseId, true);
        bytes memory signed = signatures(digest, hex"0103");
        vm.expectPartialRevert(AuditorQuorum.NotSignedByAuditor.selector);
        court.ruleByPanel(caseId, false, signed);
        signed = signatures(digest, hex"000103");
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.NotOfThePanel.selector, 0x0b, 0x15));
        court.ruleByPanel(caseId, true, signed);
        signed = signatures(digest, hex"01");
        vm.expectRevert(abi.encodeWithSelector(AuditorQuorum.QuorumTooSmall.selector, 1, 2));
        court.ruleByPanel(caseId, true, signed);
    }

    function test_ruleByPanel_isImpossibleWhereAllAccused() public {
        AttestedFault memory fault = _fault();
        fault.kind = 3;
        bytes memory all = signatures(court.faultDigest(fault), hex"0001020304");
        caseId = court.accuse(fault, all);
        _appeal();
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.NoPanel.selector, 0, 0x1f));
        court.ruleByPanel(caseId, true, "");
        vm.prank(governor);
        court.ruleByGovernor(caseId, false);
        vm.assertEq(token.balanceOf(site), 100 ether);
    }

    /// @dev The panel is that of the accusation, whatever epoch has come since.
    function test_ruleByPanel_isThatOfTheAccusationsEpoch() public {
        _appeal();
        uint256[] memory old = auditorKeys;
        IRoundManager.Epoch memory terms = epochOf(coordinator, 2, one(actor("a new auditor")));
        terms.threshold = 1;
        vm.prank(timelock);
        manager.openEpoch(terms);
        auditorKeys = old;
        _rulePanel(false, hex"0103");
        vm.assertTrue(vault.caseOf(caseId).state == IStakeVault.CaseState.Dropped);
    }

    function test_escalate_takesThePanelsWordToTheGovernor() public {
        _appeal();
        _rulePanel(true, hex"0103");
        vm.prank(site);
        court.escalate(caseId);
        vm.assertEq(token.balanceOf(address(court)), 2 * APPEAL_BOND);
        skip(APPEAL);
        vm.expectPartialRevert(IStakeVault.CaseNotReady.selector);
        vault.executeSlash(caseId);
        vm.expectRevert(unauthorized(council));
        vm.prank(council);
        court.ruleByGovernor(caseId, false);
        vm.prank(governor);
        court.ruleByGovernor(caseId, false);
        vm.assertEq(token.balanceOf(site), 100 ether - APPEAL_BOND);
        vm.assertEq(vault.accountOf(site).openCases, 0);
    }

    function test_escalate_onlyAfterThePanelAndBeforeExecution() public {
        vm.expectRevert(_wrongStage(ISlashCourt.Stage.Accused));
        vm.prank(site);
        court.escalate(caseId);
        _appeal();
        _rulePanel(true, hex"0103");
        skip(APPEAL);
        vm.expectPartialRevert(ISlashCourt.AppealTooLate.selector);
        vm.prank(site);
        court.escalate(caseId);
    }

    function test_ruleByGovernor_upholds() public {
        _appeal();
        vm.prank(governor);
        court.ruleByGovernor(caseId, true);
        vault.executeSlash(caseId);
        vm.assertEq(vault.stakeOf(site), 98 ether);
        vm.assertEq(token.balanceOf(slashPool), APPEAL_BOND);
        vm.expectRevert(_wrongStage(ISlashCourt.Stage.Closed));
        vm.prank(governor);
        court.ruleByGovernor(caseId, false);
    }

    function test_lapse_whenNobodyRulesInTime() public {
        _appeal();
        skip(SLASH_DELAY + APPEAL);
        vm.expectPartialRevert(ISlashCourt.DeadlineNotPassed.selector);
        court.lapse(caseId);
        skip(1);
        bytes memory signed = signatures(court.rulingDigest(caseId, true), hex"0103");
        vm.expectPartialRevert(ISlashCourt.RulingTooLate.selector);
        court.ruleByPanel(caseId, true, signed);
        vm.expectPartialRevert(ISlashCourt.RulingTooLate.selector);
        vm.prank(governor);
        court.ruleByGovernor(caseId, true);
        vm.prank(stranger);
        court.lapse(caseId);
        vm.assertEq(token.balanceOf(site), 100 ether);
        vm.assertTrue(vault.caseOf(caseId).state == IStakeVault.CaseState.Dropped);
    }

    function test_settleVetoed_returnsTheBond() public {
        _appeal();
        vm.expectRevert(abi.encodeWithSelector(ISlashCourt.CaseStillOpen.selector, caseId));
        court.settleVetoed(caseId);
        vm.prank(council);
        vault.vetoSlash(caseId);
        court.settleVetoed(caseId);
        vm.assertEq(token.balanceOf(site), 100 ether);
        vm.expectRevert(_wrongStage(ISlashCourt.Stage.Closed));
        court.settleVetoed(caseId);
    }

    /// @dev A case opened before its round was voided neither survives it nor stands in the way of the
    /// one from the next attempt.
    function test_bug_aCaseDiesWithItsRound() public {
        RoundCommitment memory c = commitmentOf(1);
        bytes32 evidence = manager.hashCommitment(c);
        vm.expectRevert(abi.encodeWithSelector(ISlashCourt.RoundNotVoided.selector, evidence));
        court.dropVoided(1, site, 2, evidence);
        _appeal();
        voidByCouncil(c);
        c.attempt = 1;
        commit(c);
        AttestedFault memory again = _fault();
        again.evidenceRoot = manager.hashCommitment(c);
        court.accuse(again, quorum(court.faultDigest(again)));
        court.dropVoided(1, site, 2, evidence);
        vm.assertTrue(vault.caseOf(caseId).state == IStakeVault.CaseState.Dropped);
        vm.assertEq(vault.accountOf(site).openCases, 1);
        vm.assertEq(token.balanceOf(site), 100 ether);
        vm.expectRevert(abi.encodeWithSelector(ISlashCourt.NoOpenCase.selector, caseId));
        court.dropVoided(1, site, 2, evidence);
        vm.expectPartialRevert(ISlashCourt.NoOpenCase.selector);
        court.dropVoided(1, site, 3, evidence);
    }

    /// @dev Stake that answered for the round may have left since.
    function test_accuse_failsWhenTheEvidenceIsTooOld() public {
        AttestedFault memory fault = _fault();
        fault.kind = 3;
        bytes memory signed = quorum(court.faultDigest(fault));
        skip(WINDOW + EVIDENCE_AGE + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISlashCourt.EvidenceTooOld.selector, 1, vm.getBlockTimestamp() - 1
            )
        );
        court.accuse(fault, signed);
        vm.warp(vm.getBlockTimestamp() - 1);
        court.accuse(fault, signed);
    }

    /// @dev Polkadot's bug: whoever may execute must not enact what was cancelled.
    function test_bug_executeAfterVetoFails() public {
        vm.prank(council);
        vault.vetoSlash(caseId);
        skip(SLASH_DELAY);
        vm.expectPartialRevert(IStakeVault.CaseNotPending.selector);
        vault.executeSlash(caseId);
        vm.assertEq(vault.stakeOf(site), 100 ether);
    }

    /// @dev Accusers and judges gain nothing: the slash goes to the pool.
    function test_attack_accusersGainNothing() public {
        _appeal();
        _rulePanel(true, hex"0103");
        skip(APPEAL);
        vault.executeSlash(caseId);
        for (uint256 i = 0; i < 5; ++i) {
            vm.assertEq(vault.bountyOf(vm.addr(auditorKeys[i])), 0);
            vm.assertEq(token.balanceOf(vm.addr(auditorKeys[i])), 0);
        }
        vm.assertEq(vault.slashPoolBalance(), 2 ether);
    }

    function test_setAppealBond_byTheParametersRole() public {
        vm.expectRevert(unauthorized(site));
        vm.prank(site);
        court.setAppealBond(1);
        vm.prank(timelock);
        court.setAppealBond(0);
        vm.assertEq(court.appealBond(), 0);
        _appeal();
        _rulePanel(false, hex"0103");
        vm.assertEq(token.balanceOf(site), 100 ether);
    }

    function _fault() private view returns (AttestedFault memory) {
        bytes32 evidence = manager.hashCommitment(commitmentOf(1));
        return AttestedFault(FEDERATION, 1, site, 2, 200, evidence, type(uint64).max);
    }

    function _appeal() private {
        vm.prank(site);
        court.appeal(caseId);
    }

    function _rulePanel(bool upheld, bytes memory indices) private {
        bytes memory signed = signatures(court.rulingDigest(caseId, upheld), indices);
        court.ruleByPanel(caseId, upheld, signed);
    }

    function _wrongStage(ISlashCourt.Stage stage) private view returns (bytes memory) {
        return abi.encodeWithSelector(ISlashCourt.WrongStage.selector, caseId, stage);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IRoundManager} from "../src/interfaces/IRoundManager.sol";
import {AuditorQuorum} from "../src/libraries/AuditorQuorum.sol";
import {RoundCommitment} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";

/// @notice Terms that change for later rounds only, pauses that end, and the history word.
contract EpochsTest is Fixture {
    function test_openEpoch_changesCoordinatorAuditorsAndThreshold() public {
        commitUpTo(1);
        uint256[] memory old = auditorKeys;
        IRoundManager.Epoch memory terms = _terms("new coordinator", 2);
        vm.expectEmit();
        emit IRoundManager.EpochOpened(1, 2, terms);
        vm.prank(timelock);
        manager.openEpoch(terms);
        vm.assertEq(manager.currentEpoch(), 1);
        vm.assertEq(manager.coordinator(), actor("new coordinator"));
        vm.assertEq(manager.threshold(), 2);
        vm.assertEq(manager.challengeWindow(), WINDOW / 2);
        vm.assertEq(manager.auditorsCount(), 3);
        vm.assertEq(manager.rulesDigest(), keccak256("rules"));
        RoundCommitment memory c = commitmentOf(2);
        bytes memory signed = quorum(manager.commitmentDigest(c));
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.NotAuthorized.selector, coordinator));
        vm.prank(coordinator);
        manager.commitRound(c, signed);
        vm.expectPartialRevert(AuditorQuorum.NotSignedByAuditor.selector);
        vm.prank(actor("new coordinator"));
        manager.commitRound(c, signed);
        signed = bytes.concat(
            hex"00",
            sign65(keyOf("new auditor 0"), manager.commitmentDigest(c)),
            hex"02",
            sign65(keyOf("new auditor 2"), manager.commitmentDigest(c))
        );
        vm.prank(actor("new coordinator"));
        manager.commitRound(c, signed);
        // Rounds answer with those who made them.
        (address by, address[] memory signers) = manager.partiesOf(1);
        vm.assertEq(by, coordinator);
        vm.assertEq(signers.length, 3);
        vm.assertEq(signers[1], vm.addr(old[2]));
        (by, signers) = manager.partiesOf(2);
        vm.assertEq(by, actor("new coordinator"));
        vm.assertEq(signers.length, 2);
        vm.assertEq(signers[1], actor("new auditor 2"));
        (by, signers) = manager.partiesOf(3);
        vm.assertEq(by, address(0));
        vm.assertEq(signers.length, 0);
    }

    /// @dev Parameters are snapshotted: a shorter window reaches no round before it, not even by
    /// becoming final first.
    function test_attack_aNewEpochShortensNoOpenWindow() public {
        commitUpTo(1);
        uint40 finalAt = manager.slotOf(1).finalAt;
        IRoundManager.Epoch memory terms = manager.epochOf(0);
        terms.challengeWindow = 1;
        vm.prank(timelock);
        manager.openEpoch(terms);
        vm.assertEq(manager.slotOf(1).finalAt, finalAt);
        vm.assertFalse(manager.isFinal(1));
        commitUpTo(2);
        vm.assertEq(manager.slotOf(2).finalAt, finalAt);
        skip(WINDOW);
        commitUpTo(3);
        skip(1);
        vm.assertTrue(manager.isFinal(3));
    }

    function test_openEpoch_byTheParametersRoleWithinTheWindows() public {
        IRoundManager.Epoch memory terms = _terms("new coordinator", 2);
        vm.expectRevert(unauthorized(council));
        vm.prank(council);
        manager.openEpoch(terms);
        terms.challengeWindow = uint24(WINDOW + 1);
        vm.expectPartialRevert(IRoundManager.ChallengeTooLong.selector);
        vm.prank(timelock);
        manager.openEpoch(terms);
    }

    function test_pause_stopsCommitsAndEndsByItself() public {
        commitUpTo(1);
        uint40 until = uint40(vm.getBlockTimestamp()) + 2 days;
        vm.expectRevert(unauthorized(coordinator));
        vm.prank(coordinator);
        manager.pause(until);
        _pause(until);
        commitFails(
            commitmentOf(2), abi.encodeWithSelector(IRoundManager.PausedUntil.selector, until)
        );
        vm.assertEq(manager.coordinator(), coordinator);
        // Time goes on for what is there.
        skip(WINDOW);
        vm.assertTrue(manager.isFinal(1));
        skip(1 days);
        commitUpTo(2);
        vm.assertEq(manager.head(), 2);
    }

    function test_pause_letsNobodyElseIn() public {
        _pause(uint40(vm.getBlockTimestamp()) + 1 days);
        skip(1 days);
        RoundCommitment memory c = commitmentOf(1);
        bytes memory signed = quorum(manager.commitmentDigest(c));
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.NotAuthorized.selector, stranger));
        vm.prank(stranger);
        manager.commitRound(c, signed);
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.NotAuthorized.selector, address(0)));
        vm.prank(address(0));
        manager.commitRound(c, signed);
        commitUpTo(1);
    }

    /// @dev A council that pauses again and again would be a council that rules.
    function test_attack_theCouncilCannotPauseForEver() public {
        uint40 start = uint40(vm.getBlockTimestamp());
        vm.expectPartialRevert(IRoundManager.PauseTooLong.selector);
        _pause(start + 7 days + 1);
        vm.expectPartialRevert(IRoundManager.PauseTooLong.selector);
        _pause(start);
        _pause(start + 7 days);
        skip(7 days);
        uint40 earliest = start + 14 days;
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.PauseTooSoon.selector, earliest));
        _pause(start + 14 days);
        commitUpTo(1);
        vm.warp(earliest);
        _pause(earliest + 1 days);
        vm.assertEq(manager.pausedUntil(), earliest + 1 days);
    }

    function test_unpause_endsItEarly() public {
        _pause(uint40(vm.getBlockTimestamp()) + 3 days);
        vm.prank(council);
        manager.unpause();
        commitUpTo(1);
        vm.prank(council);
        manager.unpause();
        commitUpTo(2);
    }

    function test_openEpoch_duringAPauseDoesNotEndIt() public {
        uint40 until = uint40(vm.getBlockTimestamp()) + 1 days;
        _pause(until);
        IRoundManager.Epoch memory terms = manager.epochOf(0);
        vm.prank(timelock);
        manager.openEpoch(terms);
        commitFails(
            commitmentOf(1), abi.encodeWithSelector(IRoundManager.PausedUntil.selector, until)
        );
        skip(1 days);
        commitUpTo(1);
    }

    /// @dev One word proves the whole past, voids included.
    function test_history_rollsOverCommitmentsAndVoids() public {
        bytes32 expected = 0;
        for (uint64 round = 1; round <= 3; ++round) {
            commitUpTo(round);
            expected = keccak256(abi.encode(expected, manager.slotOf(round).commitment, false));
        }
        vm.assertEq(manager.history(), expected);
        bytes32 second = manager.slotOf(2).commitment;
        vm.assertFalse(manager.isVoided(second));
        voidByCouncil(commitmentOf(2));
        vm.assertEq(manager.history(), keccak256(abi.encode(expected, second, true)));
        vm.assertTrue(manager.isVoided(second));
    }

    function _pause(uint40 until) private {
        vm.prank(council);
        manager.pause(until);
    }

    function _terms(string memory by, uint8 threshold)
        private
        pure
        returns (IRoundManager.Epoch memory terms)
    {
        address[] memory auditors = new address[](3);
        auditors[0] = actor("new auditor 0");
        auditors[1] = actor("new auditor 1");
        auditors[2] = actor("new auditor 2");
        terms = epochOf(actor(by), threshold, auditors);
        terms.challengeWindow = uint24(WINDOW / 2);
        terms.rulesDigest = keccak256("rules");
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {LeafDemands} from "../src/LeafDemands.sol";
import {ILeafDemands} from "../src/interfaces/ILeafDemands.sol";
import {IRoundManager} from "../src/interfaces/IRoundManager.sol";
import {ISlashCourt} from "../src/interfaces/ISlashCourt.sol";
import {IStakeVault} from "../src/interfaces/IStakeVault.sol";
import {PositionTree} from "../src/libraries/PositionTree.sol";
import {AttestedFault, RoundCommitment, UpdateReceipt} from "../src/libraries/Statements.sol";
import {HonestRound} from "./support/HonestRound.sol";
import {Typed} from "./support/Typed.sol";

/// @notice What a coordinator owes to those who ask, and what neither side can make of it.
contract LeafDemandsTest is HonestRound {
    uint128 private constant PURSE = 1_000 ether;

    World private _world; // round 1, committed

    function setUp() public override {
        super.setUp();
        World memory w = makeWorld("mean", 5, 3, "demanded");
        _keep(w);
        commit(w.c);
        for (uint64 round = 2; round <= 4; ++round) {
            commit(_after(w, round, 0));
        }
        token.mint(stranger, PURSE);
        vm.prank(stranger);
        token.approve(address(demands), PURSE);
        stakeAs(coordinator, 1_000 ether);
    }

    function test_initialize_failsOnTermsThatCannotWork() public {
        address code = address(new LeafDemands());
        ILeafDemands.Terms memory t = demands.terms();
        bytes memory call = abi.encodeCall(LeafDemands.initialize, (manager, address(0), t));
        vm.expectRevert(ILeafDemands.ZeroAddress.selector);
        proxy(code, call);
        t.bond = 0;
        _termsFail(t, abi.encodeWithSelector(ILeafDemands.ZeroField.selector, "bond"));
        (t.bond, t.answerTime) = (1, 0);
        _termsFail(t, abi.encodeWithSelector(ILeafDemands.ZeroField.selector, "answerTime"));
        (t.answerTime, t.coordinatorBps) = (1, 0);
        _termsFail(t, abi.encodeWithSelector(ILeafDemands.BadBps.selector, 0, 10_000));
        t.coordinatorBps = 10_001;
        _termsFail(t, abi.encodeWithSelector(ILeafDemands.BadBps.selector, 10_001, 10_000));
    }

    function test_setTerms_byTheParametersRole() public {
        ILeafDemands.Terms memory t = ILeafDemands.Terms(7, 8, 9);
        vm.expectRevert(unauthorized(council));
        vm.prank(council);
        demands.setTerms(t);
        vm.prank(timelock);
        demands.setTerms(t);
        vm.assertEq(demands.terms().bond, 7);
        vm.assertEq(demands.roundManager(), address(manager));
    }

    /// @dev Shorter terms take no time for proofs away, longer ones add none: it is as it was demanded.
    function test_attack_newTermsChangeNoDemandThatIsOpen() public {
        skip(WINDOW - 1);
        _demand(_world.c);
        for (uint40 time = 1; time <= 61 days; time += 30 days) {
            vm.prank(timelock);
            demands.setTerms(ILeafDemands.Terms(1, time, 1));
        }
        vm.prank(timelock);
        demands.setTerms(ILeafDemands.Terms(1, 1, 1));
        skip(ANSWER_TIME);
        _answer();
        vm.assertEq(manager.slotOf(1).finalAt, vm.getBlockTimestamp() + ANSWER_TIME);
    }

    function test_demandLeaves_takesTheBondAndHoldsFinalityBack() public {
        bytes32 hash = manager.hashCommitment(_world.c);
        uint40 deadline = uint40(vm.getBlockTimestamp()) + ANSWER_TIME;
        vm.expectEmit();
        emit ILeafDemands.Demanded(1, hash, stranger, DEMAND_BOND, deadline);
        _demand(_world.c);
        vm.assertEq(token.balanceOf(address(demands)), DEMAND_BOND);
        vm.assertEq(demands.demandOf(hash).deadline, deadline);
        vm.assertEq(manager.demandedRound(), 1);
        skip(WINDOW);
        vm.assertFalse(manager.isFinal(1));
        vm.assertFalse(manager.isFinal(4));
    }

    /// @dev A demand keeps nobody from working: rounds are committed, only final they are not.
    function test_attack_aDemandStopsNoCommitment() public {
        _demand(_world.c);
        RoundCommitment memory c = _after(_world, 5, 0);
        commit(c);
        vm.assertEq(manager.head(), 5);
        vm.assertEq(manager.demandedRound(), 1);
        _answer();
        skip(WINDOW);
        vm.assertTrue(manager.isFinal(5));
    }

    function test_demandLeaves_failsAboveWhatTheCallerAllows() public {
        vm.expectRevert(
            abi.encodeWithSelector(ILeafDemands.BondTooHigh.selector, DEMAND_BOND, DEMAND_BOND - 1)
        );
        vm.prank(stranger);
        demands.demandLeaves(_world.c, DEMAND_BOND - 1);
    }

    /// @dev Only what the chain holds: neither an altered commitment nor a round to come.
    function test_demandLeaves_failsForWhatIsNotOnTheChain() public {
        RoundCommitment memory c = _world.c;
        c.scoreSum ^= 1;
        vm.expectPartialRevert(IRoundManager.CommitmentMismatch.selector);
        _demand(c);
        vm.expectPartialRevert(IRoundManager.CommitmentMismatch.selector);
        _demand(_after(_world, 5, 0));
    }

    /// @dev Neither side can drag finality out: demands begin inside the round's own window, also
    /// where another demand or a dispute holds it open.
    function test_attack_noDemandAfterTheWindowEvenWhereTheRoundIsHeldOpen() public {
        uint40 end = manager.slotOf(2).windowEnd;
        _demand(_world.c);
        token.mint(site, DISPUTE_BOND);
        vm.startPrank(site);
        token.approve(address(disputes), DISPUTE_BOND);
        disputes.challenge(_after(_world, 2, 0), "held", DISPUTE_BOND);
        vm.stopPrank();
        skip(WINDOW);
        vm.assertFalse(manager.isFinal(2));
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.WindowPassed.selector, 2, end));
        _demand(_after(_world, 2, 0));
    }

    /// @dev The latest moment of finality: demanded at the end of the window, answered at the
    /// deadline, then the time to prove. No demand of any round before makes it later.
    function test_attack_finalityComesTwoAnswerTimesAfterTheWindow(
        uint32[4] memory demandedAt,
        uint32[4] memory answeredAfter
    ) public {
        uint256 start = vm.getBlockTimestamp();
        uint256 end = manager.slotOf(4).windowEnd;
        for (uint256 i = 0; i < 4; ++i) {
            if (vm.getBlockTimestamp() >= start + WINDOW) break;
            // Demands one after another, each answered as late as drawn.
            uint256 time = bound(demandedAt[i], vm.getBlockTimestamp(), start + WINDOW - 1);
            vm.warp(time);
            uint64 round = uint64(4 - i);
            RoundCommitment memory c = round == 1 ? _world.c : _after(_world, round, 0);
            vm.prank(address(demands));
            manager.demandRound(c);
            skip(bound(answeredAfter[i], 0, ANSWER_TIME));
            uint40 until = uint40(vm.getBlockTimestamp()) + ANSWER_TIME;
            vm.prank(address(demands));
            manager.settleDemand(round, until);
            vm.assertLe(until, manager.slotOf(4).finalAt);
            for (uint64 r = 2; r <= 4; ++r) {
                vm.assertLe(manager.slotOf(r - 1).finalAt, manager.slotOf(r).finalAt);
            }
        }
        vm.assertEq(manager.demandedRound(), 0);
        vm.assertLe(manager.slotOf(4).finalAt, end + 2 * ANSWER_TIME);
    }

    /// @dev Stake must not be able to leave before the last proof: where the windows leave no time,
    /// there are no demands.
    function test_demandLeaves_failsWhereStakeCouldLeaveFirst() public {
        IStakeVault.Windows memory w = defaultWindows();
        w.resolution = UNBONDING - WINDOW - 4 * ANSWER_TIME + 1;
        vm.prank(timelock);
        vault.setWindows(w);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILeafDemands.AnswerTooLong.selector, ANSWER_TIME, ANSWER_TIME - 1
            )
        );
        _demand(_world.c);
        w.resolution -= 1;
        vm.prank(timelock);
        vault.setWindows(w);
        _demand(_world.c);
    }

    function test_answerDemand_publishesTheLeavesAndPaysTheCoordinator() public {
        _demand(_world.c);
        bytes32 hash = manager.hashCommitment(_world.c);
        vm.expectEmit();
        emit ILeafDemands.Answered(1, hash, site, _world.leaves, _world.report, _world.context);
        vm.prank(site); // an auditor may answer as well
        demands.answerDemand(_world.c, _world.leaves, _world.report, _world.context);
        vm.assertEq(token.balanceOf(coordinator), DEMAND_BOND);
        vm.assertEq(token.balanceOf(address(demands)), 0);
        vm.assertEq(manager.demandedRound(), 0);
        vm.assertTrue(demands.demandOf(hash).state == ILeafDemands.State.Answered);
    }

    function test_answerDemand_failsForAnythingButTheRoundsData() public {
        _demand(_world.c);
        PositionTree.UpdateLeaf[] memory leaves = _world.leaves;
        leaves[2].signatureHash ^= bytes32(uint256(1));
        vm.expectPartialRevert(ILeafDemands.NotTheUpdates.selector);
        demands.answerDemand(_world.c, leaves, _world.report, _world.context);
        bytes memory empty;
        vm.expectPartialRevert(ILeafDemands.DigestMismatch.selector);
        demands.answerDemand(_world.c, _world.leaves, empty, _world.context);
        vm.expectPartialRevert(ILeafDemands.DigestMismatch.selector);
        demands.answerDemand(_world.c, _world.leaves, _world.report, empty);
        RoundCommitment memory other = _after(_world, 2, 0);
        vm.expectPartialRevert(ILeafDemands.NoOpenDemand.selector);
        demands.answerDemand(other, _world.leaves, _world.report, _world.context);
    }

    /// @dev A coordinator that answers in the last second leaves time to prove what it shows.
    function test_attack_anAnswerInTheLastSecondLeavesTimeForProofs() public {
        skip(WINDOW - 1);
        _demand(_world.c);
        skip(ANSWER_TIME);
        _answer();
        uint256 open = vm.getBlockTimestamp() + ANSWER_TIME;
        vm.assertEq(manager.slotOf(1).finalAt, open);
        vm.assertEq(manager.slotOf(4).finalAt, open);
        vm.warp(open - 1);
        vm.assertFalse(manager.isFinal(1));
        _proveOmission();
        vm.assertEq(manager.head(), 0);
    }

    /// @dev What comes after inherits the grace, but not as a window of its own: no chain of
    /// demands about ever newer rounds moves the window's end.
    function test_commitRound_afterALateAnswerIsFinalNoEarlier() public {
        skip(WINDOW - 1);
        _demand(_world.c);
        skip(ANSWER_TIME);
        _answer();
        IRoundManager.Epoch memory terms = manager.epochOf(0);
        terms.challengeWindow = 60;
        vm.prank(timelock);
        manager.openEpoch(terms);
        uint256 now_ = vm.getBlockTimestamp();
        commit(_after(_world, 5, 0));
        vm.assertEq(manager.slotOf(5).windowEnd, now_ + 60);
        vm.assertEq(manager.slotOf(5).finalAt, now_ + ANSWER_TIME);
    }

    function test_answerDemand_keepsAnEarlyAnswersRoundOnItsOwnTime() public {
        uint40 finalAt = manager.slotOf(4).finalAt;
        _demand(_world.c);
        _answer();
        vm.assertEq(manager.slotOf(4).finalAt, finalAt);
        skip(WINDOW);
        vm.assertTrue(manager.isFinal(4));
    }

    /// @dev Stake is sure to be there only for so long: a late answer lengthens no accusation.
    function test_attack_aLateAnswerKeepsNoAccusationAlive() public {
        enrolSite(100 ether);
        uint40 latest = manager.slotOf(1).windowEnd + EVIDENCE_AGE;
        skip(WINDOW - 1);
        _demand(_world.c);
        skip(ANSWER_TIME);
        _answer();
        vm.warp(uint256(latest) + 1);
        AttestedFault memory fault = AttestedFault(
            FEDERATION, 1, site, 2, 200, manager.hashCommitment(_world.c), type(uint64).max
        );
        bytes memory signed = quorum(court.faultDigest(fault));
        vm.expectRevert(abi.encodeWithSelector(ISlashCourt.EvidenceTooOld.selector, 1, latest));
        court.accuse(fault, signed);
        vm.warp(latest);
        court.accuse(fault, signed);
    }

    function test_attack_aDemandCannotBeRepeated() public {
        bytes32 hash = manager.hashCommitment(_world.c);
        _demand(_world.c);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILeafDemands.DemandedBefore.selector, hash, ILeafDemands.State.Open
            )
        );
        _demand(_world.c);
        _answer();
        vm.expectRevert(
            abi.encodeWithSelector(
                ILeafDemands.DemandedBefore.selector, hash, ILeafDemands.State.Answered
            )
        );
        _demand(_world.c);
        vm.expectPartialRevert(ILeafDemands.NoOpenDemand.selector);
        demands.answerDemand(_world.c, _world.leaves, _world.report, _world.context);
    }

    /// @dev A friend's demand about one round keeps nobody from demanding another, earlier or later.
    function test_attack_aFriendlyDemandShieldsNoOtherRound() public {
        _demand(_after(_world, 3, 0));
        _demand(_world.c);
        vm.assertEq(manager.demandedRound(), 1);
        _demand(_after(_world, 4, 0));
        _answer();
        vm.assertEq(manager.demandedRound(), 3);
        skip(WINDOW);
        vm.assertTrue(manager.isFinal(2));
        vm.assertFalse(manager.isFinal(3));
        skip(ANSWER_TIME + 1);
        demands.expireDemand(_after(_world, 3, 0));
        vm.assertEq(manager.head(), 2);
        vm.assertEq(manager.demandedRound(), 0);
        demands.settleVoided(manager.hashCommitment(_after(_world, 4, 0)));
        vm.assertEq(token.balanceOf(stranger), PURSE - DEMAND_BOND);
    }

    /// @dev Nor does a friendly dispute.
    function test_attack_aFriendlyDisputeShieldsFromNoDemand() public {
        token.mint(site, DISPUTE_BOND);
        vm.startPrank(site);
        token.approve(address(disputes), DISPUTE_BOND);
        disputes.challenge(_world.c, "friend", DISPUTE_BOND);
        vm.stopPrank();
        _demand(_world.c);
        vm.prank(governor);
        disputes.resolve(_world.c, false);
        skip(WINDOW);
        vm.assertFalse(manager.isFinal(1));
        skip(1);
        demands.expireDemand(_world.c);
        vm.assertEq(manager.head(), 0);
    }

    /// @dev Data withholding: who does not answer loses the round and stake; nobody earns by it.
    function test_attack_withheldDataCostsTheRoundAndStake() public {
        _demand(_world.c);
        skip(ANSWER_TIME);
        vm.expectPartialRevert(ILeafDemands.DeadlineNotPassed.selector);
        demands.expireDemand(_world.c);
        skip(1);
        vm.expectPartialRevert(ILeafDemands.DeadlinePassed.selector);
        demands.answerDemand(_world.c, _world.leaves, _world.report, _world.context);
        vm.prank(stranger);
        demands.expireDemand(_world.c);
        vm.assertEq(manager.head(), 0);
        vm.assertEq(vault.stakeOf(coordinator), 700 ether);
        vm.assertEq(vault.slashPoolBalance(), 300 ether);
        vm.assertEq(vault.bountyOf(stranger), 0);
        vm.assertEq(token.balanceOf(stranger), PURSE);
        vm.expectPartialRevert(ILeafDemands.NoOpenDemand.selector);
        demands.expireDemand(_world.c);
        _world.c.attempt = 1; // the honest chain goes on
        commit(_world.c);
    }

    /// @dev The owner account answers for a coordinator that is its signing key.
    function test_expireDemand_slashesTheOwnerOfTheCoordinatorsKey() public {
        address owner = actor("operator");
        stakeAs(owner, 100 ether);
        // The fixture's coordinator has stake of its own, and so cannot be bound to another account.
        vm.mockCall(
            address(vault), abi.encodeCall(vault.ownerOfSigner, (coordinator)), abi.encode(owner)
        );
        _demand(_world.c);
        skip(ANSWER_TIME + 1);
        demands.expireDemand(_world.c);
        vm.assertEq(vault.stakeOf(owner), 70 ether);
        vm.assertEq(vault.stakeOf(coordinator), 1_000 ether);
    }

    /// @dev The coordinator of the round's epoch answers, whoever has the office now.
    function test_expireDemand_slashesTheCoordinatorOfTheRound() public {
        _demand(_world.c);
        IRoundManager.Epoch memory terms = manager.epochOf(0);
        terms.coordinator = site;
        vm.prank(timelock);
        manager.openEpoch(terms);
        stakeAs(site, 100 ether);
        skip(ANSWER_TIME + 1);
        demands.expireDemand(_world.c);
        vm.assertEq(vault.stakeOf(site), 100 ether);
        vm.assertEq(vault.stakeOf(coordinator), 700 ether);
    }

    /// @dev A proof goes on meanwhile; the bond goes back and the slash is that of the proof.
    function test_attack_aDemandShieldsFromNoProof() public {
        bytes32 hash = manager.hashCommitment(_world.c);
        _demand(_world.c);
        vm.expectRevert(abi.encodeWithSelector(ILeafDemands.RoundNotVoided.selector, hash));
        demands.settleVoided(hash);
        skip(WINDOW + 1); // the demand holds it open
        _proveOmission();
        vm.assertEq(vault.stakeOf(coordinator), 500 ether);
        vm.expectPartialRevert(IRoundManager.CommitmentMismatch.selector);
        demands.expireDemand(_world.c);
        demands.settleVoided(hash);
        vm.assertEq(token.balanceOf(stranger), PURSE);
        vm.assertEq(vault.stakeOf(coordinator), 500 ether);
    }

    /// @dev An answer about a voided attempt must not end the demand about the next one.
    function test_attack_anAnswerEndsNoDemandOfAnotherAttempt() public {
        _demand(_world.c);
        voidByCouncil(_world.c);
        RoundCommitment memory next = _world.c;
        next.attempt = 1;
        commit(next);
        _demand(next);
        bytes32 hash = manager.hashCommitment(_world.c);
        vm.expectRevert(abi.encodeWithSelector(ILeafDemands.RoundIsVoided.selector, hash));
        _answer();
        vm.assertEq(manager.demandedRound(), 1);
        demands.settleVoided(hash);
    }

    /// @dev Eviction would end a demand without an answer.
    function test_attack_theRingDoesNotLapADemand() public {
        _demand(_after(_world, 2, 0));
        for (uint64 round = 5; round <= 64; ++round) {
            commit(_after(_world, round, 0));
        }
        skip(WINDOW);
        // Round 65 needs round 2 to be final.
        commitFails(
            _after(_world, 65, 0),
            abi.encodeWithSelector(IRoundManager.RingFull.selector, 2, manager.slotOf(2).finalAt)
        );
        skip(1);
        demands.expireDemand(_after(_world, 2, 0));
        vm.assertEq(manager.head(), 1);
    }

    function test_demandRound_andSettleDemand_byTheirRoleOnly() public {
        vm.expectRevert(unauthorized(council));
        vm.prank(council);
        manager.demandRound(_world.c);
        vm.expectRevert(unauthorized(council));
        vm.prank(council);
        manager.settleDemand(1, 0);
        vm.startPrank(address(demands));
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.NothingDemanded.selector, 1));
        manager.settleDemand(1, 0);
        manager.demandRound(_world.c);
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.RoundDemanded.selector, 1));
        manager.demandRound(_world.c);
        vm.stopPrank();
    }

    // Support

    function _demand(RoundCommitment memory c) private {
        vm.prank(stranger);
        demands.demandLeaves(c, DEMAND_BOND);
    }

    function _answer() private {
        demands.answerDemand(_world.c, _world.leaves, _world.report, _world.context);
    }

    function _termsFail(ILeafDemands.Terms memory t, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(timelock);
        demands.setTerms(t);
    }

    /// @dev Any commitment that follows round 1.
    function _after(World memory w, uint64 round, uint32 attempt)
        private
        pure
        returns (RoundCommitment memory c)
    {
        c = commitmentOf(round);
        c.attempt = attempt;
        if (round == 2) c.parentModel = w.c.model;
        c.rewardTotal = w.c.rewardTotal;
    }

    function _proveOmission() private {
        UpdateReceipt memory r = UpdateReceipt({
            federation: FEDERATION,
            round: 1,
            attempt: 0,
            site: siteAt(21),
            updateRoot: keccak256("left out"),
            statementDigest: keccak256("signed")
        });
        bytes memory signed =
            sign65(keyOf("coordinator"), Typed.digest(manager.domainSeparator(), r));
        prover.proveOmission(_world.c, _world.leaves, r, signed);
    }

    /// @dev Only what the tests read again.
    function _keep(World memory w) private {
        _world.c = w.c;
        _world.report = w.report;
        _world.context = w.context;
        for (uint256 i = 0; i < w.leaves.length; ++i) {
            _world.leaves.push(w.leaves[i]);
        }
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)

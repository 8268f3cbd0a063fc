// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {RoundManager} from "../src/RoundManager.sol";
import {IRoundManager} from "../src/interfaces/IRoundManager.sol";
import {RoundCommitment} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";

/// @notice Committing, the ring and finality.
contract RoundManagerTest is Fixture {
    uint64 private constant RING = 64;

    // initialize

    function test_initialize_failsOnImpossibleQuorum() public {
        address[] memory auditors = _makeAuditors(3);
        _failsToOpen(
            epochOf(coordinator, 0, auditors),
            abi.encodeWithSelector(IRoundManager.BadQuorum.selector, 0, 3)
        );
        _failsToOpen(
            epochOf(coordinator, 4, auditors),
            abi.encodeWithSelector(IRoundManager.BadQuorum.selector, 4, 3)
        );
        _failsToOpen(
            epochOf(coordinator, 4, _makeAuditors(33)),
            abi.encodeWithSelector(IRoundManager.BadQuorum.selector, 4, 33)
        );
    }

    function test_initialize_failsOnDuplicateOrZeroAuditor() public {
        address[] memory auditors = _makeAuditors(3);
        auditors[2] = auditors[0];
        _failsToOpen(
            epochOf(coordinator, 2, auditors),
            abi.encodeWithSelector(IRoundManager.DuplicateAuditor.selector, auditors[0])
        );
        auditors[2] = address(0);
        _failsToOpen(
            epochOf(coordinator, 2, auditors),
            abi.encodeWithSelector(IRoundManager.ZeroAddress.selector)
        );
        _failsToOpen(
            epochOf(address(0), 2, _makeAuditors(3)),
            abi.encodeWithSelector(IRoundManager.ZeroAddress.selector)
        );
    }

    function test_initialize_failsIfStakeCanLeaveBeforeTheWindowEnds() public {
        IRoundManager.Epoch memory terms = epochOf(coordinator, 2, _makeAuditors(3));
        terms.challengeWindow = uint24(WINDOW) + 1;
        _failsToOpen(
            terms,
            abi.encodeWithSelector(IRoundManager.ChallengeTooLong.selector, WINDOW + 1, WINDOW)
        );
    }

    function test_initialize_failsOnZeroFederationOrAuthority() public {
        IRoundManager.Epoch memory terms = epochOf(coordinator, 2, _makeAuditors(3));
        address implementation = address(new RoundManager());
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.ZeroField.selector, "federation"));
        proxy(
            implementation,
            abi.encodeCall(RoundManager.initialize, (bytes32(0), vault, address(access), terms))
        );
        vm.expectRevert(IRoundManager.ZeroAddress.selector);
        proxy(
            implementation,
            abi.encodeCall(RoundManager.initialize, (FEDERATION, vault, address(0), terms))
        );
    }

    // commitRound

    function test_commitRound_storesTheRound() public {
        RoundCommitment memory c = commitmentOf(1);
        bytes32 hash = manager.hashCommitment(c);
        bytes memory signed = quorum(manager.commitmentDigest(c));
        vm.expectEmit();
        emit IRoundManager.RoundCommitted(1, hash, c.model, c.rewardTotal);
        vm.prank(coordinator);
        manager.commitRound(c, signed);
        vm.assertEq(manager.head(), 1);
        vm.assertEq(manager.headModel(), c.model);
        IRoundManager.Slot memory slot = manager.slotOf(1);
        vm.assertEq(slot.commitment, hash);
        vm.assertEq(slot.round, 1);
        vm.assertEq(slot.finalAt, vm.getBlockTimestamp() + WINDOW);
        vm.assertEq(slot.signers, 0x15); // auditors 0, 2 and 4
        vm.assertEq(slot.rewardTotal, c.rewardTotal);
        vm.assertFalse(slot.voided);
    }

    function test_commitRound_failsForStranger() public {
        RoundCommitment memory c = commitmentOf(1);
        bytes memory signed = quorum(manager.commitmentDigest(c));
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.NotAuthorized.selector, stranger));
        vm.prank(stranger);
        manager.commitRound(c, signed);
    }

    function test_commitRound_failsForOtherFederation() public {
        RoundCommitment memory c = commitmentOf(1);
        c.federation = keccak256("other");
        commitFails(
            c,
            abi.encodeWithSelector(IRoundManager.WrongFederation.selector, c.federation, FEDERATION)
        );
    }

    function test_commitRound_recognisesARepeat() public {
        commitUpTo(3);
        for (uint64 round = 1; round <= 3; ++round) {
            RoundCommitment memory c = commitmentOf(round);
            bytes32 hash = manager.hashCommitment(c);
            commitFails(
                c, abi.encodeWithSelector(IRoundManager.AlreadyCommitted.selector, round, hash)
            );
        }
    }

    function test_commitRound_failsIfTheRoundIsTaken() public {
        commitUpTo(2);
        bytes32 stored = manager.slotOf(2).commitment;
        RoundCommitment memory c = commitmentOf(2);
        c.attempt = 1;
        commitFails(c, abi.encodeWithSelector(IRoundManager.RoundTaken.selector, 2, stored));
    }

    function test_commitRound_failsOutOfOrder(uint64 round) public {
        vm.assume(round > 3 || round == 0);
        commitUpTo(2);
        RoundCommitment memory c = commitmentOf(3);
        c.round = round;
        commitFails(c, abi.encodeWithSelector(IRoundManager.RoundOutOfOrder.selector, round, 3));
    }

    /// @dev A round number that would alias round 3 when cut to 32 bits.
    function test_bug_numbersAreBoundedBeforeTheyAreCut() public {
        commitUpTo(2);
        RoundCommitment memory c = commitmentOf(3);
        c.round = 3 + (1 << 32);
        commitFails(c, abi.encodeWithSelector(IRoundManager.RoundOutOfOrder.selector, c.round, 3));
        vm.assertFalse(manager.isFinal(c.round));
    }

    function test_commitRound_failsOnZeroField() public {
        string[10] memory fields = [
            "sites",
            "coordinates",
            "contextDigest",
            "parentModel",
            "model",
            "updatesRoot",
            "aggregateRoot",
            "reportDigest",
            "scoresRoot",
            "rewardsRoot"
        ];
        for (uint256 i = 0; i < fields.length; ++i) {
            commitFails(
                _withZero(i), abi.encodeWithSelector(IRoundManager.ZeroField.selector, fields[i])
            );
        }
    }

    function test_commitRound_failsOnOtherParentModel() public {
        commitUpTo(2);
        RoundCommitment memory c = commitmentOf(3);
        c.parentModel = modelOf(1);
        commitFails(
            c,
            abi.encodeWithSelector(
                IRoundManager.ParentModelMismatch.selector, modelOf(1), modelOf(2)
            )
        );
    }

    function test_bug_rewardTotalNeverFalls(uint128 total) public {
        commitUpTo(2);
        RoundCommitment memory c = commitmentOf(3);
        c.rewardTotal = uint128(bound(total, 0, 2 * ROUND_REWARD - 1));
        commitFails(
            c,
            abi.encodeWithSelector(
                IRoundManager.RewardTotalFell.selector, c.rewardTotal, 2 * ROUND_REWARD
            )
        );
    }

    function test_commitRound_failsAboveTheFund(uint128 total) public {
        RoundCommitment memory c = commitmentOf(1);
        c.rewardTotal = uint128(bound(total, uint256(FUND) + 1, type(uint128).max));
        commitFails(
            c,
            abi.encodeWithSelector(IRoundManager.RewardTotalNotFunded.selector, c.rewardTotal, FUND)
        );
        c.rewardTotal = FUND;
        commit(c);
    }

    function test_commitRound_failsIfAnyFieldChangesAfterSigning() public {
        RoundCommitment memory c = commitmentOf(1);
        bytes memory signed = quorum(manager.commitmentDigest(c));
        c.scoreSum ^= 1;
        vm.expectPartialRevert(bytes4(keccak256("NotSignedByAuditor(uint256,address,address)")));
        vm.prank(coordinator);
        manager.commitRound(c, signed);
    }

    function test_commitRound_failsWithSignaturesOfAnotherChain() public {
        RoundCommitment memory c = commitmentOf(1);
        bytes memory signed = quorum(manager.commitmentDigest(c));
        vm.chainId(4242);
        vm.expectPartialRevert(bytes4(keccak256("NotSignedByAuditor(uint256,address,address)")));
        vm.prank(coordinator);
        manager.commitRound(c, signed);
    }

    // the ring

    /// @dev Without the guard a coordinator could evict a false round by 64 more.
    function test_bug_aRingLapEvictsNoRoundThatIsNotFinal() public {
        commitUpTo(RING);
        uint40 finalAt = manager.slotOf(2).finalAt;
        commitFails(
            commitmentOf(RING + 1),
            abi.encodeWithSelector(IRoundManager.RingFull.selector, 2, finalAt)
        );
        skip(WINDOW);
        commitUpTo(RING + 1);
        vm.assertTrue(manager.roundState(1) == IRoundManager.RoundState.Archived);
        vm.assertTrue(manager.isFinal(1));
        vm.assertEq(manager.slotOf(1).commitment, 0);
        commitFails(
            commitmentOf(1),
            abi.encodeWithSelector(IRoundManager.RoundTaken.selector, 1, bytes32(0))
        );
    }

    /// @dev Round 2 of a full ring is not final; its parent, round 1, must still be there.
    function test_voidRound_findsTheParentAfterAFullLap() public {
        commitUpTo(1);
        skip(WINDOW);
        commitUpTo(RING);
        commitFails(
            commitmentOf(RING + 1),
            abi.encodeWithSelector(
                IRoundManager.RingFull.selector, 2, uint40(vm.getBlockTimestamp()) + WINDOW
            )
        );
        voidByCouncil(commitmentOf(2));
        RoundCommitment memory c = commitmentOf(2);
        c.attempt = 1;
        c.rewardTotal = ROUND_REWARD - 1;
        commitFails(
            c,
            abi.encodeWithSelector(
                IRoundManager.RewardTotalFell.selector, ROUND_REWARD - 1, ROUND_REWARD
            )
        );
        c.rewardTotal = ROUND_REWARD;
        commit(c);
    }

    function test_commitRound_goesOnOverDeadSlots() public {
        commitUpTo(RING);
        skip(WINDOW);
        commitUpTo(RING + 10);
        voidByCouncil(commitmentOf(RING + 1));
        vm.assertEq(manager.head(), RING);
        for (uint64 round = RING + 1; round <= RING + 10; ++round) {
            RoundCommitment memory c = commitmentOf(round);
            c.attempt = 1;
            commit(c);
        }
        vm.assertTrue(manager.isFinal(RING));
    }

    // finality

    function test_isFinal_whenTheWindowHasPassed() public {
        commitUpTo(1);
        vm.assertFalse(manager.isFinal(0));
        vm.assertFalse(manager.isFinal(1));
        vm.assertFalse(manager.isFinal(2));
        skip(WINDOW - 1);
        vm.assertFalse(manager.isFinal(1));
        skip(1);
        vm.assertTrue(manager.isFinal(1));
        vm.assertTrue(manager.roundState(1) == IRoundManager.RoundState.Final);
        vm.assertTrue(manager.roundState(2) == IRoundManager.RoundState.None);
    }

    // fund

    function test_fund_addsUp(uint64 first, uint64 second) public {
        first = uint64(bound(first, 1, type(uint64).max));
        second = uint64(bound(second, 1, type(uint64).max));
        _fund(first);
        _fund(second);
        vm.assertEq(manager.funded(), uint256(FUND) + first + second);
        vm.assertEq(token.balanceOf(address(manager)), manager.funded());
    }

    function test_fund_failsOnZero() public {
        vm.expectRevert(IRoundManager.ZeroAmount.selector);
        manager.fund(0);
    }

    function _failsToOpen(IRoundManager.Epoch memory terms, bytes memory reason) private {
        address implementation = address(new RoundManager());
        bytes memory call =
            abi.encodeCall(RoundManager.initialize, (FEDERATION, vault, address(access), terms));
        vm.expectRevert(reason);
        proxy(implementation, call);
    }

    /// @dev Round 1 with the i-th required field zero.
    function _withZero(uint256 i) private pure returns (RoundCommitment memory c) {
        c = commitmentOf(1);
        if (i == 0) c.sites = 0;
        if (i == 1) c.coordinates = 0;
        if (i == 2) c.contextDigest = 0;
        if (i == 3) c.parentModel = 0;
        if (i == 4) c.model = 0;
        if (i == 5) c.updatesRoot = 0;
        if (i == 6) c.aggregateRoot = 0;
        if (i == 7) c.reportDigest = 0;
        if (i == 8) c.scoresRoot = 0;
        if (i == 9) c.rewardsRoot = 0;
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRoundManager} from "../src/interfaces/IRoundManager.sol";
import {RoundCommitment} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";

/// @notice Voiding rounds: what dies, and that it stays dead.
contract VoidRoundTest is Fixture {
    uint64 private constant RING = 64;

    function test_bug_aVoidKillsDescendantsAndResetsTheHead() public {
        commitUpTo(5);
        RoundCommitment memory c = commitmentOf(3);
        bytes32 hash = manager.hashCommitment(c);
        vm.expectEmit();
        emit IRoundManager.RoundVoided(3, hash, 5);
        vm.prank(address(prover));
        manager.voidRound(c);
        vm.assertEq(manager.head(), 2);
        vm.assertEq(manager.headModel(), modelOf(2));
        vm.assertTrue(manager.roundState(3) == IRoundManager.RoundState.Voided);
        vm.assertTrue(manager.roundState(4) == IRoundManager.RoundState.None);
        skip(WINDOW);
        vm.assertTrue(manager.isFinal(2));
        vm.assertFalse(manager.isFinal(3));
        vm.assertFalse(manager.isFinal(5));
    }

    function test_bug_aVoidResetsTheRewardTotal() public {
        commitUpTo(3);
        voidByCouncil(commitmentOf(2));
        RoundCommitment memory c = commitmentOf(2);
        c.rewardTotal = ROUND_REWARD; // below the voided 2 * ROUND_REWARD
        commit(c);
        vm.assertEq(manager.slotOf(2).rewardTotal, ROUND_REWARD);
    }

    function test_voidRound_bansTheCommitment() public {
        commitUpTo(2);
        RoundCommitment memory c = commitmentOf(2);
        voidByCouncil(c);
        bytes32 hash = manager.hashCommitment(c);
        commitFails(c, abi.encodeWithSelector(IRoundManager.CommitmentVoided.selector, 2, hash));
        c.attempt = 1;
        commit(c);
    }

    function test_voidRound_ofTheFirstRoundAllowsAnotherGenesisModel() public {
        commitUpTo(1);
        voidByCouncil(commitmentOf(1));
        RoundCommitment memory c = commitmentOf(1);
        c.parentModel = keccak256("other genesis");
        commit(c);
        vm.assertEq(manager.head(), 1);
    }

    function test_voidRound_failsWhenFinal() public {
        commitUpTo(2);
        skip(WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.RoundIsFinal.selector, 2));
        vm.prank(council);
        manager.voidRound(commitmentOf(2));
    }

    function test_voidRound_failsForStranger() public {
        commitUpTo(1);
        vm.expectRevert(unauthorized(coordinator));
        vm.prank(coordinator);
        manager.voidRound(commitmentOf(1));
    }

    function test_voidRound_failsForDeadOrUnknownRound() public {
        commitUpTo(3);
        voidByCouncil(commitmentOf(2));
        RoundCommitment memory dead = commitmentOf(3);
        bytes32 hash = manager.hashCommitment(dead);
        vm.expectRevert(
            abi.encodeWithSelector(IRoundManager.CommitmentMismatch.selector, 3, hash, bytes32(0))
        );
        vm.prank(council);
        manager.voidRound(dead);
    }

    /// @dev The next attempt of round 3 may end in the same model, so round 4 still fits on it; but
    /// its rewards are sums over the voided round 3.
    function test_voidRound_bansDescendants() public {
        commitUpTo(5);
        voidByCouncil(commitmentOf(3));
        RoundCommitment memory again = commitmentOf(3);
        again.attempt = 1;
        commit(again);
        _bannedFails(4);
        RoundCommitment memory next = commitmentOf(4);
        next.attempt = 1;
        commit(next);
        _bannedFails(5);
    }

    /// @dev Not RoundOutOfOrder or RoundTaken: a sender need not wait, nor look for a twin.
    function test_voidRound_bansWhereverTheHeadIs() public {
        commitUpTo(5);
        voidByCouncil(commitmentOf(3));
        for (uint64 round = 3; round <= 5; ++round) {
            _bannedFails(round);
        }
        for (uint64 round = 3; round <= 5; ++round) {
            RoundCommitment memory c = commitmentOf(round);
            c.attempt = 1;
            commit(c);
        }
        for (uint64 round = 3; round <= 5; ++round) {
            _bannedFails(round);
        }
    }

    function test_voidRound_bansForEver() public {
        commitUpTo(1);
        RoundCommitment memory other = commitmentOf(2);
        other.attempt = 1;
        commit(commitmentOf(2));
        voidByCouncil(commitmentOf(2));
        commit(other); // in the slot of the one above
        voidByCouncil(other);
        _bannedFails(2);
        other.attempt = 2;
        commit(other);
        skip(WINDOW);
        commitUpTo(RING + 1);
        skip(WINDOW);
        commitUpTo(RING + 2); // evicts round 2
        _bannedFails(2);
    }

    function test_voidRound_bansAFullRing() public {
        commitUpTo(10);
        skip(WINDOW);
        commitUpTo(RING + 9); // 63 rounds that can be voided
        voidByCouncil(commitmentOf(11));
        for (uint64 round = 11; round <= RING + 9; ++round) {
            _bannedFails(round);
        }
    }

    function _bannedFails(uint64 round) private {
        RoundCommitment memory c = commitmentOf(round);
        bytes32 hash = manager.hashCommitment(c);
        commitFails(c, abi.encodeWithSelector(IRoundManager.CommitmentVoided.selector, round, hash));
    }
}

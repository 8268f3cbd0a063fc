// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRoundManager} from "../src/interfaces/IRoundManager.sol";
import {PositionTree} from "../src/libraries/PositionTree.sol";
import {RoundCommitment} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";
import {Tree} from "./support/Tree.sol";

/// @notice Rewards claimed with a proof against a final round.
contract ClaimTest is Fixture {
    /// @dev Account i of n has cumulative weight i + 1 after round 1, and twice that after round 2.
    uint128 private constant UNIT = 1 ether;

    function test_claim_paysTheAccountWhoeverCalls() public {
        _commitFinal(1, 5);
        bytes32[] memory proof = Tree.proof(_leaves(1, 5), 2);
        vm.expectEmit();
        emit IRoundManager.Claimed(_account(2), 1, 3 ether, 3 ether);
        vm.prank(stranger);
        manager.claim(1, 5, 2, _account(2), 3 ether, _salt(2), proof);
        vm.assertEq(token.balanceOf(_account(2)), 3 ether);
        vm.assertEq(manager.claimed(_account(2)), 3 ether);
        vm.assertEq(manager.claimedTotal(), 3 ether);
    }

    /// @dev Trees of every size from one leaf on: all leaves can be claimed, to the last wei.
    function test_claim_paysEveryLeaf(uint8 size) public {
        size = uint8(bound(size, 1, 17));
        RoundCommitment memory c = _commitFinal(1, size);
        for (uint64 i = 0; i < size; ++i) {
            _claim(c, size, i);
        }
        vm.assertEq(manager.claimedTotal(), c.rewardTotal);
    }

    function test_claim_paysTheDifferenceLater() public {
        RoundCommitment memory first = _commitFinal(1, 5);
        _claim(first, 5, 4);
        RoundCommitment memory second = _commitFinal(2, 5);
        _claim(second, 5, 4);
        vm.assertEq(token.balanceOf(_account(4)), 10 ether);
    }

    function test_claim_failsTwice() public {
        RoundCommitment memory c = _commitFinal(1, 5);
        _claim(c, 5, 4);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRoundManager.NothingToClaim.selector, _account(4), 5 ether, 5 ether
            )
        );
        _claim(c, 5, 4);
    }

    function test_claim_failsAgainstAnOlderRound() public {
        RoundCommitment memory first = _commitFinal(1, 5);
        RoundCommitment memory second = _commitFinal(2, 5);
        _claim(second, 5, 4);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRoundManager.NothingToClaim.selector, _account(4), 5 ether, 10 ether
            )
        );
        _claim(first, 5, 4);
    }

    function test_claim_failsBeforeFinality() public {
        RoundCommitment memory c = _commit(1, 5);
        uint40 finalAt = manager.slotOf(1).finalAt;
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.RoundNotFinal.selector, 1, finalAt));
        _claim(c, 5, 4);
    }

    function test_claim_failsAgainstVoidedOrDeadRound() public {
        RoundCommitment memory first = _commit(1, 5);
        RoundCommitment memory second = _commit(2, 5);
        vm.prank(council);
        manager.voidRound(first);
        skip(WINDOW);
        vm.expectPartialRevert(IRoundManager.CommitmentMismatch.selector);
        _claim(first, 5, 4);
        vm.expectPartialRevert(IRoundManager.CommitmentMismatch.selector);
        _claim(second, 5, 4);
    }

    /// @dev A tree of the claimer's own leads to another root than the committed one.
    function test_claim_failsForATreeOfOnesOwn() public {
        RoundCommitment memory c = _commitFinal(1, 5);
        bytes32[] memory leaves = _leaves(1, 5);
        leaves[4] = keccak256(abi.encode(uint8(4), uint64(4), stranger, 9 ether, _salt(4)));
        vm.expectRevert(
            abi.encodeWithSelector(
                IRoundManager.NotInRewardsTree.selector, Tree.root(leaves), c.rewardsRoot
            )
        );
        manager.claim(1, 5, 4, stranger, 9 ether, _salt(4), Tree.proof(leaves, 4));
    }

    /// @dev Neither a round of the future nor one that left the ring, nor zero.
    function test_claim_failsForARoundThatTheRingDoesNotHold() public {
        RoundCommitment memory c = _commitFinal(1, 5);
        bytes32[] memory proof = Tree.proof(_leaves(1, 5), 4);
        bytes4 reason = IRoundManager.CommitmentMismatch.selector;
        uint64[4] memory rounds = [uint64(0), 2, 65, type(uint64).max];
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(reason, rounds[i], 0, 0));
            manager.claim(rounds[i], 5, 4, _account(4), 5 ether, _salt(4), proof);
        }
        for (uint64 round = 2; round <= 65; ++round) {
            RoundCommitment memory later = commitmentOf(round);
            later.rewardTotal = c.rewardTotal;
            commit(later);
            skip(WINDOW);
        }
        vm.expectRevert(abi.encodeWithSelector(reason, 1, 0, 0));
        manager.claim(1, 5, 4, _account(4), 5 ether, _salt(4), proof);
    }

    function test_claim_failsForAnyAlteredLeafValue() public {
        _commitFinal(1, 5);
        bytes32[] memory proof = Tree.proof(_leaves(1, 5), 2);
        bytes4 reason = IRoundManager.NotInRewardsTree.selector;
        vm.expectPartialRevert(reason);
        manager.claim(1, 5, 2, _account(2), 3 ether + 1, _salt(2), proof);
        vm.expectPartialRevert(reason);
        manager.claim(1, 5, 2, stranger, 3 ether, _salt(2), proof);
        vm.expectPartialRevert(reason);
        manager.claim(1, 5, 2, _account(2), 3 ether, _salt(3), proof);
        vm.expectPartialRevert(reason);
        manager.claim(1, 5, 3, _account(2), 3 ether, _salt(2), proof);
        vm.expectPartialRevert(reason);
        manager.claim(1, 6, 2, _account(2), 3 ether, _salt(2), proof);
    }

    function test_claim_failsForAlteredProof(uint8 word, uint8 bit) public {
        _commitFinal(1, 5);
        bytes32[] memory proof = Tree.proof(_leaves(1, 5), 2);
        proof[word % proof.length] ^= bytes32(uint256(1) << bit);
        vm.expectPartialRevert(IRoundManager.NotInRewardsTree.selector);
        manager.claim(1, 5, 2, _account(2), 3 ether, _salt(2), proof);
    }

    function test_claim_failsForProofOfWrongLength() public {
        _commitFinal(1, 5);
        vm.expectRevert(abi.encodeWithSelector(PositionTree.WrongProofLength.selector, 2, 3));
        manager.claim(1, 5, 2, _account(2), 3 ether, _salt(2), new bytes32[](2));
        vm.expectRevert(abi.encodeWithSelector(PositionTree.WrongProofLength.selector, 4, 3));
        manager.claim(1, 5, 2, _account(2), 3 ether, _salt(2), new bytes32[](4));
    }

    /// @dev An index past the leaves would otherwise fold into the tree by its low bits.
    function test_claim_failsForIndexOutOfRange(uint64 index) public {
        vm.assume(index >= 5);
        _commitFinal(1, 5);
        bytes32[] memory proof = Tree.proof(_leaves(1, 5), 2);
        vm.expectRevert(abi.encodeWithSelector(PositionTree.LeafOutOfRange.selector, index, 5));
        manager.claim(1, 5, index, _account(2), 3 ether, _salt(2), proof);
    }

    /// @dev Auditors who sign a tree worth more than rewardTotal cannot empty the fund.
    function test_attack_roundingTheft_claimsNeverPassTheRewardTotal() public {
        RoundCommitment memory c = commitmentOf(1);
        c.rewardsRoot = Tree.root(_leaves(1, 5));
        c.rewardTotal = 7 ether;
        commit(c);
        skip(WINDOW);
        _claim(c, 5, 4);
        vm.expectRevert(
            abi.encodeWithSelector(IRoundManager.ClaimsExceedRewards.selector, 9 ether, 7 ether)
        );
        _claim(c, 5, 3);
    }

    function _commit(uint64 round, uint64 size) private returns (RoundCommitment memory c) {
        c = commitmentOf(round);
        c.rewardsRoot = Tree.root(_leaves(round, size));
        c.rewardTotal = round * UNIT * size * (size + 1) / 2;
        commit(c);
    }

    function _commitFinal(uint64 round, uint64 size) private returns (RoundCommitment memory c) {
        c = _commit(round, size);
        skip(WINDOW);
    }

    function _claim(RoundCommitment memory c, uint64 size, uint64 index) private {
        manager.claim(
            c.round,
            size,
            index,
            _account(index),
            uint128(c.round) * UNIT * (index + 1),
            _salt(index),
            Tree.proof(_leaves(c.round, size), index)
        );
    }

    function _leaves(uint64 round, uint64 size) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](size);
        for (uint64 i = 0; i < size; ++i) {
            uint128 cumulative = uint128(round) * UNIT * (i + 1);
            leaves[i] = keccak256(abi.encode(uint8(4), i, _account(i), cumulative, _salt(i)));
        }
    }

    function _account(uint64 i) private pure returns (address) {
        return address(uint160(0x1000 + i));
    }

    function _salt(uint64 i) private pure returns (bytes32) {
        return keccak256(abi.encode("salt", i));
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ContextBytes} from "./ContextBytes.sol";
import {PositionTree} from "./PositionTree.sol";
import {ReportBytes} from "./ReportBytes.sol";
import {RulesBytes} from "./RulesBytes.sol";
import {ShareMath} from "./ShareMath.sol";

/// @title The settlement of a round, recomputed (docs/protocol.md, section 13).
/// @dev Reads the documents and builds the trees; the arithmetic is {ShareMath}.
library SettlementMath {
    using ContextBytes for bytes;
    using ReportBytes for bytes;

    struct Result {
        bool consistent; // the report's sites are members with possible scores; no barred one is accepted
        uint256 scoreSum;
        uint256 rewardTotal;
        bytes32 scoresRoot;
        bytes32 rewardsRoot;
    }

    /// @notice Rules without a stake for each score cannot be settled.
    error ZeroStakePerScore();

    /// @notice What counts of a score.
    function countedScore(
        uint256 score,
        uint256 stake,
        bool barred,
        RulesBytes.Settlement memory rules
    ) internal pure returns (uint256) {
        require(rules.stakePerScore != 0, ZeroStakePerScore());
        return ShareMath.counted(score, stake, barred, rules.minStake, rules.stakePerScore);
    }

    function settle(
        bytes calldata context,
        bytes calldata report,
        RulesBytes.Settlement memory rules
    ) internal pure returns (Result memory result) {
        uint256[] memory counted = _count(context, report, rules, result);
        if (result.consistent) _pay(context, rules.roundBudget, counted, result);
    }

    /// @notice The rewards tree of the members with a cumulative reward, before or after a round.
    /// @param cumulative one for each member of the context
    /// @param contextSalt of the round whose tree it is
    function rewardsRoot(bytes calldata context, uint256[] memory cumulative, bytes32 contextSalt)
        internal
        pure
        returns (bytes32)
    {
        bytes32[] memory leaves = new bytes32[](cumulative.length);
        uint64 count = 0;
        for (uint256 i = 0; i < cumulative.length; ++i) {
            if (cumulative[i] == 0) continue;
            address site = context.site(i);
            bytes32 salt = ContextBytes.leafSalt(contextSalt, site);
            leaves[count] = PositionTree.leafOf(
                PositionTree.REWARD_TAG, count, site, bytes32(cumulative[i]), salt
            );
            ++count;
        }
        return PositionTree.rootOfLeaves(leaves, count);
    }

    /// @dev Counted scores by member, their sum and tree. Both lists ascend by site.
    function _count(
        bytes calldata context,
        bytes calldata report,
        RulesBytes.Settlement memory rules,
        Result memory result
    ) private pure returns (uint256[] memory counted) {
        ReportBytes.Header memory head = report.header();
        counted = new uint256[](context.members());
        bytes32[] memory leaves = new bytes32[](head.sites);
        uint256 member = 0;
        for (uint64 i = 0; i < head.sites; ++i) {
            address site = report.site(head, i);
            while (member < counted.length && context.site(member) < site) ++member;
            if (member == counted.length || context.site(member) != site) return counted;
            uint256 score = report.score(head, i);
            bool accepted = report.standing(head, i) == ReportBytes.ACCEPTED;
            if (!_possible(context, member, score, accepted)) return counted;
            score = _countedOf(context, member, score, rules);
            counted[member] = score;
            result.scoreSum += score;
            leaves[i] = _scoreLeaf(context, i, site, score);
        }
        result.scoresRoot = PositionTree.rootOfLeaves(leaves, head.sites);
        result.consistent = true;
    }

    /// @dev A barred member is never accepted.
    function _possible(bytes calldata context, uint256 member, uint256 score, bool accepted)
        private
        pure
        returns (bool)
    {
        if (accepted && context.barred(member) != 0) return false;
        return ShareMath.possible(score, accepted);
    }

    function _countedOf(
        bytes calldata context,
        uint256 member,
        uint256 score,
        RulesBytes.Settlement memory rules
    ) private pure returns (uint256) {
        return countedScore(score, context.stake(member), context.barred(member) != 0, rules);
    }

    function _scoreLeaf(bytes calldata context, uint64 index, address site, uint256 score)
        private
        pure
        returns (bytes32)
    {
        bytes32 salt = ContextBytes.leafSalt(context.salt(), site);
        return PositionTree.leafOf(PositionTree.SCORE_TAG, index, site, bytes32(score), salt);
    }

    /// @dev Turns counted scores into cumulative rewards, their sum and tree.
    function _pay(
        bytes calldata context,
        uint256 budget,
        uint256[] memory counted,
        Result memory result
    ) private pure {
        for (uint256 i = 0; i < counted.length; ++i) {
            uint256 before = context.cumulative(i);
            counted[i] = ShareMath.cumulativeAfter(before, budget, counted[i], result.scoreSum);
            result.rewardTotal += counted[i];
        }
        result.rewardsRoot = rewardsRoot(context, counted, context.salt());
    }
}

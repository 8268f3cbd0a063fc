// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What scores count and what they earn (docs/protocol.md, section 13), as plain arithmetic.
/// @dev s = min(score, floor(stake / stakePerScore)) for eligible sites, reward = floor(budget s /
/// sum of s). Superadditive in (score, stake): dividing both among several identities never raises
/// their sum. Floors leave dust in the fund, never more than there is. contracts/smt proves it.
library ShareMath {
    uint256 internal constant SCORE_MAX = 1_000_000;

    /// @notice What counts of a score.
    /// @param stakePerScore not zero
    function counted(
        uint256 score,
        uint256 stake,
        bool barred,
        uint256 minStake,
        uint256 stakePerScore
    ) internal pure returns (uint256) {
        if (barred || stake < minStake) return 0;
        uint256 backed = stake / stakePerScore;
        return backed < score ? backed : score;
    }

    /// @notice floor(budget s / sum); 0 if nobody scored.
    function rewardOf(uint256 budget, uint256 s, uint256 sum) internal pure returns (uint256) {
        return sum == 0 ? 0 : budget * s / sum;
    }

    /// @notice What a site has earned in all after a round.
    function cumulativeAfter(uint256 cumulative, uint256 budget, uint256 s, uint256 sum)
        internal
        pure
        returns (uint256)
    {
        return cumulative + rewardOf(budget, s, sum);
    }

    /// @notice Whether a report may give that score, which only accepted sites have.
    function possible(uint256 score, bool accepted) internal pure returns (bool) {
        return score <= SCORE_MAX && (score == 0 || accepted);
    }
}

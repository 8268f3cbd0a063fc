// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ShareMath} from "../src/libraries/ShareMath.sol";

/// @title What the reward arithmetic promises, for the prover (contracts/tools/smt). Not deployed.
contract ShareProof {
    /// @notice Neither the score nor the stake behind it is exceeded; barred sites and small stakes
    /// count nothing.
    function counted(
        uint256 score,
        uint128 stake,
        bool barred,
        uint128 minStake,
        uint128 stakePerScore
    ) external pure {
        require(stakePerScore != 0 && score <= ShareMath.SCORE_MAX);
        uint256 s = ShareMath.counted(score, stake, barred, minStake, stakePerScore);
        assert(s <= score);
        assert(s <= stake / stakePerScore);
        assert(!barred || s == 0);
        assert(stake >= minStake || s == 0);
        // And no less: the smaller of both.
        bool counts = !barred && stake >= minStake;
        assert(!counts || s == score || s == stake / stakePerScore);
    }

    /// @notice More stake or score never counts less.
    function ascends(
        uint256 score,
        uint256 moreScore,
        uint128 stake,
        uint128 moreStake,
        uint128 minStake,
        uint128 stakePerScore
    ) external pure {
        require(stakePerScore != 0 && moreScore <= ShareMath.SCORE_MAX);
        require(score <= moreScore && stake <= moreStake);
        uint256 less = ShareMath.counted(score, stake, false, minStake, stakePerScore);
        uint256 more = ShareMath.counted(moreScore, moreStake, false, minStake, stakePerScore);
        assert(less <= more);
    }

    /// @notice Rewards never add up to more than the budget, and what a site earned never falls. The
    /// sites of a round are paid one after the other, in any number and with any scores; one of them
    /// is paid here.
    /// @param scoreSum of all sites of the round
    /// @param scores of the sites paid before
    /// @param paid to them
    function pays(
        uint128 budget,
        uint256 scoreSum,
        uint256 scores,
        uint256 paid,
        uint256 s,
        uint128 cumulative
    ) external pure {
        require(scoreSum <= 512 * ShareMath.SCORE_MAX); // ContextBytes.MEMBERS_MAX sites
        require(scores <= scoreSum && s <= scoreSum - scores);
        require(paid <= budget);
        // Holds before the first site: 0 <= 0.
        require(paid * scoreSum <= budget * scores);
        uint256 reward = ShareMath.rewardOf(budget, s, scoreSum);
        uint256 after_ = ShareMath.cumulativeAfter(cumulative, budget, s, scoreSum);
        assert(after_ >= cumulative && after_ - cumulative == reward);
        assert(scoreSum != 0 || reward == 0);
        assert(reward <= budget);
        assert((paid + reward) * scoreSum <= budget * (scores + s));
        assert(scoreSum == 0 || paid + reward <= budget);
    }
}

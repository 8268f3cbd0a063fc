// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AggregateMath} from "./AggregateMath.sol";
import {ReportBytes} from "./ReportBytes.sol";
import {RulesBytes} from "./RulesBytes.sol";
import {RoundCommitment} from "./Statements.sol";

/// @title What every true report fulfils, whatever the updates were.
library ReportCheck {
    using ReportBytes for bytes;

    /// @dev A common denominator of the shares up to this is exact; above it weights are 2^-30ths.
    uint256 private constant EXACT_MAX = 1 << 20;
    uint256 private constant WEIGHT_ONE = 1 << 30;

    /// @notice Roots, counts, order and standings. REQUIRES the shape of a report.
    function holds(bytes calldata report, RoundCommitment calldata c) internal pure returns (bool) {
        ReportBytes.Header memory head = report.header();
        if (head.sites != c.sites || head.denominator == 0) return false;
        if (report.aggregateRoot() != c.aggregateRoot || report.model() != c.model) return false;
        address before = address(0);
        for (uint256 i = 0; i < head.sites; ++i) {
            address site = report.site(head, i);
            if (i != 0 && site <= before) return false;
            before = site;
            uint8 standing = report.standing(head, i);
            if (standing == 0 || standing > ReportBytes.STANDING_LAST) return false;
            // A site without weight is not accepted, and one that is not accepted has none.
            bool accepted = standing == ReportBytes.ACCEPTED;
            if (accepted != (report.weight(head, i) != 0)) return false;
        }
        return !report.sharesWeight(head) || _sharesRightly(report, head);
    }

    /// @notice Coordinates, rule and f, and the weights of the rules that leave no choice.
    function follows(
        bytes calldata report,
        RoundCommitment calldata c,
        RulesBytes.Aggregation memory rules
    ) internal pure returns (bool) {
        ReportBytes.Header memory head = report.header();
        if (rules.coordinates != c.coordinates) return false;
        if (head.rule != rules.rule || head.f > rules.f) return false;
        bool shared = report.sharesWeight(head);
        if (shared && rules.policy != RulesBytes.CAUTIOUS) return false;
        if (rules.pre != 0 || rules.parameters != 0) return true;
        bool mean = rules.rule == AggregateMath.MEAN;
        AggregateMath.Kind kind = AggregateMath.kindOf(rules.rule);
        if (!mean && kind != AggregateMath.Kind.Median && kind != AggregateMath.Kind.TrimmedMean) {
            return true;
        }
        if (mean && shared) return head.f == rules.f && _isSharedMean(report, head);
        uint256 accepted = 0;
        for (uint256 i = 0; i < head.sites; ++i) {
            uint256 weight = report.weight(head, i);
            if (weight > 1) return false;
            accepted += weight;
        }
        if (mean) return head.denominator == accepted && head.f == rules.f;
        // Of nobody's updates there is no median: no honest round ends so, and no aggregate could be wrong.
        if (accepted == 0) return false;
        return head.denominator == 1 && head.f == _largestF(rules.f, accepted);
    }

    /// @dev Who shares is accepted, by a verdict that names how many share; sites that share between
    /// k come in groups of k.
    function _sharesRightly(bytes calldata report, ReportBytes.Header memory head)
        private
        pure
        returns (bool)
    {
        uint256[] memory sharing = new uint256[](uint256(head.sites) + 1);
        for (uint256 i = 0; i < head.sites; ++i) {
            if (!report.shares(head, i)) continue;
            uint256 k = report.sharedBetween(head, i);
            if (k < 2 || k > head.sites) return false;
            if (report.standing(head, i) != ReportBytes.ACCEPTED) return false;
            if (report.outcome(head, i) != ReportBytes.DOWN_WEIGHTED) return false;
            ++sharing[k];
        }
        for (uint256 k = 2; k < sharing.length; ++k) {
            if (sharing[k] % k != 0) return false;
        }
        return true;
    }

    /// @dev A mean of rows: whoever shares a row with k - 1 others has a k-th of its weight.
    /// REQUIRES _sharesRightly.
    function _isSharedMean(bytes calldata report, ReportBytes.Header memory head)
        private
        pure
        returns (bool)
    {
        uint256[] memory sharing = new uint256[](uint256(head.sites) + 1);
        for (uint256 i = 0; i < head.sites; ++i) {
            if (report.weight(head, i) != 0) ++sharing[_sharedBetween(report, head, i)];
        }
        uint256 rows = 0;
        uint256 one = 1;
        for (uint256 k = 1; k < sharing.length; ++k) {
            rows += sharing[k] / k;
            if (sharing[k] != 0 && one <= EXACT_MAX) one = one / _gcd(one, k) * k;
        }
        bool exact = one <= EXACT_MAX;
        if (head.denominator != (exact ? rows * one : WEIGHT_ONE)) return false;
        for (uint256 i = 0; i < head.sites; ++i) {
            uint256 weight = report.weight(head, i);
            if (weight == 0) continue;
            uint256 k = _sharedBetween(report, head, i);
            uint256 share = exact ? one / k : (2 * (WEIGHT_ONE / k) + rows) / (2 * rows);
            if (weight != share) return false;
        }
        return true;
    }

    function _sharedBetween(bytes calldata report, ReportBytes.Header memory head, uint256 i)
        private
        pure
        returns (uint256)
    {
        return report.shares(head, i) ? report.sharedBetween(head, i) : 1;
    }

    function _gcd(uint256 a, uint256 b) private pure returns (uint256) {
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }

    /// @dev The largest f up to the rules' with n > 2 f.
    function _largestF(uint256 f, uint256 n) private pure returns (uint256) {
        uint256 most = n == 0 ? 0 : (n - 1) / 2;
        return f < most ? f : most;
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AggregateMath} from "./AggregateMath.sol";
import {ReportBytes} from "./ReportBytes.sol";
import {RulesBytes} from "./RulesBytes.sol";
import {RoundCommitment} from "./Statements.sol";

/// @title What every true report fulfils, whatever the updates were.
library ReportCheck {
    using ReportBytes for bytes;

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
        return true;
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
        if (rules.pre != 0 || rules.parameters != 0 || report.sharesWeight(head)) return true;
        bool mean = rules.rule == AggregateMath.MEAN;
        AggregateMath.Kind kind = AggregateMath.kindOf(rules.rule);
        if (!mean && kind != AggregateMath.Kind.Median && kind != AggregateMath.Kind.TrimmedMean) {
            return true;
        }
        uint256 accepted = 0;
        for (uint256 i = 0; i < head.sites; ++i) {
            uint256 weight = report.weight(head, i);
            if (weight > 1) return false;
            accepted += weight;
        }
        if (mean) return head.denominator == accepted && head.f == rules.f;
        return head.denominator == 1 && head.f == _largestF(rules.f, accepted);
    }

    /// @dev The largest f up to the rules' with n > 2 f.
    function _largestF(uint256 f, uint256 n) private pure returns (uint256) {
        uint256 most = n == 0 ? 0 : (n - 1) / 2;
        return f < most ? f : most;
    }
}

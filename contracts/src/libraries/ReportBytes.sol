// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ByteFields} from "./ByteFields.sol";

/// @title Fields of a round report's canonical bytes (docs/protocol.md, section 10).
library ReportBytes {
    using ByteFields for bytes;

    uint8 internal constant VERSION = 3;
    uint8 internal constant ACCEPTED = 1;
    uint8 internal constant STANDING_LAST = 3;
    uint8 internal constant DOWN_WEIGHTED = 1; // an outcome
    uint8 private constant SHARES_WEIGHT = 11; // a reason
    // Of one site's entry.
    uint256 internal constant SITE_BYTES = 200;
    uint256 private constant ROOT_AT = 20;
    uint256 private constant STANDING_AT = 52;
    uint256 private constant REASON_AT = 53;
    uint256 private constant WEIGHT_AT = 54;
    uint256 private constant SCORE_AT = 62;
    uint256 private constant OUTCOME_AT = 70;
    uint256 private constant SHARED_AT = 80;
    // Behind the sites: aggregate root, model, state, and the limits of twelve signals.
    uint256 internal constant TAIL_BYTES = 192;
    uint256 private constant AGGREGATE_AT = 0;
    uint256 private constant MODEL_AT = 32;
    uint256 private constant STATE_AT = 64;
    uint256 internal constant NAME_MAX = 32;
    uint256 internal constant SITES_MAX = 512;

    struct Header {
        bytes32 rule; // keccak256 of the rule's name
        uint32 f;
        uint32 denominator;
        uint32 sites;
        uint256 sitesAt;
    }

    /// @notice The bytes are not a report; anyone can void their round (proveBadReport).
    error MalformedReport();

    /// @notice The fixed parts. Reverts where the lengths do not fit together.
    function header(bytes calldata report) internal pure returns (Header memory head) {
        require(isReport(report), MalformedReport());
        uint256 name = report.u64(1);
        head.rule = report.hashOf(9, name);
        head.f = report.u32(9 + name);
        head.denominator = report.u32(13 + name);
        head.sites = report.u32(17 + name);
        head.sitesAt = 21 + name;
    }

    /// @notice Whether version and lengths are those of a report.
    function isReport(bytes calldata report) internal pure returns (bool) {
        if (report.length < 21 + TAIL_BYTES || report.u8(0) != VERSION) return false;
        uint256 name = report.u64(1);
        if (name > NAME_MAX || report.length < 21 + name + TAIL_BYTES) return false;
        uint256 sites = report.u32(17 + name);
        return sites <= SITES_MAX && report.length == 21 + name + sites * SITE_BYTES + TAIL_BYTES;
    }

    function site(bytes calldata report, Header memory head, uint256 i)
        internal
        pure
        returns (address)
    {
        return report.account(head.sitesAt + i * SITE_BYTES);
    }

    function updateRoot(bytes calldata report, Header memory head, uint256 i)
        internal
        pure
        returns (bytes32)
    {
        return report.word(head.sitesAt + i * SITE_BYTES + ROOT_AT);
    }

    function standing(bytes calldata report, Header memory head, uint256 i)
        internal
        pure
        returns (uint8)
    {
        return report.u8(head.sitesAt + i * SITE_BYTES + STANDING_AT);
    }

    function weight(bytes calldata report, Header memory head, uint256 i)
        internal
        pure
        returns (uint64)
    {
        return report.u64(head.sitesAt + i * SITE_BYTES + WEIGHT_AT);
    }

    function score(bytes calldata report, Header memory head, uint256 i)
        internal
        pure
        returns (uint64)
    {
        return report.u64(head.sitesAt + i * SITE_BYTES + SCORE_AT);
    }

    /// @notice Whether some sites count as one row of the rule: weights are then fractions of rows.
    function sharesWeight(bytes calldata report, Header memory head) internal pure returns (bool) {
        for (uint256 i = 0; i < head.sites; ++i) {
            if (shares(report, head, i)) return true;
        }
        return false;
    }

    /// @notice Whether the report says that this site counts as one row together with others.
    function shares(bytes calldata report, Header memory head, uint256 i)
        internal
        pure
        returns (bool)
    {
        return report.u8(head.sitesAt + i * SITE_BYTES + REASON_AT) == SHARES_WEIGHT;
    }

    function outcome(bytes calldata report, Header memory head, uint256 i)
        internal
        pure
        returns (uint8)
    {
        return report.u8(head.sitesAt + i * SITE_BYTES + OUTCOME_AT);
    }

    /// @notice How many sites the verdict lets share one weight.
    function sharedBetween(bytes calldata report, Header memory head, uint256 i)
        internal
        pure
        returns (uint32)
    {
        return report.u32(head.sitesAt + i * SITE_BYTES + SHARED_AT);
    }

    function aggregateRoot(bytes calldata report) internal pure returns (bytes32) {
        return report.word(report.length - TAIL_BYTES + AGGREGATE_AT);
    }

    function model(bytes calldata report) internal pure returns (bytes32) {
        return report.word(report.length - TAIL_BYTES + MODEL_AT);
    }

    /// @notice Content root of what the round leaves for the next one.
    function state(bytes calldata report) internal pure returns (bytes32) {
        return report.word(report.length - TAIL_BYTES + STATE_AT);
    }
}

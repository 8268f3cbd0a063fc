// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ContentTree} from "../libraries/ContentTree.sol";
import {RoundCommitment} from "../libraries/Statements.sol";
import {IConviction} from "./IConviction.sol";

/// @title Faults in what was computed, proven by anyone. They void the round and slash at once.
/// @notice A commitment holds the SHA-256 of a round's report and context, and the context that of the
/// rules; a proof gives these bytes and the contract reads and recomputes what they bind. Blobs are
/// opened at one 1 KiB leaf. Report, context and rules are those of docs/protocol.md, section 10.
interface IResultProver is IConviction {
    /// @notice A blob of a round.
    enum Blob {
        Update, // of the report's site at `index`
        Aggregate,
        Model
    }

    /// @notice This rule's aggregate cannot be recomputed from the report and the updates alone.
    error NotProvable(bytes32 rule);
    /// @notice One opening for each site with a weight, in the report's order.
    error WrongOpeningCount(uint256 count, uint256 expected);
    error CoordinateOutOfRange(uint256 coordinate, uint256 coordinates);
    error SiteOutOfRange(uint256 index, uint256 sites);
    /// @notice Only the update of an accepted site must have passed the gate.
    error NotAccepted(uint256 index, uint8 standing);

    /// @notice The report is malformed, or contradicts the commitment, the rules or itself: roots,
    /// number of sites, their order, standings against weights, rule and f; for the mean, the median
    /// and the trimmed mean without pre-aggregation every weight too.
    function proveBadReport(RoundCommitment calldata c, Documents calldata documents) external;

    /// @notice Accepted sites `first` and `second` of the report sent the same content.
    function proveCopyAccepted(
        RoundCommitment calldata c,
        bytes calldata report,
        uint256 first,
        uint256 second
    ) external;

    /// @notice One coordinate of the aggregate is not what the rule makes of the updates.
    /// @param documents context and rules may be empty for rules that are weighted sums
    /// @param coordinate whose leaf is opened in every blob
    /// @param aggregate the aggregate's leaf
    /// @param updates the leaf of every site with a weight, in the report's order
    function proveBadAggregate(
        RoundCommitment calldata c,
        Documents calldata documents,
        uint256 coordinate,
        ContentTree.Opening calldata aggregate,
        ContentTree.Opening[] calldata updates
    ) external;

    /// @notice One parameter of the model is not float32(double(base) + double(aggregate) 2^-scale).
    /// @param documents the report may be empty
    function proveBadModel(
        RoundCommitment calldata c,
        Documents calldata documents,
        uint256 coordinate,
        ContentTree.Opening calldata base,
        ContentTree.Opening calldata aggregate,
        ContentTree.Opening calldata model
    ) external;

    /// @notice The aggregate, the model or an accepted update has not four bytes a coordinate.
    /// @param totalBytes what the blob's root says
    /// @param top the top node of its tree
    function proveWrongSize(
        RoundCommitment calldata c,
        bytes calldata report,
        Blob blob,
        uint256 index,
        uint256 totalBytes,
        bytes32 top
    ) external;

    /// @notice An accepted update has a value beyond the rules' coordinate_max.
    /// @param index the site's place in the report
    function proveGateMissed(
        RoundCommitment calldata c,
        Documents calldata documents,
        uint256 index,
        uint256 coordinate,
        ContentTree.Opening calldata update
    ) external;
}

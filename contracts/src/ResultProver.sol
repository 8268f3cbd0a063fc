// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IResultProver} from "./interfaces/IResultProver.sol";
import {IRoundManager} from "./interfaces/IRoundManager.sol";
import {AggregateMath} from "./libraries/AggregateMath.sol";
import {ByteFields} from "./libraries/ByteFields.sol";
import {ContentTree} from "./libraries/ContentTree.sol";
import {ModelMath} from "./libraries/ModelMath.sol";
import {ReportBytes} from "./libraries/ReportBytes.sol";
import {ReportCheck} from "./libraries/ReportCheck.sol";
import {RulesBytes} from "./libraries/RulesBytes.sol";
import {RoundCommitment} from "./libraries/Statements.sol";
import {Conviction} from "./provers/Conviction.sol";

/// @title ResultProver
/// @notice See {IResultProver}.
contract ResultProver is IResultProver, Conviction {
    using ByteFields for bytes;
    using ReportBytes for bytes;

    uint256 internal constant VALUE_BYTES = 4;

    /// @param authority_ the ConsortiumAccess of the federation
    function initialize(IRoundManager roundManager_, address authority_, Shares calldata shares_)
        external
        initializer
    {
        __Conviction_init(roundManager_, authority_, shares_);
    }

    /// @inheritdoc IResultProver
    function proveBadReport(RoundCommitment calldata c, Documents calldata documents) external {
        bytes calldata report = documents.report;
        _requireReport(c, report);
        bool good = report.isReport() && ReportCheck.holds(report, c);
        if (good && documents.rules.length != 0) {
            _requireContext(c, documents.context);
            _requireRules(documents.context, documents.rules);
            good = ReportCheck.follows(report, c, RulesBytes.aggregation(documents.rules));
        }
        _convictIf(!good, c, Fault.BadReport);
    }

    /// @inheritdoc IResultProver
    function proveCopyAccepted(
        RoundCommitment calldata c,
        bytes calldata report,
        uint256 first,
        uint256 second
    ) external {
        _requireReport(c, report);
        ReportBytes.Header memory head = report.header();
        _requireAccepted(report, head, first);
        _requireAccepted(report, head, second);
        bool copy =
            first != second && report.updateRoot(head, first) == report.updateRoot(head, second);
        _convictIf(copy, c, Fault.CopyAccepted);
    }

    /// @inheritdoc IResultProver
    function proveBadAggregate(
        RoundCommitment calldata c,
        Documents calldata documents,
        uint256 coordinate,
        ContentTree.Opening calldata aggregate,
        ContentTree.Opening[] calldata updates
    ) external {
        bytes calldata report = documents.report;
        _requireReport(c, report);
        ReportBytes.Header memory head = report.header();
        AggregateMath.Kind kind = AggregateMath.kindOf(head.rule);
        require(kind != AggregateMath.Kind.Unknown, NotProvable(head.rule));
        if (kind != AggregateMath.Kind.Weighted) _requirePlainRule(c, documents, head);
        int256 expected = _aggregateOf(c, report, head, kind, coordinate, updates);
        int256 committed = _valueAt(c.aggregateRoot, c, coordinate, aggregate);
        _convictIf(expected != committed, c, Fault.BadAggregate);
    }

    /// @inheritdoc IResultProver
    function proveBadModel(
        RoundCommitment calldata c,
        Documents calldata documents,
        uint256 coordinate,
        ContentTree.Opening calldata base,
        ContentTree.Opening calldata aggregate,
        ContentTree.Opening calldata model
    ) external {
        _requireContext(c, documents.context);
        _requireRules(documents.context, documents.rules);
        uint8 scaleBits = RulesBytes.aggregation(documents.rules).scaleBits;
        int256 update = _valueAt(c.aggregateRoot, c, coordinate, aggregate);
        // Casting keeps the 32 bits of the float.
        // forge-lint: disable-start(unsafe-typecast)
        uint32 from = uint32(uint256(_valueAt(c.parentModel, c, coordinate, base)));
        uint32 committed = uint32(uint256(_valueAt(c.model, c, coordinate, model)));
        // forge-lint: disable-end(unsafe-typecast)
        _convictIf(ModelMath.next(from, update, scaleBits) != committed, c, Fault.BadModel);
    }

    /// @inheritdoc IResultProver
    function proveWrongSize(
        RoundCommitment calldata c,
        bytes calldata report,
        Blob blob,
        uint256 index,
        uint256 totalBytes,
        bytes32 top
    ) external {
        bytes32 root = blob == Blob.Aggregate ? c.aggregateRoot : c.model;
        if (blob == Blob.Update) {
            _requireReport(c, report);
            ReportBytes.Header memory head = report.header();
            _requireAccepted(report, head, index);
            root = report.updateRoot(head, index);
        }
        bytes32 computed = ContentTree.rootAbove(totalBytes, top);
        require(
            totalBytes <= type(uint64).max && computed == root,
            ContentTree.NotInContent(computed, root)
        );
        _convictIf(totalBytes != c.coordinates * VALUE_BYTES, c, Fault.WrongSize);
    }

    /// @inheritdoc IResultProver
    function proveGateMissed(
        RoundCommitment calldata c,
        Documents calldata documents,
        uint256 index,
        uint256 coordinate,
        ContentTree.Opening calldata update
    ) external {
        bytes calldata report = documents.report;
        _requireReport(c, report);
        _requireContext(c, documents.context);
        _requireRules(documents.context, documents.rules);
        ReportBytes.Header memory head = report.header();
        _requireAccepted(report, head, index);
        int256 value = _valueAt(report.updateRoot(head, index), c, coordinate, update);
        uint256 magnitude = uint256(value < 0 ? -value : value);
        uint256 most = RulesBytes.aggregation(documents.rules).coordinateMax;
        _convictIf(magnitude > most, c, Fault.GateMissed);
    }

    /// @dev The coordinate recomputed from the updates of all sites with a weight.
    function _aggregateOf(
        RoundCommitment calldata c,
        bytes calldata report,
        ReportBytes.Header memory head,
        AggregateMath.Kind kind,
        uint256 coordinate,
        ContentTree.Opening[] calldata updates
    ) private pure returns (int256) {
        (int256[] memory values, uint256[] memory weights) =
            _column(c, report, head, coordinate, updates);
        if (kind == AggregateMath.Kind.Median) return AggregateMath.median(values);
        if (kind == AggregateMath.Kind.TrimmedMean) {
            return AggregateMath.trimmedMean(values, head.f);
        }
        return AggregateMath.weightedMean(values, weights, head.denominator);
    }

    /// @dev The coordinate in the updates of all sites with a weight, and these weights.
    function _column(
        RoundCommitment calldata c,
        bytes calldata report,
        ReportBytes.Header memory head,
        uint256 coordinate,
        ContentTree.Opening[] calldata updates
    ) private pure returns (int256[] memory values, uint256[] memory weights) {
        values = new int256[](updates.length);
        weights = new uint256[](updates.length);
        uint256 used = 0;
        for (uint256 i = 0; i < head.sites; ++i) {
            uint256 weight = report.weight(head, i);
            if (weight == 0) continue;
            require(used < updates.length, WrongOpeningCount(updates.length, used + 1));
            weights[used] = weight;
            values[used] = _valueAt(report.updateRoot(head, i), c, coordinate, updates[used]);
            ++used;
        }
        require(used == updates.length, WrongOpeningCount(updates.length, used));
    }

    /// @dev One int32 of a blob of four bytes a coordinate.
    function _valueAt(
        bytes32 root,
        RoundCommitment calldata c,
        uint256 coordinate,
        ContentTree.Opening calldata opening
    ) private pure returns (int256) {
        require(coordinate < c.coordinates, CoordinateOutOfRange(coordinate, c.coordinates));
        uint256 leaf = coordinate / ContentTree.LEAF_VALUES;
        ContentTree.requireLeaf(root, c.coordinates * VALUE_BYTES, leaf, opening);
        return opening.leaf.int32Le(coordinate % ContentTree.LEAF_VALUES);
    }

    /// @dev Rules by columns are recomputed where nothing stands in front of them and every site is a
    /// row of its own. The report's rule
    /// must be the rules': where it is not, proveBadReport says so.
    function _requirePlainRule(
        RoundCommitment calldata c,
        Documents calldata documents,
        ReportBytes.Header memory head
    ) private pure {
        _requireContext(c, documents.context);
        _requireRules(documents.context, documents.rules);
        RulesBytes.Aggregation memory rules = RulesBytes.aggregation(documents.rules);
        bool plain = rules.rule == head.rule && rules.pre == 0 && rules.parameters == 0
            && !documents.report.sharesWeight(head);
        require(plain, NotProvable(head.rule));
    }

    function _requireAccepted(bytes calldata report, ReportBytes.Header memory head, uint256 index)
        private
        pure
    {
        require(index < head.sites, SiteOutOfRange(index, head.sites));
        uint8 standing = report.standing(head, index);
        require(standing == ReportBytes.ACCEPTED, NotAccepted(index, standing));
    }
}

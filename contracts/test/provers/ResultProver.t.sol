// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IConviction} from "../../src/interfaces/IConviction.sol";
import {IResultProver} from "../../src/interfaces/IResultProver.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {ContentTree} from "../../src/libraries/ContentTree.sol";
import {ReportBytes} from "../../src/libraries/ReportBytes.sol";
import {Blob} from "../support/Blob.sol";
import {ResultProofs} from "./ResultProofs.sol";

/// @notice Lies about aggregate, model and report are voided; honest rounds stand whatever is shown.
contract ResultProverTest is ResultProofs {
    // I12: no proof voids an honest round

    /// forge-config: default.fuzz.runs = 64
    function test_I12_noProofVoidsAnHonestRound(bytes32 seed, uint8 sites, uint8 rule, uint16 where)
        public
    {
        World memory w = _honest(seed, sites, rule, 3 + where % 600);
        commit(w.c);
        uint256 j = uint256(where) % w.coordinates;
        _refuses(IConviction.Fault.BadAggregate, _aggregateProof(w, j));
        _refuses(IConviction.Fault.BadModel, _modelProof(w, j));
        _refuses(
            IConviction.Fault.BadReport,
            abi.encodeCall(results.proveBadReport, (w.c, documentsOf(w)))
        );
        uint256 k = _accepted(w);
        _refuses(IConviction.Fault.GateMissed, _gateProof(w, k, j));
        _refuses(
            IConviction.Fault.CopyAccepted,
            abi.encodeCall(results.proveCopyAccepted, (w.c, w.report, k, k))
        );
        vm.assertTrue(manager.roundState(1) == IRoundManager.RoundState.Committed);
    }

    /// @dev Whatever bits of an opening are turned, it does not open, or shows no fault.
    /// forge-config: default.fuzz.runs = 64
    function test_I12_noAlteredOpeningVoidsAnHonestRound(bytes32 seed, uint16 where, uint8 bit)
        public
    {
        World memory w = _honest(seed, 4, uint8(where), 300);
        commit(w.c);
        ContentTree.Opening[] memory updates = openUpdates(w, 5);
        ContentTree.Opening memory aggregate_ = _aggregateAt(w, 5);
        ContentTree.Opening memory target =
            where % 2 == 0 ? aggregate_ : updates[where % updates.length];
        if (where % 3 == 0) target.siblings[where % 10] ^= bytes32(uint256(1) << bit);
        else target.leaf[where % target.leaf.length] ^= bytes1(uint8(1 << (bit % 8)));
        vm.expectPartialRevert(ContentTree.NotInContent.selector);
        results.proveBadAggregate(w.c, documentsOf(w), 5, aggregate_, updates);
    }

    // I13: every lie that the proofs cover can be voided

    /// forge-config: default.fuzz.runs = 64
    function test_I13_anyBitOfTheAggregate(bytes32 seed, uint8 rule, uint16 where, uint8 bit)
        public
    {
        World memory w = _honest(seed, uint8(seed[0]), rule, 520);
        uint256 j = where % w.coordinates;
        w.aggregate[j] = int256(int32(uint32(int32(w.aggregate[j])) ^ uint32(1 << (bit % 32))));
        apply_(w); // the model follows the lie
        document(w);
        commit(w.c);
        bytes memory proof = _aggregateProof(w, j);
        vm.expectEmit();
        emit IConviction.RoundConvicted(
            1, manager.hashCommitment(w.c), IConviction.Fault.BadAggregate, stranger
        );
        _convicts(proof);
    }

    /// forge-config: default.fuzz.runs = 64
    function test_I13_anyBitOfTheModel(bytes32 seed, uint16 where, uint8 bit) public {
        World memory w = _honest(seed, 3, 0, 300);
        uint256 j = where % w.coordinates;
        w.model[j] = int256(int32(uint32(int32(w.model[j])) ^ uint32(1 << (bit % 32))));
        document(w);
        commit(w.c);
        _convicts(_modelProof(w, j));
    }

    function test_I13_anyBitOfAWeight(bytes32 seed, uint8 rule, uint8 who, uint8 bit) public {
        World memory w = _honest(seed, uint8(seed[0]), rule % 3, 5);
        uint256 k = who % w.weights.length;
        w.weights[k] ^= uint64(1) << (bit % 64);
        aggregate(w); // aggregate and model follow the lie
        apply_(w);
        document(w);
        commit(w.c);
        _convicts(abi.encodeCall(results.proveBadReport, (w.c, documentsOf(w))));
    }

    function test_I13_denominatorRuleAndF() public {
        for (uint256 i = 0; i < 4; ++i) {
            World memory w = _honest(keccak256(abi.encode(i)), 5, uint8(i % 3), 5);
            w.c.attempt = uint32(i);
            document(w);
            bytes memory honest = w.report;
            if (i == 0) w.denominator += 1;
            if (i == 1) w.usedF += 1;
            if (i == 2) w.usedF = w.usedF == 0 ? 1 : w.usedF - 1;
            if (i == 3) w.rule = "krum";
            w.report = encodeReport(w);
            w.c.reportDigest = sha256(w.report);
            vm.assertTrue(keccak256(honest) != keccak256(w.report));
            commit(w.c);
            _convicts(abi.encodeCall(results.proveBadReport, (w.c, documentsOf(w))));
        }
    }

    /// @dev Report fields that need nothing else to be seen wrong.
    function test_proveBadReport_needsNoRulesForWhatContradictsItself() public {
        for (uint256 i = 0; i < 9; ++i) {
            World memory w = _honest(keccak256("report"), 5, 3, 5);
            w.c.attempt = uint32(i);
            document(w);
            if (i == 0) w.report = bytes.concat(w.report, hex"00");
            if (i == 1) w.report[0] = 0x02;
            if (i == 2) w.report = hex"03";
            if (i == 3) w.denominator = 0;
            if (i == 4) w.standings[0] = 0;
            if (i == 5) w.standings[0] = 4;
            if (i == 6) w.standings[0] = 2;
            if (i == 7) w.weights[0] = 0;
            if (i > 2 && i < 8) w.report = encodeReport(w);
            if (i == 8) {
                w.c.model = keccak256("another model");
            }
            w.c.reportDigest = sha256(w.report);
            commit(w.c);
            IConviction.Documents memory bare = IConviction.Documents(w.report, "", "");
            _convicts(abi.encodeCall(results.proveBadReport, (w.c, bare)));
        }
    }

    function test_proveBadReport_findsSitesOutOfOrderAndMiscounted() public {
        World memory w = _honest(keccak256("order"), 5, 3, 5);
        (w.statements[0], w.statements[1]) = (w.statements[1], w.statements[0]);
        bytes memory swapped = w.report;
        uint256 first = 21 + bytes(w.rule).length;
        for (uint256 k = 0; k < 20; ++k) {
            (swapped[first + k], swapped[first + 200 + k]) =
            (swapped[first + 200 + k], swapped[first + k]);
        }
        w.c.reportDigest = sha256(swapped);
        commit(w.c);
        IConviction.Documents memory bare = IConviction.Documents(swapped, "", "");
        _convicts(abi.encodeCall(results.proveBadReport, (w.c, bare)));

        w = _honest(keccak256("count"), 5, 3, 5);
        w.c.attempt = 1;
        document(w);
        w.c.sites = 7;
        commit(w.c);
        _convicts(abi.encodeCall(results.proveBadReport, (w.c, documentsOf(w))));
    }

    function test_proveBadReport_findsOtherCoordinatesThanTheRules() public {
        World memory w = _honest(keccak256("coordinates"), 3, 0, 5);
        w.c.coordinates = 6;
        commit(w.c);
        _convicts(abi.encodeCall(results.proveBadReport, (w.c, documentsOf(w))));
    }

    function test_attack_copiedUpdate_voidsTheRoundThatAcceptsIt() public {
        World memory w = _honest(keccak256("copy"), 6, 0, 5);
        for (uint256 i = 0; i < 6; ++i) {
            (w.standings[i], w.weights[i]) = (1, 1);
        }
        w.denominator = 6;
        w.updates[4] = w.updates[1];
        rebuild(w);
        commit(w.c);
        _refuses(
            IConviction.Fault.CopyAccepted,
            abi.encodeCall(results.proveCopyAccepted, (w.c, w.report, 1, 3))
        );
        _convicts(abi.encodeCall(results.proveCopyAccepted, (w.c, w.report, 4, 1)));
    }

    function test_proveCopyAccepted_needsAcceptedSites() public {
        World memory w = _honest(keccak256("copy"), 3, 0, 5);
        (w.standings[2], w.weights[2], w.scores[2]) = (2, 0, 0);
        document(w);
        commit(w.c);
        vm.expectRevert(abi.encodeWithSelector(IResultProver.SiteOutOfRange.selector, 4, 4));
        results.proveCopyAccepted(w.c, w.report, 0, 4);
        vm.expectRevert(abi.encodeWithSelector(IResultProver.NotAccepted.selector, 2, 2));
        results.proveCopyAccepted(w.c, w.report, 2, 0);
    }

    function test_proveWrongSize_findsEachBlob() public {
        for (uint256 i = 0; i < 3; ++i) {
            World memory w = _honest(keccak256("size"), 3, 0, 5);
            w.c.attempt = uint32(i);
            document(w);
            bytes32 top = keccak256("a top node");
            bytes32 root = sha256(abi.encodePacked(uint8(2), uint64(24), top));
            if (i == 0) w.statements[0].updateRoot = root;
            if (i == 1) w.c.aggregateRoot = root;
            if (i == 2) w.c.model = root;
            w.report = encodeReport(w);
            w.c.reportDigest = sha256(w.report);
            commit(w.c);
            IResultProver.Blob blob = IResultProver.Blob(i);
            vm.expectPartialRevert(ContentTree.NotInContent.selector);
            results.proveWrongSize(w.c, w.report, blob, 0, 28, top);
            _convicts(abi.encodeCall(results.proveWrongSize, (w.c, w.report, blob, 0, 24, top)));
        }
    }

    function test_proveWrongSize_failsForTheRightSize() public {
        World memory w = _honest(keccak256("size"), 3, 0, 5);
        bytes32 top = keccak256("a top node");
        w.c.model = sha256(abi.encodePacked(uint8(2), uint64(20), top));
        commit(w.c);
        _refuses(
            IConviction.Fault.WrongSize,
            abi.encodeCall(results.proveWrongSize, (w.c, "", IResultProver.Blob.Model, 0, 20, top))
        );
        // A length that is the same when cut to 64 bits.
        vm.expectPartialRevert(ContentTree.NotInContent.selector);
        results.proveWrongSize(w.c, "", IResultProver.Blob.Model, 0, 20 + (1 << 64), top);
    }

    function test_proveGateMissed_findsAValueOutOfRange(int32 value, uint16 where) public {
        vm.assume(value > int32(VALUE_MAX) || value < -int32(VALUE_MAX));
        World memory w = _honest(keccak256("gate"), 3, 1, 300);
        uint256 j = where % 300;
        w.updates[0][j] = value;
        rebuild(w);
        commit(w.c);
        _convicts(_gateProof(w, 0, j));
    }

    // What is refused

    function test_proveBadAggregate_needsOneOpeningForEachWeight() public {
        World memory w = _honest(keccak256("openings"), 3, 0, 5);
        commit(w.c);
        ContentTree.Opening memory aggregate_ = _aggregateAt(w, 0);
        ContentTree.Opening[] memory all = openUpdates(w, 0);
        ContentTree.Opening[] memory more = new ContentTree.Opening[](all.length + 1);
        ContentTree.Opening[] memory fewer = new ContentTree.Opening[](all.length - 1);
        for (uint256 i = 0; i < all.length; ++i) {
            more[i] = all[i];
            if (i < fewer.length) fewer[i] = all[i];
        }
        more[all.length] = all[0];
        bytes4 reason = IResultProver.WrongOpeningCount.selector;
        vm.expectRevert(abi.encodeWithSelector(reason, all.length - 1, all.length));
        results.proveBadAggregate(w.c, documentsOf(w), 0, aggregate_, fewer);
        vm.expectRevert(abi.encodeWithSelector(reason, all.length + 1, all.length));
        results.proveBadAggregate(w.c, documentsOf(w), 0, aggregate_, more);
    }

    /// @dev Values behind a pre-aggregation are not those of the updates.
    function test_proveBadAggregate_leavesColumnsBehindPreAggregationAlone() public {
        World memory w = _honest(keccak256("pre"), 5, 1, 5);
        w.pre = 2;
        w.aggregate[0] += 1;
        apply_(w);
        document(w);
        commit(w.c);
        _failsWith(
            abi.encodeWithSelector(IResultProver.NotProvable.selector, keccak256("median")),
            _aggregateProof(w, 0)
        );
    }

    function test_proveBadAggregate_leavesUnknownRulesAlone() public {
        World memory w = _honest(keccak256("unknown"), 5, 3, 5);
        w.rule = "bulyan";
        document(w);
        commit(w.c);
        _failsWith(
            abi.encodeWithSelector(IResultProver.NotProvable.selector, keccak256("bulyan")),
            _aggregateProof(w, 0)
        );
    }

    function test_proofs_failOnOtherDocumentsThanTheCommitted() public {
        World memory w = _honest(keccak256("documents"), 3, 1, 5);
        commit(w.c);
        IConviction.Documents memory d = documentsOf(w);
        d.report = bytes.concat(d.report, hex"00");
        vm.expectPartialRevert(IConviction.DigestMismatch.selector);
        results.proveBadReport(w.c, d);
        d = documentsOf(w);
        d.context = bytes.concat(d.context, hex"00");
        vm.expectPartialRevert(IConviction.DigestMismatch.selector);
        results.proveBadReport(w.c, d);
        d = documentsOf(w);
        d.rules = bytes.concat(d.rules, hex"00");
        vm.expectPartialRevert(IConviction.DigestMismatch.selector);
        results.proveBadReport(w.c, d);
    }

    function test_proofs_failForCoordinatesThatAreNotThere() public {
        World memory w = _honest(keccak256("range"), 3, 0, 5);
        commit(w.c);
        bytes memory reason =
            abi.encodeWithSelector(IResultProver.CoordinateOutOfRange.selector, 5, 5);
        ContentTree.Opening memory aggregate_ = _aggregateAt(w, 0);
        ContentTree.Opening[] memory updates = openUpdates(w, 0);
        vm.expectRevert(reason);
        results.proveBadAggregate(w.c, documentsOf(w), 5, aggregate_, updates);
    }

    /// @dev The report of a false round may be anything; malformed ones have a proof of their own.
    function test_proveBadAggregate_failsOnMalformedReport() public {
        World memory w = _honest(keccak256("malformed"), 3, 0, 5);
        w.report = hex"0200";
        w.c.reportDigest = sha256(w.report);
        commit(w.c);
        _failsWith(
            abi.encodeWithSelector(ReportBytes.MalformedReport.selector), _aggregateProof(w, 0)
        );
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)

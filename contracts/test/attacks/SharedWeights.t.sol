// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IConviction} from "../../src/interfaces/IConviction.sol";
import {IResultProver} from "../../src/interfaces/IResultProver.sol";
import {ResultProofs} from "../provers/ResultProofs.sol";

/// @notice Sites that share a weight: what a report may say of them, so that the mark is no way out of
/// the proofs of weights and columns.
contract SharedWeightsTest is ResultProofs {
    /// @dev A mark at one site alone would switch the proof of a median off.
    function test_attack_aLoneSharesWeightMark() public {
        World memory w = _columns(0);
        w.aggregate[0] += 1_000;
        apply_(w);
        (w.reasons[0], w.shared[0]) = (11, 1);
        _commitDocuments(w);
        _failsWith(
            abi.encodeWithSelector(IResultProver.NotProvable.selector, keccak256("median")),
            _aggregateProof(w, 0)
        );
        _convicts(_reportProof(w, false));
    }

    /// @dev Each site whose mark fits no verdict, with everything else as it should be.
    function test_I13_sharesWeightMarksThatFitNoVerdict() public {
        for (uint32 i = 0; i < 6; ++i) {
            World memory w = _columns(i);
            (w.reasons[0], w.reasons[1]) = (11, 11);
            (w.shared[0], w.shared[1]) = (2, 2);
            if (i == 0) (w.shared[0], w.shared[1]) = (3, 3); // two of three
            if (i == 1) w.shared[1] = 3;
            if (i == 2) w.shared[1] = 6; // more than there are
            if (i == 3) (w.standings[1], w.weights[1], w.scores[1]) = (2, 0, 0);
            if (i == 4) w.shared[1] = 0;
            document(w);
            if (i == 5) _setOutcome(w, 1, 3);
            settle(w);
            document(w);
            if (i == 5) _setOutcome(w, 1, 3);
            w.c.reportDigest = sha256(w.report);
            commit(w.c);
            _convicts(_reportProof(w, false));
        }
    }

    /// @dev Only the cautious policy lets sites share.
    function test_I13_sharingUnderThePolicyThatKnowsNone() public {
        World memory w = _columns(0);
        (w.reasons[0], w.reasons[1]) = (11, 11);
        (w.shared[0], w.shared[1]) = (2, 2);
        document(w);
        uint256 place = w.rules.length - 60;
        while (w.rules[place] != 0x01 || w.rules[place + 1] != 0x01 || w.rules[place + 2] != "o") {
            --place;
        }
        w.rules[place] = 0x00;
        bytes32 digest = sha256(w.rules);
        for (uint256 k = 0; k < 32; ++k) {
            w.context[44 + k] = digest[k];
        }
        w.c.contextDigest = sha256(w.context);
        commit(w.c);
        _refuses(IConviction.Fault.BadReport, _reportProof(w, false));
        _convicts(_reportProof(w, true));
    }

    /// @dev Columns have no weights, also where rows are shared.
    function test_I12_honestSharingUnderColumns() public {
        World memory w = _columns(0);
        (w.reasons[0], w.reasons[1]) = (11, 11);
        (w.shared[0], w.shared[1]) = (2, 2);
        _commitDocuments(w);
        _refuses(IConviction.Fault.BadReport, _reportProof(w, true));
        _failsWith(
            abi.encodeWithSelector(IResultProver.NotProvable.selector, keccak256("median")),
            _aggregateProof(w, 0)
        );
    }

    function test_I13_aWeightOfTwoUnderSharedColumns() public {
        World memory w = _columns(0);
        (w.reasons[0], w.reasons[1]) = (11, 11);
        (w.shared[0], w.shared[1]) = (2, 2);
        w.weights[4] = 2;
        _commitDocuments(w);
        _convicts(_reportProof(w, true));
    }

    /// @dev Sites 0 and 1 are one row of four: an eighth each, the others a quarter.
    function test_I12_honestSharedMean() public {
        World memory w = _sharedMean(0);
        rebuild(w);
        commit(w.c);
        _refuses(IConviction.Fault.BadReport, _reportProof(w, true));
        _refuses(IConviction.Fault.BadAggregate, _aggregateProof(w, 0));
    }

    function test_attack_weightsOfASharedMeanAreNotFree() public {
        for (uint32 i = 0; i < 4; ++i) {
            World memory w = _sharedMean(i);
            if (i == 0) w.weights[4] = 1 << 40; // one site is everything
            if (i == 1) (w.weights[0], w.weights[1]) = (2, 2);
            if (i == 2) w.denominator = 7;
            if (i == 3) (w.weights[0], w.weights[2]) = (2, 1);
            rebuild(w);
            commit(w.c);
            _refuses(IConviction.Fault.BadAggregate, _aggregateProof(w, 0));
            _convicts(_reportProof(w, true));
        }
    }

    function _columns(uint32 attempt) private view returns (World memory w) {
        w = makeWorld("median", 5, 5, "columns");
        w.c.attempt = attempt;
        _acceptAll(w, 1);
        w.denominator = 1;
        w.usedF = 2;
        rebuild(w);
    }

    function _sharedMean(uint32 attempt) private view returns (World memory w) {
        w = makeWorld("mean", 5, 5, "shared mean");
        w.c.attempt = attempt;
        _acceptAll(w, 2);
        (w.weights[0], w.weights[1]) = (1, 1);
        (w.reasons[0], w.reasons[1]) = (11, 11);
        (w.shared[0], w.shared[1]) = (2, 2);
        w.denominator = 8; // four rows of two halves
    }

    function _acceptAll(World memory w, uint64 weight) private pure {
        for (uint256 i = 0; i < w.weights.length; ++i) {
            (w.standings[i], w.weights[i]) = (1, weight);
        }
    }

    function _commitDocuments(World memory w) private {
        document(w);
        settle(w);
        document(w);
        commit(w.c);
    }

    /// @dev 70 bytes into a site's entry of 200; 192 bytes follow the entries.
    function _setOutcome(World memory w, uint256 i, uint8 outcome) private pure {
        uint256 place = w.report.length - 192 - 200 * (w.weights.length - i) + 70;
        w.report[place] = bytes1(outcome);
    }

    function _reportProof(World memory w, bool withRules) private view returns (bytes memory) {
        IConviction.Documents memory d = documentsOf(w);
        if (!withRules) (d.context, d.rules) = ("", "");
        return abi.encodeCall(results.proveBadReport, (w.c, d));
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)

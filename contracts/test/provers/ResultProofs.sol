// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IConviction} from "../../src/interfaces/IConviction.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {ContentTree} from "../../src/libraries/ContentTree.sol";
import {Blob} from "../support/Blob.sol";
import {HonestRound} from "../support/HonestRound.sol";

/// @notice Proofs about an honest or spoilt round 1, and what their answers must be.
abstract contract ResultProofs is HonestRound {
    string[4] private _rules = ["mean", "median", "trimmed-mean", "geometric-median"];

    function _honest(bytes32 seed, uint8 sites, uint8 rule, uint256 d)
        internal
        view
        returns (World memory)
    {
        return makeWorld(_rules[rule % 4], 1 + sites % 7, d, seed);
    }

    function _lie(bytes32 seed) internal view returns (World memory w) {
        w = _honest(seed, 3, 0, 5);
        w.aggregate[0] += 1;
        apply_(w);
        document(w);
    }

    function _accepted(World memory w) internal pure returns (uint256 k) {
        while (w.standings[k] != 1) ++k;
    }

    function _aggregateAt(World memory w, uint256 j)
        internal
        pure
        returns (ContentTree.Opening memory)
    {
        return Blob.open(Blob.encode(w.aggregate), j);
    }

    function _aggregateProof(World memory w, uint256 j) internal view returns (bytes memory) {
        return abi.encodeCall(
            results.proveBadAggregate,
            (w.c, documentsOf(w), j, _aggregateAt(w, j), openUpdates(w, j))
        );
    }

    /// @dev Proofs are encoded first: SHA-256 is a call too, and cheat codes take the next one.
    function _failsWith(bytes memory reason, bytes memory proof) internal {
        (bool done, bytes memory got) = address(results).call(proof);
        vm.assertFalse(done);
        vm.assertEq(keccak256(got), keccak256(reason));
    }

    function _modelProof(World memory w, uint256 j) internal view returns (bytes memory) {
        ContentTree.Opening memory base = Blob.open(Blob.encode(w.base), j);
        ContentTree.Opening memory model = Blob.open(Blob.encode(w.model), j);
        return abi.encodeCall(
            results.proveBadModel, (w.c, documentsOf(w), j, base, _aggregateAt(w, j), model)
        );
    }

    function _gateProof(World memory w, uint256 k, uint256 j) internal view returns (bytes memory) {
        ContentTree.Opening memory update = Blob.open(Blob.encode(w.updates[k]), j);
        return abi.encodeCall(results.proveGateMissed, (w.c, documentsOf(w), k, j, update));
    }

    function _refuses(IConviction.Fault fault, bytes memory proof) internal {
        (bool done, bytes memory reason) = address(results).call(proof);
        vm.assertFalse(done);
        vm.assertEq(
            keccak256(reason),
            keccak256(abi.encodeWithSelector(IConviction.NoFault.selector, fault))
        );
    }

    function _convicts(bytes memory proof) internal {
        vm.prank(stranger);
        (bool done,) = address(results).call(proof);
        vm.assertTrue(done);
        _isVoided();
    }

    function _isVoided() internal view {
        vm.assertTrue(manager.roundState(1) == IRoundManager.RoundState.Voided);
        vm.assertEq(manager.head(), 0);
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)

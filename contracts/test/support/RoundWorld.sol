// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {PositionTree} from "../../src/libraries/PositionTree.sol";
import {RoundCommitment, UpdateStatement} from "../../src/libraries/Statements.sol";
import {Fixture} from "./Fixture.sol";

/// @notice Everything about one round, and its documents' canonical bytes, written apart from the code
/// under test.
abstract contract RoundWorld is Fixture {
    uint128 internal constant BUDGET = 1_000_003;
    uint128 internal constant MIN_STAKE = 50;
    uint128 internal constant STAKE_PER_SCORE = 3;
    uint32 internal constant VALUE_MAX = 1 << 29;
    uint8 internal constant SCALE = 24;

    /// @dev Everything about one round. Lists are by site, ascending.
    struct World {
        string rule;
        uint32 f; // of the rules
        uint32 usedF; // of the report
        uint32 pre; // steps in front of the rule
        uint32 denominator;
        uint256 coordinates;
        int256[][] updates;
        int256[] aggregate;
        int256[] base; // float32 bits
        int256[] model;
        uint64[] weights;
        uint64[] scores;
        uint8[] standings;
        uint8[] reasons;
        uint32[] shared; // how many sites share a weight; for those with reason 11
        uint128[] stakes;
        uint128[] before; // cumulative rewards
        uint256[] barred;
        bytes32 salt;
        bytes32 previousAggregate;
        bytes32 previousRewards;
        bytes32 previousState;
        bytes32 state; // that the round leaves
        UpdateStatement[] statements;
        PositionTree.UpdateLeaf[] leaves;
        bytes[] signatures;
        bytes rules;
        bytes context;
        bytes report;
        RoundCommitment c;
    }

    // Encodings of docs/protocol.md, section 10

    function encodeRules(World memory w) internal pure returns (bytes memory) {
        bytes memory head = abi.encodePacked(
            uint32(1), uint64(w.coordinates), _text(w.rule), uint32(0), uint32(w.pre)
        );
        for (uint256 i = 0; i < w.pre; ++i) {
            head = bytes.concat(
                head, _text("norm-clip"), abi.encodePacked(uint32(1), _text("norm"), uint64(7))
            );
        }
        return bytes.concat(
            head,
            abi.encodePacked(w.f, SCALE, VALUE_MAX),
            hex"0101", // anomalies: cautious, with a look back
            "omaly, model, training and schedule",
            abi.encodePacked(BUDGET, MIN_STAKE, STAKE_PER_SCORE, uint32(3), uint32(0x00c807d0))
        );
    }

    function encodeContext(World memory w) internal pure returns (bytes memory encoded) {
        encoded = abi.encodePacked(
            w.c.federation, w.c.round, w.c.attempt, sha256(w.rules), w.c.parentModel
        );
        encoded = bytes.concat(
            encoded,
            abi.encodePacked(
                w.previousAggregate,
                w.previousRewards,
                w.previousState,
                w.salt,
                uint32(w.updates.length)
            )
        );
        for (uint256 i = 0; i < w.updates.length; ++i) {
            encoded = bytes.concat(
                encoded,
                abi.encodePacked(siteAt(i), vm.addr(signerKey(i)), w.stakes[i], w.before[i]),
                abi.encodePacked(uint32(0), uint32(0), uint8(w.barred[i]))
            );
        }
    }

    function encodeReport(World memory w) internal pure returns (bytes memory encoded) {
        encoded = abi.encodePacked(
            uint8(3), _text(w.rule), w.usedF, w.denominator, uint32(w.updates.length)
        );
        for (uint256 i = 0; i < w.updates.length; ++i) {
            encoded = bytes.concat(
                encoded,
                abi.encodePacked(
                    siteAt(i), w.statements[i].updateRoot, w.standings[i], w.reasons[i]
                ),
                abi.encodePacked(w.weights[i], w.scores[i], encodeVerdict(w, i), new bytes(116))
            );
        }
        return bytes.concat(
            encoded, abi.encodePacked(w.c.aggregateRoot, w.c.model, w.state, new bytes(96))
        );
    }

    /// @dev outcome, clause, fired, reasons, shared between.
    function encodeVerdict(World memory w, uint256 i) internal pure returns (bytes memory) {
        bool shares = w.reasons[i] == 11;
        uint32 between = shares ? w.shared[i] : 1;
        return abi.encodePacked(uint8(shares ? 1 : 0), uint8(0), uint32(0), uint32(0), between);
    }

    // Names and parts

    /// @dev Ascending addresses.
    function siteAt(uint256 i) internal pure returns (address) {
        return address(uint160((i + 1) << 140 | 0xabc));
    }

    function signerKey(uint256 i) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("site key", i))) >> 1;
    }

    function saltOf(bytes32 salt, uint256 i) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(salt, siteAt(i)));
    }

    function leafHashes(World memory w) internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](w.leaves.length);
        for (uint256 i = 0; i < hashes.length; ++i) {
            PositionTree.UpdateLeaf memory leaf = w.leaves[i];
            hashes[i] = keccak256(
                abi.encode(
                    uint8(0),
                    i,
                    leaf.site,
                    leaf.updateRoot,
                    leaf.statementDigest,
                    leaf.signatureHash
                )
            );
        }
    }

    function _text(string memory value) internal pure returns (bytes memory) {
        return abi.encodePacked(uint64(bytes(value).length), value);
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)

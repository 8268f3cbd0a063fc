// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ByteFields} from "./ByteFields.sol";

/// @title What proofs read of the rules' canonical bytes (docs/protocol.md, section 10).
/// @dev The rules are agreed before the first round and their digest is in every context, so bytes
/// with the right digest are trusted to be what the encoder wrote.
library RulesBytes {
    using ByteFields for bytes;

    uint32 internal constant VERSION = 1;
    uint256 internal constant SETTLEMENT_BYTES = 56;
    uint256 internal constant STEPS_MAX = 16;
    uint8 internal constant CAUTIOUS = 1; // the only policy under which sites share a weight

    struct Aggregation {
        uint64 coordinates;
        bytes32 rule; // keccak256 of the rule's name
        uint32 parameters; // of the rule
        uint32 pre; // steps in front of the rule
        uint32 f;
        uint8 scaleBits;
        uint32 coordinateMax;
        uint8 policy; // of anomalies: 1 is cautious
    }

    struct Settlement {
        uint128 roundBudget;
        uint128 minStake;
        uint128 stakePerScore;
    }

    /// @notice Proofs know one version of the rules' encoding.
    error UnknownRulesVersion(uint32 version, uint32 expected);
    /// @notice More steps or parameters than an encoder writes.
    error TooManySteps(uint256 steps, uint256 maximum);

    function aggregation(bytes calldata rules) internal pure returns (Aggregation memory a) {
        requireVersion(rules);
        a.coordinates = rules.u64(4);
        uint256 offset;
        (a.rule, a.parameters, offset) = _step(rules, 12);
        a.pre = rules.u32(offset);
        require(a.pre <= STEPS_MAX, TooManySteps(a.pre, STEPS_MAX));
        offset += 4;
        for (uint256 i = 0; i < a.pre; ++i) {
            (,, offset) = _step(rules, offset);
        }
        a.f = rules.u32(offset);
        a.scaleBits = rules.u8(offset + 4);
        a.coordinateMax = rules.u32(offset + 5);
        a.policy = rules.u8(offset + 9);
    }

    /// @notice The last fields of the rules.
    function settlement(bytes calldata rules) internal pure returns (Settlement memory s) {
        requireVersion(rules);
        require(
            rules.length >= SETTLEMENT_BYTES, ByteFields.Truncated(SETTLEMENT_BYTES, rules.length)
        );
        uint256 offset = rules.length - SETTLEMENT_BYTES;
        s.roundBudget = rules.u128(offset);
        s.minStake = rules.u128(offset + 16);
        s.stakePerScore = rules.u128(offset + 32);
    }

    function requireVersion(bytes calldata rules) internal pure {
        uint32 version = rules.u32(0);
        require(version == VERSION, UnknownRulesVersion(version, VERSION));
    }

    /// @dev name text | u32 count | count times (name text | u64 value).
    function _step(bytes calldata rules, uint256 offset)
        private
        pure
        returns (bytes32 name, uint32 parameters, uint256 next)
    {
        uint256 length = rules.u64(offset);
        name = rules.hashOf(offset + 8, length);
        next = offset + 8 + length;
        parameters = rules.u32(next);
        require(parameters <= STEPS_MAX, TooManySteps(parameters, STEPS_MAX));
        next += 4;
        for (uint256 i = 0; i < parameters; ++i) {
            length = rules.u64(next);
            require(length <= rules.length, ByteFields.Truncated(length, rules.length));
            next += 16 + length;
        }
    }
}

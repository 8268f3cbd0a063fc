// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Words of {RoundStorage}, and their reading and writing as a whole.
/// @dev The compiler loads and stores each field of a packed word by itself, for 100 to 200 gas each.
abstract contract RoundWords {
    /// @dev In Hot.held: some round was voided once, so that commitments may be banned.
    uint8 internal constant ANY_VOID = 0x80;

    /// @dev All that a commitment reads of the federation's state, in one word (256 bits).
    struct Hot {
        uint32 head;
        uint24 challengeWindow;
        uint8 threshold;
        uint8 demanded; // 0 or k: round head + 1 - k is the first with an open demand
        uint8 held; // low 7 bits: 0 or k: round head + 1 - k is held back by a dispute; top: ANY_VOID
        uint16 epoch;
        address terms; // of the epoch, by TermsCode; zero while paused
    }

    // In Held.flags.
    uint8 internal constant VOIDED = 1;
    uint8 internal constant DEMANDED = 2; // a demand about the round is open
    uint8 internal constant EXTENDED = 4; // the council has extended its window, or one before

    // In Gone.state.
    uint8 internal constant NOT_VOIDED = 0;
    uint8 internal constant IS_VOIDED = 1;
    uint8 internal constant CONVICTED = 2; // its parties were slashed for it

    /// @dev What a proof needs of a commitment that was voided, in one word (256 bits).
    struct Gone {
        uint8 state;
        uint16 epoch;
        uint16 parentEpoch; // 0 for round 1
        uint32 signers;
        uint40 windowEnd;
        bytes18 parent; // the first bytes of the parent's commitment hash; 0 for round 1
    }

    /// @dev Three words. The rewards root has one of its own so that a claim need not bring the
    /// whole commitment; a claim reads only the second and the third.
    struct Held {
        bytes32 commitment;
        bytes32 rewardsRoot;
        uint32 round;
        uint40 windowEnd;
        uint24 grace; // from windowEnd to finality: time for proofs after an answered demand
        uint8 flags;
        uint32 signers;
        uint16 epoch;
        uint96 rewardTotal;
    }

    /// @dev One store. The compiler makes one of each field: 200 gas for every field that follows.
    function _write(Hot storage place, Hot memory hot) internal {
        uint256 word = uint256(hot.head) | uint256(hot.challengeWindow) << 32
            | uint256(hot.threshold) << 56 | uint256(hot.demanded) << 64 | uint256(hot.held) << 72
            | uint256(hot.epoch) << 80 | uint256(uint160(hot.terms)) << 96;
        assembly ("memory-safe") {
            sstore(place.slot, word)
        }
    }

    /// @dev One store: the third word of a slot.
    function _writeLast(Held storage place, uint256 word) internal {
        assembly ("memory-safe") {
            sstore(add(place.slot, 2), word)
        }
    }

    /// @dev Fields of Held's third word, in their places; the round is the lowest.
    function _pack(uint40 windowEnd, uint24 grace, uint8 flags) internal pure returns (uint256) {
        return uint256(windowEnd) << 32 | uint256(grace) << 72 | uint256(flags) << 96;
    }

    function _pack(uint32 signers, uint16 epoch, uint96 total) internal pure returns (uint256) {
        return uint256(signers) << 104 | uint256(epoch) << 136 | uint256(total) << 152;
    }

    /// @dev The third word of a slot, by one load.
    function _packed(Held storage place) internal view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(add(place.slot, 2))
        }
    }

    // casting cuts fields out of a packed word
    // forge-lint: disable-start(unsafe-typecast)
    function _roundOf(uint256 word) internal pure returns (uint32) {
        return uint32(word);
    }

    function _windowEndOf(uint256 word) internal pure returns (uint40) {
        return uint40(word >> 32);
    }

    function _finalAtOf(uint256 word) internal pure returns (uint40) {
        return uint40(word >> 32) + uint24(word >> 72);
    }

    function _flagsOf(uint256 word) internal pure returns (uint8) {
        return uint8(word >> 96);
    }

    function _rewardTotalOf(uint256 word) internal pure returns (uint96) {
        return uint96(word >> 152);
    }
    // forge-lint: disable-end(unsafe-typecast)

    function _finalAt(Held storage held) internal view returns (uint40) {
        return _finalAtOf(_packed(held));
    }
}

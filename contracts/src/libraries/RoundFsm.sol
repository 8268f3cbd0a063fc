// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev How many rounds are kept. Not in the library: the length of an array must be a plain name.
uint32 constant RING = 64;

/// @title The life of rounds, as arithmetic: numbers, times, slots.
/// @dev {RoundManager} keeps the words and decides by these functions; contracts/smt proves what they
/// promise together. A round is committed as head + 1, is final when its time has come and nothing
/// holds it back, and can be voided until then, with all rounds after it.
library RoundFsm {
    /// @notice Where the round's words lie.
    function slotOf(uint64 round) internal pure returns (uint256) {
        return round % RING;
    }

    /// @notice Whether the round is on the chain, neither voided nor dead nor overwritten.
    /// @param inSlot the number of the round whose words its slot holds
    function stands(uint32 head, uint32 inSlot, uint64 round) internal pure returns (bool) {
        return inSlot == round && round != 0 && round <= head;
    }

    /// @notice Whether the first round that is held back keeps this one from becoming final.
    /// @param first 0 if none is held back
    function isHeldBack(uint64 first, uint64 round) internal pure returns (bool) {
        return first != 0 && first <= round;
    }

    function isFinal(uint40 time, uint40 finalAt, uint64 first, uint64 round)
        internal
        pure
        returns (bool)
    {
        return time >= finalAt && !isHeldBack(first, round);
    }

    /// @notice The time of finality of a round committed now: never before its parent's.
    /// @param parentFinalAt 0 for the first round
    function finalAtOf(uint40 time, uint24 window, uint40 parentFinalAt)
        internal
        pure
        returns (uint40)
    {
        uint40 own = time + window;
        return own < parentFinalAt ? parentFinalAt : own;
    }

    /// @notice The round that must be final, or overwritten, before head + 1 takes its slot; 0 for
    /// none. It is the one after the round that loses its slot, so that the parent of every round that
    /// can still be voided is on the chain.
    function guardOf(uint32 head) internal pure returns (uint32) {
        return head < RING ? 0 : head - (RING - 2);
    }

    /// @notice The head after the next round was committed: that round.
    function headAfterCommit(uint32 head) internal pure returns (uint32) {
        return head + 1;
    }

    /// @notice The head after round `voided`, which stands, was voided.
    function headAfterVoid(uint32 voided) internal pure returns (uint32) {
        return voided - 1;
    }

    /// @notice The first round held back, once the head has fallen: what is gone holds nothing back.
    function firstAfterVoid(uint32 headAfter, uint64 first) internal pure returns (uint64) {
        return first <= headAfter ? first : 0;
    }

    /// @notice How the hot word keeps a round that is held back: its distance from head + 1; 0 for
    /// none.
    function distance(uint32 head, uint64 first) internal pure returns (uint64) {
        return first == 0 ? 0 : uint64(head) + 1 - first;
    }

    /// @notice The round at that distance.
    function atDistance(uint32 head, uint64 back) internal pure returns (uint64) {
        return back == 0 ? 0 : uint64(head) + 1 - back;
    }
}

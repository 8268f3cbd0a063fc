// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RING, RoundFsm} from "../src/libraries/RoundFsm.sol";

/// @title What the round state machine promises, for the prover (contracts/tools/smt). Not deployed.
/// @dev Rounds `a`, `b`, ... with the times of their finality are any that stand; each function is one
/// transition. Two facts about all pairs of rounds that stand are taken for granted before it and
/// proven after it, so that by induction over the transitions they hold always: {_ordered}, times
/// ascend with the rounds, and {_near}, who stands is less than a lap behind the head.
contract RoundProof {
    /// @notice Final stays final while time passes.
    function waits(uint40 time, uint40 later, uint64 first, uint32 a, uint40 aAt) external pure {
        require(time <= later && RoundFsm.isFinal(time, aAt, first, a));
        assert(RoundFsm.isFinal(later, aAt, first, a));
    }

    /// @notice A round is final only after all before it.
    function inOrder(uint40 time, uint64 first, uint32 a, uint40 aAt, uint32 b, uint40 bAt)
        external
        pure
    {
        require(a < b && _ordered(a, aAt, b, bAt) && RoundFsm.isFinal(time, bAt, first, b));
        assert(RoundFsm.isFinal(time, aAt, first, a));
    }

    /// @notice Final stays final when `b`, which is not, is held back; nothing was held before.
    function holdsBack(uint40 time, uint32 head, uint32 a, uint40 aAt, uint32 b, uint40 bAt)
        external
        pure
    {
        require(b != 0 && b <= head && _ordered(a, aAt, b, bAt));
        require(!RoundFsm.isFinal(time, bAt, 0, b));
        // Kept as a distance, and found again.
        uint64 first = RoundFsm.atDistance(head, RoundFsm.distance(head, b));
        assert(first == b);
        // It and all after it wait, whatever their time.
        assert(a < b || RoundFsm.isHeldBack(first, a));
        assert(!RoundFsm.isFinal(time, bAt, first, b));
        assert(!RoundFsm.isFinal(time, aAt, 0, a) || RoundFsm.isFinal(time, aAt, first, a));
    }

    /// @notice A release makes no round less final.
    function releases(uint40 time, uint64 first, uint32 a, uint40 aAt) external pure {
        require(RoundFsm.isFinal(time, aAt, first, a));
        assert(RoundFsm.isFinal(time, aAt, 0, a));
    }

    /// @notice A commitment moves the head by one, keeps the order, and leaves all that stood in
    /// their slots, but the one round that is a lap behind.
    /// @param a a round that stands, `headAt` when the head becomes final
    function commits(uint40 time, uint24 window, uint32 head, uint40 headAt, uint32 a, uint40 aAt)
        external
        pure
    {
        require(head < type(uint32).max && time <= type(uint40).max - window);
        require(_near(head, a) && _ordered(a, aAt, head, headAt));
        uint32 round = RoundFsm.headAfterCommit(head);
        uint40 roundAt = RoundFsm.finalAtOf(time, window, headAt);
        assert(round == head + 1);
        assert(_ordered(a, aAt, round, roundAt));
        assert(RoundFsm.finalAtOf(time, window, 0) == time + window);
        bool taken = RoundFsm.slotOf(round) == RoundFsm.slotOf(a);
        assert(taken == (round - a == RING));
        assert(taken || _near(round, a));
    }

    /// @notice The slot of a round that stands is taken only once that round is final: its child is
    /// the guard.
    /// @param guardAt of the guard, which stands because rounds are committed in order
    function evicts(uint40 time, uint32 head, uint32 a, uint40 aAt, uint40 guardAt) external pure {
        require(head < type(uint32).max && _near(head, a));
        require(RoundFsm.slotOf(head + 1) == RoundFsm.slotOf(a));
        uint32 guard = RoundFsm.guardOf(head);
        assert(guard == a + 1);
        assert(guard <= head && _near(head, guard));
        require(_ordered(a, aAt, guard, guardAt));
        require(RoundFsm.isFinal(time, guardAt, 0, guard));
        assert(RoundFsm.isFinal(time, aAt, 0, a));
    }

    /// @notice Final stays final when `b`, which is not, is voided, and stays on the chain.
    function voids(
        uint40 time,
        uint32 head,
        uint64 first,
        uint32 a,
        uint40 aAt,
        uint32 b,
        uint40 bAt
    ) external pure {
        require(first <= head && _near(head, a) && _near(head, b) && _ordered(a, aAt, b, bAt));
        require(!RoundFsm.isFinal(time, bAt, first, b));
        bool wasFinal = RoundFsm.isFinal(time, aAt, first, a);
        uint32 headAfter = RoundFsm.headAfterVoid(b);
        uint64 firstAfter = RoundFsm.firstAfterVoid(headAfter, first);
        assert(headAfter < head);
        assert(firstAfter <= headAfter);
        assert(!wasFinal || RoundFsm.stands(headAfter, a, a));
        assert(!wasFinal || RoundFsm.isFinal(time, aAt, firstAfter, a));
        // All before it stand on, all from it on are dead; who stays is as near as before.
        assert(RoundFsm.stands(headAfter, a, a) == (a < b));
        assert(a >= b || _near(headAfter, a));
        // What was held back stays so, if it is still there.
        assert(first >= b || firstAfter == first);
    }

    /// @notice Fewer than 64 rounds apart, no two share a slot; what stands is what its slot holds.
    function slots(uint32 head, uint32 a, uint32 b) external pure {
        require(_near(head, a) && _near(head, b));
        assert(RoundFsm.slotOf(a) < RING);
        assert(a == b || RoundFsm.slotOf(a) != RoundFsm.slotOf(b));
        assert(!RoundFsm.stands(head, b, a) || a == b);
        assert(!RoundFsm.stands(head, a, 0));
    }

    /// @notice A distance fits seven bits for every round that stands.
    function distances(uint32 head, uint32 a) external pure {
        require(_near(head, a));
        uint64 back = RoundFsm.distance(head, a);
        assert(back > 0 && back <= RING);
        assert(RoundFsm.atDistance(head, back) == a);
        assert(RoundFsm.distance(head, 0) == 0 && RoundFsm.atDistance(head, 0) == 0);
    }

    function _ordered(uint32 a, uint40 aAt, uint32 b, uint40 bAt) private pure returns (bool) {
        if (a == b) return aAt == bAt;
        return a < b ? aAt <= bAt : bAt <= aAt;
    }

    function _near(uint32 head, uint32 a) private pure returns (bool) {
        return a != 0 && a <= head && head - a < RING;
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IRoundManager} from "../interfaces/IRoundManager.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";
import {RoundFsm} from "../libraries/RoundFsm.sol";
import {RoundCommitment, Statements} from "../libraries/Statements.sol";
import {RoundStorage} from "./RoundStorage.sol";

/// @title What keeps rounds of {RoundManager} from becoming final: disputes, demands and the council.
/// @dev With W the end of a round's window: demands about it or an earlier round begin before W, are
/// answered or expire within their time A, and leave A for proofs; so finality comes by W + 2 A, or
/// by that plus the resolution window where a dispute was open. Nothing here repeats.
abstract contract RoundHolds is RoundStorage {
    using SafeCast for uint256;
    using Statements for RoundCommitment;

    uint256 internal constant EXTENSION_MAX = 72 hours;

    /// @inheritdoc IRoundManager
    function holdRound(RoundCommitment calldata c) external restricted {
        Hot memory hot = _store().hot;
        _requireNoDispute(hot);
        Held storage held = _requireOpen(hot, c.round, c.hash());
        _store().hot.held = (hot.held & ANY_VOID) | _back(hot, held.round);
        emit RoundHeld(c.round);
    }

    /// @inheritdoc IRoundManager
    function releaseRound() external restricted {
        Hot memory hot = _store().hot;
        uint64 round = _heldRound(hot);
        require(round != 0, NothingHeld());
        _store().hot.held = hot.held & ANY_VOID;
        emit RoundReleased(round);
    }

    /// @inheritdoc IRoundManager
    function demandRound(RoundCommitment calldata c) external restricted {
        Hot memory hot = _store().hot;
        Held storage held = _requireCommitted(hot, c.round, c.hash());
        uint40 windowEnd = held.windowEnd;
        require(_now() < windowEnd, WindowPassed(c.round, windowEnd));
        require(held.flags & DEMANDED == 0, RoundDemanded(c.round));
        held.flags |= DEMANDED;
        uint64 first = _demandedRound(hot);
        if (first == 0 || c.round < first) _store().hot.demanded = _back(hot, c.round);
        emit DemandOpened(c.round);
    }

    /// @inheritdoc IRoundManager
    function settleDemand(uint64 round, uint40 openUntil) external restricted {
        Hot memory hot = _store().hot;
        Held storage held = _slot(round);
        bool open = _stands(hot, held, round) && held.flags & DEMANDED != 0;
        require(open, NothingDemanded(round));
        held.flags &= ~DEMANDED;
        if (_demandedRound(hot) == round) {
            uint64 next = round + 1;
            while (next <= hot.head && _slot(next).flags & DEMANDED == 0) ++next;
            _store().hot.demanded = _back(hot, next);
        }
        // Times never fall from round to round: the first that is late enough ends the walk.
        for (uint64 later = round; later <= hot.head; ++later) {
            Held storage slot = _slot(later);
            if (_finalAt(slot) >= openUntil) break;
            slot.grace = uint256(openUntil - slot.windowEnd).toUint24();
        }
        emit DemandSettled(round, _finalAt(held));
    }

    /// @inheritdoc IRoundManager
    function extendWindow(uint64 round, uint40 until) external restricted {
        Hot memory hot = _store().hot;
        Held storage held = _slot(round);
        require(_stands(hot, held, round), CommitmentMismatch(round, 0, 0));
        uint40 windowEnd = held.windowEnd;
        require(_now() < windowEnd, WindowPassed(round, windowEnd));
        require(held.flags & EXTENDED == 0, AlreadyExtended(round));
        uint256 latest = windowEnd + _extensionMost();
        require(until > windowEnd && until <= latest, ExtensionOutOfRange(until, windowEnd, latest));
        for (uint64 later = round; later <= hot.head; ++later) {
            Held storage slot = _slot(later);
            if (slot.windowEnd >= until) break;
            uint40 finalAt = _finalAt(slot);
            slot.grace = finalAt > until ? uint256(finalAt - until).toUint24() : 0;
            slot.windowEnd = until;
            slot.flags |= EXTENDED;
        }
        emit WindowExtended(round, until);
    }

    /// @dev The round stands (not voided, not dead, still in the ring) with this commitment.
    function _requireCommitted(Hot memory hot, uint64 round, bytes32 commitment)
        internal
        view
        returns (Held storage held)
    {
        held = _slot(round);
        bytes32 stored = _stands(hot, held, round) ? held.commitment : bytes32(0);
        require(stored == commitment, CommitmentMismatch(round, commitment, stored));
    }

    /// @dev It stands and is not final.
    function _requireOpen(Hot memory hot, uint64 round, bytes32 commitment)
        internal
        view
        returns (Held storage held)
    {
        held = _requireCommitted(hot, round, commitment);
        require(!_isFinal(hot, round, _finalAt(held)), RoundIsFinal(round));
    }

    function _stands(Hot memory hot, Held storage held, uint64 round) internal view returns (bool) {
        return RoundFsm.stands(hot.head, held.round, round);
    }

    function _requireNoDispute(Hot memory hot) internal pure {
        uint64 round = _heldRound(hot);
        require(round == 0, RoundDisputed(round));
    }

    /// @dev What Hot keeps of a round: its distance from head + 1; 0 for none and for rounds that
    /// are gone.
    function _back(Hot memory hot, uint64 round) internal pure returns (uint8) {
        return
            uint256(RoundFsm.distance(hot.head, RoundFsm.firstAfterVoid(hot.head, round))).toUint8();
    }

    /// @dev 72 hours, or what the windows leave: stake and accusations must outlast every round.
    function _extensionMost() private view returns (uint256 most) {
        IStakeVault.Windows memory w = _store().vault.windows();
        // The vault keeps both differences from falling below zero. Demands may use the other half.
        most = (uint256(w.unbonding) - w.challenge - w.resolution) / 2;
        uint256 evidence = uint256(w.evidenceAge) + (uint256(w.evidenceAge) + 9) / 10;
        uint256 spare = uint256(w.unbonding) - w.challenge - evidence;
        if (spare < most) most = spare;
        if (EXTENSION_MAX < most) most = EXTENSION_MAX;
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Managed} from "../access/Managed.sol";
import {IRoundManager} from "../interfaces/IRoundManager.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";
import {AuditorQuorum} from "../libraries/AuditorQuorum.sol";
import {Domain} from "../libraries/Domain.sol";
import {RING, RoundFsm} from "../libraries/RoundFsm.sol";
import {RoundCommitment, Statements} from "../libraries/Statements.sol";
import {TermsCode} from "../libraries/TermsCode.sol";
import {RoundWords} from "./RoundWords.sol";

/// @title What {RoundManager} remembers, and its plain views.
/// @dev A committed round lives in slot `round % RING`. Rounds are committed in order, and neither the
/// end of the window nor the time of finality ever falls, so when a round is final, so are all before.
abstract contract RoundStorage is IRoundManager, RoundWords, Managed {
    using Statements for RoundCommitment;
    using TermsCode for bytes;

    /// @custom:storage-location erc7201:fedstake.RoundManager
    struct Store {
        Hot hot;
        bytes32 headModel;
        bytes32 history;
        IERC20 token;
        uint96 claimedTotal; // with the token: a claim reads both
        IStakeVault vault;
        uint96 funded;
        uint40 pausedUntil;
        Held[RING] ring;
        mapping(uint16 epoch => address) epochs; // by TermsCode
        mapping(address account => uint128) claimed;
        mapping(bytes32 commitment => Gone) voided; // for ever, dead descendants too
        // By the account that answers: the latest window of its rounds that were voided unproven.
        mapping(address account => uint40 windowEnd) accountable;
    }

    // keccak256(abi.encode(uint256(keccak256("fedstake.RoundManager")) - 1)) & ~0xff
    bytes32 private constant PLACE =
        0x14cc12a79726864e6a272fef5726de58df33cfdcbf22feffea3188288cfbb200;

    function _store() internal pure returns (Store storage store) {
        bytes32 place = PLACE;
        assembly {
            store.slot := place
        }
    }

    /// @inheritdoc IRoundManager
    function head() external view returns (uint64) {
        return _store().hot.head;
    }

    /// @inheritdoc IRoundManager
    function headModel() external view returns (bytes32) {
        return _store().headModel;
    }

    /// @inheritdoc IRoundManager
    function history() external view returns (bytes32) {
        return _store().history;
    }

    /// @inheritdoc IRoundManager
    function heldRound() external view returns (uint64) {
        return _heldRound(_store().hot);
    }

    /// @inheritdoc IRoundManager
    function demandedRound() external view returns (uint64) {
        return _demandedRound(_store().hot);
    }

    /// @inheritdoc IRoundManager
    function pausedUntil() external view returns (uint40) {
        return _store().pausedUntil;
    }

    /// @inheritdoc IRoundManager
    function currentEpoch() external view returns (uint16) {
        return _store().hot.epoch;
    }

    /// @inheritdoc IRoundManager
    function epochOf(uint16 epoch) external view returns (Epoch memory) {
        return TermsCode.decode(_terms(epoch));
    }

    /// @inheritdoc IRoundManager
    function slotOf(uint64 round) external view returns (Slot memory slot) {
        RoundState state = roundState(round);
        bool known = state == RoundState.Committed || state == RoundState.Final
            || state == RoundState.Voided;
        if (!known) return slot;
        Held storage held = _slot(round);
        slot = Slot({
            commitment: held.commitment,
            round: held.round,
            finalAt: _finalAt(held),
            voided: held.flags & VOIDED != 0,
            signers: held.signers,
            rewardTotal: held.rewardTotal,
            epoch: held.epoch,
            windowEnd: held.windowEnd,
            rewardsRoot: held.rewardsRoot
        });
    }

    /// @inheritdoc IRoundManager
    function partiesOf(uint64 round)
        external
        view
        returns (address coordinator_, address[] memory signers)
    {
        Held storage held = _slot(round);
        if (held.round != round || round == 0) return (address(0), signers);
        return _parties(held.epoch, held.signers);
    }

    function _parties(uint16 epoch, uint32 bitmap)
        internal
        view
        returns (address coordinator_, address[] memory signers)
    {
        bytes memory terms = _terms(epoch);
        uint256 count = 0;
        for (uint256 rest = bitmap; rest != 0; rest &= rest - 1) {
            ++count;
        }
        signers = new address[](count);
        for (uint256 i = 0; count != 0; ++i) {
            if ((bitmap >> i) & 1 == 1) signers[signers.length - count--] = terms.auditorAt(i);
        }
        coordinator_ = terms.coordinatorOf();
    }

    /// @inheritdoc IRoundManager
    function recordOf(uint64 round, bytes32 commitmentHash)
        public
        view
        returns (Record memory record)
    {
        Gone memory gone = _store().voided[commitmentHash];
        if (gone.state == NOT_VOIDED) gone = _standing(round, commitmentHash);
        record = Record({
            epoch: gone.epoch,
            parentEpoch: gone.parentEpoch,
            signers: gone.signers,
            windowEnd: gone.windowEnd,
            voided: gone.state != NOT_VOIDED,
            convicted: gone.state == CONVICTED,
            parent: gone.parent
        });
    }

    /// @inheritdoc IRoundManager
    function roundState(uint64 round) public view returns (RoundState) {
        if (round == 0) return RoundState.None;
        Held storage held = _slot(round);
        Hot memory hot = _store().hot;
        if (round > hot.head) {
            bool voided = held.round == round && held.flags & VOIDED != 0;
            return voided ? RoundState.Voided : RoundState.None;
        }
        if (held.round != round) return RoundState.Archived;
        return _isFinal(hot, round, _finalAt(held)) ? RoundState.Final : RoundState.Committed;
    }

    /// @inheritdoc IRoundManager
    function isFinal(uint64 round) external view returns (bool) {
        RoundState state = roundState(round);
        return state == RoundState.Final || state == RoundState.Archived;
    }

    /// @inheritdoc IRoundManager
    function hashCommitment(RoundCommitment calldata c) external pure returns (bytes32) {
        return c.hash();
    }

    /// @inheritdoc IRoundManager
    function commitmentDigest(RoundCommitment calldata c) external view returns (bytes32) {
        return Domain.digest(address(this), c.hash());
    }

    /// @inheritdoc IRoundManager
    function domainSeparator() external view returns (bytes32) {
        return Domain.separator(address(this));
    }

    /// @inheritdoc IRoundManager
    function verifyQuorum(bytes32 digest, bytes calldata signatures)
        external
        view
        returns (uint32)
    {
        Hot memory hot = _store().hot;
        return AuditorQuorum.verify(_terms(hot.epoch), hot.threshold, digest, signatures);
    }

    /// @inheritdoc IRoundManager
    function verifyPanel(uint16 epoch, uint32 excluded, bytes32 digest, bytes calldata signatures)
        external
        view
        returns (uint32 signers)
    {
        bytes memory terms = _terms(epoch);
        uint256 total = terms.auditorsCount();
        uint256 judges = 0;
        for (uint256 i = 0; i < total; ++i) {
            if ((excluded >> i) & 1 == 0) ++judges;
        }
        require(judges != 0, NoPanel(epoch, excluded));
        signers = AuditorQuorum.verify(terms, judges / 2 + 1, digest, signatures);
        require(signers & excluded == 0, NotOfThePanel(signers, excluded));
    }

    /// @inheritdoc IRoundManager
    function isVoided(bytes32 commitmentHash) external view returns (bool) {
        return _store().voided[commitmentHash].state != NOT_VOIDED;
    }

    /// @inheritdoc IRoundManager
    function answersFor(address account) external view returns (uint64 open, uint40 until) {
        Hot memory hot = _store().hot;
        if (hot.head != 0 && !_isFinal(hot, hot.head, _finalAt(_slot(hot.head)))) open = hot.head;
        uint40 windowEnd = _store().accountable[account];
        if (windowEnd != 0) until = _convictableUntil(windowEnd);
    }

    /// @inheritdoc IRoundManager
    function claimed(address account) external view returns (uint128) {
        return _store().claimed[account];
    }

    /// @inheritdoc IRoundManager
    function funded() external view returns (uint128) {
        return _store().funded;
    }

    /// @inheritdoc IRoundManager
    function claimedTotal() external view returns (uint128) {
        return _store().claimedTotal;
    }

    /// @inheritdoc IRoundManager
    function federation() external view returns (bytes32) {
        return _terms(0).federationOf();
    }

    /// @inheritdoc IRoundManager
    function token() external view returns (address) {
        return address(_store().token);
    }

    /// @inheritdoc IRoundManager
    function vault() external view returns (address) {
        return address(_store().vault);
    }

    /// @inheritdoc IRoundManager
    function coordinator() external view returns (address) {
        return _terms(_store().hot.epoch).coordinatorOf();
    }

    /// @inheritdoc IRoundManager
    function threshold() external view returns (uint8) {
        return _store().hot.threshold;
    }

    /// @inheritdoc IRoundManager
    function challengeWindow() external view returns (uint40) {
        return _store().hot.challengeWindow;
    }

    /// @inheritdoc IRoundManager
    function rulesDigest() external view returns (bytes32) {
        return TermsCode.decode(_terms(_store().hot.epoch)).rulesDigest;
    }

    /// @inheritdoc IRoundManager
    function auditorsCount() external view returns (uint256) {
        return _terms(_store().hot.epoch).auditorsCount();
    }

    /// @inheritdoc IRoundManager
    function auditorAt(uint256 index) external view returns (address) {
        bytes memory terms = _terms(_store().hot.epoch);
        uint256 total = terms.auditorsCount();
        require(index < total, AuditorQuorum.UnknownAuditor(index, total));
        return terms.auditorAt(index);
    }

    function _terms(uint16 epoch) internal view returns (bytes memory) {
        return TermsCode.load(_store().epochs[epoch]);
    }

    function _slot(uint64 round) internal view returns (Held storage) {
        return _store().ring[RoundFsm.slotOf(round)];
    }

    /// @dev What is kept of a round when it is voided.
    function _recordOf(uint64 round) internal view returns (Gone memory gone) {
        Held storage held = _slot(round);
        gone.epoch = held.epoch;
        gone.signers = held.signers;
        gone.windowEnd = held.windowEnd;
        Held storage parent = _slot(round - 1);
        if (round == 1 || parent.round != round - 1) return gone;
        gone.parentEpoch = parent.epoch;
        gone.parent = bytes18(parent.commitment);
    }

    /// @dev When the last proof about a round that was voided is heard.
    function _convictableUntil(uint40 windowEnd) internal view returns (uint40) {
        return windowEnd + _store().vault.windows().evidenceAge;
    }

    /// @dev The same of a round that stands with this commitment.
    function _standing(uint64 round, bytes32 commitment) private view returns (Gone memory) {
        Held storage held = _slot(round);
        bool stands = RoundFsm.stands(_store().hot.head, held.round, round);
        bytes32 stored = stands ? held.commitment : bytes32(0);
        require(stored == commitment && stands, CommitmentMismatch(round, commitment, stored));
        return _recordOf(round);
    }

    function _heldRound(Hot memory hot) internal pure returns (uint64) {
        return RoundFsm.atDistance(hot.head, hot.held & ~ANY_VOID);
    }

    function _demandedRound(Hot memory hot) internal pure returns (uint64) {
        return RoundFsm.atDistance(hot.head, hot.demanded);
    }

    /// @dev Its time has come, and neither dispute nor demand holds it or an earlier round back.
    function _isFinal(Hot memory hot, uint64 round, uint40 finalAt) internal view returns (bool) {
        return RoundFsm.isFinal(_now(), finalAt, _heldRound(hot), round)
            && !RoundFsm.isHeldBack(_demandedRound(hot), round);
    }

    function _now() internal view returns (uint40) {
        return uint40(block.timestamp);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IRoundManager} from "./interfaces/IRoundManager.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {AuditorQuorum} from "./libraries/AuditorQuorum.sol";
import {Domain} from "./libraries/Domain.sol";
import {PositionTree} from "./libraries/PositionTree.sol";
import {RoundFsm} from "./libraries/RoundFsm.sol";
import {RoundCommitment, Statements} from "./libraries/Statements.sol";
import {TermsCode} from "./libraries/TermsCode.sol";
import {RoundHolds} from "./storage/RoundHolds.sol";

/// @title RoundManager
/// @notice See {IRoundManager}.
contract RoundManager is RoundHolds, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using Statements for RoundCommitment;
    using TermsCode for bytes;

    uint256 internal constant MAX_AUDITORS = 32;
    uint40 internal constant PAUSE_MAX = 7 days;

    /// @param federation_ identity of the federation, bound into every signed statement
    /// @param vault_ the stakes; its token pays the rewards, its windows bound those of the epochs
    /// @param authority_ the ConsortiumAccess of the federation
    /// @param terms of the first epoch
    function initialize(
        bytes32 federation_,
        IStakeVault vault_,
        address authority_,
        Epoch calldata terms
    ) external initializer {
        require(federation_ != bytes32(0), ZeroField("federation"));
        require(authority_ != address(0), ZeroAddress());
        __AccessManaged_init(authority_);
        Store storage s = _store();
        s.vault = vault_;
        s.token = IERC20(vault_.token());
        _openEpoch(federation_, 0, terms);
    }

    /// @inheritdoc IRoundManager
    function openEpoch(Epoch calldata terms) external restricted {
        _openEpoch(_terms(0).federationOf(), _store().hot.epoch + 1, terms);
    }

    /// @inheritdoc IRoundManager
    function pause(uint40 until) external restricted {
        Store storage s = _store();
        uint40 latest = _now() + PAUSE_MAX;
        require(until > _now() && until <= latest, PauseTooLong(until, latest));
        uint40 before = s.pausedUntil;
        bool rested = before == 0 || _now() >= before + PAUSE_MAX;
        require(rested, PauseTooSoon(before + PAUSE_MAX));
        s.pausedUntil = until;
        s.hot.terms = address(0);
        emit Paused(until);
    }

    /// @inheritdoc IRoundManager
    function unpause() external restricted {
        if (_now() < _store().pausedUntil) _store().pausedUntil = _now();
        emit Paused(_store().pausedUntil);
    }

    /// @inheritdoc IRoundManager
    function fund(uint128 amount) external nonReentrant {
        require(amount != 0, ZeroAmount());
        Store storage s = _store();
        IERC20 token_ = s.token;
        uint256 before = token_.balanceOf(address(this));
        token_.safeTransferFrom(msg.sender, address(this), amount);
        uint128 received = (token_.balanceOf(address(this)) - before).toUint128();
        require(received != 0, ZeroAmount());
        uint128 total = s.funded + received;
        s.funded = uint256(total).toUint96();
        emit Funded(msg.sender, received, total);
    }

    /// @inheritdoc IRoundManager
    function commitRound(RoundCommitment calldata c, bytes calldata signatures) external {
        Store storage s = _store();
        Hot memory hot = s.hot;
        bytes memory terms = _requireCoordinator(hot);
        bytes32 own = terms.federationOf();
        require(c.federation == own, WrongFederation(c.federation, own));
        bytes32 commitment = c.hash();
        _requireNext(hot, c.round, commitment);
        _requireComplete(c);
        uint256 parent = _packed(_slot(hot.head));
        _requireFollows(hot, parent, c);
        uint32 signers = AuditorQuorum.verify(
            terms, hot.threshold, Domain.digest(address(this), commitment), signatures
        );
        _hold(c, commitment, hot, parent, signers);
    }

    /// @param parent the packed word of the head's slot, before this round
    function _hold(
        RoundCommitment calldata c,
        bytes32 commitment,
        Hot memory hot,
        uint256 parent,
        uint32 signers
    ) private {
        Store storage s = _store();
        uint96 total = uint256(c.rewardTotal).toUint96();
        uint256 word = _window(hot, parent) | _pack(signers, hot.epoch, total);
        uint32 round = RoundFsm.headAfterCommit(hot.head);
        hot.head = round;
        if (hot.demanded != 0) ++hot.demanded; // still the same round
        _write(s.hot, hot);
        s.headModel = c.model;
        s.history = keccak256(abi.encode(s.history, commitment, false));
        Held storage held = _slot(round);
        held.commitment = commitment;
        held.rewardsRoot = c.rewardsRoot;
        _writeLast(held, word | round);
        emit RoundCommitted(round, commitment, c.model, c.rewardTotal);
    }

    /// @inheritdoc IRoundManager
    function voidRound(RoundCommitment calldata c) external restricted {
        _void(c, c.hash(), false);
    }

    /// @inheritdoc IRoundManager
    function convictRound(RoundCommitment calldata c)
        external
        restricted
        returns (address coordinator_, address[] memory signers)
    {
        bytes32 commitment = c.hash();
        Gone storage gone = _store().voided[commitment];
        if (gone.state == NOT_VOIDED) {
            _void(c, commitment, true);
        } else {
            require(gone.state == IS_VOIDED, AlreadyConvicted(c.round, commitment));
            uint40 latest = _convictableUntil(gone.windowEnd);
            require(_now() <= latest, ConvictionTooLate(c.round, latest));
        }
        gone.state = CONVICTED;
        return _parties(gone.epoch, gone.signers);
    }

    /// @param proven its parties are slashed at once, and answer for nothing more
    function _void(RoundCommitment calldata c, bytes32 commitment, bool proven) private {
        Store storage s = _store();
        Hot memory hot = s.hot;
        Held storage held = _requireOpen(hot, c.round, commitment);
        uint32 previousHead = hot.head;
        uint64 disputed = _heldRound(hot);
        uint64 demanded = _demandedRound(hot);
        // Rounds above the head are dead, so this kills all descendants too. They are all in the
        // ring: none of them is final. Their signatures stay valid, so each is banned by itself.
        hot.head = RoundFsm.headAfterVoid(held.round);
        Gone memory before;
        for (uint32 round = held.round; round <= previousHead; ++round) {
            Gone memory gone = _recordOf(round);
            gone.state = IS_VOIDED;
            s.voided[_slot(round).commitment] = gone;
            if (proven && round == held.round) continue;
            if (gone.epoch != before.epoch) _holdParties(before);
            else gone.signers |= before.signers; // of the whole epoch: each account is noted once
            before = gone;
        }
        _holdParties(before);
        // A dispute or demand about a round that is gone has nothing left to hold back.
        hot.held = ANY_VOID | _back(hot, disputed);
        hot.demanded = _back(hot, demanded);
        s.hot = hot;
        // The parent of a committed round was checked, so c names the model to go back to.
        s.headModel = c.round == 1 ? bytes32(0) : c.parentModel;
        s.history = keccak256(abi.encode(s.history, commitment, true));
        held.flags |= VOIDED;
        emit RoundVoided(c.round, commitment, previousHead);
    }

    /// @dev Notes until when the parties of voided rounds answer for them: else an exit that is due
    /// would leave with the void, before anybody has proven what it hides.
    function _holdParties(Gone memory gone) private {
        if (gone.state == NOT_VOIDED) return;
        (address coordinator_, address[] memory signers) = _parties(gone.epoch, gone.signers);
        _holdParty(coordinator_, gone.windowEnd);
        for (uint256 i = 0; i < signers.length; ++i) {
            _holdParty(signers[i], gone.windowEnd);
        }
    }

    function _holdParty(address key, uint40 windowEnd) private {
        Store storage s = _store();
        address owner = s.vault.ownerOfSigner(key);
        address account = owner == address(0) ? key : owner;
        if (s.accountable[account] < windowEnd) s.accountable[account] = windowEnd;
    }

    /// @inheritdoc IRoundManager
    function claim(
        uint64 round,
        uint64 leafCount,
        uint64 index,
        address account,
        uint128 cumulative,
        bytes32 salt,
        bytes32[] calldata proof
    ) external nonReentrant {
        Hot memory hot = _store().hot;
        Held storage held = _slot(round);
        uint256 word = _packed(held);
        require(RoundFsm.stands(hot.head, _roundOf(word), round), CommitmentMismatch(round, 0, 0));
        uint40 finalAt = _finalAtOf(word);
        require(_isFinal(hot, round, finalAt), RoundNotFinal(round, finalAt));
        bytes32 leaf = PositionTree.leafOf(
            PositionTree.REWARD_TAG, index, account, bytes32(uint256(cumulative)), salt
        );
        bytes32 root = PositionTree.rootOf(leaf, index, leafCount, proof);
        bytes32 rewardsRoot = held.rewardsRoot;
        require(root == rewardsRoot, NotInRewardsTree(root, rewardsRoot));
        _pay(round, account, cumulative, _rewardTotalOf(word));
    }

    function _pay(uint64 round, address account, uint128 cumulative, uint128 rewardTotal) private {
        Store storage s = _store();
        uint128 paid = s.claimed[account];
        require(cumulative > paid, NothingToClaim(account, cumulative, paid));
        uint128 amount = cumulative - paid;
        // Auditors vouch that the leaves add up to rewardTotal; this bounds the loss if they lie.
        uint128 total = s.claimedTotal + amount;
        require(total <= rewardTotal, ClaimsExceedRewards(total, rewardTotal));

        s.claimed[account] = cumulative;
        s.claimedTotal = uint256(total).toUint96();
        emit Claimed(account, round, amount, cumulative);
        s.token.safeTransfer(account, amount);
    }

    /// @inheritdoc IRoundManager
    function requireFinal(RoundCommitment calldata c) external view {
        Hot memory hot = _store().hot;
        uint64 round = c.round;
        Held storage held = _slot(round);
        uint256 word = _packed(held);
        bool stands = RoundFsm.stands(hot.head, _roundOf(word), round);
        bytes32 stored = stands ? held.commitment : bytes32(0);
        bytes32 commitment = c.hash();
        require(stored == commitment, CommitmentMismatch(round, commitment, stored));
        uint40 finalAt = _finalAtOf(word);
        require(_isFinal(hot, round, finalAt), RoundNotFinal(round, finalAt));
    }

    function _openEpoch(bytes32 federation_, uint16 number, Epoch calldata terms) private {
        Store storage s = _store();
        require(terms.coordinator != address(0), ZeroAddress());
        _requireAuditors(terms.auditors, terms.threshold);
        require(terms.challengeWindow != 0, ZeroField("challengeWindow"));
        uint40 most = s.vault.windows().challenge;
        require(terms.challengeWindow <= most, ChallengeTooLong(terms.challengeWindow, most));
        Hot memory hot = s.hot;
        address stored = TermsCode.store(federation_, terms);
        hot.epoch = number;
        hot.terms = _now() < s.pausedUntil ? address(0) : stored;
        hot.threshold = terms.threshold;
        hot.challengeWindow = terms.challengeWindow;
        s.hot = hot;
        s.epochs[number] = stored;
        emit EpochOpened(number, uint64(hot.head) + 1, terms);
    }

    function _requireAuditors(address[] calldata auditors, uint8 threshold_) private pure {
        uint256 count = auditors.length;
        bool possible = threshold_ != 0 && threshold_ <= count && count <= MAX_AUDITORS;
        require(possible, BadQuorum(threshold_, count));
        for (uint256 i = 0; i < count; ++i) {
            require(auditors[i] != address(0), ZeroAddress());
            for (uint256 j = 0; j < i; ++j) {
                require(auditors[i] != auditors[j], DuplicateAuditor(auditors[i]));
            }
        }
    }

    /// @dev A pause takes the terms out of the hot word; the first commitment after its end puts them
    /// back. So a federation that is not paused pays nothing for the check.
    function _requireCoordinator(Hot memory hot) private view returns (bytes memory terms) {
        if (hot.terms == address(0)) {
            uint40 until = _store().pausedUntil;
            require(_now() >= until, PausedUntil(until));
            hot.terms = _store().epochs[hot.epoch];
        }
        terms = TermsCode.load(hot.terms);
        require(msg.sender == terms.coordinatorOf(), NotAuthorized(msg.sender));
    }

    /// @dev A shorter window of a new epoch must not make a round final before the one before it.
    /// Grace and extension of that one count on where they reach beyond the new round's own window.
    /// @return word those of windowEnd, grace and flags, in their places
    function _window(Hot memory hot, uint256 parent) private view returns (uint256 word) {
        uint40 before = hot.head == 0 ? 0 : _windowEndOf(parent);
        uint40 windowEnd = RoundFsm.finalAtOf(_now(), hot.challengeWindow, before);
        if (hot.head == 0) return _pack(windowEnd, 0, 0);
        uint8 flags = windowEnd == before ? _flagsOf(parent) & EXTENDED : 0;
        uint40 finalAt = _finalAtOf(parent);
        uint24 grace = finalAt > windowEnd ? uint256(finalAt - windowEnd).toUint24() : 0;
        return _pack(windowEnd, grace, flags);
    }

    /// @dev The round must not be voided, be head + 1, new, and its slot free. A ban comes first: it
    /// is for ever, while a round that is only out of order may be posted later.
    function _requireNext(Hot memory hot, uint64 round, bytes32 commitment) private view {
        Store storage s = _store();
        bool banned = hot.held & ANY_VOID != 0 && s.voided[commitment].state != NOT_VOIDED;
        require(!banned, CommitmentVoided(round, commitment));
        uint32 head_ = hot.head;
        if (round != 0 && round <= head_) {
            Held storage held = _slot(round);
            bytes32 stored = held.round == round ? held.commitment : bytes32(0);
            require(stored != commitment, AlreadyCommitted(round, commitment));
            revert RoundTaken(round, stored);
        }
        require(round == uint64(head_) + 1, RoundOutOfOrder(round, uint64(head_) + 1));
        _requireNoDispute(hot);
        _requireRoom(hot);
    }

    /// @dev Round head + 1 evicts round head - 63. Asking that round head - 62 be final (which
    /// implies it for the evicted one) keeps the parent of every round that can still be voided.
    /// Where a dead round holds the slot, head - 62 was evicted before, and so is final.
    function _requireRoom(Hot memory hot) private view {
        uint32 oldest = RoundFsm.guardOf(hot.head);
        if (oldest == 0) return;
        uint256 word = _packed(_slot(oldest));
        uint40 finalAt = _finalAtOf(word);
        bool free = _roundOf(word) != oldest || _isFinal(hot, oldest, finalAt);
        require(free, RingFull(oldest, finalAt));
    }

    function _requireFollows(Hot memory hot, uint256 parent, RoundCommitment calldata c)
        private
        view
    {
        Store storage s = _store();
        if (hot.head != 0) {
            bytes32 model = s.headModel;
            require(c.parentModel == model, ParentModelMismatch(c.parentModel, model));
            uint128 parentTotal = _rewardTotalOf(parent);
            require(c.rewardTotal >= parentTotal, RewardTotalFell(c.rewardTotal, parentTotal));
        }
        uint128 funded_ = s.funded;
        require(c.rewardTotal <= funded_, RewardTotalNotFunded(c.rewardTotal, funded_));
    }

    function _requireComplete(RoundCommitment calldata c) private pure {
        require(c.sites != 0, ZeroField("sites"));
        require(c.coordinates != 0, ZeroField("coordinates"));
        require(c.contextDigest != 0, ZeroField("contextDigest"));
        require(c.parentModel != 0, ZeroField("parentModel"));
        require(c.model != 0, ZeroField("model"));
        require(c.updatesRoot != 0, ZeroField("updatesRoot"));
        require(c.aggregateRoot != 0, ZeroField("aggregateRoot"));
        require(c.reportDigest != 0, ZeroField("reportDigest"));
        require(c.scoresRoot != 0, ZeroField("scoresRoot"));
        require(c.rewardsRoot != 0, ZeroField("rewardsRoot"));
    }
}

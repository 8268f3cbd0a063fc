// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IRoundManager} from "./interfaces/IRoundManager.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {AuditorQuorum} from "./libraries/AuditorQuorum.sol";
import {PositionTree} from "./libraries/PositionTree.sol";
import {RoundCommitment, Statements} from "./libraries/Statements.sol";

/// @title RoundManager
/// @notice See {IRoundManager}.
/// @dev A committed round lives in slot `round % RING`. Rounds are committed in order with one
/// window, so their finalAt never falls: when a round is final, so are all before it.
contract RoundManager is IRoundManager, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using Statements for RoundCommitment;

    uint40 internal constant RING = 64;
    uint256 internal constant MAX_AUDITORS = 32;

    bytes32 private immutable _federation;
    IERC20 private immutable _token;
    IStakeVault private immutable _vault;
    address private immutable _coordinator;
    uint8 private immutable _threshold;
    uint40 private immutable _challengeWindow;
    address private immutable _deployer;

    uint40 private _head;
    address private _prover;
    bytes32 private _headModel;
    uint128 private _funded;
    uint128 private _claimedTotal;
    address private _council;
    address[] private _auditors;
    Slot[RING] private _ring;
    mapping(address account => uint128) private _claimed;
    mapping(bytes32 commitment => bool) private _voided; // for ever, dead descendants too

    /// @param federation_ identity of the federation, bound into every signed statement
    /// @param token_ the reward token, the vault's too
    /// @param vault_ the stakes; its unbonding delay must cover the challenge window
    /// @param coordinator_ the only account that commits rounds
    /// @param threshold_ how many auditors must sign (M)
    /// @param challengeWindow_ seconds from a commitment to its finality
    /// @param auditors_ signer addresses; the position is the index used in signatures
    constructor(
        bytes32 federation_,
        IERC20 token_,
        IStakeVault vault_,
        address coordinator_,
        uint8 threshold_,
        uint40 challengeWindow_,
        address[] memory auditors_
    ) EIP712("fedstake", "1") {
        require(federation_ != bytes32(0), ZeroField("federation"));
        require(coordinator_ != address(0), ZeroAddress());
        address vaultToken = vault_.token();
        require(vaultToken == address(token_), TokenMismatch(vaultToken, address(token_)));
        uint40 unbonding = vault_.unbondingDelay();
        require(unbonding >= challengeWindow_, UnbondingTooShort(unbonding, challengeWindow_));
        _setAuditors(auditors_, threshold_);
        _federation = federation_;
        _token = token_;
        _vault = vault_;
        _coordinator = coordinator_;
        _threshold = threshold_;
        _challengeWindow = challengeWindow_;
        _deployer = msg.sender;
    }

    /// @inheritdoc IRoundManager
    function setRoles(address prover, address council) external {
        require(msg.sender == _deployer, NotAuthorized(msg.sender));
        require(_council == address(0), RolesAlreadySet());
        require(prover != address(0) && council != address(0), ZeroAddress());
        _prover = prover;
        _council = council;
        emit RolesSet(prover, council);
    }

    /// @inheritdoc IRoundManager
    function fund(uint128 amount) external nonReentrant {
        require(amount != 0, ZeroAmount());
        uint256 before = _token.balanceOf(address(this));
        _token.safeTransferFrom(msg.sender, address(this), amount);
        uint128 received = (_token.balanceOf(address(this)) - before).toUint128();
        require(received != 0, ZeroAmount());
        uint128 total = _funded + received;
        _funded = total;
        emit Funded(msg.sender, received, total);
    }

    /// @inheritdoc IRoundManager
    function commitRound(RoundCommitment calldata c, bytes calldata signatures) external {
        require(msg.sender == _coordinator, NotAuthorized(msg.sender));
        require(c.federation == _federation, WrongFederation(c.federation, _federation));
        bytes32 commitment = c.hash();
        uint40 head_ = _head;
        _requireNext(c.round, head_, commitment);
        _requireComplete(c);
        bytes32 parentModel = _headModel;
        require(
            head_ == 0 || c.parentModel == parentModel,
            ParentModelMismatch(c.parentModel, parentModel)
        );
        uint128 parentTotal = head_ == 0 ? 0 : _ring[head_ % RING].rewardTotal;
        require(c.rewardTotal >= parentTotal, RewardTotalFell(c.rewardTotal, parentTotal));
        uint128 funded_ = _funded;
        require(c.rewardTotal <= funded_, RewardTotalNotFunded(c.rewardTotal, funded_));
        uint32 signers =
            AuditorQuorum.verify(_auditors, _threshold, _digest(commitment), signatures);

        uint40 round = head_ + 1;
        _head = round;
        _headModel = c.model;
        _ring[round % RING] = Slot({
            commitment: commitment,
            round: round,
            finalAt: _now() + _challengeWindow,
            voided: false,
            signers: signers,
            rewardTotal: c.rewardTotal
        });
        emit RoundCommitted(round, commitment, c.model, c.rewardTotal);
    }

    /// @inheritdoc IRoundManager
    function voidRound(RoundCommitment calldata c) external {
        require(msg.sender == _prover || msg.sender == _council, NotAuthorized(msg.sender));
        bytes32 commitment = c.hash();
        Slot storage slot = _requireCommitted(c.round, commitment);
        require(_now() < slot.finalAt, RoundIsFinal(c.round));
        uint40 previousHead = _head;
        // Rounds above the head are dead, so this kills all descendants too. They are all in the
        // ring: none of them is final. Their signatures stay valid, so each is banned by itself.
        _head = slot.round - 1;
        for (uint40 round = slot.round; round <= previousHead; ++round) {
            _voided[_ring[round % RING].commitment] = true;
        }
        // The parent of a committed round was checked, so c names the model to go back to.
        _headModel = c.round == 1 ? bytes32(0) : c.parentModel;
        slot.voided = true;
        emit RoundVoided(c.round, commitment, previousHead);
    }

    /// @inheritdoc IRoundManager
    function claim(
        RoundCommitment calldata c,
        uint64 leafCount,
        uint64 index,
        address account,
        uint128 cumulative,
        bytes32 salt,
        bytes32[] calldata proof
    ) external nonReentrant {
        Slot storage slot = _requireCommitted(c.round, c.hash());
        uint40 finalAt = slot.finalAt;
        require(_now() >= finalAt, RoundNotFinal(c.round, finalAt));
        bytes32 leaf = PositionTree.rewardLeaf(index, account, cumulative, salt);
        bytes32 root = PositionTree.rootOf(leaf, index, leafCount, proof);
        require(root == c.rewardsRoot, NotInRewardsTree(root, c.rewardsRoot));
        uint128 paid = _claimed[account];
        require(cumulative > paid, NothingToClaim(account, cumulative, paid));
        uint128 amount = cumulative - paid;
        // Auditors vouch that the leaves add up to rewardTotal; this bounds the loss if they lie.
        uint128 total = _claimedTotal + amount;
        require(total <= c.rewardTotal, ClaimsExceedRewards(total, c.rewardTotal));

        _claimed[account] = cumulative;
        _claimedTotal = total;
        emit Claimed(account, c.round, amount, cumulative);
        _token.safeTransfer(account, amount);
    }

    /// @inheritdoc IRoundManager
    function verifyQuorum(bytes32 digest, bytes calldata signatures)
        external
        view
        returns (uint32)
    {
        return AuditorQuorum.verify(_auditors, _threshold, digest, signatures);
    }

    /// @inheritdoc IRoundManager
    function head() external view returns (uint64) {
        return _head;
    }

    /// @inheritdoc IRoundManager
    function headModel() external view returns (bytes32) {
        return _headModel;
    }

    /// @inheritdoc IRoundManager
    function slotOf(uint64 round) external view returns (Slot memory slot) {
        RoundState state = roundState(round);
        bool held = state == RoundState.Committed || state == RoundState.Final
            || state == RoundState.Voided;
        if (held) slot = _ring[round % RING];
    }

    /// @inheritdoc IRoundManager
    function roundState(uint64 round) public view returns (RoundState) {
        if (round == 0) return RoundState.None;
        Slot storage slot = _ring[round % RING];
        if (round > _head) {
            return slot.round == round && slot.voided ? RoundState.Voided : RoundState.None;
        }
        if (slot.round != round) return RoundState.Archived;
        return _now() >= slot.finalAt ? RoundState.Final : RoundState.Committed;
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
        return _digest(c.hash());
    }

    /// @inheritdoc IRoundManager
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @inheritdoc IRoundManager
    function claimed(address account) external view returns (uint128) {
        return _claimed[account];
    }

    /// @inheritdoc IRoundManager
    function funded() external view returns (uint128) {
        return _funded;
    }

    /// @inheritdoc IRoundManager
    function claimedTotal() external view returns (uint128) {
        return _claimedTotal;
    }

    /// @inheritdoc IRoundManager
    function federation() external view returns (bytes32) {
        return _federation;
    }

    /// @inheritdoc IRoundManager
    function token() external view returns (address) {
        return address(_token);
    }

    /// @inheritdoc IRoundManager
    function vault() external view returns (address) {
        return address(_vault);
    }

    /// @inheritdoc IRoundManager
    function coordinator() external view returns (address) {
        return _coordinator;
    }

    /// @inheritdoc IRoundManager
    function threshold() external view returns (uint8) {
        return _threshold;
    }

    /// @inheritdoc IRoundManager
    function challengeWindow() external view returns (uint40) {
        return _challengeWindow;
    }

    /// @inheritdoc IRoundManager
    function auditorsCount() external view returns (uint256) {
        return _auditors.length;
    }

    /// @inheritdoc IRoundManager
    function auditorAt(uint256 index) external view returns (address) {
        return _auditors[index];
    }

    /// @inheritdoc IRoundManager
    function roles() external view returns (address, address) {
        return (_prover, _council);
    }

    function _setAuditors(address[] memory auditors, uint8 threshold_) private {
        uint256 count = auditors.length;
        bool possible = threshold_ != 0 && threshold_ <= count && count <= MAX_AUDITORS;
        require(possible, BadQuorum(threshold_, count));
        for (uint256 i = 0; i < count; ++i) {
            require(auditors[i] != address(0), ZeroAddress());
            for (uint256 j = 0; j < i; ++j) {
                require(auditors[i] != auditors[j], DuplicateAuditor(auditors[i]));
            }
        }
        _auditors = auditors;
    }

    /// @dev The round must not be voided, be head + 1, new, and its slot free. A ban comes first: it
    /// is for ever, while a round that is only out of order may be posted later.
    function _requireNext(uint64 round, uint40 head_, bytes32 commitment) private view {
        require(!_voided[commitment], CommitmentVoided(round, commitment));
        if (round != 0 && round <= head_) {
            Slot storage slot = _ring[round % RING];
            bytes32 stored = slot.round == round ? slot.commitment : bytes32(0);
            require(stored != commitment, AlreadyCommitted(round, commitment));
            revert RoundTaken(round, stored);
        }
        require(round == head_ + 1, RoundOutOfOrder(round, head_ + 1));
        _requireRoom(head_);
    }

    /// @dev Round head + 1 evicts round head - 63. Asking that round head - 62 be final (which
    /// implies it for the evicted one) keeps the parent of every round that can still be voided.
    /// Where a dead round holds the slot, head - 62 was evicted before, and so is final.
    function _requireRoom(uint40 head_) private view {
        if (head_ < RING) return;
        uint40 oldest = head_ - (RING - 2);
        Slot storage slot = _ring[oldest % RING];
        uint40 finalAt = slot.finalAt;
        require(slot.round != oldest || _now() >= finalAt, RingFull(oldest, finalAt));
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

    /// @dev The round stands (not voided, not dead, still in the ring) with this commitment.
    function _requireCommitted(uint64 round, bytes32 commitment)
        private
        view
        returns (Slot storage slot)
    {
        slot = _ring[round % RING];
        bool stands = slot.round == round && round != 0 && round <= _head;
        bytes32 stored = stands ? slot.commitment : bytes32(0);
        require(stored == commitment, CommitmentMismatch(round, commitment, stored));
    }

    function _digest(bytes32 commitment) private view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(_domainSeparatorV4(), commitment);
    }

    function _now() private view returns (uint40) {
        return uint40(block.timestamp);
    }
}

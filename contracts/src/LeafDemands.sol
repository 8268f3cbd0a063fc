// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Managed} from "./access/Managed.sol";
import {ILeafDemands} from "./interfaces/ILeafDemands.sol";
import {IRoundManager} from "./interfaces/IRoundManager.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {PositionTree} from "./libraries/PositionTree.sol";
import {RoundCommitment, Statements} from "./libraries/Statements.sol";
import {Credits} from "./storage/Credits.sol";

/// @title LeafDemands
/// @notice See {ILeafDemands}.
contract LeafDemands is ILeafDemands, Managed, Credits {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using Statements for RoundCommitment;

    uint16 internal constant FULL_BPS = 10_000;
    /// @dev Two of them fit into the grace of a round.
    uint40 internal constant ANSWER_MAX = 90 days;

    /// @custom:storage-location erc7201:fedstake.LeafDemands
    struct Store {
        IRoundManager roundManager;
        IStakeVault vault;
        IERC20 token;
        Terms terms;
        mapping(bytes32 commitment => Demand) demands;
    }

    // keccak256(abi.encode(uint256(keccak256("fedstake.LeafDemands")) - 1)) & ~0xff
    bytes32 private constant PLACE =
        0x3e36b290d0e8628b2c605b3742cec6042fed7173308858ccbe8adce0a8c5c400;

    /// @param authority_ the ConsortiumAccess of the federation
    function initialize(IRoundManager roundManager_, address authority_, Terms calldata terms_)
        external
        initializer
    {
        require(authority_ != address(0), ZeroAddress());
        __AccessManaged_init(authority_);
        Store storage s = _store();
        s.roundManager = roundManager_;
        s.vault = IStakeVault(roundManager_.vault());
        s.token = IERC20(roundManager_.token());
        _setTerms(terms_);
    }

    /// @inheritdoc ILeafDemands
    function demandLeaves(RoundCommitment calldata c, uint128 bondMost) external nonReentrant {
        Store storage s = _store();
        bytes32 commitment = c.hash();
        Demand storage demand = s.demands[commitment];
        require(demand.state == State.None, DemandedBefore(commitment, demand.state));
        Terms memory now_ = s.terms;
        require(now_.bond <= bondMost, BondTooHigh(now_.bond, bondMost));
        _requireTime(now_.answerTime);
        s.roundManager.demandRound(c);
        uint40 deadline = _now() + now_.answerTime;
        s.demands[commitment] = Demand({
            demander: msg.sender,
            deadline: deadline,
            epoch: s.roundManager.slotOf(c.round).epoch,
            state: State.Open,
            bond: now_.bond,
            round: c.round,
            answerTime: uint256(now_.answerTime).toUint24()
        });
        emit Demanded(c.round, commitment, msg.sender, now_.bond, deadline);
        uint256 before = s.token.balanceOf(address(this));
        s.token.safeTransferFrom(msg.sender, address(this), now_.bond);
        uint256 received = s.token.balanceOf(address(this)) - before;
        require(received >= now_.bond, BondShort(received, now_.bond));
    }

    /// @inheritdoc ILeafDemands
    function answerDemand(
        RoundCommitment calldata c,
        PositionTree.UpdateLeaf[] calldata leaves,
        bytes calldata report,
        bytes calldata context
    ) external nonReentrant {
        Store storage s = _store();
        bytes32 commitment = c.hash();
        Demand storage demand = _open(commitment);
        uint40 deadline = demand.deadline;
        require(_now() <= deadline, DeadlinePassed(deadline));
        // Were the round gone, the hold to end would be that of another attempt.
        require(!s.roundManager.isVoided(commitment), RoundIsVoided(commitment));
        bytes32 root = PositionTree.rootOfUpdates(leaves);
        require(root == c.updatesRoot, NotTheUpdates(root, c.updatesRoot));
        _requireDigest("report", sha256(report), c.reportDigest);
        _requireDigest("context", sha256(context), c.contextDigest);
        demand.state = State.Answered;
        emit Answered(c.round, commitment, msg.sender, leaves, report, context);
        s.roundManager.settleDemand(c.round, _now() + demand.answerTime);
        _pay(_coordinatorOf(demand), demand.bond);
    }

    /// @inheritdoc ILeafDemands
    function expireDemand(RoundCommitment calldata c) external nonReentrant {
        Store storage s = _store();
        bytes32 commitment = c.hash();
        Demand storage demand = _open(commitment);
        uint40 deadline = demand.deadline;
        require(_now() > deadline, DeadlineNotPassed(deadline));
        // From the oldest on: the void of that one ends all others, so an outage costs one slash.
        uint64 first = s.roundManager.demandedRound();
        require(first == 0 || first >= c.round, EarlierDemandOpen(c.round, first));
        demand.state = State.Expired;
        address coordinator = _coordinatorOf(demand);
        emit Expired(c.round, commitment, coordinator);
        s.roundManager.voidRound(c);
        _slash(coordinator);
        _pay(demand.demander, demand.bond);
    }

    /// @inheritdoc ILeafDemands
    function settleVoided(bytes32 commitmentHash) external nonReentrant {
        Store storage s = _store();
        Demand storage demand = _open(commitmentHash);
        require(s.roundManager.isVoided(commitmentHash), RoundNotVoided(commitmentHash));
        demand.state = State.Overridden;
        emit Overridden(demand.round, commitmentHash);
        _pay(demand.demander, demand.bond);
    }

    /// @inheritdoc ILeafDemands
    function setTerms(Terms calldata terms_) external restricted {
        _setTerms(terms_);
    }

    /// @inheritdoc ILeafDemands
    function terms() external view returns (Terms memory) {
        return _store().terms;
    }

    /// @inheritdoc ILeafDemands
    function demandOf(bytes32 commitmentHash) external view returns (Demand memory) {
        return _store().demands[commitmentHash];
    }

    /// @inheritdoc ILeafDemands
    function roundManager() external view returns (address) {
        return address(_store().roundManager);
    }

    /// @dev Nobody earns a share of the slash: a demand must not be a bet on a coordinator's outage.
    function _slash(address coordinator) private {
        Store storage s = _store();
        address owner = s.vault.ownerOfSigner(coordinator);
        address[] memory accounts = new address[](1);
        uint16[] memory bps = new uint16[](1);
        accounts[0] = owner == address(0) ? coordinator : owner;
        bps[0] = s.terms.coordinatorBps;
        s.vault.slashMany(accounts, bps, address(0), Statements.DATA_WITHHELD);
    }

    /// @dev Answer, proofs and a dispute fit between the window and the day when stake may leave;
    /// extensions by the council may use the other half.
    function _requireTime(uint40 answerTime) private view {
        IStakeVault.Windows memory w = _store().vault.windows();
        uint256 most = (uint256(w.unbonding) - w.challenge - w.resolution) / 4;
        require(answerTime <= most, AnswerTooLong(answerTime, most));
    }

    function _coordinatorOf(Demand storage demand) private view returns (address) {
        return _store().roundManager.epochOf(demand.epoch).coordinator;
    }

    function _open(bytes32 commitment) private view returns (Demand storage demand) {
        demand = _store().demands[commitment];
        require(demand.state == State.Open, NoOpenDemand(commitment, demand.state));
    }

    function _requireDigest(string memory what, bytes32 given, bytes32 expected) private pure {
        require(given == expected, DigestMismatch(what, given, expected));
    }

    function _setTerms(Terms calldata terms_) private {
        require(terms_.bond != 0, ZeroField("bond"));
        require(terms_.answerTime != 0, ZeroField("answerTime"));
        require(terms_.answerTime <= ANSWER_MAX, AnswerTooLong(terms_.answerTime, ANSWER_MAX));
        uint16 bps = terms_.coordinatorBps;
        require(bps != 0 && bps <= FULL_BPS, BadBps(bps, FULL_BPS));
        _store().terms = terms_;
        emit TermsSet(terms_);
    }

    function _bondToken() internal view override returns (IERC20) {
        return _store().token;
    }

    function _store() private pure returns (Store storage store) {
        bytes32 place = PLACE;
        assembly {
            store.slot := place
        }
    }

    function _now() private view returns (uint40) {
        return uint40(block.timestamp);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Managed} from "./access/Managed.sol";
import {IRoundDisputes} from "./interfaces/IRoundDisputes.sol";
import {IRoundManager} from "./interfaces/IRoundManager.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {DisputeRuling, RoundCommitment, Statements} from "./libraries/Statements.sol";
import {Credits} from "./storage/Credits.sol";

/// @title RoundDisputes
/// @notice See {IRoundDisputes}.
contract RoundDisputes is IRoundDisputes, Managed, Credits {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;
    using Statements for DisputeRuling;
    using Statements for RoundCommitment;

    /// @dev Doublings after which the bond stays the same.
    uint256 internal constant DOUBLINGS_MAX = 16;

    /// @custom:storage-location erc7201:fedstake.RoundDisputes
    struct Store {
        IRoundManager roundManager;
        IStakeVault vault;
        IERC20 token;
        uint128 bond;
        mapping(bytes32 commitment => Dispute) disputes;
        mapping(uint64 round => uint256) challenges;
    }

    // keccak256(abi.encode(uint256(keccak256("fedstake.RoundDisputes")) - 1)) & ~0xff
    bytes32 private constant PLACE =
        0xd94e00582f2cbfc41402ca54b1301c322b3326f99bfc3a8f4d0ae8a53eb0d700;

    /// @param authority_ the ConsortiumAccess of the federation
    /// @param bond_ of the first challenge of a round, in token wei
    function initialize(IRoundManager roundManager_, address authority_, uint128 bond_)
        external
        initializer
    {
        require(authority_ != address(0), ZeroAddress());
        __AccessManaged_init(authority_);
        Store storage s = _store();
        s.roundManager = roundManager_;
        s.vault = IStakeVault(roundManager_.vault());
        s.token = IERC20(roundManager_.token());
        _setBond(bond_);
    }

    /// @inheritdoc IRoundDisputes
    function challenge(RoundCommitment calldata c, bytes32 evidence, uint128 bondMost)
        external
        nonReentrant
    {
        Store storage s = _store();
        uint128 bond = bondFor(c.round);
        require(bond <= bondMost, BondTooHigh(bond, bondMost));
        s.challenges[c.round] += 1;
        s.roundManager.holdRound(c);
        IRoundManager.Slot memory slot = s.roundManager.slotOf(c.round);
        uint40 deadline = _now() + s.vault.windows().resolution;
        s.disputes[slot.commitment] = Dispute({
            challenger: msg.sender,
            bond: bond,
            deadline: deadline,
            signers: slot.signers,
            epoch: slot.epoch,
            round: c.round
        });
        emit Challenged(c.round, slot.commitment, msg.sender, evidence, bond, deadline);
        uint256 before = s.token.balanceOf(address(this));
        s.token.safeTransferFrom(msg.sender, address(this), bond);
        uint256 received = s.token.balanceOf(address(this)) - before;
        require(received >= bond, BondShort(received, bond));
    }

    /// @inheritdoc IRoundDisputes
    function resolveByPanel(RoundCommitment calldata c, bool upheld, bytes calldata signatures)
        external
        nonReentrant
    {
        bytes32 commitment = c.hash();
        Dispute memory dispute = _open(commitment);
        require(_now() <= dispute.deadline, DeadlinePassed(dispute.deadline));
        _store().roundManager
            .verifyPanel(
                dispute.epoch, dispute.signers, rulingDigest(commitment, upheld), signatures
            );
        _resolve(c, commitment, dispute, upheld);
    }

    /// @inheritdoc IRoundDisputes
    function resolve(RoundCommitment calldata c, bool upheld) external restricted nonReentrant {
        bytes32 commitment = c.hash();
        Dispute memory dispute = _open(commitment);
        require(_now() <= dispute.deadline, DeadlinePassed(dispute.deadline));
        _resolve(c, commitment, dispute, upheld);
    }

    /// @inheritdoc IRoundDisputes
    function expire(RoundCommitment calldata c) external nonReentrant {
        bytes32 commitment = c.hash();
        Dispute memory dispute = _open(commitment);
        require(_now() > dispute.deadline, DeadlineNotPassed(dispute.deadline));
        delete _store().disputes[commitment];
        emit Expired(dispute.round, commitment);
        // Voiding also ends the hold: the held round is gone.
        _store().roundManager.voidRound(c);
        _pay(dispute.challenger, dispute.bond);
    }

    /// @inheritdoc IRoundDisputes
    function settleVoided(bytes32 commitmentHash) external nonReentrant {
        Dispute memory dispute = _open(commitmentHash);
        bool voided = _store().roundManager.isVoided(commitmentHash);
        require(voided, RoundNotVoided(commitmentHash));
        delete _store().disputes[commitmentHash];
        emit Overridden(dispute.round, commitmentHash);
        _pay(dispute.challenger, dispute.bond);
    }

    /// @inheritdoc IRoundDisputes
    function setBond(uint128 bond_) external restricted {
        _setBond(bond_);
    }

    /// @inheritdoc IRoundDisputes
    function bondFor(uint64 round) public view returns (uint128) {
        uint256 times = _store().challenges[round];
        uint256 factor = uint256(1) << (times < DOUBLINGS_MAX ? times : DOUBLINGS_MAX);
        return (_store().bond * factor).toUint128();
    }

    /// @inheritdoc IRoundDisputes
    function challengesOf(uint64 round) public view returns (uint64) {
        return _store().challenges[round].toUint64();
    }

    /// @inheritdoc IRoundDisputes
    function disputeOf(bytes32 commitmentHash) external view returns (Dispute memory) {
        return _store().disputes[commitmentHash];
    }

    /// @inheritdoc IRoundDisputes
    function rulingDigest(bytes32 commitmentHash, bool upheld) public view returns (bytes32) {
        bytes32 domain = _store().roundManager.domainSeparator();
        uint64 number = challengesOf(_store().disputes[commitmentHash].round);
        bytes32 structHash = DisputeRuling(commitmentHash, number, upheld).hash();
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }

    /// @inheritdoc IRoundDisputes
    function roundManager() external view returns (address) {
        return address(_store().roundManager);
    }

    function _resolve(
        RoundCommitment calldata c,
        bytes32 commitment,
        Dispute memory dispute,
        bool upheld
    ) private {
        Store storage s = _store();
        delete s.disputes[commitment];
        emit Resolved(dispute.round, commitment, upheld);
        if (upheld) {
            s.roundManager.voidRound(c);
            _pay(dispute.challenger, dispute.bond);
            return;
        }
        // Were the round gone, the hold to end would be that of another one.
        require(!s.roundManager.isVoided(commitment), RoundIsVoided(commitment));
        s.roundManager.releaseRound();
        address coordinator = s.roundManager.epochOf(dispute.epoch).coordinator;
        uint128 half = dispute.bond / 2;
        _pay(coordinator, half);
        _pay(s.vault.slashPool(), dispute.bond - half);
    }

    /// @dev A dispute whose round a proof has voided is open only to settleVoided: voidRound and
    /// releaseRound refuse then.
    function _open(bytes32 commitment) private view returns (Dispute memory dispute) {
        dispute = _store().disputes[commitment];
        require(dispute.challenger != address(0), NotDisputed(commitment));
    }

    function _setBond(uint128 bond_) private {
        require(bond_ != 0, ZeroBond());
        _store().bond = bond_;
        emit BondSet(bond_);
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

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {Managed} from "./access/Managed.sol";
import {IRoundManager} from "./interfaces/IRoundManager.sol";
import {ISlashCourt} from "./interfaces/ISlashCourt.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {AppealRuling, AttestedFault, Statements} from "./libraries/Statements.sol";
import {Credits} from "./storage/Credits.sol";

/// @title SlashCourt
/// @notice See {ISlashCourt}.
contract SlashCourt is ISlashCourt, Managed, Credits {
    using SafeERC20 for IERC20;
    using Statements for AppealRuling;
    using Statements for AttestedFault;

    /// @dev The vault's cap for a whole window; a single case may not ask for more.
    uint16 internal constant CAP_BPS = 2_000;

    /// @custom:storage-location erc7201:fedstake.SlashCourt
    struct Store {
        IRoundManager roundManager;
        uint16 maxBps;
        IStakeVault vault;
        bytes32 federation;
        IERC20 token;
        uint96 appealBond; // with the token
        mapping(bytes32 caseId => Trial) trials;
    }

    // keccak256(abi.encode(uint256(keccak256("fedstake.SlashCourt")) - 1)) & ~0xff
    bytes32 private constant PLACE =
        0x566305159659e7af75f1bdc6c11f96be27d7b83c51648f0fbde476e66ab8cd00;

    /// @param authority_ the ConsortiumAccess of the federation
    /// @param maxBps_ most that one accusation may ask for, in 1/10000
    /// @param appealBond_ in token wei; an escalation costs twice as much
    function initialize(
        IRoundManager roundManager_,
        address authority_,
        uint16 maxBps_,
        uint96 appealBond_
    ) external initializer {
        require(maxBps_ != 0 && maxBps_ <= CAP_BPS, BadBps(maxBps_, CAP_BPS));
        require(authority_ != address(0), ZeroAddress());
        __AccessManaged_init(authority_);
        Store storage s = _store();
        s.roundManager = roundManager_;
        s.vault = IStakeVault(roundManager_.vault());
        s.federation = roundManager_.federation();
        s.token = IERC20(roundManager_.token());
        s.maxBps = maxBps_;
        _setAppealBond(appealBond_);
    }

    /// @inheritdoc ISlashCourt
    function accuse(AttestedFault calldata fault, bytes calldata signatures)
        external
        returns (bytes32 caseId)
    {
        Store storage s = _store();
        require(fault.federation == s.federation, WrongFederation(fault.federation, s.federation));
        bool attestable = fault.kind == Statements.POISONING || fault.kind == Statements.FREE_RIDING;
        require(attestable, NotAttestable(fault.kind));
        uint16 most = s.maxBps;
        require(fault.bps != 0 && fault.bps <= most, BadBps(fault.bps, most));
        require(_now() <= fault.deadline, AccusationExpired(fault.deadline, _now()));
        uint64 head = s.roundManager.head();
        require(fault.round != 0 && fault.round <= head, UnknownRound(fault.round, head));
        caseId = caseIdOf(fault.round, fault.site, fault.kind, fault.evidenceRoot);
        require(s.trials[caseId].stage == Stage.None, AlreadyAccused(caseId));
        _requireEvidence(fault);
        uint32 signers = s.roundManager.verifyQuorum(faultDigest(fault), signatures);

        s.trials[caseId] = Trial({
            signers: signers,
            epoch: s.roundManager.currentEpoch(),
            stage: Stage.Accused,
            deadline: 0,
            bond: 0
        });
        emit Accused(
            caseId, fault.site, fault.round, fault.kind, fault.bps, fault.evidenceRoot, signers
        );
        s.vault.proposeSlash(fault.site, fault.bps, fault.kind, caseId);
    }

    /// @inheritdoc ISlashCourt
    function appeal(bytes32 caseId) external nonReentrant {
        (Trial storage trial, uint96 bond) = _reopen(caseId, Stage.Accused, Stage.Appealed);
        emit Appealed(caseId, bond, trial.deadline);
        _takeBond(bond);
    }

    /// @inheritdoc ISlashCourt
    function escalate(bytes32 caseId) external nonReentrant {
        (Trial storage trial, uint96 bond) = _reopen(caseId, Stage.Confirmed, Stage.Escalated);
        emit Escalated(caseId, bond, trial.deadline);
        _takeBond(bond);
    }

    /// @inheritdoc ISlashCourt
    function ruleByPanel(bytes32 caseId, bool upheld, bytes calldata signatures)
        external
        nonReentrant
    {
        Trial storage trial = _trialAt(caseId, Stage.Appealed);
        require(_now() <= trial.deadline, RulingTooLate(caseId, trial.deadline));
        uint32 signers = _store().roundManager
            .verifyPanel(trial.epoch, trial.signers, rulingDigest(caseId, upheld), signatures);
        emit RuledByPanel(caseId, upheld, signers);
        if (!upheld) return _acquit(caseId, trial);
        trial.stage = Stage.Confirmed;
        _forfeit(caseId, trial);
        IStakeVault vault_ = _store().vault;
        vault_.postponeSlash(caseId, _now() + vault_.windows().appeal);
    }

    /// @inheritdoc ISlashCourt
    function ruleByGovernor(bytes32 caseId, bool upheld) external restricted nonReentrant {
        Trial storage trial = _openAppeal(caseId);
        require(_now() <= trial.deadline, RulingTooLate(caseId, trial.deadline));
        emit RuledByGovernor(caseId, upheld);
        if (!upheld) return _acquit(caseId, trial);
        trial.stage = Stage.Closed;
        _forfeit(caseId, trial);
        _store().vault.postponeSlash(caseId, _now());
    }

    /// @inheritdoc ISlashCourt
    function lapse(bytes32 caseId) external nonReentrant {
        Trial storage trial = _openAppeal(caseId);
        require(_now() > trial.deadline, DeadlineNotPassed(caseId, trial.deadline));
        emit Lapsed(caseId);
        if (trial.stage == Stage.Appealed) return _acquit(caseId, trial);
        // Nobody overruled the panel: what it confirmed stands.
        trial.stage = Stage.Closed;
        _forfeit(caseId, trial);
        _store().vault.postponeSlash(caseId, _now());
    }

    /// @inheritdoc ISlashCourt
    function dropVoided(uint64 round, address site, uint16 kind, bytes32 evidenceRoot)
        external
        nonReentrant
    {
        Store storage s = _store();
        require(s.roundManager.isVoided(evidenceRoot), RoundNotVoided(evidenceRoot));
        bytes32 caseId = caseIdOf(round, site, kind, evidenceRoot);
        Trial storage trial = s.trials[caseId];
        // A closed trial whose slash was not executed yet is open in the vault.
        bool open = trial.stage != Stage.None && (trial.stage != Stage.Closed || _isPending(caseId));
        require(open, NoOpenCase(caseId));
        emit DroppedWithItsRound(caseId);
        _acquit(caseId, trial);
    }

    /// @inheritdoc ISlashCourt
    function settleVetoed(bytes32 caseId) external nonReentrant {
        Trial storage trial = _openAppeal(caseId);
        require(!_isPending(caseId), CaseStillOpen(caseId));
        trial.stage = Stage.Closed;
        _giveBack(caseId, trial);
    }

    /// @inheritdoc ISlashCourt
    function setAppealBond(uint96 bond) external restricted {
        _setAppealBond(bond);
    }

    /// @inheritdoc ISlashCourt
    function caseIdOf(uint64 round, address site, uint16 kind, bytes32 evidenceRoot)
        public
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(_store().federation, round, site, kind, evidenceRoot));
    }

    /// @inheritdoc ISlashCourt
    function faultDigest(AttestedFault calldata fault) public view returns (bytes32) {
        return _digest(fault.hash());
    }

    /// @inheritdoc ISlashCourt
    function rulingDigest(bytes32 caseId, bool upheld) public view returns (bytes32) {
        return _digest(AppealRuling(caseId, upheld).hash());
    }

    /// @inheritdoc ISlashCourt
    function trialOf(bytes32 caseId) external view returns (Trial memory) {
        return _store().trials[caseId];
    }

    /// @inheritdoc ISlashCourt
    function appealBond() external view returns (uint96) {
        return _store().appealBond;
    }

    /// @inheritdoc ISlashCourt
    function roundManager() external view returns (address) {
        return address(_store().roundManager);
    }

    /// @inheritdoc ISlashCourt
    function vault() external view returns (address) {
        return address(_store().vault);
    }

    /// @inheritdoc ISlashCourt
    function maxBps() external view returns (uint16) {
        return _store().maxBps;
    }

    /// @dev The round stands with the commitment that the auditors judged, and not for too long: an
    /// accusation must not outlive the voiding of its round, nor the stake that answers for it.
    function _requireEvidence(AttestedFault calldata fault) private view {
        Store storage s = _store();
        IRoundManager.Slot memory slot = s.roundManager.slotOf(fault.round);
        bool stands = slot.commitment != bytes32(0) && slot.commitment == fault.evidenceRoot;
        require(stands, EvidenceMismatch(fault.round, fault.evidenceRoot, slot.commitment));
        uint40 latest = slot.windowEnd + s.vault.windows().evidenceAge;
        require(_now() <= latest, EvidenceTooOld(fault.round, latest));
    }

    /// @dev By the accused, before the slash can be executed; it waits for the ruling.
    function _reopen(bytes32 caseId, Stage from, Stage to)
        private
        returns (Trial storage trial, uint96 bond)
    {
        Store storage s = _store();
        trial = _trialAt(caseId, from);
        IStakeVault.Case memory opened = s.vault.caseOf(caseId);
        require(msg.sender == opened.account, NotTheAccused(msg.sender, opened.account));
        uint40 executeAfter = opened.executeAfter;
        require(_now() < executeAfter, AppealTooLate(caseId, executeAfter));
        bond = to == Stage.Escalated ? 2 * s.appealBond : s.appealBond;
        trial.stage = to;
        trial.deadline = executeAfter + s.vault.windows().appeal;
        trial.bond += bond;
        s.vault.postponeSlash(caseId, type(uint40).max);
    }

    function _takeBond(uint96 bond) private {
        if (bond == 0) return;
        IERC20 token = _store().token;
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), bond);
        uint256 received = token.balanceOf(address(this)) - before;
        require(received >= bond, BondShort(received, bond));
    }

    function _isPending(bytes32 caseId) private view returns (bool) {
        return _store().vault.caseOf(caseId).state == IStakeVault.CaseState.Pending;
    }

    /// @dev No slash; the bond goes back.
    function _acquit(bytes32 caseId, Trial storage trial) private {
        trial.stage = Stage.Closed;
        _giveBack(caseId, trial);
        _store().vault.dropSlash(caseId);
    }

    function _giveBack(bytes32 caseId, Trial storage trial) private {
        uint96 bond = trial.bond;
        if (bond == 0) return;
        trial.bond = 0;
        address site = _store().vault.caseOf(caseId).account;
        emit BondReturned(caseId, site, bond);
        _pay(site, bond);
    }

    /// @dev To the slash pool: nobody who judges gains from a judgement.
    function _forfeit(bytes32 caseId, Trial storage trial) private {
        uint96 bond = trial.bond;
        if (bond == 0) return;
        trial.bond = 0;
        emit BondForfeited(caseId, bond);
        _pay(_store().vault.slashPool(), bond);
    }

    function _trialAt(bytes32 caseId, Stage stage) private view returns (Trial storage trial) {
        trial = _store().trials[caseId];
        require(trial.stage == stage, WrongStage(caseId, trial.stage));
    }

    function _openAppeal(bytes32 caseId) private view returns (Trial storage trial) {
        trial = _store().trials[caseId];
        bool open = trial.stage == Stage.Appealed || trial.stage == Stage.Escalated;
        require(open, WrongStage(caseId, trial.stage));
    }

    function _setAppealBond(uint96 bond) private {
        _store().appealBond = bond;
        emit AppealBondSet(bond);
    }

    function _bondToken() internal view override returns (IERC20) {
        return _store().token;
    }

    function _digest(bytes32 structHash) private view returns (bytes32) {
        bytes32 domain = _store().roundManager.domainSeparator();
        return MessageHashUtils.toTypedDataHash(domain, structHash);
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

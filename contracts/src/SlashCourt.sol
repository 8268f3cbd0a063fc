// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IRoundManager} from "./interfaces/IRoundManager.sol";
import {ISlashCourt} from "./interfaces/ISlashCourt.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {AttestedFault, Statements} from "./libraries/Statements.sol";

/// @title SlashCourt
/// @notice See {ISlashCourt}.
contract SlashCourt is ISlashCourt {
    using Statements for AttestedFault;

    /// @dev The vault's cap for a whole window; a single case may not ask for more.
    uint16 internal constant CAP_BPS = 2_000;

    IRoundManager private immutable _roundManager;
    IStakeVault private immutable _vault;
    bytes32 private immutable _federation;
    uint16 private immutable _maxBps;

    /// @param maxBps_ most that one accusation may ask for, in 1/10000
    constructor(IRoundManager roundManager_, uint16 maxBps_) {
        require(maxBps_ != 0 && maxBps_ <= CAP_BPS, BadBps(maxBps_, CAP_BPS));
        _roundManager = roundManager_;
        _vault = IStakeVault(roundManager_.vault());
        _federation = roundManager_.federation();
        _maxBps = maxBps_;
    }

    /// @inheritdoc ISlashCourt
    function accuse(AttestedFault calldata fault, bytes calldata signatures)
        external
        returns (bytes32 caseId)
    {
        require(fault.federation == _federation, WrongFederation(fault.federation, _federation));
        bool attestable = fault.kind == Statements.POISONING || fault.kind == Statements.FREE_RIDING;
        require(attestable, NotAttestable(fault.kind));
        require(fault.bps != 0 && fault.bps <= _maxBps, BadBps(fault.bps, _maxBps));
        uint40 timestamp = uint40(block.timestamp);
        require(timestamp <= fault.deadline, AccusationExpired(fault.deadline, timestamp));
        uint64 head = _roundManager.head();
        require(fault.round != 0 && fault.round <= head, UnknownRound(fault.round, head));
        caseId = caseIdOf(fault.round, fault.site, fault.kind);
        bool open = _vault.caseOf(caseId).state == IStakeVault.CaseState.None;
        require(open, AlreadyAccused(caseId));
        _requireEvidence(fault);
        uint32 signers = _roundManager.verifyQuorum(faultDigest(fault), signatures);

        emit Accused(
            caseId, fault.site, fault.round, fault.kind, fault.bps, fault.evidenceRoot, signers
        );
        _vault.proposeSlash(fault.site, fault.bps, fault.kind, caseId);
    }

    /// @inheritdoc ISlashCourt
    function caseIdOf(uint64 round, address site, uint16 kind) public view returns (bytes32) {
        return keccak256(abi.encode(_federation, round, site, kind));
    }

    /// @inheritdoc ISlashCourt
    function faultDigest(AttestedFault calldata fault) public view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(_roundManager.domainSeparator(), fault.hash());
    }

    /// @inheritdoc ISlashCourt
    function roundManager() external view returns (address) {
        return address(_roundManager);
    }

    /// @inheritdoc ISlashCourt
    function vault() external view returns (address) {
        return address(_vault);
    }

    /// @inheritdoc ISlashCourt
    function maxBps() external view returns (uint16) {
        return _maxBps;
    }

    /// @dev The round stands with the commitment that the auditors judged: an accusation must not
    /// outlive the voiding of its round, nor take the place of the one from the next attempt.
    function _requireEvidence(AttestedFault calldata fault) private view {
        bytes32 stored = _roundManager.slotOf(fault.round).commitment;
        bool stands = stored != bytes32(0) && stored == fault.evidenceRoot;
        require(stands, EvidenceMismatch(fault.round, fault.evidenceRoot, stored));
    }
}

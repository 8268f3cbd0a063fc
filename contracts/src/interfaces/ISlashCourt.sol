// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AttestedFault} from "../libraries/Statements.sol";

/// @title Faults that only auditors can judge: poisoning and free-riding.
/// @notice M of N auditors accuse; the vault waits, lets the council veto, and caps the damage.
interface ISlashCourt {
    event Accused(
        bytes32 indexed caseId,
        address indexed site,
        uint64 indexed round,
        uint16 kind,
        uint16 bps,
        bytes32 evidenceRoot,
        uint32 signers
    );

    error WrongFederation(bytes32 given, bytes32 expected);
    /// @notice Only poisoning (2) and free-riding (3) are attested; the rest needs a proof.
    error NotAttestable(uint16 kind);
    error BadBps(uint16 bps, uint16 maximum);
    error AccusationExpired(uint64 deadline, uint40 timestamp);
    /// @notice The chain holds no such round.
    error UnknownRound(uint64 round, uint64 head);
    error AlreadyAccused(bytes32 caseId);
    /// @notice The evidence must be the round's commitment hash on the chain; stored is zero when
    /// the round's slot was reused since.
    error EvidenceMismatch(uint64 round, bytes32 given, bytes32 stored);

    /// @notice Opens a case in the vault. Anyone may post; the auditors' signatures decide. The
    /// evidence root is the hash of the round's commitment, which need not be final.
    /// @param signatures of M or more auditors over the fault, in the format of commitRound
    function accuse(AttestedFault calldata fault, bytes calldata signatures)
        external
        returns (bytes32 caseId);

    /// @notice One case a site, round and kind:
    /// keccak256(abi.encode(bytes32 federation, uint64 round, address site, uint16 kind)).
    function caseIdOf(uint64 round, address site, uint16 kind) external view returns (bytes32);
    /// @notice The EIP-712 digest that auditors sign.
    function faultDigest(AttestedFault calldata fault) external view returns (bytes32);
    function roundManager() external view returns (address);
    function vault() external view returns (address);
    function maxBps() external view returns (uint16);
}

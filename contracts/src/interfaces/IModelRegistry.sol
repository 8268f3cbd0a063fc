// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RoundCommitment} from "../libraries/Statements.sol";

/// @notice Where one released model version comes from. Digests only, nothing about patients.
struct Provenance {
    bytes32 modelId;
    uint64 version; // from 1, without gaps
    uint64 round;
    bytes32 parent; // record hash of the version before; zero for version 1
    bytes32 weightsRoot; // content root: the round's model
    bytes32 weightsSha256; // of the released safetensors file
    uint64 weightsBytes; // size of that file
    bytes32 datasetsRoot;
    bytes32 codeCommit; // SHA-1 in the low 20 bytes, or SHA-256
    bytes32 configHash;
    bytes32 evalHash;
}

/// @title Released models, each tied to a final round.
/// @notice One word a version stays in storage; the full record is in the event.
interface IModelRegistry {
    enum Status {
        Active,
        Deprecated,
        Revoked
    }

    event ModelPublished(
        bytes32 indexed modelId,
        uint64 indexed version,
        bytes32 indexed recordHash,
        Provenance provenance,
        address publisher
    );
    event PublisherSet(address indexed publisher);
    event ModelStatusSet(
        bytes32 indexed modelId, uint64 indexed version, Status status, string reason
    );

    error ZeroAddress();
    error NotAuthorized(address caller);
    error RoundMismatch(uint64 provenanceRound, uint64 commitmentRound);
    error WeightsMismatch(bytes32 weightsRoot, bytes32 roundModel);
    error VersionOutOfOrder(uint64 version, uint64 expected);
    error ParentMismatch(bytes32 parent, bytes32 expected);
    error ZeroField(string field);
    error UnknownVersion(bytes32 modelId, uint64 version);
    /// @notice A revoked version stays revoked.
    error AlreadyRevoked(bytes32 modelId, uint64 version);

    /// @notice Records the next version of a model, released from the final round `c`. Publisher only.
    /// Reverts with RoundManager's reason where `c` is not final or not the chain's.
    function publish(RoundCommitment calldata c, Provenance calldata provenance)
        external
        returns (bytes32 recordHash);

    /// @notice Publisher only.
    function setStatus(bytes32 modelId, uint64 version, Status status, string calldata reason)
        external;

    /// @notice Role PARAMETERS.
    function setPublisher(address publisher_) external;

    /// @notice Whether `chain` is an unbroken line of recorded versions, oldest first, of which none
    /// is revoked.
    function verifyLineage(Provenance[] calldata chain) external view returns (bool);

    /// @notice The binary CIDv1 (raw codec, SHA-256) of a released file.
    function cidOf(bytes32 weightsSha256) external pure returns (bytes memory);

    /// @notice keccak256(abi.encode(provenance)).
    function hashProvenance(Provenance calldata provenance) external pure returns (bytes32);
    /// @notice Zero when the version does not exist.
    function recordOf(bytes32 modelId, uint64 version) external view returns (bytes32);
    /// @notice 0 before the first version.
    function latestVersion(bytes32 modelId) external view returns (uint64);
    function statusOf(bytes32 modelId, uint64 version) external view returns (Status);
    function roundManager() external view returns (address);
    function publisher() external view returns (address);
}

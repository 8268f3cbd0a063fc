// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IModelRegistry, Provenance} from "./interfaces/IModelRegistry.sol";
import {IRoundManager} from "./interfaces/IRoundManager.sol";
import {RoundCommitment} from "./libraries/Statements.sol";

/// @title ModelRegistry
/// @notice See {IModelRegistry}.
contract ModelRegistry is IModelRegistry {
    IRoundManager private immutable _roundManager;
    address private immutable _publisher;

    mapping(bytes32 modelId => mapping(uint64 version => bytes32)) private _records;
    mapping(bytes32 modelId => uint64) private _latest;
    mapping(bytes32 recordHash => Status) private _statuses;

    /// @param publisher_ the only account that releases models and sets their status
    constructor(IRoundManager roundManager_, address publisher_) {
        require(address(roundManager_) != address(0) && publisher_ != address(0), ZeroAddress());
        _roundManager = roundManager_;
        _publisher = publisher_;
    }

    /// @inheritdoc IModelRegistry
    function publish(RoundCommitment calldata c, Provenance calldata provenance)
        external
        returns (bytes32 recordHash)
    {
        _requirePublisher();
        _requireStands(c);
        require(provenance.round == c.round, RoundMismatch(provenance.round, c.round));
        bytes32 weightsRoot = provenance.weightsRoot;
        require(weightsRoot == c.model, WeightsMismatch(weightsRoot, c.model));
        require(provenance.weightsSha256 != 0, ZeroField("weightsSha256"));
        require(provenance.weightsBytes != 0, ZeroField("weightsBytes"));
        bytes32 modelId = provenance.modelId;
        require(modelId != 0, ZeroField("modelId"));
        uint64 latest = _latest[modelId];
        uint64 version = provenance.version;
        require(version == latest + 1, VersionOutOfOrder(version, latest + 1));
        bytes32 parent = _records[modelId][latest];
        require(provenance.parent == parent, ParentMismatch(provenance.parent, parent));

        recordHash = hashProvenance(provenance);
        _latest[modelId] = version;
        _records[modelId][version] = recordHash;
        emit ModelPublished(modelId, version, recordHash, provenance);
    }

    /// @inheritdoc IModelRegistry
    function setStatus(bytes32 modelId, uint64 version, Status status, string calldata reason)
        external
    {
        _requirePublisher();
        bytes32 recordHash = _requireRecord(modelId, version);
        bool revoked = _statuses[recordHash] == Status.Revoked;
        require(!revoked, AlreadyRevoked(modelId, version));
        _statuses[recordHash] = status;
        emit ModelStatusSet(modelId, version, status, reason);
    }

    /// @inheritdoc IModelRegistry
    function hashProvenance(Provenance calldata provenance) public pure returns (bytes32) {
        return keccak256(abi.encode(provenance));
    }

    /// @inheritdoc IModelRegistry
    function recordOf(bytes32 modelId, uint64 version) external view returns (bytes32) {
        return _records[modelId][version];
    }

    /// @inheritdoc IModelRegistry
    function latestVersion(bytes32 modelId) external view returns (uint64) {
        return _latest[modelId];
    }

    /// @inheritdoc IModelRegistry
    function statusOf(bytes32 modelId, uint64 version) external view returns (Status) {
        return _statuses[_requireRecord(modelId, version)];
    }

    /// @inheritdoc IModelRegistry
    function roundManager() external view returns (address) {
        return address(_roundManager);
    }

    /// @inheritdoc IModelRegistry
    function publisher() external view returns (address) {
        return _publisher;
    }

    function _requirePublisher() private view {
        require(msg.sender == _publisher, NotAuthorized(msg.sender));
    }

    /// @dev The round is final and `c` is what was committed for it.
    function _requireStands(RoundCommitment calldata c) private view {
        bytes32 given = _roundManager.hashCommitment(c);
        bytes32 stored = _roundManager.slotOf(c.round).commitment;
        require(given == stored, CommitmentMismatch(c.round, given, stored));
        require(_roundManager.isFinal(c.round), RoundNotFinal(c.round));
    }

    function _requireRecord(bytes32 modelId, uint64 version)
        private
        view
        returns (bytes32 recordHash)
    {
        recordHash = _records[modelId][version];
        require(recordHash != 0, UnknownVersion(modelId, version));
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Managed} from "./access/Managed.sol";
import {IModelRegistry, Provenance} from "./interfaces/IModelRegistry.sol";
import {IRoundManager} from "./interfaces/IRoundManager.sol";
import {RoundCommitment} from "./libraries/Statements.sol";

/// @title ModelRegistry
/// @notice See {IModelRegistry}.
contract ModelRegistry is IModelRegistry, Managed {
    /// @custom:storage-location erc7201:fedstake.ModelRegistry
    struct Store {
        IRoundManager roundManager;
        address publisher;
        // Versions have no gaps, so the latest one is found by search and costs no word of its own.
        mapping(bytes32 modelId => mapping(uint64 version => bytes32)) records;
        mapping(bytes32 recordHash => Status) statuses;
    }

    // keccak256(abi.encode(uint256(keccak256("fedstake.ModelRegistry")) - 1)) & ~0xff
    bytes32 private constant PLACE =
        0x831a8ed2b8eaa8fa1b6a9a897b0fe43573b2cf3daad54689dd3a4922418a0d00;

    /// @param authority_ the ConsortiumAccess of the federation
    /// @param publisher_ the only account that releases models and sets their status
    function initialize(IRoundManager roundManager_, address authority_, address publisher_)
        external
        initializer
    {
        require(address(roundManager_) != address(0) && authority_ != address(0), ZeroAddress());
        __AccessManaged_init(authority_);
        _store().roundManager = roundManager_;
        _setPublisher(publisher_);
    }

    /// @inheritdoc IModelRegistry
    function publish(RoundCommitment calldata c, Provenance calldata provenance)
        external
        returns (bytes32 recordHash)
    {
        _requirePublisher();
        Store storage s = _store();
        s.roundManager.requireFinal(c);
        require(provenance.round == c.round, RoundMismatch(provenance.round, c.round));
        bytes32 weightsRoot = provenance.weightsRoot;
        require(weightsRoot == c.model, WeightsMismatch(weightsRoot, c.model));
        require(provenance.weightsSha256 != 0, ZeroField("weightsSha256"));
        require(provenance.weightsBytes != 0, ZeroField("weightsBytes"));
        bytes32 modelId = provenance.modelId;
        require(modelId != 0, ZeroField("modelId"));
        mapping(uint64 => bytes32) storage records = s.records[modelId];
        uint64 version = provenance.version;
        bytes32 parent = version == 0 ? bytes32(0) : records[version - 1];
        bool next = version != 0 && records[version] == 0 && (version == 1 || parent != 0);
        if (!next) revert VersionOutOfOrder(version, latestVersion(modelId) + 1);
        require(provenance.parent == parent, ParentMismatch(provenance.parent, parent));

        recordHash = hashProvenance(provenance);
        records[version] = recordHash;
        emit ModelPublished(modelId, version, recordHash, provenance, msg.sender);
    }

    /// @inheritdoc IModelRegistry
    function setStatus(bytes32 modelId, uint64 version, Status status, string calldata reason)
        external
    {
        _requirePublisher();
        bytes32 recordHash = _requireRecord(modelId, version);
        bool revoked = _store().statuses[recordHash] == Status.Revoked;
        require(!revoked, AlreadyRevoked(modelId, version));
        _store().statuses[recordHash] = status;
        emit ModelStatusSet(modelId, version, status, reason);
    }

    /// @inheritdoc IModelRegistry
    function setPublisher(address publisher_) external restricted {
        _setPublisher(publisher_);
    }

    /// @inheritdoc IModelRegistry
    function verifyLineage(Provenance[] calldata chain) external view returns (bool) {
        if (chain.length == 0) return false;
        bytes32 before = chain[0].parent;
        for (uint256 i = 0; i < chain.length; ++i) {
            Provenance calldata entry = chain[i];
            bytes32 recordHash = hashProvenance(entry);
            if (_store().records[entry.modelId][entry.version] != recordHash) return false;
            if (entry.parent != before) return false;
            if (_store().statuses[recordHash] == Status.Revoked) return false;
            before = recordHash;
        }
        return true;
    }

    /// @inheritdoc IModelRegistry
    function cidOf(bytes32 weightsSha256) external pure returns (bytes memory) {
        // version 1 | codec raw | multihash sha2-256 of 32 bytes
        return abi.encodePacked(hex"01551220", weightsSha256);
    }

    /// @inheritdoc IModelRegistry
    function hashProvenance(Provenance calldata provenance) public pure returns (bytes32) {
        return keccak256(abi.encode(provenance));
    }

    /// @inheritdoc IModelRegistry
    function recordOf(bytes32 modelId, uint64 version) external view returns (bytes32) {
        return _store().records[modelId][version];
    }

    /// @inheritdoc IModelRegistry
    function latestVersion(bytes32 modelId) public view returns (uint64 latest) {
        mapping(uint64 => bytes32) storage records = _store().records[modelId];
        uint64 step = 1;
        while (records[latest + step] != 0) {
            latest += step;
            step *= 2;
        }
        for (; step > 0; step /= 2) {
            if (records[latest + step] != 0) latest += step;
        }
    }

    /// @inheritdoc IModelRegistry
    function statusOf(bytes32 modelId, uint64 version) external view returns (Status) {
        return _store().statuses[_requireRecord(modelId, version)];
    }

    /// @inheritdoc IModelRegistry
    function roundManager() external view returns (address) {
        return address(_store().roundManager);
    }

    /// @inheritdoc IModelRegistry
    function publisher() external view returns (address) {
        return _store().publisher;
    }

    function _setPublisher(address publisher_) private {
        require(publisher_ != address(0), ZeroAddress());
        _store().publisher = publisher_;
        emit PublisherSet(publisher_);
    }

    function _requirePublisher() private view {
        require(msg.sender == _store().publisher, NotAuthorized(msg.sender));
    }

    function _requireRecord(bytes32 modelId, uint64 version)
        private
        view
        returns (bytes32 recordHash)
    {
        recordHash = _store().records[modelId][version];
        require(recordHash != 0, UnknownVersion(modelId, version));
    }

    function _store() private pure returns (Store storage store) {
        bytes32 place = PLACE;
        assembly {
            store.slot := place
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IFaultProver} from "./interfaces/IFaultProver.sol";
import {IRoundManager} from "./interfaces/IRoundManager.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {Statements, UpdateStatement} from "./libraries/Statements.sol";

/// @title FaultProver
/// @notice See {IFaultProver}.
contract FaultProver is IFaultProver {
    using Statements for UpdateStatement;

    uint16 internal constant FULL_BPS = 10_000;

    IRoundManager private immutable _roundManager;
    IStakeVault private immutable _vault;
    bytes32 private immutable _federation;
    uint16 private immutable _equivocationBps;

    /// @dev Keyed by the incident, not by the signatures: those can be remade at will.
    mapping(bytes32 incident => bool) private _proven;

    /// @param equivocationBps_ share of stake and exit slashed for equivocation, in 1/10000
    constructor(IRoundManager roundManager_, uint16 equivocationBps_) {
        bool possible = equivocationBps_ != 0 && equivocationBps_ <= FULL_BPS;
        require(possible, BadBps(equivocationBps_, FULL_BPS));
        _roundManager = roundManager_;
        _vault = IStakeVault(roundManager_.vault());
        _federation = roundManager_.federation();
        _equivocationBps = equivocationBps_;
    }

    /// @inheritdoc IFaultProver
    function proveEquivocation(
        UpdateStatement calldata a,
        bytes calldata signatureA,
        UpdateStatement calldata b,
        bytes calldata signatureB
    ) external {
        require(a.federation == _federation, WrongFederation(a.federation, _federation));
        require(b.federation == _federation, WrongFederation(b.federation, _federation));
        bool comparable = a.round == b.round && a.attempt == b.attempt && a.site == b.site;
        require(comparable, StatementsNotComparable());
        bool same = a.updateRoot == b.updateRoot && a.baseModel == b.baseModel
            && a.coordinates == b.coordinates;
        require(!same, NoContradiction());
        bytes32 incident = _incident(a.site, a.round, a.attempt);
        require(!_proven[incident], AlreadyProven(a.site, a.round, a.attempt));
        bytes32 domain = _roundManager.domainSeparator();
        _requireSignedBySite(domain, a, signatureA);
        _requireSignedBySite(domain, b, signatureB);

        _proven[incident] = true;
        emit EquivocationProven(a.site, a.round, a.attempt, msg.sender);
        _vault.slashNow(a.site, _equivocationBps, msg.sender, Statements.EQUIVOCATION);
    }

    /// @inheritdoc IFaultProver
    function isProven(address site, uint64 round, uint32 attempt) external view returns (bool) {
        return _proven[_incident(site, round, attempt)];
    }

    /// @inheritdoc IFaultProver
    function roundManager() external view returns (address) {
        return address(_roundManager);
    }

    /// @inheritdoc IFaultProver
    function vault() external view returns (address) {
        return address(_vault);
    }

    /// @inheritdoc IFaultProver
    function equivocationBps() external view returns (uint16) {
        return _equivocationBps;
    }

    function _requireSignedBySite(
        bytes32 domain,
        UpdateStatement calldata statement,
        bytes calldata signature
    ) private view {
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, statement.hash());
        (address recovered,,) = ECDSA.tryRecoverCalldata(digest, signature);
        bool bySite = recovered != address(0) && _vault.ownerOfSigner(recovered) == statement.site;
        require(bySite, NotSignedBySite(recovered, statement.site));
    }

    function _incident(address site, uint64 round, uint32 attempt) private pure returns (bytes32) {
        return keccak256(abi.encode(site, round, attempt));
    }
}

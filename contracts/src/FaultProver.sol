// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IFaultProver} from "./interfaces/IFaultProver.sol";
import {IRoundManager} from "./interfaces/IRoundManager.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {ContextBytes} from "./libraries/ContextBytes.sol";
import {PositionTree} from "./libraries/PositionTree.sol";
import {ReportBytes} from "./libraries/ReportBytes.sol";
import {
    RoundCommitment,
    Statements,
    UpdateReceipt,
    UpdateStatement
} from "./libraries/Statements.sol";
import {Conviction} from "./provers/Conviction.sol";

/// @title FaultProver
/// @notice See {IFaultProver}.
contract FaultProver is IFaultProver, Conviction {
    using ContextBytes for bytes;
    using PositionTree for PositionTree.UpdateLeaf;
    using ReportBytes for bytes;
    using Statements for RoundCommitment;
    using Statements for UpdateReceipt;
    using Statements for UpdateStatement;

    /// @param authority_ the ConsortiumAccess of the federation
    function initialize(IRoundManager roundManager_, address authority_, Shares calldata shares_)
        external
        initializer
    {
        __Conviction_init(roundManager_, authority_, shares_);
    }

    /// @inheritdoc IFaultProver
    function proveEquivocation(
        UpdateStatement calldata a,
        bytes calldata signatureA,
        UpdateStatement calldata b,
        bytes calldata signatureB
    ) external {
        _requireFederation(a.federation);
        _requireFederation(b.federation);
        bool comparable = a.round == b.round && a.attempt == b.attempt && a.site == b.site;
        require(comparable, StatementsNotComparable());
        bool same = a.updateRoot == b.updateRoot && a.baseModel == b.baseModel
            && a.coordinates == b.coordinates;
        require(!same, NoContradiction());
        _noteIncident(Statements.EQUIVOCATION, a.site, a.round, a.attempt);
        address keyA = _keyOfSite(a, signatureA);
        address keyB = _keyOfSite(b, signatureB);
        emit EquivocationProven(a.site, a.round, a.attempt, msg.sender);
        // A key that is known to be lost must not cost the rest. Its receipts end all the same.
        IStakeVault vault_ = _store().vault;
        if (vault_.isJailed(a.site) || vault_.isLost(keyA) || vault_.isLost(keyB)) return;
        _slash(a.site, _store().shares.equivocation, Statements.EQUIVOCATION);
    }

    /// @inheritdoc IFaultProver
    function proveCoordinatorEquivocation(
        uint16 epoch,
        UpdateReceipt calldata a,
        bytes calldata signatureA,
        UpdateReceipt calldata b,
        bytes calldata signatureB
    ) external {
        _requireFederation(a.federation);
        _requireFederation(b.federation);
        bool comparable = a.round == b.round && a.attempt == b.attempt && a.site == b.site;
        require(comparable, StatementsNotComparable());
        bool same = a.updateRoot == b.updateRoot && a.statementDigest == b.statementDigest;
        require(!same, NoContradiction());
        address coordinator = _store().roundManager.epochOf(epoch).coordinator;
        _noteIncident(Statements.FALSE_RECEIPT, coordinator, a.round, 0);
        _requireSignedByCoordinator(a, signatureA, coordinator);
        _requireSignedByCoordinator(b, signatureB, coordinator);
        emit CoordinatorEquivocationProven(coordinator, a.round, a.attempt, msg.sender);
        _slash(_ownerOf(coordinator), _store().shares.coordinator, Statements.FALSE_RECEIPT);
    }

    /// @inheritdoc IFaultProver
    function proveOmission(
        RoundCommitment calldata c,
        PositionTree.UpdateLeaf[] calldata leaves,
        UpdateReceipt calldata receipt,
        bytes calldata signature
    ) external {
        bool comparable = receipt.federation == c.federation && receipt.round == c.round
            && receipt.attempt == c.attempt;
        require(comparable, StatementsNotComparable());
        _requireUpdates(c, leaves);
        // Of two contradicting updates a round may keep either or none.
        bool equivocated = _store()
        .proven[_incident(Statements.EQUIVOCATION, receipt.site, receipt.round, receipt.attempt)];
        require(!equivocated, SiteEquivocated(receipt.site, receipt.round, receipt.attempt));
        _requireSignedByCoordinator(receipt, signature, _coordinatorOf(c));
        bool kept = false;
        for (uint256 i = 0; i < leaves.length; ++i) {
            kept = kept
                || (leaves[i].site == receipt.site
                    && leaves[i].updateRoot == receipt.updateRoot
                    && leaves[i].statementDigest == receipt.statementDigest);
        }
        _convictIf(!kept, c, Fault.Omission);
    }

    /// @inheritdoc IFaultProver
    function proveBadSignature(
        RoundCommitment calldata c,
        PositionTree.UpdateLeaf calldata leaf,
        LeafPlace calldata place,
        bytes calldata signature,
        bytes calldata context,
        uint256 member
    ) external {
        _requireLeaf(c, leaf, place);
        _requireContext(c, context);
        _requireDigest("signature", keccak256(signature), leaf.signatureHash);
        address site = member < context.members() ? context.site(member) : address(0);
        require(site == leaf.site, NotTheMember(site, leaf.site));
        (address recovered,,) = ECDSA.tryRecoverCalldata(leaf.statementDigest, signature);
        bool good = recovered != address(0) && recovered == context.signer(member);
        _convictIf(!good, c, Fault.BadSignature);
    }

    /// @inheritdoc IFaultProver
    function proveForeignStatement(
        RoundCommitment calldata c,
        PositionTree.UpdateLeaf calldata leaf,
        LeafPlace calldata place,
        UpdateStatement calldata statement
    ) external {
        _requireLeaf(c, leaf, place);
        _requireDigest("statement", _digest(statement.hash()), leaf.statementDigest);
        bool fits = statement.federation == c.federation && statement.round == c.round
            && statement.attempt == c.attempt && statement.site == leaf.site
            && statement.updateRoot == leaf.updateRoot;
        _convictIf(!fits, c, Fault.ForeignStatement);
    }

    /// @inheritdoc IFaultProver
    function proveUnfitAccepted(
        RoundCommitment calldata c,
        PositionTree.UpdateLeaf calldata leaf,
        LeafPlace calldata place,
        UpdateStatement calldata statement,
        bytes calldata report,
        uint256 index
    ) external {
        _requireLeaf(c, leaf, place);
        _requireDigest("statement", _digest(statement.hash()), leaf.statementDigest);
        _requireReport(c, report);
        ReportBytes.Header memory head = report.header();
        address listed = index < head.sites ? report.site(head, index) : address(0);
        require(listed == leaf.site, NotTheMember(listed, leaf.site));
        bool accepted = report.standing(head, index) == ReportBytes.ACCEPTED;
        bool fits = statement.baseModel == c.parentModel && statement.coordinates == c.coordinates;
        _convictIf(accepted && !fits, c, Fault.ForeignStatement);
    }

    /// @inheritdoc IFaultProver
    function proveUpdatesDiffer(
        RoundCommitment calldata c,
        PositionTree.UpdateLeaf[] calldata leaves,
        bytes calldata report
    ) external {
        _requireReport(c, report);
        _requireUpdates(c, leaves);
        ReportBytes.Header memory head = report.header();
        bool same = leaves.length == c.sites && leaves.length == head.sites;
        for (uint256 i = 0; same && i < leaves.length; ++i) {
            same = leaves[i].site == report.site(head, i)
                && leaves[i].updateRoot == report.updateRoot(head, i);
        }
        _convictIf(!same, c, Fault.UpdatesDiffer);
    }

    /// @inheritdoc IFaultProver
    function isProven(address site, uint64 round, uint32 attempt) external view returns (bool) {
        return _store().proven[_incident(Statements.EQUIVOCATION, site, round, attempt)];
    }

    /// @dev Who committed exactly this round, and signed its receipts.
    function _coordinatorOf(RoundCommitment calldata c) private view returns (address) {
        IRoundManager manager = _store().roundManager;
        return manager.epochOf(manager.recordOf(c.round, c.hash()).epoch).coordinator;
    }

    function _slash(address account, uint16 bps, uint16 kind) private {
        address[] memory accounts = new address[](1);
        uint16[] memory parts = new uint16[](1);
        accounts[0] = account;
        parts[0] = bps;
        _store().vault.slashMany(accounts, parts, msg.sender, kind);
    }

    function _noteIncident(uint16 kind, address who, uint64 round, uint32 attempt) private {
        bytes32 incident = _incident(kind, who, round, attempt);
        require(!_store().proven[incident], AlreadyProven(who, round, attempt));
        _store().proven[incident] = true;
    }

    function _incident(uint16 kind, address who, uint64 round, uint32 attempt)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(kind, who, round, attempt));
    }

    function _digest(bytes32 structHash) private view returns (bytes32) {
        bytes32 domain = _store().roundManager.domainSeparator();
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }

    function _requireFederation(bytes32 given) private view {
        bytes32 expected = _store().federation;
        require(given == expected, WrongFederation(given, expected));
    }

    function _keyOfSite(UpdateStatement calldata statement, bytes calldata signature)
        private
        view
        returns (address recovered)
    {
        (recovered,,) = ECDSA.tryRecoverCalldata(_digest(statement.hash()), signature);
        bool bySite =
            recovered != address(0) && _store().vault.ownerOfSigner(recovered) == statement.site;
        require(bySite, NotSignedBySite(recovered, statement.site));
    }

    function _requireSignedByCoordinator(
        UpdateReceipt calldata receipt,
        bytes calldata signature,
        address coordinator
    ) private view {
        (address recovered,,) = ECDSA.tryRecoverCalldata(_digest(receipt.hash()), signature);
        bool by = recovered != address(0) && recovered == coordinator;
        require(by, NotSignedByCoordinator(recovered, coordinator));
    }

    function _requireUpdates(RoundCommitment calldata c, PositionTree.UpdateLeaf[] calldata leaves)
        private
        pure
    {
        bytes32 root = PositionTree.rootOfUpdates(leaves);
        require(root == c.updatesRoot, NotTheUpdates(root, c.updatesRoot));
    }

    function _requireLeaf(
        RoundCommitment calldata c,
        PositionTree.UpdateLeaf calldata leaf,
        LeafPlace calldata place
    ) private pure {
        bytes32 node = PositionTree.updateLeaf(place.index, leaf);
        bytes32 root = PositionTree.rootOf(node, place.index, place.leafCount, place.proof);
        require(root == c.updatesRoot, NotTheUpdates(root, c.updatesRoot));
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PositionTree} from "../libraries/PositionTree.sol";
import {RoundCommitment, UpdateReceipt, UpdateStatement} from "../libraries/Statements.sol";
import {IConviction} from "./IConviction.sol";

/// @title Faults in what was signed, proven by anyone. They slash at once.
/// @notice Signatures are 65 bytes r | s | v. Commitments are those on the chain.
interface IFaultProver is IConviction {
    /// @notice Where a leaf stands in the updates tree of a round.
    struct LeafPlace {
        uint64 leafCount;
        uint64 index;
        bytes32[] proof; // siblings, lowest first
    }

    event EquivocationProven(
        address indexed site, uint64 indexed round, uint32 attempt, address indexed prover
    );
    event CoordinatorEquivocationProven(
        address indexed coordinator, uint64 indexed round, uint32 attempt, address indexed prover
    );

    /// @notice The two statements are about different (round, attempt, site).
    error StatementsNotComparable();
    /// @notice The two statements say the same: no fault.
    error NoContradiction();
    /// @notice The signature is not by a key of the statement's site (zero: malformed signature).
    error NotSignedBySite(address recovered, address site);
    /// @notice The receipt was not signed by the coordinator of that epoch.
    error NotSignedByCoordinator(address recovered, address coordinator);
    /// @notice This incident was punished before.
    error AlreadyProven(address who, uint64 round, uint32 attempt);
    /// @notice The site's equivocation in this attempt is proven: its receipts oblige nobody.
    error SiteEquivocated(address site, uint64 round, uint32 attempt);
    /// @notice The leaves given are not those of the round.
    error NotTheUpdates(bytes32 computedRoot, bytes32 updatesRoot);
    /// @notice The context's member, or the report's site, at this place is another site.
    error NotTheMember(address member, address site);

    /// @notice Two statements of one site for one attempt of one round that contradict each other:
    /// another update root, base model or coordinate count. Slashes and jails the site; the caller
    /// earns the bounty unless it is the site. Only noted, so that the site's receipts of that attempt
    /// oblige nobody, while the site is in jail and where a key was replaced in jail.
    function proveEquivocation(
        UpdateStatement calldata a,
        bytes calldata signatureA,
        UpdateStatement calldata b,
        bytes calldata signatureB
    ) external;

    /// @notice Two receipts of the coordinator for one site's update in one attempt of one round
    /// that name different updates or statements. Slashes the coordinator, once for each round
    /// (AlreadyProven with attempt 0).
    /// @param epoch whose coordinator signed them
    function proveCoordinatorEquivocation(
        uint16 epoch,
        UpdateReceipt calldata a,
        bytes calldata signatureA,
        UpdateReceipt calldata b,
        bytes calldata signatureB
    ) external;

    /// @notice The coordinator signed a receipt for an update that the round does not hold as
    /// receipted: it was left out, or altered. Refused where the site's equivocation in this attempt
    /// is proven.
    /// @param leaves all leaves of the round's updates tree
    function proveOmission(
        RoundCommitment calldata c,
        PositionTree.UpdateLeaf[] calldata leaves,
        UpdateReceipt calldata receipt,
        bytes calldata signature
    ) external;

    /// @notice The signature that a leaf commits to was not made by the key which the round's
    /// context names for the site.
    /// @param member the site's place in the context
    function proveBadSignature(
        RoundCommitment calldata c,
        PositionTree.UpdateLeaf calldata leaf,
        LeafPlace calldata place,
        bytes calldata signature,
        bytes calldata context,
        uint256 member
    ) external;

    /// @notice The statement that a leaf commits to is about another federation, round, attempt,
    /// site or update.
    function proveForeignStatement(
        RoundCommitment calldata c,
        PositionTree.UpdateLeaf calldata leaf,
        LeafPlace calldata place,
        UpdateStatement calldata statement
    ) external;

    /// @notice The round accepted an update whose statement names another base model than the
    /// round's, or another number of coordinates.
    /// @param index the site's place in the report
    function proveUnfitAccepted(
        RoundCommitment calldata c,
        PositionTree.UpdateLeaf calldata leaf,
        LeafPlace calldata place,
        UpdateStatement calldata statement,
        bytes calldata report,
        uint256 index
    ) external;

    /// @notice The report does not list exactly the updates of the updates tree.
    function proveUpdatesDiffer(
        RoundCommitment calldata c,
        PositionTree.UpdateLeaf[] calldata leaves,
        bytes calldata report
    ) external;

    /// @notice Whether the site's equivocation was punished.
    function isProven(address site, uint64 round, uint32 attempt) external view returns (bool);
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PositionTree} from "../libraries/PositionTree.sol";
import {RoundCommitment} from "../libraries/Statements.sol";

/// @title Demands to publish what a committed round was made of.
/// @notice Without the leaves of its updates tree, its report and its context nobody can prove a round
/// wrong. Anyone may demand them, with a bond, while the round is inside its window. Who posts them
/// in time ends the demand, and the bond pays the coordinator for it; otherwise the round and all
/// after it are voided, the coordinator is slashed and the bond goes back. The round stays open for
/// proofs for as long again after an answer. Any number of demands may be open, one a commitment for
/// ever: an answer is public, and a friend's demand keeps nobody from demanding another round.
interface ILeafDemands {
    enum State {
        None,
        Open,
        Answered,
        Expired,
        Overridden // a proof, a dispute or the council voided the round first
    }

    struct Demand {
        address demander;
        uint40 deadline;
        uint16 epoch; // whose coordinator answers for the round
        State state;
        uint128 bond;
        uint64 round;
        uint24 answerTime; // of the terms when it was made
    }

    struct Terms {
        uint128 bond; // token wei; should cover the gas of an answer
        uint40 answerTime; // seconds to answer, and then to prove
        uint16 coordinatorBps; // slashed where nobody answers, in 1/10000 of stake and exit
    }

    event Demanded(
        uint64 indexed round,
        bytes32 indexed commitmentHash,
        address indexed demander,
        uint128 bond,
        uint40 deadline
    );
    /// @notice All that was demanded: whoever follows the logs has it, whatever contract made the call.
    event Answered(
        uint64 indexed round,
        bytes32 indexed commitmentHash,
        address indexed poster,
        PositionTree.UpdateLeaf[] leaves,
        bytes report,
        bytes context
    );
    event Expired(uint64 indexed round, bytes32 indexed commitmentHash, address coordinator);
    event Overridden(uint64 indexed round, bytes32 indexed commitmentHash);
    event TermsSet(Terms terms);

    error ZeroAddress();
    error ZeroField(string field);
    error BadBps(uint16 bps, uint16 maximum);
    /// @notice The bond is higher than the caller allowed.
    error BondTooHigh(uint128 bond, uint128 most);
    /// @notice The token delivered less than the bond.
    error BondShort(uint256 received, uint256 bond);
    /// @notice The vault's windows leave less time than an answer may take: stake could leave before
    /// the round is final. Longer unbonding or a shorter answer time make demands possible.
    error AnswerTooLong(uint40 answerTime, uint256 most);
    /// @notice This commitment was demanded before; the answer, if any, is in the logs.
    error DemandedBefore(bytes32 commitmentHash, State state);
    error NoOpenDemand(bytes32 commitmentHash, State state);
    error DeadlinePassed(uint40 deadline);
    error DeadlineNotPassed(uint40 deadline);
    /// @notice A demand about the earlier round `first` is open: it is to be answered or to expire first.
    error EarlierDemandOpen(uint64 round, uint64 first);
    /// @notice The leaves given are not those of the round.
    error NotTheUpdates(bytes32 computedRoot, bytes32 updatesRoot);
    /// @notice The bytes given are not those that were committed.
    error DigestMismatch(string what, bytes32 given, bytes32 expected);
    /// @notice There is nothing left to answer: use settleVoided.
    error RoundIsVoided(bytes32 commitmentHash);
    error RoundNotVoided(bytes32 commitmentHash);

    /// @notice Demands the leaves, the report and the context of round `c`, which is inside its
    /// window. Takes the bond.
    /// @param bondMost most that the caller pays
    function demandLeaves(RoundCommitment calldata c, uint128 bondMost) external;

    /// @notice Posts what was demanded. Anyone; the bond goes to the round's coordinator.
    /// @param leaves all leaves of the round's updates tree, in their order
    /// @param report the bytes whose SHA-256 is c.reportDigest
    /// @param context the bytes whose SHA-256 is c.contextDigest
    function answerDemand(
        RoundCommitment calldata c,
        PositionTree.UpdateLeaf[] calldata leaves,
        bytes calldata report,
        bytes calldata context
    ) external;

    /// @notice Nobody answered in time: voids the round and slashes its coordinator. Anyone. Of several
    /// rounds the earliest goes first, so that one outage is slashed once.
    function expireDemand(RoundCommitment calldata c) external;

    /// @notice The round was voided otherwise: the bond goes back. Anyone.
    function settleVoided(bytes32 commitmentHash) external;

    /// @notice Role PARAMETERS. Open demands keep their deadline and bond.
    function setTerms(Terms calldata terms_) external;

    function terms() external view returns (Terms memory);
    function demandOf(bytes32 commitmentHash) external view returns (Demand memory);
    function roundManager() external view returns (address);
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RoundCommitment} from "../libraries/Statements.sol";

/// @title Disputes about rounds whose fault cannot be proven on the chain.
/// @notice Anyone may hold a round back that is not final, with a bond. Auditors that did not sign the
/// round, or the governor, decide within the vault's resolution window; otherwise the round is
/// voided and nobody is slashed. One dispute at a time; proofs go on meanwhile and override it.
interface IRoundDisputes {
    struct Dispute {
        address challenger; // zero: no dispute was opened about this commitment, or it is settled
        uint128 bond;
        uint40 deadline;
        uint32 signers; // of the round: they do not judge
        uint16 epoch;
        uint64 round;
    }

    event Challenged(
        uint64 indexed round,
        bytes32 indexed commitmentHash,
        address indexed challenger,
        bytes32 evidence,
        uint128 bond,
        uint40 deadline
    );
    event Resolved(uint64 indexed round, bytes32 indexed commitmentHash, bool upheld);
    event Expired(uint64 indexed round, bytes32 indexed commitmentHash);
    event Overridden(uint64 indexed round, bytes32 indexed commitmentHash);
    event BondSet(uint128 bond);

    error ZeroAddress();
    error ZeroBond();
    /// @notice The bond of this challenge is higher than the caller allowed.
    error BondTooHigh(uint128 bond, uint128 most);
    /// @notice The token delivered less than the bond.
    error BondShort(uint256 received, uint256 bond);
    error NotDisputed(bytes32 commitmentHash);
    error DeadlinePassed(uint40 deadline);
    error DeadlineNotPassed(uint40 deadline);
    error RoundNotVoided(bytes32 commitmentHash);
    /// @notice There is nothing left to dismiss: use settleVoided.
    error RoundIsVoided(bytes32 commitmentHash);

    /// @notice Holds round `c` back. The bond doubles with each challenge of the same round number.
    /// @param evidence hash of what the challenger has to say, for those who decide
    /// @param bondMost most that the caller pays
    function challenge(RoundCommitment calldata c, bytes32 evidence, uint128 bondMost) external;

    /// @notice Auditors of the round's epoch who did not sign it, more than half of them, sign
    /// DisputeRuling(bytes32 commitment,uint64 challenge,bool upheld). Upheld: the round is voided, the bond goes
    /// back. Dismissed: half of the bond goes to the coordinator, half to the slash pool.
    function resolveByPanel(RoundCommitment calldata c, bool upheld, bytes calldata signatures)
        external;

    /// @notice The same by role GOVERNOR.
    function resolve(RoundCommitment calldata c, bool upheld) external;

    /// @notice Nobody decided in time: the round is voided, the bond goes back. Anyone.
    function expire(RoundCommitment calldata c) external;

    /// @notice A proof or the council has voided the round: the bond goes back. Anyone.
    function settleVoided(bytes32 commitmentHash) external;

    /// @notice Bond of the first challenge of a round. Role PARAMETERS.
    function setBond(uint128 bond_) external;

    /// @notice What the next challenge of this round number costs.
    function bondFor(uint64 round) external view returns (uint128);
    function disputeOf(bytes32 commitmentHash) external view returns (Dispute memory);
    /// @notice How many times this round number was challenged.
    function challengesOf(uint64 round) external view returns (uint64);
    /// @notice The EIP-712 digest that a panel signs about the open dispute of this commitment: one
    /// for each challenge, so that no ruling decides the next one too.
    function rulingDigest(bytes32 commitmentHash, bool upheld) external view returns (bytes32);
    function roundManager() external view returns (address);
}

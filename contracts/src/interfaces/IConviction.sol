// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What all provers share: shares, events and refusals of proofs against a committed round.
interface IConviction {
    /// @notice What was wrong with a convicted round.
    enum Fault {
        Omission, // a receipted update is not in it
        BadSignature, // a leaf's signature is not by the site's key
        ForeignStatement, // a leaf's statement is about another round, site or update
        UpdatesDiffer, // the report lists other updates than the updates tree
        BadReport, // the report contradicts the commitment, the rules or itself
        CopyAccepted, // two accepted updates have the same content
        BadContext, // the context contradicts the commitment or the round before
        BadSettlement, // scores, rewards or their totals are not what the rules give
        BadAggregate, // a coordinate of the aggregate is not what the rule gives
        BadModel, // a parameter of the model is not base plus aggregate
        WrongSize, // a blob has not four bytes for each coordinate
        GateMissed // an accepted update has a value out of range
    }

    /// @notice The three documents of a round.
    struct Documents {
        bytes report;
        bytes context;
        bytes rules;
    }

    /// @notice Shares of stake and exit, in 1/10000.
    struct Shares {
        uint16 equivocation; // of a site that signed two updates
        uint16 coordinator; // of a coordinator that signed two receipts or committed a false round
        uint16 signer; // of each auditor who signed a false round
    }

    event SharesSet(Shares shares);
    /// @notice The round was voided, now or before; its coordinator and signers were slashed.
    event RoundConvicted(
        uint64 indexed round, bytes32 indexed commitmentHash, Fault fault, address indexed prover
    );

    error ZeroAddress();
    error BadBps(uint16 bps, uint16 maximum);
    error WrongFederation(bytes32 given, bytes32 expected);
    /// @notice The bytes given are not those that were committed.
    error DigestMismatch(string what, bytes32 given, bytes32 expected);
    /// @notice What was opened is as it should be.
    error NoFault(Fault fault);

    /// @notice Role PARAMETERS.
    function setShares(Shares calldata shares_) external;
    function shares() external view returns (Shares memory);
    function roundManager() external view returns (address);
    function vault() external view returns (address);
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AttestedFault} from "../libraries/Statements.sol";

/// @title Faults that only auditors can judge: poisoning and free-riding. And appeals against them.
/// @notice M of N auditors accuse; the vault waits, lets the council veto, and caps the damage. The
/// accused may appeal with a bond: auditors that did not sign the accusation judge, then the
/// governor. Where nobody judges an appeal in time, the case lapses; where the governor does not,
/// the panel's word stands. Accusers never gain anything.
interface ISlashCourt {
    enum Stage {
        None,
        Accused,
        Appealed, // a panel or the governor rules, until the deadline
        Confirmed, // by a panel; may be escalated until it is executed
        Escalated, // the governor rules, until the deadline
        Closed
    }

    struct Trial {
        uint32 signers; // bit i: auditor i of the epoch accused
        uint16 epoch;
        Stage stage;
        uint40 deadline; // when an open appeal lapses
        uint96 bond; // of all appeals so far, held here
    }

    event Accused(
        bytes32 indexed caseId,
        address indexed site,
        uint64 indexed round,
        uint16 kind,
        uint16 bps,
        bytes32 evidenceRoot,
        uint32 signers
    );
    event Appealed(bytes32 indexed caseId, uint96 bond, uint40 deadline);
    event Escalated(bytes32 indexed caseId, uint96 bond, uint40 deadline);
    event RuledByPanel(bytes32 indexed caseId, bool upheld, uint32 signers);
    event RuledByGovernor(bytes32 indexed caseId, bool upheld);
    event Lapsed(bytes32 indexed caseId);
    event DroppedWithItsRound(bytes32 indexed caseId);
    event BondReturned(bytes32 indexed caseId, address indexed site, uint96 amount);
    event BondForfeited(bytes32 indexed caseId, uint96 amount);
    event AppealBondSet(uint96 bond);

    error ZeroAddress();
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
    /// @notice Stake that answered for the round may have left since.
    error EvidenceTooOld(uint64 round, uint40 latest);
    error NotTheAccused(address caller, address site);
    error WrongStage(bytes32 caseId, Stage stage);
    /// @notice The slash may be executed already.
    error AppealTooLate(bytes32 caseId, uint40 executeAfter);
    error RulingTooLate(bytes32 caseId, uint40 deadline);
    error DeadlineNotPassed(bytes32 caseId, uint40 deadline);
    /// @notice The token delivered less than the bond.
    error BondShort(uint256 received, uint256 bond);
    error RoundNotVoided(bytes32 evidenceRoot);
    /// @notice The court has no such case, or it is closed.
    error NoOpenCase(bytes32 caseId);
    /// @notice The vault's case is still open, so the court has to close it.
    error CaseStillOpen(bytes32 caseId);

    /// @notice Opens a case in the vault. Anyone may post; the auditors' signatures decide. The
    /// evidence root is the hash of the round's commitment, which need not be final.
    /// @param signatures of M or more auditors over the fault, in the format of commitRound
    function accuse(AttestedFault calldata fault, bytes calldata signatures)
        external
        returns (bytes32 caseId);

    /// @notice Asks for a ruling, before the slash can be executed. By the accused, who pays the
    /// bond; it comes back unless the accusation is upheld. The slash waits.
    function appeal(bytes32 caseId) external;

    /// @notice A ruling by auditors of the case's epoch who did not accuse: more than half of them
    /// sign AppealRuling(bytes32 caseId,bool upheld). Anyone may post it.
    function ruleByPanel(bytes32 caseId, bool upheld, bytes calldata signatures) external;

    /// @notice Takes a panel's confirmation to the governor, for twice the bond. By the accused.
    function escalate(bytes32 caseId) external;

    /// @notice The last word on an appeal. Role GOVERNOR.
    function ruleByGovernor(bytes32 caseId, bool upheld) external;

    /// @notice Closes an appeal that nobody ruled on in time. A first appeal: no slash, the bond goes
    /// back. An escalated one: the panel's confirmation stands, the bond is lost and the slash can be
    /// executed. Anyone.
    function lapse(bytes32 caseId) external;

    /// @notice Closes the case about a commitment that was voided, also where a ruling has confirmed
    /// it, until the slash is executed. Anyone. The arguments are those
    /// of {caseIdOf}.
    function dropVoided(uint64 round, address site, uint16 kind, bytes32 evidenceRoot) external;

    /// @notice Gives the bond of an appeal back whose case the council has vetoed. Anyone.
    function settleVetoed(bytes32 caseId) external;

    /// @notice Role PARAMETERS.
    function setAppealBond(uint96 bond) external;

    /// @notice One case a commitment, site and kind:
    /// keccak256(abi.encode(bytes32 federation, uint64 round, address site, uint16 kind, bytes32
    /// evidenceRoot)).
    function caseIdOf(uint64 round, address site, uint16 kind, bytes32 evidenceRoot)
        external
        view
        returns (bytes32);
    /// @notice The EIP-712 digest that auditors sign.
    function faultDigest(AttestedFault calldata fault) external view returns (bytes32);
    /// @notice The EIP-712 digest that a panel signs.
    function rulingDigest(bytes32 caseId, bool upheld) external view returns (bytes32);
    function trialOf(bytes32 caseId) external view returns (Trial memory);
    function appealBond() external view returns (uint96);
    function roundManager() external view returns (address);
    function vault() external view returns (address);
    function maxBps() external view returns (uint16);
}

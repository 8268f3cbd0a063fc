// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A site's word on the update that it sends for one attempt of one round.
struct UpdateStatement {
    bytes32 federation;
    uint64 round;
    uint32 attempt;
    address site;
    bytes32 baseModel;
    bytes32 updateRoot;
    uint64 coordinates;
    bytes32 detailsDigest;
}

/// @notice The coordinator's word that it stored an update.
struct UpdateReceipt {
    bytes32 federation;
    uint64 round;
    uint32 attempt;
    address site;
    bytes32 updateRoot;
    bytes32 statementDigest; // EIP-712 digest of the UpdateStatement
}

/// @notice Everything a round is bound to on the chain. Auditors sign it after recomputing it.
struct RoundCommitment {
    bytes32 federation;
    uint64 round;
    uint32 attempt;
    uint32 sites;
    uint64 coordinates;
    uint128 rewardTotal;
    uint64 scoreSum;
    bytes32 contextDigest;
    bytes32 parentModel;
    bytes32 model;
    bytes32 updatesRoot;
    bytes32 aggregateRoot;
    bytes32 reportDigest;
    bytes32 scoresRoot;
    bytes32 rewardsRoot;
}

/// @notice An accusation by M of N auditors. Leads to a small, delayed, vetoable slash.
struct AttestedFault {
    bytes32 federation;
    uint64 round;
    address site;
    uint16 kind;
    uint16 bps;
    bytes32 evidenceRoot;
    uint64 deadline;
}

/// @notice A signing key's consent to speak for an owner account. Without it anyone could take a key
/// that it has seen.
struct SignerBinding {
    address owner;
    address signer;
}

/// @notice What a panel of auditors that did not sign an accusation thinks of it.
struct AppealRuling {
    bytes32 caseId;
    bool upheld;
}

/// @notice What such a panel thinks of a disputed round.
struct DisputeRuling {
    bytes32 commitment;
    uint64 challenge; // how many times this round number had been challenged, this time included
    bool upheld;
}

/// @title EIP-712 struct hashes of the signed statements, and the fault kinds.
/// @dev All fields are static, so hashStruct is keccak256 over the type hash and the fields as
/// abi.encode lays them out (EIP-712, "Definition of encodeData").
library Statements {
    uint16 internal constant EQUIVOCATION = 1;
    uint16 internal constant POISONING = 2;
    uint16 internal constant FREE_RIDING = 3;
    uint16 internal constant FALSE_RECEIPT = 4; // by the coordinator
    uint16 internal constant FALSE_ROUND = 5; // by the coordinator and the signing auditors
    uint16 internal constant DATA_WITHHELD = 6; // by the coordinator: a demand was not answered

    bytes32 internal constant UPDATE_STATEMENT_TYPEHASH = keccak256(
        "UpdateStatement(bytes32 federation,uint64 round,uint32 attempt,address site,bytes32 baseModel,bytes32 updateRoot,uint64 coordinates,bytes32 detailsDigest)"
    );
    bytes32 internal constant UPDATE_RECEIPT_TYPEHASH = keccak256(
        "UpdateReceipt(bytes32 federation,uint64 round,uint32 attempt,address site,bytes32 updateRoot,bytes32 statementDigest)"
    );
    bytes32 internal constant SIGNER_BINDING_TYPEHASH =
        keccak256("SignerBinding(address owner,address signer)");
    bytes32 internal constant APPEAL_RULING_TYPEHASH =
        keccak256("AppealRuling(bytes32 caseId,bool upheld)");
    bytes32 internal constant DISPUTE_RULING_TYPEHASH =
        keccak256("DisputeRuling(bytes32 commitment,uint64 challenge,bool upheld)");
    bytes32 internal constant ROUND_COMMITMENT_TYPEHASH = keccak256(
        "RoundCommitment(bytes32 federation,uint64 round,uint32 attempt,uint32 sites,uint64 coordinates,uint128 rewardTotal,uint64 scoreSum,bytes32 contextDigest,bytes32 parentModel,bytes32 model,bytes32 updatesRoot,bytes32 aggregateRoot,bytes32 reportDigest,bytes32 scoresRoot,bytes32 rewardsRoot)"
    );
    bytes32 internal constant ATTESTED_FAULT_TYPEHASH = keccak256(
        "AttestedFault(bytes32 federation,uint64 round,address site,uint16 kind,uint16 bps,bytes32 evidenceRoot,uint64 deadline)"
    );

    function hash(UpdateStatement calldata statement) internal pure returns (bytes32) {
        return keccak256(abi.encode(UPDATE_STATEMENT_TYPEHASH, statement));
    }

    /// @dev abi.encode would copy word by word; this is on the path of every round.
    function hash(RoundCommitment calldata commitment) internal pure returns (bytes32 result) {
        // Reading a narrow field reverts where its upper bits are not zero, as abi.encode does.
        uint256 narrow = uint256(commitment.round) | commitment.attempt | commitment.sites
            | commitment.coordinates | commitment.rewardTotal | commitment.scoreSum;
        bytes32 typeHash = ROUND_COMMITMENT_TYPEHASH;
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, or(typeHash, shr(128, narrow))) // of zero: keeps the reads
            calldatacopy(add(words, 0x20), commitment, 0x1e0)
            result := keccak256(words, 0x200)
        }
    }

    function hash(AttestedFault calldata fault) internal pure returns (bytes32) {
        return keccak256(abi.encode(ATTESTED_FAULT_TYPEHASH, fault));
    }

    function hash(UpdateReceipt calldata receipt) internal pure returns (bytes32) {
        return keccak256(abi.encode(UPDATE_RECEIPT_TYPEHASH, receipt));
    }

    function hash(SignerBinding memory binding) internal pure returns (bytes32) {
        return keccak256(abi.encode(SIGNER_BINDING_TYPEHASH, binding));
    }

    function hash(AppealRuling memory ruling) internal pure returns (bytes32) {
        return keccak256(abi.encode(APPEAL_RULING_TYPEHASH, ruling));
    }

    function hash(DisputeRuling memory ruling) internal pure returns (bytes32) {
        return keccak256(abi.encode(DISPUTE_RULING_TYPEHASH, ruling));
    }
}

// Messages between the coordinator and its auditors. Rules: messages.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/crypto/secp256k1.hpp"
#include "proto/crypto/statements.hpp"

namespace fedstake::wire {

inline constexpr std::size_t kIntentKeyBytesMax = 128;
inline constexpr std::size_t kStateNameBytesMax = 32;

// ---- Audit -------------------------------------------------------------------------------------

// One auditor's signature; index is its position in the manifest's auditor list.
struct AuditorSignature {
    std::uint8_t auditor = 0;
    crypto::Signature signature;
    friend bool operator==(const AuditorSignature&, const AuditorSignature&) = default;
};

// C>S, to auditors. Recompute the round and sign. Updates and the base model come by FetchBegin.
struct AttestRequest {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    Bytes context;
    std::vector<Bytes> signed_updates;  // SiteId ascending
    crypto::RoundCommitment commitment;
    Bytes report;
    std::vector<crypto::AttestedFault> faults;
    friend bool operator==(const AttestRequest&, const AttestRequest&) = default;
};

// S>C. fault_signatures are in the order of the request's faults: all of them, or none.
struct Attestation {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    crypto::Signature commitment_signature;
    std::vector<crypto::Signature> fault_signatures;
    friend bool operator==(const Attestation&, const Attestation&) = default;
};

// S>C. The auditor recomputed and disagrees, or could not recompute.
struct AttestRefusal {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    std::string reason;
    friend bool operator==(const AttestRefusal&, const AttestRefusal&) = default;
};

struct RoundRecordRequest {  // S>C
    RoundNumber round = 0;
    std::uint32_t attempt = 0;  // counted from 1; 0: the one that stands
    friend bool operator==(const RoundRecordRequest&, const RoundRecordRequest&) = default;
};

// One accusation of a round with the signatures that support it.
struct FaultRecord {
    crypto::AttestedFault fault;
    std::vector<AuditorSignature> signatures;  // auditor ascending
    friend bool operator==(const FaultRecord&, const FaultRecord&) = default;
};

// C>S. Everything kept about a finished round except the updates' own bytes.
struct RoundRecord {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    Bytes context;
    std::vector<Bytes> signed_updates;  // SiteId ascending
    crypto::RoundCommitment commitment;
    Bytes report;
    std::vector<AuditorSignature> signatures;  // auditor ascending
    std::vector<FaultRecord> faults;
    std::string intent_key;  // of the ledger intent, "" where nothing is to be posted
    Digest transaction;      // zero until sent
    std::uint64_t block = 0;
    std::string state;  // name of the round's or intent's state: "attested", "posted", "final"
    friend bool operator==(const RoundRecord&, const RoundRecord&) = default;
};

}  // namespace fedstake::wire

// Every message of the site protocol, as plain structs.
//
// One struct per message; Message is any of them. Rules objects travel as their canonical bytes
// (RoundContext::encode, SignedUpdate::encode) because those bytes are what digests are taken over.
// Bounds named here and in limits.hpp are enforced by codec.hpp in both directions.
// Direction: S>C from a site to the coordinator, C>S the other way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/limits.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/secp256k1.hpp"
#include "proto/crypto/statements.hpp"

namespace fedstake::wire {

// Both sides must speak the same version; a coordinator answers another one with kWrongVersion.
inline constexpr std::uint32_t kProtocolVersion = 1;

inline constexpr std::size_t kSoftwareBytesMax = 64;
inline constexpr std::size_t kReasonBytesMax = 512;
inline constexpr std::size_t kContextBytesMax = 128 * 1024;
inline constexpr std::size_t kSignedUpdateBytesMax = limits::kDetailsBytesMax + 1024;
inline constexpr std::size_t kStatusBytesMax = 512 * 1024;
inline constexpr std::size_t kIntentKeyBytesMax = 128;
inline constexpr std::size_t kStateNameBytesMax = 32;
// Chunks of the largest blob, limits::kCoordinatesMax int32 coordinates: 8192.
inline constexpr std::size_t kChunksMax =
    static_cast<std::size_t>(limits::kCoordinatesMax * 4 / limits::kChunkBytes);

// ---- Session -----------------------------------------------------------------------------------

// S>C. First message after each connect. The transport has authenticated the site already.
struct Hello {
    FederationId federation;
    SiteId site;
    std::uint32_t protocol_version = kProtocolVersion;
    std::string software;  // "fedstake-client 0.1.0"
    friend bool operator==(const Hello&, const Hello&) = default;
};

// C>S. Answer to Hello; a site refuses to go on when federation or rules are not its own.
struct Welcome {
    FederationId federation;
    RoundNumber round = 0;  // current round, 0 before the first
    std::uint32_t attempt = 0;
    Digest rules_digest;
    Digest latest_model;  // content root; zero before the first model is known
    Timestamp coordinator_time;
    friend bool operator==(const Welcome&, const Welcome&) = default;
};

// Either side, before it leaves.
struct Bye {
    std::string reason;
    friend bool operator==(const Bye&, const Bye&) = default;
};

// ---- Round -------------------------------------------------------------------------------------

// C>S. Train on context.base_model. Sent again to a site that reconnects while the round is open.
struct RoundOpen {
    Bytes context;       // rules::RoundContext::encode
    Duration remaining;  // until the deadline, by the coordinator's clock
    friend bool operator==(const RoundOpen&, const RoundOpen&) = default;
};

// C>S. The set is frozen; accepted is SiteId ascending.
struct RoundClosed {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    std::vector<SiteId> accepted;
    friend bool operator==(const RoundClosed&, const RoundClosed&) = default;
};

// C>S. How a round ended. When aborted, reason says why and the rest is zero or empty.
struct RoundResult {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    bool aborted = false;
    std::string reason;
    crypto::RoundCommitment commitment;
    Bytes report;
    Digest model;  // content root of the new base model
    friend bool operator==(const RoundResult&, const RoundResult&) = default;
};

// S>C. What a site chooses to publish about the model on its own data; rates are sums, not ratios.
struct SiteMetrics {
    RoundNumber round = 0;
    std::uint64_t rows = 0;
    std::uint64_t test_rows = 0;
    std::uint64_t test_correct = 0;
    double loss = 0.0;  // mean over the test rows; finite, >= 0
    friend bool operator==(const SiteMetrics&, const SiteMetrics&) = default;
};

// ---- Upload ------------------------------------------------------------------------------------

// S>C. Offers the update that signed_update names. chunk_roots hash to its update_root.
struct UploadBegin {
    Bytes signed_update;  // rules::SignedUpdate::encode
    std::uint64_t total_bytes = 0;
    std::vector<Digest> chunk_roots;
    friend bool operator==(const UploadBegin&, const UploadBegin&) = default;
};

// C>S. What the coordinator has. Bit i (byte i/8, bit i%8 from the lowest) is chunk i.
struct UploadState {
    Digest update_root;
    Bytes have;
    std::uint32_t credits = 0;  // chunks that may be on the way at once, <= limits::kChunkCredits
    bool done = false;          // whole and durable: a Receipt follows or has been sent
    friend bool operator==(const UploadState&, const UploadState&) = default;
};

// S>C. One chunk; data.size() is 1 MiB except for the last one.
struct UploadChunk {
    Digest update_root;
    std::uint64_t index = 0;
    Bytes data;
    friend bool operator==(const UploadChunk&, const UploadChunk&) = default;
};

// C>S. The chunk was checked and written; gives its credit back.
struct UploadAck {
    Digest update_root;
    std::uint64_t index = 0;
    friend bool operator==(const UploadAck&, const UploadAck&) = default;
};

// S>C. Every chunk was acknowledged; asks for the receipt.
struct UploadEnd {
    Digest update_root;
    friend bool operator==(const UploadEnd&, const UploadEnd&) = default;
};

// C>S. The coordinator's signed word that the update is stored.
struct Receipt {
    crypto::UpdateReceipt receipt;
    crypto::Signature signature;
    friend bool operator==(const Receipt&, const Receipt&) = default;
};

// Why something was refused. Numbers are on the wire, names in logs and reports: both are stable.
enum class RefusalCode : std::uint8_t {
    kNotEnrolled = 1,
    kUnknownRound = 2,
    kLate = 3,
    kEarly = 4,
    kReplayed = 5,
    kWrongSize = 6,
    kNotANumber = 7,
    kOutOfRange = 8,
    kAllZero = 9,
    kCopy = 10,
    kWrongBaseModel = 11,
    kBadSignature = 12,
    kEquivocation = 13,
    kWrongContent = 14,
    kTooMany = 15,
    kMalformed = 16,
    kNotAuditor = 17,
    kBusy = 18,
    kNotFound = 19,
    kWrongFederation = 20,
    kWrongVersion = 21,
    kBarred = 22,
    kTooSlow = 23,
    kNoSpace = 24,
    kUnstaked = 25,
    kUnexpected = 26,  // a message that has no meaning in this state
};
inline constexpr std::uint8_t kRefusalCodeLast = 26;

// Stable kebab-case name: "not-enrolled", "wrong-base-model".
[[nodiscard]] std::string_view refusal_name(RefusalCode code) noexcept;

// C>S. round and update_root are zero where the refusal is not about one.
struct Refusal {
    RefusalCode code = RefusalCode::kMalformed;
    std::string reason;  // a sentence for the site operator
    RoundNumber round = 0;
    Digest update_root;
    friend bool operator==(const Refusal&, const Refusal&) = default;
};

// ---- Download ----------------------------------------------------------------------------------

struct FetchBegin {  // S>C
    Digest root;
    friend bool operator==(const FetchBegin&, const FetchBegin&) = default;
};

struct FetchInfo {  // C>S
    Digest root;
    std::uint64_t total_bytes = 0;
    std::vector<Digest> chunk_roots;
    friend bool operator==(const FetchInfo&, const FetchInfo&) = default;
};

struct FetchChunk {  // S>C
    Digest root;
    std::uint64_t index = 0;
    friend bool operator==(const FetchChunk&, const FetchChunk&) = default;
};

struct FetchData {  // C>S
    Digest root;
    std::uint64_t index = 0;
    Bytes data;
    friend bool operator==(const FetchData&, const FetchData&) = default;
};

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

struct RoundRecordRequest {  // S>C, auditors only
    RoundNumber round = 0;
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

// ---- Status ------------------------------------------------------------------------------------

struct StatusRequest {  // S>C
    friend bool operator==(const StatusRequest&, const StatusRequest&) = default;
};

struct StatusReport {  // C>S
    std::string json;  // UTF-8, at most kStatusBytesMax
    friend bool operator==(const StatusReport&, const StatusReport&) = default;
};

using Message =
    std::variant<Hello, Welcome, Bye, RoundOpen, RoundClosed, RoundResult, SiteMetrics, UploadBegin,
                 UploadState, UploadChunk, UploadAck, UploadEnd, Receipt, Refusal, FetchBegin,
                 FetchInfo, FetchChunk, FetchData, AttestRequest, Attestation, AttestRefusal,
                 RoundRecordRequest, RoundRecord, StatusRequest, StatusReport>;

// Name of the alternative for logs: "UploadChunk".
[[nodiscard]] std::string_view message_name(const Message& message) noexcept;

}  // namespace fedstake::wire

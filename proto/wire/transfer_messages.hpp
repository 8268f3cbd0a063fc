// Messages that move blobs in 1 MiB chunks, and refusals. Rules: messages.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/limits.hpp"
#include "proto/crypto/secp256k1.hpp"
#include "proto/crypto/statements.hpp"

namespace fedstake::wire {

inline constexpr std::size_t kSignedUpdateBytesMax = limits::kDetailsBytesMax + 1024;
// Chunks of the largest blob, limits::kCoordinatesMax int32 coordinates: 8192.
inline constexpr std::size_t kChunksMax =
    static_cast<std::size_t>(limits::kCoordinatesMax * 4 / limits::kChunkBytes);

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

}  // namespace fedstake::wire

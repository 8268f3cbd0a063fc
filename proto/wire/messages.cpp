// Names of messages and refusals.
#include "proto/wire/messages.hpp"

#include <array>

#include "proto/base/check.hpp"

namespace fedstake::wire {

namespace {

constexpr std::array<std::string_view, kRefusalCodeLast> kRefusalNames = {
    "not-enrolled",     "unknown-round", "late",         "early",         "replayed",
    "wrong-size",       "not-a-number",  "out-of-range", "all-zero",      "copy",
    "wrong-base-model", "bad-signature", "equivocation", "wrong-content", "too-many",
    "malformed",        "not-auditor",   "busy",         "not-found",     "wrong-federation",
    "wrong-version",    "barred",        "too-slow",     "no-space",      "unstaked",
    "unexpected"};

// In the order of the alternatives of Message; also the protobuf message names.
constexpr std::array<std::string_view, std::variant_size_v<Message>> kMessageNames = {
    "Hello",         "Welcome",
    "Bye",           "RoundOpen",
    "RoundClosed",   "RoundResult",
    "SiteMetrics",   "UploadBegin",
    "UploadState",   "UploadChunk",
    "UploadAck",     "UploadEnd",
    "Receipt",       "Refusal",
    "FetchBegin",    "FetchInfo",
    "FetchChunk",    "FetchData",
    "AttestRequest", "Attestation",
    "AttestRefusal", "RoundRecordRequest",
    "RoundRecord",   "StatusRequest",
    "StatusReport"};

}  // namespace

std::string_view refusal_name(RefusalCode code) noexcept {
    const auto number = static_cast<std::size_t>(code);
    FS_CHECK(number >= 1 && number <= kRefusalNames.size());
    return kRefusalNames[number - 1];
}

std::string_view message_name(const Message& message) noexcept {
    FS_CHECK(!message.valueless_by_exception());
    return kMessageNames[message.index()];
}

}  // namespace fedstake::wire

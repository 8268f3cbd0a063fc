// Every message of the site protocol, as plain structs.
//
// One struct per message; Message is any of them. Rules objects travel as their canonical bytes
// (RoundContext::encode, SignedUpdate::encode) because those bytes are what digests are taken over.
// Bounds named here and in limits.hpp are enforced by codec.hpp in both directions.
// Direction: S>C from a site to the coordinator, C>S the other way.
#pragma once

#include <string_view>
#include <variant>

#include "proto/wire/audit_messages.hpp"
#include "proto/wire/session_messages.hpp"
#include "proto/wire/transfer_messages.hpp"

namespace fedstake::wire {

using Message =
    std::variant<Hello, Welcome, Bye, RoundOpen, RoundClosed, RoundResult, SiteMetrics, UploadBegin,
                 UploadState, UploadChunk, UploadAck, UploadEnd, Receipt, Refusal, FetchBegin,
                 FetchInfo, FetchChunk, FetchData, AttestRequest, Attestation, AttestRefusal,
                 RoundRecordRequest, RoundRecord, StatusRequest, StatusReport>;

// Name of the alternative for logs: "UploadChunk".
[[nodiscard]] std::string_view message_name(const Message& message) noexcept;

}  // namespace fedstake::wire

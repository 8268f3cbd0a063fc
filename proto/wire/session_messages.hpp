// Messages of the session and of a round's course, and status. Rules: messages.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/statements.hpp"

namespace fedstake::wire {

// Both sides must speak the same version; a coordinator answers another one with kWrongVersion.
inline constexpr std::uint32_t kProtocolVersion = 1;

inline constexpr std::size_t kSoftwareBytesMax = 64;
inline constexpr std::size_t kReasonBytesMax = 512;
inline constexpr std::size_t kContextBytesMax = 128 * 1024;
inline constexpr std::size_t kStatusBytesMax = 512 * 1024;

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

// ---- Status ------------------------------------------------------------------------------------

struct StatusRequest {  // S>C
    friend bool operator==(const StatusRequest&, const StatusRequest&) = default;
};

struct StatusReport {  // C>S
    std::string json;  // UTF-8, at most kStatusBytesMax
    friend bool operator==(const StatusReport&, const StatusReport&) = default;
};

}  // namespace fedstake::wire

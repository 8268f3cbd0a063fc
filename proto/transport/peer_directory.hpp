// Who may connect, and the tags by which a connection's messages are known. Private to transport.
//
// libzmq reports as "User-Id" what the ZAP handler gave, or, when no handler was asked, what the
// peer wrote into its own handshake. So the handler hands out `site ":" HMAC(per-process key,
// curve key | site)`, and only an id with a right tag counts: without the handler nobody has one.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/transport/router_server.hpp"

namespace fedstake::transport {

enum class Admission : std::uint8_t { kAccepted, kNotEnrolled, kTooManyConnections };
[[nodiscard]] std::string_view admission_name(Admission admission) noexcept;

struct AdmissionResult {
    Admission admission = Admission::kNotEnrolled;
    std::string user_id;  // when accepted
};

// Thread-safe.
class PeerDirectory {
public:
    explicit PeerDirectory(std::uint32_t handshakes_per_minute);

    void replace(const std::vector<AllowedPeer>& allowed);

    // One handshake of `key` at `now` (any steady clock).
    [[nodiscard]] AdmissionResult admit(const CurvePublicKey& key, std::chrono::milliseconds now);

    // The site behind a user id given out by admit() for a key that is still allowed.
    [[nodiscard]] std::optional<SiteId> verify(std::string_view user_id) const;

private:
    using Tag = std::array<std::uint8_t, 32>;
    struct Peer {
        SiteId site;
        Tag tag{};
        // Handshakes left, refilled evenly over a minute; in thousandths.
        std::int64_t budget_milli = 0;
        std::chrono::milliseconds refilled{0};
    };
    [[nodiscard]] Tag tag_of(const CurvePublicKey& key, const SiteId& site) const;

    std::array<std::uint8_t, 32> mac_key_{};
    std::int64_t handshakes_per_minute_;
    mutable std::mutex mutex_;
    std::map<CurvePublicKey, Peer> peers_;
    std::multimap<SiteId, CurvePublicKey> keys_of_site_;
};

}  // namespace fedstake::transport

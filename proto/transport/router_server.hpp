// The coordinator's end of the wire: a ZeroMQ ROUTER with CURVE, where only enrolled keys get in.
//
// CURVE in libzmq accepts everybody unless a ZAP handler and a domain are both there, so start()
// binds the handler first, enforces the domain, and proves with a random key that a stranger is
// refused before the real port opens. A site is known by a tag that this process gave to its
// connection and checks on every message; what a peer claims about itself is never used.
// One thread ("zmq") owns every socket; all methods may be called from any thread.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/limits.hpp"
#include "proto/base/result.hpp"
#include "proto/transport/curve_keys.hpp"

namespace fedstake::transport {

// One connection of one site. A site that reconnects comes back with another connection number.
struct PeerId {
    SiteId site;
    std::uint32_t connection = 0;
    friend auto operator<=>(const PeerId&, const PeerId&) = default;
};

struct AllowedPeer {
    CurvePublicKey key;
    SiteId site;
};

struct RouterOptions {
    std::string host = "127.0.0.1";  // address to bind, "*" for every interface
    std::uint16_t port = 0;          // 0: any free port, see RouterServer::port
    CurveSecretKey secret_key;
    std::vector<AllowedPeer> allowed;
    std::size_t frame_bytes_max = limits::kFrameBytesMax;
    // Messages of one site that wait for next() resp. for its connection, and their bytes.
    std::size_t site_inbound_max = 4 * limits::kChunkCredits;
    std::size_t site_outbound_max = 64;
    std::size_t site_outbound_bytes_max = 4 * limits::kChunkCredits * limits::kFrameBytesMax;
    // Bytes that wait for next() from all sites; more are dropped and counted.
    std::size_t inbound_bytes_max = std::size_t{512} << 20U;
    // Handshakes of one key in a minute; more are refused, so that one enrolled site cannot pin
    // memory with many connections.
    std::uint32_t handshakes_per_minute = 30;
    std::chrono::milliseconds handshake_timeout{5'000};
    // A connection that is silent for so long is probed by TCP, and given up after three probes.
    std::chrono::seconds keepalive{10};
    // Called by the zmq thread when next() has something after it had nothing. Must not block.
    std::function<void()> on_ready;
};

// A whole message of an enrolled site; not decoded.
struct Incoming {
    PeerId peer;
    Bytes payload;
};

// Somebody with a valid CURVE handshake but no enrolment (or too many connections). At most a few
// a second are reported; suppressed counts the ones left out since the last report.
struct HandshakeRefused {
    CurvePublicKey key;
    std::string address;  // "203.0.113.7"
    std::string reason;   // "not-enrolled", "too-many-connections"
    std::uint64_t suppressed = 0;
};

using ServerInput = std::variant<Incoming, HandshakeRefused>;

struct RouterStats {
    std::uint64_t handshakes_accepted = 0;
    std::uint64_t refused_not_enrolled = 0;
    std::uint64_t refused_too_many = 0;
    std::uint64_t refused_malformed = 0;  // ZAP requests that were not CURVE
    std::uint64_t handshakes_failed = 0;  // not CURVE, not this server's key, or too slow
    std::uint64_t messages_in = 0;
    std::uint64_t messages_out = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t dropped_unverified = 0;  // no valid tag: forged, or revoked since its handshake
    std::uint64_t dropped_shape = 0;       // empty, several parts, or a routing id of the peer's
    std::uint64_t dropped_site_full = 0;   // more than site_inbound_max waiting
    std::uint64_t dropped_full = 0;        // more than inbound_bytes_max waiting
    std::uint64_t dropped_gone = 0;        // outgoing, to a connection that has ended
    std::uint64_t inbound_waiting = 0;     // now
    std::uint64_t outbound_waiting = 0;    // now
};

class RouterServer {
public:
    // RETURNS kConflict naming the port when it is taken; kUnavailable for a libzmq older than
    // 4.3.4 or one built without CURVE; kInternal when the self-test let a stranger in.
    [[nodiscard]] static Result<std::unique_ptr<RouterServer>> start(RouterOptions options);
    ~RouterServer();  // stop()
    RouterServer(const RouterServer&) = delete;
    RouterServer& operator=(const RouterServer&) = delete;

    // The port that is bound.
    [[nodiscard]] std::uint16_t port() const noexcept;
    [[nodiscard]] const CurvePublicKey& public_key() const noexcept;

    // Replaces the list. Messages over connections of keys that left it are dropped from now on.
    void set_allowed(std::vector<AllowedPeer> allowed);

    // The next input in order of arrival, nothing after the timeout or stop().
    [[nodiscard]] std::optional<ServerInput> next(std::chrono::milliseconds timeout);
    [[nodiscard]] std::optional<ServerInput> try_next();

    // Queues one message and returns at once. RETURNS kLimitExceeded when the site's queue is full
    // or the payload above frame_bytes_max, kUnavailable after stop(). A connection that has ended
    // swallows it (dropped_gone).
    [[nodiscard]] Status send(const PeerId& peer, Bytes payload);

    [[nodiscard]] RouterStats stats() const;

    // Closes the sockets, flushing for at most 2 s, and ends the thread. Idempotent.
    void stop() noexcept;

private:
    class Impl;
    explicit RouterServer(std::unique_ptr<Impl> impl) noexcept;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fedstake::transport

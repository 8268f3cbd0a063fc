// A site's end of the wire: a ZeroMQ DEALER with CURVE that keeps one connection to the
// coordinator and says in words what is wrong when there is none.
//
// One thread owns the socket; all methods may be called from any thread. A message that was on the
// way when the link is lost may or may not have arrived, and what still waited is thrown away:
// after every kUp start again with Hello, and let the transfer machines resend.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/limits.hpp"
#include "proto/base/result.hpp"
#include "proto/transport/curve_keys.hpp"

namespace fedstake::transport {

struct DealerOptions {
    std::string endpoint;  // "tcp://coordinator.example.org:7700"
    CurvePublicKey server_key;
    CurveSecretKey secret_key;
    std::size_t frame_bytes_max = limits::kFrameBytesMax;
    // Messages that wait for next(). A coordinator that sends more than was asked for is cut off:
    // the link goes down and comes up again.
    std::size_t inbound_max = 16 * limits::kChunkCredits;
    std::size_t outbound_max = 4 * limits::kChunkCredits;  // messages that wait for the link
    // Pause before the next attempt: doubles from the first to the last, with jitter.
    std::chrono::milliseconds reconnect_first{500};
    std::chrono::milliseconds reconnect_last{60'000};
    std::chrono::milliseconds handshake_timeout{5'000};
    // A connection that is silent for so long is probed by TCP, and given up after three probes.
    std::chrono::seconds keepalive{10};
    // Called by the client's thread when next() has something after it had nothing.
    std::function<void()> on_ready;
};

enum class LinkState : std::uint8_t {
    kUp,             // handshake done: messages flow
    kDown,           // was up, and was lost; reconnecting
    kUnreachable,    // nothing listens there or the name does not resolve; retrying
    kNotRecognised,  // something listens but does not answer with this server key; retrying
    kRefused,        // the coordinator does not know this key: not enrolled; retrying slowly
};
[[nodiscard]] std::string_view link_state_name(LinkState state) noexcept;

// Reported on every change of state, with a sentence for the operator.
struct LinkEvent {
    LinkState state = LinkState::kDown;
    std::string text;
};

using ClientInput = std::variant<Bytes, LinkEvent>;

struct DealerStats {
    std::uint64_t messages_in = 0;
    std::uint64_t messages_out = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t connects = 0;  // times the link came up
    std::uint64_t dropped_shape = 0;
};

class DealerClient {
public:
    // Returns at once; the first LinkEvent says how the connection went. RETURNS kInvalidInput for
    // an endpoint that is not tcp://host:port, kUnavailable for a libzmq that is too old.
    [[nodiscard]] static Result<std::unique_ptr<DealerClient>> start(DealerOptions options);
    ~DealerClient();  // stop()
    DealerClient(const DealerClient&) = delete;
    DealerClient& operator=(const DealerClient&) = delete;

    // Queues one message. RETURNS kLimitExceeded when the queue is full or the payload above
    // frame_bytes_max, kUnavailable after stop(). Before the link is up messages wait here; when it
    // is lost those that wait are thrown away.
    [[nodiscard]] Status send(Bytes payload);

    // Messages and link events in order, nothing after the timeout or stop().
    [[nodiscard]] std::optional<ClientInput> next(std::chrono::milliseconds timeout);
    [[nodiscard]] std::optional<ClientInput> try_next();

    [[nodiscard]] LinkState state() const;
    [[nodiscard]] DealerStats stats() const;

    // Flushes for at most 2 s and ends the thread. Idempotent.
    void stop() noexcept;

private:
    class Impl;
    explicit DealerClient(std::unique_ptr<Impl> impl) noexcept;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fedstake::transport

// The server's queues in both directions, with their bounds and counters. Private to transport.
//
// Thread-safe; the zmq thread is at one end, hosts are at the other.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/transport/inbox.hpp"
#include "proto/transport/router_io.hpp"
#include "proto/transport/router_server.hpp"

namespace fedstake::transport {

class ServerQueues {
public:
    struct Outgoing {
        PeerId peer;
        Bytes payload;
    };

    // options outlive the queues.
    explicit ServerQueues(const RouterOptions& options) : options_(options) {}

    // ---- The zmq thread's end ----

    // Queues a message, or drops and counts it.
    void accept(ReadResult message);
    // Counts a handshake and queues the report of a refusal, a few a second at most.
    void note(const ZapDecision& decision, std::chrono::milliseconds now);
    void note_failed_handshake();
    [[nodiscard]] std::vector<Outgoing> take_outgoing();
    // An outgoing message has left, or its connection is gone.
    void sent(const SiteId& site, std::size_t bytes, SendOutcome outcome);
    // Ends every wait and refuses further messages.
    void close();

    // ---- The host's end ----

    // As RouterServer::send; the zmq thread must then be woken.
    [[nodiscard]] Status push_outgoing(const PeerId& peer, Bytes payload);
    [[nodiscard]] std::optional<ServerInput> next(std::chrono::milliseconds timeout);
    [[nodiscard]] RouterStats stats() const;

private:
    struct Waiting {
        std::size_t messages = 0;
        std::size_t bytes = 0;
    };
    [[nodiscard]] bool may_report(std::chrono::milliseconds now);
    void deliver(ServerInput input);

    const RouterOptions& options_;
    Inbox<ServerInput> inbox_;

    mutable std::mutex mutex_;  // guards what follows
    RouterStats stats_;
    std::vector<Outgoing> outgoing_;
    std::map<SiteId, Waiting> outbound_;
    std::map<SiteId, std::size_t> inbound_messages_;
    std::size_t inbound_bytes_ = 0;
    std::size_t refusals_waiting_ = 0;
    std::chrono::milliseconds report_window_{0};
    std::uint32_t reports_in_window_ = 0;
    std::uint64_t reports_suppressed_ = 0;
    bool closed_ = false;
};

}  // namespace fedstake::transport

// The only header that shows libzmq: contexts, common options, monitor events, a wake-up
// descriptor. Private to transport.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <zmq.hpp>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "proto/transport/curve_keys.hpp"

namespace fedstake::transport {

// RETURNS kUnavailable when the libzmq that is loaded is older than 4.3.4 or has no CURVE.
[[nodiscard]] Status check_zmq_library();

// What both ends set on their socket before it binds or connects.
//
// There is no receive high-water mark and no ZMTP heartbeat. When a receive queue is full, libzmq
// stops reading; if the connection ends then, the next heartbeat of ours or a PING that waits ends
// the process (assertions "!_io_error" and "_input_stopped"; seen with 4.3.4, and in libzmq issues
// 3937, 4364 and 4767). So both ends always read, bound their own queues, and leave dead peers to
// TCP keepalive.
struct SocketBounds {
    std::size_t frame_bytes_max = 0;
    int outgoing_max = 8;  // messages that libzmq takes for one connection
    std::chrono::milliseconds handshake_timeout{5'000};
    std::chrono::seconds keepalive{10};
};
void set_bounds(zmq::socket_t& socket, const SocketBounds& bounds);

void set_curve_server(zmq::socket_t& socket, const CurveSecretKey& secret);
void set_curve_client(zmq::socket_t& socket, const CurveSecretKey& secret,
                      const CurvePublicKey& server);

// A message that takes over large payloads instead of copying them.
[[nodiscard]] zmq::message_t to_message(Bytes payload);

// One event of a monitor socket.
struct MonitorEvent {
    int event = 0;
    int value = 0;
};
// A PAIR socket that reports `events` of `socket`; name must be unique in the context.
[[nodiscard]] zmq::socket_t open_monitor(zmq::context_t& context, zmq::socket_t& socket,
                                         const std::string& name, int events);
[[nodiscard]] std::optional<MonitorEvent> read_monitor(zmq::socket_t& monitor);
// Closes both in the only order that is safe: libzmq sends events with blocking calls, on threads
// of its own too, and would wait for ever for a monitor that is closed before its socket lets go of
// it.
void close_monitored(zmq::socket_t& socket, zmq::socket_t& monitor) noexcept;

// zmq::poll that takes an interruption by a signal for a timeout. timeout < 0 waits for ever.
void poll_items(std::span<zmq::pollitem_t> items, std::chrono::milliseconds timeout);

// An eventfd: wakes a thread that polls descriptor().
class WakeUp {
public:
    WakeUp();
    ~WakeUp();
    WakeUp(const WakeUp&) = delete;
    WakeUp& operator=(const WakeUp&) = delete;

    void signal() noexcept;
    void drain() noexcept;
    [[nodiscard]] int descriptor() const noexcept { return fd_; }

private:
    int fd_;
};

[[nodiscard]] std::chrono::milliseconds steady_now() noexcept;
void name_this_thread(const char* name) noexcept;

}  // namespace fedstake::transport

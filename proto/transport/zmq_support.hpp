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
struct SocketBounds {
    std::size_t frame_bytes_max = 0;
    int messages_max = 8;  // high-water mark of each direction of a connection
    std::chrono::milliseconds handshake_timeout{5'000};
    std::chrono::milliseconds heartbeat{10'000};
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

// libzmq options and helpers.
#include "proto/transport/zmq_support.hpp"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "proto/base/check.hpp"

namespace fedstake::transport {

namespace {

constexpr int kLingerMs = 2'000;
constexpr std::size_t kCopyBelow = 16 * 1024;

void free_payload(void* /*data*/, void* owner) {
    delete static_cast<Bytes*>(owner);
}

zmq::const_buffer buffer_of(std::span<const std::uint8_t> bytes) {
    return {bytes.data(), bytes.size()};
}

}  // namespace

Status check_zmq_library() {
    int major = 0;
    int minor = 0;
    int patch = 0;
    zmq_version(&major, &minor, &patch);
    const std::string version =
        std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
    if (std::tuple(major, minor, patch) < std::tuple(4, 3, 4)) {
        return fail(Errc::kUnavailable, "libzmq " + version +
                                            " has known holes before authentication: install "
                                            "4.3.4 or newer");
    }
    if (zmq_has("curve") == 0) {
        return fail(Errc::kUnavailable, "libzmq " + version +
                                            " was built without CURVE: install one with it "
                                            "(Debian's libzmq5 has it)");
    }
    return {};
}

void set_bounds(zmq::socket_t& socket, const SocketBounds& bounds) {
    const auto ms = [](std::chrono::milliseconds value) { return static_cast<int>(value.count()); };
    socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(bounds.frame_bytes_max));
    socket.set(zmq::sockopt::sndhwm, bounds.outgoing_max);
    socket.set(zmq::sockopt::rcvhwm, 0);
    socket.set(zmq::sockopt::handshake_ivl, ms(bounds.handshake_timeout));
    const int keepalive = static_cast<int>(bounds.keepalive.count());
    socket.set(zmq::sockopt::tcp_keepalive, 1);
    socket.set(zmq::sockopt::tcp_keepalive_idle, keepalive);
    socket.set(zmq::sockopt::tcp_keepalive_intvl, keepalive);
    socket.set(zmq::sockopt::tcp_keepalive_cnt, 3);
    socket.set(zmq::sockopt::tcp_maxrt, ms(3 * bounds.keepalive));
    socket.set(zmq::sockopt::linger, kLingerMs);
}

void set_curve_server(zmq::socket_t& socket, const CurveSecretKey& secret) {
    socket.set(zmq::sockopt::curve_server, true);
    socket.set(zmq::sockopt::curve_secretkey, buffer_of(secret.span()));
}

void set_curve_client(zmq::socket_t& socket, const CurveSecretKey& secret,
                      const CurvePublicKey& server) {
    socket.set(zmq::sockopt::curve_serverkey, buffer_of(server.view()));
    socket.set(zmq::sockopt::curve_publickey, buffer_of(curve_public_key(secret).view()));
    socket.set(zmq::sockopt::curve_secretkey, buffer_of(secret.span()));
}

zmq::message_t to_message(Bytes payload) {
    if (payload.size() < kCopyBelow) {
        return zmq::message_t(payload.data(), payload.size());
    }
    auto owner = std::make_unique<Bytes>(std::move(payload));
    zmq::message_t message(owner->data(), owner->size(), &free_payload, owner.get());
    (void)owner.release();  // free_payload deletes it
    return message;
}

zmq::socket_t open_monitor(zmq::context_t& context, zmq::socket_t& socket, const std::string& name,
                           int events) {
    const std::string endpoint = "inproc://monitor-" + name;
    if (zmq_socket_monitor(socket.handle(), endpoint.c_str(), events) != 0) {
        throw zmq::error_t();
    }
    zmq::socket_t monitor(context, zmq::socket_type::pair);
    monitor.set(zmq::sockopt::linger, 0);
    monitor.set(zmq::sockopt::rcvhwm, 0);  // a full queue of events would block libzmq's threads
    monitor.connect(endpoint);
    return monitor;
}

// Frames: u16 event | u32 value in host order, then the endpoint (zmq_socket_monitor(3)).
std::optional<MonitorEvent> read_monitor(zmq::socket_t& monitor) {
    zmq::message_t head;
    if (!monitor.recv(head, zmq::recv_flags::dontwait)) {
        return std::nullopt;
    }
    for (bool more = head.more(); more;) {
        zmq::message_t rest;
        if (!monitor.recv(rest, zmq::recv_flags::dontwait)) {
            break;
        }
        more = rest.more();
    }
    FS_CHECK(head.size() >= 6);
    std::uint16_t event = 0;
    std::int32_t value = 0;
    std::memcpy(&event, head.data(), sizeof event);
    std::memcpy(&value, head.data<std::uint8_t>() + sizeof event, sizeof value);
    return MonitorEvent{event, value};
}

void close_monitored(zmq::socket_t& socket, zmq::socket_t& monitor) noexcept {
    if (socket.handle() != nullptr) {
        (void)zmq_socket_monitor(socket.handle(), nullptr, 0);
    }
    monitor.close();
    socket.close();
}

void poll_items(std::span<zmq::pollitem_t> items, std::chrono::milliseconds timeout) {
    try {
        zmq::poll(items.data(), items.size(), timeout);
    } catch (const zmq::error_t& error) {
        if (error.num() != EINTR) {
            throw;
        }
    }
}

WakeUp::WakeUp() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    FS_CHECK(fd_ >= 0);
}

WakeUp::~WakeUp() {
    ::close(fd_);
}

void WakeUp::signal() noexcept {
    const std::uint64_t one = 1;
    (void)!::write(fd_, &one, sizeof one);  // fails only when it is signalled already
}

void WakeUp::drain() noexcept {
    std::uint64_t count = 0;
    (void)!::read(fd_, &count, sizeof count);
}

std::chrono::milliseconds steady_now() noexcept {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
}

void name_this_thread(const char* name) noexcept {
    (void)pthread_setname_np(pthread_self(), name);
}

}  // namespace fedstake::transport

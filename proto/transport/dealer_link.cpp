// The client's socket and what its monitor says.
#include "proto/transport/dealer_link.hpp"

#include <algorithm>
#include <array>

#include "proto/base/limits.hpp"

namespace fedstake::transport {

namespace {

constexpr std::chrono::milliseconds kConnectTimeout{10'000};

}  // namespace

DealerLink::DealerLink(zmq::context_t& context, const DealerOptions& options, std::uint64_t number)
    : socket_(context, zmq::socket_type::dealer),
      deadline_(steady_now() + kConnectTimeout + options.handshake_timeout) {
    set_bounds(socket_, {.frame_bytes_max = options.frame_bytes_max,
                         .outgoing_max = static_cast<int>(limits::kChunkCredits),
                         .handshake_timeout = options.handshake_timeout,
                         .keepalive = options.keepalive});
    set_curve_client(socket_, options.secret_key, options.server_key);
    socket_.set(zmq::sockopt::immediate, true);
    socket_.set(zmq::sockopt::reconnect_ivl, -1);
    socket_.set(zmq::sockopt::connect_timeout, static_cast<int>(kConnectTimeout.count()));
    socket_.set(zmq::sockopt::ipv6, options.endpoint.find('[') != std::string::npos);
    monitor_ = open_monitor(context, socket_, std::to_string(number), ZMQ_EVENT_ALL);
    // An address that libzmq cannot take (a name with a blank in it) is one that nobody answers at.
    invalid_ = zmq_connect(socket_.handle(), options.endpoint.c_str()) != 0;
}

void DealerLink::wait(WakeUp& wake, bool want_write, std::chrono::milliseconds timeout) {
    if (invalid_) {
        return;
    }
    if (!up_) {
        const auto left = std::max(deadline_ - steady_now(), std::chrono::milliseconds{0});
        timeout = timeout.count() < 0 ? left : std::min(timeout, left);
    }
    const int events = up_ ? ZMQ_POLLIN | (want_write ? ZMQ_POLLOUT : 0) : 0;
    std::array<zmq::pollitem_t, 3> items = {{{nullptr, wake.descriptor(), ZMQ_POLLIN, 0},
                                             {monitor_.handle(), 0, ZMQ_POLLIN, 0},
                                             {socket_.handle(), 0, static_cast<short>(events), 0}}};
    poll_items(items, timeout);
    wake.drain();
}

std::optional<LinkState> DealerLink::read_event() {
    while (const auto event = read_monitor(monitor_)) {
        switch (event->event) {
            case ZMQ_EVENT_CONNECTED: tcp_connected_ = true; break;
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: up_ = true; return LinkState::kUp;
            case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return LinkState::kRefused;
            case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
            case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: return LinkState::kNotRecognised;
            case ZMQ_EVENT_DISCONNECTED:
            case ZMQ_EVENT_CLOSED:
                if (up_) {
                    return LinkState::kDown;
                }
                return tcp_connected_ ? LinkState::kNotRecognised : LinkState::kUnreachable;
            default: break;
        }
    }
    if (invalid_) {
        return LinkState::kUnreachable;
    }
    if (!up_ && steady_now() >= deadline_) {
        return tcp_connected_ ? LinkState::kNotRecognised : LinkState::kUnreachable;
    }
    return std::nullopt;
}

std::optional<zmq::message_t> DealerLink::receive() {
    zmq::message_t message;
    if (!socket_.recv(message, zmq::recv_flags::dontwait)) {
        return std::nullopt;
    }
    for (bool more = message.more(); more;) {
        zmq::message_t rest;
        (void)socket_.recv(rest, zmq::recv_flags::dontwait);
        more = rest.more();
        message.rebuild();
    }
    return message;
}

bool DealerLink::send(zmq::message_t& message) {
    return socket_.send(message, zmq::send_flags::dontwait).has_value();
}

void DealerLink::forget_unsent() {
    socket_.set(zmq::sockopt::linger, 0);
}

}  // namespace fedstake::transport

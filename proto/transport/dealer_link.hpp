// One attempt to connect, from its socket to its end. Private to transport; runs on the client's
// thread.
//
// Every attempt is a socket of its own: libzmq gives up for good after a refusal (4.3.4), and its
// own retries could not be told apart from an attempt that hangs.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "proto/transport/dealer_client.hpp"
#include "proto/transport/zmq_support.hpp"

namespace fedstake::transport {

class DealerLink {
public:
    // number: differs between the links of one context. Throws zmq::error_t.
    DealerLink(zmq::context_t& context, const DealerOptions& options, std::uint64_t number);
    ~DealerLink() { close_monitored(socket_, monitor_); }
    DealerLink(const DealerLink&) = delete;
    DealerLink& operator=(const DealerLink&) = delete;

    [[nodiscard]] bool up() const noexcept { return up_; }

    // Waits for the wake-up, for what read_event() and receive() return, or, with want_write, for
    // room to send. At most `timeout`; before the link is up at most until the attempt is over.
    void wait(WakeUp& wake, bool want_write, std::chrono::milliseconds timeout);

    // The next change: kUp, or the state in which this link has ended. After kUp read on; after
    // anything else the link is dead.
    [[nodiscard]] std::optional<LinkState> read_event();

    // REQUIRES up(). A message of several parts comes back empty.
    [[nodiscard]] std::optional<zmq::message_t> receive();
    // REQUIRES up(). RETURNS false, and leaves the message alone, when there is no room.
    [[nodiscard]] bool send(zmq::message_t& message);

    // Closing throws away what is on the way.
    void forget_unsent();

private:
    zmq::socket_t socket_;
    zmq::socket_t monitor_;
    std::chrono::milliseconds deadline_;  // for the handshake, steady_now()
    bool invalid_ = false;                // the address
    bool tcp_connected_ = false;
    bool up_ = false;
};

}  // namespace fedstake::transport

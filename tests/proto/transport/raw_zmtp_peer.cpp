#include "tests/proto/transport/raw_zmtp_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace fedstake::transport::testing {

RawPeer::RawPeer(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(fd_);
        fd_ = -1;
    }
}

RawPeer::~RawPeer() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

std::size_t RawPeer::write(ByteView bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t put = ::send(fd_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (put <= 0) {
            break;
        }
        done += static_cast<std::size_t>(put);
    }
    return done;
}

bool RawPeer::skip(std::size_t count, std::chrono::milliseconds time) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    std::array<char, 4096> buffer{};
    for (std::size_t done = 0; done < count;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd item{fd_, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&item, 1, static_cast<int>(left.count())) <= 0) {
            return false;
        }
        const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            closed_ = true;
            return false;
        }
        done += static_cast<std::size_t>(got);
    }
    return true;
}

bool RawPeer::closed_within(std::chrono::milliseconds time) {
    (void)skip(static_cast<std::size_t>(-1), time);
    return closed_;
}

Bytes zmtp_null_handshake(std::string_view user_id) {
    const auto text = [](std::string_view value) { return as_bytes(value); };
    ByteWriter greeting;
    greeting.u8(0xFF).raw(Bytes(8, 0)).u8(0x7F).u8(3).u8(0);
    greeting.raw(text("NULL")).raw(Bytes(16, 0)).u8(0).raw(Bytes(31, 0));

    ByteWriter ready;
    ready.u8(5).raw(text("READY"));
    const auto property = [&](std::string_view name, std::string_view value) {
        ready.u8(static_cast<std::uint8_t>(name.size())).raw(text(name));
        ready.u32(static_cast<std::uint32_t>(value.size())).raw(text(value));
    };
    property("Socket-Type", "DEALER");
    property("User-Id", user_id);

    ByteWriter session;
    session.raw(greeting.bytes());
    session.u8(0x04).u8(static_cast<std::uint8_t>(ready.bytes().size())).raw(ready.bytes());
    return session.take();
}

Bytes zmtp_message(ByteView body) {
    return ByteWriter{}.u8(0x00).u8(static_cast<std::uint8_t>(body.size())).raw(body).take();
}

}  // namespace fedstake::transport::testing

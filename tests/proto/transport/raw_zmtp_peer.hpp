// A peer on a bare TCP socket that says whatever the test wants, ZMTP or not.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "proto/base/bytes.hpp"

namespace fedstake::transport::testing {

class RawPeer {
public:
    // Connects to 127.0.0.1. connected() is false when nobody listens.
    explicit RawPeer(std::uint16_t port);
    ~RawPeer();
    RawPeer(const RawPeer&) = delete;
    RawPeer& operator=(const RawPeer&) = delete;

    [[nodiscard]] bool connected() const noexcept { return fd_ >= 0; }
    // Writes all bytes, giving up when the other end closes. RETURNS how many were taken.
    std::size_t write(ByteView bytes);
    // Reads and throws away. RETURNS false when the other end closes or stays silent before
    // `count`.
    [[nodiscard]] bool skip(std::size_t count, std::chrono::milliseconds time);
    // RETURNS true when the other end closes within the time; what it sends is thrown away.
    [[nodiscard]] bool closed_within(std::chrono::milliseconds time);

private:
    int fd_ = -1;
    bool closed_ = false;  // by the other end
};

// ZMTP 3.0 with the NULL mechanism (ZeroMQ RFC 23): greeting and a READY that claims `user_id`. The
// peer answers with more than kZmtpReadyBytes bytes before it takes messages.
[[nodiscard]] Bytes zmtp_null_handshake(std::string_view user_id);
inline constexpr std::size_t kZmtpReadyBytes = 64 + 2 + 6;
// One message of one frame. REQUIRES fewer than 256 bytes.
[[nodiscard]] Bytes zmtp_message(ByteView body);

}  // namespace fedstake::transport::testing

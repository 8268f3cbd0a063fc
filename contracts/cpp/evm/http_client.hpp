// A blocking HTTP/1.1 POST client with keep-alive and deadlines, over plain TCP.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"
#include "proto/base/time.hpp"

namespace fedstake::evm {

struct HttpUrl {
    std::string host;
    std::string port;
    std::string target;  // path, "/" at least

    // "http://host[:port][/path]". RETURNS kInvalidInput for anything else; https is named.
    [[nodiscard]] static Result<HttpUrl> parse(std::string_view url);
};

struct HttpReply {
    unsigned status = 0;
    std::string body;
};

// Not thread-safe.
class HttpClient {
public:
    explicit HttpClient(HttpUrl url);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // Sends one request and reads the whole answer within `deadline`, reconnecting where the kept
    // connection was closed in the meantime. RETURNS kUnavailable or kLimitExceeded (body_max).
    [[nodiscard]] Result<HttpReply> post(const std::string& body, Duration deadline,
                                         std::size_t body_max);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fedstake::evm

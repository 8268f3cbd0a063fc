// An HTTP server on 127.0.0.1 that answers each request with what the test says.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace fedstake::testing {

// What to send back for one request. The connection is kept unless `close` is set.
struct FakeReply {
    std::string raw;  // whole response, header included; empty: never answer
    bool close = false;

    [[nodiscard]] static FakeReply json(const std::string& body, int status = 200);
};

class FakeHttpServer {
public:
    // The handler gets the request body; it runs on the server's thread.
    using Handler = std::function<FakeReply(const std::string& body)>;

    explicit FakeHttpServer(Handler handler);
    ~FakeHttpServer();
    FakeHttpServer(const FakeHttpServer&) = delete;
    FakeHttpServer& operator=(const FakeHttpServer&) = delete;

    [[nodiscard]] std::string url() const;
    [[nodiscard]] int connections() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fedstake::testing

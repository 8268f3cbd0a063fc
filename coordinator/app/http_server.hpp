// GET /healthz, /metrics and /status on the loopback interface. Read-only; no other host can reach
// it.
#pragma once

#include <cstdint>
#include <memory>

#include "coordinator/app/metrics.hpp"
#include "proto/base/result.hpp"

namespace fedstake::coordinator {

class HttpServer {
public:
    // Port 0: any free one. Borrows the metrics. RETURNS kConflict naming the port when it is
    // taken.
    [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(std::uint16_t port,
                                                                   const Metrics& metrics);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;

private:
    class Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// The body of http://127.0.0.1:<port><path>. RETURNS kUnavailable when nothing answers there.
[[nodiscard]] Result<std::string> http_get_loopback(std::uint16_t port, const std::string& path);

}  // namespace fedstake::coordinator

// The loopback HTTP server: one thread, one asynchronous accept loop, small fixed answers.
#include "coordinator/app/http_server.hpp"

#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "proto/base/log.hpp"

namespace fedstake::coordinator {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr auto kRequestTime = std::chrono::seconds(5);
constexpr int kConnectionsMax = 32;

http::response<http::string_body> answer(const http::request<http::empty_body>& request,
                                         const Metrics& metrics) {
    http::response<http::string_body> response;
    response.version(request.version());
    response.set(http::field::cache_control, "no-store");
    const auto reply = [&](http::status status, const char* type, std::string body) {
        response.result(status);
        response.set(http::field::content_type, type);
        response.body() = std::move(body);
    };
    const std::string_view target(request.target().data(), request.target().size());
    if (request.method() != http::verb::get) {
        reply(http::status::method_not_allowed, "text/plain", "only GET\n");
    } else if (target == "/healthz") {
        const MetricsSnapshot values = metrics.snapshot();
        reply(values.phase == "stopped" ? http::status::service_unavailable : http::status::ok,
              "application/json", to_health_json(values));
    } else if (target == "/metrics") {
        reply(http::status::ok, "text/plain; version=0.0.4", to_prometheus(metrics.snapshot()));
    } else if (target == "/status") {
        reply(http::status::ok, "application/json", metrics.snapshot().status_json + "\n");
    } else {
        reply(http::status::not_found, "text/plain", "/healthz, /metrics or /status\n");
    }
    response.prepare_payload();
    return response;
}

// One connection: one request, one answer.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(tcp::socket socket, const Metrics& metrics, int& open)
        : stream_(std::move(socket)), metrics_(metrics), open_(open) {
        ++open_;
    }
    ~Connection() { --open_; }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start() {
        stream_.expires_after(kRequestTime);
        parser_.header_limit(8 * 1024);
        parser_.body_limit(0);
        auto self = shared_from_this();
        http::async_read(stream_, buffer_, parser_, [self](beast::error_code error, std::size_t) {
            if (!error) {
                self->respond();
            }
        });
    }

private:
    void respond() {
        response_ = answer(parser_.get(), metrics_);
        response_.keep_alive(false);
        auto self = shared_from_this();
        http::async_write(stream_, response_, [self](beast::error_code error, std::size_t) {
            if (!error) {
                beast::error_code ignored;
                self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
            }
        });
    }

    beast::tcp_stream stream_;
    beast::flat_buffer buffer_{16 * 1024};
    http::request_parser<http::empty_body> parser_;
    http::response<http::string_body> response_;
    const Metrics& metrics_;
    int& open_;  // of the server's one thread
};

}  // namespace

class HttpServer::Impl {
public:
    explicit Impl(const Metrics& metrics) : metrics_(metrics), acceptor_(context_) {}
    ~Impl() {
        context_.stop();
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    Status listen(std::uint16_t port) {
        boost::system::error_code error;
        const tcp::endpoint place(asio::ip::address_v4::loopback(), port);
        acceptor_.open(place.protocol(), error);
        if (!error) {
            acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
        }
        if (!error) {
            acceptor_.bind(place, error);
        }
        if (!error) {
            acceptor_.listen(kConnectionsMax, error);
        }
        if (error) {
            return fail(Errc::kConflict,
                        fmt::format("127.0.0.1:{}: the http port cannot be used ({}): stop what "
                                    "uses it, or set http_port in coordinator.toml (0: any)",
                                    port, error.message()));
        }
        port_ = acceptor_.local_endpoint().port();
        accept();
        thread_ = std::thread([this] { context_.run(); });
        return {};
    }

    std::uint16_t port() const noexcept { return port_; }

private:
    void accept() {
        acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
            if (!error && open_ < kConnectionsMax) {
                std::make_shared<Connection>(std::move(socket), metrics_, open_)->start();
            }
            if (error != asio::error::operation_aborted) {
                accept();
            }
        });
    }

    const Metrics& metrics_;
    int open_ = 0;  // before context_: connections are destroyed with it
    asio::io_context context_{1};
    tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(std::uint16_t port, const Metrics& metrics) {
    auto impl = std::make_unique<Impl>(metrics);
    FS_TRY(impl->listen(port));
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

std::uint16_t HttpServer::port() const noexcept {
    return impl_->port();
}

Result<std::string> http_get_loopback(std::uint16_t port, const std::string& path) {
    asio::io_context context;
    beast::tcp_stream stream(context);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(16 * 1024 * 1024);
    http::request<http::empty_body> request(http::verb::get, path, 11);
    request.set(http::field::host, "127.0.0.1");
    boost::system::error_code result;
    stream.expires_after(kRequestTime);
    stream.async_connect(
        tcp::endpoint(asio::ip::address_v4::loopback(), port),
        [&](boost::system::error_code connected) {
            result = connected;
            if (connected) {
                return;
            }
            http::async_write(stream, request, [&](boost::system::error_code sent, std::size_t) {
                result = sent;
                if (sent) {
                    return;
                }
                http::async_read(
                    stream, buffer, parser,
                    [&](boost::system::error_code received, std::size_t) { result = received; });
            });
        });
    context.run();
    if (result) {
        return fail(Errc::kUnavailable, fmt::format("127.0.0.1:{}: {}", port, result.message()));
    }
    return std::move(parser.get().body());
}

}  // namespace fedstake::coordinator

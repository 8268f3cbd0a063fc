// Boost.Beast behind a blocking call: each step is started asynchronously, so that the stream's
// deadline applies to it, and the private io_context runs until it is done.
#include "contracts/cpp/evm/http_client.hpp"

#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace fedstake::evm {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

Result<HttpUrl> HttpUrl::parse(std::string_view url) {
    constexpr std::string_view kScheme = "http://";
    if (url.starts_with("https://")) {
        return fail(Errc::kInvalidInput,
                    "chain node URL '" + std::string(url) +
                        "': https is not supported; put the node, or a TLS proxy to it, on this "
                        "machine and use http://127.0.0.1:PORT");
    }
    HttpUrl parsed;
    std::string_view rest = url.starts_with(kScheme) ? url.substr(kScheme.size()) : "";
    const std::size_t slash = rest.find('/');
    parsed.target = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
    rest = rest.substr(0, slash);
    const std::size_t colon = rest.rfind(':');
    parsed.host = std::string(rest.substr(0, colon));
    parsed.port = colon == std::string_view::npos ? "80" : std::string(rest.substr(colon + 1));
    unsigned port = 0;
    const auto [end, error] =
        std::from_chars(parsed.port.data(), parsed.port.data() + parsed.port.size(), port);
    const bool bad_port = error != std::errc{} || end != parsed.port.data() + parsed.port.size() ||
                          port == 0 || port > 65535;
    if (parsed.host.empty() || bad_port || url.find_first_of(" \r\n\t@") != url.npos) {
        return fail(Errc::kInvalidInput, "chain node URL '" + std::string(url) +
                                             "' is not of the form http://HOST:PORT/PATH");
    }
    return parsed;
}

struct HttpClient::Impl {
    explicit Impl(HttpUrl where) : url(std::move(where)) {}

    using Clock = std::chrono::steady_clock;

    // Runs the operation that was just started until it has called back, or the deadline passed.
    beast::error_code finish(const std::optional<beast::error_code>& done, Clock::time_point end) {
        context.restart();
        while (!done && Clock::now() < end) {
            if (context.run_one_until(end) == 0) break;
        }
        if (done) return *done;
        close();
        context.restart();
        context.run();  // the cancelled operation calls back
        return beast::error::timeout;
    }

    void close() {
        resolver.cancel();
        beast::error_code ignored;
        stream.socket().close(ignored);
        buffer.clear();
    }

    beast::error_code connect(Clock::time_point end) {
        std::optional<beast::error_code> done;
        asio::ip::tcp::resolver::results_type found;
        resolver.async_resolve(url.host, url.port, [&](beast::error_code error, auto results) {
            found = std::move(results);
            done = error;
        });
        if (const auto error = finish(done, end)) return error;
        done.reset();
        stream.async_connect(found, [&](beast::error_code error, const auto&) { done = error; });
        if (const auto error = finish(done, end)) return error;
        beast::error_code ignored;
        stream.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
        return {};
    }

    // Writes the request and reads the answer on the open connection.
    beast::error_code exchange(const http::request<http::string_body>& request,
                               std::size_t body_max, Clock::time_point end, HttpReply& reply) {
        std::optional<beast::error_code> done;
        http::async_write(stream, request,
                          [&](beast::error_code error, std::size_t) { done = error; });
        if (const auto error = finish(done, end)) return error;
        http::response_parser<http::string_body> parser;
        parser.body_limit(body_max);
        done.reset();
        http::async_read(stream, buffer, parser,
                         [&](beast::error_code error, std::size_t) { done = error; });
        if (const auto error = finish(done, end)) return error;
        reply.status = parser.get().result_int();
        const bool keep = parser.get().keep_alive();
        reply.body = std::move(parser.get().body());
        if (!keep) close();
        return {};
    }

    HttpUrl url;
    asio::io_context context;
    asio::ip::tcp::resolver resolver{context};
    beast::tcp_stream stream{context};
    beast::flat_buffer buffer;
};

HttpClient::HttpClient(HttpUrl url) : impl_(std::make_unique<Impl>(std::move(url))) {}
HttpClient::~HttpClient() = default;

Result<HttpReply> HttpClient::post(const std::string& body, Duration deadline,
                                   std::size_t body_max) {
    Impl& impl = *impl_;
    http::request<http::string_body> request{http::verb::post, impl.url.target, 11};
    request.set(http::field::host, impl.url.host + ":" + impl.url.port);
    request.set(http::field::content_type, "application/json");
    request.keep_alive(true);
    request.body() = body;
    request.prepare_payload();

    const auto end = Impl::Clock::now() + std::chrono::milliseconds(deadline.ms);
    const std::string where = "http://" + impl.url.host + ":" + impl.url.port;
    for (;;) {
        const bool kept = impl.stream.socket().is_open();
        beast::error_code error = kept ? beast::error_code{} : impl.connect(end);
        if (error) {
            impl.close();
            return fail(Errc::kUnavailable, "no chain node answers at " + where + " (" +
                                                error.message() + "); start it or correct the URL");
        }
        HttpReply reply;
        error = impl.exchange(request, body_max, end, reply);
        if (!error) return reply;
        impl.close();
        if (error == http::error::body_limit) {
            return fail(Errc::kLimitExceeded, "the chain node at " + where +
                                                  " answered with more than " +
                                                  std::to_string(body_max) + " bytes");
        }
        // A kept connection may have been closed by the node while it was idle: once more, anew.
        if (kept && error != beast::error::timeout) continue;
        return fail(Errc::kUnavailable,
                    "the chain node at " + where + " did not answer (" + error.message() + ")");
    }
}

}  // namespace fedstake::evm

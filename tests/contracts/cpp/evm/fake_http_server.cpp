// One thread, one connection at a time, Boost.Beast for reading requests.
#include "tests/contracts/cpp/evm/fake_http_server.hpp"

#include <atomic>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace fedstake::testing {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

FakeReply FakeReply::json(const std::string& body, int status) {
    return {"HTTP/1.1 " + std::to_string(status) +
                " x\r\nContent-Type: application/json\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body,
            false};
}

struct FakeHttpServer::Impl {
    explicit Impl(Handler made) : handler(std::move(made)) { accept(); }

    struct Session {
        explicit Session(tcp::socket made) : socket(std::move(made)) {}
        tcp::socket socket;
        boost::beast::flat_buffer buffer;
        http::request<http::string_body> request;
        std::string reply;
    };

    void accept() {
        acceptor.async_accept([this](boost::system::error_code error, tcp::socket socket) {
            if (error) return;
            ++connections;
            read(std::make_shared<Session>(std::move(socket)));
            accept();
        });
    }

    void read(const std::shared_ptr<Session>& session) {
        session->request = {};
        http::async_read(session->socket, session->buffer, session->request,
                         [this, session](boost::system::error_code error, std::size_t) {
                             if (!error) answer(session);
                         });
    }

    void answer(const std::shared_ptr<Session>& session) {
        FakeReply reply = handler(session->request.body());
        if (reply.raw.empty() && !reply.close) {
            silent.push_back(session);
            return;
        }
        session->reply = std::move(reply.raw);
        asio::async_write(
            session->socket, asio::buffer(session->reply),
            [this, session, close = reply.close](boost::system::error_code error, std::size_t) {
                if (error || close) {
                    session->socket.close(error);
                } else {
                    read(session);
                }
            });
    }

    Handler handler;
    asio::io_context context;
    tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::vector<std::shared_ptr<Session>> silent;
    std::atomic<int> connections = 0;
    std::thread thread;
};

FakeHttpServer::FakeHttpServer(Handler handler)
    : impl_(std::make_unique<Impl>(std::move(handler))) {
    impl_->thread = std::thread([impl = impl_.get()] { impl->context.run(); });
}

FakeHttpServer::~FakeHttpServer() {
    impl_->context.stop();
    impl_->thread.join();
}

std::string FakeHttpServer::url() const {
    return "http://127.0.0.1:" + std::to_string(impl_->acceptor.local_endpoint().port());
}

int FakeHttpServer::connections() const {
    return impl_->connections;
}

}  // namespace fedstake::testing

// The server's thread and its loop.
#include "proto/transport/router_server.hpp"

#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <thread>
#include <utility>

#include "proto/base/log.hpp"
#include "proto/transport/peer_directory.hpp"
#include "proto/transport/router_io.hpp"
#include "proto/transport/router_self_test.hpp"
#include "proto/transport/server_queues.hpp"
#include "proto/transport/zmq_support.hpp"

namespace fedstake::transport {

namespace {

constexpr std::chrono::milliseconds kFlushTime{2'000};
constexpr std::chrono::milliseconds kRetryFull{5};  // ROUTER cannot be polled for one peer's room
constexpr std::size_t kReadsPerTurn = 64;

Error bind_error(const zmq::error_t& error, const RouterOptions& options) {
    const std::string place = options.host + ":" + std::to_string(options.port);
    switch (error.num()) {
        case EADDRINUSE:
            return {Errc::kConflict, "port " + std::to_string(options.port) + " on " +
                                         options.host +
                                         " is in use: stop the program that has it or choose "
                                         "another port"};
        case EACCES:
            return {Errc::kUnauthorized,
                    "not allowed to listen on " + place + ": use a port above 1023"};
        case EADDRNOTAVAIL:
        case ENODEV:
            return {Errc::kInvalidInput,
                    "cannot listen on " + place + ": not an address of this machine"};
        default: return {Errc::kInvalidInput, "cannot listen on " + place + ": " + error.what()};
    }
}

// "tcp://host:port", or "tcp://[host]:port" for IPv6.
std::string bind_endpoint(const RouterOptions& options) {
    const std::string port = options.port == 0 ? "*" : std::to_string(options.port);
    const bool ipv6 = options.host.find(':') != std::string::npos;
    return "tcp://" + (ipv6 ? "[" + options.host + "]" : options.host) + ":" + port;
}

std::uint16_t port_of(const std::string& endpoint) {
    return static_cast<std::uint16_t>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1)));
}

}  // namespace

class RouterServer::Impl {
public:
    explicit Impl(RouterOptions options)
        : options_(std::move(options)),
          public_key_(curve_public_key(options_.secret_key)),
          directory_(options_.handshakes_per_minute),
          queues_(options_) {}
    ~Impl() { stop(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Status open();
    void stop() noexcept;
    Status send(const PeerId& peer, Bytes payload);
    std::optional<ServerInput> next(std::chrono::milliseconds timeout);
    [[nodiscard]] RouterStats stats() const { return queues_.stats(); }
    void set_allowed(const std::vector<AllowedPeer>& allowed) { directory_.replace(allowed); }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] const CurvePublicKey& public_key() const noexcept { return public_key_; }

private:
    // On the zmq thread.
    void run() noexcept;
    void loop();
    bool turn(std::chrono::milliseconds timeout);
    void read_messages();
    void take_outgoing();
    void flush_outgoing();

    RouterOptions options_;
    CurvePublicKey public_key_;
    std::uint16_t port_ = 0;
    zmq::context_t context_;
    PeerDirectory directory_;
    ServerQueues queues_;
    WakeUp wake_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;

    // Of the zmq thread, once it runs.
    zmq::socket_t zap_;
    zmq::socket_t router_;
    zmq::socket_t monitor_;
    std::map<PeerId, std::deque<zmq::message_t>> pending_;
};

Status RouterServer::Impl::open() {
    const SocketBounds bounds{.frame_bytes_max = options_.frame_bytes_max,
                              .outgoing_max = static_cast<int>(limits::kChunkCredits),
                              .handshake_timeout = options_.handshake_timeout,
                              .keepalive = options_.keepalive};
    try {
        zap_ = open_zap(context_);
        router_ = open_router(context_, options_.secret_key, bounds);
        router_.set(zmq::sockopt::ipv6, options_.host.find(':') != std::string::npos);
        FS_TRY(prove_strangers_are_refused(context_, router_, zap_, directory_, public_key_));
        directory_.replace(options_.allowed);
        monitor_ = open_monitor(
            context_, router_, "server",
            ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
    } catch (const zmq::error_t& error) {
        return fail(Errc::kInternal, std::string("starting the ZeroMQ server: ") + error.what());
    }
    try {
        router_.bind(bind_endpoint(options_));
        port_ = port_of(router_.get(zmq::sockopt::last_endpoint));
    } catch (const zmq::error_t& error) {
        return tl::unexpected<Error>(bind_error(error, options_));
    }
    thread_ = std::thread([this] { run(); });
    return {};
}

void RouterServer::Impl::stop() noexcept {
    stopping_ = true;
    wake_.signal();
    if (thread_.joinable()) {
        thread_.join();
    }
    // Where open() failed there was no thread to close them.
    close_monitored(router_, monitor_);
    zap_.close();
    queues_.close();
}

void RouterServer::Impl::run() noexcept {
    name_this_thread("zmq");
    try {
        loop();
    } catch (const std::exception& error) {
        FS_LOG(kError, "transport", "server thread ended reason=\"{}\"", error.what());
    }
    close_monitored(router_, monitor_);
    zap_.close();
    queues_.close();
}

void RouterServer::Impl::loop() {
    while (turn(pending_.empty() ? std::chrono::milliseconds{-1} : kRetryFull)) {
    }
    const auto deadline = steady_now() + kFlushTime;
    take_outgoing();
    flush_outgoing();
    while (!pending_.empty() && steady_now() < deadline) {
        (void)turn(kRetryFull);
    }
}

// Waits for work and does it. RETURNS false once stop() was called.
bool RouterServer::Impl::turn(std::chrono::milliseconds timeout) {
    std::array<zmq::pollitem_t, 4> items = {{{nullptr, wake_.descriptor(), ZMQ_POLLIN, 0},
                                             {zap_.handle(), 0, ZMQ_POLLIN, 0},
                                             {monitor_.handle(), 0, ZMQ_POLLIN, 0},
                                             {router_.handle(), 0, ZMQ_POLLIN, 0}}};
    poll_items(items, timeout);
    wake_.drain();
    while (const auto decision = answer_zap(zap_, directory_)) {
        queues_.note(*decision, steady_now());
    }
    while (read_monitor(monitor_)) {
        queues_.note_failed_handshake();
    }
    read_messages();
    take_outgoing();
    flush_outgoing();
    return !stopping_;
}

void RouterServer::Impl::read_messages() {
    for (std::size_t i = 0; i < kReadsPerTurn; ++i) {
        auto message = read_router(router_, directory_);
        if (!message) {
            return;
        }
        queues_.accept(*std::move(message));
    }
}

std::optional<ServerInput> RouterServer::Impl::next(std::chrono::milliseconds timeout) {
    return queues_.next(timeout);
}

Status RouterServer::Impl::send(const PeerId& peer, Bytes payload) {
    FS_TRY(queues_.push_outgoing(peer, std::move(payload)));
    wake_.signal();
    return {};
}

void RouterServer::Impl::take_outgoing() {
    for (ServerQueues::Outgoing& item : queues_.take_outgoing()) {
        pending_[item.peer].push_back(to_message(std::move(item.payload)));
    }
}

void RouterServer::Impl::flush_outgoing() {
    for (auto it = pending_.begin(); it != pending_.end();) {
        auto& [peer, queue] = *it;
        while (!queue.empty()) {
            const std::size_t size = queue.front().size();
            const SendOutcome outcome = send_router(router_, peer.connection, queue.front());
            if (outcome == SendOutcome::kFull) {
                break;
            }
            queue.pop_front();
            queues_.sent(peer.site, size, outcome);
        }
        it = queue.empty() ? pending_.erase(it) : std::next(it);
    }
}

RouterServer::RouterServer(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
RouterServer::~RouterServer() = default;

Result<std::unique_ptr<RouterServer>> RouterServer::start(RouterOptions options) {
    FS_TRY(check_zmq_library());
    auto impl = std::make_unique<Impl>(std::move(options));
    FS_TRY(impl->open());
    return std::unique_ptr<RouterServer>(new RouterServer(std::move(impl)));
}

std::uint16_t RouterServer::port() const noexcept {
    return impl_->port();
}
const CurvePublicKey& RouterServer::public_key() const noexcept {
    return impl_->public_key();
}
void RouterServer::set_allowed(std::vector<AllowedPeer> allowed) {
    impl_->set_allowed(allowed);
}
std::optional<ServerInput> RouterServer::next(std::chrono::milliseconds timeout) {
    return impl_->next(timeout);
}
std::optional<ServerInput> RouterServer::try_next() {
    return impl_->next(std::chrono::milliseconds{0});
}
Status RouterServer::send(const PeerId& peer, Bytes payload) {
    return impl_->send(peer, std::move(payload));
}
RouterStats RouterServer::stats() const {
    return impl_->stats();
}
void RouterServer::stop() noexcept {
    impl_->stop();
}

}  // namespace fedstake::transport

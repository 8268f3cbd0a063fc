// The server's thread: its loop, its queues and their bounds.
#include "proto/transport/router_server.hpp"

#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "proto/base/log.hpp"
#include "proto/transport/inbox.hpp"
#include "proto/transport/peer_directory.hpp"
#include "proto/transport/router_io.hpp"
#include "proto/transport/router_self_test.hpp"
#include "proto/transport/zmq_support.hpp"

namespace fedstake::transport {

namespace {

constexpr std::chrono::milliseconds kFlushTime{2'000};
constexpr std::chrono::milliseconds kRetryFull{5};  // ROUTER cannot be polled for one peer's room
constexpr std::size_t kReadsPerTurn = 64;
constexpr std::uint32_t kRefusalReportsPerSecond = 4;
constexpr std::size_t kRefusalReportsWaiting = 64;

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
          directory_(options_.handshakes_per_minute) {}
    ~Impl() { stop(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Status open();
    void stop() noexcept;
    Status send(const PeerId& peer, Bytes payload);
    std::optional<ServerInput> next(std::chrono::milliseconds timeout);
    RouterStats stats() const;
    void set_allowed(const std::vector<AllowedPeer>& allowed) { directory_.replace(allowed); }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] const CurvePublicKey& public_key() const noexcept { return public_key_; }

private:
    struct Waiting {
        std::size_t messages = 0;
        std::size_t bytes = 0;
    };
    struct Outgoing {
        PeerId peer;
        Bytes payload;
    };

    // On the zmq thread.
    void run() noexcept;
    void loop();
    bool turn(std::chrono::milliseconds timeout);
    void read_messages();
    void accept(ReadResult message);
    void take_outgoing();
    void flush_outgoing();
    void sent(const SiteId& site, std::size_t bytes, bool gone);
    void note(const ZapDecision& decision);
    void report_refusal(const ZapDecision& decision);
    void read_monitor_events();
    void deliver(ServerInput input);
    [[nodiscard]] bool inbound_full() const;

    RouterOptions options_;
    CurvePublicKey public_key_;
    std::uint16_t port_ = 0;
    zmq::context_t context_;
    PeerDirectory directory_;
    WakeUp wake_;
    Inbox<ServerInput> inbox_;
    std::thread thread_;

    // Of the zmq thread, once it runs.
    zmq::socket_t zap_;
    zmq::socket_t router_;
    zmq::socket_t monitor_;
    std::map<PeerId, std::deque<zmq::message_t>> pending_;
    std::chrono::milliseconds report_window_{0};
    std::uint32_t reports_in_window_ = 0;
    std::uint64_t reports_suppressed_ = 0;

    mutable std::mutex mutex_;  // guards what follows
    RouterStats stats_;
    std::vector<Outgoing> outgoing_;
    std::map<SiteId, Waiting> outbound_;
    std::map<SiteId, std::size_t> inbound_messages_;
    std::size_t inbound_bytes_ = 0;
    std::size_t refusals_waiting_ = 0;
    bool stopping_ = false;
};

Status RouterServer::Impl::open() {
    const SocketBounds bounds{.frame_bytes_max = options_.frame_bytes_max,
                              .messages_max = static_cast<int>(limits::kChunkCredits),
                              .handshake_timeout = options_.handshake_timeout,
                              .heartbeat = options_.heartbeat};
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
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.signal();
    if (thread_.joinable()) {
        thread_.join();
    }
    // Where open() failed there was no thread to close them.
    monitor_.close();
    router_.close();
    zap_.close();
    inbox_.close();
}

void RouterServer::Impl::run() noexcept {
    name_this_thread("zmq");
    try {
        loop();
    } catch (const std::exception& error) {
        FS_LOG(kError, "transport", "server thread ended reason=\"{}\"", error.what());
    }
    monitor_.close();
    router_.close();
    zap_.close();
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    inbox_.close();
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
    const short read = inbound_full() ? short{0} : short{ZMQ_POLLIN};
    std::array<zmq::pollitem_t, 4> items = {{{nullptr, wake_.descriptor(), ZMQ_POLLIN, 0},
                                             {zap_.handle(), 0, ZMQ_POLLIN, 0},
                                             {monitor_.handle(), 0, ZMQ_POLLIN, 0},
                                             {router_.handle(), 0, read, 0}}};
    try {
        zmq::poll(items, timeout);
    } catch (const zmq::error_t& error) {
        if (error.num() != EINTR) {
            throw;
        }
    }
    wake_.drain();
    while (const auto decision = answer_zap(zap_, directory_)) {
        note(*decision);
    }
    read_monitor_events();
    read_messages();
    take_outgoing();
    flush_outgoing();
    const std::lock_guard lock(mutex_);
    return !stopping_;
}

bool RouterServer::Impl::inbound_full() const {
    const std::lock_guard lock(mutex_);
    return inbound_bytes_ >= options_.inbound_bytes_max;
}

void RouterServer::Impl::read_messages() {
    for (std::size_t i = 0; i < kReadsPerTurn && !inbound_full(); ++i) {
        auto message = read_router(router_, directory_);
        if (!message) {
            return;
        }
        accept(*std::move(message));
    }
}

void RouterServer::Impl::accept(ReadResult message) {
    const std::size_t size = message.body.size();
    {
        const std::lock_guard lock(mutex_);
        if (message.outcome != ReadOutcome::kMessage) {
            ++(message.outcome == ReadOutcome::kUnverified ? stats_.dropped_unverified
                                                           : stats_.dropped_shape);
            return;
        }
        std::size_t& waiting = inbound_messages_[message.peer.site];
        if (waiting >= options_.site_inbound_max) {
            ++stats_.dropped_site_full;
            return;
        }
        ++waiting;
        inbound_bytes_ += size;
        ++stats_.messages_in;
        stats_.bytes_in += size;
    }
    const auto* data = message.body.data<std::uint8_t>();
    deliver(Incoming{message.peer, Bytes(data, data + size)});
}

void RouterServer::Impl::deliver(ServerInput input) {
    if (inbox_.push(std::move(input)) && options_.on_ready) {
        options_.on_ready();
    }
}

std::optional<ServerInput> RouterServer::Impl::next(std::chrono::milliseconds timeout) {
    auto input = inbox_.pop(timeout);
    if (!input) {
        return input;
    }
    bool resume = false;
    {
        const std::lock_guard lock(mutex_);
        if (const auto* message = std::get_if<Incoming>(&*input)) {
            const bool was_full = inbound_bytes_ >= options_.inbound_bytes_max;
            inbound_bytes_ -= message->payload.size();
            resume = was_full && inbound_bytes_ < options_.inbound_bytes_max;
            if (const auto site = inbound_messages_.find(message->peer.site); --site->second == 0) {
                inbound_messages_.erase(site);
            }
        } else {
            --refusals_waiting_;
        }
    }
    if (resume) {
        wake_.signal();
    }
    return input;
}

Status RouterServer::Impl::send(const PeerId& peer, Bytes payload) {
    if (payload.empty() || payload.size() > options_.frame_bytes_max) {
        return fail(Errc::kLimitExceeded,
                    "a message of " + std::to_string(payload.size()) + " bytes, 1 to " +
                        std::to_string(options_.frame_bytes_max) + " can be sent");
    }
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            return fail(Errc::kUnavailable, "the server has stopped");
        }
        Waiting& waiting = outbound_[peer.site];
        if (waiting.messages >= options_.site_outbound_max ||
            waiting.bytes + payload.size() > options_.site_outbound_bytes_max) {
            return fail(Errc::kLimitExceeded, "site " + peer.site.hex() + " does not read: " +
                                                  std::to_string(waiting.messages) +
                                                  " messages wait for it");
        }
        ++waiting.messages;
        waiting.bytes += payload.size();
        outgoing_.push_back({peer, std::move(payload)});
    }
    wake_.signal();
    return {};
}

void RouterServer::Impl::take_outgoing() {
    std::vector<Outgoing> taken;
    {
        const std::lock_guard lock(mutex_);
        taken.swap(outgoing_);
    }
    for (Outgoing& item : taken) {
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
            sent(peer.site, size, outcome == SendOutcome::kGone);
        }
        it = queue.empty() ? pending_.erase(it) : std::next(it);
    }
}

void RouterServer::Impl::sent(const SiteId& site, std::size_t bytes, bool gone) {
    const std::lock_guard lock(mutex_);
    const auto waiting = outbound_.find(site);
    waiting->second.bytes -= bytes;
    if (--waiting->second.messages == 0) {
        outbound_.erase(waiting);
    }
    if (gone) {
        ++stats_.dropped_gone;
    } else {
        ++stats_.messages_out;
        stats_.bytes_out += bytes;
    }
}

void RouterServer::Impl::note(const ZapDecision& decision) {
    {
        const std::lock_guard lock(mutex_);
        if (decision.malformed) {
            ++stats_.refused_malformed;
            return;
        }
        switch (decision.admission) {
            case Admission::kAccepted: ++stats_.handshakes_accepted; return;
            case Admission::kNotEnrolled: ++stats_.refused_not_enrolled; break;
            case Admission::kTooManyConnections: ++stats_.refused_too_many; break;
        }
    }
    report_refusal(decision);
}

void RouterServer::Impl::report_refusal(const ZapDecision& decision) {
    const auto now = steady_now();
    if (now - report_window_ >= std::chrono::seconds{1}) {
        report_window_ = now;
        reports_in_window_ = 0;
    }
    {
        const std::lock_guard lock(mutex_);
        if (reports_in_window_ >= kRefusalReportsPerSecond ||
            refusals_waiting_ >= kRefusalReportsWaiting) {
            ++reports_suppressed_;
            return;
        }
        ++refusals_waiting_;
    }
    ++reports_in_window_;
    deliver(HandshakeRefused{decision.key, decision.address,
                             std::string(admission_name(decision.admission)),
                             std::exchange(reports_suppressed_, 0)});
}

void RouterServer::Impl::read_monitor_events() {
    while (read_monitor(monitor_)) {
        const std::lock_guard lock(mutex_);
        ++stats_.handshakes_failed;
    }
}

RouterStats RouterServer::Impl::stats() const {
    const std::lock_guard lock(mutex_);
    RouterStats stats = stats_;
    for (const auto& [site, waiting] : outbound_) {
        stats.outbound_waiting += waiting.messages;
    }
    for (const auto& [site, messages] : inbound_messages_) {
        stats.inbound_waiting += messages;
    }
    return stats;
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

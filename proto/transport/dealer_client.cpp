// The client's thread: one socket per attempt to connect, and what became of it.
#include "proto/transport/dealer_client.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "proto/base/log.hpp"
#include "proto/base/rng.hpp"
#include "proto/crypto/random.hpp"
#include "proto/transport/inbox.hpp"
#include "proto/transport/zmq_support.hpp"

namespace fedstake::transport {

namespace {

constexpr std::chrono::milliseconds kFlushTime{2'000};
constexpr std::chrono::milliseconds kConnectTimeout{10'000};
constexpr std::size_t kReadsPerTurn = 64;

bool is_tcp_endpoint(const std::string& endpoint) {
    constexpr std::string_view kScheme = "tcp://";
    const std::size_t colon = endpoint.rfind(':');
    if (!endpoint.starts_with(kScheme) || colon <= kScheme.size()) {
        return false;
    }
    const std::string port = endpoint.substr(colon + 1);
    return !port.empty() && port.size() <= 5 &&
           port.find_first_not_of("0123456789") == std::string::npos && std::stoul(port) >= 1 &&
           std::stoul(port) <= 65'535;
}

std::string describe_state(LinkState state, const std::string& endpoint) {
    switch (state) {
        case LinkState::kUp: return "connected to the coordinator at " + endpoint;
        case LinkState::kDown:
            return "the connection to the coordinator at " + endpoint + " was lost; reconnecting";
        case LinkState::kUnreachable:
            return "no answer from " + endpoint +
                   ": check the address, the network, and that the coordinator runs; retrying";
        case LinkState::kNotRecognised:
            return "something answers at " + endpoint +
                   " but not as this coordinator: check its public key in the manifest; retrying";
        case LinkState::kRefused:
            return "the coordinator at " + endpoint +
                   " refused this site's key: not enrolled, or too many connections; retrying";
    }
    return {};
}

}  // namespace

std::string_view link_state_name(LinkState state) noexcept {
    switch (state) {
        case LinkState::kUp: return "up";
        case LinkState::kDown: return "down";
        case LinkState::kUnreachable: return "unreachable";
        case LinkState::kNotRecognised: return "not-recognised";
        case LinkState::kRefused: return "refused";
    }
    return "unknown";
}

class DealerClient::Impl {
public:
    explicit Impl(DealerOptions options) : options_(std::move(options)), rng_(random_seed()) {
        thread_ = std::thread([this] { run(); });
    }
    ~Impl() { stop(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void stop() noexcept;
    Status send(Bytes payload);
    std::optional<ClientInput> next(std::chrono::milliseconds timeout);
    LinkState state() const;
    DealerStats stats() const;

private:
    static std::uint64_t random_seed() {
        const Digest digest = crypto::random_digest();
        std::uint64_t seed = 0;
        std::memcpy(&seed, digest.bytes.data(), sizeof seed);
        return seed;
    }

    // On the client's thread.
    void run() noexcept;
    void loop();
    void connect();
    LinkState use_connection();
    std::optional<LinkState> read_events();
    void read_messages();
    void write_messages();
    void flush();
    void pause();
    void change_state(LinkState state);
    void deliver(ClientInput input);
    [[nodiscard]] bool stopping() const;
    [[nodiscard]] bool has_outgoing() const;
    [[nodiscard]] bool inbound_full() const;
    void poll(std::chrono::milliseconds timeout);

    DealerOptions options_;
    Rng rng_;
    zmq::context_t context_;
    WakeUp wake_;
    Inbox<ClientInput> inbox_;

    // Of the client's thread.
    zmq::socket_t socket_;
    zmq::socket_t monitor_;
    std::uint64_t attempts_ = 0;  // names monitors
    std::uint32_t failures_ = 0;  // since the link was last up
    bool tcp_connected_ = false;
    bool link_up_ = false;

    mutable std::mutex mutex_;  // guards what follows
    std::deque<Bytes> outgoing_;
    std::optional<LinkState> state_;
    DealerStats stats_;
    std::size_t inbound_messages_ = 0;
    bool stopping_ = false;

    std::thread thread_;
};

void DealerClient::Impl::run() noexcept {
    name_this_thread("zmq");
    try {
        loop();
    } catch (const std::exception& error) {
        FS_LOG(kError, "transport", "client thread ended reason=\"{}\"", error.what());
    }
    monitor_.close();
    socket_.close();
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    inbox_.close();
}

void DealerClient::Impl::loop() {
    while (!stopping()) {
        connect();
        const LinkState ended = use_connection();
        if (stopping()) {
            flush();
            return;
        }
        link_up_ = false;
        change_state(ended);
        socket_.set(zmq::sockopt::linger, 0);
        monitor_.close();
        socket_.close();
        pause();
    }
}

void DealerClient::Impl::connect() {
    socket_ = zmq::socket_t(context_, zmq::socket_type::dealer);
    set_bounds(socket_, {.frame_bytes_max = options_.frame_bytes_max,
                         .messages_max = static_cast<int>(limits::kChunkCredits),
                         .handshake_timeout = options_.handshake_timeout,
                         .heartbeat = options_.heartbeat});
    set_curve_client(socket_, options_.secret_key, options_.server_key);
    socket_.set(zmq::sockopt::immediate, true);
    // Every attempt is a socket of its own: libzmq gives up for good after a refusal (4.3.4), and
    // a pause that it counts itself could not be told apart from one that hangs.
    socket_.set(zmq::sockopt::reconnect_ivl, -1);
    socket_.set(zmq::sockopt::connect_timeout, static_cast<int>(kConnectTimeout.count()));
    socket_.set(zmq::sockopt::ipv6, options_.endpoint.find('[') != std::string::npos);
    monitor_ = open_monitor(context_, socket_, std::to_string(++attempts_), ZMQ_EVENT_ALL);
    tcp_connected_ = false;
    socket_.connect(options_.endpoint);
}

// Runs one connection to its end. RETURNS why it ended; meaningless when stopping.
LinkState DealerClient::Impl::use_connection() {
    const auto deadline = steady_now() + kConnectTimeout + options_.handshake_timeout;
    while (!stopping()) {
        const auto left = std::max(deadline - steady_now(), std::chrono::milliseconds{0});
        poll(link_up_ ? std::chrono::milliseconds{-1} : left);
        const auto ended = read_events();
        if (link_up_) {
            read_messages();
        }
        if (ended) {
            return *ended;
        }
        if (link_up_) {
            write_messages();
        } else if (steady_now() >= deadline) {
            return tcp_connected_ ? LinkState::kNotRecognised : LinkState::kUnreachable;
        }
    }
    return LinkState::kDown;
}

void DealerClient::Impl::poll(std::chrono::milliseconds timeout) {
    const int read = link_up_ && !inbound_full() ? ZMQ_POLLIN : 0;
    const int write = link_up_ && has_outgoing() ? ZMQ_POLLOUT : 0;
    std::array<zmq::pollitem_t, 3> items = {
        {{nullptr, wake_.descriptor(), ZMQ_POLLIN, 0},
         {monitor_.handle(), 0, ZMQ_POLLIN, 0},
         {socket_.handle(), 0, static_cast<short>(read | write), 0}}};
    try {
        zmq::poll(items, timeout);
    } catch (const zmq::error_t& error) {
        if (error.num() != EINTR) {
            throw;
        }
    }
    wake_.drain();
}

// RETURNS why the connection ended, if it did.
std::optional<LinkState> DealerClient::Impl::read_events() {
    while (const auto event = read_monitor(monitor_)) {
        switch (event->event) {
            case ZMQ_EVENT_CONNECTED: tcp_connected_ = true; break;
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
                link_up_ = true;
                failures_ = 0;
                change_state(LinkState::kUp);
                break;
            case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return LinkState::kRefused;
            case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
            case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: return LinkState::kNotRecognised;
            case ZMQ_EVENT_DISCONNECTED:
            case ZMQ_EVENT_CLOSED:
                if (link_up_) {
                    return LinkState::kDown;
                }
                return tcp_connected_ ? LinkState::kNotRecognised : LinkState::kUnreachable;
            default: break;
        }
    }
    return std::nullopt;
}

void DealerClient::Impl::read_messages() {
    for (std::size_t i = 0; i < kReadsPerTurn && !inbound_full(); ++i) {
        zmq::message_t message;
        if (!socket_.recv(message, zmq::recv_flags::dontwait)) {
            return;
        }
        bool single = true;
        for (bool more = message.more(); more;) {
            zmq::message_t rest;
            (void)socket_.recv(rest, zmq::recv_flags::dontwait);
            more = rest.more();
            single = false;
        }
        {
            const std::lock_guard lock(mutex_);
            if (!single || message.size() == 0) {
                ++stats_.dropped_shape;
                continue;
            }
            ++stats_.messages_in;
            stats_.bytes_in += message.size();
            ++inbound_messages_;
        }
        const auto* data = message.data<std::uint8_t>();
        deliver(Bytes(data, data + message.size()));
    }
}

void DealerClient::Impl::write_messages() {
    for (;;) {
        Bytes payload;
        {
            const std::lock_guard lock(mutex_);
            if (outgoing_.empty()) {
                return;
            }
            payload = std::move(outgoing_.front());
            outgoing_.pop_front();
        }
        const std::size_t size = payload.size();
        zmq::message_t message = to_message(std::move(payload));
        const auto sent = socket_.send(message, zmq::send_flags::dontwait);
        const std::lock_guard lock(mutex_);
        if (!sent) {
            const auto* data = message.data<std::uint8_t>();
            outgoing_.emplace_front(data, data + size);
            return;
        }
        ++stats_.messages_out;
        stats_.bytes_out += size;
    }
}

// Gives what waits a last chance; the socket's linger covers what libzmq has.
void DealerClient::Impl::flush() {
    const auto deadline = steady_now() + kFlushTime;
    while (link_up_ && has_outgoing() && steady_now() < deadline) {
        write_messages();
        poll(std::chrono::milliseconds{20});
        if (read_events()) {
            return;
        }
    }
    if (!link_up_) {
        socket_.set(zmq::sockopt::linger, 0);
    }
}

void DealerClient::Impl::pause() {
    const auto doubled =
        options_.reconnect_first * (std::int64_t{1} << std::min<std::uint32_t>(failures_, 16));
    const auto most = std::min(doubled, options_.reconnect_last);
    ++failures_;
    const auto half = most.count() / 2;
    const auto wait = std::chrono::milliseconds{
        half + static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(half) + 1))};
    const auto deadline = steady_now() + wait;
    for (auto now = steady_now(); now < deadline && !stopping(); now = steady_now()) {
        std::array<zmq::pollitem_t, 1> items = {{{nullptr, wake_.descriptor(), ZMQ_POLLIN, 0}}};
        try {
            zmq::poll(items, deadline - now);
        } catch (const zmq::error_t& error) {
            if (error.num() != EINTR) {
                throw;
            }
        }
        wake_.drain();
    }
}

void DealerClient::Impl::change_state(LinkState state) {
    {
        const std::lock_guard lock(mutex_);
        if (state == LinkState::kUp) {
            ++stats_.connects;
        } else if (state_ == LinkState::kUp) {
            outgoing_.clear();
        }
        if (state_ == state) {
            return;
        }
        state_ = state;
    }
    deliver(LinkEvent{state, describe_state(state, options_.endpoint)});
}

void DealerClient::Impl::deliver(ClientInput input) {
    if (inbox_.push(std::move(input)) && options_.on_ready) {
        options_.on_ready();
    }
}

bool DealerClient::Impl::stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

bool DealerClient::Impl::has_outgoing() const {
    const std::lock_guard lock(mutex_);
    return !outgoing_.empty();
}

bool DealerClient::Impl::inbound_full() const {
    const std::lock_guard lock(mutex_);
    return inbound_messages_ >= options_.inbound_max;
}

std::optional<ClientInput> DealerClient::Impl::next(std::chrono::milliseconds timeout) {
    auto input = inbox_.pop(timeout);
    if (input && std::holds_alternative<Bytes>(*input)) {
        bool resume = false;
        {
            const std::lock_guard lock(mutex_);
            resume = inbound_messages_-- == options_.inbound_max;
        }
        if (resume) {
            wake_.signal();
        }
    }
    return input;
}

Status DealerClient::Impl::send(Bytes payload) {
    if (payload.empty() || payload.size() > options_.frame_bytes_max) {
        return fail(Errc::kLimitExceeded,
                    "a message of " + std::to_string(payload.size()) + " bytes, 1 to " +
                        std::to_string(options_.frame_bytes_max) + " can be sent");
    }
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            return fail(Errc::kUnavailable, "the client has stopped");
        }
        if (outgoing_.size() >= options_.outbound_max) {
            return fail(Errc::kLimitExceeded, std::to_string(outgoing_.size()) +
                                                  " messages wait for the link to the coordinator");
        }
        outgoing_.push_back(std::move(payload));
    }
    wake_.signal();
    return {};
}

LinkState DealerClient::Impl::state() const {
    const std::lock_guard lock(mutex_);
    return state_.value_or(LinkState::kDown);
}

DealerStats DealerClient::Impl::stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
}

void DealerClient::Impl::stop() noexcept {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.signal();
    if (thread_.joinable()) {
        thread_.join();
    }
}

DealerClient::DealerClient(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
DealerClient::~DealerClient() = default;

Result<std::unique_ptr<DealerClient>> DealerClient::start(DealerOptions options) {
    FS_TRY(check_zmq_library());
    if (!is_tcp_endpoint(options.endpoint)) {
        return fail(Errc::kInvalidInput, "the coordinator's address \"" + options.endpoint +
                                             "\" is not tcp://host:port");
    }
    return std::unique_ptr<DealerClient>(
        new DealerClient(std::make_unique<Impl>(std::move(options))));
}

Status DealerClient::send(Bytes payload) {
    return impl_->send(std::move(payload));
}
std::optional<ClientInput> DealerClient::next(std::chrono::milliseconds timeout) {
    return impl_->next(timeout);
}
std::optional<ClientInput> DealerClient::try_next() {
    return impl_->next(std::chrono::milliseconds{0});
}
LinkState DealerClient::state() const {
    return impl_->state();
}
DealerStats DealerClient::stats() const {
    return impl_->stats();
}
void DealerClient::stop() noexcept {
    impl_->stop();
}

}  // namespace fedstake::transport

// The client's thread: attempts to connect one after the other, and its queues.
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
#include "proto/transport/dealer_link.hpp"
#include "proto/transport/inbox.hpp"
#include "proto/transport/zmq_support.hpp"

namespace fedstake::transport {

namespace {

constexpr std::chrono::milliseconds kFlushTime{2'000};
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
    LinkState use(DealerLink& link);
    void read_messages(DealerLink& link);
    void write_messages(DealerLink& link);
    void flush(DealerLink& link);
    void pause();
    void change_state(LinkState state);
    void deliver(ClientInput input);
    [[nodiscard]] bool stopping() const;
    [[nodiscard]] bool has_outgoing() const;
    [[nodiscard]] bool inbound_full() const;

    DealerOptions options_;
    Rng rng_;
    zmq::context_t context_;
    WakeUp wake_;
    Inbox<ClientInput> inbox_;

    // Of the client's thread.
    std::uint64_t attempts_ = 0;
    std::uint32_t failures_ = 0;  // since the link was last up

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
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    inbox_.close();
}

void DealerClient::Impl::loop() {
    while (!stopping()) {
        {
            DealerLink link(context_, options_, ++attempts_);
            const LinkState ended = use(link);
            if (stopping()) {
                flush(link);
                return;
            }
            link.forget_unsent();
            change_state(ended);
        }
        pause();
    }
}

// Runs one link to its end. RETURNS why it ended; meaningless when stopping.
LinkState DealerClient::Impl::use(DealerLink& link) {
    while (!stopping()) {
        link.wait(wake_, has_outgoing(), std::chrono::milliseconds{-1});
        std::optional<LinkState> event = link.read_event();
        if (event == LinkState::kUp) {
            failures_ = 0;
            change_state(LinkState::kUp);
            event = link.read_event();
        }
        if (link.up()) {
            read_messages(link);  // also the last words of a link that has ended
        }
        if (event) {
            return *event;
        }
        if (inbound_full()) {
            FS_LOG(kWarn, "transport", "link dropped reason=\"more messages than were asked for\"");
            return LinkState::kDown;
        }
        if (link.up()) {
            write_messages(link);
        }
    }
    return LinkState::kDown;
}

void DealerClient::Impl::read_messages(DealerLink& link) {
    for (std::size_t i = 0; i < kReadsPerTurn && !inbound_full(); ++i) {
        const auto message = link.receive();
        if (!message) {
            return;
        }
        {
            const std::lock_guard lock(mutex_);
            if (message->size() == 0) {
                ++stats_.dropped_shape;
                continue;
            }
            ++stats_.messages_in;
            stats_.bytes_in += message->size();
            ++inbound_messages_;
        }
        const auto* data = message->data<std::uint8_t>();
        deliver(Bytes(data, data + message->size()));
    }
}

void DealerClient::Impl::write_messages(DealerLink& link) {
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
        const bool sent = link.send(message);
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
void DealerClient::Impl::flush(DealerLink& link) {
    const auto deadline = steady_now() + kFlushTime;
    while (link.up() && has_outgoing() && steady_now() < deadline) {
        write_messages(link);
        link.wait(wake_, has_outgoing(), std::chrono::milliseconds{20});
        if (link.read_event()) {
            return;
        }
    }
    if (!link.up()) {
        link.forget_unsent();
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
        poll_items(items, deadline - now);
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
        const std::lock_guard lock(mutex_);
        --inbound_messages_;
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

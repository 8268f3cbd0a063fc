// The thread that talks to the chain: its visits, and what it is told to post or to drop.
#include <algorithm>
#include <chrono>

#include "coordinator/app/ledger_poster_impl.hpp"

namespace fedstake::coordinator {

namespace {

// Balances, fees and block numbers change from one try to the next: the trouble stays the same.
std::string without_figures(std::string text) {
    std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
    return text;
}

}  // namespace

void LedgerPoster::Impl::run() {
    for (;;) {
        visit();
        std::unique_lock lock(mutex_);
        const std::int64_t base = down_ ? pause_.ms : reading_history_ ? 0 : options_.poll.ms;
        const std::int64_t spread =
            static_cast<std::int64_t>(jitter_.below(static_cast<std::uint64_t>(base / 4 + 1)));
        // While the node is down new intents do not shorten the pause.
        wake_.wait_for(lock, std::chrono::milliseconds(base + spread),
                       [this] { return stopping_ || (hurried_ && !down_); });
        hurried_ = false;
        if (stopping_) {
            return;
        }
    }
}

void LedgerPoster::Impl::visit() {
    const Status done = visit_ledger();
    if (done) {
        if (std::exchange(down_, false)) {
            report(ChainUp{});
        }
        pause_ = options_.poll;
        const std::lock_guard lock(mutex_);
        settled_ = open_.empty() && queue_.empty() && !reading_history_;
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        settled_ = false;
    }
    pause_.ms = std::clamp(pause_.ms * 2, options_.poll.ms, options_.backoff_max.ms);
    std::string trouble = without_figures(done.error().message);
    const bool known = std::exchange(down_, true) && trouble == trouble_;
    trouble_ = std::move(trouble);
    if (!known) {
        report(ChainDown{.code = done.error().code, .detail = done.error().message});
    }
}

Status LedgerPoster::Impl::visit_ledger() {
    take_orders();
    const auto changes = ledger_->pump();
    look_at_statuses();  // a pump that failed half way has changed some too
    Status first = changes ? Status{} : Status(tl::unexpected<Error>(changes.error()));
    // Who cannot post (no gas, a nonce taken) can still read. Stakes come before slashes, whose
    // history may be long.
    for (const auto look : {&Impl::look_at_voids, &Impl::look_at_demands, &Impl::look_at_finality,
                            &Impl::look_at_stakes, &Impl::look_at_slashes}) {
        if (stopping()) {
            break;
        }
        const Status done = (this->*look)();
        if (first && !done) {
            first = done;
        }
    }
    return first;
}

// submit() and drop() are durable and do not need the node.
void LedgerPoster::Impl::take_orders() {
    std::vector<Order> orders;
    {
        const std::lock_guard lock(mutex_);
        orders.swap(queue_);
    }
    for (const Order& order : orders) {
        std::visit([this](const auto& concrete) { take(concrete); }, order);
    }
}

void LedgerPoster::Impl::take(const chain::Intent& intent) {
    if (const Status taken = ledger_->submit(intent); !taken) {
        report(IntentFailed{.key = intent.key, .detail = taken.error().message});
        const std::lock_guard lock(mutex_);
        open_.erase(intent.key);
    }
}

// An outbox that cannot be written sends nothing either, and says so at every pump.
void LedgerPoster::Impl::take(const Drop& drop) {
    if (const Status dropped = ledger_->drop(drop.key, drop.reason); !dropped) {
        report(IntentFailed{.key = drop.key, .detail = dropped.error().message});
        return;
    }
    if (const auto status = ledger_->status(drop.key)) {
        settle(*status);
    }
}

void LedgerPoster::Impl::look_at_statuses() {
    for (const std::string& key : unsettled()) {
        // A slash that is not due yet has no intent.
        if (const auto status = ledger_->status(key)) {
            settle(*status);
        }
    }
}

void LedgerPoster::Impl::settle(const chain::IntentStatus& status) {
    // Whether reported or not: a key posted again after its end is open again.
    if (status.state == chain::IntentState::kDone ||
        status.state == chain::IntentState::kRejected) {
        const std::lock_guard lock(mutex_);
        open_.erase(status.key);
    }
    // What holds an intent back may change while its state does not.
    const std::pair current(status.state, status.detail);
    const auto [place, first] = reported_.try_emplace(status.key, current);
    if (!first && place->second == current) {
        return;
    }
    place->second = current;
    report(IntentChanged{status});
}

LedgerPoster::LedgerPoster(std::unique_ptr<chain::Ledger> ledger, PosterOptions options)
    : impl_(std::make_unique<Impl>(std::move(ledger), std::move(options))) {}
LedgerPoster::~LedgerPoster() = default;

void LedgerPoster::post(chain::Intent intent) {
    impl_->post(std::move(intent));
}
void LedgerPoster::drop(std::string key, std::string reason) {
    impl_->drop(std::move(key), std::move(reason));
}
void LedgerPoster::watch(RoundNumber round, const Digest& commitment, std::string key) {
    impl_->watch(round, commitment, std::move(key));
}
void LedgerPoster::spare(const Digest& slash_case) {
    impl_->spare(slash_case);
}
void LedgerPoster::unwatch(RoundNumber first) {
    impl_->unwatch(first);
}
std::vector<std::string> LedgerPoster::unsettled() const {
    return impl_->unsettled();
}
bool LedgerPoster::settled() const {
    return impl_->settled();
}
void LedgerPoster::hurry() {
    impl_->hurry();
}

}  // namespace fedstake::coordinator

// The thread that talks to the chain.
#include "coordinator/app/ledger_poster.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "coordinator/app/clock.hpp"
#include "proto/base/log.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::coordinator {

namespace {

// Balances, fees and block numbers change from one try to the next: the trouble stays the same.
std::string without_figures(std::string text) {
    std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
    return text;
}

}  // namespace

class LedgerPoster::Impl {
public:
    Impl(std::unique_ptr<chain::Ledger> ledger, PosterOptions options)
        : ledger_(std::move(ledger)), options_(std::move(options)), jitter_(0x706f73746572U) {
        thread_ = std::thread([this] { run(); });
    }

    ~Impl() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    void post(chain::Intent intent) {
        {
            const std::lock_guard lock(mutex_);
            open_.insert(intent.key);
            queue_.push_back(std::move(intent));
            settled_ = false;
        }
        hurry();
    }

    void watch_finality(RoundNumber round) {
        const std::lock_guard lock(mutex_);
        watched_.insert(round);
    }

    std::vector<std::string> unsettled() const {
        const std::lock_guard lock(mutex_);
        return {open_.begin(), open_.end()};
    }

    bool settled() const {
        const std::lock_guard lock(mutex_);
        return settled_;
    }

    void hurry() {
        {
            const std::lock_guard lock(mutex_);
            hurried_ = true;
        }
        wake_.notify_one();
    }

private:
    void run();
    void visit();
    Status visit_ledger();
    void submit_queued();
    void look_at_statuses();
    void settle(const chain::IntentStatus& status);
    Status look_at_finality();
    Status look_at_stakes();
    Status look_at_slashes();
    Status execute(const chain::SlashCase& slash, std::uint64_t chain_time);
    [[nodiscard]] bool stopping() const {
        const std::lock_guard lock(mutex_);
        return stopping_;
    }
    void report(LedgerNews news) { options_.on_news(std::move(news)); }

    std::unique_ptr<chain::Ledger> ledger_;
    PosterOptions options_;
    Rng jitter_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<chain::Intent> queue_;
    std::set<std::string> open_;  // keys not yet done or rejected, and slashes not yet executed
    std::set<RoundNumber> watched_;
    bool hurried_ = false;
    bool settled_ = false;
    bool stopping_ = false;

    // Of the thread alone.
    std::map<std::string, std::pair<chain::IntentState, std::string>> reported_;
    std::map<std::uint64_t, chain::SlashState> slashes_;
    std::map<SiteId, chain::StakeAccount> stakes_;
    Timestamp stakes_at_{INT64_MIN / 2};
    bool reading_history_ = false;  // of slashes
    bool down_ = false;
    std::string trouble_;  // why, without figures
    Duration pause_{0};
    std::thread thread_;
};

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
    submit_queued();
    const auto changes = ledger_->pump();
    look_at_statuses();  // a pump that failed half way has changed some too
    Status first = changes ? Status{} : Status(tl::unexpected<Error>(changes.error()));
    // Who cannot post (no gas, a nonce taken) can still read. Stakes come before slashes, whose
    // history may be long.
    for (const auto look :
         {&Impl::look_at_finality, &Impl::look_at_stakes, &Impl::look_at_slashes}) {
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

// submit() is durable and does not need the node.
void LedgerPoster::Impl::submit_queued() {
    std::vector<chain::Intent> intents;
    {
        const std::lock_guard lock(mutex_);
        intents.swap(queue_);
    }
    for (const chain::Intent& intent : intents) {
        if (const Status taken = ledger_->submit(intent); !taken) {
            report(IntentFailed{.key = intent.key, .detail = taken.error().message});
            const std::lock_guard lock(mutex_);
            open_.erase(intent.key);
        }
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

Status LedgerPoster::Impl::look_at_finality() {
    std::set<RoundNumber> watched;
    {
        const std::lock_guard lock(mutex_);
        watched = watched_;
    }
    for (const RoundNumber round : watched) {
        FS_ASSIGN(const bool final, ledger_->is_final(round));
        if (!final) {
            break;  // rounds become final in order
        }
        {
            const std::lock_guard lock(mutex_);
            watched_.erase(round);
        }
        report(RoundBecameFinal{round});
    }
    return {};
}

Status LedgerPoster::Impl::look_at_slashes() {
    const auto cases = ledger_->slash_cases();
    reading_history_ = !cases && cases.error().code == Errc::kNotNow;
    if (reading_history_) {
        return {};
    }
    FS_TRY(cases);
    if (cases->empty()) {
        return {};
    }
    FS_ASSIGN(const std::uint64_t time, ledger_->chain_time());
    bool changed = false;
    for (const chain::SlashCase& slash : *cases) {
        const auto known = slashes_.find(slash.id);
        if (known == slashes_.end() || known->second != slash.state) {
            slashes_[slash.id] = slash.state;
            changed = true;
            stakes_at_ = Timestamp{INT64_MIN / 2};  // stakes have changed too
            report(SlashCaseChanged{slash});
        }
        FS_TRY(execute(slash, time));
    }
    return changed ? look_at_stakes() : Status{};
}

// Executed by the outbox like every other write; until then the case is unsettled.
Status LedgerPoster::Impl::execute(const chain::SlashCase& slash, std::uint64_t chain_time) {
    const std::string key = fmt::format("slash/{}", slash.id);
    const bool pending = slash.state == chain::SlashState::kPending;
    {
        const std::lock_guard lock(mutex_);
        if (!pending) {
            open_.erase(key);
            return {};
        }
        open_.insert(key);
    }
    if (chain_time < slash.execute_after) {
        return {};
    }
    return ledger_->submit({.key = key, .operation = chain::ExecuteSlash{slash.id, slash.digest}});
}

Status LedgerPoster::Impl::look_at_stakes() {
    const Timestamp at = now();
    if (at < stakes_at_ + options_.stakes_every) {
        return {};
    }
    std::vector<chain::StakeAccount> accounts;
    std::vector<SiteId> new_signers;
    bool changed = stakes_.empty();
    for (const SiteId& site : options_.sites) {
        FS_ASSIGN(auto account, ledger_->stake_of(site));
        const auto known = stakes_.find(site);
        if (known == stakes_.end() || known->second.signer != account.signer) {
            new_signers.push_back(site);
        }
        changed = changed || !new_signers.empty() || known == stakes_.end() ||
                  known->second.stake != account.stake ||
                  known->second.exiting != account.exiting ||
                  known->second.jailed != account.jailed ||
                  known->second.open_cases != account.open_cases ||
                  known->second.claimed != account.claimed;
        accounts.push_back(std::move(account));
    }
    stakes_at_ = at;
    if (!changed) {
        return {};
    }
    for (const chain::StakeAccount& account : accounts) {
        stakes_[account.site] = account;
    }
    report(StakesChanged{std::move(accounts), std::move(new_signers)});
    return {};
}

LedgerPoster::LedgerPoster(std::unique_ptr<chain::Ledger> ledger, PosterOptions options)
    : impl_(std::make_unique<Impl>(std::move(ledger), std::move(options))) {}
LedgerPoster::~LedgerPoster() = default;

void LedgerPoster::post(chain::Intent intent) {
    impl_->post(std::move(intent));
}
void LedgerPoster::watch_finality(RoundNumber round) {
    impl_->watch_finality(round);
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

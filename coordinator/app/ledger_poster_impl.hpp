// The poster's thread and what it knows. Private to ledger_poster*.cpp.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "coordinator/app/ledger_poster.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::coordinator {

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

    void drop(std::string key, std::string reason) {
        {
            const std::lock_guard lock(mutex_);
            queue_.push_back(Drop{std::move(key), std::move(reason)});
            settled_ = false;
        }
        hurry();
    }

    void watch(RoundNumber round, const Digest& commitment, std::string key) {
        const std::lock_guard lock(mutex_);
        watched_.insert_or_assign(round, Watched{commitment, std::move(key)});
    }

    void spare(const Digest& slash_case) {
        const std::lock_guard lock(mutex_);
        spared_.insert(slash_case);
    }

    void unwatch(RoundNumber first) {
        const std::lock_guard lock(mutex_);
        watched_.erase(watched_.lower_bound(first), watched_.end());
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
    struct Drop {
        std::string key;
        std::string reason;
    };
    struct Watched {
        Digest commitment;
        std::string key;
    };
    using Order = std::variant<chain::Intent, Drop>;

    void run();
    void visit();
    Status visit_ledger();
    void take_orders();
    void take(const chain::Intent& intent);
    void take(const Drop& drop);
    [[nodiscard]] std::map<RoundNumber, Watched> watched() const;
    [[nodiscard]] Result<bool> any_voided(const std::map<RoundNumber, Watched>& rounds);
    Status look_at_voids();
    void look_at_statuses();
    void settle(const chain::IntentStatus& status);
    Status look_at_finality();
    Status look_at_demands();
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
    std::vector<Order> queue_;
    std::set<std::string> open_;  // keys not yet done or rejected, and slashes not yet executed
    std::map<RoundNumber, Watched> watched_;
    std::set<Digest> spared_;  // slash cases about voided rounds
    bool hurried_ = false;
    bool settled_ = false;
    bool stopping_ = false;

    // Of the thread alone.
    std::map<std::string, std::pair<chain::IntentState, std::string>> reported_;
    std::map<std::uint64_t, chain::SlashState> slashes_;
    std::map<SiteId, chain::StakeAccount> stakes_;
    std::vector<chain::OpenDemand> demands_;
    Timestamp stakes_at_{INT64_MIN / 2};
    bool reading_history_ = false;  // of slashes
    bool down_ = false;
    std::string trouble_;  // why, without figures
    Duration pause_{0};
    std::thread thread_;
};

}  // namespace fedstake::coordinator

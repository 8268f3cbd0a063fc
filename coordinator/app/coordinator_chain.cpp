// What the chain says.
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "coordinator/app/clock.hpp"
#include "coordinator/app/coordinator_impl.hpp"
#include "proto/base/log.hpp"

namespace fedstake::coordinator {

namespace {

// The round of "commit/12"; 0 for other keys.
RoundNumber committed_round(const std::string& key) {
    constexpr std::string_view kPrefix = "commit/";
    if (!key.starts_with(kPrefix)) {
        return 0;
    }
    RoundNumber round = 0;
    const char* end = key.data() + key.size();
    const auto parsed = std::from_chars(key.data() + kPrefix.size(), end, round);
    return parsed.ec == std::errc() && parsed.ptr == end ? round : 0;
}

}  // namespace

void Coordinator::Impl::on_news(const LedgerNews& news) {
    std::visit([this](const auto& concrete) { on_news(concrete); }, news);
}

void Coordinator::Impl::on_news(const ChainDown& news) {
    chain_trouble_ = Error{news.code, news.detail};
    metrics_.change([](MetricsSnapshot& m) { m.chain_up = false; });
    reporter_.event(now(), "chain_down", {{"detail", news.detail}});
    reporter_.say("the chain does not answer; training goes on, settlements queue: " + news.detail);
}

void Coordinator::Impl::on_news(const ChainUp& /*news*/) {
    chain_trouble_ = Error{Errc::kUnavailable, ""};
    metrics_.change([](MetricsSnapshot& m) { m.chain_up = true; });
    reporter_.event(now(), "chain_up", nlohmann::json::object());
    reporter_.say("the chain answers again");
}

void Coordinator::Impl::on_news(const IntentChanged& news) {
    const chain::IntentStatus& status = news.status;
    intents_[status.key] = status;
    reporter_.intent(now(), status);
    const RoundNumber round = committed_round(status.key);
    const bool mined =
        status.state == chain::IntentState::kMined || status.state == chain::IntentState::kDone;
    const auto stage = state().ledger.find(round);
    if (mined && stage != state().ledger.end() && stage->second == round::LedgerStage::kQueued) {
        apply(round::RoundPosted{round});
    }
}

void Coordinator::Impl::on_news(const StakesChanged& news) {
    reporter_.stakes(now(), news.accounts);
    round::StakesKnown event;
    for (const chain::StakeAccount& account : news.accounts) {
        const Amount active = account.stake - std::min(account.stake, account.exiting);
        event.stakes.push_back({.site = account.site, .stake = active, .barred = account.jailed});
    }
    apply(event);
}

void Coordinator::Impl::on_news(const SlashCaseChanged& news) {
    reporter_.slash(now(), news.slash);
}

void Coordinator::Impl::on_news(const RoundBecameFinal& news) {
    reporter_.event(now(), "round_final", {{"round", news.round}});
    if (state().ledger.contains(news.round)) {
        apply(round::RoundFinal{news.round});
    }
}

void Coordinator::Impl::on_news(const IntentFailed& news) {
    FS_LOG(kError, "chain", "intent not taken key={} error={}", news.key, news.detail);
    reporter_.event(now(), "intent_changed",
                    {{"key", news.key},
                     {"state", "rejected"},
                     {"tx", ""},
                     {"block", 0},
                     {"detail", news.detail}});
    reporter_.say("ledger: " + news.key + " cannot be posted: " + news.detail);
}

}  // namespace fedstake::coordinator

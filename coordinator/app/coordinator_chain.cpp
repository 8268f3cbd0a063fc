// What the chain says.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "coordinator/app/clock.hpp"
#include "coordinator/app/coordinator_chain_words.hpp"
#include "coordinator/app/coordinator_impl.hpp"
#include "proto/base/log.hpp"

namespace fedstake::coordinator {

namespace {

// The round that this intent posts, among those that are not final; 0 for other keys.
RoundNumber committed_round(const round::State& state, const std::string& key) {
    const auto found = std::ranges::find_if(
        state.ledger, [&](const auto& entry) { return entry.second.intents.front() == key; });
    return found == state.ledger.end() ? 0 : found->first;
}

// Of an intent without a transaction.
nlohmann::json refused_fields(const std::string& key, const std::string& detail) {
    return {{"key", key}, {"state", "rejected"}, {"tx", ""}, {"block", 0}, {"detail", detail}};
}

}  // namespace

void Coordinator::Impl::on_news(const LedgerNews& news) {
    std::visit([this](const auto& concrete) { on_news(concrete); }, news);
}

void Coordinator::Impl::on_news(const ChainDown& news) {
    chain_trouble_ = Error{news.code, news.detail};
    metrics_.change([](MetricsSnapshot& m) { m.chain_up = false; });
    reporter_.event(now(), "chain_down", {{"detail", news.detail}});
    reporter_.say(settlement_stopped(news));
}

void Coordinator::Impl::on_news(const ChainUp& /*news*/) {
    chain_trouble_ = Error{Errc::kUnavailable, ""};
    metrics_.change([](MetricsSnapshot& m) { m.chain_up = true; });
    reporter_.event(now(), "chain_up", nlohmann::json::object());
    reporter_.say("settlement on the chain goes on");
}

void Coordinator::Impl::on_news(const IntentChanged& news) {
    const chain::IntentStatus& status = news.status;
    if (is_capped_accusation(status) || is_late_answer(status)) {
        intents_.erase(status.key);  // `rejected` there calls for a person
        reporter_.event(now(), "intent_changed", refused_fields(status.key, status.detail));
        reporter_.say("ledger: " + status.key + ": " + status.detail);
        return;
    }
    if (dropped_.contains(status.key)) {  // of a voided round: nobody waits for it
        intents_.erase(status.key);
        reporter_.event(now(), "intent_changed",
                        {{"key", status.key},
                         {"state", std::string(chain::intent_state_name(status.state))},
                         {"tx", status.transaction.is_zero() ? "" : status.transaction.hex()},
                         {"block", status.block},
                         {"detail", status.detail}});
        return;
    }
    intents_[status.key] = status;
    reporter_.intent(now(), status);
    if (const std::string line = held_back(status); !line.empty()) {
        reporter_.say(line);
    }
    const RoundNumber round = committed_round(state(), status.key);
    const bool mined =
        status.state == chain::IntentState::kMined || status.state == chain::IntentState::kDone;
    if (mined && round != 0 && state().ledger.at(round).stage == round::LedgerStage::kQueued) {
        apply(round::RoundPosted{round});
    }
}

void Coordinator::Impl::on_news(const StakesChanged& news) {
    reporter_.stakes(now(), news.accounts);
    for (const chain::StakeAccount& account : news.accounts) {
        const auto mismatch = signer_mismatch(account, manifest_);
        if (!mismatch || std::ranges::count(news.new_signers, account.site) == 0) {
            continue;
        }
        FS_LOG(kWarn, "chain", "signer mismatch {}", mismatch->text());
        reporter_.event(now(), "signer_mismatch",
                        {{"site", mismatch->site.hex()},
                         {"name", mismatch->name},
                         {"manifest_signer", mismatch->manifest_signer.hex()},
                         {"chain_signer", mismatch->chain_signer.hex()},
                         {"detail", mismatch->text()}});
        reporter_.say(mismatch->text());
    }
    apply(stakes_known(news.accounts, manifest_));
}

void Coordinator::Impl::on_news(const SlashCaseChanged& news) {
    reporter_.slash(now(), news.slash);
}

void Coordinator::Impl::on_news(const RoundBecameFinal& news) {
    reporter_.event(now(), "round_final", {{"round", news.round}});
    drop_answers(news.round);
    if (state().ledger.contains(news.round)) {
        apply(round::RoundFinal{news.round});
    }
}

void Coordinator::Impl::on_news(const IntentFailed& news) {
    FS_LOG(kError, "chain", "intent not taken key={} error={}", news.key, news.detail);
    reporter_.event(now(), "intent_changed", refused_fields(news.key, news.detail));
    reporter_.say("ledger: " + news.key + " cannot be posted: " + news.detail);
}

}  // namespace fedstake::coordinator

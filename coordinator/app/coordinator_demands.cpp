// Demands for the data of rounds: answered from the store, through the outbox. An honest
// coordinator that did not would lose its round and half of its stake.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "contracts/cpp/evm/leaf_demands.hpp"
#include "contracts/cpp/utc_text.hpp"
#include "coordinator/app/clock.hpp"
#include "coordinator/app/coordinator_impl.hpp"
#include "proto/base/log.hpp"

namespace fedstake::coordinator {

namespace {

bool contains(const std::vector<chain::OpenDemand>& demands, const Digest& commitment) {
    return std::ranges::find(demands, commitment, &chain::OpenDemand::commitment) != demands.end();
}

nlohmann::json fields_of(const chain::OpenDemand& demand) {
    return {{"round", demand.round},
            {"commitment", demand.commitment.hex()},
            {"demander", demand.demander.hex()},
            {"bond", amount_to_string(demand.bond)},
            {"deadline", demand.deadline}};
}

}  // namespace

// What does not match the commitment is not posted: the contract would refuse it.
Result<chain::Intent> Coordinator::Impl::answer_to(const chain::OpenDemand& demand) {
    FS_ASSIGN(round::RecordResult record, rounds_.get(demand.round));
    const crypto::RoundCommitment& c = record.commitment;
    if (c.struct_hash() != demand.commitment) {
        return fail(Errc::kNotFound,
                    fmt::format("the store holds commitment {} of round {}, the chain {}",
                                c.struct_hash().hex(), demand.round, demand.commitment.hex()));
    }
    chain::AnswerDemand answer{.commitment = c,
                               .updates = std::move(record.updates),
                               .report = record.report.encode(),
                               .context = record.context.encode()};
    const evm::RoundData data{.leaves = evm::update_leaves(domain_, answer.updates),
                              .report = answer.report,
                              .context = answer.context};
    FS_TRY(evm::check_round_data(c, data));
    if (const std::size_t bytes = evm::answer_bytes(data); bytes > evm::kTransactionBytesMax) {
        reporter_.say(fmt::format(
            "the answer to the demand about round {} has {} bytes, nodes usually take {} at most: "
            "if it stays unposted, use a node that takes more ([chain] rpc), or have the council "
            "extend the round's window and talk to the demander",
            demand.round, bytes, evm::kTransactionBytesMax));
    }
    return chain::Intent{.key = fmt::format("answer/{}/{}", c.round, c.attempt),
                         .operation = std::move(answer)};
}

void Coordinator::Impl::on_demanded(const chain::OpenDemand& demand) {
    metrics_.change([](MetricsSnapshot& m) { ++m.demands; });
    reporter_.event(now(), "round_demanded", fields_of(demand));
    auto answer = answer_to(demand);
    if (!answer) {
        FS_LOG(kError, "chain", "demand cannot be answered round={} error={}", demand.round,
               answer.error().message);
        reporter_.say(fmt::format(
            "the data of round {} is demanded on the chain and cannot be answered from {}: {}. "
            "Where nobody posts it until {} the round is voided and this coordinator slashed: "
            "restore the folder, or have an auditor run `fedstake-client answer-demand --round {}`",
            demand.round, config_.data.string(), answer.error().message,
            chain::utc_text(demand.deadline), demand.round));
        return;
    }
    reporter_.say(
        fmt::format("the data of round {} is demanded on the chain by {}: posting it, to be there "
                    "by {}; the bond of {} wei pays for it",
                    demand.round, demand.demander.hex(), chain::utc_text(demand.deadline),
                    amount_to_string(demand.bond)));
    poster_->post(*std::move(answer));
}

void Coordinator::Impl::on_news(const DemandsChanged& news) {
    const std::vector<chain::OpenDemand> before = std::exchange(demands_, news.open);
    const std::size_t open = demands_.size();
    metrics_.change([&](MetricsSnapshot& m) { m.demands_open = open; });
    for (const chain::OpenDemand& demand : demands_) {
        if (!contains(before, demand.commitment)) {
            on_demanded(demand);
        }
    }
    for (const chain::OpenDemand& demand : before) {
        if (contains(demands_, demand.commitment)) {
            continue;
        }
        reporter_.event(now(), "demand_closed", fields_of(demand));
        reporter_.say(fmt::format("the demand about round {} is closed", demand.round));
    }
}

void Coordinator::Impl::drop_answers(RoundNumber round) {
    const std::string prefix = fmt::format("answer/{}/", round);
    for (const auto& [key, status] : intents_) {
        if (key.starts_with(prefix) && status.state == chain::IntentState::kQueued) {
            poster_->drop(key, "the round is final, and nobody demands its data");
        }
    }
}

// With many sites an answer is larger than most nodes pass on: known before anybody demands one.
void Coordinator::Impl::warn_of_large_answers() {
    const auto trains = static_cast<std::size_t>(
        std::ranges::count_if(manifest_.sites, &manifest::SiteEntry::trains));
    const std::size_t bytes = evm::answer_bytes(trains);
    if (bytes <= evm::kTransactionBytesMax) {
        return;
    }
    reporter_.say(fmt::format(
        "with {} sites the data of a round has up to {} bytes, and most nodes pass on {} at most: "
        "whoever demands it may get this coordinator slashed. Make sure of a node that takes such "
        "transactions before rounds are posted",
        trains, bytes, evm::kTransactionBytesMax));
}

}  // namespace fedstake::coordinator

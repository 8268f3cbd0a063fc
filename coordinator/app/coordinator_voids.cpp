// Rounds that the chain voided: their records are kept, their intents dropped, and the first of
// them begins again.
#include <algorithm>

#include <fmt/format.h>

#include "contracts/cpp/case_id.hpp"
#include "coordinator/app/clock.hpp"
#include "coordinator/app/coordinator_impl.hpp"
#include "proto/wire/codec.hpp"

namespace fedstake::coordinator {

Status Coordinator::Impl::load_voided_rounds() {
    FS_ASSIGN(voided_, rounds_.list_voided());
    for (const store::RoundLine& line : voided_) {
        FS_ASSIGN(const auto record, rounds_.get(line.round, line.attempt));
        serve_round(record);  // evidence: whoever proves or checks the fault may fetch it
        for (const crypto::AttestedFault& fault : record.faults) {
            spared_.insert(chain::case_digest(fault));
        }
    }
    const std::size_t count = voided_.size();
    metrics_.change([&](MetricsSnapshot& m) { m.rounds_voided = count; });
    return {};
}

// Sites accused in voided rounds: their cases are for anybody to close (SlashCourt.dropVoided), and
// not for this coordinator to execute.
void Coordinator::Impl::spare_accused() {
    if (!poster_) {
        return;
    }
    for (const Digest& slash_case : spared_) {
        poster_->spare(slash_case);
    }
}

bool Coordinator::Impl::is_voided(RoundNumber round, std::uint32_t attempt) const {
    return std::ranges::any_of(voided_, [&](const store::RoundLine& line) {
        return line.round == round && line.attempt == attempt;
    });
}

Result<round::Standing> Coordinator::Impl::standing_of(RoundNumber round) {
    FS_ASSIGN(const round::RecordResult record, rounds_.get(round));
    FS_TRY(blobs_->verify(record.commitment.model));
    FS_TRY(blobs_->verify(record.report.state));
    return round::Standing{.context = record.context,
                           .settlement = record.settlement,
                           .commitment = record.commitment,
                           .state = record.report.state};
}

void Coordinator::Impl::on_news(const RoundWasVoided& news) {
    const auto place = state().ledger.find(news.round);
    if (place == state().ledger.end() || place->second.commitment != news.commitment) {
        return;  // taken back before
    }
    if (options_.serve_only) {
        reporter_.say(fmt::format("round {} was voided on the chain: the next run begins it again",
                                  news.round));
        return;
    }
    round::RoundVoided event{.round = news.round, .commitment = news.commitment, .before = {}};
    if (news.round > 1) {
        auto before = standing_of(news.round - 1);
        if (!before) {
            fatal({before.error().code,
                   fmt::format(
                       "round {} was voided on the chain and begins again from round {}, "
                       "which {} does not hold whole ({}): restore the folder from a backup",
                       news.round, news.round - 1, config_.data.string(), before.error().message)});
            return;
        }
        event.before = *std::move(before);
    }
    apply(event);
}

Status Coordinator::Impl::act(Timestamp at, const round::TakeBack& action) {
    FS_TRY(rounds_.mark_voided(at, action.round, action.attempt));
    FS_TRY(load_voided_rounds());
    if (poster_) {
        poster_->unwatch(action.round);
    }
    spare_accused();
    figures_received_.erase(figures_received_.lower_bound(action.round), figures_received_.end());
    settling_since_.reset();
    reporter_.taken_back(at, action);
    const std::string reason =
        fmt::format("round {} was voided on the chain; rounds begin again from it, with attempt {}",
                    action.round, action.attempt + 1);
    for (const store::RoundLine& line : voided_) {
        if (line.round == action.round && line.commitment == action.commitment) {
            link_->broadcast(wire::RoundResult{.round = line.round,
                                               .attempt = line.attempt,
                                               .aborted = true,
                                               .reason = wire::printable(reason),
                                               .commitment = {},
                                               .report = {},
                                               .model = {}});
        }
    }
    return {};
}

Status Coordinator::Impl::act(Timestamp /*at*/, const round::DropIntent& action) {
    dropped_.insert(action.key);
    intents_.erase(action.key);
    if (poster_) {
        poster_->drop(action.key, action.reason);
    }
    return {};
}

}  // namespace fedstake::coordinator

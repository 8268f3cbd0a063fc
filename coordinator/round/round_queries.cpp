// What the round machine knows, asked without changing it.
#include <algorithm>
#include <iterator>

#include "coordinator/round/round_machine.hpp"
#include "proto/base/check.hpp"

namespace fedstake::round {

bool RoundMachine::is_current(RoundNumber round, std::uint32_t attempt) const noexcept {
    return round == state_.context.round && attempt == state_.context.attempt;
}

std::size_t RoundMachine::stored_count() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        state_.progress, [](const auto& entry) { return entry.second.stored; }));
}

std::size_t RoundMachine::seen_count() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        state_.progress, [this](const auto& entry) { return state_.seen.contains(entry.first); }));
}

std::vector<rules::SignedUpdate> RoundMachine::stored_updates() const {
    std::vector<rules::SignedUpdate> updates;
    for (const auto& [site, progress] : state_.progress) {
        if (progress.stored) {
            updates.push_back(*progress.update);
        }
    }
    return updates;
}

std::vector<SiteId> RoundMachine::asked() const {
    std::vector<SiteId> sites;
    for (const auto& [site, progress] : state_.progress) {
        sites.push_back(site);
    }
    return sites;
}

std::vector<SiteOutcome> RoundMachine::absent() const {
    std::vector<SiteOutcome> sites;
    for (const auto& [site, progress] : state_.progress) {
        if (!progress.stored) {
            sites.push_back({.site = site, .refusal = progress.refusal});
        }
    }
    return sites;
}

crypto::UpdateReceipt RoundMachine::receipt_for(const rules::SignedUpdate& update) const {
    const auto& statement = update.statement;
    return {.federation = statement.federation,
            .round = statement.round,
            .attempt = statement.attempt,
            .site = statement.site,
            .update_root = statement.update_root,
            .statement_digest = crypto::signing_digest(config_.domain, statement)};
}

AnnounceRound RoundMachine::announcement() const {
    return {.context = state_.context, .collect_deadline = state_.deadline, .asked = asked()};
}

StartAggregation RoundMachine::aggregation() const {
    return {.context = state_.context,
            .updates = stored_updates(),
            .deadline_passed = state_.closed_by_deadline,
            .absent = absent()};
}

Actions RoundMachine::unfinished() const {
    Actions out;
    switch (state_.phase) {
        case Phase::kCollecting: out.emplace_back(announcement()); break;
        case Phase::kClosed: out.emplace_back(aggregation()); break;
        case Phase::kAggregated:
            out.emplace_back(RequestAttestation{.commitment = state_.proposal->commitment,
                                                .faults = state_.proposal->faults,
                                                .deadline = state_.deadline});
            break;
        case Phase::kOpen:
            out.emplace_back(WaitForSites{.round = state_.context.round,
                                          .attempt = state_.context.attempt,
                                          .online = seen_count(),
                                          .needed = config_.rules.schedule.quorum,
                                          .eligible = state_.progress.size()});
            break;
        case Phase::kFinished: out.emplace_back(Finish{state_.context.round}); break;
        case Phase::kStopped:
            out.emplace_back(Stop{.round = state_.context.round,
                                  .attempt = state_.context.attempt,
                                  .reason = state_.stop_reason});
            break;
        case Phase::kIdle:
        case Phase::kSettling: break;
    }
    return out;
}

}  // namespace fedstake::round

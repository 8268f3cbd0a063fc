// What the round machine knows, asked without changing it.
#include <algorithm>
#include <iterator>

#include "coordinator/round/admission.hpp"
#include "coordinator/round/round_machine.hpp"
#include "proto/base/check.hpp"

namespace fedstake::round {

bool RoundMachine::changes_state(const Event& event) const {
    if (const auto* seen = std::get_if<SiteSeen>(&event)) {
        return !state_.seen.contains(seen->site);
    }
    if (const auto* update = std::get_if<UpdateSigned>(&event)) {
        return admission(update->update).fresh;
    }
    if (const auto* known = std::get_if<StakesKnown>(&event)) {
        return std::ranges::any_of(known->stakes, [this](const rules::KnownStake& stake) {
            const auto found = state_.stakes.find(stake.site);
            return found == state_.stakes.end() || found->second != stake;
        });
    }
    if (const auto* given = std::get_if<AuditorSigned>(&event)) {
        const auto* auditor = awaited_auditor(given->round, given->attempt, given->auditor);
        return auditor != nullptr && (!state_.proposal->refusals.contains(given->auditor) ||
                                      check_signatures(*given, auditor->signer));
    }
    if (const auto* refused = std::get_if<AuditorRefused>(&event)) {
        return awaited_auditor(refused->round, refused->attempt, refused->auditor) != nullptr &&
               !state_.proposal->refusals.contains(refused->auditor);
    }
    if (const auto* voided = std::get_if<RoundVoided>(&event)) {
        return voids(*voided);
    }
    return true;
}

const RosterEntry* RoundMachine::awaited_auditor(RoundNumber round, std::uint32_t attempt,
                                                 const SiteId& site) const {
    if (!is_current(round, attempt) || state_.phase != Phase::kAggregated ||
        state_.proposal->signatures.contains(site)) {
        return nullptr;
    }
    const auto entry = std::ranges::find(state_.roster, site, &RosterEntry::site);
    return entry == state_.roster.end() || !entry->audits ? nullptr : &*entry;
}

Admission RoundMachine::admission(const rules::SignedUpdate& update) const {
    using Kind = Admission::Kind;
    const auto refuse = [](Refusal refusal, std::string detail) {
        return Admission{
            .kind = Kind::kRefuse, .refusal = refusal, .detail = std::move(detail), .fresh = false};
    };
    const auto& statement = update.statement;
    const auto place = state_.progress.find(statement.site);
    if (place != state_.progress.end() && place->second.update &&
        is_current(statement.round, statement.attempt)) {
        const SiteProgress& progress = place->second;
        const auto* member = state_.context.find(statement.site);
        FS_CHECK(member != nullptr);
        if (!crypto::verify_statement(config_.domain, statement, update.signature,
                                      member->signer)) {
            return refuse(Refusal::kBadSignature, "not signed by the site's signer key");
        }
        if (crypto::contradict(statement, progress.update->statement)) {
            return {.kind = Kind::kEquivocation,
                    .refusal = Refusal::kEquivocation,
                    .detail = "a different update is signed for the same round and attempt",
                    .fresh = !progress.evidence_posted};
        }
        if (progress.refusal != Refusal::kNone) {
            return refuse(progress.refusal, "the site is out of this attempt");
        }
        if (statement.federation == state_.context.federation &&
            statement.details_digest != progress.update->statement.details_digest) {
            return refuse(Refusal::kMalformed,
                          "this update is signed already with other details; the first one counts");
        }
        if (progress.stored) {
            return {.kind = Kind::kReceipt, .refusal = Refusal::kNone, .detail = {}};
        }
    }
    const auto verdict = check_statement(state_.context, config_.rules, config_.domain, update);
    if (verdict.refusal != Refusal::kNone) {
        return refuse(verdict.refusal, verdict.detail);
    }
    if (state_.phase != Phase::kCollecting) {
        return state_.phase == Phase::kOpen
                   ? refuse(Refusal::kEarly, "the round waits for more sites")
                   : refuse(Refusal::kLate, "the round is closed");
    }
    FS_CHECK(place != state_.progress.end());
    return {.kind = Kind::kUpload,
            .refusal = Refusal::kNone,
            .detail = {},
            .fresh = !place->second.update.has_value()};
}

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

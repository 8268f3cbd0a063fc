// The round machine: opening, collecting and closing. What a start does is in round_starting.cpp,
// what follows a closed set in round_settling.cpp.
#include "coordinator/round/round_machine.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "coordinator/round/admission.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::round {

std::string_view phase_name(Phase phase) noexcept {
    switch (phase) {
        case Phase::kIdle: return "idle";
        case Phase::kOpen: return "open";
        case Phase::kCollecting: return "collecting";
        case Phase::kClosed: return "closed";
        case Phase::kAggregated: return "aggregated";
        case Phase::kSettling: return "settling";
        case Phase::kFinished: return "finished";
        case Phase::kStopped: return "stopped";
    }
    return "unknown";
}

bool is_under_way(Phase phase) noexcept {
    return phase == Phase::kCollecting || phase == Phase::kClosed || phase == Phase::kAggregated;
}

RoundMachine::RoundMachine(MachineConfig config) : config_(std::move(config)) {}

Result<Actions> RoundMachine::step(Timestamp now, const Event& event) {
    if (state_.phase == Phase::kIdle && !std::holds_alternative<Started>(event) &&
        !std::holds_alternative<StakesKnown>(event)) {
        return fail(Errc::kNotNow, "the coordinator's rounds have not been started");
    }
    return std::visit([&](const auto& concrete) { return on(now, concrete); }, event);
}

std::optional<Timestamp> RoundMachine::next_deadline() const {
    if (state_.phase == Phase::kCollecting || state_.phase == Phase::kAggregated) {
        return state_.deadline;
    }
    return std::nullopt;
}

// ---- Opening -----------------------------------------------------------------------------------

// A round that nobody was told about yet takes the news into its cohort.
Actions RoundMachine::on(Timestamp now, const StakesKnown& event) {
    Actions out;
    for (const rules::KnownStake& stake : event.stakes) {
        state_.stakes[stake.site] = stake;
    }
    if (state_.phase == Phase::kOpen) {
        open(now, state_.context.round, state_.context.attempt, out);
    }
    return out;
}

Actions RoundMachine::on(Timestamp now, const SiteSeen& event) {
    Actions out;
    if (state_.seen.insert(event.site).second && state_.phase == Phase::kOpen) {
        collect_if_ready(now, out);
    }
    return out;
}

std::vector<rules::CohortMember> RoundMachine::cohort_of_next() const {
    std::vector<rules::CohortMember> cohort;
    if (state_.last) {
        std::vector<rules::KnownStake> stakes;
        for (const auto& [site, stake] : state_.stakes) {
            stakes.push_back(stake);
        }
        cohort = rules::next_cohort(state_.last->context, state_.last->settlement, stakes);
    }
    for (const RosterEntry& entry : state_.roster) {
        auto place = std::ranges::lower_bound(cohort, entry.site, {}, &rules::CohortMember::site);
        if (place == cohort.end() || place->site != entry.site) {
            place = cohort.insert(place, rules::CohortMember{.site = entry.site, .signer = {}});
            if (const auto known = state_.stakes.find(entry.site); known != state_.stakes.end()) {
                place->stake = known->second.stake;
            }
        }
        place->signer = entry.signer;
    }
    for (rules::CohortMember& member : cohort) {
        const auto entry = std::ranges::find(state_.roster, member.site, &RosterEntry::site);
        const auto known = state_.stakes.find(member.site);
        // Who trains with a key that the vault has not bound makes the round provably false: a
        // site that the chain has not been read about stays out.
        const bool unread = config_.chain_enabled && known == state_.stakes.end();
        member.barred = entry == state_.roster.end() || !entry->trains || unread ||
                        (known != state_.stakes.end() && known->second.barred);
    }
    return cohort;
}

rules::RoundContext RoundMachine::make_context(RoundNumber round, std::uint32_t attempt) const {
    rules::RoundContext context;
    context.federation = config_.federation;
    context.round = round;
    context.attempt = attempt;
    context.rules_digest = config_.rules.digest();
    context.base_model = state_.last ? state_.last->commitment.model : state_.initial_model;
    if (state_.last) {
        context.previous_aggregate = state_.last->commitment.aggregate_root;
        context.previous_rewards_root = state_.last->commitment.rewards_root;
        context.previous_state = state_.last->state;
    }
    ByteWriter salt;
    salt.text("fedstake/round-salt/v1").raw(state_.entropy.view()).u64(round).u32(attempt);
    context.salt = crypto::sha256(salt.bytes());
    context.cohort = cohort_of_next();
    return context;
}

void RoundMachine::open_first(Timestamp now, RoundNumber round, Actions& out) {
    state_.attempt_limit = state_.attempt_first + config_.rules.schedule.attempts_max;
    open(now, round, state_.attempt_first, out);
}

void RoundMachine::open(Timestamp now, RoundNumber round, std::uint32_t attempt, Actions& out) {
    state_.phase = Phase::kOpen;
    state_.attempt_highest = std::max(state_.attempt_highest, attempt);
    state_.context = make_context(round, attempt);
    state_.proposal.reset();
    state_.progress.clear();
    state_.closed_by_deadline = false;
    state_.stop_reason.clear();
    for (const rules::CohortMember& member : state_.context.cohort) {
        if (may_train(member, config_.rules)) {
            state_.progress.emplace(member.site, SiteProgress{});
        }
    }
    collect_if_ready(now, out);
}

// Training time starts when a quorum can take part: a coordinator that starts before its sites
// must not use up its attempts.
void RoundMachine::collect_if_ready(Timestamp now, Actions& out) {
    const std::size_t needed = config_.rules.schedule.quorum;
    if (seen_count() < needed) {
        out.emplace_back(WaitForSites{.round = state_.context.round,
                                      .attempt = state_.context.attempt,
                                      .online = seen_count(),
                                      .needed = needed,
                                      .eligible = state_.progress.size()});
        return;
    }
    state_.phase = Phase::kCollecting;
    state_.deadline = now + config_.rules.schedule.collect_deadline;
    out.emplace_back(announcement());
}

// ---- Collecting --------------------------------------------------------------------------------

Actions RoundMachine::on(Timestamp now, const UpdateSigned& event) {
    Actions out;
    const auto& statement = event.update.statement;
    const Admission verdict = admission(event.update);
    switch (verdict.kind) {
        case Admission::Kind::kUpload:
            if (verdict.fresh) {  // the journal has the first one; its signature counts
                state_.progress.at(statement.site).update = event.update;
            }
            out.emplace_back(AllowUpload{*state_.progress.at(statement.site).update});
            return out;
        case Admission::Kind::kReceipt:
            out.emplace_back(
                SendReceipt{receipt_for(event.update), stored_count(), state_.progress.size()});
            return out;
        case Admission::Kind::kRefuse: break;
        case Admission::Kind::kEquivocation:
            if (verdict.fresh) {
                SiteProgress& progress = state_.progress.at(statement.site);
                progress.evidence_posted = true;
                // An update with a receipt stays: leaving it out is a fault of the coordinator, and
                // anyone with the receipt could void the round for it.
                if (state_.phase == Phase::kCollecting && !progress.stored) {
                    progress.refusal = Refusal::kEquivocation;
                }
                out.emplace_back(PostIntent{chain::Intent{
                    .key = fmt::format("equivocation/{}/{}/{}", statement.round, statement.attempt,
                                       statement.site.hex()),
                    .operation =
                        chain::ProveEquivocation{.first = progress.update->statement,
                                                 .first_signature = progress.update->signature,
                                                 .second = statement,
                                                 .second_signature = event.update.signature}}});
            }
            break;
    }
    out.emplace_back(RefuseUpdate{.round = statement.round,
                                  .attempt = statement.attempt,
                                  .site = statement.site,
                                  .update_root = statement.update_root,
                                  .refusal = verdict.refusal,
                                  .detail = verdict.detail});
    close_if_complete(now, out);
    return out;
}

Actions RoundMachine::on(Timestamp now, const UpdateStored& event) {
    Actions out;
    const auto refuse = [&](Refusal refusal, std::string detail) {
        out.emplace_back(RefuseUpdate{.round = event.round,
                                      .attempt = event.attempt,
                                      .site = event.site,
                                      .update_root = event.update_root,
                                      .refusal = refusal,
                                      .detail = std::move(detail)});
    };
    if (!is_current(event.round, event.attempt) || state_.phase != Phase::kCollecting) {
        refuse(Refusal::kLate, "the round was closed before the update was complete");
        return out;
    }
    const auto place = state_.progress.find(event.site);
    if (place == state_.progress.end() || !place->second.update ||
        place->second.update->statement.update_root != event.update_root) {
        return out;  // the host stored something that this attempt did not ask for
    }
    SiteProgress& progress = place->second;
    if (progress.refusal != Refusal::kNone) {
        refuse(progress.refusal, "the site is out of this attempt");
        return out;
    }
    if (event.verdict != Refusal::kNone) {
        progress.refusal = event.verdict;
        refuse(event.verdict, "the values do not pass the gate of the rules");
    } else {
        progress.stored = true;
        out.emplace_back(
            SendReceipt{receipt_for(*progress.update), stored_count(), state_.progress.size()});
    }
    close_if_complete(now, out);
    return out;
}

// A receipt was given for bytes that are no more: the attempt cannot be computed as promised.
Actions RoundMachine::on(Timestamp now, const UpdateLost& event) {
    Actions out;
    const auto place = state_.progress.find(event.site);
    if (is_under_way(state_.phase) && is_current(event.round, event.attempt) &&
        place != state_.progress.end() && place->second.stored) {
        abort(now,
              fmt::format("the stored update of {} is lost: {}", event.site.short_hex(),
                          event.reason),
              out);
    }
    return out;
}

// Everybody has answered: go on, or give up if refusals left too few.
void RoundMachine::close_if_complete(Timestamp now, Actions& out) {
    if (state_.phase != Phase::kCollecting) {
        return;
    }
    const bool complete = std::ranges::all_of(state_.progress, [](const auto& entry) {
        return entry.second.stored || entry.second.refusal != Refusal::kNone;
    });
    if (!complete) {
        return;
    }
    if (stored_count() >= config_.rules.schedule.quorum) {
        close(/*deadline_passed=*/false, out);
    } else {
        abort(now,
              fmt::format("every site answered, but only {} of {} updates needed were accepted",
                          stored_count(), config_.rules.schedule.quorum),
              out);
    }
}

Actions RoundMachine::on(Timestamp now, const DeadlinePassed& /*event*/) {
    Actions out;
    const auto deadline = next_deadline();
    if (!deadline || now < *deadline) {
        return out;
    }
    if (state_.phase == Phase::kAggregated) {
        attest_deadline_passed(now, out);
        return out;
    }
    if (stored_count() >= config_.rules.schedule.quorum) {
        close(/*deadline_passed=*/true, out);
    } else {
        abort(now,
              fmt::format("deadline: only {} of {} updates needed arrived", stored_count(),
                          config_.rules.schedule.quorum),
              out);
    }
    return out;
}

void RoundMachine::close(bool deadline_passed, Actions& out) {
    state_.phase = Phase::kClosed;
    state_.closed_by_deadline = deadline_passed;
    out.emplace_back(aggregation());
}

// The same round again, or the end. Updates signed for the old attempt no longer count.
void RoundMachine::abort(Timestamp now, std::string reason, Actions& out) {
    const RoundNumber round = state_.context.round;
    const std::uint32_t attempt = state_.context.attempt;
    const bool retry = attempt + 1 < state_.attempt_limit;
    out.emplace_back(
        AnnounceAbort{.round = round, .attempt = attempt, .reason = reason, .retry = retry});
    if (retry) {
        open(now, round, attempt + 1, out);
        return;
    }
    state_.phase = Phase::kStopped;
    state_.proposal.reset();
    state_.stop_reason = fmt::format("round {} was aborted {} times, the last time because: {}",
                                     round, attempt + 1 - state_.attempt_first, reason);
    out.emplace_back(Stop{.round = round, .attempt = attempt, .reason = state_.stop_reason});
}

}  // namespace fedstake::round

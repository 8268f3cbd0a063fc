// Trees, a live line, and JSON lines.
#include "coordinator/app/run_reporter.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "proto/base/log.hpp"

namespace fedstake::coordinator {

using nlohmann::json;

// A tree waits a moment for what comes after the signatures: its transaction and the accuracy that
// sites report. It is printed when both are there, or when the next round is done.
struct RunReporter::Pending {
    round::RecordResult record;
    std::set<SiteId> reporting;  // sites that may still report
    std::map<SiteId, SiteAccuracy> accuracy;
};

RunReporter::RunReporter(SiteNames names, std::vector<EventLog> logs, ReporterOptions options)
    : names_(std::move(names)),
      logs_(std::move(logs)),
      options_(options),
      style_(options.terminal) {}

RunReporter::~RunReporter() {
    clear_live_line();
}

void RunReporter::event(Timestamp now, const char* name, const json& fields) {
    for (EventLog& log : logs_) {
        log.write(now, name, fields);
    }
}

void RunReporter::say(const std::string& text) {
    if (options_.console) {
        clear_live_line();
        std::fwrite(text.data(), 1, text.size(), stdout);
        if (text.empty() || text.back() != '\n') {
            std::fputc('\n', stdout);
        }
        std::fflush(stdout);
    }
}

json RunReporter::site_json(const SiteId& site) const {
    return {{"site", site.hex()}, {"name", names_.of(site)}};
}

void RunReporter::known_acceptance(const crypto::UpdateStatement& statement) {
    said_.insert(
        fmt::format("accepted/{}/{}/{}", statement.round, statement.attempt, statement.site.hex()));
}

bool RunReporter::first_time(const std::string& what) {
    return said_.insert(what).second;
}

void RunReporter::site_online(Timestamp now, const SiteId& site, bool online) {
    const char* name = online ? "site_online" : "site_offline";
    if (first_time(fmt::format("{}/{}", name, site.hex()))) {
        event(now, name, site_json(site));
    }
}

void RunReporter::waiting(Timestamp now, const round::WaitForSites& action) {
    event(now, "round_waiting",
          {{"round", action.round},
           {"attempt", action.attempt},
           {"online", action.online},
           {"needed", action.needed}});
    if (action.online > 0 && action.eligible >= action.needed) {
        return;  // said already; the event log counts them
    }
    std::string text = fmt::format("round {} waits: {} of {} sites needed have connected",
                                   action.round, action.online, action.needed);
    if (action.eligible < action.needed) {
        text += fmt::format(" (only {} have the stake and are not barred)", action.eligible);
    }
    say(style_.faint(text));
}

void RunReporter::opened(Timestamp now, const round::AnnounceRound& action) {
    said_.clear();
    json fields{{"round", action.context.round},
                {"attempt", action.context.attempt},
                {"base_model", action.context.base_model.hex()},
                {"collect_deadline_ms", action.collect_deadline.ms},
                {"asked", json::array()},
                {"not_asked", json::array()}};
    for (const rules::CohortMember& member : action.context.cohort) {
        json site = site_json(member.site);
        if (std::ranges::binary_search(action.asked, member.site)) {
            fields["asked"].push_back(site);
        } else {
            site["reason"] = member.barred ? "barred" : "unstaked";
            fields["not_asked"].push_back(site);
        }
    }
    event(now, "round_opened", fields);
}

void RunReporter::accepted(Timestamp now, const round::SendReceipt& action, std::uint64_t bytes) {
    const auto& receipt = action.receipt;
    if (!first_time(
            fmt::format("accepted/{}/{}/{}", receipt.round, receipt.attempt, receipt.site.hex()))) {
        return;  // the same receipt again
    }
    json fields = site_json(receipt.site);
    fields.update({{"round", receipt.round},
                   {"attempt", receipt.attempt},
                   {"update_root", receipt.update_root.hex()},
                   {"bytes", bytes},
                   {"received", action.received},
                   {"expected", action.expected}});
    event(now, "update_accepted", fields);
}

void RunReporter::refused(Timestamp now, const SiteId& site, RoundNumber round,
                          std::uint32_t attempt, std::string_view reason,
                          const std::string& detail) {
    if (!first_time(fmt::format("refused/{}/{}", site.hex(), reason))) {
        return;
    }
    json fields = site_json(site);
    fields.update({{"round", round},
                   {"attempt", attempt},
                   {"reason", std::string(reason)},
                   {"detail", detail}});
    event(now, "update_refused", fields);
}

void RunReporter::attestation(Timestamp now, const SiteId& site, RoundNumber round,
                              std::uint32_t attempt, const std::string& refusal) {
    if (!first_time(fmt::format("attestation/{}/{}", site.hex(), refusal.empty()))) {
        return;
    }
    json fields = site_json(site);
    fields.update(
        {{"round", round}, {"attempt", attempt}, {"signed", refusal.empty()}, {"reason", refusal}});
    event(now, "attestation", fields);
    if (!refusal.empty()) {
        say(style_.warn(
            fmt::format("auditor {} refuses round {}: {}", names_.of(site), round, refusal)));
    }
}

void RunReporter::equivocation(Timestamp now, const chain::ProveEquivocation& proof) {
    json fields = site_json(proof.first.site);
    fields.update({{"round", proof.first.round},
                   {"attempt", proof.first.attempt},
                   {"first", proof.first.update_root.hex()},
                   {"second", proof.second.update_root.hex()}});
    event(now, "equivocation", fields);
    say(style_.bad(fmt::format("{} signed two different updates for round {}: proof kept",
                               names_.of(proof.first.site), proof.first.round)));
}

void RunReporter::closed(Timestamp now, const round::StartAggregation& action) {
    const char* why = action.deadline_passed ? "deadline" : "all-received";
    close_reasons_[action.context.round] = action.deadline_passed ? "deadline" : "all answered";
    json fields{{"round", action.context.round},
                {"attempt", action.context.attempt},
                {"why", why},
                {"received", json::array()},
                {"missing", json::array()},
                {"refused", json::array()}};
    for (const rules::SignedUpdate& update : action.updates) {
        fields["received"].push_back(site_json(update.statement.site));
    }
    for (const round::SiteOutcome& outcome : action.absent) {
        json site = site_json(outcome.site);
        if (outcome.refusal == round::Refusal::kNone) {
            fields["missing"].push_back(site);
        } else {
            site["reason"] = std::string(round::refusal_name(outcome.refusal));
            fields["refused"].push_back(site);
        }
    }
    event(now, "round_closed", fields);
    clear_live_line();
}

void RunReporter::attested(Timestamp now, const round::RecordResult& record) {
    print_if_ready(/*force=*/true);
    event(now, "round_attested", to_json(summarise(record, names_), options_.auditors_needed));
    pending_ = std::make_unique<Pending>();
    pending_->record = record;
    for (const rules::SignedUpdate& update : record.updates) {
        pending_->reporting.insert(update.statement.site);
    }
    print_if_ready(/*force=*/false);
}

void RunReporter::aborted(Timestamp now, const round::AnnounceAbort& action) {
    event(now, "round_aborted",
          {{"round", action.round},
           {"attempt", action.attempt},
           {"reason", action.reason},
           {"retry", action.retry}});
    say(style_.warn(fmt::format("round {} attempt {} aborted: {}{}", action.round,
                                action.attempt + 1, action.reason,
                                action.retry ? "; trying again" : "")));
}

void RunReporter::taken_back(Timestamp now, const round::TakeBack& action) {
    print_if_ready(/*force=*/true);
    transactions_.erase(transactions_.lower_bound(action.round), transactions_.end());
    known_rounds_ = std::min(known_rounds_, action.round - 1);
    event(now, "rounds_voided",
          {{"round", action.round},
           {"last", action.last},
           {"attempt", action.attempt},
           {"commitment", action.commitment.hex()}});
    say(style_.bad(fmt::format(
        "round {} was voided on the chain{}: their results, rewards and strikes are gone; round {} "
        "begins again from round {}, with attempt {}",
        action.round,
        action.last > action.round ? fmt::format(", and rounds up to {} with it", action.last) : "",
        action.round, action.round - 1, action.attempt + 1)));
}

void RunReporter::metrics(Timestamp now, const SiteId& site, const wire::SiteMetrics& metrics) {
    json values{{"rows", metrics.rows},
                {"test_rows", metrics.test_rows},
                {"test_correct", metrics.test_correct},
                {"loss", metrics.loss}};
    if (metrics.test_rows > 0) {
        values["accuracy"] =
            static_cast<double>(metrics.test_correct) / static_cast<double>(metrics.test_rows);
    }
    json fields = site_json(site);
    fields.update({{"round", metrics.round}, {"metrics", values}});
    event(now, "site_metrics", fields);
    if (pending_ && pending_->record.commitment.round == metrics.round) {
        pending_->reporting.erase(site);
        pending_->accuracy[site] = {metrics.test_rows, metrics.test_correct};
        print_if_ready(/*force=*/false);
    }
}

void RunReporter::intent(Timestamp now, const chain::IntentStatus& status) {
    event(now, "intent_changed",
          {{"key", status.key},
           {"state", std::string(chain::intent_state_name(status.state))},
           {"tx", status.transaction.is_zero() ? "" : status.transaction.hex()},
           {"block", status.block},
           {"detail", status.detail}});
    if (status.state == chain::IntentState::kRejected) {
        say(style_.bad(fmt::format("ledger: {} rejected: {}", status.key, status.detail)));
    }
    if (status.transaction.is_zero() || !status.key.starts_with("commit/")) {
        return;
    }
    const RoundNumber round = std::strtoull(status.key.c_str() + 7, nullptr, 10);
    const bool first = transactions_.emplace(round, status.transaction.hex()).second;
    if (!first) {
        return;
    }
    if (pending_ && pending_->record.commitment.round == round) {
        print_if_ready(/*force=*/false);
    } else if (round > known_rounds_) {
        say(style_.faint(fmt::format("round {} posted in {}", round, status.transaction.hex())));
    }
}

void RunReporter::stakes(Timestamp now, const std::vector<chain::StakeAccount>& accounts) {
    for (const chain::StakeAccount& account : accounts) {
        const auto known = stakes_.find(account.site);
        if (known != stakes_.end() && known->second.stake == account.stake &&
            known->second.jailed == account.jailed &&
            known->second.open_cases == account.open_cases &&
            known->second.claimed == account.claimed) {
            continue;
        }
        if (known != stakes_.end() && account.stake < known->second.stake) {
            const double before = static_cast<double>(known->second.stake);
            const double lost = before - static_cast<double>(account.stake);
            say(style_.warn(fmt::format(
                "stake of {} fell by {:.1f} %, to {} of the token's smallest unit",
                names_.of(account.site), 100.0 * lost / before, amount_to_string(account.stake))));
        }
        stakes_[account.site] = account;
        json fields = site_json(account.site);
        fields.update({{"stake", amount_to_string(account.stake)},
                       {"jailed", account.jailed},
                       {"open_cases", account.open_cases},
                       {"claimed", amount_to_string(account.claimed)}});
        event(now, "stake", fields);
    }
}

void RunReporter::slash(Timestamp now, const chain::SlashCase& slash) {
    json fields = site_json(slash.site);
    fields.update({{"id", slash.id},
                   {"bps", slash.bps},
                   {"state", std::string(chain::slash_state_name(slash.state))},
                   {"execute_after", slash.execute_after},
                   {"amount", amount_to_string(slash.amount)}});
    event(now, "slash_case", fields);
    say(style_.warn(fmt::format("slash of {}: {} ({:.1f} % of its stake)", names_.of(slash.site),
                                chain::slash_state_name(slash.state), slash.bps / 100.0)));
}

void RunReporter::print_if_ready(bool force) {
    if (!pending_) {
        return;
    }
    const RoundNumber round = pending_->record.commitment.round;
    const auto transaction = transactions_.find(round);
    const bool posted = transaction != transactions_.end() || !options_.chain_enabled;
    if (!force && (!posted || !pending_->reporting.empty())) {
        return;
    }
    TreeExtras extras;
    extras.close_reason = close_reasons_.contains(round) ? close_reasons_[round] : "closed";
    extras.asked = pending_->record.updates.size() + pending_->record.absent.size();
    if (!options_.chain_enabled) {
        extras.ledger = "no chain in this federation";
    } else {
        extras.ledger = posted ? "posted in " + transaction->second : "queued for the chain";
    }
    extras.accuracy = pending_->accuracy;
    extras.auditors_needed = options_.auditors_needed;
    extras.name_width = names_.width();
    const auto finished = std::move(pending_);
    say(render_round(summarise(finished->record, names_), extras, style_));
}

void RunReporter::flush() {
    print_if_ready(/*force=*/true);
}

void RunReporter::progress(Timestamp now, std::size_t received, std::size_t expected,
                           Timestamp deadline, RoundNumber round) {
    if (!options_.console || !options_.terminal) {
        return;
    }
    const std::int64_t left = std::max<std::int64_t>(0, (deadline - now).ms / 1000);
    const std::string bar =
        std::string(received, '#') + std::string(expected - std::min(received, expected), '.');
    fmt::print("\r\x1b[2Kround {} training [{}] {}/{} updates, {} s left", round, bar, received,
               expected, left);
    std::fflush(stdout);
    live_line_ = true;
}

void RunReporter::clear_live_line() {
    if (live_line_) {
        std::fputs("\r\x1b[2K", stdout);
        live_line_ = false;
    }
}

}  // namespace fedstake::coordinator

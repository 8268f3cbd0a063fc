// Tells people and programs what happens in a run: trees and a live line on the console, JSON
// lines in the event log. The round thread calls it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "coordinator/app/event_log.hpp"
#include "coordinator/app/ledger_poster.hpp"
#include "coordinator/app/round_tree.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::coordinator {

struct ReporterOptions {
    bool console = true;    // trees on standard output; off with --json
    bool terminal = false;  // standard output is one: colours and the live line
    bool chain_enabled = true;
    std::uint32_t auditors_needed = 0;
};

class RunReporter {
public:
    // logs: the file of --events, and standard output with --json.
    RunReporter(SiteNames names, std::vector<EventLog> logs, ReporterOptions options);
    ~RunReporter();

    [[nodiscard]] const SiteNames& names() const noexcept { return names_; }

    // An event without a line of its own on the console.
    void event(Timestamp now, const char* name, const nlohmann::json& fields);
    // A line on the console.
    void say(const std::string& text);

    // Rounds up to this one were reported by an earlier process: no lines for their transactions.
    // Likewise an update that was accepted.
    void known_acceptance(const crypto::UpdateStatement& statement);
    void known_rounds(RoundNumber last) { known_rounds_ = last; }

    void site_online(Timestamp now, const SiteId& site, bool online);
    void waiting(Timestamp now, const round::WaitForSites& action);
    void opened(Timestamp now, const round::AnnounceRound& action);
    void accepted(Timestamp now, const round::SendReceipt& action, std::uint64_t bytes);
    void refused(Timestamp now, const SiteId& site, RoundNumber round, std::uint32_t attempt,
                 std::string_view reason, const std::string& detail);
    void equivocation(Timestamp now, const chain::ProveEquivocation& proof);
    void closed(Timestamp now, const round::StartAggregation& action);
    void attestation(Timestamp now, const SiteId& site, RoundNumber round, std::uint32_t attempt,
                     const std::string& refusal);
    void attested(Timestamp now, const round::RecordResult& record);
    void aborted(Timestamp now, const round::AnnounceAbort& action);
    void taken_back(Timestamp now, const round::TakeBack& action);
    void metrics(Timestamp now, const SiteId& site, const wire::SiteMetrics& metrics);
    void intent(Timestamp now, const chain::IntentStatus& status);
    void stakes(Timestamp now, const std::vector<chain::StakeAccount>& accounts);
    void slash(Timestamp now, const chain::SlashCase& slash);

    // The live line: updates received, time left. Nothing without a terminal.
    void progress(Timestamp now, std::size_t received, std::size_t expected, Timestamp deadline,
                  RoundNumber round);
    // Prints trees that still wait for accuracy or a transaction.
    void flush();

private:
    struct Pending;
    [[nodiscard]] nlohmann::json site_json(const SiteId& site) const;
    // False for what was said since the round opened: a site must not be able to fill the log.
    [[nodiscard]] bool first_time(const std::string& what);
    void print_if_ready(bool force);
    void clear_live_line();

    SiteNames names_;
    std::vector<EventLog> logs_;
    ReporterOptions options_;
    Style style_;
    std::unique_ptr<Pending> pending_;  // the last attested round, not printed yet
    std::map<RoundNumber, std::string> close_reasons_;
    std::map<RoundNumber, std::string> transactions_;  // of commitments
    std::map<SiteId, chain::StakeAccount> stakes_;
    std::set<std::string> said_;  // since the round opened
    RoundNumber known_rounds_ = 0;
    bool live_line_ = false;
};

}  // namespace fedstake::coordinator

// Machine-readable record of a run: `fedstake-coordinator run --events FILE` appends one JSON
// object a line, in the order in which things happened. Programs follow a run by tailing the file.
//
// Every object has "event" (the name below) and "at_ms" (Unix milliseconds). Sites are 0x addresses
// of their owner accounts with "name" beside them; digests are 0x hexadecimal; token amounts are
// decimal strings. New fields may be added; present ones keep name, type and meaning.
//
//   started           name, federation, endpoint, http_port, chain (bool), rounds (0: no end),
//   next_round,
//                     resumed (bool), rule, f, sites: [{site, name, trains, audits}]
//   site_online       site, name
//   site_offline      site, name                                         it said good-bye
//   round_waiting     round, attempt, online, needed          not enough sites have connected yet
//   round_opened      round, attempt, base_model, collect_deadline_ms,
//                     asked: [{site, name}], not_asked: [{site, name, reason}]
//   update_accepted   round, attempt, site, name, update_root, bytes, received, expected
//   update_refused    round, attempt, site, name, reason, detail
//   equivocation      round, attempt, site, name, first, second          update roots, proven
//   round_closed      round, attempt, why ("all-received" | "deadline"),
//                     received: [{site, name}], missing: [{site, name}],
//                     refused: [{site, name, reason}]
//   round_aggregated  round, attempt, model, commitment, took_ms (none after a restart)
//   attestation       round, attempt, site, name, signed (bool), reason  one auditor's answer
//   round_attested    round, attempt, rule, f, base_model, model, aggregate_root, commitment,
//                     context_digest, report_digest, state, updates_root, scores_root,
//                     rewards_root, reward_total, signatures, auditors_needed, sites: [{site, name,
//                     standing ("accepted" | "excluded" | "strike" | "absent"), reason, norm,
//                     distance, figures: {"norm": number, ...}, signals: ["norm", "resend", ...],
//                     shared_between, weight, score, reward, cumulative_reward, strikes, offences,
//                     accused (bool), accused_bps}] "sites" holds every cohort member; figures are
//                     null for absent ones. A site refused before aggregation is "excluded" with
//                     the refusal's reason.
//   round_aborted     round, attempt, reason, retry (bool)
//   rounds_voided     round, last, attempt, commitment      the chain took rounds round..last back:
//                     `round` begins again with `attempt`
//   site_metrics      round, site, name, metrics: {name: number, ...}    as the site reported them
//   intent_changed    key ("commit/3", "accuse/3/0x..", "slash/1", "equivocation/3/0/0x..",
//                     "model/15"; once rounds were voided "commit/3/1", with the attempt),
//                     state ("queued" | "sent" | "mined" | "done" | "rejected"), tx, block, detail
//   chain_down        detail            nothing can be posted: no answer, no gas, ...; training
//   goes
//                     on. Again when the reason changes.
//   chain_up          -
//   signer_mismatch   site, name, manifest_signer, chain_signer, detail        the site is barred
//   stake             site, name, stake, jailed (bool), open_cases, claimed    when it changed
//   slash_case        id, site, name, bps, state ("pending" | "vetoed" | "executed" | "dropped"),
//                     execute_after, amount
//   round_final       round                                   past the challenge window
//   model_released    round, model, version, file, sha256, bytes
//   stopped           reason            attempts used up or a fatal fault; the process exits != 0
//   finished          rounds, last_round, model, settled (bool), unsettled: [key]
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include <nlohmann/json_fwd.hpp>

#include "proto/base/result.hpp"
#include "proto/base/time.hpp"

namespace fedstake::coordinator {

// Appends to the file, one write a line. Thread-safe. A line that cannot be written is dropped with
// a warning, once: the run goes on.
class EventLog {
public:
    // A log that goes nowhere.
    EventLog();
    // RETURNS kUnavailable, naming the file, when it cannot be opened.
    [[nodiscard]] static Result<EventLog> open(const std::filesystem::path& path);
    // `run --json`: the same lines on standard output.
    [[nodiscard]] static EventLog standard_output();
    ~EventLog();
    EventLog(EventLog&&) noexcept;
    EventLog& operator=(EventLog&&) noexcept;

    // Adds "event" and "at_ms" to the fields.
    void write(Timestamp now, const char* event, const nlohmann::json& fields);

private:
    struct Impl;
    explicit EventLog(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace fedstake::coordinator

// The whole state of the round machine, as plain comparable values: a function of the journal.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "coordinator/round/actions.hpp"

namespace fedstake::round {

enum class Phase : std::uint8_t {
    kIdle,        // before the first start
    kOpen,        // the round exists; fewer sites than the quorum have connected
    kCollecting,  // sites train and upload
    kClosed,      // the set is frozen and being aggregated
    kAggregated,  // auditors recompute and sign
    kSettling,    // the last round is attested; the ledger is not final yet
    kFinished,
    kStopped,  // attempts used up; a restart allows more
};
[[nodiscard]] std::string_view phase_name(Phase phase) noexcept;
// The sites were told about the attempt, and it is not decided yet.
[[nodiscard]] bool is_under_way(Phase phase) noexcept;

// What one asked site has done in the current attempt.
struct SiteProgress {
    std::optional<rules::SignedUpdate> update;  // the first statement it signed
    bool stored = false;                        // durable and past the gate
    Refusal refusal = Refusal::kNone;           // out of this attempt, for this reason
    bool evidence_posted = false;               // equivocation: once is enough
    friend bool operator==(const SiteProgress&, const SiteProgress&) = default;
};

// The result of the current attempt while auditors look at it.
struct Proposal {
    aggregation::RoundReport report;
    rules::Settlement settlement;
    crypto::RoundCommitment commitment;
    std::vector<crypto::AttestedFault> faults;
    std::map<SiteId, AuditorSigned> signatures;
    std::map<SiteId, std::string> refusals;  // auditors that would not sign, and why
    friend bool operator==(const Proposal&, const Proposal&) = default;
};

// How far an attested round has come on the ledger.
enum class LedgerStage : std::uint8_t { kQueued, kPosted, kFinal };

// The last attested round, from which the next one starts.
struct Standing {
    rules::RoundContext context;
    rules::Settlement settlement;
    crypto::RoundCommitment commitment;
    Digest state;  // content root of what it left for the next one
    friend bool operator==(const Standing&, const Standing&) = default;
};

struct State {
    Phase phase = Phase::kIdle;
    std::uint64_t rounds_max = 0;
    Digest entropy;
    Digest initial_model;
    std::vector<RosterEntry> roster;
    std::map<SiteId, rules::KnownStake> stakes;
    std::set<SiteId> seen;  // since the process started

    rules::RoundContext context;              // of the current attempt
    std::uint32_t attempt_limit = 0;          // the first attempt number that is too many
    Timestamp deadline;                       // of the phase, where it has one
    std::map<SiteId, SiteProgress> progress;  // every asked site
    bool closed_by_deadline = false;
    std::optional<Proposal> proposal;

    std::optional<Standing> last;               // the last attested round
    std::map<RoundNumber, LedgerStage> ledger;  // attested rounds that are not final
    std::string stop_reason;

    friend bool operator==(const State&, const State&) = default;
};

}  // namespace fedstake::round

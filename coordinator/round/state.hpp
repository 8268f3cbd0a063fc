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
enum class LedgerStage : std::uint8_t { kQueued, kPosted };
struct OnLedger {
    LedgerStage stage = LedgerStage::kQueued;
    std::uint32_t attempt = 0;
    Digest commitment;                 // struct hash
    std::vector<std::string> intents;  // keys that speak of it, its commitment's first
    friend bool operator==(const OnLedger&, const OnLedger&) = default;
};

struct State {
    Phase phase = Phase::kIdle;
    std::uint64_t rounds_max = 0;
    Digest entropy;
    Digest initial_model;
    std::vector<RosterEntry> roster;
    std::map<SiteId, rules::KnownStake> stakes;
    std::set<SiteId> seen;  // since the process started

    rules::RoundContext context;      // of the current attempt
    std::uint32_t attempt_limit = 0;  // the first attempt number that is too many
    // Rounds begin with this attempt. A void raises it above every attempt that was ever opened, so
    // that no site is asked to sign twice for one round and attempt.
    std::uint32_t attempt_first = 0;
    std::uint32_t attempt_highest = 0;        // ever opened, in any round
    Timestamp deadline;                       // of the phase, where it has one
    std::map<SiteId, SiteProgress> progress;  // every asked site
    bool closed_by_deadline = false;
    std::optional<Proposal> proposal;

    std::optional<Standing> last;            // the last attested round
    std::map<RoundNumber, OnLedger> ledger;  // attested rounds that are not final
    std::string stop_reason;

    friend bool operator==(const State&, const State&) = default;
};

}  // namespace fedstake::round

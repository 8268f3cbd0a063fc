// Everything that the round machine can ask its host to do. An action says what, never does it.
// Performing one twice must do no harm: action_key() names it for ever.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "contracts/cpp/ledger.hpp"
#include "coordinator/round/events.hpp"
#include "proto/base/time.hpp"
#include "proto/rules/round_context.hpp"

namespace fedstake::round {

// A site's part in an attempt, for announcements and records.
struct SiteOutcome {
    SiteId site;
    Refusal refusal = Refusal::kNone;  // why it was refused, or kNone: it never finished
    friend bool operator==(const SiteOutcome&, const SiteOutcome&) = default;
};

// A round is open but fewer sites have connected since the start than the quorum.
struct WaitForSites {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    std::size_t online = 0;
    std::size_t needed = 0;
    std::size_t eligible = 0;
};

// Ask the sites to train.
struct AnnounceRound {
    rules::RoundContext context;
    Timestamp collect_deadline;
    std::vector<SiteId> asked;
};

// Take the bytes of this update (again, from where they stopped).
struct AllowUpload {
    rules::SignedUpdate update;
};

// The update counts. The host signs the receipt.
struct SendReceipt {
    crypto::UpdateReceipt receipt;
    std::size_t received = 0;
    std::size_t expected = 0;
};

struct RefuseUpdate {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    SiteId site;
    Digest update_root;  // of the refused statement, which need not be the site's newest
    Refusal refusal = Refusal::kNone;
    std::string detail;
};

// The set is frozen: evaluate it.
struct StartAggregation {
    rules::RoundContext context;
    std::vector<rules::SignedUpdate> updates;  // SiteId ascending
    bool deadline_passed = false;              // else everybody answered
    std::vector<SiteOutcome> absent;           // asked, but not in the set
};

// Ask the auditors to recompute and sign.
struct RequestAttestation {
    crypto::RoundCommitment commitment;
    std::vector<crypto::AttestedFault> faults;
    Timestamp deadline;
};

// The round stands: keep its record for audits and claims, and tell everybody.
struct RecordResult {
    rules::RoundContext context;
    std::vector<rules::SignedUpdate> updates;
    std::vector<SiteOutcome> absent;
    aggregation::RoundReport report;
    rules::Settlement settlement;
    crypto::RoundCommitment commitment;
    std::vector<crypto::AttestedFault> faults;
    std::vector<chain::AuditorSignature> signatures;
    std::vector<std::vector<chain::AuditorSignature>> fault_signatures;  // one list a fault
};

struct AnnounceAbort {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    std::string reason;
    bool retry = false;
};

// These attested rounds are void: keep their records as evidence, and tell everybody.
struct TakeBack {
    RoundNumber round = 0;      // voided by the ledger
    RoundNumber last = 0;       // it and the rounds after it, up to this one, have gone
    std::uint32_t attempt = 0;  // which the round begins with again; above all that went before
    Digest commitment;          // of what was voided, struct hash
};

// What the outbox has not sent of this intent must never be sent.
struct DropIntent {
    std::string key;
    std::string reason;
};

// Hand this to the ledger's outbox.
struct PostIntent {
    chain::Intent intent;
};

// All rounds are final: write the model out and publish its record.
struct ReleaseModel {
    crypto::RoundCommitment commitment;
    // After a restart: the file was written, and only the intent to publish it may be missing.
    bool written = false;
};

struct Finish {
    RoundNumber last_round = 0;
};
struct Stop {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    std::string reason;
};

using Action = std::variant<WaitForSites, AnnounceRound, AllowUpload, SendReceipt, RefuseUpdate,
                            StartAggregation, RequestAttestation, RecordResult, AnnounceAbort,
                            PostIntent, ReleaseModel, Finish, Stop, TakeBack, DropIntent>;
using Actions = std::vector<Action>;

// Unique, stable name: "3/0/receipt/0xabc...", "intent/commit/3".
[[nodiscard]] std::string action_key(const Action& action);

// Whether the action must be performed again after a crash that came before it. The others are
// answers to peers, who ask again.
[[nodiscard]] bool is_durable(const Action& action) noexcept;

}  // namespace fedstake::round

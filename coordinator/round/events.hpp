// Everything that can happen to the coordinator's rounds. Events are journaled before they are
// applied (event_codec.hpp), so each one carries all that the machine needs to know about it.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "aggregation/pipeline.hpp"
#include "coordinator/round/refusal.hpp"
#include "proto/base/ids.hpp"
#include "proto/rules/round_context.hpp"
#include "proto/rules/settlement.hpp"
#include "proto/rules/signed_update.hpp"

namespace fedstake::round {

// One party of the federation, as the manifest lists it.
struct RosterEntry {
    SiteId site;
    Address signer;
    std::string name;  // for messages to people
    bool trains = true;
    bool audits = false;
    friend bool operator==(const RosterEntry&, const RosterEntry&) = default;
};

// The coordinator process started (again). The first one opens round 1; later ones carry on, give
// an open phase its full time again, and allow more attempts after a stop. With other sites or
// signers than before, an attempt under way is aborted and begins again with the new ones.
struct Started {
    std::uint64_t rounds_max = 0;     // the round after which to finish
    Digest entropy;                   // 32 random bytes; only the first start's are used
    Digest initial_model;             // content root; only the first start's is used
    std::vector<RosterEntry> roster;  // SiteId ascending
    friend bool operator==(const Started&, const Started&) = default;
};

// What the ledger says about stakes, whole or in part. Counts from the next opened attempt on.
struct StakesKnown {
    std::vector<rules::KnownStake> stakes;
    friend bool operator==(const StakesKnown&, const StakesKnown&) = default;
};

// An enrolled site has connected since the last start. A round waits for a quorum of them.
struct SiteSeen {
    SiteId site;
    friend bool operator==(const SiteSeen&, const SiteSeen&) = default;
};

// A site presented a signed statement, in front of its bytes.
struct UpdateSigned {
    rules::SignedUpdate update;
    friend bool operator==(const UpdateSigned&, const UpdateSigned&) = default;
};

// The bytes of an announced update are durable, and the gate has looked at them.
struct UpdateStored {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    SiteId site;
    Digest update_root;
    Refusal verdict = Refusal::kNone;  // what the gate said; kCorrupt if the root does not match
    friend bool operator==(const UpdateStored&, const UpdateStored&) = default;
};

// Bytes of a stored update are gone or damaged: the set must not shrink silently.
struct UpdateLost {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    SiteId site;
    std::string reason;
    friend bool operator==(const UpdateLost&, const UpdateLost&) = default;
};

// The time of next_deadline() has come.
struct DeadlinePassed {
    friend bool operator==(const DeadlinePassed&, const DeadlinePassed&) = default;
};

// What evaluate_round() found for the frozen set. The model and the aggregate are stored.
struct Aggregated {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    aggregation::RoundReport report;
    rules::Settlement settlement;
    crypto::RoundCommitment commitment;
    std::vector<crypto::AttestedFault> faults;  // deadline 0: the machine sets it
    friend bool operator==(const Aggregated&, const Aggregated&) = default;
};

struct AggregationFailed {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    std::string reason;
    friend bool operator==(const AggregationFailed&, const AggregationFailed&) = default;
};

// An auditor recomputed the round and signed the commitment and every fault, in their order.
struct AuditorSigned {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    SiteId auditor;
    crypto::Signature commitment;
    std::vector<crypto::Signature> faults;
    friend bool operator==(const AuditorSigned&, const AuditorSigned&) = default;
};

struct AuditorRefused {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    SiteId auditor;
    std::string reason;
    friend bool operator==(const AuditorRefused&, const AuditorRefused&) = default;
};

// The ledger's news about a round's commitment.
struct RoundPosted {
    RoundNumber round = 0;
    friend bool operator==(const RoundPosted&, const RoundPosted&) = default;
};
struct RoundFinal {
    RoundNumber round = 0;
    friend bool operator==(const RoundFinal&, const RoundFinal&) = default;
};

// An attested round, as the next one starts from it.
struct Standing {
    rules::RoundContext context;
    rules::Settlement settlement;
    crypto::RoundCommitment commitment;
    Digest state;  // content root of what it left for the next one
    friend bool operator==(const Standing&, const Standing&) = default;
};

// The ledger has voided a round's commitment, and with it all later rounds. The round begins again
// from the one before it.
struct RoundVoided {
    RoundNumber round = 0;
    Digest commitment;               // struct hash of what was voided
    std::optional<Standing> before;  // round - 1 as it was recorded; nothing for round 1
    friend bool operator==(const RoundVoided&, const RoundVoided&) = default;
};

using Event = std::variant<Started, StakesKnown, SiteSeen, UpdateSigned, UpdateStored,
                           DeadlinePassed, Aggregated, AggregationFailed, AuditorSigned,
                           AuditorRefused, RoundPosted, RoundFinal, UpdateLost, RoundVoided>;

}  // namespace fedstake::round

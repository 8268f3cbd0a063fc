// Recomputing a round and comparing every figure with what the coordinator claims.
//
// An auditor does this before it signs; `fedstake-client verify` does it for any finished round.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "aggregation/pipeline.hpp"
#include "proto/rules/round_context.hpp"
#include "proto/rules/round_rules.hpp"
#include "proto/rules/signed_update.hpp"

namespace fedstake::session {

// What the coordinator says about a round. Values of updates come separately, from the blob store.
struct RoundClaim {
    rules::RoundContext context;
    std::vector<rules::SignedUpdate> updates;  // SiteId ascending
    crypto::RoundCommitment commitment;
    Bytes report;
    std::vector<crypto::AttestedFault> faults;
};

// One figure: what is claimed and what came out.
struct Check {
    std::string figure;  // "aggregate root", "score of 0x1234abcd"
    std::string claimed;
    std::string recomputed;
    bool matches = false;
};

struct Verification {
    std::vector<Check> checks;
    [[nodiscard]] bool matches() const noexcept;
    // "model: claimed 0x.., recomputed 0x.." for the first difference; empty when there is none.
    [[nodiscard]] std::string first_difference() const;
};

// What lies in the blob store.
struct StoredRound {
    const aggregation::VectorSource* base_model = nullptr;
    // values[i] belongs to claim.updates[i].
    std::span<const std::unique_ptr<aggregation::VectorSource>> values;
    const aggregation::RoundState* state = nullptr;  // of the context's previous_state, if any
    const aggregation::VectorStore* earlier = nullptr;
};

// Updates from which no result can follow (a wrong
// signature, a site outside the cohort, two of one site) are a figure that differs. RETURNS
// kCorrupt naming the site when an update's bytes are not the ones it signed; what values and
// memory limits refuse. O(n^2 d) for distance-based rules.
[[nodiscard]] Result<Verification> verify_round(const rules::RoundRules& rules,
                                                const crypto::Eip712Domain& domain,
                                                const RoundClaim& claim, const StoredRound& stored,
                                                unsigned threads);

}  // namespace fedstake::session

// Everything that a round's result depends on besides the updates. Its digest is committed.
#pragma once

#include <cstdint>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::rules {

// A site allowed in the round, with what it brings from earlier rounds.
struct CohortMember {
    SiteId site;
    Address signer;
    Amount stake = 0;              // on the ledger when the round opened
    Amount cumulative_reward = 0;  // after the previous round
    std::uint32_t strikes = 0;     // consecutive-ish strikes, see settlement.hpp
    std::uint32_t offences = 0;    // accusations so far
    bool barred = false;  // known to the federation, kept for its rewards, not asked to train
    friend bool operator==(const CohortMember&, const CohortMember&) = default;
};

struct RoundContext {
    FederationId federation;
    RoundNumber round = 0;
    std::uint32_t attempt = 0;  // 0 first
    Digest rules_digest;
    Digest base_model;             // content root of the float32 vector
    Digest previous_aggregate;     // content root; zero in round 1
    Digest previous_rewards_root;  // zero in round 1
    Digest previous_state;         // content root of what the round before left; zero in round 1
    Digest salt;                   // random; salts score and reward leaves
    std::vector<CohortMember> cohort;  // every enrolled site, SiteId ascending, no duplicates

    // Canonical bytes (ByteWriter, fields in this order) and their SHA-256.
    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] Digest digest() const;
    // RETURNS kCorrupt for anything encode() could not have written (order, duplicates, trailing
    // bytes).
    [[nodiscard]] static Result<RoundContext> decode(ByteView bytes);

    // The member, or nullptr.
    [[nodiscard]] const CohortMember* find(const SiteId& site) const noexcept;
    friend bool operator==(const RoundContext&, const RoundContext&) = default;
};

// Salt of one site's score and reward leaf: SHA-256(context.salt | site).
[[nodiscard]] Digest leaf_salt(const RoundContext& context, const SiteId& site);

}  // namespace fedstake::rules

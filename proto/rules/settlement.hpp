// Rewards and strikes of a round: integers only, a pure function of context, rules and scores.
//
//   s_i = min(score_i, stake_i / stake_per_score)   (superadditive: splitting a site never pays)
//   reward_i = floor(round_budget * s_i / sum s); dust stays in the pool; sum s = 0 pays nobody
// A strike adds one to the site's count, an accepted round takes one off; at strikes_to_accuse the
// site is accused once with slash_bps * 2^offences (capped), strikes go back to 0, offences rise
// by 1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "proto/rules/round_context.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::rules {

enum class Standing : std::uint8_t {
    kAbsent = 0,    // in the cohort, sent nothing
    kAccepted = 1,  // contributed
    kExcluded = 2,  // refused or excluded, no strike
    kStrike = 3,    // excluded with an anomaly verdict that counts against the site
};

struct SiteScore {
    SiteId site;
    std::uint64_t score = 0;  // at most limits::kScoreMax; 0 unless accepted
    Standing standing = Standing::kAbsent;
};

struct SiteSettlement {
    SiteId site;
    std::uint64_t score = 0;
    Amount reward = 0;
    Amount cumulative_reward = 0;
    std::uint32_t strikes = 0;   // after the round
    std::uint32_t offences = 0;  // after the round
    bool accused = false;        // this round completed the strikes
    std::uint16_t accused_bps = 0;
    friend bool operator==(const SiteSettlement&, const SiteSettlement&) = default;
};

struct Settlement {
    std::vector<SiteSettlement> sites;  // every cohort member, SiteId ascending
    Amount reward_total = 0;            // sum of cumulative rewards
    std::uint64_t score_sum = 0;
    Digest scores_root;   // over submitted sites (standing != kAbsent)
    Digest rewards_root;  // over sites with cumulative_reward > 0
    friend bool operator==(const Settlement&, const Settlement&) = default;
};

// scores: the sites that submitted, any order. RETURNS kInvalidInput for a site outside the cohort,
// a duplicate, or a score above the limit.
[[nodiscard]] Result<Settlement> settle(const RoundContext& context, const RoundRules& rules,
                                        std::span<const SiteScore> scores);

// The cohort of the next round: standings carried over, stakes as the ledger has them now (missing
// sites keep the last known stake).
struct KnownStake {
    SiteId site;
    Amount stake = 0;
    bool barred = false;  // jailed or exiting on the ledger
};
[[nodiscard]] std::vector<CohortMember> next_cohort(const RoundContext& context,
                                                    const Settlement& settlement,
                                                    std::span<const KnownStake> stakes);

// What a site needs to claim its cumulative reward from a round's commitment.
struct RewardClaim {
    std::uint64_t leaf_count = 0;
    std::uint64_t index = 0;
    SiteId site;
    Amount cumulative = 0;
    Digest salt;
    std::vector<Digest> proof;
};
// RETURNS kNotFound when the site has no reward leaf.
[[nodiscard]] Result<RewardClaim> claim_for(const RoundContext& context,
                                            const Settlement& settlement, const SiteId& site);

}  // namespace fedstake::rules

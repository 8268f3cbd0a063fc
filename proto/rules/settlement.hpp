// Rewards and strikes of a round: integers only, a pure function of context, rules and scores.
//
//   s_i = min(score_i, floor(stake_i / stake_per_score)), 0 for a site that is not eligible
//   reward_i = floor(round_budget * s_i / sum s); dust stays in the pool; sum s = 0 pays nobody
// s is superadditive in (score, stake) together: dividing both among several identities never
// raises their sum. It does not stop one score from being earned twice; that is the score's own
// task.
//
// A strike adds one to the site's count, an accepted round takes one off; at strikes_to_accuse the
// site is accused with slash_bps * 2^offences (capped), strikes go back to 0, offences rise
// by 1. A site that is not eligible (barred, or below min_stake) earns nothing and keeps its
// strikes. With slash_bps 0 nobody is accused.
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
    std::uint64_t score = 0;  // s_i: what was counted, not the raw score
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
    std::uint64_t score_sum = 0;        // sum of s_i
    Digest scores_root;                 // over submitted sites (standing != kAbsent)
    Digest rewards_root;                // over sites with cumulative_reward > 0
    friend bool operator==(const Settlement&, const Settlement&) = default;
};

// Whether the site may train, earn and collect strikes in the round.
[[nodiscard]] bool is_eligible(const CohortMember& member, const SettlementRules& rules) noexcept;

// scores: the sites that submitted, any order; absent ones may be named too. RETURNS kInvalidInput
// for a site outside the cohort, a duplicate, a score above the limit or one of an update that was
// not accepted, and for rules out of range; kLimitExceeded when the rewards of all rounds together
// exceed 128 bits.
[[nodiscard]] Result<Settlement> settle(const RoundContext& context, const RoundRules& rules,
                                        std::span<const SiteScore> scores);

// The cohort of the next round: standings carried over, stakes as the ledger has them now (missing
// sites keep the last known stake).
struct KnownStake {
    SiteId site;
    Amount stake = 0;
    bool barred = false;  // jailed on the ledger, or bound to another signer there
    friend bool operator==(const KnownStake&, const KnownStake&) = default;
};
[[nodiscard]] std::vector<CohortMember> next_cohort(const RoundContext& context,
                                                    const Settlement& settlement,
                                                    std::span<const KnownStake> stakes);

// Leaf of the rewards tree (Keccak tree, tag 4): keccak256(abi.encode(4, index, site, cumulative,
// salt)). The index counts the sites with cumulative_reward > 0 in SiteId order.
[[nodiscard]] Digest reward_leaf(std::uint64_t index, const SiteId& site, Amount cumulative,
                                 const Digest& salt);

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

// Rewards, strikes and accusations of a round. Every sum that could overflow is checked.
#include "proto/rules/settlement.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "proto/base/check.hpp"
#include "proto/base/limits.hpp"
#include "proto/crypto/keccak_tree.hpp"

namespace fedstake::rules {

namespace {

// budget * score never overflows: 2^96 * 10^6 < 2^128.
static_assert(kAmountMax <= ~Amount{0} / limits::kScoreMax);
// A sum of counted scores fits 64 bits.
static_assert(limits::kScoreMax <= UINT64_MAX / limits::kSitesMax);

Result<Amount> checked_add(Amount a, Amount b, const SiteId& site) {
    if (a > ~Amount{0} - b) {
        return fail(Errc::kLimitExceeded,
                    "cumulative rewards exceed 128 bits at site " + site.hex());
    }
    return a + b;
}

Status check_score(const RoundContext& context, const SiteScore& score) {
    if (context.find(score.site) == nullptr) {
        return fail(Errc::kInvalidInput, "site " + score.site.hex() +
                                             " is not in the cohort of round " +
                                             std::to_string(context.round));
    }
    if (score.score > limits::kScoreMax) {
        return fail(Errc::kInvalidInput, "score of site " + score.site.hex() + " is " +
                                             std::to_string(score.score) + ", must be 0 to " +
                                             std::to_string(limits::kScoreMax));
    }
    if (score.score != 0 && score.standing != Standing::kAccepted) {
        return fail(Errc::kInvalidInput, "score of site " + score.site.hex() + " is " +
                                             std::to_string(score.score) +
                                             ", must be 0 because its update was not accepted");
    }
    return {};
}

// The scores in SiteId order, each checked.
Result<std::vector<SiteScore>> sorted_scores(const RoundContext& context,
                                             std::span<const SiteScore> scores) {
    std::vector<SiteScore> sorted(scores.begin(), scores.end());
    std::sort(sorted.begin(), sorted.end(),
              [](const SiteScore& a, const SiteScore& b) { return a.site < b.site; });
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        FS_TRY(check_score(context, sorted[i]));
        if (i > 0 && sorted[i - 1].site == sorted[i].site) {
            return fail(Errc::kInvalidInput,
                        "site " + sorted[i].site.hex() + " has two scores in one round");
        }
    }
    return sorted;
}

std::uint64_t counted_score(const CohortMember& member, const SettlementRules& rules,
                            std::uint64_t score) {
    if (!is_eligible(member, rules)) return 0;
    const Amount backed = member.stake / rules.stake_per_score;
    return backed < score ? static_cast<std::uint64_t>(backed) : score;
}

std::uint16_t escalated_bps(const SettlementRules& rules, std::uint32_t offences) {
    std::uint32_t bps = rules.slash_bps;
    for (std::uint32_t i = 0; i < offences && bps != 0 && bps < rules.slash_bps_max; ++i) bps *= 2;
    return static_cast<std::uint16_t>(std::min<std::uint32_t>(bps, rules.slash_bps_max));
}

void apply_standing(SiteSettlement& site, Standing standing, const SettlementRules& rules) {
    if (standing == Standing::kAccepted && site.strikes > 0) --site.strikes;
    if (standing != Standing::kStrike) return;
    if (site.strikes < std::numeric_limits<std::uint32_t>::max()) ++site.strikes;
    if (site.strikes < rules.strikes_to_accuse || rules.slash_bps == 0) return;
    site.accused = true;
    site.accused_bps = escalated_bps(rules, site.offences);
    site.strikes = 0;
    if (site.offences < std::numeric_limits<std::uint32_t>::max()) ++site.offences;
}

Digest score_leaf(const RoundContext& context, std::uint64_t index, const SiteSettlement& site) {
    return crypto::LeafHasher(crypto::LeafTag::kScore)
        .number(index)
        .address(site.site)
        .number(site.score)
        .word(leaf_salt(context, site.site))
        .finish();
}

// Leaves of every site that has earned, in SiteId order.
std::vector<Digest> reward_leaves(const RoundContext& context,
                                  std::span<const SiteSettlement> sites) {
    std::vector<Digest> leaves;
    for (const SiteSettlement& site : sites) {
        if (site.cumulative_reward == 0) continue;
        leaves.push_back(reward_leaf(leaves.size(), site.site, site.cumulative_reward,
                                     leaf_salt(context, site.site)));
    }
    return leaves;
}

Status pay(const RoundContext& context, const SettlementRules& rules, Settlement& settlement) {
    for (std::size_t i = 0; i < settlement.sites.size(); ++i) {
        SiteSettlement& site = settlement.sites[i];
        if (settlement.score_sum != 0) {
            site.reward = rules.round_budget * site.score / settlement.score_sum;
        }
        FS_ASSIGN(site.cumulative_reward,
                  checked_add(context.cohort[i].cumulative_reward, site.reward, site.site));
        FS_ASSIGN(settlement.reward_total,
                  checked_add(settlement.reward_total, site.cumulative_reward, site.site));
    }
    return {};
}

Status check_settlement_rules(const SettlementRules& rules) {
    if (rules.round_budget > kAmountMax) {
        return fail(Errc::kInvalidInput, "settlement.round_budget is " +
                                             amount_to_string(rules.round_budget) +
                                             ", must be 0 to " + amount_to_string(kAmountMax));
    }
    if (rules.stake_per_score == 0) {
        return fail(Errc::kInvalidInput, "settlement.stake_per_score is 0, must be at least 1");
    }
    if (rules.strikes_to_accuse == 0) {
        return fail(Errc::kInvalidInput, "settlement.strikes_to_accuse is 0, must be at least 1");
    }
    return {};
}

}  // namespace

bool is_eligible(const CohortMember& member, const SettlementRules& rules) noexcept {
    return !member.barred && member.stake >= rules.min_stake;
}

Digest reward_leaf(std::uint64_t index, const SiteId& site, Amount cumulative, const Digest& salt) {
    return crypto::LeafHasher(crypto::LeafTag::kReward)
        .number(index)
        .address(site)
        .amount(cumulative)
        .word(salt)
        .finish();
}

Result<Settlement> settle(const RoundContext& context, const RoundRules& rules,
                          std::span<const SiteScore> scores) {
    FS_TRY(check_settlement_rules(rules.settlement));
    FS_ASSIGN(const std::vector<SiteScore> sorted, sorted_scores(context, scores));
    Settlement settlement;
    std::vector<Digest> score_leaves;
    auto next = sorted.begin();
    for (const CohortMember& member : context.cohort) {
        SiteSettlement site{.site = member.site,
                            .cumulative_reward = member.cumulative_reward,
                            .strikes = member.strikes,
                            .offences = member.offences};
        if (next != sorted.end() && next->site == member.site) {
            site.score = counted_score(member, rules.settlement, next->score);
            settlement.score_sum += site.score;
            if (is_eligible(member, rules.settlement)) {
                apply_standing(site, next->standing, rules.settlement);
            }
            if (next->standing != Standing::kAbsent) {
                score_leaves.push_back(score_leaf(context, score_leaves.size(), site));
            }
            ++next;
        }
        settlement.sites.push_back(site);
    }
    FS_TRY(pay(context, rules.settlement, settlement));
    settlement.scores_root = crypto::keccak_root(score_leaves);
    settlement.rewards_root = crypto::keccak_root(reward_leaves(context, settlement.sites));
    return settlement;
}

std::vector<CohortMember> next_cohort(const RoundContext& context, const Settlement& settlement,
                                      std::span<const KnownStake> stakes) {
    FS_CHECK(settlement.sites.size() == context.cohort.size());
    std::vector<CohortMember> cohort = context.cohort;
    for (std::size_t i = 0; i < cohort.size(); ++i) {
        CohortMember& member = cohort[i];
        const SiteSettlement& settled = settlement.sites[i];
        FS_CHECK(settled.site == member.site);
        member.cumulative_reward = settled.cumulative_reward;
        member.strikes = settled.strikes;
        member.offences = settled.offences;
        const auto known = std::find_if(stakes.begin(), stakes.end(), [&](const KnownStake& stake) {
            return stake.site == member.site;
        });
        if (known == stakes.end()) continue;
        member.stake = known->stake;
        member.barred = known->barred;
    }
    return cohort;
}

Result<RewardClaim> claim_for(const RoundContext& context, const Settlement& settlement,
                              const SiteId& site) {
    RewardClaim claim;
    claim.site = site;
    claim.salt = leaf_salt(context, site);
    bool found = false;
    for (const SiteSettlement& settled : settlement.sites) {
        if (settled.cumulative_reward == 0) continue;
        if (settled.site == site) {
            found = true;
            claim.index = claim.leaf_count;
            claim.cumulative = settled.cumulative_reward;
        }
        ++claim.leaf_count;
    }
    if (!found) {
        return fail(Errc::kNotFound, "site " + site.hex() + " has earned nothing up to round " +
                                         std::to_string(context.round) +
                                         ": there is nothing to claim");
    }
    FS_ASSIGN(claim.proof,
              crypto::keccak_proof(reward_leaves(context, settlement.sites), claim.index));
    return claim;
}

}  // namespace fedstake::rules

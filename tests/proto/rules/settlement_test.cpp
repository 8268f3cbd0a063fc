#include "proto/rules/settlement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/base/limits.hpp"
#include "proto/crypto/keccak_tree.hpp"
#include "tests/proto/rules/fixtures.hpp"

namespace fedstake::rules {
namespace {

using testing::accepted;
using testing::context_of;
using testing::member;
using testing::site_id;
using testing::struck;
using testing::valid_rules;

Settlement settled(const RoundContext& context, const std::vector<SiteScore>& scores,
                   const RoundRules& rules = valid_rules()) {
    const auto result = settle(context, rules, scores);
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(Settlement{});
}

std::string refusal(const RoundContext& context, const std::vector<SiteScore>& scores,
                    const RoundRules& rules = valid_rules()) {
    const auto result = settle(context, rules, scores);
    EXPECT_FALSE(result);
    return result ? "settled" : result.error().message;
}

TEST(Settle, SharesTheBudgetByScoreAndRoundsDown) {
    RoundRules rules = valid_rules();
    rules.settlement.round_budget = 100;
    const auto settlement = settled(context_of({member(1), member(2), member(3)}),
                                    {accepted(3, 1), accepted(1, 1), accepted(2, 1)}, rules);
    for (const SiteSettlement& site : settlement.sites) EXPECT_TRUE(site.reward == 33);
    EXPECT_TRUE(settlement.reward_total == 99);
    EXPECT_EQ(settlement.score_sum, 3U);
}

TEST(Settle, CapsTheScoreByTheStake) {
    RoundRules rules = valid_rules();  // 10 of stake for each point
    rules.settlement.round_budget = 600;
    const auto settlement = settled(context_of({member(1, 1009), member(2)}),
                                    {accepted(1, 500), accepted(2, 500)}, rules);
    EXPECT_EQ(settlement.sites[0].score, 100U);
    EXPECT_EQ(settlement.sites[1].score, 500U);
    EXPECT_TRUE(settlement.sites[0].reward == 100);
    EXPECT_TRUE(settlement.sites[1].reward == 500);
    EXPECT_EQ(settlement.score_sum, 600U);
}

TEST(Settle, ZeroScoresPayNobody) {
    auto context = context_of({member(1), member(2)});
    context.cohort[0].cumulative_reward = 5;
    const auto settlement = settled(context, {accepted(1, 0), accepted(2, 0)});
    EXPECT_TRUE(settlement.sites[0].reward == 0);
    EXPECT_TRUE(settlement.sites[1].reward == 0);
    EXPECT_TRUE(settlement.reward_total == 5);
}

TEST(Settle, AbsentMembersKeepRewardsAndStrikes) {
    auto context = context_of({member(1), member(2)});
    context.cohort[0].cumulative_reward = 77;
    context.cohort[0].strikes = 2;
    context.cohort[0].offences = 1;
    const auto settlement = settled(context, {accepted(2, 10)});
    const SiteSettlement& absent = settlement.sites[0];
    EXPECT_TRUE(absent.reward == 0);
    EXPECT_TRUE(absent.cumulative_reward == 77);
    EXPECT_EQ(absent.strikes, 2U);
    EXPECT_EQ(absent.offences, 1U);
    EXPECT_FALSE(absent.accused);
    EXPECT_TRUE(settlement.reward_total == 1'000'077);
    // Saying that a site is absent is the same as leaving it out.
    EXPECT_EQ(settled(context, {accepted(2, 10), {.site = site_id(1)}}), settlement);
}

TEST(Settle, BarredMembersAndThoseBelowTheStakeEarnNothingAndKeepTheirRewards) {
    auto context = context_of({member(1), member(2, 99), member(3)});
    context.cohort[0].barred = true;
    context.cohort[0].cumulative_reward = 9;
    context.cohort[1].strikes = 2;
    const auto settlement = settled(context, {accepted(1, 100), struck(2), accepted(3, 100)});
    EXPECT_EQ(settlement.sites[0].score, 0U);
    EXPECT_TRUE(settlement.sites[0].cumulative_reward == 9);
    EXPECT_FALSE(settlement.sites[1].accused);
    EXPECT_EQ(settlement.sites[1].strikes, 2U);
    EXPECT_TRUE(settlement.sites[2].reward == 1'000'000);
}

TEST(Settle, StrikesRiseAndFall) {
    auto context = context_of({member(1), member(2), member(3), member(4)});
    context.cohort[1].strikes = 1;
    const auto settlement =
        settled(context, {struck(1),
                          accepted(2, 1),
                          accepted(3, 1),
                          {.site = site_id(4), .score = 0, .standing = Standing::kExcluded}});
    EXPECT_EQ(settlement.sites[0].strikes, 1U);
    EXPECT_EQ(settlement.sites[1].strikes, 0U);
    EXPECT_EQ(settlement.sites[2].strikes, 0U);  // never below zero
    EXPECT_EQ(settlement.sites[3].strikes, 0U);  // excluded without a strike
}

TEST(Settle, ExclusionWithoutAStrikeNeitherAddsNorForgives) {
    auto context = context_of({member(1)});
    context.cohort[0].strikes = 2;
    const auto settlement =
        settled(context, {{.site = site_id(1), .score = 0, .standing = Standing::kExcluded}});
    EXPECT_EQ(settlement.sites[0].strikes, 2U);
    EXPECT_FALSE(settlement.sites[0].accused);
}

TEST(Settle, AccusesNobodyWithoutAShareToSlash) {
    auto context = context_of({member(1)});
    context.cohort[0].strikes = 2;
    auto rules = valid_rules();
    rules.settlement.slash_bps = 0;
    const auto settlement = settle(context, rules, std::vector{struck(1)});
    ASSERT_TRUE(settlement);
    EXPECT_FALSE(settlement->sites[0].accused);
    EXPECT_EQ(settlement->sites[0].offences, 0U);
}

TEST(Settle, AccusesOnceTheStrikesAreFull) {
    auto context = context_of({member(1)});
    context.cohort[0].strikes = 2;
    const auto settlement = settled(context, {struck(1)});
    EXPECT_TRUE(settlement.sites[0].accused);
    EXPECT_EQ(settlement.sites[0].accused_bps, 200);
    EXPECT_EQ(settlement.sites[0].strikes, 0U);
    EXPECT_EQ(settlement.sites[0].offences, 1U);
    // The next strike starts a new count.
    context.cohort = next_cohort(context, settlement, {});
    EXPECT_FALSE(settled(context, {struck(1)}).sites[0].accused);
}

TEST(Settle, EscalatesWithEachOffenceUpToTheCap) {
    const std::vector<std::pair<std::uint32_t, int>> expected{
        {0, 200},  {1, 400},  {2, 800},   {3, 1600},
        {4, 2000}, {5, 2000}, {31, 2000}, {4'000'000'000, 2000}};
    for (const auto& [offences, bps] : expected) {
        auto context = context_of({member(1)});
        context.cohort[0].strikes = 2;
        context.cohort[0].offences = offences;
        EXPECT_EQ(settled(context, {struck(1)}).sites[0].accused_bps, bps) << offences;
    }
}

TEST(Settle, CountersStopAtTheirLargestValue) {
    auto context = context_of({member(1)});
    context.cohort[0].strikes = UINT32_MAX;
    context.cohort[0].offences = UINT32_MAX;
    const auto settlement = settled(context, {struck(1)});
    EXPECT_TRUE(settlement.sites[0].accused);
    EXPECT_EQ(settlement.sites[0].offences, UINT32_MAX);
}

TEST(Settle, RefusesScoresThatCannotBe) {
    const auto context = context_of({member(1), member(2)});
    EXPECT_EQ(refusal(context, {accepted(3, 1)}),
              "site " + site_id(3).hex() + " is not in the cohort of round 7");
    EXPECT_EQ(refusal(context, {accepted(1, 1), accepted(2, 1), accepted(1, 2)}),
              "site " + site_id(1).hex() + " has two scores in one round");
    EXPECT_EQ(refusal(context, {accepted(1, limits::kScoreMax + 1)}),
              "score of site " + site_id(1).hex() + " is 1000001, must be 0 to 1000000");
    EXPECT_EQ(refusal(context, {{.site = site_id(1), .score = 5, .standing = Standing::kStrike}}),
              "score of site " + site_id(1).hex() +
                  " is 5, must be 0 because its update was not accepted");
}

TEST(Settle, RefusesRulesThatItCannotComputeWith) {
    const auto context = context_of({member(1)});
    RoundRules rules = valid_rules();
    rules.settlement.stake_per_score = 0;
    EXPECT_EQ(refusal(context, {accepted(1, 1)}, rules),
              "settlement.stake_per_score is 0, must be at least 1");
    rules = valid_rules();
    rules.settlement.round_budget = kAmountMax + 1;
    EXPECT_EQ(refusal(context, {accepted(1, 1)}, rules),
              "settlement.round_budget is 79228162514264337593543950336, must be 0 to "
              "79228162514264337593543950335");
    rules = valid_rules();
    rules.settlement.strikes_to_accuse = 0;
    EXPECT_EQ(refusal(context, {accepted(1, 1)}, rules),
              "settlement.strikes_to_accuse is 0, must be at least 1");
}

TEST(Settle, RefusesRewardsBeyond128Bits) {
    auto context = context_of({member(1), member(2)});
    context.cohort[0].cumulative_reward = ~Amount{0};
    const auto one = settle(context, valid_rules(), std::vector{accepted(1, 1)});
    ASSERT_FALSE(one);
    EXPECT_EQ(one.error().code, Errc::kLimitExceeded);
    context.cohort[1].cumulative_reward = 1;  // each fits, their total does not
    const auto total = settle(context, valid_rules(), {});
    ASSERT_FALSE(total);
    EXPECT_EQ(total.error().message,
              "cumulative rewards exceed 128 bits at site " + site_id(2).hex());
}

TEST(Settle, LargestBudgetAndScoresDoNotOverflow) {
    std::vector<CohortMember> cohort;
    std::vector<SiteScore> scores;
    for (std::size_t i = 0; i < limits::kSitesMax; ++i) {
        CohortMember entry = member(0, ~Amount{0});
        entry.site.bytes[0] = static_cast<std::uint8_t>(i >> 8U);
        entry.site.bytes[1] = static_cast<std::uint8_t>(i);
        scores.push_back({entry.site, limits::kScoreMax, Standing::kAccepted});
        cohort.push_back(entry);
    }
    RoundRules rules = valid_rules();
    rules.settlement.round_budget = kAmountMax;
    const auto settlement = settled(context_of(cohort), scores, rules);
    EXPECT_EQ(settlement.score_sum, limits::kScoreMax * limits::kSitesMax);
    EXPECT_TRUE(settlement.sites[0].reward == kAmountMax / limits::kSitesMax);
}

TEST(Settle, ScoresTreeHoldsSubmittedSitesOnly) {
    const auto context = context_of({member(1), member(2), member(3)});
    const auto settlement = settled(context, {struck(3), accepted(1, 40)});
    const auto leaf = [&](std::uint64_t index, std::uint8_t site, std::uint64_t score) {
        return crypto::LeafHasher(crypto::LeafTag::kScore)
            .number(index)
            .address(site_id(site))
            .number(score)
            .word(leaf_salt(context, site_id(site)))
            .finish();
    };
    EXPECT_EQ(settlement.scores_root,
              crypto::keccak_root(std::vector{leaf(0, 1, 40), leaf(1, 3, 0)}));
}

TEST(NextCohort, CarriesStandingsOverAndTakesStakesFromTheLedger) {
    auto context = context_of({member(1), member(2), member(3)});
    context.cohort[0].strikes = 2;
    context.cohort[2].barred = true;
    const auto settlement = settled(context, {struck(1), accepted(2, 10)});
    const std::vector<KnownStake> stakes{{site_id(2), 55, true}, {site_id(9), 1, false}};
    const auto cohort = next_cohort(context, settlement, stakes);
    ASSERT_EQ(cohort.size(), 3U);
    EXPECT_EQ(cohort[0].offences, 1U);
    EXPECT_TRUE(cohort[0].stake == context.cohort[0].stake);  // unknown now: last known stake
    EXPECT_TRUE(cohort[1].stake == 55);
    EXPECT_TRUE(cohort[1].barred);
    EXPECT_TRUE(cohort[1].cumulative_reward == 1'000'000);
    EXPECT_TRUE(cohort[2].barred);
}

TEST(ClaimFor, ProofsVerifyAgainstTheCommittedRoot) {
    auto context = context_of({member(1), member(2), member(3), member(4), member(5)});
    context.cohort[3].cumulative_reward = 1000;  // absent now, earned before
    context.cohort[3].barred = true;
    const auto settlement =
        settled(context, {accepted(1, 10), accepted(3, 20), accepted(5, 30), struck(2)});
    std::uint64_t expected_index = 0;
    for (const std::uint8_t site : std::vector<std::uint8_t>{1, 3, 4, 5}) {
        const auto claim = claim_for(context, settlement, site_id(site));
        ASSERT_TRUE(claim) << claim.error().message;
        EXPECT_EQ(claim->index, expected_index++);
        EXPECT_EQ(claim->leaf_count, 4U);
        const Digest leaf = reward_leaf(claim->index, claim->site, claim->cumulative, claim->salt);
        EXPECT_TRUE(crypto::verify_keccak_proof(settlement.rewards_root, claim->leaf_count,
                                                claim->index, leaf, claim->proof));
        const Digest more =
            reward_leaf(claim->index, claim->site, claim->cumulative + 1, claim->salt);
        EXPECT_FALSE(crypto::verify_keccak_proof(settlement.rewards_root, claim->leaf_count,
                                                 claim->index, more, claim->proof));
    }
}

TEST(ClaimFor, SitesWithoutRewardsHaveNothingToClaim) {
    const auto context = context_of({member(1), member(2)});
    const auto settlement = settled(context, {accepted(1, 10)});
    for (const std::uint8_t site : std::vector<std::uint8_t>{2, 9}) {
        const auto claim = claim_for(context, settlement, site_id(site));
        ASSERT_FALSE(claim);
        EXPECT_EQ(claim.error().code, Errc::kNotFound);
        EXPECT_EQ(claim.error().message,
                  "site " + site_id(site).hex() +
                      " has earned nothing up to round 7: there is nothing to claim");
    }
}

}  // namespace
}  // namespace fedstake::rules
